"""How far downloads are, on one line of a terminal that is drawn again and again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import TextIO

#: Seconds between two drawings.
PAUSE = 0.1
WIDTH = 24
MEGABYTE = 1_000_000


class Bar:
    """Shows downloads that go on at the same time; without a terminal only what is said in words.

    Whatever thread speaks, what it says stands on a line of its own.
    """

    def __init__(self, stream: TextIO, *, draws: bool) -> None:
        self.stream = stream
        self.draws = draws
        self.lock = Lock()
        self.parts: dict[str, tuple[int, int | None]] = {}
        self.shown = ""
        self.drawn = 0.0

    def say(self, text: str) -> None:
        with self.lock:
            self.put(f"{self.cleared()}{text}\n{self.shown}")

    def progress_of(self, name: str) -> Callable[[int, int | None], None]:
        """What is to be told how many bytes of this there are."""

        def progress(done: int, total: int | None) -> None:
            with self.lock:
                self.parts[name] = (done, total)
                now = monotonic()
                if self.draws and (now - self.drawn >= PAUSE or done == total):
                    self.drawn = now
                    cleared, self.shown = self.cleared(), bar_text(self.parts)
                    self.put(f"{cleared}{self.shown}")

        return progress

    def finish(self) -> None:
        """Leave an empty line, as if there had been no bar."""
        with self.lock:
            self.put(self.cleared())
            self.shown = ""

    def cleared(self) -> str:
        return f"\r{' ' * len(self.shown)}\r" if self.shown else ""

    def put(self, text: str) -> None:
        # A terminal that was closed is no reason to leave the work undone.
        with suppress(OSError):
            self.stream.write(text)
            self.stream.flush()


def bar_text(parts: dict[str, tuple[int, int | None]]) -> str:
    """`3.13, pypy3.11  [######------]  50 %  31.2 of 62.4 MB`; without a bar where nobody knows the whole."""
    done = sum(one for one, _ in parts.values())
    totals = [total for _, total in parts.values() if total is not None]
    names = ", ".join(parts)
    if len(totals) < len(parts) or not sum(totals):
        return f"{names}  {done / MEGABYTE:.1f} MB"
    share = min(done / sum(totals), 1.0)
    filled = int(WIDTH * share)
    bar = f"[{'#' * filled}{'-' * (WIDTH - filled)}]"
    return f"{names}  {bar} {share:4.0%}  {done / MEGABYTE:.1f} of {sum(totals) / MEGABYTE:.1f} MB"
