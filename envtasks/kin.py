"""What a program started, and what that started in turn, as far as the system shows its processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from time import time
from typing import TYPE_CHECKING

from envtasks.tuples import NamedTuple

if TYPE_CHECKING:
    import subprocess

#: Where Linux shows its processes.
PROCESSES = "/proc/self"


class Running(NamedTuple):
    """A program that was started; ``apart``: in a session of its own, where no terminal sends signals to it.

    ``begun`` is when, in the time of the system, where that shows its processes.
    """

    process: subprocess.Popen[bytes]
    apart: bool
    begun: int | None = None


class Process(NamedTuple):
    """A process as the system shows it; ``begun`` tells it from a later one of the same number."""

    pid: int
    parent: int
    group: int
    session: int
    begun: int
    ended: bool


def kin_of(running: Running) -> set[Process]:
    """The processes that a program started, as far as the system shows them."""
    everybody = processes()
    others = {one for one in everybody.values() if one.pid not in (running.process.pid, os.getpid())}
    pids = {running.process.pid}
    found: set[Process] = set()
    while True:
        more = {one for one in others - found if one.parent in pids or is_left_behind(one, running, everybody)}
        if not more:
            return found
        found |= more
        pids |= {one.pid for one in more}


def is_left_behind(one: Process, running: Running, everybody: Mapping[int, Process]) -> bool:
    """Whether a program that is gone, such as a shell that an interrupt ended first, must have started this one.

    In our own group are others as well, such as a pager behind us: they have a parent there, or are older.
    """
    if running.apart:
        return one.session == running.process.pid
    if running.begun is None or one.begun < running.begun or one.group != os.getpgrp():
        return False
    parent = everybody.get(one.parent)
    return one.parent == 1 or (parent is not None and parent.session != one.session)


def is_there(one: Process) -> bool:
    found = process_of(one.pid)
    # `ps` of Linux rounds the same time this way or that.
    return found is not None and abs(found.begun - one.begun) <= 1


def goes_on(one: Process) -> bool:
    """Whether a process may go on after Ctrl-C: it has our terminal and handles that itself; only Linux tells."""
    try:
        with open(f"/proc/{one.pid}/status", encoding="utf-8", errors="replace") as file:
            caught = next((line.split()[1] for line in file if line.startswith("SigCgt:")), "0")
        ours = os.path.samestat(os.stat(f"/proc/{one.pid}/fd/0"), os.fstat(0))
    except OSError:
        return False
    return ours and bool(int(caught, 16) >> (signal.SIGINT - 1) & 1) and is_there(one)


def begun(pid: int) -> int | None:
    """When a program began that was just started."""
    if not os.path.isdir(PROCESSES):
        return int(time())
    found = shown_of(pid)
    return found.begun if found else None


def process_of(pid: int) -> Process | None:
    """What there is to know of a process, or None where it is gone or only waits to be fetched."""
    found = shown_of(pid) if os.path.isdir(PROCESSES) else next(listed("-p", str(pid)), None)
    return None if found is None or found.ended else found


def processes() -> dict[int, Process]:
    """All that run, by number; none where the system does not tell."""
    shown: Iterable[Process | None] = listed("-A")
    if os.path.isdir(PROCESSES):
        shown = map(shown_of, map(int, filter(str.isdecimal, os.listdir("/proc"))))
    return {one.pid: one for one in shown if one is not None and not one.ended}


def shown_of(pid: int) -> Process | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    if len(fields) < 20:
        return None
    return Process(pid, int(fields[1]), int(fields[2]), int(fields[3]), int(fields[19]), fields[0] in "ZX")


def listed(*selection: str) -> Iterator[Process]:
    """What `ps` tells of processes, as macOS shows them in no other way."""
    import subprocess
    from time import mktime, strptime

    if os.name == "nt":
        return
    try:
        # In a session of its own, so that no Ctrl-C cuts its list short.
        text = subprocess.run(
            ["/bin/ps", *selection, "-o", "pid=,ppid=,pgid=,stat=,lstart="],
            env={"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,
            check=False,
        ).stdout
    except OSError:
        return
    for line in text.splitlines():
        pid, parent, group, state, *when = line.split()
        with suppress(OSError):
            session = os.getsid(int(pid))
            seconds = int(mktime(strptime(" ".join(when), "%a %b %d %H:%M:%S %Y")))
            yield Process(int(pid), int(parent), int(group), session, seconds, state.startswith("Z"))
