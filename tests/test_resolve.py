"""The one way from declarations to the model."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envtasks.errors import InvalidDeclarations
from envtasks.model import Host, Project

Resolve = Callable[..., Project]


def test_a_project_holds_everything_that_was_declared(resolve_text: Resolve) -> None:
    project = resolve_text(
        'sessions = ["t"]\nenv-dir = "x"\ninstaller = "uv"\n[envs.t]\nmatrix = [{ v = ["1"] }]',
        files={"pyproject.toml": '[project]\nname = "demo"\nrequires-python = ">=3.9"'},
    )
    assert project.metadata.name == "demo"
    assert project.metadata.requires_python == ">=3.9"
    assert project.settings.sessions == ("t",)
    assert (project.settings.env_dir, project.settings.installer) == ("x", "uv")
    assert list(project.environments) == ["default", "t.1"]
    assert project.roots == {"t": ("t.1",)}
    assert not project.doc


def test_the_same_text_gives_an_equal_project(resolve_text: Resolve) -> None:
    text = '[envs.t]\ndependencies = ["a"]\nscripts.s = "x"\nmatrix = [{ v = ["1", "2"] }]'
    assert resolve_text(text) == resolve_text(text)
    assert resolve_text(text) != resolve_text(text.replace('"a"', '"b"'))


def test_the_default_environment_comes_first(resolve_text: Resolve) -> None:
    assert list(resolve_text("[envs.b]\n[envs.a]\n[envs.default]").environments) == ["default", "b", "a"]


def test_hosts_differ_in_what_holds(resolve_text: Resolve, host: Callable[..., Host]) -> None:
    text = '[envs.default.overrides]\nplatform.windows.python = "3.12"\nenv.CI.python = "3.13"'
    pythons = [
        resolve_text(text, on=where).environments["default"].values.get("python")
        for where in (host(), host(platform="windows"), host(environ={"CI": ""}))
    ]
    assert pythons == [None, "3.12", "3.13"]


def test_mistakes_of_reading_are_told_with_those_of_resolving(resolve_text: Resolve) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text('[envs.a]\ntype = 5\ntemplate = "b"')
    assert [str(one.where) for one in raised.value.mistakes] == ["envs.a.type", "envs.a.template"]
