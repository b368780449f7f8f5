"""The resolved environments as tables for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any

from envtasks.option_table import DEPENDENCIES, DESCRIPTION, ENV_VARS, FEATURES, PYTHON, SCRIPTS, TYPE
from envtasks.tuples import NamedTuple

Document = Mapping[str, Any]
#: A row of a table: its cells by the name of their column, each a list of lines.
Row = dict[str, list[str]]

NARROWEST = 8


class Lines(NamedTuple):
    """What tables are drawn with."""

    vertical: str
    horizontal: str
    crossing: str


BOXES = Lines(
    "\N{BOX DRAWINGS LIGHT VERTICAL}",
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}",
    "\N{BOX DRAWINGS LIGHT VERTICAL AND HORIZONTAL}",
)
ASCII = Lines("|", "-", "+")


def environments_text(documents: Iterable[Document], width: int, lines: Lines) -> str:
    """Standalone environments and matrices apart; columns that are empty everywhere are left out."""
    standalone: list[Row] = []
    matrices: dict[str, list[Document]] = {}
    errors = ""
    for document in documents:
        if document["error"]:
            errors += f"{document['name']}: {document['error']}\n"
        if document["root"] is None:
            standalone.append(row([document]))
        else:
            matrices.setdefault(document["root"], []).append(document)
    generated = [
        {"Name": [root], "Environments": [one["name"] for one in cells], **row(cells), "Python": []} | {"Name": [root]}
        for root, cells in matrices.items()
    ]
    tables = (("Standalone", standalone), ("Matrices", generated))
    return (
        "\n".join([*(f"{title}\n{table(rows, width, lines)}" for title, rows in tables if rows), errors]).rstrip("\n")
        + "\n"
    )


def row(documents: Sequence[Document]) -> Row:
    """The cells for environments that share a row; what only some of them have says how many."""
    first = documents[0]
    types = {document[TYPE.name] for document in documents} - {TYPE.default}
    return {
        "Name": [first["name"]],
        "Type": sorted(types),
        "Python": shared(documents, lambda one: [one[PYTHON.name]] if one[PYTHON.name] else []),
        "Features": shared(documents, lambda one: sorted(one[FEATURES.name])),
        "Dependencies": shared(documents, lambda one: one[DEPENDENCIES.name]),
        "Variables": shared(documents, lambda one: [f"{name}={value}" for name, value in one[ENV_VARS.name].items()]),
        "Scripts": shared(documents, lambda one: [name for name in one[SCRIPTS.name] if not name.startswith("_")]),
        "Description": wrap(first[DESCRIPTION.name].strip(), 40),
    }


def shared(documents: Sequence[Document], texts: Any) -> list[str]:
    counts: dict[str, int] = {}
    for document in documents:
        for text in dict.fromkeys(texts(document)):
            counts[text] = counts.get(text, 0) + 1
    total = len(documents)
    return [text if count == total else f"{text} ({count} of {total})" for text, count in counts.items()]


def table(rows: Sequence[Row], width: int, lines: Lines) -> str:
    names = [name for name in rows[0] if any(any(one[name]) for one in rows)]
    widths = fitted({name: max(len(line) for one in rows for line in (name, *one[name])) for name in names}, width)
    rule = lines.crossing.join(lines.horizontal * (widths[name] + 2) for name in names) + "\n"
    text = drawn([[name] for name in names], list(widths.values()), lines) + rule
    for number, one in enumerate(rows):
        cells = [
            [piece for line in one[name] for piece in wrap(line, widths[name], break_on_hyphens=False) or [""]]
            for name in names
        ]
        text += (rule if number else "") + drawn(cells, list(widths.values()), lines)
    return text


def fitted(widths: dict[str, int], width: int) -> dict[str, int]:
    """Take from the widest columns what does not fit on a line, down to a width that can still be read."""
    fitting = dict(widths)
    while sum(fitting.values()) + 3 * len(fitting) > width:
        wide = [name for name in fitting if fitting[name] > max(NARROWEST, len(name))]
        if not wide:
            break
        fitting[max(wide, key=lambda name: fitting[name])] -= 1
    return fitting


def drawn(cells: Sequence[Sequence[str]], widths: Sequence[int], lines: Lines) -> str:
    """One row, as many lines high as its highest cell."""
    text = ""
    for index in range(max(map(len, cells))):
        texts = (cell[index] if index < len(cell) else "" for cell in cells)
        text += (
            lines.vertical.join(f" {text:<{width}} " for text, width in zip(texts, widths, strict=True)).rstrip() + "\n"
        )
    return text
