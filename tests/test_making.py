"""Making environments stage by stage, with an installer that only pretends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import Events, FakeInstaller, program, recipe, recorded

from envtasks.environments import backends, locks, making, record
from envtasks.environments.freshness import stale
from envtasks.environments.installed import is_installed
from envtasks.errors import EnvironmentFailed, InterpreterMissing
from envtasks.events import EnvironmentNoted, EnvironmentReady, EnvironmentStarted, StageStarted
from envtasks.model import Host
from envtasks.planned import Recipe, Step


class World:
    """A project directory, an installer that pretends, and what was emitted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.installer = FakeInstaller("broken")
        self.events = Events()
        self.host = Host(str(root), str(root / "home"), "linux", dict(os.environ))

    def recipe(self, **changes: Any) -> Recipe:
        return recipe(self.root / ".envtasks" / "envs" / "test", installer="fake", **changes)

    def make(self, wanted: Recipe) -> None:
        self.events.clear()
        making.make(wanted, self.host, str(self.root), self.events)

    @property
    def stages(self) -> list[tuple[str, str]]:
        return [(event.stage, event.detail) for event in self.events.of(StageStarted)]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    monkeypatch.setitem(backends.MODULES, ("virtual", "fake"), "fake_installer")
    monkeypatch.setitem(sys.modules, "fake_installer", made.installer)
    return made


@contextmanager
def holding(wanted: Recipe, held: Path, code: str, *words: str) -> Iterator[None]:
    """Another process that holds the lock of a directory for a moment, and runs code before it lets go."""
    lock = locks.lock_of(wanted)
    os.makedirs(os.path.dirname(lock), exist_ok=True)
    whole = (
        "import os, sys, time; from filelock import FileLock\n"
        f"with FileLock(sys.argv[1]):\n open(sys.argv[2], 'w').close(); time.sleep(0.3)\n {code}"
    )
    with subprocess.Popen([sys.executable, "-c", whole, lock, str(held), *words]) as other:
        while other.poll() is None and not held.exists():
            time.sleep(0.01)
        yield
        assert other.wait() == 0


def test_an_empty_environment(world: World) -> None:
    wanted = world.recipe()
    world.make(wanted)
    assert world.events.names == ["EnvironmentStarted", "StageStarted", "EnvironmentReady"]
    assert world.events.of(EnvironmentStarted) == [EnvironmentStarted("test", "there is none yet")]
    assert world.stages[0][0] == "create"
    assert stale(wanted) is None


def test_what_is_true_already_is_left_alone(world: World) -> None:
    wanted = world.recipe(requirements=("a",))
    world.make(wanted)
    world.make(wanted)
    assert world.events == []
    assert world.installer.installed == [("a",)]


def test_the_stages_and_their_order(world: World) -> None:
    wanted = world.recipe(
        requirements=("a", "b"),
        project=str(world.root),
        project_features=("extra", "web"),
        pre_install=(Step("echo pre >> order"), Step("exit 3", ignore_exit_code=True)),
        post_install=(Step("echo post >> order"),),
    )
    world.make(wanted)
    assert world.stages[1:] == [
        ("dependencies", "a, b"),
        ("pre-install-commands", "echo pre >> order"),
        ("pre-install-commands", "- exit 3"),
        ("project", "editable"),
        ("post-install-commands", "echo post >> order"),
    ]
    assert world.installer.installed == [("a", "b"), ("--editable", f"{world.root}[extra,web]")]
    assert (world.root / "order").read_text(encoding="utf-8") == "pre\npost\n"


def test_a_project_that_is_not_editable(world: World) -> None:
    world.make(world.recipe(project=str(world.root), editable=False))
    assert world.installer.installed == [(str(world.root),)]
    assert world.stages[1:] == [("project", "")]


