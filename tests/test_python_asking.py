"""Asking interpreters what they are, and remembering what they said."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import program, python_that_says

from envtasks.environments.pythons.asking import ANSWERS, Answers, Interpreter, ask
from envtasks.environments.pythons.places import cache_directory
from envtasks.errors import InterpreterMissing
from envtasks.model import Host

MakeHost = Callable[..., Host]


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


@pytest.mark.parametrize("says", ["exit 3", "true", "printf '%s\\n' cpython soon - /p"])
def test_what_does_not_answer_as_an_interpreter_does(says: str, tmp_path: Path) -> None:
    with pytest.raises(InterpreterMissing, match="it does not "):
        ask(str(program(tmp_path / "python9.7", says)), os.environ)


def started(path: Path) -> int:
    """How often a Python of the test was started."""
    seen = path.with_name(f"{path.name}.seen")
    return len(seen.read_text(encoding="utf-8")) if seen.exists() else 0


@pytest.fixture
def here(tmp_path: Path, host: MakeHost) -> Host:
    return host(environ={"PATH": os.environ["PATH"]}, home=str(tmp_path / "home"))


def test_what_was_answered_is_not_asked_again(tmp_path: Path, here: Host) -> None:
    path = python_that_says(tmp_path / "python9.7", "9.7.1")
    answers = [Answers(here).ask(str(path)) for _ in range(2)]
    assert answers == [Interpreter(str(path), "cpython", "9.7.1")] * 2
    assert started(path) == 1


def test_a_file_that_was_replaced_is_asked_again(tmp_path: Path, here: Host) -> None:
    path = python_that_says(tmp_path / "python9.7", "9.7.1")
    Answers(here).ask(str(path))
    python_that_says(path, "9.7.22")
    assert Answers(here).ask(str(path)).version == "9.7.22"
    os.utime(path, (1, 1))
    Answers(here).ask(str(path))
    assert started(path) == 3


def test_what_speaks_for_others_is_asked_each_time(tmp_path: Path, here: Host) -> None:
    behind = python_that_says(tmp_path / "behind", "9.7.1")
    shim = program(tmp_path / "python9.7", f"echo >> '{tmp_path / 'python9.7.seen'}'; exec '{behind}'")
    for _ in range(2):
        assert Answers(here).ask(str(shim)).path == str(behind)
    assert started(shim) == 2


def test_one_that_fails_is_asked_once_for_each_search(tmp_path: Path, here: Host) -> None:
    path = program(tmp_path / "python9.7", f"echo >> '{tmp_path / 'python9.7.seen'}'; exit 3")
    answers = Answers(here)
    for _ in range(2):
        with pytest.raises(InterpreterMissing):
            answers.ask(str(path))
    assert started(path) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"PATH": 1}', '{"PATH": {"seen": [], "answer": [1, 2]}}'])
def test_answers_that_were_damaged_are_forgotten(text: str, tmp_path: Path, here: Host) -> None:
    path = python_that_says(tmp_path / "python9.7", "9.7.1")
    file = Path(cache_directory(here), ANSWERS)
    file.parent.mkdir(parents=True)
    file.write_text(text.replace("PATH", str(path)), encoding="utf-8")
    assert Answers(here).ask(str(path)).version == "9.7.1"
    assert list(json.loads(file.read_text(encoding="utf-8"))) == [str(path)]


def test_answers_that_cannot_be_kept_are_given(tmp_path: Path, here: Host) -> None:
    path = python_that_says(tmp_path / "python9.7", "9.7.1")
    Path(here.home).write_text("no directory", encoding="utf-8")
    assert Answers(here).ask(str(path)).version == "9.7.1"


def test_answers_of_what_is_gone_are_dropped(tmp_path: Path, here: Host) -> None:
    one, other = (python_that_says(tmp_path / name, "9.7.1") for name in ("python9.7", "python9"))
    Answers(here).ask(str(one))
    one.unlink()
    Answers(here).ask(str(other))
    kept = json.loads(Path(cache_directory(here), ANSWERS).read_text(encoding="utf-8"))
    assert list(kept) == [str(other)]
