"""Errors as text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envtasks.errors import EnvfileFailed, EnvtasksError, InvalidDeclarations, Key, Mistake
from envtasks.report.problems import MOST_SHOWN, place, problem_text

TEXT = """\
sessions = []

[envs.test]
dependancies = ["pytest"]
features = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "project" / "envtasks.toml"
    path.parent.mkdir()
    path.write_text(TEXT)
    return str(path)


def test_mistakes_are_told_with_place_and_hint(file: str) -> None:
    mistakes = (
        Mistake("unknown option 'dependancies'", Key(file, ("envs", "test", "dependancies")), "did you mean 'x'?"),
        Mistake("expected an array of strings, found the number 3", Key(file, ("envs", "test", "features"))),
    )
    assert problem_text(InvalidDeclarations(mistakes), os.path.dirname(file)) == (
        "error: unknown option 'dependancies'\n"
        "  at envtasks.toml:4  envs.test.dependancies\n"
        "  hint: did you mean 'x'?\n"
        "error: expected an array of strings, found the number 3\n"
        "  at envtasks.toml:5  envs.test.features\n"
        "2 mistakes in 1 file; nothing was run"
    )


def test_mistakes_of_several_files_are_counted(file: str) -> None:
    mistakes = (Mistake("a", Key(file)), Mistake("b", Key("/other/envfile.py", ("x",), 7)))
    assert problem_text(InvalidDeclarations(mistakes), os.path.dirname(file)).splitlines()[1::2] == [
        "  at envtasks.toml",
        "  at /other/envfile.py:7  x",
    ]
    assert problem_text(InvalidDeclarations(mistakes), "/").endswith("2 mistakes in 2 files; nothing was run")


def test_one_mistake_is_counted_as_one(file: str) -> None:
    assert problem_text(InvalidDeclarations((Mistake("a", Key(file)),)), "/").endswith(
        "1 mistake in 1 file; nothing was run"
    )


@pytest.mark.parametrize(
    ("number", "shown", "last"), [(MOST_SHOWN, MOST_SHOWN, "  at f"), (MOST_SHOWN + 3, MOST_SHOWN, "... and 3 more")]
)
def test_more_mistakes_than_anyone_reads_are_counted_only(number: int, shown: int, last: str) -> None:
    mistakes = tuple(Mistake(f"wrong {index}", Key("f")) for index in range(number))
    lines = problem_text(InvalidDeclarations(mistakes), "/").splitlines()
    assert sum(line.startswith("error: ") for line in lines) == shown
    assert lines[-2] == last
    assert lines[-1] == f"{number} mistakes in 1 file; nothing was run"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EnvtasksError("wrong"), "error: wrong"),
        (EnvtasksError("wrong", hint="do this"), "error: wrong\n  hint: do this"),
        (
            EnvtasksError("wrong", where=Key("/p/envfile.py", ("test",), 3), hint="do this"),
            "error: wrong\n  at envfile.py:3  test\n  hint: do this",
        ),
        (
            EnvfileFailed("KeyError: 'x'", where=Key("/p/envfile.py", (), 3), trace="Traceback ..."),
            "Traceback ...\nerror: KeyError: 'x'\n  at envfile.py:3",
        ),
        (
            EnvfileFailed("left with sys.exit(1)", where=Key("/p/envfile.py", (), 3), trace=""),
            "error: left with sys.exit(1)\n  at envfile.py:3",
        ),
    ],
)
def test_an_error_tells_what_it_knows(error: EnvtasksError, text: str) -> None:
    assert problem_text(error, "/p") == text


@pytest.mark.parametrize(
    ("where", "cwd", "text"),
    [
        (Key("/p/a/envfile.py", (), 3), "/p", f"a{os.sep}envfile.py:3"),
        (Key("/p/envfile.py", (), 3), "/p/a", "/p/envfile.py:3"),
        (Key("/project/envfile.py", (), 3), "/pro", "/project/envfile.py:3"),
        (Key("/none/envtasks.toml", ("a", 0)), "/p", "/none/envtasks.toml  a[0]"),
        (Key("/none/envtasks.toml"), "/p", "/none/envtasks.toml"),
    ],
)
def test_a_place_is_relative_where_it_lies_below(where: Key, cwd: str, text: str) -> None:
    assert place(where, cwd) == text
