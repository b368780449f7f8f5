"""Ending a program and all that it started, and telling whether Ctrl-C ended it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

from envtasks.kin import Process, Running, goes_on, is_there, kin_of
from envtasks.signals import raise_stopped
from envtasks.tuples import NamedTuple

INTERRUPT_SECONDS = 5.0
TERMINATE_SECONDS = 2.0
INTERRUPTED = 130
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class Patience(NamedTuple):
    """Seconds that a program has to end: after the signal that we got, and after being told to terminate."""

    interrupt: float = INTERRUPT_SECONDS
    terminate: float = TERMINATE_SECONDS


PATIENCE = Patience()


class Interrupts:
    """Inside, Ctrl-C is the business of the program that has our terminal: it got it as well, and may go on.

    That is what an interpreter or a debugger does. Whoever fails right after it was meant by it.
    """

    def __init__(self, running: Running) -> None:
        self.running = running
        self.last: float | None = None
        self.started: set[Process] = set()
        self.before: Any = None

    def __enter__(self) -> None:
        # Only the main thread may handle signals; and what is ignored stays ignored.
        with suppress(ValueError):
            if signal.getsignal(signal.SIGINT) in (signal.default_int_handler, raise_stopped):
                self.before = signal.signal(signal.SIGINT, self.note)

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def note(self, _number: int, _frame: object) -> None:
        self.last = monotonic()
        self.started |= kin_of(self.running)

    def ended(self, code: int) -> bool:
        """Whether an interrupt was what ended the program."""
        if self.last is None:
            return False
        return code in (-signal.SIGINT, INTERRUPTED) or (code != 0 and monotonic() - self.last < INTERRUPT_SECONDS)

    def outlast(self) -> None:
        """Wait for programs that go on though their shell is gone, as a subshell of dash is at once."""
        self.started |= kin_of(self.running)
        while any(map(goes_on, self.started)):
            sleep(0.05)


def stop(running: Running, number: int, patience: Patience, known: Iterable[Process] = ()) -> None:
    """End a program: by the signal we got, then by TERM, then by KILL; a second Ctrl-C goes on to the next at once.

    What it started ends as well: what is ``known`` of that, and what can still be found.
    """
    told = number == signal.SIGINT and not running.apart
    started = set(known)
    steps = ((None if told else number, patience.interrupt), (signal.SIGTERM, patience.terminate), (KILL, None))
    for step, seconds in steps:
        try:
            started |= kin_of(running)
            if step is not None:
                send(running, started, step)
            if ended(running, started, seconds):
                break
        except KeyboardInterrupt:
            continue
    send(running, started | kin_of(running), KILL)


def send(running: Running, started: Iterable[Process], number: int) -> None:
    """Send a signal to a program, to its group where it has one of its own, and to what it started."""
    pid = running.process.pid
    with suppress(ProcessLookupError, PermissionError):
        if running.apart:
            os.killpg(pid, number)
        elif running.process.poll() is None:
            os.kill(pid, number)
    for one in started:
        in_group = running.apart and one.group == pid
        with suppress(ProcessLookupError, PermissionError):
            if not in_group and is_there(one):
                os.kill(one.pid, number)


def ended(running: Running, started: Iterable[Process], seconds: float | None) -> bool:
    """Wait until a program and what it started are gone, or the time is over; without a time, for the program alone."""
    if seconds is None:
        running.process.wait()
        return True
    end = monotonic() + seconds
    while running.process.poll() is None or any(map(is_there, started)):
        if monotonic() > end:
            return False
        sleep(0.01)
    return True