CHANGES: dict[str, tuple[dict[str, Any], list[str], list[tuple[str, ...]]]] = {
    "one-more": ({"requirements": ("a", "b")}, ["dependencies"], [("a", "b")]),
    "one-less": ({"requirements": ()}, [], []),
    "project-again": ({"build_inputs": {"x": 1}}, ["project"], [("--editable", "PROJECT")]),
    "both": (
        {"requirements": ("a", "b"), "build_inputs": {"x": 1}},
        ["dependencies", "project"],
        [("a", "b", "--editable", "PROJECT")],
    ),
    "other-python": (
        {"python": None},
        ["create", "dependencies", "project"],
        [("a", "--editable", "PROJECT")],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_only_what_changed_is_done(case: str, world: World) -> None:
    changes, stages, installed = CHANGES[case]
    before = world.recipe(requirements=("a",), project=str(world.root))
    world.make(before)
    world.installer.installed.clear()
    world.make(before._replace(**changes))
    assert [stage for stage, _ in world.stages] == stages
    assert [tuple(word.replace(str(world.root), "PROJECT") for word in one) for one in world.installer.installed] == (
        installed
    )
    assert stale(before._replace(**changes)) is None


FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "dependencies": ({"requirements": ("broken",)}, "pip failed with exit code 1\nno such thing"),
    "pre-install": (
        {"project": "/p", "pre_install": (Step("exit 3"),)},
        "a command of pre-install-commands failed with exit code 3: exit 3",
    ),
    "post-install": (
        {"project": "/p", "post_install": (Step("exit 4"),)},
        "a command of post-install-commands failed with exit code 4: exit 4",
    ),
    "no-directory": (
        {"project": "/p", "post_install": (Step("true", cwd="/nowhere"),)},
        "a command of post-install-commands cannot run in '/nowhere': No such file or directory: true",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failed_stage_is_made_anew_the_next_time(case: str, world: World) -> None:
    changes, message = FAILURES[case]
    with pytest.raises(EnvironmentFailed) as caught:
        world.make(world.recipe(**changes))
    assert caught.value.message == message
    assert world.events.of(EnvironmentReady) == []
    world.make(world.recipe())
    assert world.events.of(EnvironmentStarted) == [EnvironmentStarted("test", "its making was not finished")]
    assert stale(world.recipe()) is None


def test_a_failure_in_a_kept_directory_marks_it_as_unfinished(world: World) -> None:
    world.make(world.recipe(requirements=("a",)))
    with pytest.raises(EnvironmentFailed):
        world.make(world.recipe(requirements=("a", "broken")))
    needed = stale(world.recipe(requirements=("a",)))
    assert needed is not None
    assert needed.reason == "its making was not finished"


def test_a_missing_interpreter_leaves_what_is_there(world: World) -> None:
    world.make(world.recipe())
    with pytest.raises(InterpreterMissing):
        world.make(world.recipe(python="99.1"))
    assert stale(world.recipe()) is None


def test_a_place_that_is_not_ours_is_refused(world: World) -> None:
    wanted = world.recipe()
    os.makedirs(wanted.directory)
    Path(wanted.directory, "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(EnvironmentFailed, match="it holds files that envtasks did not make"):
        world.make(wanted)
    assert os.listdir(wanted.directory) == ["mine"]
    assert world.events == []


def test_a_parent_that_is_a_file(world: World) -> None:
    (world.root / ".envtasks").write_text("", encoding="utf-8")
    with pytest.raises(EnvironmentFailed) as caught:
        world.make(world.recipe())
    assert str(world.root / ".envtasks") in caught.value.message


def test_the_store_is_kept_out_of_version_control(world: World) -> None:
    world.make(world.recipe())
    assert (world.root / ".envtasks" / "envs" / ".gitignore").read_text(encoding="utf-8") == "*\n"


@pytest.mark.parametrize("place", [".", "tools"], ids=["the-root", "beside-other-files"])
def test_a_store_with_other_things_gets_no_gitignore(place: str, world: World) -> None:
    (world.root / "tools").mkdir()
    (world.root / "tools" / "mine.py").write_text("", encoding="utf-8")
    store = os.path.normpath(world.root / place)
    world.make(world.recipe()._replace(directory=os.path.join(store, "test"), store=store))
    assert not list(world.root.rglob(".gitignore"))


def test_a_store_outside_the_project_gets_no_gitignore(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    world.make(world.recipe()._replace(directory=str(outside / "test"), store=str(outside)))
    assert not (outside / ".gitignore").exists()


def test_nothing_is_put_beside_an_environment_that_lies_elsewhere(world: World) -> None:
    (world.root / "tools").mkdir()
    world.make(world.recipe()._replace(directory=str(world.root / "tools" / "venv")))
    assert os.listdir(world.root / "tools") == ["venv"]


def test_environments_in_one_directory_have_one_lock(world: World) -> None:
    one = world.recipe()
    (world.root / "link").symlink_to(world.root)
    other = one._replace(name="other", directory=one.directory.replace(str(world.root), f"{world.root}/link"))
    assert locks.lock_of(one) == locks.lock_of(other)
    assert locks.lock_of(one) != locks.lock_of(one._replace(directory=one.directory + "2"))
    assert locks.lock_of(one).startswith(os.path.join(one.store, ".locks", "test-"))


def test_a_gitignore_that_is_there_is_kept(world: World) -> None:
    store = world.root / ".envtasks" / "envs"
    store.mkdir(parents=True)
    (store / ".gitignore").write_text("mine\n", encoding="utf-8")
    world.make(world.recipe())
    assert (store / ".gitignore").read_text(encoding="utf-8") == "mine\n"


def test_more_is_installed_into_a_ready_environment(world: World) -> None:
    wanted = world.recipe()
    world.make(wanted)
    making.install(wanted, ("b",), str(world.root), world.events)
    assert world.installer.installed == [("b",)]
    assert is_installed(wanted, ("b",), str(world.root))
    assert stale(wanted) is None


def test_a_failed_install_is_not_remembered_and_leaves_the_environment_ready(world: World) -> None:
    wanted = world.recipe()
    world.make(wanted)
    world.installer.fails = ("b",)
    with pytest.raises(EnvironmentFailed):
        making.install(wanted, ("b",), str(world.root), world.events)
    assert not is_installed(wanted, ("b",), str(world.root))
    assert stale(wanted) is None


def test_an_install_waits_for_another_process(world: World, tmp_path: Path) -> None:
    wanted = world.recipe()
    world.make(wanted)
    with holding(wanted, tmp_path / "held", "open(sys.argv[3], 'w').close()", str(tmp_path / "done")):
        making.install(wanted, ("b",), str(world.root), world.events)
        assert (tmp_path / "done").exists()
    assert world.installer.installed == [("b",)]


def test_nothing_is_installed_into_an_environment_that_is_not_ready(world: World) -> None:
    with pytest.raises(EnvironmentFailed, match="'test' is not ready"):
        making.install(world.recipe(), ("b",), str(world.root), world.events)
    assert world.installer.installed == []


def test_hooks_run_at_the_root_with_the_variables_of_the_environment(world: World) -> None:
    hook = Step('printf %s "$MINE $PWD" > seen')
    variables = {**os.environ, "MINE": "yes"}
    world.make(world.recipe(project="/p", post_install=(hook,), variables=variables))
    assert (world.root / "seen").read_text(encoding="utf-8") == f"yes {os.path.realpath(world.root)}"


def test_a_hook_that_is_a_script_has_its_directory_and_variables(world: World) -> None:
    (world.root / "deep").mkdir()
    hook = Step('printf %s "$MINE" > seen', env_vars=(("MINE", "yes"),), cwd=str(world.root / "deep"))
    world.make(world.recipe(project="/p", pre_install=(hook,)))
    assert (world.root / "deep" / "seen").read_text(encoding="utf-8") == "yes"


def test_a_record_of_a_directory_that_moved_is_not_believed(world: World) -> None:
    old = world.recipe()
    recorded(old)
    moved = old._replace(directory=old.directory + "-new")
    os.rename(old.directory, moved.directory)
    world.make(moved)
    assert world.events.of(EnvironmentStarted) == [EnvironmentStarted("test", "the directory was moved")]
    assert record.read(moved.directory) is not None


def test_environments_that_differ_in_one_directory_are_told_for_whom_it_was_made(world: World) -> None:
    one = world.recipe(requirements=("a",))
    for wanted in (one, one._replace(name="other", requirements=("a", "b")), one):
        world.make(wanted)
    assert world.events.of(EnvironmentStarted) == [EnvironmentStarted("test", "it was made for 'other'", anew=False)]


def test_another_process_that_was_quicker(world: World, tmp_path: Path) -> None:
    """The lock is held by somebody who finishes the same environment while we wait."""
    wanted = world.recipe()
    world.make(wanted)
    before = dict(record.read(wanted.directory) or {})
    record.write(wanted.directory, {"ready": False})
    code = "open(sys.argv[3], 'w').write(sys.argv[4])"
    place = os.path.join(wanted.directory, record.MARK)
    with holding(wanted, tmp_path / "held", code, place, json.dumps(before)):
        world.make(wanted)
    assert world.events.of(EnvironmentStarted) == []
    assert world.installer.created == world.installer.created[:1]


@pytest.mark.parametrize(("silent", "told"), [(0.0, ["EnvironmentAwaited"]), (60.0, [])])
def test_who_waits_for_another_process_is_told(
    silent: float, told: list[str], world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "SILENT_SECONDS", silent)
    wanted = world.recipe()
    world.make(wanted)
    for action in (world.make, lambda wanted: making.install(wanted, ("b",), str(world.root), world.events)):
        world.events.clear()
        with holding(wanted, tmp_path / "held", "pass"):
            action(wanted)
        (tmp_path / "held").unlink()
        assert world.events.names == told
    assert (record.read(wanted.directory) or {})["ready"]


def test_a_place_that_another_process_is_filling_is_looked_at_when_it_is_done(world: World, tmp_path: Path) -> None:
    """As long as the lock is held, what lies there says nothing."""
    wanted = world.recipe()
    os.makedirs(wanted.directory)
    alien = Path(wanted.directory, "pyvenv.cfg")
    alien.write_text("", encoding="utf-8")
    with holding(wanted, tmp_path / "held", "os.unlink(sys.argv[3])", str(alien)):
        world.make(wanted)
    assert stale(wanted) is None


def test_what_the_failing_program_said_is_told(tmp_path: Path) -> None:
    uv = program(tmp_path / "uv", "echo no space left; exit 9")
    wanted = recipe(tmp_path / "env", installer="uv", uv_path=str(uv))
    host = Host(str(tmp_path / "p"), str(tmp_path / "home"), "linux", dict(os.environ))
    (tmp_path / "p").mkdir()
    with pytest.raises(EnvironmentFailed) as caught:
        making.make(wanted, host, str(tmp_path / "p"), Events())
    assert caught.value.message == "uv failed with exit code 9\nno space left"


@pytest.mark.parametrize(
    ("ignored", "told"),
    [(None, True), ("dist/\n", True), (".envtasks/\n", False), ("/.envtasks\n", False), (".envtasks/envs\n", False)],
)
def test_a_person_is_told_once_to_keep_the_store_out_of_builds(ignored: str | None, told: bool, world: World) -> None:
    (world.root / "pyproject.toml").write_text("", encoding="utf-8")
    if ignored is not None:
        (world.root / ".gitignore").write_text(ignored, encoding="utf-8")
    for notes in (told, False):
        world.events.clear()
        world.make(world.recipe(python="self" if notes else None))
        assert [event.text for event in world.events.of(EnvironmentNoted)] == [
            "put '.envtasks/' into the .gitignore of the project, or what builds it may take that along"
        ] * notes


def test_an_installer_that_is_not_there_spoils_nothing(world: World) -> None:
    made = world.recipe(requirements=("a",))
    world.make(made)
    before = record.read(made.directory)
    world.installer.fails = ("missing",)
    with pytest.raises(EnvironmentFailed, match="the installer is not there"):
        world.make(made._replace(python=None))
    assert record.read(made.directory) == before


def test_what_a_task_installed_is_asked_for(world: World) -> None:
    """It stays when a dependency goes that nobody asks for, and is installed again all the same: versions may have changed."""
    made = world.recipe(requirements=("gone",))
    world.make(made)
    making.install(made, ("-r", "some.txt", "mine>=1"), str(world.root), world.events)
    place = Path(made.directory, "lib", "python3", "site-packages")
    for name in ("gone", "mine"):
        (place / f"{name}-1.0.dist-info").mkdir(parents=True)
        (place / f"{name}-1.0.dist-info" / "METADATA").write_text(f"Name: {name}\n", encoding="utf-8")
    world.make(made._replace(requirements=()))
    assert world.installer.uninstalled == [("gone",)]
    assert not is_installed(made, ("mine>=1",), str(world.root))
