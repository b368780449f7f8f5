"""The model, the plan and the listing for other programs, and the environments as a person reads them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from envtasks.declared import Function, Script
from envtasks.errors import Key
from envtasks.model import Environment, Host, Project
from envtasks.option_table import SCRIPTS, TABLE
from envtasks.report.document import environment_document, environments_document, listing_document, plan_document
from envtasks.report.environments import ASCII, environments_text
from envtasks.report.origins import origins_document, origins_text
from envtasks.resolve.selection import all_sessions, select
from envtasks.testing import Tasks, declared_in, planned

Resolve = Callable[..., Project]
MakeHost = Callable[..., Host]
MakeProject = Callable[[Mapping[str, str]], Path]

TEXT = """
    [envs.default]
    description = "d"
    [envs.test]
    dependencies = ["pytest"]
    extra-dependencies = ["cov{env:PIN:}"]
    env-vars = { A = "{env_name}" }
    pre-install-commands = ["- unit x"]
    path = "envs/{matrix:v}"
    python = "3.12"
    tags = ["t"]
    matrix = [{ v = ["1", "2"] }]
    scripts = { unit = { run = "pytest {args:tests}", requires = ["default:seed"] }, all = ["unit -v", "- x"] }
    [envs.default.scripts]
    seed = "seed"
