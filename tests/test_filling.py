"""Filling every placeholder of an environment and of its scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from envtasks.environments.location import bin_directory
from envtasks.errors import FillError, RequestError
from envtasks.model import Host, Project
from envtasks.option_table import PRE_INSTALL_COMMANDS
from envtasks.plan.filling import Filled, fill_environment, recipe_of
from envtasks.plan.variables import visible_variables
from envtasks.planned import Recipe, Step

Resolve = Callable[..., Project]
MakeHost = Callable[..., Host]
FillText = Callable[..., Filled]
MakeRecipe = Callable[..., Recipe]

ENVIRON = {"PATH": "/bin", "HOME": "/home/person", "A": "one", "FOO": "f", "FOOBAR": "fb", "PYTHONHOME": "/wrong"}
INDEX = {"PIP_EXTRA_INDEX_URL": "of the machine", "PIP_INDEX_URL": "of the machine"}
PYPROJECT = """
    [project]
    name = "Demo"
    requires-python = ">=3.9"
    [project.optional-dependencies]
    Web_App = ["flask", "demo[cli]"]
    cli = ["click", "DEMO [web-app, other]", "rich[jupyter]"]
    other = ["o"]
    [dependency-groups]
    base = ["b"]
    Test_All = ["pytest", { include-group = "base" }]
