"""What came of porting a file: the new text, and what a person has to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from envtasks.tuples import NamedTuple

#: What became of a thing in the new text: it is not there, it is there as it was, or it does something else there.
Fate = Literal["left out", "stays", "changed"]


class Left(NamedTuple):
    """One thing that was not taken over as it was: its line in the old file, what it is, and what to do instead."""

    line: int
    what: str
    hint: str
    fate: Fate


class Migrated(NamedTuple):
    """The text of a new file, and everything that was left, in the order of lines."""

    text: str
    left: tuple[Left, ...]


def told(source: str, left: Iterable[Left]) -> Iterator[str]:
    """What a person has to look at, as compilers tell it; what is the same in several lines stands at the first of them."""
    lines: dict[Left, list[int]] = {}
    for one in left:
        lines.setdefault(one._replace(line=0), []).append(one.line)
    for one, (first, *others) in lines.items():
        also = f" (and in {'line' if len(others) == 1 else 'lines'} {', '.join(map(str, others))})" if others else ""
        yield f"{source}:{first}: {one.fate}: {one.what}{also}: {one.hint}"
