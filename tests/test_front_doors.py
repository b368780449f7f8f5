"""TOML and Python say the same things: equal declarations make an equal project, whichever door they come through."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from textwrap import dedent
from typing import Any

import pytest
from differential.writing import environments_text, toml_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envtasks.errors import InvalidDeclarations
from envtasks.option_table import TABLE, Option
from envtasks.report.document import environments_document
from envtasks.testing import Tasks, declared

PYPROJECT = """
[project]
name = "demo"
[project.optional-dependencies]
web = []
cli = []
[dependency-groups]
test = []
"""
ENVIRON = {"HOME": "/home/person", "CI": "1"}


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Envfiles put their directory on the path for imports."""
    monkeypatch.setattr(sys, "path", sys.path[:])
    yield
    sys.modules.pop("envfile", None)


def through_toml(text: str) -> Tasks:
    return declared(text, pyproject=PYPROJECT, environ=ENVIRON)


def through_python(text: str) -> Tasks:
    return declared(envfile=text, pyproject=PYPROJECT, environ=ENVIRON)


def outcome(read: Callable[[str], Tasks], text: str) -> object:
    """What the declarations come to: all of the project but where it was declared, or all that is wrong with it."""
    try:
        project, host = read(text)
    except InvalidDeclarations as error:
        return [(mistake.message, mistake.hint) for mistake in error.mistakes]
    document = json.dumps(environments_document(project, host))
    return project.metadata, project.settings, project.environments, project.roots, document


def same(toml: str, python: str) -> None:
    one, other = outcome(through_toml, toml), outcome(through_python, python)
    assert one == other


SAMPLES: dict[str, list[Any]] = {
    "text": ["x", ""],
    "flag": [True, False],
    "texts": [["x", "y"], []],
    "pairs": [{"B": "2", "A": "{root}"}, {}],
    "scripts": [{"s": "x", "t": ["a {args}", "- b"], "u": {"run": "c", "timeout": 3, "env-vars": {"A": "1"}}}, {}],
    "matrix": [[{"v": ["1", "2"], "py": ["3.12"]}, {"w": ["3"]}], []],
    "overrides": [{"env": {"CI": {"python": "3.12", "set-dependencies": ["z"]}}, "platform": {}}],
}
SPECIAL: dict[str, list[Any]] = {
    "features": [["web"]],
    "dependency-groups": [["test"]],
    "python-sources": [["internal"]],
    "type": ["virtual", "other"],
    "template": ["test", "default"],
    "matrix-name-format": ["{variable}-{value}"],
    "default-script": ["s"],
}
CASES = [(option, value) for option in TABLE.values() for value in SPECIAL.get(option.name, SAMPLES[option.kind])]


@pytest.mark.parametrize(("option", "value"), CASES, ids=lambda one: getattr(one, "name", repr(one)[:30]))
def test_every_option_is_a_keyword(option: Option[Any], value: Any) -> None:
    said = {"default": False, "scripts": {"s": "x"}, option.name: value}
    same(toml_of({"test": said}), python_of({"test": said}))
    assert option.name in TABLE


