"""Reading matrices: tables of variables, cells that are taken out of them, and cells that are added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.declare.declarations import Parametrized
from envtasks.declare.reading import PYTHON_VARIABLES, breaks_lines, check_python, expected, table, text, texts
from envtasks.declared import MatrixEntry, Pairs, Point, Texts
from envtasks.errors import Key, Mistakes

#: What stands beside the variables of a table when it is an array of tables.
EXCLUDE, INCLUDE = "exclude", "include"


def matrix(raw: Any, key: Key, mistakes: Mistakes) -> tuple[MatrixEntry, ...] | None:
    """The tables of a matrix; each may be followed by one for the cells that it includes."""
    if isinstance(raw, Parametrized):
        return parametrized(raw, key, mistakes)
    if isinstance(raw, Mapping):
        mistakes.add(
            "expected an array of tables, found a table",
            key,
            "write [[...matrix]] for each table; in Python, a list of them",
        )
        return None
    if not isinstance(raw, (list, tuple)):
        expected("an array of tables", raw, key, mistakes)
        return None
    return tuple(part for index, entry in enumerate(raw) for part in entries(entry, key.child(index), mistakes))


def parametrized(raw: Parametrized, key: Key, mistakes: Mistakes) -> tuple[MatrixEntry, ...] | None:
    """Each table of the matrix, if there is one, with the points of a function as its last axis."""
    check_points(raw.points, key, mistakes)
    read = matrix(raw.matrix, key, mistakes) if raw.matrix is not None else (MatrixEntry(()),)
    if read is None:
        return None
    made = tuple(entry._replace(axes=(*entry.axes, raw.points)) for entry in read)
    for variable in dict.fromkeys(name for entry in made for name in repeated(entry)):
        mistakes.add(f"the variable '{variable}' is said twice", key, "it can be in the matrix, or parametrized, once")
    return made


def repeated(entry: MatrixEntry) -> set[str]:
    """The variables that more than one axis of a table has, or one of them twice."""
    names = [
        PYTHON_VARIABLES[-1] if name in PYTHON_VARIABLES else name
        for axis in entry.axes
        for name, _ in (axis[0].variables if axis else ())
    ]
    return {name for name in names if names.count(name) > 1}


def check_points(points: tuple[Point, ...], key: Key, mistakes: Mistakes) -> None:
    seen: set[tuple[str, Pairs]] = set()
    for point in points:
        if point.name:
            check_value(point.name, key, mistakes)
        for variable, value in point.variables:
            # What has a name of its own may be any text.
            if not point.name:
                check_value(value, key.child(variable), mistakes)
            if variable in PYTHON_VARIABLES:
                check_python(value, key.child(variable), mistakes)
        # The same values may stand for different things, and have names of their own then.
        same = (point.name, () if point.name else point.variables)
        if same in seen:
            shown = point.name or ", ".join(value for _, value in point.variables)
            mistakes.add(f"{shown!r} stands here twice", key, "give each an id of its own: param(..., id=...)")
        seen.add(same)


def entries(raw: Any, key: Key, mistakes: Mistakes) -> list[MatrixEntry]:
    """What one table of a matrix says."""
    entry = table(raw, key, mistakes)
    if entry is None:
        return []
    if not entry:
        mistakes.add("a table of a matrix needs at least one variable", key)
    if all(variable in entry for variable in PYTHON_VARIABLES):
        mistakes.add("'py' and 'python' are the same variable", key, "keep one of them")
    axes: list[tuple[Point, ...]] = []
    excluded: list[Pairs] = []
    included: list[Point] = []
    for name, value in entry.items():
        where = key.child(name)
        if name == EXCLUDE and holds_tables(value):
            excluded += (cell.variables for cell in cells(value, where, mistakes))
        elif name == INCLUDE and holds_tables(value):
            included += cells(value, where, mistakes, with_name=True)
        else:
            check_variable(name, where, mistakes)
            values = variable_values(name, value, where, mistakes)
            if values is not None:
                check_values(name, values, where, mistakes)
            axes.append(axis(name, values or ()))
    check_excluded(excluded, axes, key, mistakes)
    if not axes and included:
        return [MatrixEntry((tuple(included),))]
    read = MatrixEntry(tuple(axes), tuple(excluded))
    return [read, MatrixEntry((tuple(included),))] if included else [read]


def holds_tables(raw: Any) -> bool:
    """Whether this is no variable: the values of those are strings."""
    return isinstance(raw, (list, tuple)) and any(isinstance(item, Mapping) for item in raw)


def axis(variable: str, values: Texts) -> tuple[Point, ...]:
    return tuple(Point(((variable, value),)) for value in values)


def cells(raw: Any, key: Key, mistakes: Mistakes, *, with_name: bool = False) -> list[Point]:
    """Cells of a matrix as tables: a value for each variable, and where they are added, an `id` and `tags`."""
    return [cell(item, key.child(index), mistakes, with_name=with_name) for index, item in enumerate(raw)]


def cell(raw: Any, key: Key, mistakes: Mistakes, *, with_name: bool) -> Point:
    before = len(mistakes)
    name = ""
    tags: Texts = ()
    variables: list[tuple[str, str]] = []
    for variable, value in (table(raw, key, mistakes) or {}).items():
        where = key.child(variable)
        if with_name and variable == "tags":
            tags = texts(value, where, mistakes) or ()
            continue
        read = text(value, where, mistakes)
        if read is None:
            continue
        check_value(read, where, mistakes)
        if with_name and variable == "id":
            name = read
            continue
        check_variable(variable, where, mistakes)
        if variable in PYTHON_VARIABLES:
            check_python(read, where, mistakes)
        variables.append((variable, read))
    if not variables and len(mistakes) == before:
        mistakes.add("a cell of a matrix needs at least one variable", key)
    return Point(tuple(variables), name, name, tags)


def check_excluded(excluded: list[Pairs], axes: list[tuple[Point, ...]], key: Key, mistakes: Mistakes) -> None:
    """What is taken out must be there; the Pythons may still come from the option `python`."""
    known: dict[str, list[str]] = {}
    for points in axes:
        for point in points:
            for variable, value in point.variables:
                known.setdefault(variable, []).append(value)
    for index, variables in enumerate(excluded):
        for variable, value in variables:
            where = key.child(EXCLUDE, index, variable)
            if variable in known and value not in known[variable]:
                mistakes.unknown(f"value of '{variable}'", value, tuple(known[variable]), where)
            elif variable not in known and variable not in PYTHON_VARIABLES:
                mistakes.unknown("variable of this matrix", variable, tuple(known), where)


def check_variable(name: str, key: Key, mistakes: Mistakes) -> None:
    if not name:
        mistakes.add("the name of a matrix variable cannot be empty", key)
    elif breaks_lines(name):
        mistakes.add(f"a matrix variable cannot be named {name!r}", key, "use letters and digits")


def variable_values(variable: str, raw: Any, key: Key, mistakes: Mistakes) -> Texts | None:
    """The values of one variable of a matrix, each of which makes an environment."""
    values = texts(raw, key, mistakes)
    for index, value in enumerate(values or ()):
        check_value(value, key.child(index), mistakes)
        if variable in PYTHON_VARIABLES:
            check_python(value, key.child(index), mistakes)
    return values


def check_values(variable: str, values: Texts, key: Key, mistakes: Mistakes) -> None:
    """Tell what only a table of a matrix is held to: lists of Pythons are worked out, and may be empty, or repeat one."""
    if not values:
        mistakes.add(f"the matrix variable '{variable}' has no values", key)
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value and value in seen:
            mistakes.add(f"{value!r} stands here twice", key.child(index), "remove one of them")
        seen.add(value)


def check_value(value: str, key: Key, mistakes: Mistakes) -> bool:
    """Whether a value can be part of a name."""
    if not value:
        mistakes.add("a value of a matrix variable cannot be empty", key)
    elif breaks_lines(value):
        mistakes.add(f"{value!r} cannot be part of a name", key, "leave out the control characters")
    else:
        return True
    return False


def with_pythons(entry: MatrixEntry, pythons: Texts) -> MatrixEntry:
    """The entry, for each of these Pythons, once, where it does not say which one itself."""
    added = axis("python", tuple(dict.fromkeys(pythons)))
    points = [point for points in entry.axes for point in points]
    if not any(map(has_python, points)):
        return entry._replace(axes=(added, *entry.axes))
    if len(entry.axes) > 1:
        return entry
    return entry._replace(
        axes=(tuple(one for point in points for one in ([point] if has_python(point) else joined(added, point))),)
    )


def joined(pythons: tuple[Point, ...], point: Point) -> list[Point]:
    return [point._replace(variables=python.variables + point.variables) for python in pythons]


def has_python(point: Point) -> bool:
    return any(variable in PYTHON_VARIABLES for variable, _ in point.variables)
