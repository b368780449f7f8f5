"""Whatever somebody takes for the place or the name of an environment: no file of theirs is lost, none is added."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes import tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tool import run, world
from trust import UV

from envtasks.environments.record import MARK
from envtasks.environments.removal import remove
from envtasks.errors import EnvironmentFailed
from envtasks.model import Host

pytestmark = pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights")

HOW = {"run": ("-s", "t"), "anew": ("--reuse-venv", "no", "-s", "t"), "remove": ("env", "remove", "t")}


class Home:
    """A home directory with files of a person, and a project in it."""

    def __init__(self, top: Path) -> None:
        self.home = top / "home"
        self.root = self.home / "project"
        for name in ("project/src/a.py", "project/.git/HEAD", "data/deep/b", ".virtualenvs/t/c", "away/.git/HEAD"):
            path = self.home / name
            path.parent.mkdir(parents=True)
            path.write_text("mine", encoding="utf-8")
        (self.home / "link").symlink_to("data")
        (self.root / "link").symlink_to("../data")
        (self.root / "nowhere").symlink_to("/not/there")
        (self.root / "file").write_text("mine", encoding="utf-8")
        (self.home / "away" / MARK).write_text("{}", encoding="utf-8")
        (self.root / "venv" / "bin").mkdir(parents=True)
        (self.root / "venv" / "pyvenv.cfg").write_text("mine", encoding="utf-8")

    def declare(self, text: str) -> None:
        (self.root / "envtasks.toml").write_text(text, encoding="utf-8")


PLACES: dict[str, str] = {
    "root": 'path = "."',
    "above": 'path = ".."',
    "disk": 'path = "/"',
    "home": 'path = "~"',
    "sources": 'path = "src"',
    "outside": 'path = "~/data"',
    "link": 'path = "link"',
    "below-a-link": 'path = "link/deep"',
    "dangling-link": 'path = "nowhere"',
    "repository": 'path = "~/away"',
    "own-venv": 'path = "venv"',
    "file": 'path = "file"',
    "below-a-file": 'path = "file/t"',
    "in-the-usual-place": "env-dir",
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("case", PLACES)
def test_no_file_is_lost_and_none_is_added(case: str, how: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    option = PLACES[case]
    before_envs, option = ('env-dir = "~/.virtualenvs"\n', "") if option == "env-dir" else ("", option)
    home.declare(f'{before_envs}[envs.t]\ndetached = true\n{option}\nscripts.t = "true"\n')
    before = tree(home.home)
    done = run(home.root, *HOW[how], variables=world(HOME=str(home.home)))
    assert done.code in ((3,) if how != "remove" else (0, 3)), done
    assert "Traceback" not in done.err
    assert done.err
    assert without_locks(tree(home.home)) == before


@pytest.mark.parametrize("how", HOW)
def test_a_directory_named_like_an_environment(how: str, tmp_path: Path) -> None:
    """The environments lie in the project itself, and one of them is called like its sources."""
    home = Home(tmp_path)
    home.declare('env-dir = "."\n[envs.src]\ndetached = true\nscripts.t = "true"\n')
    before = tree(home.home)
    argv = ["src" if word == "t" else word for word in HOW[how]]
    done = run(home.root, *argv, variables=world(HOME=str(home.home)))
    assert (done.code, "Traceback" in done.err) == (3, False), done
    assert without_locks(tree(home.home)) == before


@pytest.mark.parametrize("how", HOW)
def test_the_current_directory_stays(how: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.declare('[envs.t]\ndetached = true\npath = "mine"\nscripts.t = "true"\n')
    here = home.root / "mine" / "here"
    here.mkdir(parents=True)
    (home.root / "mine" / MARK).write_text("{}", encoding="utf-8")
    before = tree(home.home)
    done = run(here, *HOW[how], variables=world(HOME=str(home.home)))
    assert (done.code, "the current directory is in it" in done.err) == (3, True), done
    assert without_locks(tree(home.home)) == before


def without_locks(found: Mapping[str, Any]) -> dict[str, Any]:
    """Files but for those of ours: locks, the usual place of environments, and what is known of interpreters."""
    ours = (os.path.join("project", ".envtasks"), ".cache")
    return {name: content for name, content in found.items() if not name.startswith(ours) and ".locks" not in name}


NAMES = st.sampled_from(["a", "bin", "lib", "é", "...", "-x", "a b", "$(x)", "*"])
LEAVES = st.sampled_from(["file", "link-to-file", "link-to-directory", "dangling", "up", "hard-link", "read-only"])
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inside: st.dictionaries(NAMES, inside, max_size=4), max_leaves=12
)


def lock_up(place: Path) -> None:
    place.mkdir()
    (place / "x").write_text("ours", encoding="utf-8")
    place.chmod(0o500)


def plant(place: Path, what: Any, canaries: Path) -> None:
    """Put into a place what was drawn, with ways out of it to files that must survive."""
    make: dict[str, Callable[[], object]] = {
        "file": lambda: place.write_text("ours"),
        "link-to-file": lambda: place.symlink_to(canaries / "file"),
        "link-to-directory": lambda: place.symlink_to(canaries),
        "dangling": lambda: place.symlink_to("/not/there"),
        "up": lambda: place.symlink_to("../.."),
        "hard-link": lambda: os.link(canaries / "file", place),
        "read-only": lambda: lock_up(place),
    }
    if isinstance(what, str):
        make[what]()
        return
    place.mkdir()
    for name, inside in what.items():
        plant(place / name, inside, canaries)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inside=st.dictionaries(NAMES, TREES, max_size=5), marked=st.booleans())
def test_what_links_lead_to_survives(inside: dict[str, Any], marked: bool) -> None:
    top = Path(tempfile.mkdtemp())
    try:
        canaries = top / "home" / "data"
        (canaries / "deep").mkdir(parents=True)
        for name in ("file", "deep/file"):
            (canaries / name).write_text("mine", encoding="utf-8")
        root = top / "home" / "project"
        directory = root / ".envtasks" / "envs" / "t"
        directory.parent.mkdir(parents=True)
        plant(directory, inside, canaries)
        if marked:
            (directory / MARK).write_text("{", encoding="utf-8")
        before, around = tree(directory), tree(canaries)
        try:
            remove(str(directory), Host(str(root), str(top / "home"), "linux", {}), str(root))
        except EnvironmentFailed:
            assert not marked
            assert tree(directory) == before
        else:
            assert marked or not inside
            assert not directory.exists()
        assert tree(canaries) == around
    finally:
        for place, _, _ in os.walk(top):
            os.chmod(place, 0o700)
        shutil.rmtree(top)


#: What no disk, no shell and no program likes, in names.
HOSTILE = (
    *("..", ".", "...", "../x", "../../escape", "/abs", "a/b", "a/../b", "a//b", "~", "~/x", "$HOME", "${HOME}"),
    *("$(touch PWNED)", "`touch PWNED`", "a;touch PWNED", "a b", " a", "a ", "'", '"', "a\\b", "-lead", "--help"),
    *("*", "?", "[x]", "a:b", "con", "NUL.txt", "a.b", "a-b", "A-B", "é", "e\u0301", "\U0001f40d", "x" * 300, "{args}"),
    *("%PATH%", ".git", ".locks"),
)


def test_hostile_names_neither_escape_nor_collide(tmp_path: Path) -> None:
    assert len(HOSTILE) == 41
    root = tmp_path / "home" / "project"
    root.mkdir(parents=True)
    tables = (
        f'[envs.{json.dumps(name, ensure_ascii=False)}]\ndetached = true\ndefault = true\nscripts.run = "true"\n'
        for name in HOSTILE
    )
    (root / "envtasks.toml").write_text("".join(tables), encoding="utf-8")
    variables = world(HOME=str(tmp_path / "home"), ENVTASKS_INSTALLER="uv" if UV else "pip")
    refused = run(root, "--list", variables=variables)
    if refused.code:
        pytest.fail(refused.err)
    done = run(root, variables=variables)
    assert done.code == 0, done.err
    store = root / ".envtasks" / "envs"
    made = {json.loads(mark.read_text())["name"]: mark.parent for mark in store.glob(f"*/{MARK}")}
    assert made.keys() == {*HOSTILE}
    assert len({str(place).casefold() for place in made.values()}) == len(HOSTILE)
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
    assert {path.name for path in (tmp_path / "home").iterdir()} <= {"project", ".cache", ".local"}
    assert {path.name for path in root.iterdir()} == {"envtasks.toml", ".envtasks"}
    again = run(root, variables=variables)
    assert (again.code, again.ours) == (0, [])


@pytest.mark.parametrize("name", ["", "a\\nb", "a\\u0000b", "\\u001b[31m"])
def test_names_that_cannot_be_told_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "envtasks.toml").write_text(f'[envs."{name}"]\nscripts.run = "true"\n', encoding="utf-8")
    done = run(tmp_path, "--list")
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert "an environment cannot be named" in done.err
