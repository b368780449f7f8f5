"""What a task changes of the process is put back once it is done, so that the next session finds all as it was.

The only module that changes the directory, the variables, the streams or the signals of the process.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO

from envtasks.tuples import NamedTuple

if TYPE_CHECKING:
    from threading import Thread

#: How long threads that a task left are waited for before that is told, and how often they are looked at.
SILENT_SECONDS, GLANCE_SECONDS = 3.0, 0.2
#: Signals that a task may have a use for, where the platform has them.
SIGNALS = tuple(
    getattr(signal, f"SIG{name}")
    for name in ("INT", "TERM", "HUP", "QUIT", "ALRM", "CHLD", "PIPE", "USR1", "USR2", "TSTP", "CONT", "WINCH", "BREAK")
    if hasattr(signal, f"SIG{name}")
)
STREAMS = ("stdin", "stdout", "stderr")


class Kept(NamedTuple):
    """One thing of the process: how it is looked at, and how it is put back where it is another one than before."""

    look: Callable[[], Any]
    put_back: Callable[[Any], object]


def directory() -> str | None:
    """Where the process is; None in a directory that was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return None


def go_to(path: str | None) -> None:
    """Nothing where that is not there any more: commands that want to run in it tell so."""
    with suppress(OSError):
        os.chdir(path or os.sep)


def set_variables(values: Mapping[str, str]) -> None:
    for name in os.environ.keys() - values.keys():
        del os.environ[name]
    os.environ.update(values)


def set_handlers(handlers: Mapping[int, Any]) -> None:
    # Only the main thread may set them; what is not of Python has no name here, and cannot be put back.
    with suppress(ValueError):
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)


def timer_is_set() -> bool:
    return hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL)[0] > 0


def stop_timer(_before: bool) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


def set_mask(mask: int) -> None:
    os.umask(mask)


def file_mask() -> int:
    """It can be told only by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


KEPT = (
    Kept(directory, go_to),
    Kept(lambda: dict(os.environ), set_variables),
    Kept(lambda: list(sys.argv), lambda words: setattr(sys, "argv", words)),
    Kept(lambda: list(sys.path), lambda places: setattr(sys, "path", places)),
    Kept(lambda: {number: signal.getsignal(number) for number in SIGNALS}, set_handlers),
    Kept(timer_is_set, stop_timer),
    Kept(file_mask, set_mask),
    Kept(sys.getrecursionlimit, sys.setrecursionlimit),
)


class Surroundings(NamedTuple):
    """The directory and the variables that the process had when a task began."""

    directory: str | None
    variables: Mapping[str, str]

    @classmethod
    def now(cls) -> Surroundings:
        return cls(directory(), dict(os.environ))

    def moved_to(self) -> str | None:
        """Where the task took the process, or None where it left it."""
        now = directory()
        return now if now != self.directory else None

    def changed_variables(self) -> dict[str, str | None]:
        """The variables that the task set in the process, and those that it took away as None."""
        now = dict(os.environ)
        gone = dict.fromkeys(self.variables.keys() - now.keys())
        return {**gone, **{name: value for name, value in now.items() if self.variables.get(name) != value}}


@contextmanager
def isolated(cwd: str, tell: Callable[[str], object]) -> Iterator[Surroundings]:
    """Inside, code that nobody knows may do to the process what it likes.

    It begins in ``cwd``, if that is there. Threads that it leaves, but for daemons, are waited for, which ``tell`` is
    told after a while; not if a signal ends us.
    """
    import warnings

    threads, process = alive(), os.getpid()
    before = [kept.look() for kept in KEPT]
    streams, files = [getattr(sys, name) for name in STREAMS], [duplicate(number) for number in range(3)]
    if cwd != before[0]:
        go_to(cwd)
    try:
        with warnings.catch_warnings():
            yield Surroundings(directory(), before[1])
        if os.getpid() == process:
            wait_for(threads, tell)
    finally:
        if os.getpid() != process:
            # A fork came back from the task: it is not the one that goes on with the plan.
            flush()
            os._exit(0)
        put_back(before, streams, files)


def put_back(before: list[Any], streams: list[Any], files: list[int | None]) -> None:
    flush()
    for number, (name, stream, file) in enumerate(zip(STREAMS, streams, files, strict=True)):
        if file is not None:
            with suppress(OSError):
                os.dup2(file, number)
                os.close(file)
        setattr(sys, name, reopened(number, stream) if getattr(stream, "closed", False) else stream)
    for kept, value in zip(KEPT, before, strict=True):
        if kept.look() != value:
            kept.put_back(value)


def duplicate(number: int) -> int | None:
    try:
        return os.dup(number)
    except OSError:
        return None


def reopened(number: int, stream: TextIO) -> IO[str]:
    """A stream like one that was closed, for the same file."""
    mode: Literal["r", "w"] = "r" if number == 0 else "w"
    return open(number, mode, encoding=stream.encoding, errors=stream.errors, closefd=False)


def flush() -> None:
    """What a task printed shows before what is said of it; what cannot be written is no concern of ours."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def alive() -> set[Thread]:
    """The threads that there are; none but ours where nobody loaded what makes them."""
    threading = sys.modules.get("threading")
    return set(threading.enumerate()) if threading is not None else set()


def left_by(before: set[Thread]) -> list[Thread]:
    """The threads that are there now and were not before, but for those that nobody waits for."""
    from threading import current_thread

    ours = {*before, current_thread()}
    return [thread for thread in alive() - ours if thread.is_alive() and not thread.daemon and not idles(thread)]


def idles(thread: Thread) -> bool:
    """Whether a thread is one of a pool that has no work for it; it ends with the process."""
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001 - there is no other way to see it
    if frame is None:
        return False
    return frame.f_code.co_name == "_worker" and frame.f_globals.get("__name__") == "concurrent.futures.thread"


def wait_for(before: set[Thread], tell: Callable[[str], object], silent_seconds: float = SILENT_SECONDS) -> None:
    if alive() <= before:
        return
    started, told = monotonic(), False
    while left := left_by(before):
        left[0].join(GLANCE_SECONDS)
        if not told and monotonic() - started >= silent_seconds:
            names = ", ".join(sorted(f"'{thread.name}'" for thread in left))
            tell(f"waiting for what it started and left: thread {names}")
            told = True


def abandon_threads(exit_code: int) -> None:
    """End the process where threads would keep it from ending, although a signal told it to."""
    from threading import main_thread

    if left_by({main_thread()}):
        flush()
        os._exit(exit_code)