PAIRS = {
    "a matrix over Pythons": (
        """
        [envs.test]
        python = ["3.11", "3.12"]
        default = true
        """,
        'env("test", python=["3.11", "3.12"])',
    ),
    "a matrix with overrides": (
        """
        [envs.test]
        default = true
        dependencies = ["a"]
        matrix = [{ django = ["4", "5"] }]
        overrides.matrix.django.dependencies = [{ value = "b", if = ["5"] }]
        overrides.matrix.django.python = [{ value = "3.12", if = ["5"] }]
        """,
        """
        env(
            "test",
            dependencies=["a"],
            matrix=[{"django": ["4", "5"]}],
            overrides=[override(matrix={"django": ["5"]}, dependencies=["b"], python="3.12")],
        )
        """,
    ),
    "overrides by platform and variable": (
        """
        [envs.test]
        default = true
        [envs.test.overrides]
        platform.linux.env-vars = ["A=1"]
        platform.macos.env-vars = ["A=1"]
        env.CI.set-dependencies = ["z"]
        """,
        """
        env(
            "test",
            overrides=[
                override(platform=["linux", "macos"], env_vars={"A": "1"}),
                override(env="CI", dependencies=["z"], replace=True),
            ],
        )
        """,
    ),
    "a plain table among overrides": (
        '[envs.test]\ndefault = true\noverrides.platform.linux.python = "3.12"',
        'env("test", overrides=[{"platform": {"linux": {"python": "3.12"}}}])',
    ),
    "overrides of the same option": (
        """
        [envs.test]
        default = true
        dependencies = ["z"]
        [envs.test.overrides]
        platform.linux.dependencies = ["a", "b", "c"]
        platform.linux.python = ["3.12", "3.13", "3.14"]
        env.CI.skip-install = true
        """,
        """
        env(
            "test",
            dependencies=["z"],
            overrides=[
                override(platform="linux", dependencies=["a"], python="3.12"),
                override(platform="linux", dependencies=["b"], python="3.13"),
                override(env="CI", skip_install=True),
                {"platform": {"linux": {"dependencies": ["c"], "python": "3.14"}}},
            ],
        )
        """,
    ),
    "overrides that replace where their conditions hold": (
        """
        [envs.test]
        default = true
        matrix = [{ v = ["1", "2"] }]
        dependencies = ["a", "b"]
        overrides.matrix.v.dependencies = [{ value = "two", if = ["2"] }]
        overrides.matrix.v.set-env-vars = [{ key = "A", value = "1" }]
        overrides.matrix.v.set-tags = ["t"]
        """,
        """
        env(
            "test",
            matrix=[{"v": ["1", "2"]}],
            dependencies=["a", "b"],
            overrides=[
                override(matrix={"v": ["2"]}, dependencies=["a", "b", "two"], replace=True),
                override(matrix={"v": []}, env="CI", env_vars={"A": "1"}, replace=True),
                override(matrix={"v": []}, platform="linux", tags=["t"], replace=True),
                override(matrix={"v": []}, env="CI", platform="windows", tags=[], replace=True),
                override(matrix={"v": ["3"]}, env_vars={}, replace=True),
            ],
        )
        """,
    ),
    "overrides of options that need the form of a table": (
        """
        [envs.test]
        default = true
        overrides.platform.linux.description = { value = "d" }
        overrides.platform.linux.extra-scripts = { value = { s = "x", t = ["y"] } }
        """,
        """
        env(
            "test",
            overrides=[override(platform="linux", description="d", extra_scripts={"s": "x", "t": ["y"]})],
        )
        """,
    ),
    "an override under a variable with a value": (
        """
        [envs.test]
        default = true
        matrix = [{ v = ["1"] }]
        overrides.name."^1".scripts = [{ key = "s", value = "x", env = ["CI=1"] }]
        """,
        """
        env(
            "test",
            matrix=[{"v": ["1"]}],
            overrides=[override(name="^1", scripts={"s": "x"}, env={"CI": "1"})],
        )
        """,
    ),
    "templates": (
        """
        [envs.base]
        default = true
        scripts = { a = "A" }
        [envs.test]
        default = true
        template = "base"
        scripts = { b = "B" }
        """,
        'env("base", scripts={"a": "A"})\nenv("test", template="base", scripts={"b": "B"})',
    ),
    "the default environment": (
        """
        [envs.other]
        default = false
        [envs.default]
        default = true
        dependencies = ["a"]
        """,
        'env("other", default=False)\nenv("default", dependencies=["a"])',
    ),
    "settings": (
        """
        sessions = ["test"]
        aliases = { ci = ["test"] }
        env-dir = ".venvs"
        installer = "uv"
        requires-envtasks = ">=0"
        [envs.test]
        default = true
        scripts.t = "x"
        """,
        """
        options.sessions = ["test"]
        options.aliases = {"ci": ["test"]}
        options.env_dir = ".venvs"
        options.installer = "uv"
        options.requires_envtasks = ">=0"
        env("test", scripts={"t": "x"})
        """,
    ),
    "tuples": (
        '[envs.test]\ndefault = true\ndependencies = ["a"]\nmatrix = [{ v = ["1"] }]',
        'env("test", dependencies=("a",), matrix=({"v": ("1",)},))',
    ),
}


@pytest.mark.parametrize(("toml", "python"), PAIRS.values(), ids=PAIRS)
def test_both_doors_lead_to_an_equal_project(toml: str, python: str) -> None:
    imports = "from envtasks import env, options, override\n"
    one = through_toml(dedent(toml))
    assert one == through_python(imports + dedent(python))
    same(dedent(toml), imports + dedent(python))


def test_a_difference_would_be_seen() -> None:
    one = outcome(through_toml, toml_of({"test": {"default": True, "dependencies": ["a"]}}))
    assert one != outcome(through_python, python_of({"test": {"dependencies": ["b"]}}))
    wrong = outcome(through_toml, toml_of({"test": {"default": 5}}))
    assert wrong == [("expected true or false, found the number 5", "")]
    assert wrong == outcome(through_python, python_of({"test": {"default": 5}}))


def toml_of(environments: Mapping[str, Mapping[str, Any]], **said: Any) -> str:
    lines = "".join(f"{name} = {toml_text(value)}\n" for name, value in said.items())
    return lines + environments_text(environments, "envs")


def python_of(environments: Mapping[str, Mapping[str, Any]], **said: Any) -> str:
    lines = ["from envtasks import env, options"]
    lines += [f"options.{name} = {value!r}" for name, value in said.items()]
    for name, options in environments.items():
        keywords = "".join(f", {option.replace('-', '_')}={value!r}" for option, value in options.items())
        lines.append(f"env({name!r}{keywords})")
    return "\n".join(lines) + "\n"


