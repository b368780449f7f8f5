"""The signals that end us: they raise, or wait until they may."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

#: How each signal that ends us is told of.
TOLD = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}
#: Those of them that the platform has.
NUMBERS = tuple(getattr(signal, name) for name in TOLD if hasattr(signal, name))


class Stopped(KeyboardInterrupt):
    """A signal told us to stop; ``number`` is the signal, ``exit_code`` what it gives.

    It is no EnvtasksError, and no Exception, so that the `except Exception` of a task does not go on regardless.
    """

    def __init__(self, number: int) -> None:
        self.message = TOLD[signal.Signals(number).name]
        self.number = number
        self.exit_code = 128 + number
        super().__init__(self.message)


def raise_stopped(number: int, _frame: object) -> None:
    raise Stopped(number)


@contextmanager
def signals_raise() -> Iterator[None]:
    """Inside, the signals that end us raise Stopped, so that we can end what we started and say how it went.

    A KeyboardInterrupt that is no Stopped was then raised by somebody's code, and not by a person.
    """
    before: dict[int, Any] = {}
    try:
        # Only the main thread may handle signals; elsewhere it is the main thread that is told.
        with suppress(ValueError):
            for number in NUMBERS:
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    before[number] = signal.signal(number, raise_stopped)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Held:
    """Inside, until they are released, signals wait for their handlers: what was just started must not be forgotten."""

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.noted: list[int] = []

    def __enter__(self) -> None:
        # Only the main thread may handle signals.
        with suppress(ValueError):
            for number in NUMBERS:
                handler = signal.getsignal(number)
                if callable(handler):
                    signal.signal(number, self.note)
                    self.before[number] = handler

    def __exit__(self, *_: object) -> None:
        self.release()
        self.deliver()

    def note(self, number: int, _frame: object) -> None:
        self.noted.append(number)

    def release(self) -> None:
        while self.before:
            signal.signal(*self.before.popitem())

    def deliver(self) -> None:
        while self.noted:
            number = self.noted.pop(0)
            handler = signal.getsignal(number)
            if callable(handler):
                handler(number, None)
