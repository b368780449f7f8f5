"""What the signals that end us do while something runs."""

from __future__ import annotations

import os
import signal

import pytest

from envtasks.signals import NUMBERS, TOLD, Held, Stopped, signals_raise


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_signals_raise_and_are_what_they_were_afterwards(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Stopped) as caught, signals_raise():
        os.kill(os.getpid(), number)
    assert (caught.value.number, caught.value.exit_code) == (number, 128 + number)
    assert caught.value.message == TOLD[number.name]
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_held_until_they_are_delivered(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT)
    reached = []

    def hold() -> None:
        with signals_raise(), Held():
            os.kill(os.getpid(), number)
            reached.append(number)

    with pytest.raises(KeyboardInterrupt):
        hold()
    assert reached == [number]
    assert signal.getsignal(signal.SIGINT) is before