"""


def call() -> None: ...


SEED = Script(function=Function(call, "seed", "envfile.py", 3, "Sow."))


@pytest.fixture
def resolved(resolve_text: Resolve) -> Project:
    return resolve_text(TEXT)


def with_function(project: Project) -> Project:
    """The project, with a Python function as the script `seed` of its default environment."""
    one = project.environments["default"]
    declared = one[SCRIPTS]
    scripts = {**declared, "seed": SEED}
    environment = Environment(one.name, one.root, (), {**one.values, "scripts": scripts}, one.where, one.origins)
    return project._replace(environments={**project.environments, "default": environment})


def test_environments_say_every_option_that_is_left(resolved: Project, host: MakeHost) -> None:
    document = environments_document(resolved, host())
    assert document["schema"] == 1
    assert [one["name"] for one in document["environments"]] == ["default", "test.1", "test.2"]
    shown = {"name", "root", "matrix", "error"} | {name for name, option in TABLE.items() if not option.consumed}
    assert all(set(one) == shown for one in document["environments"])
    assert json.loads(json.dumps(document)) == document


def test_an_environment_is_shown_filled(resolved: Project, host: MakeHost) -> None:
    one = environments_document(resolved, host(environ={"PIN": "==7"}), ["test.1"])["environments"][0]
    expected = {
        "name": "test.1",
        "root": "test",
        "matrix": {"v": "1"},
        "type": "virtual",
        "python": "3.12",
        "dependencies": ["pytest", "cov==7"],
        "env-vars": {"A": "test.1"},
        "path": "envs/1",
        "pre-install-commands": ["- pytest x"],
        "post-install-commands": [],
        "description": "d",
        "tags": ["t"],
        "python-sources": ["external", "internal"],
        "installer": "pip",
        "skip-install": True,
        "uv-path": None,
        "error": None,
    }
    assert {name: one[name] for name in expected} == expected
    assert one["scripts"] == {"unit": ["pytest tests"], "all": ["pytest tests -v", "- x"], "seed": ["seed"]}


def test_names_choose_environments_in_their_order(resolved: Project, host: MakeHost) -> None:
    document = environments_document(resolved, host(), ["test.2", "default"])
    assert [one["name"] for one in document["environments"]] == ["test.2", "default"]


def test_functions_are_shown_by_their_place(resolved: Project, host: MakeHost) -> None:
    document = environments_document(with_function(resolved), host(), ["default"])
    assert document["environments"][0]["scripts"] == {"seed": "envfile.py:seed"}


def test_what_cannot_be_filled_is_shown_as_declared(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(
        resolve_text(
            '[envs.default]\npython = "{env:NONE}"\nenv-vars = { A = "{root}" }\nscripts = { x = ["a", "{args}"] }'
        )
    )
    one = environment_document(project.environments["default"], project, host())
    assert one["error"] == "the environment variable 'NONE' is not set"
    assert one["python"] == "{env:NONE}"
    assert one["env-vars"] == {"A": "{root}"}
    assert one["scripts"] == {"x": ["a", "{args}"], "seed": "envfile.py:seed"}


def test_an_empty_script_stays_an_array(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text('[envs.default]\npython = "{env:NONE}"\nscripts.x = []')
    assert environment_document(project.environments["default"], project, host())["scripts"] == {"x": []}


def test_a_plan_says_what_will_be_done(resolved: Project, host: MakeHost) -> None:
    project = with_function(resolved)
    where = host("/src", {"PATH": "/bin"})
    plan = planned(Tasks(project, where), "test:all", "seed", arguments=["a b"])
    document = plan_document(plan)
    assert json.loads(json.dumps(document)) == document
    assert document["schema"] == 1
    assert document["sessions"][1] == {
        "id": "test.1:all",
        "name": "test.1:all",
        "environment": "test.1",
        "script": "all",
        "python": "3.12",
        "directory": os.path.join("/src", "envs", "1"),
        "requires": ["default:seed"],
        "skipped": None,
        "call": None,
        "arguments": ["a b"],
        "commands": [
            {"run": "pytest 'a b' -v", "call": None, "ignore_exit_code": False, "env-vars": {}, "cwd": None},
            {"run": "x", "call": None, "ignore_exit_code": True, "env-vars": {}, "cwd": None},
        ],
    }
    seed = document["sessions"][0]
    assert (seed["call"], seed["commands"]) == ("envfile.py:seed", [])


def test_a_plan_says_what_is_required_and_what_is_skipped(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text(
        '[envs.a]\nplatforms = ["macos"]\nscripts.a = { run = "x", requires = ["b"] }\n[envs.b.scripts]\nb = "y"'
    )
    document = plan_document(planned(Tasks(project, host()), "a"))
    assert [one["requires"] for one in document["sessions"]] == [[], ["b:b"]]
    assert [one["skipped"] for one in document["sessions"]] == [None, "is for macos, and this is linux"]


def test_the_listing_has_the_keys_of_nox_first(resolved: Project) -> None:
    sessions = list(all_sessions(resolved))
    document = listing_document(sessions, select(["test.2:unit"], resolved))
    assert [one["id"] for one in document if one["selected"]] == ["test.2:unit"]
    entry = next(one for one in document if one["id"] == "test.2:unit")
    assert list(entry)[:6] == ["session", "name", "description", "python", "tags", "call_spec"]
    assert entry == {
        "session": "test.2:unit",
        "name": "test:unit",
        "description": "",
        "python": "3.12",
        "tags": [],
        "call_spec": {"v": "2"},
        "id": "test.2:unit",
        "environment": "test.2",
        "script": "unit",
        "default": False,
        "selected": True,
        "requires": ["default:seed"],
        "signatures": ["test:unit(v='2')", "test:unit-3.12(v='2')", "test:unit-3.12"],
        "args": [],
    }


def shown(project: Project, host: Host, width: int = 200, names: list[str] | None = None) -> str:
    return environments_text(environments_document(project, host, names)["environments"], width, ASCII)


def test_environments_and_matrices_are_tables_apart(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text(
        """
        [envs.default.scripts]
        s = "x"
        _hidden = "y"
        [envs.test]
        matrix = [{ py = ["3.11", "3.12"] }]
        dependencies = ["b", "a"]
        env-vars = { A = "1" }
        overrides.matrix.py.dependencies = [{ value = "c", if = ["3.12"] }]
        """
    )
    assert shown(project, host()) == (
        "Standalone\n"
        " Name    | Scripts\n"
        "---------+---------\n"
        " default | s\n"
        "\n"
        "Matrices\n"
        " Name | Environments | Dependencies | Variables | Scripts\n"
        "------+--------------+--------------+-----------+---------\n"
        " test | test.py3.11  | b            | A=1       | s\n"
        "      | test.py3.12  | a            |           |\n"
        "      |              | c (1 of 2)   |           |\n"
    )


def test_rows_have_a_rule_between_and_long_cells_wrap(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text(
        '[envs.default]\ndescription = "one two three four five six seven"\n[envs.b]\ndescription = "x"\ntype = "other"'
    )
    assert shown(project, host(), 36) == (
        "Standalone\n"
        " Name    | Type  | Description\n"
        "---------+-------+-----------------\n"
        " default |       | one two three\n"
        "         |       | four five six\n"
        "         |       | seven\n"
        "---------+-------+-----------------\n"
        " b       | other | x\n"
        "\n"
        "b: unknown type 'other'\n"
    )


def test_columns_keep_a_width_that_can_be_read(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text('[envs.default]\ndescription = "averylongwordwithoutanyspace"')
    assert max(map(len, shown(project, host(), 1).splitlines())) == len("---------+-------------")


def test_nothing_at_all_is_an_empty_text() -> None:
    assert environments_text([], 80, ASCII) == "\n"


@pytest.fixture
def overridden(project: MakeProject) -> tuple[Environment, dict[str, Any], str]:
    text = """
        [envs.default]
        dependencies = ["a"]
        [envs.t]
        python = "3.12"
        env-vars = { A = "1" }
        matrix = [{ v = ["1"] }]
        [envs.t.overrides.platform.linux]
        dependencies = ["b"]
    """
    tasks = declared_in(project({"envtasks.toml": text}))
    one = tasks.environments["t.1"]
    return one, environment_document(one, tasks.project, tasks.host), tasks.host.root


def test_the_origins_of_values_are_told(overridden: tuple[Environment, dict[str, Any], str]) -> None:
    assert origins_text(*overridden) == (
        "t.1\n"
        "  matrix: v=1\n"
        '  dependencies = ["a", "b"]\n'
        "      inherited at envtasks.toml:3  envs.default.dependencies\n"
        "      overridden at envtasks.toml:9  envs.t.overrides.platform.linux.dependencies\n"
        '  env-vars = { A = "1" }\n'
        "      declared at envtasks.toml:6  envs.t.env-vars\n"
        '  python = "3.12"\n'
        "      declared at envtasks.toml:5  envs.t.python\n"
    )
    one, _, root = overridden
    assert origins_document(one, root) == {
        "dependencies": [
            "inherited at envtasks.toml:3  envs.default.dependencies",
            "overridden at envtasks.toml:9  envs.t.overrides.platform.linux.dependencies",
        ],
        "env-vars": ["declared at envtasks.toml:6  envs.t.env-vars"],
        "python": ["declared at envtasks.toml:5  envs.t.python"],
    }


def test_scripts_are_told_one_by_one_as_declared(project: MakeProject) -> None:
    text = """
        [envs.default.scripts]
        one = "a {args:b}"
        [envs.t]
        overrides.platform.linux.scripts = ["more=x"]
        extra-scripts.extra = "e"
        [envs.t.scripts]
        two = ["one -v", "- c"]
        "a:b" = { run = "d", cwd = "src", timeout = 5, requires = ["one"], env-vars = { A = "1" } }
    """
    tasks = declared_in(project({"envtasks.toml": text}))
    one = tasks.environments["t"]
    assert origins_text(one, environment_document(one, tasks.project, tasks.host), tasks.host.root) == (
        "t\n"
        '  scripts.extra = "e"\n'
        "      declared at envtasks.toml:6  envs.t.extra-scripts.extra\n"
        '  scripts.two = ["one -v", "- c"]\n'
        "      declared at envtasks.toml:8  envs.t.scripts.two\n"
        '  scripts."a:b" = { run = "d", requires = ["one"], env-vars = { A = "1" }, cwd = "src", timeout = 5 }\n'
        '      declared at envtasks.toml:9  envs.t.scripts."a:b"\n'
        '  scripts.one = "a {args:b}"\n'
        "      inherited at envtasks.toml:3  envs.default.scripts.one\n"
        '  scripts.more = "x"\n'
        "      overridden at envtasks.toml:5  envs.t.overrides.platform.linux.scripts\n"
    )


def test_functions_are_told_where_they_are_defined(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(resolve_text('[envs.default.scripts]\nseed = "x"'))
    one = project.environments["default"]
    places = {"seed": Key("envfile.py", ("seed",), 3)}
    one = Environment(one.name, one.root, one.variant, one.values, one.where, one.origins, places)
    assert origins_text(one, environment_document(one, project, host()), host().root) == (
        "default\n  scripts.seed = function seed\n      defined at envfile.py:3  seed\n"
    )


@pytest.mark.parametrize(
    ("text", "name", "option", "key"),
    [
        ("detached = true", "t", "skip-install", "detached"),
        ("detached = true\nskip-install = false", "t", "skip-install", "skip-install"),
        ('python = ["3.12"]', "t.py3.12", "python", "python"),
        ('python = ["3.12"]\nmatrix = [{ v = ["1"] }]', "t.py3.12-1", "python", "python"),
        ('python = "3.11"\nmatrix = [{ python = ["3.12"] }]', "t.py3.12", "python", "matrix"),
        ('python = ["3.12"]\nmatrix = [{ v = ["1"] }, { py = ["3.11"] }]', "t.py3.11", "python", "matrix"),
    ],
)
def test_what_comes_from_another_option_is_told_there(
    resolve_text: Resolve, text: str, name: str, option: str, key: str
) -> None:
    one = resolve_text(f"[envs.t]\n{text}").environments[name]
    assert [str(where) for where in one.origins[option]] == [f"envs.t.{key}"]


def test_what_cannot_be_filled_has_origins_too(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text('[envs.default]\npath = "{env:NONE}"\nenv-vars = {}')
    one = project.environments["default"]
    text = origins_text(one, environment_document(one, project, host()), host().root)
    assert text.splitlines()[:3] == [
        "default",
        "  error: the environment variable 'NONE' is not set",
        "  env-vars = {}",
    ]
