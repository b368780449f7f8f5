"""Matrices: from tables of variables to named environments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from envtasks.declare.reading import PYTHON_VARIABLES
from envtasks.declared import MatrixEntry, Override, Pairs, Point, Texts
from envtasks.errors import Key, Mistakes
from envtasks.model import Environment, Host
from envtasks.option_table import (
    DEPENDENCIES,
    EXTRA_DEPENDENCIES,
    EXTRA_SCRIPTS,
    MATRIX,
    MATRIX_NAME_FORMAT,
    OVERRIDES,
    PYTHON,
    SCRIPTS,
    TABLE,
    TAGS,
    TEMPLATE,
    Option,
)
from envtasks.resolve import overrides
from envtasks.resolve.inheritance import Said

#: More combinations than this are a slip of the keyboard.
MOST_CELLS = 100_000


def generate(root: str, said: Said, where: Key, host: Host, mistakes: Mistakes) -> Iterator[Environment]:
    """The environments that the matrix of a root stands for, in order; later ones may repeat a name."""
    entries: tuple[MatrixEntry, ...] = said.values[MATRIX.name]
    if sum(prod(map(len, entry.axes)) for entry in entries) > MOST_CELLS:
        mistakes.add(f"the matrix has more than {MOST_CELLS} combinations", said.origins[MATRIX.name][-1])
        return
    declared: tuple[Override, ...] = said.values.get(OVERRIDES.name, ())
    by_matrix = tuple(one for one in declared if one.source == "matrix")
    by_name = tuple(one for one in declared if one.source == "name")
    for points in combinations(entries):
        cell = cell_of(points)
        of_cell = with_tags(points, with_python(cell, overrides.apply(said, by_matrix, cell.get, host)))
        name = cell_name(points, of_cell)
        if by_name:
            of_cell = overrides.apply(of_cell, by_name, overrides.by_name(name), host)
        full_name = name if root == TEMPLATE.default else f"{root}.{name}"
        yield finished(full_name, root, variant(cell), where, of_cell, spelled(points))


def combinations(entries: Iterable[MatrixEntry]) -> Iterator[tuple[Point, ...]]:
    """Every cell of a matrix as the points that make it, that of the Python first."""
    for entry in entries:
        axes = sorted(entry.axes, key=lambda axis: not (axis and axis[0].variables[0][0] in PYTHON_VARIABLES))
        for points in product(*axes):
            if not entry.exclude or not is_excluded(cell_of(points), entry.exclude):
                yield points


def cell_of(points: tuple[Point, ...]) -> dict[str, str]:
    """The variables of a cell with their values, that of the Python first."""
    cell = [variable for point in points for variable in point.variables]
    return dict(sorted(cell, key=lambda variable: variable[0] not in PYTHON_VARIABLES))


def is_excluded(cell: Mapping[str, str], exclude: tuple[Pairs, ...]) -> bool:
    mine = dict(variant(cell))
    return any(all(mine.get(name) == value for name, value in variant(dict(cells))) for cells in exclude)


def with_tags(points: tuple[Point, ...], said: Said) -> Said:
    tags = tuple(tag for point in points for tag in point.tags)
    if not tags:
        return said
    own: Texts = said.values.get(TAGS.name, ())
    origins = {**said.origins, TAGS.name: (*said.origins.get(TAGS.name, ()), said.origins[MATRIX.name][-1])}
    return said._replace(values={**said.values, TAGS.name: own + tags}, origins=origins)


def spelled(points: tuple[Point, ...]) -> str:
    """What nox writes behind the name of a session for this cell: `-3.12(django='5.2', old)`.

    A Python that a function is parametrized with is one of the variables in parentheses.
    """
    pythons, parts = "", []
    for point in points:
        named = [f"{name}={value!r}" for name, value in point.variables if name not in PYTHON_VARIABLES]
        if not point.spelled:
            pythons += "".join(f"-{value}" for name, value in point.variables if name in PYTHON_VARIABLES)
        parts.append(point.spelled or ", ".join(named))
    cell = ", ".join(filter(None, parts))
    return f"{pythons}({cell})" if cell else pythons


def with_python(cell: Mapping[str, str], said: Said) -> Said:
    """The Python of a cell wins over what overrides by matrix variables say."""
    for variable in PYTHON_VARIABLES:
        if variable in cell:
            origins = {**said.origins, PYTHON.name: said.origins[MATRIX.name]}
            return said._replace(values={**said.values, PYTHON.name: cell[variable]}, origins=origins)
    return said


def finished(name: str, root: str | None, variant: Pairs, where: Key, said: Said, spelled: str = "") -> Environment:
    """The environment with the options that are left once resolving is done, the extra ones put where they belong."""
    values = {option: value for option, value in said.values.items() if not TABLE[option].consumed}
    origins, places = said.origins, said.script_places
    if EXTRA_DEPENDENCIES.name in said.values:
        values[DEPENDENCIES.name] = values.get(DEPENDENCIES.name, ()) + said.values[EXTRA_DEPENDENCIES.name]
        origins = with_origins(origins, DEPENDENCIES, EXTRA_DEPENDENCIES)
    if EXTRA_SCRIPTS.name in said.values:
        values[SCRIPTS.name] = {**said.values[EXTRA_SCRIPTS.name], **values.get(SCRIPTS.name, {})}
        extra = origins[EXTRA_SCRIPTS.name][-1]
        places = {**{one: extra.child(one) for one in said.values[EXTRA_SCRIPTS.name]}, **places}
        origins = with_origins(origins, SCRIPTS, EXTRA_SCRIPTS)
    return Environment(name, root, variant, values, where, origins, places, spelled)


def with_origins(
    origins: Mapping[str, tuple[Key, ...]], option: Option[Any], extra: Option[Any]
) -> Mapping[str, tuple[Key, ...]]:
    return {**origins, option.name: origins.get(option.name, ()) + origins[extra.name]}


def variant(cell: Mapping[str, str]) -> Pairs:
    return tuple((PYTHON.name if name in PYTHON_VARIABLES else name, value) for name, value in cell.items())


def cell_name(points: tuple[Point, ...], said: Said) -> str:
    name_format: str = said.values.get(MATRIX_NAME_FORMAT.name, MATRIX_NAME_FORMAT.default)
    pythons = (value for point in points for name, value in point.variables if name in PYTHON_VARIABLES)
    first = [value if value.startswith("py") else f"py{value}" for value in pythons]
    return "-".join((*first, *(part for point in points for part in name_parts(point, name_format))))


def name_parts(point: Point, name_format: str) -> Iterator[str]:
    """What a point gives to the name of a cell, its Python apart."""
    if point.name:
        yield point.name
        return
    for variable, value in point.variables:
        if variable not in PYTHON_VARIABLES:
            plain = name_format == MATRIX_NAME_FORMAT.default
            yield value if plain else name_format.format(variable=variable, value=value)
