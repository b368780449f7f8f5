"""Finding Pythons: which may answer, which do, and what is said where none does.

The interpreters here are shell scripts with versions that nobody has, so that no real one is in the way.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from fakes import program

from envtasks.environments.interpreters import (
    MANAGED,
    Candidate,
    Interpreter,
    Wish,
    ask,
    candidates,
    described,
    find,
    own_executable,
    satisfies,
    version_of,
    why_not,
    wish_for,
)
from envtasks.errors import InterpreterMissing

EXTERNAL = ("external",)


def fake_python(path: Path, version: str, *, implementation: str = "cpython", threads: str = "-") -> str:
    text = f"printf '%s\\n' {implementation} {version} '{threads}' '{path}'"
    return str(program(path, text))


def found(asked: str, environ: dict[str, str], home: Path, requires_python: str = "") -> Interpreter:
    return find(asked, requires_python, EXTERNAL, environ, str(home))


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ("", Wish()),
        ("3", Wish("cpython", (3,))),
        ("3.12", Wish("cpython", (3, 12))),
        ("312", Wish("cpython", (3, 12))),
        ("3.12.1", Wish("cpython", (3, 12, 1))),
        ("3.13t", Wish("cpython", (3, 13), free_threaded=True)),
        ("python3.12", Wish("cpython", (3, 12))),
        ("python", Wish("cpython")),
        ("py312", Wish("cpython", (3, 12))),
        ("cpython-3.12", Wish("cpython", (3, 12))),
        ("CPython3.12", Wish("cpython", (3, 12))),
        ("pypy", Wish("pypy")),
        ("pypy3.10", Wish("pypy", (3, 10))),
        ("pypy-3.10", Wish("pypy", (3, 10))),
        (">=3.10,<3.13", Wish(range=">=3.10,<3.13")),
        ("~=3.11", Wish(range="~=3.11")),
        ("jython", Wish(program="jython")),
        ("t", Wish(program="t")),
    ],
)
def test_wish(asked: str, wish: Wish) -> None:
    assert wish_for(asked) == wish


@pytest.mark.parametrize(
    ("text", "version"),
    [("", ()), ("3", (3,)), ("3.12", (3, 12)), ("312", (3, 12)), ("3.12.10", (3, 12, 10)), ("27", (2, 7))],
)
def test_version(text: str, version: tuple[int, ...]) -> None:
    assert version_of(text) == version


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
    ("interpreter", "asked", "requires_python", "reason"),
    [
        ("3.12.1", "3.12", "", None),
        ("3.12.1", "3.11", "", "it is cpython 3.12.1"),
        ("3.12.1", "3.12.2", "", "it is cpython 3.12.1"),
        ("3.12.1", "pypy3.12", "", "it is cpython 3.12.1"),
        ("3.13.0t", "3.13", "", "it is cpython 3.13.0t"),
        ("3.13.0", "3.13t", "", "it is cpython 3.13.0"),
        ("3.13.0t", "3.13t", ">=3.13", None),
        ("3.12.1", ">=3.13", "", "it is 3.12.1, and the environment asks for >=3.13"),
        ("3.12.1", "3.12", "<3.12", "it is 3.12.1, and requires-python asks for <3.12"),
        ("3.12.1", "jython", "", None),
        ("3.12.1", "jython", ">=4", "it is 3.12.1, and requires-python asks for >=4"),
        ("3.12.1", "", "", None),
    ],
)
def test_why_not(interpreter: str, asked: str, requires_python: str, reason: str | None) -> None:
    assert why_not(Interpreter("/p", "cpython", interpreter), wish_for(asked), requires_python) == reason


def test_prereleases_count_as_versions() -> None:
    assert satisfies("3.14.0", ">=3.13")
    with pytest.raises(InterpreterMissing, match="not a range of versions: '>=three'"):
        satisfies("3.14.0", ">=three")


def test_self_is_the_interpreter_that_runs_us(tmp_path: Path) -> None:
    interpreter = found("self", {}, tmp_path)
    assert interpreter.version.rstrip("t") == ".".join(map(str, sys.version_info[:3]))
    assert os.path.realpath(interpreter.path) == os.path.realpath(own_executable())


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = fake_python(tmp_path / "odd name", "9.7.1")
    assert found(path, {}, tmp_path) == Interpreter(path, "cpython", "9.7.1")


def test_an_absolute_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InterpreterMissing, match="there is no Python at '/nowhere/python'"):
        found("/nowhere/python", {}, tmp_path)


def test_the_first_on_path_wins(tmp_path: Path) -> None:
    first = fake_python(tmp_path / "a" / "python9.7", "9.7.1")
    fake_python(tmp_path / "b" / "python9.7", "9.7.9")
    environ = {"PATH": f"{tmp_path / 'none'}:{tmp_path / 'a'}::{tmp_path / 'b'}"}
    assert found("9.7", environ, tmp_path).path == first


def test_a_range_is_met_by_the_highest(tmp_path: Path) -> None:
    for version in ("9.7", "9.9", "9.8"):
        fake_python(tmp_path / "bin" / f"python{version}", f"{version}.1")
    assert found(">=9.7", {"PATH": str(tmp_path / "bin")}, tmp_path).version == "9.9.1"


def test_a_program_by_name(tmp_path: Path) -> None:
    path = fake_python(tmp_path / "bin" / "jython", "9.7.1", implementation="jython")
    assert found("jython", {"PATH": str(tmp_path / "bin")}, tmp_path) == Interpreter(path, "jython", "9.7.1")


def test_free_threading_is_asked_for(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python9.7", "9.7.1")
    path = fake_python(tmp_path / "bin" / "python9.7t", "9.7.1", threads="t")
    assert found("9.7t", {"PATH": str(tmp_path / "bin")}, tmp_path) == Interpreter(path, "cpython", "9.7.1t")


def test_nothing_asked_for_means_our_own_version(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python9.7", "9.7.1")
    interpreter = find(None, "", EXTERNAL, {"PATH": str(tmp_path / "bin")}, str(tmp_path))
    assert interpreter.version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")


def test_our_own_version_gives_way_to_requires_python(tmp_path: Path) -> None:
    path = fake_python(tmp_path / "bin" / "python9.7", "9.7.1")
    assert find(None, ">=9", EXTERNAL, {"PATH": str(tmp_path / "bin")}, str(tmp_path)).path == path


@pytest.mark.parametrize("row", MANAGED, ids=[row[0] for row in MANAGED])
@pytest.mark.parametrize("by_variable", [True, False], ids=["variable", "home"])
def test_version_managers(row: tuple[str, str, str, str], by_variable: bool, tmp_path: Path) -> None:
    variable, usual, below, inside = row
    top = tmp_path / "elsewhere [1]" if by_variable else tmp_path / usual
    name = "cpython-9.7.1-linux-x86_64-gnu" if variable.startswith("UV") else "9.7.1"
    path = fake_python(top / below / name / inside, "9.7.1")
    environ = {"PATH": "", **({variable: str(top)} if by_variable else {})}
    assert found("9.7", environ, tmp_path).path == path


def test_what_a_version_manager_calls_otherwise_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path / ".pyenv" / "versions" / "mine" / "bin" / "python", "9.7.1")
    with pytest.raises(InterpreterMissing):
        found("9.7", {"PATH": ""}, tmp_path)


def test_pypy_of_a_version_manager(tmp_path: Path) -> None:
    place = tmp_path / ".pyenv" / "versions" / "pypy9.7-1.2" / "bin" / "python"
    path = fake_python(place, "9.7.1", implementation="pypy")
    assert found("pypy9.7", {"PATH": ""}, tmp_path) == Interpreter(path, "pypy", "9.7.1")


def test_shims_directories_and_plain_files_are_no_candidates(tmp_path: Path) -> None:
    fake_python(tmp_path / "shims" / "python9.7", "9.7.1")
    (tmp_path / "bin" / "python9.7").mkdir(parents=True)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "python9.7").write_text("", encoding="utf-8")
    environ = {"PATH": ":".join(str(tmp_path / name) for name in ("shims", "bin", "lib"))}
    assert list(candidates("9.7", environ, str(tmp_path))) == []


def test_one_file_is_one_candidate(tmp_path: Path) -> None:
    path = fake_python(tmp_path / "bin" / "python9.7", "9.7.1")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "python9.7").symlink_to(path)
    environ = {"PATH": f"{tmp_path / 'bin'}:{tmp_path / 'other'}"}
    assert [one.path for one in candidates("9.7", environ, str(tmp_path))] == [path]


def test_each_candidate_is_told_with_the_reason(tmp_path: Path) -> None:
    wrong = fake_python(tmp_path / "a" / "python9.7", "9.6.1")
    broken = str(program(tmp_path / "b" / "python9.7", "exit 3"))
    silent = str(program(tmp_path / "c" / "python9.7", "true"))
    environ = {"PATH": ":".join(str(tmp_path / name) for name in "abc")}
    with pytest.raises(InterpreterMissing, match=r"no Python for '9\.7'") as caught:
        found("9.7", environ, tmp_path)
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


def test_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(InterpreterMissing, match=r"no Python for '9\.7'") as caught:
        found("9.7", {"PATH": ""}, tmp_path)
    assert "install it" in caught.value.hint


def test_a_machine_that_may_not_be_searched(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python9.7", "9.7.1")
    with pytest.raises(InterpreterMissing, match=r"no Python for '9\.7'"):
        find("9.7", "", ("internal",), {"PATH": str(tmp_path / "bin")}, str(tmp_path))


def test_no_candidate_meets_requires_python(tmp_path: Path) -> None:
    with pytest.raises(InterpreterMissing, match="no Python for '>=99'"):
        find(None, ">=99", EXTERNAL, {"PATH": ""}, str(tmp_path))


def test_an_interpreter_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    path = str(program(tmp_path / "python9.7", "exec sleep 60"))
    with pytest.raises(InterpreterMissing, match="it does not answer"):
        ask(path, {"PATH": os.environ["PATH"]}, seconds=0.1)


def test_asking_is_not_led_astray_by_variables(tmp_path: Path) -> None:
    (tmp_path / "sys.py").write_text("", encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere"}
    assert ask(sys.executable, environ).implementation == sys.implementation.name


def test_an_interpreter_in_a_virtual_environment_answers_for_the_one_behind_it(tmp_path: Path) -> None:
    path = program(tmp_path / "python9.7", f"printf '%s\\n' cpython 9.7.1 - '{tmp_path / 'base'}'")
    assert ask(str(path), {}).path == str(path)
    (tmp_path / "base").write_text("", encoding="utf-8")
    assert ask(str(path), {}).path == str(tmp_path / "base")
