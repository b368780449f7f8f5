"""Nothing is made in, or removed from, a place that is not ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import tree

from envtasks.environments import record
from envtasks.environments.locks import Place as Lying
from envtasks.environments.removal import check_place, refusal, remove, remove_leftovers, take_away
from envtasks.errors import EnvironmentFailed
from envtasks.model import Host


class Place:
    """A project in a home directory, and a directory for an environment that was made by us."""

    def __init__(self, top: Path) -> None:
        self.home = top / "home"
        self.root = self.home / "project"
        self.env = self.root / ".envtasks" / "envs" / "test"
        self.env.mkdir(parents=True)
        self.cwd = self.root
        (self.env / record.MARK).write_text("{", encoding="utf-8")
        (self.env / "file").write_text("", encoding="utf-8")
        self.host = Host(str(self.root), str(self.home), "linux", {})

    def refusal(self, path: Path) -> str:
        return refusal(str(path), self.host, str(self.cwd))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


REFUSED: dict[str, tuple[Callable[[Place], Path], str]] = {
    "root": (lambda place: place.root, "the project is in it"),
    "above-root": (lambda place: place.home.parent, "the project is in it"),
    "disk": (lambda place: Path("/"), "the project is in it"),
    "separator": (
        lambda place: made_file(place.root / "a:b" / "file").parent,
        "programs cannot be found in a path that has a ':'",
    ),
    "file": (lambda place: made_file(place.root / "src"), "it is not a directory"),
    "foreign": (
        lambda place: made_file(place.root / "src" / "a.py").parent,
        "it holds files that envtasks did not make",
    ),
    "dotfile": (lambda place: made_file(place.root / "src" / ".a").parent, "it holds files that envtasks did not make"),
    "venv": (
        lambda place: made_file(place.root / "venv" / "pyvenv.cfg").parent,
        "it is a virtual environment that envtasks did not make, or that lost its record; delete it by hand",
    ),
    "git": (lambda place: made_file(place.env / ".git" / "HEAD").parent.parent, "it holds a repository"),
    "git-file": (lambda place: made_file(place.env / ".git").parent, "it holds a repository"),
    "hg": (lambda place: made_file(place.env / ".hg" / "x").parent.parent, "it holds a repository"),
    "link": (lambda place: link(place.root / "link", place.env), "it is a symbolic link"),
    "dangling": (lambda place: link(place.root / "link", Path("/nowhere")), "it is a symbolic link"),
    "parent-is-link": (
        lambda place: link(place.root / "link", place.home.parent) / "home" / "project",
        "the project is in it",
    ),
}


def made_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine", encoding="utf-8")
    return path


def link(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    return path


@pytest.mark.parametrize("case", REFUSED)
def test_refused_and_untouched(case: str, place: Place) -> None:
    make, reason = REFUSED[case]
    path = make(place)
    before = tree(place.home)
    assert place.refusal(path) == reason
    with pytest.raises(EnvironmentFailed, match="cannot be used for an environment") as caught:
        remove(str(path), place.host, str(place.cwd))
    assert reason in caught.value.message
    assert caught.value.hint
    assert tree(place.home) == before


def test_the_home_directory_is_refused(place: Place, tmp_path: Path) -> None:
    elsewhere = place.host._replace(root=str(tmp_path / "elsewhere"))
    assert refusal(str(place.home), elsewhere, str(tmp_path / "elsewhere")) == "the home directory is in it"


def test_the_current_directory_is_refused(place: Place) -> None:
    place.cwd = place.env / "deep"
    place.cwd.mkdir()
    assert place.refusal(place.env) == "the current directory is in it"


@pytest.mark.parametrize("name", ["new", "empty"])
def test_what_is_not_there_or_empty_may_be_used(name: str, place: Place) -> None:
    (place.root / "empty").mkdir()
    check_place(str(place.root / name), place.host, str(place.cwd))


def test_a_name_that_begins_like_the_root_is_not_above_it(place: Place) -> None:
    assert place.refusal(place.home / "proj") == ""


def test_a_record_that_was_never_finished_is_a_mark(place: Place) -> None:
    os.rename(place.env / record.MARK, place.env / f"{record.MARK}.4711")
    assert place.refusal(place.env) == ""


def test_what_only_begins_like_our_mark_is_none(place: Place) -> None:
    os.rename(place.env / record.MARK, place.env / f"{record.MARK}x")
    assert place.refusal(place.env) == "it holds files that envtasks did not make"


def test_what_bears_our_mark_is_removed(place: Place) -> None:
    (place.env / "bin").mkdir()
    remove(str(place.env), place.host, str(place.cwd))
    assert os.listdir(place.env.parent) == []


def test_the_target_of_a_link_inside_is_kept(place: Place) -> None:
    kept = made_file(place.home / "kept" / "file")
    (place.env / "link").symlink_to(kept.parent)
    remove(str(place.env), place.host, str(place.cwd))
    assert kept.read_text(encoding="utf-8") == "mine"


def test_removing_nothing(place: Place) -> None:
    remove(str(place.root / "new"), place.host, str(place.cwd))
    assert not (place.root / "new").exists()


def test_a_directory_that_cannot_be_moved_stays_and_nothing_is_left_beside_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, while a program of it runs."""

    def refuse(old: str, new: str) -> None:
        raise PermissionError(13, "Permission denied", old)

    monkeypatch.setattr(os, "rename", refuse)
    lying = Lying("test", str(place.env), str(place.env.parent))
    with pytest.raises(EnvironmentFailed, match=r"^Permission denied: '"):
        take_away(lying, place.host, str(place.cwd))
    assert sorted(os.listdir(place.env.parent)) == [".locks", "test"]


def test_removals_that_were_cut_off_are_finished(place: Place) -> None:
    store = place.env.parent
    made_file(store / ".removed-cut" / "environment" / "file")
    (store / ".removed-empty").mkdir()
    kept = [made_file(store / ".removed-mine" / "file"), made_file(store / ".removed-file")]
    link(store / ".removed-link", made_file(place.home / "elsewhere" / "environment" / "file").parent.parent)
    assert remove_leftovers(str(store))
    assert sorted(os.listdir(store)) == [".removed-file", ".removed-link", ".removed-mine", "test"]
    assert all(path.exists() for path in kept)
    assert not remove_leftovers(str(store))
    assert not remove_leftovers(str(store / "nowhere"))
