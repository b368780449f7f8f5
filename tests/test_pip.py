"""Environments of virtualenv and pip: the programs that are started, and real environments."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from zipfile import BadZipFile, ZipFile

import pytest
from fakes import Events, recipe

from envtasks.environments import pip, record
from envtasks.environments.freshness import stale
from envtasks.environments.interpreters import Interpreter, find, own_executable
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


def test_what_fetches_into_a_named_directory_needs_no_virtual_environment() -> None:
    variables = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "1", "PIP_TARGET": "elsewhere"}
    said = start("pip", [sys.executable, "-c", SHOW], variables, os.getcwd(), confined=False)
    assert said.strip() == "['PIP_REQUIRE_VIRTUALENV=0', 'PIP_USER=0']"


def wheel(path: Path) -> str:
    with ZipFile(path, "w") as archive:
        archive.writestr("pip/__init__.py", "")
        archive.writestr("pip-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pip\nVersion: 1.0\n")
        archive.writestr(
            "pip-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2.py3-none-any\n"
        )
        archive.writestr("pip-1.0.dist-info/RECORD", "")
    return str(path)


def test_a_wheel_is_unpacked_once(tmp_path: Path) -> None:
    place = str(tmp_path / ".pip" / "1.0")
    assert pip.unpacked(wheel(tmp_path / "a.whl"), place) == place
    assert sorted(os.listdir(place)) == ["pip", "pip-1.0.dist-info"]
    os.unlink(tmp_path / "a.whl")
    assert pip.unpacked(str(tmp_path / "a.whl"), place) == place
    assert os.listdir(tmp_path / ".pip") == ["1.0"]


def test_a_wheel_that_cannot_be_unpacked_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"no archive")
    with pytest.raises(BadZipFile):
        pip.unpacked(str(tmp_path / "a.whl"), str(tmp_path / ".pip" / "1.0"))
    assert os.listdir(tmp_path / ".pip") == []


def test_many_that_unpack_the_same_pip_at_once(tmp_path: Path) -> None:
    place, path = str(tmp_path / ".pip" / "1.0"), wheel(tmp_path / "a.whl")
    together = Barrier(8)

    def unpack(_: int) -> list[str]:
        together.wait()
        return sorted(os.listdir(pip.unpacked(path, place)))

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(unpack, range(8)))
    assert seen == [["pip", "pip-1.0.dist-info"]] * 8
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


def own_pip(tmp_path: Path) -> Path:
    return Path(pip.pip_for(f"{sys.version_info[0]}.{sys.version_info[1]}", recipe(tmp_path / "env")))


def test_a_pip_for_an_old_python_is_fetched_also_outside_of_virtual_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "links").mkdir()
    wheel(tmp_path / "links" / "pip-1.0-py2.py3-none-any.whl")
    variables = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "links")}
    home = own_pip(tmp_path).parent
    monkeypatch.setattr(sys, "executable", own_executable())
    place = Path(pip.pip_for("2.7", recipe(tmp_path / "env", variables=variables)))
    assert place == home / "for-2.7"
    assert (place / "pip" / "__init__.py").exists()
    assert sorted(os.listdir(home)) == sorted([own_pip(tmp_path).name, "for-2.7"])


def test_a_pip_that_cannot_be_fetched_leaves_nothing(tmp_path: Path) -> None:
    variables = {**os.environ, "PIP_NO_INDEX": "1"}
    with pytest.raises(EnvironmentFailed, match="No matching distribution found for pip"):
        pip.pip_for("2.7", recipe(tmp_path / "env", variables=variables))
    assert os.listdir(own_pip(tmp_path).parent) == [own_pip(tmp_path).name]


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
        find(version, "", ("external",), Host(os.sep, os.path.expanduser("~"), "linux", os.environ))
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
