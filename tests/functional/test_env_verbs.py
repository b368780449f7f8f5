"""The verbs of `env`: environments made, found, brought up to date and removed, on a real disk."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tool import START, Done, run, started, world

MakeProject = Callable[[Mapping[str, str]], Path]

MARK = ".envtasks-env.json"
TOML = """
[envs.default]
skip-install = true
[envs.test]
detached = true
scripts.test = "true"
[envs.both]
detached = true
matrix = [{ size = ["1", "2"] }]
[envs.around]
detached = true
type = "none"
[envs.elsewhere]
detached = true
platforms = ["windows" , "macos"]
[envs.missing]
detached = true
python = "3.1"
[envs.apart]
detached = true
path = "apart"
"""


@pytest.fixture
def root(project: MakeProject) -> Path:
    project({"p/envtasks.toml": TOML})
    return project({}) / "p"


def store(root: Path) -> Path:
    return root / ".envtasks" / "envs"


def made(root: Path) -> set[str]:
    """The names of the environments that lie in the usual place."""
    return {path.name for path in store(root).iterdir() if (path / MARK).exists()} if store(root).exists() else set()


def lines(done: Done) -> list[str]:
    """What was said, without the interpreters that were taken."""
    return [line.partition(" with ")[0] for line in done.err.splitlines()]


def test_create_makes_environments_and_runs_nothing(root: Path) -> None:
    done = run(root, "env", "create", "test", "both")
    assert (done.code, done.out) == (0, "")
    assert [line for line in lines(done) if "making" in line] == [
        f"{name}: making the environment: there is none yet" for name in ("test", "both.1", "both.2")
    ]
    assert made(root) == {"test", "both.1", "both.2"}
    done = run(root, "env", "create", "test")
    assert (done.code, done.out, lines(done)) == (0, "", ["test: is as declared"])


def test_create_without_a_name_makes_the_default_environment(root: Path) -> None:
    assert run(root, "env", "create").code == 0
    assert made(root) == {"p"}


def test_sync_is_for_what_is_there(root: Path) -> None:
    assert lines(run(root, "env", "sync")) == []
    assert run(root, "env", "create", "test").code == 0
    assert lines(run(root, "env", "sync")) == ["test: is as declared"]
    record = store(root) / "test" / MARK
    record.write_text(json.dumps({**json.loads(record.read_text()), "ready": False}), encoding="utf-8")
    done = run(root, "env", "sync")
    assert (done.code, lines(done)[0]) == (0, "test: making the environment: its making was not finished")
    assert lines(run(root, "env", "sync", "both.1"))[0] == "both.1: making the environment: there is none yet"


def test_sync_makes_anew_what_is_to_be_made_anew(root: Path) -> None:
    assert run(root, "env", "create", "test").code == 0
    (store(root) / "test" / "extra").touch()
    done = run(root, "env", "sync", "--recreate")
    assert (done.code, lines(done)[0]) == (0, "test: making the environment: as was asked for")
    assert not (store(root) / "test" / "extra").exists()


@pytest.mark.parametrize(
    ("name", "variables", "code", "begins"),
    [
        ("around", {}, 0, "around: there is nothing to make"),
        ("elsewhere", {"ENVTASKS_PLATFORM_OVERRIDE": "linux"}, 1, "elsewhere: skipped: is for windows, macos, and "),
        ("missing", {}, 1, "missing: skipped: "),
        ("missing", {"CI": "1"}, 3, "missing: broken: "),
        ("nothing", {}, 2, "error: unknown environment 'nothing'"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "sync"])
def test_what_cannot_be_made(
    verb: str, name: str, variables: dict[str, str], code: int, begins: str, root: Path
) -> None:
    done = run(root, "env", verb, name, variables=world(**variables))
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(begins)


def test_one_that_cannot_be_made_leaves_the_others(root: Path) -> None:
    done = run(root, "env", "create", "missing", "test", variables=world(CI="1"))
    assert (done.code, made(root)) == (3, {"test"})


def test_a_place_that_is_not_ours_is_left_alone(root: Path) -> None:
    (root / "apart").mkdir()
    (root / "apart" / "mine").touch()
    done = run(root, "env", "create", "apart")
    assert (done.code, done.err.split(": ")[:2]) == (3, ["apart", "broken"])
    done = run(root, "env", "remove", "apart")
    assert done.code == 3
    assert lines(done) == [f"apart: not removed: it holds files that envtasks did not make: {root / 'apart'}"]
    assert os.listdir(root / "apart") == ["mine"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), [".envtasks/envs/p"]),
        (("both", "test"), [".envtasks/envs/both.1", ".envtasks/envs/both.2", ".envtasks/envs/test"]),
        (("b*", "apart", "both.1"), [".envtasks/envs/both.1", ".envtasks/envs/both.2", "apart"]),
    ],
)
def test_find(names: tuple[str, ...], found: list[str], root: Path) -> None:
    done = run(root, "env", "find", *names)
    assert (done.code, done.out.splitlines(), done.err) == (0, [str(root / one) for one in found], "")
    assert not store(root).exists()


def test_what_has_no_directory_is_not_found(root: Path) -> None:
    done = run(root, "env", "find", "around")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: 'around' has no directory: its type is 'none'\n"


def test_remove(root: Path) -> None:
    assert run(root, "env", "create", "both", "test", "apart").code == 0
    done = run(root, "env", "remove", "both", "apart")
    assert (done.code, done.out) == (0, "")
    assert lines(done) == [
        f"both.1: removed {store(root) / 'both.1'}",
        f"both.2: removed {store(root) / 'both.2'}",
        f"apart: removed {root / 'apart'}",
    ]
    assert made(root) == {"test"}
    done = run(root, "env", "remove", "both.1")
    assert (done.code, lines(done)) == (0, [f"both.1: there is none in {store(root) / 'both.1'}"])
    assert lines(run(root, "env", "remove")) == [f"default: there is none in {store(root) / 'p'}"]


def test_what_somebody_stands_in_is_not_removed(root: Path) -> None:
    assert run(root, "env", "create", "test").code == 0
    inside = store(root) / "test" / "bin"
    done = run(inside, "-C", str(root), "env", "remove", "test")
    assert (done.code, lines(done)) == (
        3,
        [f"test: not removed: the current directory is in it: {store(root) / 'test'}"],
    )
    assert made(root) == {"test"}


def test_prune_takes_all_of_the_project_and_nothing_else(root: Path) -> None:
    assert run(root, "env", "create", "both", "apart", "test").code == 0
    (root / "envtasks.toml").write_text(TOML.replace("[envs.test]", "[envs.other]"), encoding="utf-8")
    for name in ("mine", ".mine", "empty"):
        (store(root) / name).mkdir()
    (store(root) / "mine" / "file").touch()
    (store(root) / "link").symlink_to(store(root) / "both.1")
    (store(root) / "file").touch()
    done = run(root, "env", "prune", "--undeclared")
    assert (done.code, lines(done)) == (0, [f"test: removed {store(root) / 'test'}"])
    done = run(root, "env", "prune")
    assert (done.code, done.out) == (0, "")
    assert [line.partition(":")[0] for line in lines(done)] == ["both.1", "both.2", "apart"]
    assert not (root / "apart").exists()
    kept = {name for name in os.listdir(store(root)) if name not in {".locks", ".gitignore"}}
    assert kept == {"mine", ".mine", "empty", "link", "file"}
    assert lines(run(root, "env", "prune")) == ["there is nothing to remove"]


def test_what_moved_to_a_place_of_its_own_leaves_its_old_place_undeclared(root: Path) -> None:
    assert run(root, "env", "create", "test").code == 0
    text = TOML.replace("[envs.test]", '[envs.test]\npath = "there"')
    (root / "envtasks.toml").write_text(text, encoding="utf-8")
    assert lines(run(root, "env", "prune", "--undeclared")) == [f"test: removed {store(root) / 'test'}"]


def test_a_variable_that_leads_elsewhere_makes_nothing_undeclared(root: Path) -> None:
    assert run(root, "env", "create", "test").code == 0
    variables = world(ENVTASKS_ENV_TYPE_VIRTUAL_PATH=str(root / "there"))
    assert lines(run(root, "env", "prune", "--undeclared", variables=variables)) == ["there is nothing to remove"]


@pytest.mark.parametrize("place", ["~/.virtualenvs", "~/envs"])
def test_environments_of_other_projects_in_the_same_place_stay(place: str, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "p"
    other.mkdir(parents=True)
    (other / "envtasks.toml").write_text(
        '[envs.theirs]\ndetached = true\n[envs."test"]\ndetached = true\n', encoding="utf-8"
    )
    variables = world(HOME=str(tmp_path), ENVTASKS_ENV_DIR=place)
    assert run(other, "env", "create", "theirs", "test", variables=variables).code == 0
    theirs = run(other, "env", "find", "theirs", "test", variables=variables).out.split()
    done = run(root, "env", "prune", "--undeclared", variables=variables)
    assert (done.code, lines(done)) == (0, ["there is nothing to remove"])
    done = run(root, "env", "prune", variables=variables)
    shared = place == "~/.virtualenvs"
    assert done.code == (3 if shared else 0)
    assert (f"test: not removed: it was made for the project in '{other}'" in done.err) == shared
    assert all(os.path.exists(one) for one in theirs)


def test_a_project_that_moved_may_remove_what_moved_along(root: Path, tmp_path: Path) -> None:
    assert run(root, "env", "create", "test").code == 0
    moved = Path(shutil.move(root, tmp_path / "moved"))
    assert lines(run(moved, "env", "remove", "test")) == [f"test: removed {store(moved) / 'test'}"]


@pytest.mark.parametrize(
    ("flags", "variables", "anew"),
    [
        ((), {}, False),
        (("-N",), {}, True),
        (("--no-reuse-existing-virtualenvs",), {}, True),
        (("--reuse-venv=no",), {}, True),
        (("--reuse-venv", "never"), {}, True),
        (("--reuse-venv", "always"), {}, False),
        ((), {"ENVTASKS_REUSE_VENV": "no"}, True),
        (("-r",), {"ENVTASKS_REUSE_VENV": "no"}, False),
        (("-R",), {"ENVTASKS_REUSE_VENV": "no"}, False),
    ],
)
def test_whether_a_run_makes_environments_anew(
    flags: tuple[str, ...], variables: dict[str, str], anew: bool, root: Path
) -> None:
    assert run(root, "env", "create", "test").code == 0
    (store(root) / "test" / "extra").touch()
    done = run(root, *flags, "-s", "test", "test", variables=world(**variables))
    assert done.code == 0
    assert (store(root) / "test" / "extra").exists() == (not anew)
    assert len(done.ours) == anew


@pytest.mark.skipif(os.name == "nt", reason="there are no shared locks")
def test_who_runs_in_an_environment_is_waited_for(root: Path) -> None:
    assert run(root, "env", "create", "test").code == 0
    extra = store(root) / "test" / "extra"
    extra.touch()
    code = f"echo runs; read word; test -e {extra}"
    with (
        started(root, "run", "test:sh", "-c", code, stdin=subprocess.PIPE) as running,
        started(root, "env", "sync", "test", "--recreate") as first,
        started(root, "-N", "-s", "test") as second,
    ):
        assert (running.stdout and running.stdout.readline()) == b"runs\n"
        for one in (first, second):
            said = one.stderr.readline() if one.stderr else b""
            assert re.search(rb"^(waiting for test, (used|held) by process \d+|test: waiting for .*)$", said)
        first.send_signal(signal.SIGINT)
        assert (first.communicate(timeout=60)[1], first.returncode) == (b"test: broken: interrupted\n", 130)
        assert extra.exists()
        running.communicate(b"go on\n", timeout=60)
        second.communicate(timeout=60)
    assert (running.returncode, second.returncode, extra.exists()) == (0, 0, False)


def test_what_a_session_starts_does_not_wait_for_that_session(root: Path) -> None:
    (root / "again.py").write_text(START, encoding="utf-8")
    done = run(root, "run", f"test:{sys.executable}", "again.py", "env", "sync", "--recreate", "test")
    assert done.code == 3
    assert lines(done)[-2].startswith(
        "test: broken: 'test' would have to be made anew, and who started this runs in it"
    )
