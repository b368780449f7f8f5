"""What a project declared, read and checked, before anything is derived from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envtasks.declared import Function, Point
from envtasks.errors import Key, Mistake
from envtasks.model import Metadata, Settings
from envtasks.tuples import NamedTuple

#: Stands for the file where a value is from none, but what Hatch gives to an environment that it reserves.
HATCH_DEFAULT = "Hatch's default"


#: The attribute of a function that holds the points of a matrix that it is parametrized with.
POINTS = "__envtasks_points__"


class Declaration(NamedTuple):
    """One environment as it was declared: only the options that were said, by name."""

    name: str
    where: Key
    options: Mapping[str, Any]
    keys: Mapping[str, Key]


class WrittenTask(NamedTuple):
    """A script as only an envfile can write it: a function, with what a table would say beside `run`.

    ``declares``: it is the function that the environment was declared with, and may be parametrized.
    """

    function: Function
    settings: Mapping[str, Any]
    declares: bool = False


class Written(NamedTuple):
    """What an envfile wrote, raw: environments with where they stand, scripts for other environments, settings.

    A script comes with the name of the environment that it is for, and its own. ``mistakes`` were seen while writing.
    """

    doc: str
    environments: tuple[tuple[str, Mapping[str, Any], Key], ...]
    scripts: tuple[tuple[str, str, WrittenTask, Key], ...]
    settings: Mapping[str, tuple[Any, Key]]
    mistakes: tuple[Mistake, ...] = ()


class Several(NamedTuple):
    """Overrides as only an envfile can write them: a list of tables."""

    tables: Sequence[Any]


class Parametrized(NamedTuple):
    """A matrix as only an envfile can write it: the tables, if any, and the points that a function asks for."""

    matrix: Any
    points: tuple[Point, ...]


class Given(NamedTuple):
    """A value of an override that only an envfile can write: all of it under conditions of its own."""

    raw: Any
    conditions: Mapping[str, Any]


class Declarations(NamedTuple):
    """Everything that a project declared, whichever door it came through.

    ``files`` are those that were read, in order; ``notes`` what a person may want to know about them;
    ``hatch`` whether Hatch's tables stand in for ours; ``setting_keys`` where each setting was said.
    """

    environments: Mapping[str, Declaration]
    settings: Settings
    metadata: Metadata
    doc: str
    files: tuple[str, ...]
    notes: tuple[str, ...]
    hatch: bool
    mistakes: tuple[Mistake, ...] = ()
    setting_keys: Mapping[str, Key] = {}
