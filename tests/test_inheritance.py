"""What environments take over from their templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envtasks.errors import InvalidDeclarations
from envtasks.model import Project
from envtasks.option_table import DEPENDENCIES, DESCRIPTION, PYTHON, SCRIPTS, SKIP_INSTALL, TABLE, TYPE

Resolve = Callable[..., Project]


def said(project: Project, name: str) -> dict[str, Any]:
    """What an environment says; that there is no project to install is none of its words."""
    return {option: value for option, value in project.environments[name].values.items() if option != "skip-install"}


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ('[envs.default]\ndescription = "d"\n[envs.bar]\ntemplate = "bar"', "bar", {"type": "virtual"}),
        ('[envs.default]\ndescription = "d"\n[envs.bar]', "bar", {"type": "virtual", "description": "d"}),
        ('[envs.foo]\ntype = "baz"\n[envs.bar]\ntemplate = "foo"\npath = "x"', "bar", {"type": "baz", "path": "x"}),
        ('[envs.bar]\ntemplate = "foo"\n[envs.foo]\ntags = ["t"]', "bar", {"type": "virtual", "tags": ("t",)}),
        (
            '[envs.default]\nfeatures = []\ndependencies = ["a"]\n[envs.bar]\ndependencies = ["b"]',
            "bar",
            {"type": "virtual", "dependencies": ("b",), "features": ()},
        ),
        (
            '[envs.default]\nenv-vars = { A = "1", B = "2" }\n[envs.bar]\nenv-vars = { A = "3" }',
            "bar",
            {"type": "virtual", "env-vars": (("A", "3"),)},
        ),
        ('[envs.default]\nextra-dependencies = ["a"]\n[envs.bar]', "bar", {"type": "virtual", "dependencies": ("a",)}),
        (
            '[envs.default]\nextra-dependencies = ["a"]\n[envs.bar]\nextra-dependencies = ["b"]',
            "bar",
            {"type": "virtual", "dependencies": ("b",)},
        ),
        (
            '[envs.default]\ndependencies = ["a"]\n[envs.bar]\nextra-dependencies = ["b", "a"]',
            "bar",
            {"type": "virtual", "dependencies": ("a", "b", "a")},
        ),
        (
            '[envs.default]\ndefault = true\ndescription = "d"\n[envs.bar]\ntemplate = "default"',
            "bar",
            {"type": "virtual", "description": "d"},
        ),
        (
            '[envs.default]\ndescription = "d"\n[envs.bar]\ndetached = true\npython = "3"',
            "bar",
            {"type": "virtual", "python": "3"},
        ),
        ('[envs.bar]\ndetached = true\ntemplate = "none"', "bar", {"type": "virtual"}),
        (
            '[envs.a]\ntemplate = "b"\n[envs.b]\ntemplate = "c"\n[envs.c]\npython = "3"',
            "a",
            {"type": "virtual", "python": "3"},
        ),
    ],
    ids=[
        "its own template",
        "default is the template",
        "type",
        "declared before its template",
        "lists are replaced",
        "tables are replaced",
        "extra dependencies are handed on",
        "extra dependencies are replaced",
        "extra dependencies are added",
        "being a default is not handed on",
        "detached",
        "detached with a template that is not there",
        "two floors up",
    ],
)
def test_options_are_handed_on(resolve_text: Resolve, text: str, name: str, values: dict[str, Any]) -> None:
    assert said(resolve_text(text), name) == values


@pytest.mark.parametrize("name", [name for name, option in TABLE.items() if not option.inherited])
def test_some_options_are_never_handed_on(resolve_text: Resolve, name: str) -> None:
    raw = {"template": '"default"', "matrix": '[{ v = ["1"] }]', "requires": "[]"}.get(name, "true")
    project = resolve_text(f"[envs.default]\n{name} = {raw}\n[envs.foo]")
    assert said(project, "foo") == {"type": "virtual"}
    assert project.environments["foo"].root is None


@pytest.mark.parametrize(
    ("text", "name", "scripts"),
    [
        (
            (
                '[envs.default.scripts]\nc1 = "bar"\nc2 = "baz"\n[envs.foo.scripts]\nc1 = "foo"\n'
                '[envs.bar]\ntemplate = "foo"\nscripts = { c3 = "bar" }'
            ),
            "bar",
            {"c3": "bar", "c1": "foo", "c2": "baz"},
        ),
        (
            (
                '[envs.default]\nextra-scripts = { x = "X", a = "EA" }\nscripts = { a = "A", b = "B" }\n'
                '[envs.foo]\nextra-scripts = { a = "E", c = "C" }\nscripts = { b = "B2" }'
            ),
            "foo",
            {"a": "A", "c": "C", "b": "B2"},
        ),
        ('[envs.default.scripts]\na = "A"\n[envs.foo]', "foo", {"a": "A"}),
    ],
    ids=["one by one", "extra scripts are replaced whole", "all"],
)
def test_scripts_are_handed_on_one_by_one(resolve_text: Resolve, text: str, name: str, scripts: dict[str, str]) -> None:
    found = resolve_text(text).environments[name][SCRIPTS]
    assert {title: script.commands[0] for title, script in found.items()} == scripts


PYPROJECT = {"pyproject.toml": '[project]\nname = "demo"'}


@pytest.mark.parametrize(
    ("text", "skipping"),
    [
        ("[envs.foo]", {"default": False, "foo": False}),
        ("[envs.default]\ndetached = true\n[envs.foo]", {"default": True, "foo": True}),
        (
            '[envs.a]\ndetached = true\nskip-install = false\n[envs.b]\ntemplate = "a"',
            {"default": False, "a": False, "b": False},
        ),
        ("[envs.foo]\nskip-install = true\ndetached = false", {"default": False, "foo": True}),
    ],
    ids=["plain", "detached hands it on", "said otherwise", "said"],
)
def test_detached_skips_the_project_unless_said_otherwise(
    resolve_text: Resolve, text: str, skipping: dict[str, bool]
) -> None:
    project = resolve_text(text, files=PYPROJECT)
    assert {name: one[SKIP_INSTALL] for name, one in project.environments.items()} == skipping


@pytest.mark.parametrize(
    ("files", "skips"), [(PYPROJECT, False), ({"pyproject.toml": "[tool.x]"}, True), ({}, True)], ids=str
)
def test_a_project_that_is_none_is_not_installed(resolve_text: Resolve, files: dict[str, str], skips: bool) -> None:
    project = resolve_text("[envs.a]\n[envs.b]\nskip-install = false", files=files)
    assert project.environments["a"][SKIP_INSTALL] is skips
    assert project.environments["b"][SKIP_INSTALL] is False


def test_default_may_have_a_template_that_is_detached(resolve_text: Resolve) -> None:
    project = resolve_text(
        '[envs.default]\ntemplate = "foo"\ndescription = "d"\n[envs.foo]\ndetached = true\npython = "3.11"\n[envs.bar]'
    )
    for name in ("default", "bar"):
        environment = project.environments[name]
        assert (environment[PYTHON], environment[DESCRIPTION], environment[SKIP_INSTALL]) == ("3.11", "d", True)


@pytest.mark.parametrize(
    ("text", "key", "circle"),
    [
        ('[envs.foo]\ntemplate = "bar"\n[envs.bar]\ntemplate = "foo"', "envs.bar.template", "foo -> bar -> foo"),
        ('[envs.default]\ntemplate = "foo"\n[envs.foo]', "envs.foo.template", "default -> foo -> default"),
        (
            '[envs.x]\ntemplate = "a"\n[envs.a]\ntemplate = "b"\n[envs.b]\ntemplate = "a"',
            "envs.b.template",
            "a -> b -> a",
        ),
    ],
    ids=["two", "default", "led into"],
)
def test_templates_in_a_circle_are_told_once(resolve_text: Resolve, text: str, key: str, circle: str) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(text)
    assert [(str(one.where), one.message) for one in raised.value.mistakes] == [
        (key, f"templates go in a circle: {circle}")
    ]


def test_an_unknown_template_is_told(resolve_text: Resolve) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text('[envs.test]\n[envs.foo]\ntemplate = "tset"\n[envs.bar]\ntemplate = "foo"')
    ((message, where, hint),) = raised.value.mistakes
    assert (message, str(where)) == ("unknown environment 'tset' as template", "envs.foo.template")
    assert hint == "did you mean 'test'?"


def test_generated_environments_are_no_templates(resolve_text: Resolve) -> None:
    with pytest.raises(InvalidDeclarations, match=r"unknown environment 'a\.1' as template"):
        resolve_text('[[envs.a.matrix]]\nv = ["1"]\n[envs.b]\ntemplate = "a.1"')


def test_the_place_of_a_value_is_where_it_was_said(resolve_text: Resolve) -> None:
    project = resolve_text(
        '[envs.default]\ndependencies = ["a"]\nscripts = { a = "a" }\n[envs.foo]\npython = "3"\nscripts = { b = "b" }'
    )
    foo = project.environments["foo"]
    assert [str(foo.origin(option)) for option in (DEPENDENCIES, PYTHON, SCRIPTS, TYPE, DESCRIPTION)] == [
        "envs.default.dependencies",
        "envs.foo.python",
        "envs.foo.scripts",
        "envs.foo",
        "envs.foo",
    ]
    assert list(map(str, foo.origins["scripts"])) == ["envs.default.scripts", "envs.foo.scripts"]
