"""Whether a directory is what its recipe says, and what must be done where it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import look_made, recipe, recorded

from envtasks.environments import record
from envtasks.environments.freshness import Need, stale
from envtasks.environments.location import python_of
from envtasks.environments.record import ANEW, INSTALL, PROJECT, REMOVE
from envtasks.planned import Recipe

DAMAGES: dict[str, tuple[Callable[[str], object], str]] = {
    "no-pyvenv-cfg": (lambda place: os.unlink(f"{place}/pyvenv.cfg"), "its pyvenv.cfg is gone"),
    "other-pyvenv-cfg": (lambda place: Path(place, "pyvenv.cfg").write_text("x"), "its pyvenv.cfg was replaced"),
    "no-python": (lambda place: os.unlink(python_of(place)), "its Python is gone"),
    "dangling-python": (lambda place: relink(python_of(place), "/nowhere/python"), "its Python is gone"),
    "other-python": (lambda place: relink(python_of(place), __file__), "its Python was replaced"),
    "truncated-record": (lambda place: Path(place, record.MARK).write_text("{"), "its making was not finished"),
    "no-record": (lambda place: os.unlink(f"{place}/{record.MARK}"), "there is none yet"),
}


def relink(path: str, target: str) -> None:
    os.unlink(path)
    os.symlink(target, path)


def test_a_finished_directory_needs_nothing(tmp_path: Path) -> None:
    made = recipe(tmp_path / "env", requirements=("a",))
    recorded(made)
    assert stale(made) is None


def test_no_directory(tmp_path: Path) -> None:
    assert stale(recipe(tmp_path / "env")) == Need(frozenset([ANEW]), "there is none yet")


def test_asking_writes_nothing(tmp_path: Path) -> None:
    stale(recipe(tmp_path / "env"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("case", DAMAGES)
def test_damage_is_made_anew(case: str, tmp_path: Path) -> None:
    damage, reason = DAMAGES[case]
    made = recipe(tmp_path / "env")
    recorded(made)
    damage(made.directory)
    assert stale(made) == Need(frozenset([ANEW]), reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"interpreter": {"path": "/nowhere/python", "implementation": "cpython", "version": "3.1.0"}},
            "the interpreter it was made with is gone",
        ),
        (
            {"interpreter": {"path": "a\0b", "implementation": "cpython", "version": "3.1.0"}},
            "the interpreter it was made with is gone",
        ),
        (
            {"interpreter": {"path": "\ud800", "implementation": "cpython", "version": "3.1.0"}},
            "the interpreter it was made with is gone",
        ),
        ({"interpreter": {}}, "its making was not finished"),
        ({"interpreter_fingerprint": [0, 0]}, "the interpreter it was made with was replaced"),
        ({"python_fingerprint": None}, "its Python was replaced"),
    ],
)
def test_another_interpreter_is_made_anew(changes: dict[str, object], reason: str, tmp_path: Path) -> None:
    made = recipe(tmp_path / "env")
    recorded(made, **changes)
    assert stale(made) == Need(frozenset([ANEW]), reason)


@pytest.mark.parametrize("part", sorted(record.PARTS))
@pytest.mark.parametrize("value", [None, 5, "text", [5], {"a": []}, True], ids=str)
def test_whatever_an_edited_record_holds_can_be_compared(part: str, value: object, tmp_path: Path) -> None:
    made = recipe(tmp_path / "env", requirements=("a",))
    recorded(made, **{part: value})
    needed = stale(made)
    assert (needed is None) is (record.parts(made)[part] == value or (part, value) == ("pip", True))


def test_differences_are_told_together_and_once(tmp_path: Path) -> None:
    made = recipe(tmp_path / "env", requirements=("a",))
    recorded(made)
    changed = made._replace(requirements=("a", "b"), editable=False)
    assert stale(changed) == Need(frozenset([INSTALL, PROJECT]), "dependencies changed (+ b), 'dev-mode' changed")


def test_a_directory_that_was_made_for_another_environment(tmp_path: Path) -> None:
    made = recipe(tmp_path / "env", requirements=("a",))
    recorded(made)
    other = made._replace(name="other")
    assert stale(other) is None, "environments that are the same share a directory"
    assert stale(other._replace(requirements=())) == Need(frozenset([REMOVE]), "it was made for 'test'")


def test_a_venv_of_somebody_else_is_none_of_ours(tmp_path: Path) -> None:
    made = recipe(tmp_path / "env")
    look_made(made.directory)
    assert stale(made) == Need(frozenset([ANEW]), "there is none yet")


def installed(made: Recipe, *names: str) -> Path:
    """The site-packages of an environment with these packages."""
    place = Path(made.directory, "lib", "python3.11", "site-packages")
    for name in names:
        (place / f"{name}.dist-info").mkdir(parents=True)
    return place


@pytest.mark.parametrize(("project", "actions"), [(None, frozenset([INSTALL])), ("/p", frozenset([INSTALL, PROJECT]))])
def test_packages_that_somebody_took_away(project: str | None, actions: frozenset[str], tmp_path: Path) -> None:
    made = recipe(tmp_path / "env", project=project)
    place = installed(made, "a-1.0", "b-2.0", "pip-25.0")
    recorded(made)
    (place / "pip-25.0.dist-info").rmdir()
    installed(made, "c-3.0")
    assert stale(made) is None, "what is there more, and a pip, do not matter"
    (place / "a-1.0.dist-info").rename(place / "a-1.1.dist-info")
    assert stale(made) == Need(actions, "packages were removed or replaced (a-1.0)")


def test_files_that_somebody_took_away(tmp_path: Path) -> None:
    """The installer would say that the package is there; a pip of its own, and what is only compiled, may go."""
    made = recipe(tmp_path / "env")
    place = installed(made, "a-1.0", "b-2.0")
    for name in ("a.py", "b", "pip", "__pycache__"):
        (place / name).mkdir()
    recorded(made)
    for name in ("pip", "__pycache__"):
        (place / name).rmdir()
    assert stale(made) is None
    (place / "a.py").rmdir()
    assert stale(made) == Need(frozenset([ANEW]), "files of packages were removed (a.py)")
    (place / "a.py").mkdir()
    other = Path(made.directory, "bin", "pip")
    record.write(made.directory, {**(record.read(made.directory) or {}), "programs": ["pip", "python"]})
    other.touch()
    assert stale(made) is None
    other.unlink()
    assert stale(made) == Need(frozenset([ANEW]), "programs were removed (pip)")
    (place / "b-2.0.dist-info").rmdir()
    assert stale(made) == Need(frozenset([INSTALL]), "packages were removed or replaced (b-2.0)")


@pytest.mark.parametrize(
    ("actions", "doing"),
    [
        ([ANEW, INSTALL], "make anew"),
        ([REMOVE, INSTALL], "install what is missing, remove what is no longer asked for"),
        ([PROJECT], "install the project again"),
    ],
)
def test_what_will_be_done_in_words(actions: list[str], doing: str) -> None:
    assert Need(frozenset(actions), "").doing == doing
