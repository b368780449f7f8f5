"""What is wrong with declarations whatever host and matrix are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement

from envtasks.errors import InvalidDeclarations
from envtasks.model import Project
from envtasks.requirements import requirement_error
from envtasks.resolve.scripts import DEEPEST

Resolve = Callable[..., Project]

GOOD = [
    "pytest",
    "pytest>=8",
    "pytest>=8,<9",
    "zope.interface ~= 5.0",
    "Foo_Bar[x, y-z]>=1.0 ; python_version < '3'",
    'a; sys_platform == "win32" and python_version >= "3.9"',
    "a==1.*",
    "a @ https://index.example/a.whl",
    "a @ file:///src/a",
    "a>=1.0rc1,!=1.1.dev3",
    "a (>=1)",
    "a===anything",
]
BAD = ["", " ", "a b", "a>=", "a>=1>=2", "a,>=1", "a~=1", "-a", "a-", "a[", "a[x-]", "a;", "a; python", "a>1;b>2", "é"]


@pytest.mark.parametrize("text", GOOD)
def test_requirements_that_are(text: str) -> None:
    assert requirement_error(text) is None


@pytest.mark.parametrize("text", BAD)
def test_requirements_that_are_none(text: str) -> None:
    assert requirement_error(text)


def packaging_takes(text: str) -> bool:
    try:
        Requirement(text)
    except InvalidRequirement:
        return False
    return True


PIECES = st.sampled_from(
    [
        *("a", "b1", "A.b", "-", "_", ".", " ", ",", ";", "[", "]", "(", ")", "'", '"', "@", "*"),
        *(">=", "<=", "==", "!=", "~=", "<", ">", "==="),
        *("1", "2.0", "1.0rc1", "1.dev2", "1.0.post1", "3"),
        *("python_version", "sys_platform", "extra", " and ", " or ", " in "),
        *("; python_version < '3'", "[x]", ">=1", ",<2"),
    ]
)


@settings(deadline=None, max_examples=1500)
@given(st.lists(PIECES, max_size=9).map("".join))
@example("a>=1 ,<2 ; extra=='x' or os_name == \"\"")
def test_short_cuts_agree_with_packaging(text: str) -> None:
    assert (requirement_error(text) is None) is packaging_takes(text)


FILES = {
    "pyproject.toml": """
        [project]
        name = "demo"
        [project.optional-dependencies]
        Foo_Bar = []
        [dependency-groups]
        tests = []
    """
}


@pytest.mark.parametrize(
    ("text", "key", "message", "hint"),
    [
        ('dependencies = ["a", "b b"]', "dependencies[1]", "not a requirement: 'b b': expected ", "PEP 508"),
        ('extra-dependencies = ["b b"]', "extra-dependencies[0]", "not a requirement: ", "PEP 508"),
        (
            'overrides.env.NONE.dependencies = ["b b"]',
            "overrides.env.NONE.dependencies",
            "not a requirement: ",
            "PEP 508",
        ),
        (
            'overrides.env.NONE.dependencies = [""]',
            "overrides.env.NONE.dependencies",
            "not a requirement: it is empty",
            "PEP 508",
        ),
        ('dependencies = ["a{nope}"]', "dependencies[0]", "unknown placeholder '{nope}'", "{{"),
        ('env-vars.A = "{"', "env-vars.A", "a brace has no partner", "{{"),
        ('scripts.s = ["a", "b {}"]', "scripts.s[1]", "unknown placeholder '{}'", "{{"),
        ('scripts.s = { run = ["a", "b {}"] }', "scripts.s[1]", "unknown placeholder '{}'", "{{"),
        ('scripts.s = { run = "a", cwd = "{}" }', "scripts.s.cwd", "unknown placeholder '{}'", "{{"),
        (
            'scripts.s = { run = "a", env-vars = { A = "{}" } }',
            "scripts.s.env-vars.A",
            "unknown placeholder '{}'",
            "{{",
        ),
        ('extra-scripts.s = "{"', "extra-scripts.s", "a brace has no partner", "{{"),
        ('pre-install-commands = ["{"]', "pre-install-commands[0]", "a brace has no partner", "{{"),
        ('post-install-commands = ["{root:x}"]', "post-install-commands[0]", "unknown modifier", "parent"),
        ('python = "{"', "python", "a brace has no partner", "{{"),
        ('path = "{env}"', "path", "'{env}' needs the name of a variable", "DEFAULT"),
        ('overrides.env.NONE.env-vars = "A={"', "overrides.env.NONE.env-vars", "a brace has no partner", "{{"),
        ('overrides.env.NONE.path = "{"', "overrides.env.NONE.path", "a brace has no partner", "{{"),
        (
            'overrides.env.NONE.extra-scripts = { value = { s = "{" } }',
            "overrides.env.NONE.extra-scripts",
            "a brace has no partner",
            "{{",
        ),
        ('features = ["foo-baz"]', "features[0]", "the project has no feature 'foo-baz'", "did you mean 'foo-bar'?"),
        ('features = [""]', "features[0]", "the name of a feature cannot be empty", ""),
        (
            'dependency-groups = ["zzz"]',
            "dependency-groups[0]",
            "the project has no dependency group 'zzz'",
            "the project has: tests",
        ),
        (
            'overrides.env.NONE.features = ["zzz"]',
            "overrides.env.NONE.features",
            "the project has no feature 'zzz'",
            "the project has: foo-bar",
        ),
        (
            'python-sources = ["internet"]',
            "python-sources[0]",
            "unknown source of Pythons 'internet'",
            "did you mean 'internal'?",
        ),
        ('scripts = { a = "b", b = "a" }', "scripts.a", "scripts go in a circle: a -> b -> a", "let one of them"),
        (
            'default-script = "tset"\nscripts.test = "x"',
            "default-script",
            "unknown script 'tset'",
            "did you mean 'test'?",
        ),
        ('default-script = "zzz"\nscripts.x = "x"', "default-script", "unknown script 'zzz'", "'test' has: x"),
        ('default-script = "zzz"', "default-script", "unknown script 'zzz'", "there are no scripts here"),
    ],
)
def test_what_is_wrong_is_told_at_its_key(resolve_text: Resolve, text: str, key: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(f"[envs.test]\n{text}", files=FILES)
    first = raised.value.mistakes[0]
    assert str(first.where) == f"envs.test.{key}"
    assert first.message.startswith(message)
    assert first.hint.startswith(hint) or hint in first.hint


@pytest.mark.parametrize(
    "text",
    [
        'features = ["FOO.bar"]\ndependency-groups = ["Tests"]',
        'dependencies = ["a{env:NONE}"]',
        'description = "{"\nfeatures = []',
        'scripts = { a = "b {args}", b = "c" }',
        'overrides.env.NONE.env-vars = "A"',
        "overrides.env.NONE.dev-mode = false",
        'scripts.s = "awk {{}} {root:{env:NONE}}"',
        'default-script = "s"\nscripts.s = "x"',
    ],
)
def test_what_only_the_world_can_tell_is_left_alone(resolve_text: Resolve, text: str) -> None:
    assert "test" in resolve_text(f"[envs.test]\n{text}", files=FILES).environments


def test_features_that_only_the_build_knows_are_left_alone(resolve_text: Resolve) -> None:
    files = {"pyproject.toml": '[project]\nname = "demo"\ndynamic = ["optional-dependencies"]'}
    assert "test" in resolve_text('[envs.test]\nfeatures = ["any"]', files=files).environments


def test_a_circle_that_many_environments_share_is_told_once(resolve_text: Resolve) -> None:
    text = '[envs.default.scripts]\na = "b"\nb = "a"\n[envs.one]\n[envs.two]\nmatrix = [{ v = ["1", "2"] }]'
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(text)
    assert [str(one.where) for one in raised.value.mistakes] == ["envs.default.scripts.a"]


def test_a_circle_is_told_where_its_scripts_stand(resolve_text: Resolve) -> None:
    text = """
        [envs.default.scripts]
        a = "b"
        b = { run = "a", timeout = 5 }
        [envs.one.scripts]
        z = "b"
        [envs.two.scripts]
        b = "c"
        [envs.three.extra-scripts]
        c = "d"
        d = "c"
    """
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(text)
    assert [(one.message.rpartition(": ")[2], str(one.where)) for one in raised.value.mistakes] == [
        ("a -> b -> a", "envs.default.scripts.a"),
        ("c -> d -> c", "envs.three.extra-scripts.c"),
    ]


def test_many_scripts_that_lie_too_deep_are_told_once(resolve_text: Resolve) -> None:
    scripts = "\n".join(f's{number} = "s{number + 1}"' for number in range(DEEPEST + 20))
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(f'[envs.default.scripts]\n{scripts}\ns{DEEPEST + 20} = "x"\n[envs.one.scripts]\nmine = "s0"')
    assert [str(one.where) for one in raised.value.mistakes] == ["envs.default.scripts.s0", "envs.one.scripts.mine"]


@pytest.mark.parametrize(
    ("script", "key"),
    [('"{"', "s"), ('["{"]', "s"), ('["a", "{"]', "s[1]"), ('{ run = "{", cwd = "x" }', "s.run")],
)
def test_a_command_of_a_table_is_told_at_its_run(resolve_text: Resolve, script: str, key: str) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(f"[envs.default.scripts]\ns = {script}")
    assert [str(one.where) for one in raised.value.mistakes] == [f"envs.default.scripts.{key}"]


def test_a_default_script_is_looked_for_in_every_environment(resolve_text: Resolve) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text('[envs.default.scripts]\nx = "x"\n[envs.one]\n[envs.two]\ndefault-script = "y"')
    assert [str(one.where) for one in raised.value.mistakes] == ["envs.two.default-script"]


def test_all_that_is_wrong_is_told_at_once(resolve_text: Resolve) -> None:
    text = """
        nonsense = 1
        [envs.a]
        template = "none"
        dependencies = ["b b"]
        type = 5
        [envs.b]
        scripts = { x = "y", y = "x" }
        python = "{"
    """
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(text)
    assert {str(one.where) for one in raised.value.mistakes} == {
        "nonsense",
        "envs.a.template",
        "envs.a.dependencies[0]",
        "envs.a.type",
        "envs.b.scripts.x",
        "envs.b.python",
    }
