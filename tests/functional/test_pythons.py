"""`envtasks python`, and environments whose Python is installed for them, with a server on this machine."""

from __future__ import annotations

import json
import os
import platform
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archives import FIRST, Archives, python, real_python, serving, sum_of
from tool import Done, run, started, watched, world

OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
FULL = ".".join(map(str, sys.version_info[:3]))


class Machine:
    """A person's machine, without Pythons but those that the test puts there, and a server that has some."""

    def __init__(self, root: Path, archives: Archives) -> None:
        self.root = root
        self.archives = archives
        self.variables = world(HOME=str(root), ENVTASKS_PYTHON_DIR=str(root / "pythons"))

    def offer(self, name: str, content: bytes) -> None:
        source = self.archives.add(f"{sum_of(content)[:8]}.tar.gz", content)
        self.variables[f"ENVTASKS_PYTHON_SOURCE_{name.upper().replace('.', '_')}"] = source

    def python(self, *words: str) -> Done:
        return run(self.root, "python", *words, variables=self.variables)

    @property
    def installed(self) -> dict[str, str]:
        """The programs of what is installed, by version."""
        found = json.loads(self.python("show", "--json").out)
        return {one["name"]: one["program"] for one in found["installed"]}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with serving() as archives:
        yield Machine(tmp_path, archives)


def test_from_nothing_to_nothing(machine: Machine) -> None:
    for name, version in (("9.7", "9.7.1"), ("9.8t", "9.8.2")):
        machine.offer(name, python(version, threads="t" if name.endswith("t") else "-"))
    done = machine.python("install", "9.7", "cp98t")
    assert (done.code, done.out) == (0, ""), done.err
    program = machine.installed["9.7.1"]
    assert f"installed 9.7.1: {program}\n" in done.err
    assert machine.python("find", "9.7").out == f"{program}\n"
    assert machine.python("show").out.splitlines() == [f"9.7.1   {program}", f"9.8.2t  {machine.installed['9.8.2t']}"]
    assert machine.python("install", "9.7").err == f"9.7.1 is installed already: {program}\n"
    assert "removed 9.7.1" in machine.python("remove", "9.7").err
    assert machine.python("remove", "9.7").err == "9.7 is not installed\n"
    assert machine.python("remove", "all").code == 0
    assert machine.installed == {}


