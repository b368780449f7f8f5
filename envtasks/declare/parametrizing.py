"""`parametrize` and `param`: points of a matrix as nox users write them, next to the function that gets their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, TypeVar

from envtasks.declare.callers import caller
from envtasks.declare.declarations import POINTS
from envtasks.declared import Pairs, Point, Value
from envtasks.errors import Key, invalid

F = TypeVar("F", bound=Callable[..., Any])


class Param:
    """The values of one call of a task, with an id and tags of their own; made by `param`."""

    __slots__ = ("id", "tags", "values")

    def __init__(self, *values: Any, id: str | None = None, tags: Iterable[str] | None = None) -> None:  # noqa: A002
        self.values = values
        self.id = id
        self.tags = tuple(tags or ())


#: One set of values for `parametrize`: `param(1, 2, id="old", tags=["slow"])`.
param = Param


def parametrize(
    names: str | Sequence[str],
    values: Any,
    ids: Iterable[str | None] | None = None,
    tags: Iterable[Iterable[str] | None] | None = None,
) -> Callable[[F], F]:
    """Run a task once for each of the values: its environment gets a matrix with these variables.

    ``names`` is one name, or several, also as text with commas; then each value is a sequence with one for each
    name, or a `param`. The function gets the values as they are, by name; in names, and where else text is wanted, they
    are written as `str` does, unless they have an id, or another value is written alike. Several decorators multiply.
    The name `python` chooses the Python.

    InvalidDeclarations where the values, ids or tags do not match.
    """
    variables = [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else list(names)
    points = told_apart(points_of(variables, values, tuple(ids or ()), tuple(tags or ()), caller("parametrize")))

    def parametrized(task: F) -> F:
        function = getattr(task, "function", task)
        setattr(function, POINTS, combined(getattr(function, POINTS, None), points))
        return task

    return parametrized


def points_of(
    variables: list[str], values: Any, ids: tuple[str | None, ...], tags: tuple[Iterable[str] | None, ...], where: Key
) -> Iterator[Point]:
    if not variables:
        raise invalid("no variable is named", where, "name at least one")
    try:
        rows = [row if isinstance(row, Param) else tuple(row) for row in rows_of(variables, values)]
    except TypeError:
        hint = f"give a sequence of {len(variables)} values each time, or a param"
        raise invalid(f"{', '.join(map(repr, variables))} cannot be {values!r}", where, hint) from None
    for what, given in (("ids", ids), ("lists of tags", tags)):
        if len(given) > len(rows):
            raise invalid(f"there are {len(given)} {what} for {len(rows)} values", where)
    for row, one_id, some_tags in zip_longest(rows, ids, tags):
        one = row if isinstance(row, Param) else Param(*row, id=one_id, tags=some_tags)
        if len(one.values) != len(variables):
            raise invalid(f"{', '.join(map(repr, variables))} cannot be {one.values!r}", where, "give each one value")
        pairs = list(zip(variables, one.values, strict=True))
        spelled = one.id or ", ".join(f"{name}={value!r}" for name, value in pairs)
        yield Point(tuple((name, as_value(value)) for name, value in pairs), one.id or "", spelled, one.tags)


def told_apart(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points, those of different values that are written alike named as `repr` does: 1 beside "1"."""
    found = tuple(points)
    alike: dict[Pairs, set[str]] = {}
    for point in found:
        if not point.name:
            alike.setdefault(point.variables, set()).add(point.spelled)
    return tuple(
        point
        if point.name or len(alike[point.variables]) < 2 or any(map(says_where_it_is, alike[point.variables]))
        else point._replace(name="-".join(map(exactly, point.variables)))
        for point in found
    )


def says_where_it_is(text: str) -> bool:
    """Whether a text is another one in each run, as that of an object which tells its place in memory."""
    return " at 0x" in text


def exactly(variable: tuple[str, str]) -> str:
    return repr(variable[1].given if isinstance(variable[1], Value) else variable[1])


def rows_of(variables: list[str], values: Any) -> Iterable[Any]:
    """The sets of values; for one variable, each value is a set, and what is no sequence is the only one."""
    if len(variables) != 1:
        return (values,) if isinstance(values, Param) else values
    several = values if isinstance(values, (list, tuple, range, Iterator)) else (values,)
    return (one if isinstance(one, Param) else (one,) for one in several)


def as_value(given: Any) -> str:
    """What stands for a value where text is wanted; it is never empty."""
    if isinstance(given, str) and given:
        return given
    name = getattr(given, "__name__", None)
    value = Value((name if isinstance(name, str) else str(given)) or repr(given))
    value.given = given
    return value


def combined(inner: tuple[Point, ...] | None, outer: tuple[Point, ...]) -> tuple[Point, ...]:
    """The points of two decorators, multiplied: those of the outer one change last, and are named last."""
    if inner is None:
        return outer
    return tuple(
        Point(
            one.variables + other.variables,
            f"{label(one)}-{label(other)}" if one.name or other.name else "",
            f"{one.spelled}, {other.spelled}",
            one.tags + other.tags,
        )
        for other in outer
        for one in inner
    )


def label(point: Point) -> str:
    return point.name or "-".join(value for _, value in point.variables)
