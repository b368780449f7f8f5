"""Hatch's own tables, where a project declares no environment for this tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import pytest

from envtasks.declare.declarations import HATCH_DEFAULT, Declarations
from envtasks.declare.hatch import RESERVED, defaults_of
from envtasks.declare.project import find_project, read_project
from envtasks.model import Host
from envtasks.option_table import PYTHON
from envtasks.report.origins import origins_document
from envtasks.resolve.project import resolve

MakeProject = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def read(project: MakeProject) -> Callable[..., Declarations]:
    def make(pyproject: str = "", hatch: str | None = None, **others: str) -> Declarations:
        files = {"pyproject.toml": pyproject, **({} if hatch is None else {"hatch.toml": hatch})}
        names = {"own": "envtasks.toml"}
        return read_project(find_project(str(project({**files, **{names[k]: v for k, v in others.items()}}))), None)

    return make


Read = Callable[..., Declarations]


def test_tables_of_pyproject_stand_in(read: Read) -> None:
    found = read('[tool.hatch.envs.test]\ndependencies = ["pytest"]')
    assert list(found.environments) == ["default", "test"]
    assert found.environments["test"].options == {"dependencies": ("pytest",)}
    assert str(found.environments["test"].where) == "tool.hatch.envs.test"
    assert found.hatch
    assert [Path(file).name for file in found.files] == ["pyproject.toml"]


def test_tables_of_hatch_toml_stand_in(read: Read) -> None:
    found = read(hatch='[envs.test]\npython = "3.12"')
    assert found.environments["test"].options == {"python": "3.12"}
    assert str(found.environments["test"].where) == "envs.test"
    assert [Path(file).name for file in found.files] == ["hatch.toml"]


def test_hatch_toml_replaces_whole_tables_of_pyproject(read: Read) -> None:
    found = read('[tool.hatch.envs.one]\n[tool.hatch.version]\npath = "x"', "[envs.two]")
    assert list(found.environments) == ["default", "two"]
    found = read("[tool.hatch.envs.one]", "mode = 'local'")
    assert list(found.environments) == ["default", "one"]
    assert str(found.environments["one"].where) == "tool.hatch.envs.one"


def test_hatch_toml_alone_makes_a_project(project: MakeProject) -> None:
    root = project({"hatch.toml": "[envs.test]"})
    assert find_project(str(root)).root == str(root)


@pytest.mark.parametrize(
    "own", ["[envs.mine]", "[envs]"], ids=["an environment", "an empty table says that there is none"]
)
def test_our_own_environments_take_their_place(read: Read, own: str) -> None:
    found = read("[tool.hatch.envs.test]", own=own)
    assert "test" not in found.environments
    assert not found.hatch


def test_our_own_settings_may_stand_beside_them(read: Read) -> None:
    found = read("[tool.hatch.envs.test]", own="sessions = ['test']")
    assert "test" in found.environments
    assert found.hatch
    assert found.settings.sessions == ("test",)


def test_what_plugins_know_is_passed_over_with_one_note(read: Read) -> None:
    found = read(
        '[tool.hatch.envs.test]\nworkspace = {}\npython = "3.12"\n[tool.hatch.env]\nrequires = ["x"]',
        None,
    )
    assert not found.mistakes
    assert found.notes == ("passed over: tool.hatch.env, tool.hatch.envs.test.workspace",)
    assert found.environments["test"].options == {"python": "3.12"}


@pytest.mark.parametrize(
    ("pyproject", "hatch", "note"),
    [
        ("[tool.hatch.envs.a]", "env = {}", "passed over: env"),
        ("[tool.hatch.env]", "[envs.a]", "passed over: tool.hatch.env"),
        ("[tool.hatch.env]", "[env]\n[envs.a]", "passed over: env"),
    ],
)
def test_what_is_passed_over_is_named_as_in_its_file(read: Read, pyproject: str, hatch: str, note: str) -> None:
    assert read(pyproject, hatch).notes == (note,)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[tool]\nhatch = 5", "tool.hatch"),
        ("[tool.hatch]\nenvs = 5", "tool.hatch.envs"),
        ("[tool.hatch.envs]\nfoo = 9000", "tool.hatch.envs.foo"),
        ("[tool.hatch.envs]\nhatch-test = 9000", "tool.hatch.envs.hatch-test"),
        ("[tool.hatch.envs.foo]\nmatrix = 9000", "tool.hatch.envs.foo.matrix"),
        ("tool = 5", "tool"),
    ],
)
def test_wrong_values_are_told_at_the_key_that_was_read(read: Read, text: str, key: str) -> None:
    assert {str(one.where) for one in read(text).mistakes} == {key}


def test_reserved_environments_have_what_hatch_gives_them(read: Read) -> None:
    found = read('[tool.hatch.envs.default]\npython = "3.12"\n[tool.hatch.envs.hatch-test]\nextra-dependencies = ["x"]')
    options = found.environments["hatch-test"].options
    assert options["template"] == "hatch-test"
    assert options["extra-dependencies"] == ("x",)
    assert "installer" not in options
    assert any(one.startswith("pytest~=") for one in options["dependencies"])
    assert "run" in options["scripts"]


def test_reserved_environments_are_replaced_key_by_key(read: Read) -> None:
    found = read('[tool.hatch.envs.hatch-static-analysis]\nscripts.x = "y"\ntemplate = "default"')
    options = found.environments["hatch-static-analysis"].options
    assert list(options["scripts"]) == ["x"]
    assert options["template"] == "default"
    assert options["dependencies"] == ("ruff==0.13.2",)


def test_reserved_environments_serve_as_templates(read: Read) -> None:
    found = read('[tool.hatch.envs.test]\ntemplate = "hatch-test"\n[tool.hatch.envs.plain]')
    assert list(found.environments) == ["default", "hatch-test", "test", "plain"]


def test_reserved_environments_that_nobody_fills_are_not_there(read: Read) -> None:
    assert list(read("[tool.hatch.envs.hatch-foo]").environments) == ["default", "hatch-foo"]


def test_features_are_not_checked_before_an_environment_is_used(read: Read, host: Callable[..., Host]) -> None:
    text = '[project]\nname = "demo"\n[tool.hatch.envs.test]\nfeatures = ["none"]\ndependency-groups = ["none"]'
    assert "test" in resolve(read(text), host()).environments


def test_a_project_without_any_table_is_not_hatchs(read: Read) -> None:
    found = read('[project]\nname = "demo"')
    assert not found.hatch
    assert not found.files


@pytest.mark.parametrize("text", ["[tool.hatch.build]", "[tool.hatch.env]\nrequires = ['x']"])
def test_tables_of_hatch_without_environments_make_no_project_hatchs(read: Read, text: str) -> None:
    found = read(text)
    assert not found.hatch
    assert not found.files
    assert not found.notes


def test_overrides_for_platforms_without_a_name_change_nothing(read: Read, host: Callable[..., Host]) -> None:
    text = """
        [tool.hatch.envs.test.overrides]
        platform.Linux.python = "3.12"
        env.CI.python = { value = "3.12", platform = ["Linux"] }
    """
    found = read(text)
    assert resolve(found, host(environ={"CI": "1"})).environments["test"][PYTHON] is None
    assert found.notes[0].count("overrides") == 2


def test_reserved_environments_are_those_of_hatch(read: Read) -> None:
    internal = pytest.importorskip("hatch.env.internal", reason="hatch is not installed")
    if not version("hatch").startswith("1.18."):
        pytest.skip("another Hatch has other defaults")
    theirs = {name: dict(options) for name, options in internal.get_internal_env_config().items()}
    del theirs["hatch-test"]["matrix"]
    for options in theirs.values():
        options.pop("installer", None)
    assert {name: {"type": "virtual", **options} for name, options in theirs.items()} == {
        name: dict(defaults_of(name)) for name in RESERVED
    }
    found = read("\n".join(f"[tool.hatch.envs.{name}]" for name in RESERVED))
    assert not found.mistakes
    assert not found.notes


def test_what_hatch_gives_stands_in_no_file(read: Read, host: Callable[..., Host]) -> None:
    found = read('[tool.hatch.envs.hatch-test]\npython = "3.12"\n[tool.hatch.envs.mine]\ntemplate = "hatch-test"')
    assert found.environments["hatch-test"].keys["type"].file == HATCH_DEFAULT
    assert str(found.environments["hatch-test"].keys["python"]) == "tool.hatch.envs.hatch-test.python"
    project = resolve(found, host())
    for name, verb in (("hatch-test", "declared"), ("mine", "inherited")):
        told = origins_document(project.environments[name], host().root)
        assert told["type"] == told["dependencies"] == told["scripts"] == ["Hatch's default"]
        assert told["python"] == [f"{verb} at pyproject.toml:2  tool.hatch.envs.hatch-test.python"]
