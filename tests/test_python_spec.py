"""What may be asked for as a Python, and which versions are it."""

from __future__ import annotations

import pytest

from envtasks.environments.pythons.spec import Wish, may_satisfy, satisfies, version_of, why_not, wish_for
from envtasks.errors import InterpreterMissing


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
        ("py3.12", Wish("cpython", (3, 12))),
        ("cp312", Wish("cpython", (3, 12))),
        ("cp313t", Wish("cpython", (3, 13), free_threaded=True)),
        ("cpython@3.12", Wish("cpython", (3, 12))),
        (" 3.12 ", Wish("cpython", (3, 12))),
        ("pp310", Wish("pypy", (3, 10))),
        ("cpython-3.12", Wish("cpython", (3, 12))),
        ("CPython3.12", Wish("cpython", (3, 12))),
        ("pypy", Wish("pypy")),
        ("pypy3.10", Wish("pypy", (3, 10))),
        ("pypy-3.10", Wish("pypy", (3, 10))),
        (">=3.10,<3.13", Wish(range=">=3.10,<3.13")),
        ("~=3.11", Wish(range="~=3.11")),
        ("==3.12.*", Wish(range="==3.12.*")),
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
    assert why_not("cpython", interpreter, wish_for(asked), requires_python) == reason


def test_prereleases_count_as_versions() -> None:
    assert satisfies("3.14.0", ">=3.13")
    with pytest.raises(InterpreterMissing, match="not a range of versions: '>=three'"):
        satisfies("3.14.0", ">=three")


@pytest.mark.parametrize(
    ("version", "specifier", "may"),
    [
        ((3, 10), ">=3.10.4", True),
        ((3, 10), "<3.10.4", True),
        ((3, 10), "==3.10.4", True),
        ((3, 10), ">=3.10.2,<3.10.5", True),
        ((3, 10), ">=3.11", False),
        ((3, 10), "!=3.10.*", False),
        ((3, 10, 3), ">=3.10.4", False),
        ((3, 10, 4), ">=3.10.4", True),
        ((3,), ">=4", True),
        ((), ">=4", True),
        ((3, 10), "", True),
    ],
)
def test_what_the_beginning_of_a_version_tells(version: tuple[int, ...], specifier: str, may: bool) -> None:
    assert may_satisfy(version, specifier) is may


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("3.12", "3.12"),
        ("cp312", "3.12"),
        ("3.12.1", "3.12.1"),
        ("3.13t", "3.13t"),
        ("pypy310", "pypy3.10"),
        ("3", ""),
        ("python", ""),
        (">=3.12", ""),
        ("jython", ""),
        ("", ""),
    ],
)
def test_the_distribution_that_is_meant(asked: str, name: str) -> None:
    assert wish_for(asked).distribution == name
