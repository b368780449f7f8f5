"""Finding Pythons: which may answer, which do, and what is said where none does.

The interpreters here are shell scripts with versions that nobody has, so that no real one is in the way.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fakes import program, python_that_says

from envtasks.environments.interpreters import (
    Candidate,
    Install,
    Interpreter,
    candidates,
    find,
    named,
    own_executable,
    verdicts,
)
from envtasks.environments.pythons.asking import Answers
from envtasks.environments.pythons.spec import Wish, wish_for
from envtasks.errors import InterpreterMissing
from envtasks.model import Host

MakeHost = Callable[..., Host]
OWN = sys.version_info[:2]


class Machine:
    """A machine with Pythons in directories of the test, besides those that it really has."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path: list[str] = []

    def python(self, where: str, version: str, implementation: str = "cpython", threads: str = "-") -> str:
        return str(python_that_says(self.root / where, version, implementation, threads))

    def on_path(self, *names: str) -> None:
        self.path += [str(self.root / name) for name in names]

    @property
    def host(self) -> Host:
        return Host(str(self.root), str(self.root), "linux", {"PATH": ":".join(self.path)})

    def find(
        self,
        asked: str | None,
        requires_python: str = "",
        sources: Sequence[str] = ("external",),
        install: Install | None = None,
    ) -> Interpreter:
        return find(asked, requires_python, sources, self.host, install)

    @property
    def started(self) -> dict[str, int]:
        """How often each of its Pythons was started, by its path below the root."""
        seen = sorted(self.root.rglob("*.seen"))
        return {str(path.relative_to(self.root).with_suffix("")): path.stat().st_size for path in seen}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_self_is_the_interpreter_that_runs_us(machine: Machine) -> None:
    interpreter = machine.find("self")
    assert interpreter.version.rstrip("t") == ".".join(map(str, sys.version_info[:3]))
    assert os.path.realpath(interpreter.path) == os.path.realpath(own_executable())


@pytest.mark.parametrize("asked", ["{root}/odd name", "./odd name", "~/odd name", "$HERE/odd name"])
def test_a_path_is_taken_as_it_is(asked: str, machine: Machine) -> None:
    path = machine.python("odd name", "9.7.1")
    host = machine.host._replace(environ={"HERE": str(machine.root)})
    found = find(asked.replace("{root}", str(machine.root)), "", (), host)
    assert found.version == "9.7.1"
    assert os.path.samefile(found.path, path)


def test_a_path_may_name_the_directory_of_an_installation(machine: Machine) -> None:
    path = machine.python("opt/bin/python3", "9.7.1")
    assert machine.find(str(machine.root / "opt")).path == path


@pytest.mark.parametrize(
    ("name", "requires_python", "message"),
    [
        ("nowhere", "", "there is no Python at '.*nowhere'"),
        ("broken", "", r"'.*broken' is no Python that can be used: it does not run \(exit code 3\)"),
        ("empty", "", "'.*empty' is no Python that can be used: it does not run"),
        ("old", ">=9.8", "'.*old' cannot be used: it is 9.7.1, and requires-python asks for >=9.8"),
    ],
)
def test_a_path_that_leads_to_no_python(name: str, requires_python: str, message: str, machine: Machine) -> None:
    program(machine.root / "broken", "exit 3")
    (machine.root / "empty").mkdir()
    machine.python("old", "9.7.1")
    with pytest.raises(InterpreterMissing, match=message):
        machine.find(str(machine.root / name), requires_python)


def test_self_must_be_what_the_project_supports(machine: Machine) -> None:
    with pytest.raises(InterpreterMissing, match="and requires-python asks for >=99"):
        named("self", ">=99", machine.host, Answers(machine.host))


def test_the_first_on_path_wins(machine: Machine) -> None:
    first = machine.python("a/python9.7", "9.7.1")
    machine.python("b/python9.7", "9.7.9")
    machine.on_path("none", "a", "", "b")
    assert machine.find("9.7").path == first


def test_a_range_is_met_by_the_highest(machine: Machine) -> None:
    for version in ("9.7", "9.9", "9.8"):
        machine.python(f"bin/python{version}", f"{version}.1")
    machine.on_path("bin")
    assert machine.find(">=9.7").version == "9.9.1"
    assert machine.find(">=9.7,<9.9").version == "9.8.1"


def test_a_range_prefers_our_own_version(machine: Machine) -> None:
    machine.python("bin/python9.7", "9.7.1")
    machine.on_path("bin")
    assert machine.find(">=3.8").version.startswith(f"{OWN[0]}.{OWN[1]}.")


