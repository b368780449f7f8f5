"""What overrides make of options under the conditions that hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from envtasks.errors import InvalidDeclarations
from envtasks.model import Environment, Host, Project
from envtasks.option_table import (
    DEPENDENCIES,
    DESCRIPTION,
    DEV_MODE,
    ENV_VARS,
    PATH,
    PYTHON,
    PYTHON_SOURCES,
    SCRIPTS,
    SKIP_INSTALL,
    SYSTEM_PACKAGES,
    TYPE,
)

Resolve = Callable[..., Project]
MakeHost = Callable[..., Host]
One = Callable[..., Environment]

VARIABLES = {"HOME": "/home/person", "PATH": "/bin", "EMPTY": ""}


@pytest.fixture
def one(resolve_text: Resolve, host: MakeHost) -> One:
    """The environment `test` of a table with these options, on a host with VARIABLES."""

    def make(text: str, *, environ: Mapping[str, str] = VARIABLES, platform: str = "linux") -> Environment:
        where = host(environ=environ, platform=platform)
        return resolve_text("[envs.test]\n" + text, on=where).environments["test"]

    return make


def variables_of(environment: Environment) -> dict[str, str]:
    pairs = environment[ENV_VARS]
    return dict(pairs)


@pytest.mark.parametrize(
    ("text", "dependencies"),
    [
        ('dependencies = ["b"]', ("base", "b")),
        ('dependencies = ["b", "base"]', ("base", "b", "base")),
        ("dependencies = []", ("base",)),
        ('dependencies = [{ value = "b", platform = ["linux"] }, "c"]', ("base", "b", "c")),
        ('dependencies = [{ value = "b", platform = ["macos"] }, "c"]', ("base", "c")),
        ('set-dependencies = ["b"]', ("b",)),
        ("set-dependencies = []", ()),
        ('set-dependencies = [{ value = "b", if = ["macos"] }]', ()),
        ('set-dependencies = ["b"]\ndependencies = ["c"]', ("b", "c")),
        ('dependencies = ["c"]\nset-dependencies = ["b"]', ("b",)),
    ],
)
def test_arrays_grow_or_are_set(one: One, text: str, dependencies: tuple[str, ...]) -> None:
    found = one(f'dependencies = ["base"]\n[envs.test.overrides.platform.linux]\n{text}')
    assert found[DEPENDENCIES] == dependencies


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ('description = [{ value = "a", env = ["NONE"] }, { value = "b" }]', "b"),
        ('description = [{ value = "a", env = ["HOME"] }, { value = "b" }]', "a"),
        ("description = []", ""),
    ],
)
def test_tables_of_an_override_may_stand_in_an_array(one: One, text: str, described: str) -> None:
    assert one(f"[envs.test.overrides.platform.linux]\n{text}")[DESCRIPTION] == described


def test_an_array_that_was_not_said_grows_only_where_something_was_chosen(one: One) -> None:
    found = one('overrides.platform.linux.dependencies = [{ value = "a", if = ["x"] }]')
    assert "dependencies" not in found.values
    found = one('overrides.platform.linux.python-sources = ["internal"]')
    assert found[PYTHON_SOURCES] == ("internal",), "as in Hatch, what is added does not join the default"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ('env-vars = "A=b=c"', {"W": "base", "A": "b=c"}),
        ('env-vars = "PLAT"', {"W": "base", "PLAT": "linux"}),
        ('env-vars = "W=new"', {"W": "new"}),
        ('env-vars = ["A=1", "B="]', {"W": "base", "A": "1", "B": ""}),
        ('env-vars = [{ key = "A" }]', {"W": "base", "A": "linux"}),
        ('env-vars = [{ key = "A", value = "" }]', {"W": "base", "A": ""}),
        ('env-vars = [{ key = "A", if = ["macos"] }]', {"W": "base"}),
        ("set-env-vars = []", {}),
        ('set-env-vars = "A=1"', {"A": "1"}),
    ],
)
def test_tables_take_pairs(one: One, text: str, variables: dict[str, str]) -> None:
    found = one(f'env-vars = {{ W = "base" }}\n[envs.test.overrides.platform.linux]\n{text}')
    assert variables_of(found) == variables


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ('scripts = "a=pytest -x"', {"a": ("pytest -x",), "b": ("B",)}),
        ('scripts = ["c=x", { key = "d", value = "y" }]', {"a": ("A1", "A2"), "b": ("B",), "c": ("x",), "d": ("y",)}),
        ("set-scripts = []", {}),
    ],
)
def test_scripts_take_single_commands(one: One, text: str, scripts: dict[str, tuple[str, ...]]) -> None:
    found = one(f'scripts = {{ a = ["A1", "A2"], b = "B" }}\n[envs.test.overrides.platform.linux]\n{text}')
    assert {name: script.commands for name, script in found[SCRIPTS].items()} == scripts


@pytest.mark.parametrize(
    ("text", "skips"),
    [
        ("skip-install = true", True),
        ("skip-install = { value = true }", True),
        ('skip-install = [{ value = false, if = ["x"] }, true, false]', True),
        ('skip-install = [{ value = true, if = ["x"] }, { value = true, platform = ["macos"] }]', False),
        ("set-skip-install = true", True),
        ("skip-install = []", False),
    ],
)
def test_the_first_choice_that_holds_is_the_value(one: One, text: str, skips: bool) -> None:
    found = one(f"skip-install = false\n[envs.test.overrides.platform.linux]\n{text}")
    assert found[SKIP_INSTALL] is skips


@pytest.mark.parametrize(
    ("said", "override", "option", "value"),
    [
        ('python = "3.11"', 'python = "3.12"', PYTHON, "3.12"),
        ('python = "3.11"', 'python = ""', PYTHON, None),
        ('path = "x"', 'path = { value = "" }', PATH, None),
        ("", 'type = "virtual"', TYPE, "virtual"),
        ("", "dev-mode = false", DEV_MODE, False),
        ("", "system-packages = true", SYSTEM_PACKAGES, True),
        ("", 'description = { value = "x" }', DESCRIPTION, "x"),
        ("", 'description = { value = "x", if = ["macos"] }', DESCRIPTION, ""),
        ('description = "d"', 'description = { value = "" }', DESCRIPTION, ""),
    ],
)
def test_texts_and_flags_are_replaced(one: One, said: str, override: str, option: Any, value: object) -> None:
    assert one(f"{said}\n[envs.test.overrides.platform.linux]\n{override}")[option] == value


def test_extra_scripts_can_be_given_whole(one: One) -> None:
    found = one('overrides.platform.linux.extra-scripts = { value = { q = "Q" } }')
    assert {name: script.commands for name, script in found[SCRIPTS].items()} == {"q": ("Q",)}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("platform.linux", True),
        ("platform.macos", False),
        ("env.HOME", True),
        ("env.EMPTY", True),
        ("env.home", False),
        ("matrix.v", False),
        ('name."."', False),
    ],
)
def test_the_conditions_of_sources(one: One, condition: str, holds: bool) -> None:
    found = one(f'overrides.{condition}.python = "3.12"')
    assert found[PYTHON] == ("3.12" if holds else None)


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ("", True),
        ('if = ["/home/person"]', True),
        ('if = ["/home"]', False),
        ("if = []", False),
        ('platform = ["linux", "macos"]', True),
        ("platform = []", False),
        ('env = ["PATH"]', True),
        ('env = ["NONE"]', False),
        ('env = ["PATH=/bin"]', True),
        ('env = ["PATH=/usr"]', False),
        ('env = ["EMPTY="]', True),
        ('env = ["EMPTY=x"]', False),
        ('env = ["NONE="]', False),
        ("env = []", True),
        ('env = ["PATH", "NONE"]', False),
        ('if = ["/home/person"], platform = ["linux"], env = ["PATH"]', True),
        ('if = ["/home/person"], platform = ["macos"], env = ["PATH"]', False),
    ],
)
def test_all_conditions_of_a_choice_must_hold(one: One, conditions: str, holds: bool) -> None:
    found = one(f'overrides.env.HOME.python = {{ value = "3.12"{conditions and ", " + conditions} }}')
    assert found[PYTHON] == ("3.12" if holds else None)


def test_a_choice_without_a_value_takes_that_of_the_condition(one: One) -> None:
    text = """
        [envs.test.overrides.env]
        EMPTY.env-vars = [
            "E1", {key = "E2", if = [""]}, {key = "E3", env = ["EMPTY="]},
            {key = "E4", env = ["EMPTY=x"]}, {key = "E5", env = ["EMPTY"]},
        ]
        HOME.env-vars = ["H", {key = "K", platform = ["linux"], env = ["HOME", "PATH"]}, "A=b=c", {key = "E", value = ""}]
    """
    assert variables_of(one(text)) == {
        "E1": "",
        "E2": "",
        "E3": "",
        "E5": "",
        "H": "/home/person",
        "K": "/home/person",
        "A": "b=c",
        "E": "",
    }


ORDERED = """
    dependencies = ["base"]
    env-vars.W = "base"
    matrix = [{ v = ["1"], w = ["2"] }]
    [envs.test.overrides]
    name."1" = { dependencies = ["n"], env-vars = "W=name" }
    matrix.w = { dependencies = ["mw"], env-vars = "W=matrix w" }
    matrix.v = { dependencies = ["mv"], env-vars = "W=matrix v" }
    env.HOME = { dependencies = ["e"], env-vars = "W=env" }
    platform.linux = { dependencies = ["p"], env-vars = "W=platform" }
