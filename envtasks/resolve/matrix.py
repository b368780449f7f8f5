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
from envtasks.options import (
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
)
from envtasks.resolve import overrides

#: More combinations than this are a slip of the keyboard.
MOST_CELLS = 100_000


def generate(
    root: str, values: Mapping[str, Any], keys: Mapping[str, Key], host: Host, mistakes: Mistakes
) -> Iterator[Environment]:
    """The environments that the matrix of a root stands for, in order; later ones may repeat a name."""
    entries: tuple[MatrixEntry, ...] = values[MATRIX.name]
    if sum(prod(len(choices) for _, choices in entry) for entry in entries) > MOST_CELLS:
        mistakes.add(f"the matrix has more than {MOST_CELLS} combinations", keys[MATRIX.name])
        return
    declared: tuple[Override, ...] = values.get(OVERRIDES.name, ())
    by_matrix = tuple(one for one in declared if one.source == "matrix")
    by_name = tuple(one for one in declared if one.source == "name")
    for entry in entries:
        ordered = sorted(entry, key=lambda variable: variable[0] not in PYTHON_VARIABLES)
        variables = [name for name, _ in ordered]
        for cell in product(*(choices for _, choices in ordered)):
            yield one_cell(root, values, dict(zip(variables, cell, strict=True)), by_matrix, by_name, keys, host)


def one_cell(
    root: str,
    base: Mapping[str, Any],
    cell: dict[str, str],
    by_matrix: tuple[Override, ...],
    by_name: tuple[Override, ...],
    keys: Mapping[str, Key],
    host: Host,
) -> Environment:
    values = overrides.apply(base, by_matrix, cell.get, host)
    name = "-".join(name_parts(cell, values.get(MATRIX_NAME_FORMAT.name, MATRIX_NAME_FORMAT.default)))
    for variable, value in cell.items():
        if variable in PYTHON_VARIABLES:
            values[PYTHON.name] = value
    if by_name:
        values = overrides.apply(values, by_name, overrides.by_name(name), host)
    full_name = name if root == TEMPLATE.default else f"{root}.{name}"
    return Environment(full_name, root, variant(cell), finished(values), keys)


def finished(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are left once resolving is done, the extra ones put where they belong."""
    left = {name: value for name, value in values.items() if not TABLE[name].consumed}
    if EXTRA_DEPENDENCIES.name in values:
        left[DEPENDENCIES.name] = values.get(DEPENDENCIES.name, ()) + values[EXTRA_DEPENDENCIES.name]
    if EXTRA_SCRIPTS.name in values:
        left[SCRIPTS.name] = {**values[EXTRA_SCRIPTS.name], **values.get(SCRIPTS.name, {})}
    return left


def variant(cell: Mapping[str, str]) -> Pairs:
    return tuple((PYTHON.name if name in PYTHON_VARIABLES else name, value) for name, value in cell.items())


def name_parts(cell: Mapping[str, str], name_format: str) -> Iterator[str]:
    for variable, value in cell.items():
        if variable in PYTHON_VARIABLES:
            yield value if value.startswith("py") else f"py{value}"
        elif name_format == MATRIX_NAME_FORMAT.default:
            yield value
        else:
            yield name_format.format(variable=variable, value=value)