def test_what_is_newer_takes_the_place_of_what_is_there(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    machine.python("install", "9.7")
    machine.offer("9.7", python("9.7.2"))
    assert "9.7.1 is installed already" in machine.python("install", "9.7").err
    assert "installed 9.7.2" in machine.python("install", "9.7", "--update").err
    assert [*machine.installed] == ["9.7.2", "9.7.1"]
    machine.offer("9.7", python("9.7.3"))
    assert machine.python("update").code == 0
    assert [*machine.installed] == ["9.7.3"]
    assert "9.7.3 is up to date" in machine.python("update", "9.7").err


def test_all_that_can_be_installed_is_installed(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    machine.offer("9.8", b"nothing of use")
    done = machine.python("install", "9.8", "9.7")
    assert done.code == 3
    assert "cannot be unpacked" in done.err
    assert [*machine.installed] == ["9.7.1"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["install"], 2, "no Python is named"),
        (["install", "python"], 2, "'python' names no Python that could be installed"),
        (["remove"], 2, "no Python is named"),
        (["remove", "jython"], 2, "'jython' names no Python of envtasks"),
        (["update", "9.7"], 0, "9.7 is not installed"),
        (["update"], 0, "no Pythons are installed"),
        (["show", "9.7"], 2, "python show takes no names"),
        (["find", "9.7"], 1, "no Python for '9.7'"),
        (["find", "/nowhere/python"], 1, "there is no Python at '/nowhere/python'"),
        (["find", "9.7", "9.8"], 2, "only one Python can be looked for"),
        (["find", ">=x"], 1, "not a range of versions: '>=x'"),
        (["fetch", "9.7"], 2, "'python fetch' is no command"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], code: int, message: str, machine: Machine) -> None:
    done = machine.python(*words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err


def test_every_candidate_is_told_with_what_becomes_of_it(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    machine.python("install", "9.7")
    (machine.root / "bin").mkdir()
    (machine.root / "bin" / "python9.7").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    (machine.root / "bin" / "python9.7").chmod(0o755)
    machine.variables["PATH"] = f"{machine.root / 'bin'}:{machine.variables['PATH']}"
    told = json.loads(machine.python("find", "9.7", "--all", "--json").out)
    chosen, broken = told["candidates"][1], told["candidates"][0]
    assert told["found"]["path"] == machine.installed["9.7.1"]
    assert (chosen["chosen"], chosen["source"], chosen["version"], chosen["refused"]) == (True, "internal", "9.7.1", "")
    assert broken["refused"] == "it does not run (exit code 3)"
    assert {one["refused"] for one in told["candidates"][2:]} >= {f"it is cpython {FULL}"}
    lines = machine.python("find", "9.7", "--all").out.splitlines()
    assert lines[0].endswith("refused: it does not run (exit code 3)")
    assert lines[1].split()[-2:] == ["9.7.1", "chosen"]


def test_none_found_is_told_with_every_candidate(machine: Machine) -> None:
    done = machine.python("find", "9.7", "--all", "--json")
    assert done.code == 1
    assert json.loads(done.out)["found"] is None
    assert "no Python for '9.7'" in done.err


def test_what_is_found_as_json(machine: Machine) -> None:
    found = json.loads(machine.python("find", "self", "--json").out)
    assert (found["schema"], found["version"].rstrip("t")) == (1, FULL)


def project(root: Path, **more: str) -> Path:
    """A project whose only environment wants a Python of ours, and tells where that is."""
    lines = [f'{name} = "{value}"' for name, value in more.items()]
    show = "python -c 'import sys; print(sys.base_prefix)'"
    text = "\n".join(["[envs.test]", "skip-install = true", *lines, f'scripts.test = "{show}"'])
    directory = root / "project"
    directory.mkdir()
    (directory / "envtasks.toml").write_text(f"{text}\n", encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The Python that runs the tests, as an archive."""
    path = tmp_path_factory.mktemp("packed") / "python.tar.gz"
    real_python(path)
    return path.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a Python is more than its prefix")
def test_an_environment_gets_the_python_that_it_lacks(machine: Machine, packed: bytes) -> None:
    machine.offer(OWN, packed)
    directory = project(machine.root, python=OWN)
    text = (directory / "envtasks.toml").read_text(encoding="utf-8")
    (directory / "envtasks.toml").write_text(
        text.replace("skip-install", 'python-sources = ["internal"]\nskip-install'), encoding="utf-8"
    )
    done = run(directory, "test", variables=machine.variables)
    assert done.code == 0, done.err
    assert f"test: Python: downloading {OWN} from http://127.0.0.1" in done.err
    assert done.out.strip().startswith(str(machine.root / "pythons"))
    again = run(directory, "test", variables=machine.variables)
    assert (again.code, again.ours) == (0, [])
    assert len(machine.archives.asked) == 1


def test_a_python_that_cannot_be_had_is_missing(machine: Machine) -> None:
    machine.variables["ENVTASKS_PYTHON_SOURCE_9_7"] = f"{machine.archives.address}/gone.tar.gz"
    directory = project(machine.root, python="9.7")
    done = run(directory, "test", variables=machine.variables)
    assert done.code == 1
    assert "skipped" in done.err
    assert "404 Not Found" in done.err


def test_a_dry_run_installs_nothing(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    directory = project(machine.root, python="9.7")
    assert run(directory, "test", "--dry-run", variables=machine.variables).code == 0
    assert not machine.archives.asked


def test_finding_starts_nothing_the_second_time(tmp_path: Path) -> None:
    directory = tmp_path / "here"
    directory.mkdir()
    words = ("python", "find", "self")
    run(directory, *words)
    done, seen = watched(directory, *words)
    assert done.code == 0
    assert not [line for line in seen if line.startswith("start")]


def until(done: Any) -> None:
    """Wait for something that happens soon; half a minute is for a machine that is busy with other things."""
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_processes_download_it_once(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1", padding=FIRST))
    machine.archives.gate.clear()
    words = ("python", "install", "9.7")
    variables = machine.variables
    with (
        started(machine.root, *words, variables=variables) as one,
        started(machine.root, *words, variables=variables) as other,
    ):
        said = b"".join(process.stderr.readline() for process in (one, other) if process.stderr)
        machine.archives.gate.set()
        told = [process.communicate()[1].decode() for process in (one, other)]
    assert b"waiting for another process that installs or removes 9.7" in said
    assert [one.returncode, other.returncode] == [0, 0], told
    assert all("installed 9.7.1: " in text for text in told)
    assert len(machine.archives.asked) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_what_was_killed_goes_on_where_it_was(number: signal.Signals, machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1", padding=FIRST))
    machine.archives.gate.clear()
    arrived = machine.root / "pythons" / ".downloads"
    with started(machine.root, "python", "install", "9.7", variables=machine.variables) as one:
        until(lambda: [path for path in arrived.glob("*") if path.stat().st_size == FIRST])
        os.killpg(one.pid, number)
        assert b"Traceback" not in one.communicate()[1]
    assert one.returncode == (-number if number == signal.SIGKILL else 130)
    machine.archives.gate.set()
    assert machine.installed == {}
    assert machine.python("install", "9.7").code == 0
    assert machine.archives.asked[-1][1] == f"bytes={FIRST}-"
    assert [*machine.installed] == ["9.7.1"]


def test_a_bar_is_drawn_on_a_terminal(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1", padding=100_000))
    ours, theirs = pty.openpty()
    shown = b""
    with started(machine.root, "python", "install", "9.7", stderr=theirs, variables=machine.variables) as running:
        os.close(theirs)
        try:
            while block := os.read(ours, 4096):
                shown += block
        except OSError:
            os.close(ours)
    assert running.returncode == 0
    assert b"9.7  [########################] 100%  0.1 of 0.1 MB" in shown
    assert b"\rinstalled 9.7.1: " in shown


def has_uv() -> bool:
    try:
        return subprocess.run(["uv", "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return os.path.exists(os.path.join(os.path.dirname(sys.executable), "uv"))


@pytest.mark.skipif(not has_uv() or platform.libc_ver()[0] != "glibc", reason="uv is not there, or this is no Linux")
def test_uv_installs_where_it_is_the_installer(machine: Machine, packed: bytes) -> None:
    name = f"cpython-{FULL}-linux-{platform.machine()}-gnu"
    listed = {
        "name": "cpython",
        "arch": {"family": platform.machine(), "variant": None},
        "os": "linux",
        "libc": "gnu",
        "major": sys.version_info[0],
        "minor": sys.version_info[1],
        "patch": sys.version_info[2],
        "prerelease": "",
        "url": machine.archives.add("python.tar.gz", packed, with_sum=False),
        "sha256": sum_of(packed),
        "variant": None,
        "build": "20250115",
    }
    (machine.root / "list.json").write_text(json.dumps({name: listed}), encoding="utf-8")
    machine.variables |= {
        "ENVTASKS_INSTALLER": "uv",
        "UV_PYTHON_DOWNLOADS_JSON_URL": str(machine.root / "list.json"),
        "UV_CACHE_DIR": str(machine.root / "cache"),
    }
    done = machine.python("install", OWN)
    assert done.code == 0, done.err
    program = machine.installed[FULL]
    assert program.startswith(str(machine.root / "pythons" / ".uv" / name))
    assert f"installed {FULL}: {program}" in done.err
    assert "removed" in machine.python("remove", OWN).err
    assert machine.installed == {}
