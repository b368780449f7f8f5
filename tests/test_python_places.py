"""Where Pythons lie, and what can be known of them without starting one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import program

from envtasks.environments.pythons.places import (
    MANAGED,
    Candidate,
    Manager,
    cache_directory,
    data_directory,
    described,
    external,
    managed,
    passing,
    registered,
)
from envtasks.model import Host

MakeHost = Callable[..., Host]


@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        ("python", Candidate("python", "cpython", ())),
        ("python3", Candidate("python3", "cpython", (3,))),
        ("python3.12", Candidate("python3.12", "cpython", (3, 12))),
        ("python3.13t", Candidate("python3.13t", "cpython", (3, 13), free_threaded=True)),
        ("python.exe", Candidate("python.exe", "cpython", ())),
        ("pypy3.10", Candidate("pypy3.10", "pypy", (3, 10))),
        ("python-config", Candidate("python-config", "", ())),
    ],
)
def test_what_a_name_tells(name: str, candidate: Candidate) -> None:
    assert described(name) == candidate


@pytest.mark.parametrize(
    ("name", "behind", "version"),
    [
        ("python", "python3.12", (3, 12)),
        ("python3", "python3.12", (3, 12)),
        ("python3.11", "python3.12", (3, 11)),
        ("python3", "launcher", (3,)),
    ],
)
def test_what_the_file_behind_a_name_tells(name: str, behind: str, version: tuple[int, ...], tmp_path: Path) -> None:
    program(tmp_path / behind, "true")
    (tmp_path / name).symlink_to(behind)
    assert described(str(tmp_path / name)).version == version


def test_a_link_may_lead_to_another_implementation(tmp_path: Path) -> None:
    program(tmp_path / "pypy3.10", "true")
    (tmp_path / "python").symlink_to("pypy3.10")
    assert described(str(tmp_path / "python"))[1:3] == ("pypy", (3, 10))


PLACES = [(manager, place) for manager in MANAGED for place in ("", *manager.usual)]


@pytest.mark.parametrize(("manager", "place"), PLACES, ids=lambda one: one[0] if isinstance(one, Manager) else one)
def test_version_managers(manager: Manager, place: str, tmp_path: Path, host: MakeHost) -> None:
    top = tmp_path / (place or "elsewhere [1]")
    name = "cpython-9.7.1-linux-x86_64-gnu" if manager.variable.startswith("UV") else "9.7.1"
    path = str(program(top / manager.below / name / manager.programs[0], "true"))
    environ = {"PATH": "", **({} if place else {manager.variable: str(top)})}
    found = managed(host(environ=environ, home=str(tmp_path)))
    assert [*found] == [Candidate(path, "cpython", (9, 7, 1))]


def test_data_of_programs_may_lie_elsewhere(tmp_path: Path, host: MakeHost) -> None:
    path = program(tmp_path / "data" / "uv" / "python" / "cpython-9.7.1-linux" / "bin" / "python", "true")
    found = managed(host(environ={"XDG_DATA_HOME": str(tmp_path / "data")}, home=str(tmp_path)))
    assert [one.path for one in found] == [str(path)]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("9.7.1", ("cpython", (9, 7, 1), False)),
        ("9.7-dev", ("cpython", (9, 7), False)),
        ("9.7.0t", ("cpython", (9, 7, 0), True)),
        ("cpython-9.7.0+freethreaded-linux-x86_64-gnu", ("cpython", (9, 7, 0), True)),
        ("pypy9.7-7.3.12", ("pypy", (9, 7), False)),
        ("pypy-9.7.10-linux-x86_64-gnu", ("pypy", (9, 7, 10), False)),
        ("cpython-9.7.0+debug-linux-x86_64-gnu", None),
        ("latest", None),
        ("miniconda3-4.7", None),
        ("mine", None),
    ],
)
def test_what_a_directory_tells(
    name: str, known: tuple[str, tuple[int, ...], bool] | None, tmp_path: Path, host: MakeHost
) -> None:
    path = str(program(tmp_path / "versions" / name / "bin" / "python", "true"))
    found = [*managed(host(environ={"PYENV_ROOT": str(tmp_path)}, home=str(tmp_path)))]
    assert found == ([Candidate(path, *known)] if known else [])


def test_shims_give_their_manager_away_wherever_it_lies(tmp_path: Path, host: MakeHost) -> None:
    path = program(tmp_path / "odd" / "versions" / "9.7.1" / "bin" / "python", "true")
    environ = {"PATH": str(tmp_path / "odd" / "shims")}
    assert [one.path for one in managed(host(environ=environ, home=str(tmp_path)))] == [str(path)]


def own(found: Iterator[Candidate], below: Path) -> list[str]:
    """What is found below a directory of the test, and not on this machine."""
    return [one.path for one in found if one.path.startswith(f"{below}{os.sep}")]


def test_shims_directories_plain_and_empty_files_are_no_candidates(tmp_path: Path, host: MakeHost) -> None:
    shim = program(tmp_path / "shims" / "python9.7", "true")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "python9.7").symlink_to(shim)
    (tmp_path / "bin" / "python9.7").mkdir(parents=True)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "python9.7").write_text("", encoding="utf-8")
    (tmp_path / "lib" / "python9.8").write_text("", encoding="utf-8")
    (tmp_path / "lib" / "python9.8").chmod(0o755)
    environ = {"PATH": ":".join(str(tmp_path / name) for name in ("shims", "links", "bin", "lib", "none"))}
    assert own(external(host(environ=environ, home=str(tmp_path)), ""), tmp_path) == []


def test_a_program_is_also_looked_for_behind_shims(tmp_path: Path, host: MakeHost) -> None:
    program(tmp_path / "pyenv" / "shims" / "jython", "true")
    path = program(tmp_path / "pyenv" / "versions" / "jython-2.7" / "bin" / "jython", "true")
    environ = {"PATH": str(tmp_path / "pyenv" / "shims")}
    assert own(external(host(environ=environ, home=str(tmp_path)), "jython"), tmp_path) == [str(path)]


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/opt/homebrew/Cellar/python@3.12/3.12.1/bin/python3.12", "Homebrew"),
        ("/home/me/.local/share/pipx/venvs/envtasks/bin/python", "pipx"),
        ("/opt/homebrew/bin/python3.12", ""),
        ("/home/me/src/pipx/.venv/bin/python", ""),
    ],
)
def test_what_its_owner_may_take_away(path: str, owner: str) -> None:
    assert passing(path) == (f"{owner} may remove it at any time" if owner else "")


class Registry:
    """What the registry of Windows looks like through `winreg`: names of keys, and values below them."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE = "user", "machine"
    KEY_READ, KEY_WOW64_64KEY, KEY_WOW64_32KEY = 1, 256, 512

    def __init__(self, values: dict[tuple[str, str, str], str]) -> None:
        self.values = values

    @contextmanager
    def OpenKeyEx(self, root: str, name: str, _reserved: int, access: int) -> Iterator[tuple[str, str]]:  # noqa: N802
        if access & self.KEY_WOW64_32KEY or not self.below((root, name)):
            raise FileNotFoundError
        yield root, name

    def below(self, key: tuple[str, str]) -> list[str]:
        root, name = key
        paths = (path for at, path, _ in self.values if at == root and f"{path}\\".startswith(f"{name}\\"))
        return list(dict.fromkeys(path.removeprefix(name).strip("\\").split("\\")[0] for path in paths))

    def QueryInfoKey(self, key: tuple[str, str]) -> tuple[int]:  # noqa: N802
        return (len([*filter(None, self.below(key))]),)

    def EnumKey(self, key: tuple[str, str], number: int) -> str:  # noqa: N802
        return self.below(key)[number]

    def QueryValueEx(self, key: tuple[str, str], name: str) -> tuple[Any, int]:  # noqa: N802
        if (*key, name) not in self.values:
            raise FileNotFoundError
        return self.values[(*key, name)], 1


