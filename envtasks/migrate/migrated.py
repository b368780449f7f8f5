"""What came of porting a file: the new text, and what a person has to look at."""

from typing import NamedTuple


class Left(NamedTuple):
    """One thing that was not taken over as it was: its line in the old file, what it is, and what to do instead."""

    line: int
    what: str
    hint: str


class Migrated(NamedTuple):
    """The text of a new file, and everything that was left, in the order of lines."""

    text: str
    left: tuple[Left, ...]
