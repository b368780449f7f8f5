"""The environment that projects are built in: what it must be, declared or not, and what is never in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from envtasks.errors import EnvironmentFailed, Key
from envtasks.model import Host, Project
from envtasks.option_table import BUILDER, SKIP_INSTALL
from envtasks.plan.filling import Builder, fill_environment, recipe_of
from envtasks.planned import Recipe
from envtasks.resolve.reserved import build_environment
from envtasks.resolve.selection import all_sessions, environments_of
from envtasks.testing import declared

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.26", "hatch-vcs"]
[project]
name = "demo"
version = "1"
requires-python = ">=3.9"
dependencies = ["requests"]
[project.optional-dependencies]
build = ["cython"]
"""
Declare = Callable[..., tuple[Project, Host]]


def project_of(pyproject: str = "", *, environ: Mapping[str, str] | None = None, **files: str) -> tuple[Project, Host]:
    tasks = declared(pyproject=PYPROJECT + pyproject, environ=environ or {}, **files)
    return tasks.project, tasks.host


def builder(pyproject: str = "", **more: Any) -> Recipe:
    return Builder(*project_of(pyproject, **more))()


OURS = "[tool.envtasks.envs.envtasks-build]\n"
HATCH = "[tool.hatch.envs.hatch-build]\n"


def test_it_is_there_without_being_declared() -> None:
    found = builder()
    assert found.name == "envtasks-build"
    assert found.directory.endswith("/.envtasks/envs/envtasks-build")
    assert found.requirements == ("hatchling>=1.26", "hatch-vcs")
    assert (found.project, found.requires_python, found.python, found.builder) == (None, ">=3.9", None, None)


@pytest.mark.parametrize(("table", "name"), [(OURS, "envtasks-build"), (HATCH, "hatch-build")], ids=["ours", "Hatch"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('dependencies = ["x"]', {"requirements": ("hatchling>=1.26", "hatch-vcs", "x")}),
        ('features = ["build"]', {"requirements": ("hatchling>=1.26", "hatch-vcs", "cython")}),
        ('python = "3.12"', {"python": "3.12"}),
        ('installer = "uv"', {"installer": "uv"}),
        ("skip-install = false", {"project": None}),
        ("dev-mode = false\nskip-install = false", {"project": None, "build_inputs": {}}),
        ("builder = false", {"requirements": (), "requires_python": ""}),
        ('env-vars = { SOURCE_DATE_EPOCH = "1" }', {}),
    ],
)
def test_it_can_be_configured(text: str, expected: dict[str, Any], table: str, name: str) -> None:
    found = builder(table + text)
    assert found.name == name
    assert {option: getattr(found, option) for option in expected} == expected
    assert found.variables.get("SOURCE_DATE_EPOCH") == ("1" if "EPOCH" in text else None)


def test_it_inherits_from_no_environment_unless_it_says_so() -> None:
    usual = '[tool.envtasks.envs.default]\ndependencies = ["usual"]\npython = "3.10"\n'
    assert builder(usual + OURS).requirements == ("hatchling>=1.26", "hatch-vcs")
    assert builder(usual + OURS).python is None
    inherits = builder(f'{usual}{OURS}template = "default"')
    assert (inherits.requirements[-1], inherits.python, inherits.project) == ("usual", "3.10", None)


@pytest.mark.parametrize(
    ("text", "environ", "installer"),
    [
        ("", {}, "pip"),
        ('[tool.envtasks.envs.default]\ninstaller = "uv"', {}, "uv"),
        (f'[tool.envtasks.envs.default]\ninstaller = "uv"\n{OURS}', {}, "uv"),
        (f'[tool.envtasks.envs.default]\ninstaller = "uv"\n{OURS}installer = "pip"', {}, "pip"),
        ('[tool.envtasks]\ninstaller = "uv"', {}, "uv"),
        ('[tool.envtasks.envs.test]\ninstaller = "uv"', {}, "pip"),
        ("", {"ENVTASKS_INSTALLER": "uv"}, "uv"),
    ],
)
def test_what_fills_it(text: str, environ: dict[str, str], installer: str) -> None:
    assert builder(text, environ=environ).installer == installer


def test_of_a_matrix_the_first_is_taken() -> None:
    found = builder(f'{OURS}python = ["3.11", "3.12"]\nskip-install = false')
    assert (found.name, found.python, found.project) == ("envtasks-build.py3.11", "3.11", None)


def test_the_front_doors_agree() -> None:
    envfile = 'from envtasks import env\nenv("envtasks-build", dependencies=["x"], python="3.12")\n'
    written = builder(envfile=envfile)
    assert written == builder(f'{OURS}dependencies = ["x"]\npython = "3.12"')


def test_a_project_that_says_nothing_is_built_by_setuptools() -> None:
    tasks = declared(pyproject='[project]\nname = "a"\nversion = "1"\n')
    assert Builder(tasks.project, tasks.host)().requirements == ("setuptools>=40.8.0",)


def test_where_there_is_nothing_to_build_nothing_is_needed() -> None:
    tasks = declared(toml="")
    assert Builder(tasks.project, tasks.host)().requirements == ()


def test_what_it_cannot_be_is_told_when_it_is_needed() -> None:
    tasks = declared(pyproject='[build-system]\nrequires = "hatchling"\n[project]\nname = "a"\n')
    with pytest.raises(EnvironmentFailed, match="'build-system' has no array of requirements"):
        Builder(tasks.project, tasks.host)()


def test_any_environment_that_says_so_can_be_built_in() -> None:
    project, host = project_of("[tool.envtasks.envs.x]\nbuilder = true\ndetached = true\ndependencies = ['y']")
    found = recipe_of(fill_environment(project.environments["x"], project, host), project, host)
    assert found.requirements == ("hatchling>=1.26", "hatch-vcs", "y")


def test_recipes_know_where_their_project_is_built() -> None:
    project, host = project_of("[tool.envtasks.envs.x]\n[tool.envtasks.envs.y]\ndetached = true")
    recipes = {
        name: recipe_of(fill_environment(one, project, host), project, host)
        for name, one in project.environments.items()
    }
    assert recipes["y"].builder is None
    build = recipes["x"].builder
    assert build == Builder(project, host)
    assert build is not None
    assert build() == builder("[tool.envtasks.envs.x]\n[tool.envtasks.envs.y]\ndetached = true")


def test_it_has_a_name_and_no_sessions() -> None:
    project, _ = project_of("[tool.envtasks.envs.x]\nscripts.x = 'true'")
    assert environments_of("envtasks-build", project) == (build_environment(project),)
    assert environments_of("hatch-build", project) == ()
    assert [one.id for one in all_sessions(project)] == ["x:x"]
    assert "envtasks-build" not in project.environments


def test_what_nobody_said_of_it_comes_from_its_table() -> None:
    project, _ = project_of(OURS)
    one = project.environments["envtasks-build"]
    assert (one[BUILDER], one[SKIP_INSTALL]) == (True, True)
    assert one.origin(BUILDER).keys == ("tool", "envtasks", "envs", "envtasks-build")
    assert isinstance(one.origin(SKIP_INSTALL), Key)