WORDS = st.sampled_from(
    ["a", "b", "run", "pytest -q", "- a", "{root}", "{env:CI}", "{matrix:v:x}", "{args:y}", "é\"'\\"]
)
TEXTS = st.lists(WORDS, max_size=3)
PAIRS_OF_TEXT = st.dictionaries(st.sampled_from(["A", "B", "C_D"]), WORDS, max_size=2)
SCRIPT = st.one_of(
    WORDS,
    TEXTS,
    st.fixed_dictionaries(
        {"run": st.one_of(WORDS, TEXTS)},
        optional={
            "description": WORDS,
            "tags": TEXTS,
            "env-vars": PAIRS_OF_TEXT,
            "cwd": WORDS,
            "timeout": st.integers(1, 9),
        },
    ),
)
SCRIPTS = st.dictionaries(st.sampled_from(["a", "b", "run", "test"]), SCRIPT, max_size=3)
VALUES = st.lists(st.sampled_from(["1", "2", "3.12"]), min_size=1, max_size=2, unique=True)
MATRIX = st.lists(st.dictionaries(st.sampled_from(["v", "w", "python"]), VALUES, min_size=1, max_size=2), max_size=2)
REQUIREMENTS = st.lists(st.sampled_from(["a", "b>=1", "c[x]; python_version > '3'", "d{matrix:v:}"]), max_size=2)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "if": st.lists(st.sampled_from(["1", "2", "linux"]), max_size=2),
        "platform": st.lists(st.sampled_from(["linux", "windows"]), max_size=1),
        "env": st.lists(st.sampled_from(["CI", "CI=1", "NONE"]), max_size=1),
    },
)


def conditional(value: st.SearchStrategy[Any], **key: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda given, said: {**said, **given}, CONDITIONS, st.fixed_dictionaries({"value": value, **key}))


PLAIN = st.sampled_from(["p", "q"])
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "dependencies": st.lists(st.one_of(PLAIN, conditional(PLAIN)), max_size=2),
    "set-dependencies": st.lists(st.one_of(PLAIN, conditional(PLAIN)), max_size=2),
    "tags": st.lists(st.one_of(PLAIN, conditional(PLAIN)), max_size=2),
    "env-vars": st.one_of(PLAIN, st.lists(conditional(WORDS, key=PLAIN), max_size=2)),
    "scripts": st.lists(st.sampled_from(["a=x", "b=a y"]), max_size=2),
    "python": st.lists(st.one_of(PLAIN, conditional(PLAIN)), max_size=2),
    "skip-install": st.one_of(st.booleans(), conditional(st.booleans())),
    "description": conditional(PLAIN),
}
OVERRIDING = st.fixed_dictionaries({}, optional=CHANGES)
OVERRIDES = st.fixed_dictionaries(
    {},
    optional={
        "platform": st.dictionaries(st.sampled_from(["linux", "macos"]), OVERRIDING, max_size=2),
        "env": st.dictionaries(st.sampled_from(["CI", "NONE"]), OVERRIDING, max_size=2),
        "matrix": st.dictionaries(st.sampled_from(["v", "python"]), OVERRIDING, max_size=2),
        "name": st.dictionaries(st.sampled_from(["1", "^py"]), OVERRIDING, max_size=2),
    },
)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS,
    "flag": st.booleans(),
    "texts": TEXTS,
    "pairs": PAIRS_OF_TEXT,
    "scripts": SCRIPTS,
    "matrix": MATRIX,
    "overrides": OVERRIDES,
}
NARROWED: dict[str, st.SearchStrategy[Any]] = {
    "type": st.just("virtual"),
    "template": st.sampled_from(["default", "one", "two"]),
    "dependencies": REQUIREMENTS,
    "extra-dependencies": REQUIREMENTS,
    "features": st.lists(st.sampled_from(["web", "CLI"]), max_size=2),
    "dependency-groups": st.lists(st.just("test"), max_size=1),
    "python": st.one_of(st.sampled_from(["3.12", "{env:PY:3}"]), VALUES),
    "python-sources": st.lists(st.sampled_from(["internal", "external"]), max_size=2),
    "matrix-name-format": st.sampled_from(["{value}", "{variable}_{value}"]),
    "default-script": st.just("a"),
    "installer": st.sampled_from(["pip", "uv"]),
    "platforms": st.lists(st.sampled_from(["linux", "Windows", "macos"]), max_size=2),
}
OPTIONS = st.builds(
    lambda default, said: {"default": default, **said},
    st.booleans(),
    st.fixed_dictionaries({}, optional={name: NARROWED.get(name, KINDS[row.kind]) for name, row in TABLE.items()}).map(
        lambda said: {
            name: value
            for name, value in said.items()
            if name != "default" and (name != "default-script" or "a" in said.get("scripts", ()))
        }
    ),
)
ENVIRONMENTS = st.dictionaries(st.sampled_from(["default", "one", "two", "a.b c"]), OPTIONS, min_size=1, max_size=3)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(environments=ENVIRONMENTS, sessions=st.lists(st.sampled_from(["one", "nothing", "default"]), max_size=1))
def test_generated_declarations_mean_the_same(environments: dict[str, dict[str, Any]], sessions: list[str]) -> None:
    same(toml_of(environments, sessions=sessions), python_of(environments, sessions=sessions))