"""


@pytest.fixture
def filled(resolve_text: Resolve, host: MakeHost) -> FillText:
    def make(text: str, name: str = "test", environ: Mapping[str, str] = ENVIRON) -> Filled:
        where = host(environ=environ)
        project = resolve_text(f"[envs.test]\n{text}", on=where)
        return fill_environment(project.environments[name], project, where)

    return make


@pytest.fixture
def recipe(resolve_text: Resolve, host: MakeHost) -> MakeRecipe:
    def make(
        text: str,
        name: str = "test",
        environ: Mapping[str, str] = ENVIRON,
        settings: str = "",
        pyproject: str = PYPROJECT,
    ) -> Recipe:
        where = host(environ=environ)
        project = resolve_text(f"{settings}\n[envs.test]\n{text}", files={"pyproject.toml": pyproject}, on=where)
        return recipe_of(fill_environment(project.environments[name], project, where), project, where)

    return make


def test_options_are_filled(filled: FillText) -> None:
    found = filled(
        """
        dependencies = ["django~={matrix:django}", "x{env:PIN:==1}"]
        env-vars = { B = "{env:A}-{env_name}", C = "{env:B:unset}", PIN = "==2" }
        python = "{env:PY:3.12}"
        path = ".envs/{env_name}-{env_type}"
        matrix = [{ django = ["5.2"] }]
        """,
        "test.5.2",
    )
    assert found.dependencies == ("django~=5.2", "x==2")
    assert dict(found.env_vars) == {"B": "one-test.5.2", "C": "unset", "PIN": "==2"}
    assert found.python == "3.12"
    assert found.path == ".envs/test.5.2-virtual"
    assert found.directory.endswith(os.path.join(".envs", "test.5.2-virtual"))


@pytest.mark.parametrize(("text", "python"), [('python = "{env:NONE:}"', None), ("", None), ('python = "3"', "3")])
def test_a_python_that_is_filled_with_nothing_is_none(filled: FillText, text: str, python: str | None) -> None:
    assert filled(text).python == python


def test_commands_see_the_active_environment(filled: FillText) -> None:
    found = filled('env-vars = { VIRTUAL_ENV = "mine", PATH = "/mine", A = "two" }')
    assert found.variables == {
        "PATH": os.pathsep.join((bin_directory(found.directory), "/mine")),
        "HOME": "/home/person",
        "A": "two",
        "FOO": "f",
        "FOOBAR": "fb",
        "VIRTUAL_ENV": found.directory,
        "ENVTASKS_ENV_ACTIVE": "test",
    }
    assert found.steps([], found.context) == ()


@pytest.mark.parametrize("environ", [{}, {"PATH": ""}], ids=["none", "empty"])
def test_a_world_without_a_path_gets_the_usual_one(filled: FillText, environ: dict[str, str]) -> None:
    found = filled("", environ=environ)
    assert found.variables["PATH"] == os.pathsep.join((bin_directory(found.directory), os.defpath))


@pytest.mark.parametrize(
    ("include", "exclude", "names"),
    [
        ((), (), ["PATH", "HOME", "A", "FOO", "FOOBAR", "LC_ALL", "ENVTASKS_X"]),
        (("FOO*",), (), ["PATH", "HOME", "FOO", "FOOBAR", "LC_ALL", "ENVTASKS_X"]),
        (("FOO",), (), ["PATH", "HOME", "FOO", "LC_ALL", "ENVTASKS_X"]),
        (("foo",), (), ["PATH", "HOME", "LC_ALL", "ENVTASKS_X"]),
        ((), ("FOO*", "A"), ["PATH", "HOME", "LC_ALL", "ENVTASKS_X"]),
        (("FOO*",), ("FOOBAR", "HOME"), ["PATH", "FOO", "LC_ALL", "ENVTASKS_X"]),
        ((), ("*",), []),
    ],
)
def test_patterns_choose_the_variables_that_commands_see(
    include: tuple[str, ...], exclude: tuple[str, ...], names: list[str]
) -> None:
    environ = dict.fromkeys(("PATH", "HOME", "A", "FOO", "FOOBAR", "LC_ALL", "ENVTASKS_X"), "x")
    assert list(visible_variables(environ, include, exclude)) == names


def test_variables_that_are_set_are_never_filtered(filled: FillText) -> None:
    found = filled('env-exclude = ["*"]\nenv-vars = { FOO = "set", B = "{env:A}" }')
    assert found.variables["FOO"] == "set"
    assert found.variables["B"] == "one", "values see the world as it was"
    assert "A" not in found.variables


def test_commands_see_the_filtered_variables(filled: FillText) -> None:
    found = filled('env-exclude = ["A"]\nscripts.s = "echo {env:A:gone} {env:VIRTUAL_ENV}"')
    assert found.script("s") == (Step(f"echo gone {found.directory}"),)


@pytest.mark.parametrize(
    ("script", "arguments", "steps"),
    [
        ('"a {args:x} b"', (), [Step("a x b")]),
        ('"a {args:x} b"', ("1", "2 3"), [Step("a 1 '2 3' b")]),
        ('"a {args}"', (), [Step("a")]),
        ('"a {args:x}"', ("",), [Step("a ''")]),
        ('["- a", "b"]', (), [Step("a", ignore_exit_code=True), Step("b")]),
        ('"   lead  "', (), [Step("lead")]),
        ('"-  a"', (), [Step("a", ignore_exit_code=True)]),
        ('"  - a"', (), [Step("a", ignore_exit_code=True)]),
        ('"- - a"', (), [Step("- a", ignore_exit_code=True)]),
        ('"-a"', (), [Step("-a")]),
        ('""', (), [Step("")]),
        ("[]", (), []),
        ('"{env:NONE:- }a"', (), [Step("a", ignore_exit_code=True)]),
        (
            '{ run = ["a", "b"], cwd = "docs/{env:A}/../x", env-vars = { V = "{env:A}" } }',
            (),
            [
                Step("a", env_vars=(("V", "one"),), cwd="/src/docs/x"),
                Step("b", env_vars=(("V", "one"),), cwd="/src/docs/x"),
            ],
        ),
        ('{ run = "a", cwd = "/tmp" }', (), [Step("a", cwd="/tmp")]),
    ],
)
def test_scripts_become_steps(
    resolve_text: Resolve, host: MakeHost, script: str, arguments: tuple[str, ...], steps: list[Step]
) -> None:
    project = resolve_text(f"[envs.test]\nscripts.s = {script}")
    found = fill_environment(project.environments["test"], project, host("/src", ENVIRON))
    assert list(found.script("s", arguments)) == steps


def test_a_step_reads_as_it_was_written() -> None:
    assert str(Step("a", ignore_exit_code=True)) == "- a"
    assert str(Step("a")) == "a"


@pytest.mark.parametrize(
    ("commands", "steps"),
    [
        ('["echo PRE {args} x"]', ["echo PRE  x"]),
        ('["echo PRE {args:y} x"]', ["echo PRE y x"]),
        ('["s"]', ["pytest DEF", "- cov"]),
        ('["- s"]', ["- pytest DEF", "- cov"]),
        ('["s -k {env:A}"]', ["pytest -k one", "- cov"]),
        ('["s {args}"]', ["pytest", "- cov"]),
        ('["- other", "x"]', ["- other", "x"]),
        ('["failing"]', ["exit 3"]),
    ],
)
def test_commands_around_an_install(filled: FillText, commands: str, steps: list[str]) -> None:
    found = filled(
        'scripts = { s = ["pytest {args:DEF}", "- cov"], failing = "exit 3" }\npre-install-commands = ' + commands
    )
    assert [str(step) for step in found.install_commands(PRE_INSTALL_COMMANDS)] == steps


@pytest.mark.parametrize(
    ("text", "message", "key"),
    [
        ('type = "docker"', "unknown type 'docker'", "envs.test.type"),
        ('installer = "poetry"', "unknown installer 'poetry'", "envs.test.installer"),
        ('installer = "pipp"', "unknown installer 'pipp'", "envs.test.installer"),
        ('dependencies = ["a{env:A}b c"]', "not a requirement: 'a", "envs.test.dependencies"),
        ('dependencies = ["{env:NONE}"]', "the environment variable 'NONE' is not set", "envs.test.dependencies"),
        ('env-vars.X = "{matrix:v}"', "'test' has no matrix variable 'v'", "envs.test.env-vars"),
        ('python = "{env:NONE}"', "the environment variable 'NONE' is not set", "envs.test.python"),
        ('path = "{env:NONE}"', "the environment variable 'NONE' is not set", "envs.test.path"),
    ],
)
def test_what_has_no_value_here_is_told(filled: FillText, text: str, message: str, key: str | None) -> None:
    with pytest.raises(FillError) as raised:
        filled(text)
    assert raised.value.message.startswith(message)
    assert (raised.value.where and str(raised.value.where)) == key


def test_features_are_checked_when_an_environment_of_hatch_is_used(resolve_text: Resolve, host: MakeHost) -> None:
    text = '[project]\nname = "demo"\n[tool.hatch.envs.test]\nfeatures = ["none"]'
    project = resolve_text("", files={"pyproject.toml": text})
    with pytest.raises(FillError, match="the project has no feature 'none'"):
        fill_environment(project.environments["test"], project, host())


def test_commands_of_hatchs_tables_are_told_which_environment_is_active(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text("", files={"pyproject.toml": "[tool.hatch.envs.test]"})
    assert fill_environment(project.environments["test"], project, host()).variables["HATCH_ENV_ACTIVE"] == "test"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", {"requires_python": ">=3.9", "editable": True, "installer": "pip", "uv_path": None, "requirements": ()}),
        ("skip-install = true", {"requires_python": "", "project": None, "build_inputs": {}}),
        ("dev-mode = false", {"editable": False}),
        ('dependencies = ["a"]\ndependency-groups = ["test.all"]', {"requirements": ("a", "pytest", "b")}),
        ('skip-install = true\nfeatures = ["Cli"]', {"requirements": ("click", "flask", "o", "rich[jupyter]")}),
        ('skip-install = true\nfeatures = ["other", "Other"]', {"requirements": ("o",)}),
        ('pre-install-commands = ["x"]\nskip-install = true', {"pre_install": (), "post_install": ()}),
        ('post-install-commands = ["x"]', {"post_install": (Step("x"),), "pre_install": ()}),
        ('uv-path = "/bin/uv"', {"uv_path": "/bin/uv", "installer": "uv"}),
        ("system-packages = true", {"system_packages": True}),
        ('python-sources = ["internal"]', {"python_sources": ("internal",)}),
        ('scripts.s = "pip list"', {"pip": True}),
        ('scripts.s = ["a", "python -m pip list"]', {"pip": True}),
        ('post-install-commands = ["pip check"]', {"pip": True}),
        ('scripts.s = "pipx list"', {"pip": False}),
    ],
)
def test_what_an_environment_must_be(recipe: MakeRecipe, text: str, fields: dict[str, Any]) -> None:
    found = recipe(text)._asdict()
    assert {name: found[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("text", "environ", "python"),
    [
        ("", {"ENVTASKS_PYTHON": "3.12"}, "3.12"),
        ("", {"ENVTASKS_PYTHON": ""}, None),
        ("", {}, None),
        ('python = "3.11"', {"ENVTASKS_PYTHON": "3.12"}, "3.11"),
        ('python = "{env:NONE:}"', {"ENVTASKS_PYTHON": "3.12"}, "3.12"),
    ],
)
def test_the_variable_decides_on_the_python_where_the_environment_does_not(
    recipe: MakeRecipe, text: str, environ: dict[str, str], python: str | None
) -> None:
    assert recipe(text, environ=environ).python == python


@pytest.mark.parametrize(
    ("text", "environ", "sources", "requires_python"),
    [
        ('python-sources = ["internal"]', {}, ("internal",), ">=3.9"),
        ('python-sources = ["internal"]', {"ENVTASKS_PYTHON": "3.8"}, ("external", "internal"), ""),
        ('python = "3.11"', {"ENVTASKS_PYTHON": "3.8"}, ("external", "internal"), ">=3.9"),
    ],
)
def test_what_the_variable_says_of_the_python_is_not_questioned(
    recipe: MakeRecipe, text: str, environ: dict[str, str], sources: tuple[str, ...], requires_python: str
) -> None:
    found = recipe(text, environ=environ)
    assert (found.python_sources, found.requires_python) == (sources, requires_python)


def test_only_its_own_variables_say_where_its_packages_come_from(recipe: MakeRecipe) -> None:
    found = recipe('env-vars = { PIP_INDEX_URL = "{env:A}", OTHER = "x", UV_INDEX = "y" }', environ=ENVIRON | INDEX)
    assert found.index_variables == (("PIP_INDEX_URL", "one"), ("UV_INDEX", "y"))
    assert found.variables["PIP_EXTRA_INDEX_URL"] == "of the machine"


def test_an_environment_knows_the_store_wherever_it_lies(recipe: MakeRecipe, host: MakeHost) -> None:
    found = recipe('path = "elsewhere/x"', settings='env-dir = "envs"')
    assert found.directory == os.path.join(host().root, "elsewhere", "x")
    assert found.store == os.path.join(host().root, "envs")


def test_the_project_is_named_with_its_features(recipe: MakeRecipe, host: MakeHost) -> None:
    found = recipe('features = ["web.app", "CLI", "Web-App"]')
    assert (recipe("").project, recipe("").project_features) == (host().root, ())
    assert (found.project, found.project_features) == (host().root, ("web-app", "cli"))
    assert recipe('skip-install = true\nfeatures = ["cli"]').project_features == ()


def test_what_is_known_of_the_project_shapes_what_is_installed(recipe: MakeRecipe) -> None:
    assert recipe("").build_inputs["project"]["name"] == "Demo"


@pytest.mark.parametrize(
    ("settings", "text", "environ", "installer"),
    [
        ("", "", {}, "pip"),
        ('installer = "uv"', "", {}, "uv"),
        ('installer = "uv"', 'installer = "pip"', {}, "pip"),
        ('installer = "uv"', 'installer = "uv"', {"ENVTASKS_INSTALLER": "pip"}, "pip"),
        ('installer = "uv"', "", {"ENVTASKS_INSTALLER": ""}, "uv"),
        ("", 'uv-path = "/bin/uv"', {}, "uv"),
        ("", 'installer = "pip"\nuv-path = "/bin/uv"', {}, "uv"),
        ("", 'installer = "pip"', {"ENVTASKS_ENV_TYPE_VIRTUAL_UV_PATH": "/bin/uv"}, "uv"),
        ("", 'uv-path = "/bin/uv"', {"ENVTASKS_INSTALLER": "pip"}, "pip"),
    ],
)
def test_who_says_what_installs(
    recipe: MakeRecipe, settings: str, text: str, environ: dict[str, str], installer: str
) -> None:
    assert recipe(text, environ=environ, settings=settings).installer == installer


def test_an_installer_that_nobody_knows_is_told(recipe: MakeRecipe) -> None:
    with pytest.raises(RequestError, match="ENVTASKS_INSTALLER names an unknown installer 'poetry'") as raised:
        recipe("", environ={"ENVTASKS_INSTALLER": "poetry"})
    assert "pip" in raised.value.hint


def test_the_uv_that_a_person_asks_for_comes_first(recipe: MakeRecipe) -> None:
    environ = {"ENVTASKS_ENV_TYPE_VIRTUAL_UV_PATH": "/mine/uv"}
    assert recipe('uv-path = "/other/uv"', environ=environ).uv_path == "/mine/uv"


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("", ()),
        ('env-vars = { PIP_CONSTRAINT = "c.txt /abs/d.txt https://example.org/e.txt" }', ("/src/c.txt", "/abs/d.txt")),
        ('env-vars.UV_CONSTRAINT = "{root}/c.txt"', ("/src/c.txt",)),
        ('env-vars.PIP_INDEX_URL = "file:c.txt"', ()),
        (
            "post-install-commands = [\"pip install -r a.txt -cb.txt --requirement='c d.txt'\"]",
            ("/src/a.txt", "/src/b.txt", "/src/c d.txt"),
        ),
        ('pre-install-commands = ["python -c \'import x\'", "uv pip install --constraints e.txt"]', ("/src/e.txt",)),
    ],
)
def test_files_that_installs_read(resolve_text: Resolve, host: MakeHost, text: str, files: tuple[str, ...]) -> None:
    project = resolve_text(f"[envs.t]\n{text}", files={"pyproject.toml": '[project]\nname = "p"\nversion = "1"'})
    where = host("/src", ENVIRON)
    assert recipe_of(fill_environment(project.environments["t"], project, where), project, where).input_files == files
