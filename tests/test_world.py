"""What the command line takes from the world."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from envtasks.cli.flags import COMMON, complete
from envtasks.cli.world import World, look, platform
from envtasks.errors import InvalidDeclarations, RequestError
from envtasks.option_table import DESCRIPTION
from envtasks.plan.planning import recipes_of

MakeProject = Callable[[Mapping[str, str]], Path]

TOML = '[envs.test]\ndescription = "ours"\n[envs.test.scripts]\nrun = "pytest"\n'
HATCH = '[envs.test]\ndescription = "of hatch"\n[envs.test.scripts]\nrun = "pytest"\n'


def seen(**said: Any) -> World:
    flags = Namespace(**said)
    complete(flags, COMMON, {})
    return look(flags)


def description(world: World) -> str:
    return world.project.environments["test"][DESCRIPTION]


def test_the_project_around_us(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project({"envtasks.toml": TOML, "deep/er/file": ""})
    monkeypatch.chdir(root / "deep" / "er")
    world = seen()
    assert os.path.realpath(world.host.root) == os.path.realpath(root)
    assert world.host.home == os.path.expanduser("~")
    assert world.host.verbosity == 0
    assert description(world) == "ours"


def test_the_project_of_a_directory(project: MakeProject) -> None:
    root = project({"envtasks.toml": TOML, "deep/file": ""})
    assert seen(directory=str(root / "deep")).host.root == str(root)


def test_a_directory_that_is_not_there() -> None:
    with pytest.raises(RequestError, match="no such directory: '/nowhere'"):
        seen(directory="/nowhere")


def test_a_file_by_name(project: MakeProject) -> None:
    root = project({"envtasks.toml": TOML, "other.toml": TOML.replace("ours", "other")})
    assert description(seen(directory=str(root), file="other.toml")) == "other"


def test_a_file_that_is_not_there(project: MakeProject) -> None:
    with pytest.raises(RequestError, match="no such file"):
        seen(directory=str(project({"envtasks.toml": TOML})), file="none.toml")


def test_an_envfile_is_read(project: MakeProject) -> None:
    text = 'from envtasks import env\n\n@env\ndef test(session):\n    """Run the tests."""\n'
    world = seen(directory=str(project({"envfile.py": text})))
    assert list(world.project.environments) == ["default", "test"]


def test_an_envfile_alone_by_name(project: MakeProject) -> None:
    text = "from envtasks import env\n\nlint = env('lint', scripts={'run': 'ruff'})\n"
    root = project({"envtasks.toml": TOML, "other.py": text})
    assert list(seen(directory=str(root), file="other.py").project.environments) == ["default", "lint"]


def test_verbosity() -> None:
    def of(root: Path, **said: int) -> int:
        return seen(directory=str(root), **said).host.verbosity

    here = Path(__file__).parent.parent
    assert [of(here, verbose=2), of(here, quiet=1), of(here, verbose=1, quiet=3)] == [2, -1, -2]


def test_where_environments_are_kept(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project({"envtasks.toml": TOML})
    monkeypatch.chdir(root)
    assert seen(env_dir="kept").host.environ["ENVTASKS_ENV_DIR"] == os.path.join(os.getcwd(), "kept")


def test_variables_of_hatch_stand_in_where_its_tables_do(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATCH_PYTHON", "3.9")
    monkeypatch.setenv("HATCH_ENV_TYPE_VIRTUAL_PATH", "theirs")
    monkeypatch.setenv("ENVTASKS_ENV_TYPE_VIRTUAL_PATH", "ours")
    environ = seen(directory=str(project({"hatch.toml": HATCH}))).host.environ
    assert environ["ENVTASKS_PYTHON"] == "3.9"
    assert environ["ENVTASKS_ENV_TYPE_VIRTUAL_PATH"] == "ours"


def test_variables_of_hatch_for_pythons_stand_in_as_well(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATCH_PYTHON_VARIANT_CPU", "v2")
    monkeypatch.setenv("HATCH_PYTHON_SOURCE_3_12", "theirs")
    monkeypatch.setenv("HATCH_PYTHON_CUSTOM_SOURCE_PYPY3_10", "theirs as well")
    monkeypatch.setenv("HATCH_PYTHON_SOURCE_3_13", "theirs")
    monkeypatch.setenv("ENVTASKS_PYTHON_SOURCE_3_13", "ours")
    environ = seen(directory=str(project({"hatch.toml": HATCH}))).host.environ
    assert environ["ENVTASKS_PYTHON_VARIANT_CPU"] == "v2"
    assert environ["ENVTASKS_PYTHON_SOURCE_3_12"] == "theirs"
    assert environ["ENVTASKS_PYTHON_SOURCE_PYPY3_10"] == "theirs as well"
    assert environ["ENVTASKS_PYTHON_SOURCE_3_13"] == "ours"


def test_variables_of_hatch_mean_nothing_to_our_tables(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATCH_PYTHON", "3.9")
    assert "ENVTASKS_PYTHON" not in seen(directory=str(project({"envtasks.toml": TOML}))).host.environ


def test_notes_are_for_those_who_ask_for_more(project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    root = project({"hatch.toml": f"{HATCH}[env]\nrequires = []\n"})
    seen(directory=str(root))
    assert capsys.readouterr().err == ""
    seen(directory=str(root), verbose=1)
    assert capsys.readouterr().err.startswith("note: passed over: ")


def test_everything_that_is_wrong_is_told(project: MakeProject) -> None:
    with pytest.raises(InvalidDeclarations) as caught:
        seen(directory=str(project({"envtasks.toml": "[envs.a]\npython = 3\n[envs.b]\npyhton = '3'\n"})))
    assert len(caught.value.mistakes) == 2


@pytest.mark.parametrize(
    ("name", "known"), [("linux", "linux"), ("darwin", "macos"), ("win32", "windows"), ("freebsd14", "freebsd14")]
)
def test_platforms(name: str, known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", name)
    assert platform({}) == known
    assert platform({"ENVTASKS_PLATFORM_OVERRIDE": "macos"}) == "macos"


BACKENDS = """
[envs.plain]
dependencies = ["a"]
scripts.plain = "x"
[envs.fast]
installer = "uv"
scripts.fast = "x"
"""


@pytest.mark.parametrize(
    ("flags", "plain", "fast"),
    [
        ({}, ("virtual", "pip"), ("virtual", "uv")),
        ({"force_venv_backend": "uv"}, ("virtual", "uv"), ("virtual", "uv")),
        ({"force_venv_backend": "virtualenv"}, ("virtual", "pip"), ("virtual", "pip")),
        ({"force_venv_backend": "uv|virtualenv"}, ("virtual", "pip"), ("virtual", "uv")),
        ({"force_venv_backend": "none"}, ("none", "pip"), ("none", "uv")),
        ({"default_venv_backend": "uv"}, ("virtual", "uv"), ("virtual", "uv")),
        ({"default_venv_backend": "venv"}, ("virtual", "pip"), ("virtual", "uv")),
        ({"default_venv_backend": "none"}, ("none", "pip"), ("virtual", "uv")),
        ({"default_venv_backend": "none", "force_venv_backend": "uv"}, ("virtual", "uv"), ("virtual", "uv")),
    ],
)
def test_backends_in_the_words_of_nox(
    project: MakeProject, flags: dict[str, str], plain: tuple[str, str], fast: tuple[str, str]
) -> None:
    world = seen(directory=str(project({"envtasks.toml": BACKENDS})), **flags)
    recipes, mistakes = recipes_of(["plain", "fast"], world.project, world.host)
    assert not mistakes
    assert [(one.type, one.installer) for one in recipes.values()] == [plain, fast]
    assert recipes["plain"].requirements == (() if plain[0] == "none" else ("a",))


def test_a_backend_that_is_none_of_ours(project: MakeProject) -> None:
    with pytest.raises(RequestError, match="no environments are made with 'conda'"):
        seen(directory=str(project({"envtasks.toml": BACKENDS})), force_venv_backend="conda")
