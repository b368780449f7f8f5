"""What a project declared, read and checked, before anything is derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from envtasks.errors import Key, Mistake
from envtasks.model import Metadata, Settings


class Declaration(NamedTuple):
    """One environment as it was declared: only the options that were said, by name."""

    name: str
    where: Key
    options: Mapping[str, Any]
    keys: Mapping[str, Key]


class Declarations(NamedTuple):
    """Everything that a project declared, whichever door it came through.

    ``files`` are those that were read, in order; ``notes`` what a person may want to know about them;
    ``hatch`` whether Hatch's tables stand in for ours.
    """

    environments: Mapping[str, Declaration]
    settings: Settings
    metadata: Metadata
    doc: str
    files: tuple[str, ...]
    notes: tuple[str, ...]
    hatch: bool
    mistakes: tuple[Mistake, ...] = ()