def test_a_range_that_is_none(machine: Machine) -> None:
    with pytest.raises(InterpreterMissing, match="not a range of versions: '>=three'"):
        machine.find(">=three")


def test_a_program_by_name(machine: Machine) -> None:
    path = machine.python("bin/jython", "9.7.1", "jython")
    machine.on_path("bin")
    assert machine.find("jython") == Interpreter(path, "jython", "9.7.1")


def test_free_threading_is_asked_for(machine: Machine) -> None:
    plain = machine.python("bin/python9.7", "9.7.1")
    free = machine.python("bin/python9.7t", "9.7.1", threads="t")
    machine.on_path("bin")
    assert machine.find("9.7t") == Interpreter(free, "cpython", "9.7.1t")
    assert machine.find("9.7").path == plain


def test_nothing_asked_for_means_our_own_version(machine: Machine) -> None:
    machine.python("bin/python9.7", "9.7.1")
    machine.on_path("bin")
    assert machine.find(None).version.startswith(f"{OWN[0]}.{OWN[1]}.")


def test_our_own_version_gives_way_to_requires_python(machine: Machine) -> None:
    path = machine.python("bin/python9.7", "9.7.1")
    machine.on_path("bin")
    assert machine.find(None, ">=9").path == path


@pytest.mark.parametrize(
    ("asked", "requires_python", "started"),
    [
        ("9.7", "", ["bin/python9.7"]),
        (">=9.8", "", ["bin/python9.9"]),
        (">=9.7,<9.9", "", ["bin/python9.8"]),
        ("9.9", "<9.9", []),
        ("pypy9.7", "", ["bin/pypy9.7"]),
        (None, "==9.8.*", ["bin/python9.8"]),
        ("9.5", "", [".pyenv/versions/9.5.2/bin/python"]),
        ("9.5.3", "", []),
        ("9.5", ">=9.5.3", []),
        (">=9.5.3,<9.6", "", []),
        ("9.5.1", "", [".pyenv/versions/9.5.1/bin/python"]),
    ],
)
def test_nothing_is_started_whose_name_tells_enough(
    asked: str | None, requires_python: str, started: list[str], machine: Machine
) -> None:
    for version in ("9.6", "9.7", "9.8", "9.9"):
        machine.python(f"bin/python{version}", f"{version}.1")
    for version in ("9.5.1", "9.5.2"):
        machine.python(f".pyenv/versions/{version}/bin/python", version)
    machine.python("bin/pypy9.7", "9.7.1", "pypy")
    (machine.root / "bin" / "python").symlink_to("python9.6")
    machine.on_path("bin")
    if started:
        machine.find(asked, requires_python)
    else:
        with pytest.raises(InterpreterMissing):
            machine.find(asked, requires_python)
    assert list(machine.started) == started


def test_a_second_search_starts_nothing(machine: Machine) -> None:
    machine.python("bin/python9.7", "9.7.1")
    machine.on_path("bin")
    assert machine.find("9.7") == machine.find("9.7")
    assert machine.started == {"bin/python9.7": 1}


@pytest.mark.parametrize("says", ["exit 127", "printf '%s\\n' cpython 9.6.1 - /nowhere"])
def test_a_shim_that_leads_elsewhere_is_passed_over(says: str, machine: Machine) -> None:
    program(machine.root / "tricks" / "python9.7", says)
    path = machine.python(".pyenv/versions/9.7.1/bin/python", "9.7.1")
    machine.on_path("tricks")
    assert machine.find("9.7").path == path


def test_a_name_that_is_wrong_of_its_file_hides_it_from_nobody(machine: Machine) -> None:
    path = machine.python("bin/python9.7", "9.7.1")
    (machine.root / "a").mkdir()
    (machine.root / "a" / "python9.8").symlink_to(path)
    machine.on_path("a", "bin")
    assert machine.find("9.7").path == path


def test_one_file_is_one_candidate(machine: Machine) -> None:
    path = machine.python("bin/python9.7", "9.6.1")
    (machine.root / "other").mkdir()
    (machine.root / "other" / "python9.7").symlink_to(path)
    machine.on_path("bin", "other")
    found = verdicts(
        [*candidates("external", wish_for("9.7"), machine.host)], wish_for("9.7"), "", Answers(machine.host)
    )
    assert [one.candidate.path for one in found if one.asked] == [path]


