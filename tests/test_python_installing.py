"""Installing Pythons from a server on this machine: whole or not at all."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import Archives, python, says, serving, sum_of, tar, zipped

from envtasks.environments.pythons.distributions import Distribution, distribution
from envtasks.environments.pythons.installing import install, matching, newer, remove
from envtasks.environments.pythons.internal import MARK, Installed, installed, pythons_directory
from envtasks.environments.pythons.providing import Provider, request_for
from envtasks.environments.pythons.spec import Wish, wish_for
from envtasks.errors import EnvironmentFailed, InterpreterMissing
from envtasks.model import Host


class Machine:
    """A directory for Pythons, a server that has some, and what was said."""

    def __init__(self, root: Path, archives: Archives) -> None:
        self.root = root
        self.archives = archives
        self.environ = {"PATH": os.environ["PATH"], "ENVTASKS_PYTHON_DIR": str(root / "pythons")}
        self.said: list[str] = []

    @property
    def host(self) -> Host:
        return Host(str(self.root), str(self.root), "linux", self.environ)

    def offer(self, name: str, content: bytes, archive: str = "", *, with_sum: bool = True) -> None:
        """Have the server offer an archive as the source of what has this name."""
        source = self.archives.add(archive or f"{sum_of(content)[:8]}.tar.gz", content, with_sum=with_sum)
        self.environ[f"ENVTASKS_PYTHON_SOURCE_{name.upper().replace('.', '_')}"] = source

    def install(self, name: str) -> Installed:
        found = distribution(wish_for(name), self.host)
        assert found is not None
        return install(found, self.host, self.said.append, lambda done, total: None)

    def provide(self, asked: str, requires_python: str = "") -> str:
        found = Provider(self.host, self.said.append)(wish_for(asked), requires_python)
        return ".".join(map(str, found.version)) if found else ""

    @property
    def names(self) -> list[str]:
        """What lies in the directory, besides the locks."""
        place = self.root / "pythons"
        return sorted(name for name in os.listdir(place) if name != ".locks" and os.listdir(place / name))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with serving() as archives:
        yield Machine(tmp_path, archives)


def test_what_is_installed_answers_and_bears_our_mark(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    made = machine.install("9.7")
    assert made.program == os.path.join(made.directory, "python", "bin", "python3")
    assert (made.implementation, made.version, made.name) == ("cpython", "9.7.1", "9.7")
    assert installed(pythons_directory(machine.host)) == (made,)
    assert machine.names == [os.path.basename(made.directory)]
    assert machine.said == [f"downloading 9.7 from {made.source}"]


def test_what_is_there_is_not_installed_again(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    assert machine.install("9.7") == machine.install("9.7")
    assert len(machine.archives.asked) == 1


@pytest.mark.parametrize(
    ("name", "content", "program"),
    [
        ("3.99", tar({"python/bin/python3": says("3.99.1")}), "python/bin/python3"),
        ("3.99", tar({"python/install/bin/python3": says("3.99.1")}), "python/install/bin/python3"),
        ("3.99", tar({"bin/python3": says("3.99.1")}, "bz2"), "bin/python3"),
        ("3.99", tar({"bin/python3": says("3.99.1")}, "xz"), "bin/python3"),
        ("3.99t", tar({"python/bin/python3": says("3.99.1", threads="t")}), "python/bin/python3"),
        ("pypy3.99", tar({"pypy3.99-v1/bin/pypy3.99": says("3.99.1", "pypy")}), "pypy3.99-v1/bin/pypy3.99"),
    ],
)
def test_archives_as_they_are_packed(name: str, content: bytes, program: str, machine: Machine) -> None:
    machine.offer(name, content)
    made = machine.install(name)
    assert os.path.relpath(made.program, made.directory) == program
    assert made.name == name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be unpacked"),
        (b"<html>no such archive</html>", "cannot be unpacked"),
        (python("9.7.1", padding=9999)[:-500], "cannot be unpacked"),
        (zipped({"readme": "nothing"})[:-5], "cannot be unpacked"),
        (zipped({"readme": "nothing"}), "holds no Python"),
        (zipped({"python/python.exe": "no program"}), "is of no use: it does not run"),
        (tar({"readme": "nothing"}), "holds no Python"),
        (tar({"bin/python3": "#!/bin/sh\nexit 3\n"}), "is of no use: it does not run"),
        (tar({"bin/python3": says("9.8.1")}), "is another one: it is cpython 9.8.1"),
        (tar({"bin/python3": says("9.7.1", "pypy")}), "is another one: it is pypy 9.7.1"),
        (tar({"../outside": "x", "bin/python3": says("9.7.1")}), "cannot be unpacked"),
        (b"\x28\xb5\x2f\xfd no zstandard", "is packed with zstd|cannot be unpacked"),
    ],
)
def test_nothing_is_left_of_what_is_no_python(content: bytes, message: str, machine: Machine) -> None:
    machine.offer("9.7", content)
    with pytest.raises(EnvironmentFailed, match=message):
        machine.install("9.7")
    assert machine.names == []
    assert not (machine.root / "outside").exists()


def test_a_broken_checksum_leaves_nothing(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    machine.archives.files = dict.fromkeys(machine.archives.files, python("9.7.2"))
    with pytest.raises(EnvironmentFailed, match="is not what it should be: its checksum is"):
        machine.install("9.7")
    assert installed(pythons_directory(machine.host)) == ()


def test_a_download_that_was_cut_off_goes_on_the_next_time(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1", padding=5000))
    machine.archives.cut = [1000, 0]
    with pytest.raises(EnvironmentFailed, match="the connection ended after 1000 of"):
        machine.install("9.7")
    machine.install("9.7")
    assert machine.archives.asked[-1][1] == "bytes=1000-"
    assert len(machine.names) == 1


@pytest.mark.parametrize("with_sum", [True, False], ids=["sum", "no sum"])
def test_what_another_process_left_half_done_is_in_nobodys_way(with_sum: bool, machine: Machine) -> None:
    content = python("9.7.1")
    machine.offer("9.7", content, with_sum=with_sum)
    made = machine.install("9.7")
    key = made.directory.rpartition("-")[2]
    place = Path(pythons_directory(machine.host))
    os.rename(made.directory, place / ".unpacked" / f"9.7-{key}")
    (place / ".unpacked" / f"9.7-{key}" / MARK).unlink()
    (place / ".downloads" / f"{key}-{os.path.basename(made.source)}").write_bytes(content[:100])
    assert machine.install("9.7") == made
    assert machine.names == [os.path.basename(made.directory)]


def test_what_was_left_half_deleted_long_ago_is_swept_away(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    place = Path(pythons_directory(machine.host))
    for name in (".removed-a", ".removed-b", ".unpacked/9.6-c"):
        (place / name).mkdir(parents=True)
        (place / name / "file").touch()
    for name in (".removed-a", ".unpacked/9.6-c"):
        os.utime(place / name, (1, 1))
    made = machine.install("9.7")
    assert machine.names == [".removed-b", os.path.basename(made.directory)]


def test_directories_that_are_not_ours_are_left_alone(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    made = machine.install("9.7")
    Path(made.directory, MARK).unlink()
    with pytest.raises(EnvironmentFailed, match="holds something else"):
        machine.install("9.7")
    remove(made, machine.host, machine.said.append)
    assert os.path.exists(made.program)


def test_threads_at_the_same_time_download_it_once(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    machine.archives.gate.clear()
    made: list[Installed] = []
    threads = [threading.Thread(target=lambda: made.append(machine.install("9.7"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    machine.archives.gate.set()
    for thread in threads:
        thread.join()
    assert made == [made[0]] * 3
    assert len(machine.archives.asked) == 1


def test_a_directory_that_cannot_be_written(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    (machine.root / "pythons").write_text("a file", encoding="utf-8")
    with pytest.raises(EnvironmentFailed, match=r"'.*pythons"):
        machine.install("9.7")


def test_what_is_removed_is_gone(machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    made = machine.install("9.7")
    remove(made, machine.host, machine.said.append)
    assert machine.names == []


@pytest.mark.parametrize(
    ("found", "build", "source", "version", "build_there", "is_newer"),
    [
        ("3.13.1", "20250115", "a", "3.13.2", "20250201", True),
        ("3.13.1", "20250115", "a", "3.13.1", "20250201", True),
        ("3.13.1", "20250115", "a", "3.13.1", "20250115", False),
        ("3.13.2", "20250201", "a", "3.13.1", "20250301", False),
        ("3.13.1t", "20250115", "a", "3.13.10t", "20250201", True),
        ("3.10.14", "7.3.9", "a", "3.10.14", "7.3.17", True),
        ("3.13.1", "", "/a-v1-x", "", "", False),
        ("3.13.1", "", "/other", "", "", True),
    ],
)
def test_newer(found: str, build: str, source: str, version: str, build_there: str, is_newer: bool) -> None:
    there = Installed("/p", "/p/bin/python", "cpython", found, source, build)
    archive = f"/a-v{build_there}-x" if "." in build_there else f"/a+{build_there}-x" if build_there else "/a-v1-x"
    assert newer(there, Distribution("3.13", archive, "", version)) is is_newer


def test_the_newest_of_each_comes_first(machine: Machine) -> None:
    for version in ("9.7.9", "9.7.10", "9.6.1"):
        name = version.rpartition(".")[0]
        machine.offer(name, python(version))
        machine.install(name)
    machine.offer("9.7t", python("9.7.1", threads="t"))
    machine.install("9.7t")
    assert [one.version for one in installed(pythons_directory(machine.host))] == ["9.7.10", "9.7.9", "9.6.1", "9.7.1t"]
    assert [one.version for one in matching(wish_for("9.7"), machine.host)] == ["9.7.10", "9.7.9"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"program": "bin/python3", "version": "new", "implementation": "", "source": "", "build": ""}),
    ],
)
def test_a_mark_that_was_damaged_counts_as_none(text: str, machine: Machine) -> None:
    machine.offer("9.7", python("9.7.1"))
    made = machine.install("9.7")
    Path(made.directory, MARK).write_text(text.replace("bin/", "python/bin/"), encoding="utf-8")
    assert installed(pythons_directory(machine.host)) == ()


def test_what_an_environment_asks_for_is_provided(machine: Machine) -> None:
    machine.offer("3.39", python("3.39.1"))
    assert machine.provide("3.39") == "3.39.1"
    assert machine.provide(">=3.39") == "3.39.1"
    assert machine.provide("jython") == ""
    assert len(machine.archives.asked) == 1


def test_a_newer_source_is_provided(machine: Machine) -> None:
    machine.offer("3.39", python("3.39.1"))
    machine.provide("3.39")
    machine.offer("3.39", python("3.39.2"))
    assert machine.provide("3.39") == "3.39.2"
    assert [one.version for one in matching(wish_for("3.39"), machine.host)] == ["3.39.2", "3.39.1"]


def test_the_minor_version_that_is_there_is_kept_to_where_it_is_left_open(machine: Machine) -> None:
    machine.offer("3.39", python("3.39.1"))
    machine.provide(">=3.39")
    machine.offer("3.40", python("3.40.1"))
    machine.offer("3.39", python("3.39.2"))
    assert machine.provide(">=3.39") == "3.39.2"
    assert machine.provide("", ">=3.40") == "3.40.1"


def test_what_cannot_be_brought_up_to_date_is_good_enough(machine: Machine) -> None:
    machine.offer("3.39", python("3.39.1"))
    machine.provide("3.39")
    machine.environ["ENVTASKS_PYTHON_SOURCE_3_39"] = f"{machine.archives.address}/gone"
    assert machine.provide("3.39") == "3.39.1"
    assert machine.said[-1].startswith("3.39.1 is not brought up to date: cannot download")


@pytest.mark.parametrize("source", ["{address}/gone", "ftp://example.org/x", "x#md5=1"])
def test_what_cannot_be_provided_is_missing(source: str, machine: Machine) -> None:
    machine.environ["ENVTASKS_PYTHON_SOURCE_3_39"] = source.format(address=machine.archives.address)
    with pytest.raises(InterpreterMissing):
        machine.provide("3.39")


def test_without_the_list_what_is_installed_is_provided(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pbs_installer", None)
    machine.offer("3.39", python("3.39.1"))
    machine.provide("3.39")
    del machine.environ["ENVTASKS_PYTHON_SOURCE_3_39"]
    assert machine.provide("3.39") == "3.39.1"
    with pytest.raises(InterpreterMissing, match="the list of Pythons that can be installed is not there"):
        machine.provide("3.38")


@pytest.mark.parametrize(
    ("wish", "requires_python", "request_to_uv"),
    [
        (wish_for("3.12"), "", "3.12"),
        (wish_for("3.12"), ">=3.13", ""),
        (wish_for("pypy3.10"), "", "pypy3.10"),
        (wish_for("3.13t"), ">=3.9", "3.13t"),
        (wish_for(">=3.11,<3.14"), "", ">=3.11,<3.14"),
        (wish_for(">=3.11"), "<3.14", ">=3.11,<3.14"),
        (Wish("", (3, 11), range=">=3.11"), "", "3.11"),
        (Wish("", (3, 11), range=">=3.12"), "", ""),
        (wish_for("pypy"), "", "pypy"),
        (Wish(), ">=3.9", ">=3.9"),
        (Wish(), "", "cpython"),
    ],
)
def test_what_uv_is_asked_for(wish: Wish, requires_python: str, request_to_uv: str) -> None:
    assert request_for(wish, requires_python) == request_to_uv
