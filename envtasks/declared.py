"""The values that options hold, once what was written has been read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from envtasks.errors import Key
from envtasks.tuples import NamedTuple

Texts = tuple[str, ...]
Pairs = tuple[tuple[str, str], ...]


class Value(str):
    """A value of a matrix that an envfile gave as something else than text: a function gets what was ``given``."""

    __slots__ = ("given",)

    given: Any


class Point(NamedTuple):
    """One choice on an axis of a matrix: the value of a variable, or of several that go together.

    ``name`` stands for it in names of environments where its values do not; ``spelled`` is how nox writes it where
    that is not `variable='value'`. Its cells get the ``tags``.
    """

    variables: Pairs
    name: str = ""
    spelled: str = ""
    tags: Texts = ()


class MatrixEntry(NamedTuple):
    """One table of a matrix: every combination of its axes, but for those that agree with one of ``exclude``."""

    axes: tuple[tuple[Point, ...], ...]
    exclude: tuple[Pairs, ...] = ()


class Function(NamedTuple):
    """A Python function that is the work of a script."""

    call: Callable[..., Any]
    name: str
    file: str
    line: int
    doc: str

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"


class Argument(NamedTuple):
    """One argument of a task, as it is typed after `--`: at its place, or as the option `--name`.

    ``type`` is one of `str`, `int`, `float`, `bool` and `path`; of several values (``many``), that of each. A `bool` is
    always an option, `--name` or `--no-name`. ``choices`` are the words that may be typed, ``values`` what each of them
    stands for. ``parameter`` is the name that the task knows it by. ``starred``: it is `*names` of a function;
    ``frozen``: a function gets several values as a tuple, not as a list; ``made_by``: the class of paths it asks for.
    """

    name: str
    type: str = "str"
    option: bool = False
    required: bool = False
    default: Any = None
    many: bool = False
    choices: Texts = ()
    values: tuple[Any, ...] = ()
    description: str = ""
    parameter: str = ""
    starred: bool = False
    frozen: bool = False
    made_by: Callable[[str], Any] | None = None


class Script(NamedTuple):
    """A named thing to do in an environment: a chain of commands, or a Python function.

    ``cwd`` is relative to the project root, ``timeout`` is in seconds, for each command.
    """

    commands: Texts = ()
    function: Function | None = None
    description: str = ""
    tags: Texts = ()
    requires: Texts = ()
    env_vars: Pairs = ()
    cwd: str = ""
    timeout: float | None = None
    args: tuple[Argument, ...] = ()


class Choice(NamedTuple):
    """One value that an override offers, and the conditions under which it does.

    ``key`` is the key that the value goes to, for mappings; a ``value`` of None stands for the value
    of the condition that the override itself is under. A condition of None is not asked for.
    """

    value: Any
    key: str = ""
    allowed: Texts | None = None
    platforms: Texts | None = None
    variables: Texts | None = None


class Override(NamedTuple):
    """A change of one option: `SOURCE.CONDITION.OPTION`; ``replace`` is the prefix `set-`, ``where`` its place.

    Its own conditions, as those of a choice, are for the whole: where they do not hold, nothing is replaced either.
    """

    source: str
    condition: str
    option: str
    replace: bool
    choices: tuple[Choice, ...]
    where: Key
    allowed: Texts | None = None
    platforms: Texts | None = None
    variables: Texts | None = None
