"""Who may do what to the directory of an environment while other processes are at it too.

Sessions hold the directory itself, any number of them at a time (`use`). Who makes or removes it waits for its turn, and
who takes away what is there has it alone: nobody holds it then. What sessions install on top are changes, one after the
other. Locks are taken in that order (turn, directory, change), or two processes would wait for each other. All of them
are freed by death.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from envtasks.environments.location import digest, safe
from envtasks.environments.use import is_alone
from envtasks.errors import EnvironmentFailed
from envtasks.events import Emit, EnvironmentAwaited
from envtasks.kin import process_of
from envtasks.planned import Recipe
from envtasks.tuples import NamedTuple

#: How long one waits for another process before it is told, and how often one looks meanwhile.
SILENT_SECONDS, GLANCE_SECONDS = 1.0, 0.02
#: Where Linux shows who holds which lock.
SHOWN = "/proc/locks"


class Place(NamedTuple):
    """Where an environment lies that nobody declares any more."""

    name: str
    directory: str
    store: str


class InUse(EnvironmentFailed):
    """Another process holds what somebody did not want to wait for any longer."""


@contextmanager
def unused(place: Recipe | Place, emit: Emit | None, active: str = "") -> Iterator[None]:
    """Inside, nobody holds the directory of a place; ``active`` is the environment that we run in ourselves.

    Who waits for others is told after a while; without ``emit``, that is InUse. EnvironmentFailed where those wait for
    us.
    """
    try:
        file = os.open(place.directory, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        if (
            not is_alone(file)
            and not os.path.exists(SHOWN)
            and os.path.realpath(active) == os.path.realpath(place.directory)
        ):
            raise held_by_us(place.name, "")
        wait_until(lambda: is_alone(file), lambda: holders(os.fstat(file)), place.name, emit, used=True)
        yield
    finally:
        os.close(file)


def lock_of(place: Recipe | Place) -> str:
    """The file that is locked while a directory changes, whichever environments lie there."""
    real = os.path.realpath(place.directory)
    return os.path.join(place.store, ".locks", f"{safe(os.path.basename(real))}-{digest(real)}.lock")


def turn_of(place: Recipe | Place) -> str:
    """The file that is locked by who makes or removes a directory."""
    return f"{lock_of(place).removesuffix('.lock')}.turn"


@contextmanager
def locked(path: str, name: str, emit: Emit | None) -> Iterator[None]:
    """Inside, no other process has locked this file; who waits is told as in `unused`."""
    from filelock import FileLock, Timeout

    os.makedirs(os.path.dirname(path), exist_ok=True)
    lock = FileLock(path)

    def attempt() -> bool:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    wait_until(attempt, lambda: holders(os.stat(path)), name, emit)
    try:
        yield
    finally:
        lock.release()


def wait_until(
    attempt: Callable[[], bool],
    look: Callable[[], tuple[int, ...]],
    name: str,
    emit: Emit | None,
    *,
    used: bool = False,
) -> None:
    """Try until it works out; ``look`` tells who stands in the way, and ``used`` that they run in the environment."""
    started, told = monotonic(), False
    while not attempt():
        waited = monotonic() - started
        if not told and waited >= SILENT_SECONDS:
            if emit is None:
                raise InUse(f"{processes_text(look())} {'runs in it' if used else 'is making it'}")
            emit(EnvironmentAwaited(name, look(), used))
            told = True
        if ours := set(look()) & ancestors():
            raise held_by_us(name, f", process {min(ours)}")
        sleep(GLANCE_SECONDS)


def held_by_us(name: str, which: str) -> EnvironmentFailed:
    return EnvironmentFailed(
        f"'{name}' would have to be made anew, and who started this runs in it{which}",
        hint="try again outside of it",
    )


def processes_text(pids: tuple[int, ...]) -> str:
    return f"process {', '.join(map(str, pids))}" if pids else "another process"


def holders(status: os.stat_result) -> tuple[int, ...]:
    """The processes that have locked a file, as far as the system shows them."""
    try:
        with open(SHOWN, encoding="ascii", errors="replace") as shown:
            rows = [line.split() for line in shown]
    except OSError:
        return ()
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    # Who only waits has an arrow in its second column, and everything else one further.
    return tuple(sorted({int(row[4]) for row in rows if len(row) > 5 and row[5] == file and row[1] == "FLOCK"} - {0}))


def ancestors() -> set[int]:
    """The processes that wait for us, if they wait at all: who started us, and who started those."""
    found: set[int] = set()
    pid = os.getppid()
    while pid > 0 and pid not in found:
        found.add(pid)
        process = process_of(pid)
        pid = process.parent if process else 0
    return found
