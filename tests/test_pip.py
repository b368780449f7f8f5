"""Environments of virtualenv and pip: the programs that are started, and real environments."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest
from fakes import Events, recipe

from envtasks.environments import pip, record
from envtasks.environments.freshness import stale
from envtasks.environments.interpreters import Interpreter, find
from envtasks.environments.location import python_of
from envtasks.environments.making import make
from envtasks.environments.starting import CONFINED, DIVERTING, start
from envtasks.errors import EnvironmentFailed, InterpreterMissing
from envtasks.model import Host
from envtasks.planned import Recipe

SHOW = "import os; print(sorted(f'{k}={v}' for k, v in os.environ.items() if k.startswith(('PIP_', 'UV_'))))"


def test_a_program_that_fails_is_told_with_all_it_said() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    with pytest.raises(EnvironmentFailed) as caught:
        start("pip", [sys.executable, "-uc", code], os.environ, os.getcwd())
    assert caught.value.message == "pip failed with exit code 7\nout\nerr"


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(EnvironmentFailed, match=r"uv failed with exit code 127\n.*No such file"):
        start("uv", ["/nowhere/uv"], os.environ, os.getcwd())


def test_installers_are_not_diverted() -> None:
    variables = {**os.environ, **dict.fromkeys(DIVERTING, "elsewhere"), "PIP_INDEX_URL": "kept"}
    said = start("pip", [sys.executable, "-c", SHOW], variables, os.getcwd())
    assert said.strip() == str(sorted(["PIP_INDEX_URL=kept", *(f"{k}={v}" for k, v in CONFINED.items())]))


def wheel(path: Path) -> str:
    with ZipFile(path, "w") as archive:
        archive.writestr("pip/__init__.py", "")
    return str(path)


def test_a_wheel_is_unpacked_once(tmp_path: Path) -> None:
    place = str(tmp_path / ".pip" / "1.0")
    assert pip.unpacked(wheel(tmp_path / "a.whl"), place) == place
    assert os.listdir(place) == ["pip"]
    os.unlink(tmp_path / "a.whl")
    assert pip.unpacked(str(tmp_path / "a.whl"), place) == place
    assert os.listdir(tmp_path / ".pip") == ["1.0"]


def test_where_another_process_was_quicker_its_directory_stays(tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    pip.put_in_place(str(tmp_path / "ours"), str(tmp_path / "theirs"))
    assert os.listdir(tmp_path / "theirs") == ["theirs"]


def test_a_place_that_cannot_be_taken(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    with pytest.raises(OSError, match="ours"):
        pip.put_in_place(str(tmp_path / "ours"), str(tmp_path / "nowhere" / "there"))


def test_pip_comes_from_what_virtualenv_carries(tmp_path: Path) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    place = pip.pip_for(version, recipe(tmp_path / "env"))
    assert os.path.isfile(os.path.join(place, "pip", "__pip-runner__.py"))
    assert pip.pip_for(version, recipe(tmp_path / "other")) == place


def test_a_pip_that_was_fetched_for_an_old_python_stays(tmp_path: Path) -> None:
    ours = f"{sys.version_info[0]}.{sys.version_info[1]}"
    place = Path(pip.pip_for(ours, recipe(tmp_path / "env"))).parent / "for-2.7"
    place.mkdir()
    assert pip.pip_for("2.7", recipe(tmp_path / "env")) == str(place)
    assert list(place.iterdir()) == []


def make_real(wanted: Recipe) -> Events:
    root = os.path.dirname(wanted.directory)
    events = Events()
    make(wanted, Host(root, os.path.expanduser("~"), "linux", wanted.variables), root, events)
    return events


def ask(wanted: Recipe, code: str) -> str:
    words = [python_of(wanted.directory), "-c", f"import os, sys; print({code})"]
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd="/").stdout.strip()


@pytest.mark.real
@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"])
def test_an_environment_of_each_python(version: str, tmp_path: Path, index_variables: Mapping[str, str]) -> None:
    try:
        find(version, "", ("external",), os.environ, os.path.expanduser("~"))
    except InterpreterMissing:
        pytest.skip(f"there is no Python {version} on this machine")
    variables = {**os.environ, **index_variables}
    wanted = recipe(tmp_path / "env with space", python=version, requirements=("iniconfig<2.1",), variables=variables)
    make_real(wanted)
    assert ask(wanted, "'%d.%d' % sys.version_info[:2]") == version
    assert ask(wanted, "os.path.realpath(sys.prefix)") == os.path.realpath(wanted.directory)
    assert ask(wanted, "__import__('iniconfig').__file__").startswith(wanted.directory)
    assert stale(wanted) is None


@pytest.mark.real
def test_nothing_is_seeded(tmp_path: Path) -> None:
    wanted = recipe(tmp_path / "env")
    make_real(wanted)
    assert ask(wanted, "__import__('importlib.util').util.find_spec('pip')") == "None"


@pytest.mark.real
def test_the_packages_of_the_interpreter(tmp_path: Path) -> None:
    wanted = recipe(tmp_path / "env", system_packages=True)
    make_real(wanted)
    config = Path(wanted.directory, "pyvenv.cfg").read_text(encoding="utf-8")
    assert "include-system-site-packages = true" in config


@pytest.mark.real
def test_an_interpreter_that_virtualenv_cannot_use(tmp_path: Path) -> None:
    broken = Interpreter("/nowhere/python", "cpython", "3.11.1")
    wanted = recipe(tmp_path / "env")
    with pytest.raises(EnvironmentFailed, match="virtualenv failed with exit code"):
        pip.create(wanted, broken)
    assert record.read(wanted.directory) is None
