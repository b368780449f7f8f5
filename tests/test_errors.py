from __future__ import annotations

from typing import Any

import pytest

from envtasks import errors
from envtasks.errors import (
    EnvfileFailed,
    EnvtasksError,
    InvalidDeclarations,
    Key,
    Mistake,
    Mistakes,
    is_bare,
    nearest,
    person_frames,
)
from envtasks.signals import Stopped

HERE = Key("envtasks.toml", ("envs", "test"))


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ((), ""),
        (("envs", "test", "python"), "envs.test.python"),
        (("envs", "test", "dependencies", 1), "envs.test.dependencies[1]"),
        (("envs", "test.one"), 'envs."test.one"'),
        (("envs", ""), 'envs.""'),
        (("envs", "é"), 'envs."é"'),
        (("matrix", 0, "python", 2), "matrix[0].python[2]"),
    ],
)
def test_a_key_reads_as_in_toml(keys: tuple[str | int, ...], text: str) -> None:
    assert str(Key("file", keys)) == text


@pytest.mark.parametrize(
    ("key", "bare"),
    [("python", True), ("env-vars", True), ("a_1", True), ("-", False), ("", False), ("a.b", False), ("a b", False)],
)
def test_only_plain_keys_are_bare(key: str, bare: bool) -> None:
    assert is_bare(key) is bare


def test_a_child_keeps_the_file_and_the_line() -> None:
    assert Key("envfile.py", ("test",), 7).child("matrix", 0) == Key("envfile.py", ("test", "matrix", 0), 7)


def test_mistakes_are_told_together_and_each_once() -> None:
    mistakes = Mistakes()
    mistakes.add("one", HERE)
    mistakes.add("two", HERE, "do this")
    mistakes.add("one", HERE)
    with pytest.raises(InvalidDeclarations) as raised:
        mistakes.tell()
    assert raised.value.mistakes == (Mistake("one", HERE), Mistake("two", HERE, "do this"))
    assert raised.value.message == "one"
    assert len(mistakes) == 3


def test_nothing_is_told_where_nothing_is_wrong() -> None:
    mistakes = Mistakes()
    mistakes.tell()
    assert not mistakes.found


@pytest.mark.parametrize(
    ("name", "hint"), [("pythn", "did you mean 'python'?"), ("zzz", "known are: python, type")], ids=["near", "far"]
)
def test_an_unknown_name_is_told_with_those_that_are_known(name: str, hint: str) -> None:
    mistakes = Mistakes()
    mistakes.unknown("option", name, ("python", "type"), HERE)
    assert mistakes.found == [Mistake(f"unknown option '{name}'", HERE, hint)]


def test_an_unknown_name_is_passed_over_where_it_may_be_somebody_elses() -> None:
    mistakes = Mistakes(strict=False)
    mistakes.unknown("option", "plugin", ("python",), HERE)
    assert mistakes.passed_over == [HERE]
    assert not mistakes.found


def test_nearest_is_silent_where_nothing_is_near() -> None:
    assert not nearest("a", ["zzzz"])


def families(one: type[EnvtasksError] = EnvtasksError) -> set[type[EnvtasksError]]:
    return {one}.union(*map(families, one.__subclasses__()))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("RequestError", 2),
        ("InvalidDeclarations", 2),
        ("EnvfileFailed", 2),
        ("FillError", 2),
        ("EnvironmentFailed", 3),
        ("InstallerFailed", 3),
        ("InterpreterMissing", 3),
    ],
)
def test_every_family_has_its_exit_code(name: str, code: int) -> None:
    family = getattr(errors, name)
    assert family in families()
    assert family.exit_code == code


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)], ids=["interrupted", "terminated"])
def test_a_signal_gives_the_exit_code_that_shells_give(number: int, code: int) -> None:
    assert Stopped(number).exit_code == code


def test_an_error_carries_what_a_person_needs() -> None:
    error = EnvtasksError("wrong", where=HERE, hint="do this")
    assert (error.message, error.where, error.hint, str(error)) == ("wrong", HERE, "do this", "wrong")
    assert EnvfileFailed("wrong", where=HERE, trace="Traceback").trace == "Traceback"


def compiled(text: str, file: str) -> dict[str, Any]:
    """The functions of a text, as if it stood in that file."""
    names: dict[str, Any] = {}
    exec(compile(text, file, "exec"), names)
    return names


@pytest.mark.parametrize(
    ("file", "shown"),
    [(errors.__file__.replace("errors.py", "loader.py"), False), ("theirs.py", True)],
    ids=["ours", "theirs"],
)
def test_our_own_frames_before_those_of_a_person_are_left_out(file: str, shown: bool) -> None:
    person = compiled("def task():\n    raise ValueError('out of order')\n", "envfile.py")
    loader = compiled("def load(call):\n    call()\n", file)
    with pytest.raises(ValueError, match="out of order") as raised:
        loader["load"](person["task"])
    trace = raised.value.__traceback__
    assert trace is not None
    text = person_frames(raised.value.with_traceback(trace.tb_next))
    assert text.startswith("Traceback")
    assert text.endswith("ValueError: out of order")
    assert "in task" in text
    assert ("in load" in text) is shown


def test_an_error_without_a_trace_is_only_named() -> None:
    assert person_frames(ValueError("bare")) == "ValueError: bare"
