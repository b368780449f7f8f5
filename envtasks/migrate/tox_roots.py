"""From names such as `py311-django42` to roots with a matrix."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from envtasks.declared import Pairs, Texts
from envtasks.migrate.tox_factors import split_name
from envtasks.migrate.tox_project import USUAL, ToxProject, own_environment
from envtasks.migrate.tox_reading import PREFIX
from envtasks.tuples import NamedTuple

#: The environment for the names that are only Pythons and factors, and what it is called where that is taken.
TESTS = ("test", "tests", "run-tests")
#: The variable for factors that have nothing in common.
VARIANT = "variant"

Table = dict[str, tuple[str, ...]]


class Cell(NamedTuple):
    """One environment: its name in tox, its variables, and what follows the root in its name."""

    tox: str
    variables: Pairs
    name: str

    def value(self, variable: str) -> str | None:
        return dict(self.variables).get(variable)


class Root(NamedTuple):
    """One table of ours: the environments it stands for, the matrix that makes them, and the Python where it is one."""

    name: str
    cells: tuple[Cell, ...]
    matrix: tuple[Table, ...] = ()
    python: str | None = None


def roots_of(project: ToxProject) -> tuple[Root, ...]:
    """The roots that stand for all environments of a file, in the order in which their first is listed."""
    own = [name for name in project.names if own_environment(name, project)]
    tests = next(name for name in (*TESTS, USUAL) if name not in own)
    members: dict[str, list[str]] = {}
    for name in project.names:
        members.setdefault(root_name(name, project, own, tests), []).append(name)
    if len(members.get(tests, ())) > 1 and USUAL in members[tests]:
        # A root that has a matrix is no environment itself.
        members[tests].remove(USUAL)
        members[USUAL] = [USUAL]
    return tuple(root(name, tuple(names)) for name, names in members.items())


def root_name(name: str, project: ToxProject, own: list[str], tests: str) -> str:
    if name in own:
        return "default-environment" if name == "default" else name
    for title in project.own.get(name, ()):
        rests = {split_name(other)[1] for other in project.own if title in project.own[other]}
        if title != PREFIX + name and len(rests) == 1 and "" not in (rest := rests.pop()) and rest:
            shared = "-".join(rest)
            return shared if shared not in own else title.removeprefix(PREFIX)
    return tests


def root(name: str, names: Texts) -> Root:
    split = {one: split_name(one) for one in names}
    if len(names) == 1:
        return Root(name, (Cell(names[0], (), ""),), python=split[names[0]][0])
    shown = {one: () if "-".join(rest) == name else rest for one, (_, rest) in split.items()}
    variables = variables_of(shown.values())
    tables = []
    for has_python in (True, False):
        rests: dict[Texts, list[str]] = {}
        for one in names:
            python = split[one][0]
            if (python is not None) == has_python:
                rests.setdefault(shown[one], []).append(python or "")
        tables += sorted(tables_of(rests, variables), key=lambda one: one[0])
    cells: dict[str, Cell] = {}
    for one in names:
        python = split[one][0]
        pairs = (
            *((("python", python),) if python else ()),
            *zip(variables[shown[one]], shown[one], strict=True),
        )
        cells.setdefault(cell_name(pairs), Cell(one, pairs, cell_name(pairs)))
    return Root(name, tuple(cells.values()), tuple(table for _, table in tables))


def cell_name(variables: Iterable[tuple[str, str]]) -> str:
    return "-".join(
        f"py{value}" if variable == "python" and not value.startswith("py") else value for variable, value in variables
    )


def variables_of(rests: Collection[Texts]) -> dict[Texts, Texts]:
    """What the variables are called whose values are these factors."""
    words = {found[1] for rest in rests for factor in rest if (found := re.match(r"([A-Za-z_]+?)_?\d", factor))}
    named = {}
    for rest in rests:
        names: list[str] = []
        for factor in rest:
            word = next((word for word in sorted(words, key=len, reverse=True) if factor.startswith(word)), VARIANT)
            name = next(name for name in (word, *(f"{word}{number}" for number in range(2, 99))) if name not in names)
            names.append("python-factor" if name in ("python", "py") else name)
        named[rest] = tuple(names)
    return named


def tables_of(rests: Mapping[Texts, list[str]], variables: Mapping[Texts, Texts]) -> Iterator[tuple[int, Table]]:
    """Tables of which each stands for all combinations of its values, with where the first of them was."""
    order = list(rests)
    alike: dict[tuple[Texts, Texts], list[Texts]] = {}
    for rest, pythons in rests.items():
        alike.setdefault((variables[rest], tuple(dict.fromkeys(pythons))), []).append(rest)
    for (names, of_group), group in alike.items():
        first: Table = {"python": of_group} if any(of_group) else {}
        for part in products(group):
            values = (tuple(dict.fromkeys(rest[position] for rest in part)) for position in range(len(names)))
            yield order.index(part[0]), {**first, **dict(zip(names, values, strict=True))}


def products(group: list[Texts]) -> Iterator[list[Texts]]:
    """The group in parts that are full products."""
    size = 1
    for position in range(len(group[0])):
        size *= len({rest[position] for rest in group})
    if size == len(group) or len(group) == 1:
        yield group
        return
    position = next(index for index in range(len(group[0])) if len({rest[index] for rest in group}) > 1)
    split: dict[str, list[Texts]] = {}
    for rest in group:
        split.setdefault(rest[position], []).append(rest)
    for part in split.values():
        yield from products(part)