def test_what_installers_of_windows_wrote_down() -> None:
    core, others = r"Software\Python\PythonCore", r"Software\Python\PyPy"
    found = registered(
        Registry(
            {
                ("user", rf"{core}\3.12", "SysVersion"): "3.12",
                ("user", rf"{core}\3.12\InstallPath", "ExecutablePath"): "C:/py312/python.exe",
                ("user", rf"{core}\3.13t\InstallPath", "ExecutablePath"): "C:/py313t/python.exe",
                ("user", rf"{core}\2.0\InstallPath", "Other"): "",
                ("user", r"Software\Python\PyLauncher\x\InstallPath", "ExecutablePath"): "C:/py.exe",
                ("machine", rf"{others}\3.10-32", "SysVersion"): "odd",
                ("machine", rf"{others}\3.10-32\InstallPath", "ExecutablePath"): "C:/pypy/pypy.exe",
            }
        )
    )
    assert [*found] == [
        Candidate("C:/py312/python.exe", "cpython", (3, 12)),
        Candidate("C:/py313t/python.exe", "cpython", (), free_threaded=True),
        Candidate("C:/pypy/pypy.exe", "pypy", ()),
    ]


@pytest.mark.parametrize(
    ("platform", "environ", "data", "cache"),
    [
        ("linux", {}, "/home/me/.local/share/envtasks", "/home/me/.cache/envtasks"),
        ("macos", {}, "/home/me/Library/Application Support/envtasks", "/home/me/Library/Caches/envtasks"),
        ("windows", {"LOCALAPPDATA": "/local"}, "/local/envtasks", "/local/envtasks"),
        ("windows", {}, "/home/me/AppData/Local/envtasks", "/home/me/AppData/Local/envtasks"),
        ("linux", {"XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "/cache"}, "/data/envtasks", "/cache/envtasks"),
    ],
)
def test_directories_of_a_person(platform: str, environ: dict[str, str], data: str, cache: str, host: MakeHost) -> None:
    here = host(environ=environ, platform=platform, home="/home/me")
    assert (data_directory(here), cache_directory(here)) == (data, cache)