"""


@pytest.mark.parametrize(
    ("environ", "platform", "dependencies"),
    [
        (VARIABLES, "linux", ("base", "p", "e", "mw", "mv", "n")),
        (VARIABLES, "macos", ("base", "e", "mw", "mv", "n")),
        ({}, "macos", ("base", "mw", "mv", "n")),
    ],
)
def test_sources_have_an_order(
    resolve_text: Resolve,
    host: MakeHost,
    environ: dict[str, str],
    platform: str,
    dependencies: tuple[str, ...],
) -> None:
    project = resolve_text(f"[envs.test]\n{ORDERED}", on=host(environ=environ, platform=platform))
    found = project.environments["test.1-2"]
    assert found[DEPENDENCIES] == dependencies
    assert variables_of(found) == {"W": "name"}


def test_setting_forgets_what_sources_before_added(resolve_text: Resolve, host: MakeHost) -> None:
    text = """
        [envs.t]
        dependencies = ["base"]
        matrix = [{ v = ["1"] }]
        [envs.t.overrides]
        matrix.v.set-dependencies = ["only"]
        matrix.v.dependencies = ["after"]
        env.HOME.dependencies = ["e"]
        platform.linux.dependencies = ["p"]
    """
    project = resolve_text(text, on=host(environ=VARIABLES))
    assert project.environments["t.1"][DEPENDENCIES] == ("only", "after")


def test_a_variable_of_the_matrix_decides(resolve_text: Resolve) -> None:
    text = """
        [envs.default]
        dependencies = ["base"]
        matrix = [{ v = ["1", "2"] }]
        overrides.matrix.v.set-dependencies = [{ value = "dep=={matrix:v}", if = ["1"] }]
    """
    project = resolve_text(text)
    assert {name: one[DEPENDENCIES] for name, one in project.environments.items()} == {
        "1": ("dep=={matrix:v}",),
        "2": (),
    }


@pytest.mark.parametrize(
    ("condition", "applies"),
    [
        ("matrix.py", True),
        ("matrix.python", False),
        ('name."^py3.9$"', True),
        ('name."y3"', True),
        ('name."t\\\\."', False),
    ],
)
def test_conditions_see_the_matrix_as_it_is_written(resolve_text: Resolve, condition: str, applies: bool) -> None:
    project = resolve_text(f'[envs.t]\nmatrix = [{{ py = ["3.9"] }}]\noverrides.{condition}.env-vars = "A=1"')
    assert bool(project.environments["t.py3.9"][ENV_VARS]) is applies


def test_the_name_is_the_value_of_its_condition(resolve_text: Resolve) -> None:
    project = resolve_text('[envs.default]\nmatrix = [{ v = ["1"] }]\noverrides.name."^1$".env-vars = "N"')
    assert variables_of(project.environments["1"]) == {"N": "1"}


def test_nothing_that_was_added_reaches_another_environment(resolve_text: Resolve) -> None:
    text = """
        [envs.default]
        dependencies = ["a"]
        env-vars.A = "1"
        overrides.platform.linux = { dependencies = ["b"], env-vars = "B=2" }
        [envs.foo]
        [envs.bar.overrides]
        [envs.m]
        matrix = [{ v = ["1"] }]
        [envs.own]
        dependencies = ["c"]
    """
    project = resolve_text(text)
    assert {name: one[DEPENDENCIES] for name, one in project.environments.items()} == {
        "default": ("a", "b"),
        "foo": ("a", "b"),
        "bar": ("a",),
        "m.1": ("a", "b"),
        "own": ("c", "b"),
    }
    assert variables_of(project.environments["bar"]) == {"A": "1"}


def test_inherited_overrides_apply_to_the_matrix_of_the_child(resolve_text: Resolve) -> None:
    text = """
        [envs.default.overrides]
        matrix.v.python = { value = "3.12", if = ["2"] }
        [envs.m]
        matrix = [{ v = ["1", "2"] }]
    """
    project = resolve_text(text)
    assert [one[PYTHON] for one in project.environments.values()] == [None, None, "3.12"]


@pytest.mark.parametrize(
    ("source", "option"),
    [
        ("platform.linux", "template"),
        ("platform.linux", "detached"),
        ("env.CI", "overrides"),
        ("matrix.v", "matrix"),
        ("name.x", "matrix"),
    ],
)
def test_what_comes_too_late_is_no_option_of_an_override(resolve_text: Resolve, source: str, option: str) -> None:
    with pytest.raises(InvalidDeclarations, match=f"unknown option of an override '{option}'"):
        resolve_text(f"[envs.test.overrides.{source}]\n{option} = {{ value = true }}")


def test_a_platform_may_have_a_matrix_of_its_own(resolve_text: Resolve) -> None:
    project = resolve_text('[envs.t.overrides.platform.linux]\nmatrix = { value = [{ v = ["1", "2"] }] }')
    assert project.roots == {"t": ("t.1", "t.2")}


def test_an_override_tells_where_a_value_comes_from(one: One) -> None:
    found = one('dependencies = ["a"]\noverrides.env.HOME.dependencies = ["b"]\noverrides.env.NONE.python = "3"')
    assert list(map(str, found.origins["dependencies"])) == [
        "envs.test.dependencies",
        "envs.test.overrides.env.HOME.dependencies",
    ]
    assert "python" not in found.origins
