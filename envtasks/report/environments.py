"""The resolved environments as a table for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any

from envtasks.options import DEPENDENCIES, DESCRIPTION, ENV_VARS, FEATURES, PYTHON, SCRIPTS, TYPE

Row = dict[str, list[str]]


def environments_text(documents: Iterable[Mapping[str, Any]], width: int) -> str:
    """Standalone environments and matrices apart, each a table; columns that are empty everywhere are left out."""
    standalone: list[Row] = []
    matrices: dict[str, Row] = {}
    errors = []
    for document in documents:
        if document["error"]:
            errors.append(f"{document['name']}: {document['error']}\n")
        root = document["root"]
        if root is None:
            standalone.append(row(document))
        elif root in matrices:
            matrices[root]["Envs"].append(document["name"])
        else:
            matrices[root] = {"Name": [root], "Type": [], "Envs": [document["name"]], **row(document), "Python": []}
            matrices[root]["Name"] = [root]
    tables = (("Standalone", standalone), ("Matrices", list(matrices.values())))
    text = "\n".join(f"{title}\n{table(rows, width)}" for title, rows in tables if rows)
    return text + ("\n" + "".join(errors) if errors else "")


def row(document: Mapping[str, Any]) -> Row:
    return {
        "Name": [document["name"]],
        "Type": [document[TYPE.name]],
        "Python": [document[PYTHON.name] or ""],
        "Features": sorted(document[FEATURES.name]),
        "Dependencies": sorted(document[DEPENDENCIES.name]),
        "Variables": [f"{name}={value}" for name, value in sorted(document[ENV_VARS.name].items())],
        "Scripts": sorted(name for name in document[SCRIPTS.name] if not name.startswith("_")),
        "Description": wrap(document[DESCRIPTION.name].strip(), 40),
    }


def table(rows: Sequence[Row], width: int) -> str:
    names = [name for name in rows[0] if any(any(one[name]) for one in rows)]
    widths = fitted({name: max(len(line) for one in rows for line in (name, *one[name])) for name in names}, width)
    rule = "+".join("-" * (widths[name] + 2) for name in names)
    text = line_of(names, [(name,) for name in names], widths, 0) + rule + "\n"
    for number, one in enumerate(rows):
        cells = [[piece for line in one[name] for piece in wrap(line, widths[name]) or [""]] for name in names]
        text += (rule + "\n" if number else "") + "".join(
            line_of(names, cells, widths, index) for index in range(max(map(len, cells)))
        )
    return text


def fitted(widths: dict[str, int], width: int) -> dict[str, int]:
    """Take from the widest columns what does not fit on a line."""
    fitting = dict(widths)
    while sum(fitting.values()) + 3 * len(fitting) > width:
        widest = max(fitting, key=lambda name: fitting[name])
        if fitting[widest] <= 8:
            break
        fitting[widest] -= 1
    return fitting


def line_of(names: Sequence[str], cells: Sequence[Sequence[str]], widths: Mapping[str, int], index: int) -> str:
    texts = (cell[index] if index < len(cell) else "" for cell in cells)
    return "|".join(f" {text:<{widths[name]}} " for name, text in zip(names, texts, strict=True)).rstrip() + "\n"