def test_what_its_owner_may_remove_is_passed_over(machine: Machine) -> None:
    machine.python("Cellar/bin/python9.7", "9.7.1")
    machine.on_path("Cellar/bin")
    with pytest.raises(InterpreterMissing):
        machine.find("9.7")
    (machine.root / "bin").mkdir()
    (machine.root / "bin" / "python9.7").symlink_to(machine.root / "Cellar" / "bin" / "python9.7")
    machine.on_path("bin")
    assert machine.find("9.7").version == "9.7.1"


def test_each_candidate_is_told_with_the_reason(machine: Machine) -> None:
    wrong = machine.python("a/python9.7", "9.6.1")
    broken = program(machine.root / "b" / "python9.7", "exit 3")
    silent = program(machine.root / "c" / "python9.7", "true")
    machine.on_path("a", "b", "c")
    with pytest.raises(InterpreterMissing, match=r"no Python for '9\.7'") as caught:
        machine.find("9.7")
    *refused, here, remedy = caught.value.hint.split("; ")
    assert refused == [
        f"{wrong}: it is cpython 9.6.1",
        f"{broken}: it does not run (exit code 3)",
        f"{silent}: it does not run (exit code 0)",
    ]
    assert here.startswith("here ")
    assert "9.7" in here
    assert ".".join(map(str, sys.version_info[:3])) in here
    assert remedy == "install it, or give the path of one"


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        ("9.7", "install it, or give the path of one"),
        ("3.7.99", "install it, such as with 'envtasks python install 3.7.99', or give the path of one"),
        ("pypy3.7.99", "install it, such as with 'envtasks python install pypy3.7.99', or give the path of one"),
        ("jython", "install it, or give the path of one"),
        (">=99", "install it, or give the path of one"),
    ],
)
def test_what_to_do_about_a_missing_python(asked: str, remedy: str, machine: Machine) -> None:
    with pytest.raises(InterpreterMissing, match=f"no Python for '{asked}'") as caught:
        machine.find(asked)
    assert caught.value.hint.split("; ")[-1] == remedy


def test_no_candidate_meets_requires_python(machine: Machine) -> None:
    with pytest.raises(InterpreterMissing, match="no Python for '>=99'"):
        machine.find(None, ">=99")


def test_a_machine_that_may_not_be_searched(machine: Machine) -> None:
    machine.python("bin/python9.7", "9.7.1")
    machine.on_path("bin")
    with pytest.raises(InterpreterMissing, match=r"no Python for '9\.7'"):
        machine.find("9.7", sources=("internal",))


class Installs:
    """Has a Python for what is wanted, or says why not; remembers what it was asked for."""

    def __init__(self, path: str = "", failure: str = "") -> None:
        self.path = path
        self.failure = failure
        self.asked: list[tuple[Wish, str]] = []

    def __call__(self, wish: Wish, requires_python: str) -> Candidate | None:
        self.asked.append((wish, requires_python))
        if self.failure:
            raise InterpreterMissing(self.failure, hint="do something")
        return Candidate(self.path, "cpython", (9, 7, 1)) if self.path else None


def test_what_is_missing_is_installed_where_internal_ones_are_wanted(machine: Machine) -> None:
    installs = Installs(machine.python("installed", "9.7.1"))
    assert machine.find("9.7", sources=("external", "internal"), install=installs).path == installs.path
    assert installs.asked == [(wish_for("9.7"), "")]
    with pytest.raises(InterpreterMissing):
        machine.find("9.7", sources=("external",), install=installs)


@pytest.mark.parametrize(("sources", "asked"), [(("external", "internal"), 0), (("internal", "external"), 1)])
def test_sources_are_tried_in_their_order(sources: tuple[str, ...], asked: int, machine: Machine) -> None:
    machine.python("bin/python9.7", "9.7.1")
    machine.on_path("bin")
    installs = Installs()
    assert machine.find("9.7", sources=sources, install=installs).version == "9.7.1"
    assert len(installs.asked) == asked


def test_our_own_version_is_wanted_of_each_source_before_any_other(machine: Machine) -> None:
    installs = Installs()
    machine.python("bin/python9.7", "9.7.1")
    machine.on_path("bin")
    machine.find(None, ">=9", ("external", "internal"), installs)
    assert [wish.version for wish, _ in installs.asked] == [OWN]


def test_what_could_not_be_installed_is_told(machine: Machine) -> None:
    with pytest.raises(InterpreterMissing) as caught:
        machine.find("9.7", sources=("internal",), install=Installs(failure="the disk is full"))
    assert caught.value.hint.startswith("internal: the disk is full: do something; ")
