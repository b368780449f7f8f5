"""Locks of directories: who may use, make and remove them at the same time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import Events

from envtasks.environments import locks
from envtasks.environments.locks import InUse, Place, locked, turn_of, unused
from envtasks.environments.use import use
from envtasks.errors import EnvironmentFailed
from envtasks.events import EnvironmentAwaited

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no shared locks")
shows = pytest.mark.skipif(not os.path.exists(locks.SHOWN), reason="the system does not show who holds a lock")

HOLD = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from envtasks.environments.use import use
held = use(sys.argv[1])
Path(sys.argv[2]).touch()
time.sleep(float(sys.argv[3]))
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "envs" / "test").mkdir(parents=True)
    return Place("test", str(tmp_path / "envs" / "test"), str(tmp_path / "envs"))


@contextmanager
def used_by_another(place: Place, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that runs in the environment for a while."""
    ready = Path(place.store, "ready")
    words = [sys.executable, "-c", HOLD, place.directory, str(ready), str(seconds), *filter(None, sys.path)]
    with subprocess.Popen(words) as other:
        while other.poll() is None and not ready.exists():
            time.sleep(0.01)
        yield other
        other.kill()


def test_many_use_a_directory(place: Place) -> None:
    held = [use(place.directory) for _ in range(3)]
    for one in held:
        assert one is not None
        one.end()
        one.end()
    with unused(place, None):
        assert use(place.directory) is None
    assert use(place.directory) is not None


def test_what_is_not_there_cannot_be_taken_away(place: Place) -> None:
    os.rmdir(place.directory)
    held = use(place.directory)
    assert held is not None
    with unused(place, None):
        os.mkdir(place.directory)


def test_who_waits_to_be_alone_is_told_by_whom(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "SILENT_SECONDS", 0.0)
    events = Events()
    with used_by_another(place, 0.3) as other, unused(place, events):
        pass
    holders = (other.pid,) if os.path.exists(locks.SHOWN) else ()
    assert events == [EnvironmentAwaited("test", holders, used=True)]


def test_death_ends_a_use(place: Place) -> None:
    with used_by_another(place, 60) as other:
        other.kill()
        other.wait()
        with unused(place, None):
            assert use(place.directory) is None


@shows
def test_who_does_not_wait_learns_why(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "SILENT_SECONDS", 0.05)
    with used_by_another(place, 60) as other:
        refused = pytest.raises(InUse, match=f"^process {other.pid} runs in it$")
        with refused, unused(place, None):
            pass
    refused = pytest.raises(InUse, match=f"^process {os.getpid()} is making it$")
    with locked(turn_of(place), "test", None), refused, locked(turn_of(place), "test", None):
        pass


def test_a_directory_that_took_the_place_of_another_is_looked_at_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking, somebody makes it anew."""
    opened = os.open

    def open_and_replace(path: str, flags: int) -> int:
        file = opened(path, flags)
        os.rename(path, f"{path}-old")
        os.mkdir(path)
        return file

    monkeypatch.setattr(os, "open", open_and_replace)
    assert use(place.directory) is None
    monkeypatch.undo()
    shutil.rmtree(f"{place.directory}-old")
    assert use(place.directory) is not None


WITHIN = """
import os, subprocess, sys
sys.path[:0] = sys.argv[5:]
from envtasks.environments.locks import Place, unused
from envtasks.environments.use import use
place = Place(*sys.argv[2:5])
if sys.argv[1] == "outside":
    held = use(place.directory)
    sys.exit(subprocess.run([sys.executable, "-c", os.environ["CODE"], "inside", *sys.argv[2:]]).returncode)
with unused(place, print):
    pass
"""


@shows
def test_nobody_waits_for_who_waits_for_him(place: Place) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHIN, "outside", *place, *filter(None, sys.path)],
        env={**os.environ, "CODE": WITHIN},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "who started this runs in it, process" in done.stderr


def test_without_a_view_of_locks_the_active_environment_is_not_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "SHOWN", os.devnull + "/locks")
    held = use(place.directory)
    with pytest.raises(EnvironmentFailed, match="runs in it"), unused(place, Events(), place.directory):
        pass
    assert held is not None
    held.end()
    with unused(place, Events(), place.directory):
        pass
