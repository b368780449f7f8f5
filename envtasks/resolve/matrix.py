"""Matrices: from tables of variables to named environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from envtasks.declare.reading import PYTHON_VARIABLES
from envtasks.declared import MatrixEntry, Override, Pairs
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
    if sum(prod(len(choices) for _, choices in entry) for entry in entries) > MOST_CELLS:
        mistakes.add(f"the matrix has more than {MOST_CELLS} combinations", said.origins[MATRIX.name][-1])
        return
    declared: tuple[Override, ...] = said.values.get(OVERRIDES.name, ())
    by_matrix = tuple(one for one in declared if one.source == "matrix")
    by_name = tuple(one for one in declared if one.source == "name")
    for entry in entries:
        ordered = sorted(entry, key=lambda variable: variable[0] not in PYTHON_VARIABLES)
        variables = [name for name, _ in ordered]
        for cell_values in product(*(choices for _, choices in ordered)):
            cell = dict(zip(variables, cell_values, strict=True))
            of_cell = with_python(cell, overrides.apply(said, by_matrix, cell.get, host))
            name = cell_name(cell, of_cell)
            if by_name:
                of_cell = overrides.apply(of_cell, by_name, overrides.by_name(name), host)
            full_name = name if root == TEMPLATE.default else f"{root}.{name}"
            yield finished(full_name, root, variant(cell), where, of_cell)


def with_python(cell: Mapping[str, str], said: Said) -> Said:
    """The Python of a cell wins over what overrides by matrix variables say."""
    for variable in PYTHON_VARIABLES:
        if variable in cell:
            origins = {**said.origins, PYTHON.name: said.origins[MATRIX.name]}
            return said._replace(values={**said.values, PYTHON.name: cell[variable]}, origins=origins)
    return said


def finished(name: str, root: str | None, variant: Pairs, where: Key, said: Said) -> Environment:
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
    return Environment(name, root, variant, values, where, origins, places)


def with_origins(
    origins: Mapping[str, tuple[Key, ...]], option: Option[Any], extra: Option[Any]
) -> Mapping[str, tuple[Key, ...]]:
    return {**origins, option.name: origins.get(option.name, ()) + origins[extra.name]}


def variant(cell: Mapping[str, str]) -> Pairs:
    return tuple((PYTHON.name if name in PYTHON_VARIABLES else name, value) for name, value in cell.items())


def cell_name(cell: Mapping[str, str], said: Said) -> str:
    name_format: str = said.values.get(MATRIX_NAME_FORMAT.name, MATRIX_NAME_FORMAT.default)
    return "-".join(name_parts(cell, name_format))


def name_parts(cell: Mapping[str, str], name_format: str) -> Iterator[str]:
    for variable, value in cell.items():
        if variable in PYTHON_VARIABLES:
            yield value if value.startswith("py") else f"py{value}"
        elif name_format == MATRIX_NAME_FORMAT.default:
            yield value
        else:
            yield name_format.format(variable=variable, value=value)
