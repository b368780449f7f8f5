"""Several environments as one table: what they share, and overrides for what only some of them have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envtasks.declared import Texts
from envtasks.migrate.toml_text import Dotted
from envtasks.migrate.tox_factors import PLATFORM_FACTORS
from envtasks.migrate.tox_roots import Cell, Root
from envtasks.migrate.tox_settings import Settings
from envtasks.tuples import NamedTuple

#: Options that overrides change as a whole; what they change in others is added.
WHOLE = ("description", "python", "dev-mode", "skip-install", "system-packages", "path")
#: What an option of these is that is not said.
UNSAID: dict[str, Any] = {"dev-mode": True, "skip-install": False, "system-packages": False, "description": ""}


class Point(NamedTuple):
    """One environment on one platform."""

    cell: Cell
    platform: str


Points = frozenset[Point]
Found = Mapping[Point, Settings]


class Condition(NamedTuple):
    """When an override holds: `SOURCE.NAME`, and for tables `if` and `platform`."""

    source: str
    name: str
    values: Texts = ()
    platforms: Texts = ()

    def table(self, **fields: str) -> dict[str, Any]:
        conditions = {"if": list(self.values), "platform": list(self.platforms)}
        return {**fields, **{name: values for name, values in conditions.items() if values}}


class Merged(NamedTuple):
    """What the table of a root says; ``overrides`` as `SOURCE.NAME.OPTION`, written with dots."""

    options: dict[str, Any]
    overrides: Dotted
    scripts: dict[str, Texts]


def merged(root: Root, found: Found) -> Merged:
    return Merging(root, found).perform()


class Merging:
    """One root while its environments are put together."""

    def __init__(self, root: Root, found: Found) -> None:
        self.root = root
        self.found = found
        self.all = frozenset(found)
        self.options: dict[str, Any] = {}
        self.overrides = Dotted()
        self.scripts: dict[str, Texts] = {}

    def perform(self) -> Merged:
        names = dict.fromkeys(name for settings in self.found.values() for name in settings.options)
        for name in names:
            values = {point: settings.options.get(name, UNSAID.get(name)) for point, settings in self.found.items()}
            if name == "python" and self.root.matrix:
                continue
            if name == "description":
                values = {point: (text or "").replace("{env_name}", self.root.name) for point, text in values.items()}
            if name in WHOLE:
                self.merge_whole(name, values)
            elif name == "env-vars":
                self.merge_pairs(name, {point: value or {} for point, value in values.items()})
            else:
                self.merge_texts(name, {point: value or () for point, value in values.items()})
        commands = tuple(self.merge_commands())
        self.scripts.setdefault(self.root.name, commands)
        return Merged(self.options, self.overrides, self.scripts)

    def merge_whole(self, name: str, values: Mapping[Point, Any]) -> None:
        groups = grouped(values)
        base = max(groups, key=lambda value: len(groups[value]))
        if base is not None:
            self.options[name] = base
        for value, points in groups.items():
            if value != base and value is not None:
                for condition in self.conditions(points):
                    self.override(condition, name).append(condition.table(value=value))

    def merge_pairs(self, name: str, values: Mapping[Point, Mapping[str, str]]) -> None:
        shared: dict[str, str] = {}
        for key in dict.fromkeys(key for pairs in values.values() for key in pairs):
            groups = grouped({point: pairs[key] for point, pairs in values.items() if key in pairs})
            base = max(groups, key=lambda value: len(groups[value]))
            if sum(map(len, groups.values())) == len(self.all):
                shared[key] = base
                del groups[base]
            for value, points in groups.items():
                for condition in self.conditions(points):
                    self.override(condition, name).append(condition.table(key=key, value=value))
        if shared:
            self.options[name] = shared

    def merge_texts(self, name: str, values: Mapping[Point, Texts]) -> None:
        shared = []
        for text in dict.fromkeys(text for texts in values.values() for text in texts):
            points = frozenset(point for point, texts in values.items() if text in texts)
            if points == self.all:
                shared.append(text)
            else:
                for condition in self.conditions(points):
                    self.override(condition, name).append(condition.table(value=text))
        if shared:
            self.options[name] = shared

    def merge_commands(self) -> Iterator[str]:
        """The commands of the script, with a script of its own for each of those that not all environments run."""
        lists = {point: settings.commands for point, settings in self.found.items()}
        together = supersequence(tuple(lists.values()))
        where: list[set[Point]] = [set() for _ in together]
        for point, commands in lists.items():
            position = 0
            for command in commands:
                position = together.index(command, position) + 1
                where[position - 1].add(point)
        runs: list[tuple[Points, list[str]]] = []
        for command, points in zip(together, where, strict=True):
            ours = frozenset(points)
            if runs and runs[-1][0] == ours and (ours == self.all or not special(command, *runs[-1][1])):
                runs[-1][1].append(command)
            else:
                runs.append((ours, [command]))
        for choice in choices(runs, self.all):
            if choice[0][0] == self.all:
                yield from choice[0][1]
            else:
                yield self.slot(choice)

    def slot(self, choice: Sequence[tuple[Points, list[str]]]) -> str:
        """A script that is one command here and another, or none, there; what overrides it can say no more than commands."""
        whole = sum(len(points) for points, _ in choice) == len(self.all)
        base = max(choice, key=lambda one: len(one[0])) if whole else None
        others = [one for one in choice if one is not base]
        conditions = [(condition, commands) for points, commands in others for condition in self.conditions(points)]
        name = self.slot_name([condition for condition, _ in conditions], only=base is None and len(others) == 1)
        self.scripts[name] = tuple(base[1]) if base else ()
        for condition, commands in conditions:
            self.override(condition, "scripts").append(condition.table(key=name, value=" && ".join(commands)))
        return name

    def slot_name(self, conditions: Sequence[Condition], *, only: bool) -> str:
        first = conditions[0]
        if only and first.source == "platform":
            name = f"on-{first.name}"
        elif only and first.source == "matrix" and len(first.values) < 2:
            name = f"for-{'py' if first.name == 'python' else ''}{(*first.values, first.name)[0]}"
        else:
            name = f"by-{first.name if first.source == 'matrix' else first.source}"
        taken = (self.root.name, *self.scripts)
        return next(one for one in (name, *(f"{name}-{number}" for number in range(2, 999))) if one not in taken)

    def override(self, condition: Condition, option: str) -> list[Any]:
        by_name = self.overrides.setdefault(condition.source, Dotted()).setdefault(condition.name, Dotted())
        found: list[Any] = by_name.setdefault(option, [])
        return found

    def conditions(self, points: Points) -> Iterator[Condition]:
        """Conditions that hold for these environments on these platforms, and for no others."""
        platforms = tuple(dict.fromkeys(point.platform for point in self.found))
        by_platform = {one: frozenset(point.cell for point in points if point.platform == one) for one in platforms}
        everywhere = frozenset.intersection(*by_platform.values())
        if everywhere:
            yield self.of_cells(everywhere)
        if everywhere == frozenset(point.cell for point in points):
            return
        groups = grouped({one: cells - everywhere for one, cells in by_platform.items()})
        for cells, names in groups.items():
            if cells == frozenset(self.root.cells):
                yield from (Condition("platform", name) for name in platforms if name in names)
            elif cells:
                yield self.of_cells(cells)._replace(platforms=tuple(name for name in PLATFORM_FACTORS if name in names))

    def of_cells(self, cells: frozenset[Cell]) -> Condition:
        """One variable whose values tell these environments from the others, else a pattern of their names."""
        variables = dict.fromkeys(variable for cell in self.root.cells for variable, _ in cell.variables)
        for variable in sorted(variables, key=lambda one: one == "python"):
            values = tuple(dict.fromkeys(v for one in self.root.cells if one in cells and (v := one.value(variable))))
            if frozenset(one for one in self.root.cells if one.value(variable) in values) == cells:
                every = {one.value(variable) for one in self.root.cells} - {None}
                return Condition("matrix", variable, () if every == set(values) else values)
        return Condition("name", pattern_of([cell.name for cell in self.root.cells if cell in cells]))


def pattern_of(names: Sequence[str]) -> str:
    """A pattern for these names and no others, of which the first part is a Python."""
    pythons: dict[str, list[str]] = {}
    for name in names:
        python, _, rest = name.partition("-")
        pythons.setdefault(rest, []).append(python)
    rests: dict[Texts, list[str]] = {}
    for rest, of_rest in pythons.items():
        rests.setdefault(tuple(of_rest), []).append(rest)
    patterns = [
        f"{one_of(of_rests)}-{one_of(tails)}"
        if all(tails)
        else one_of(of_rests) + one_of([f"-{one}" for one in tails if one], "?")
        for of_rests, tails in rests.items()
    ]
    return f"^{patterns[0]}$" if len(patterns) == 1 else f"^({'|'.join(patterns)})$"


def one_of(texts: Sequence[str], times: str = "") -> str:
    escaped = [re.escape(text).replace(r"\-", "-") for text in texts]
    return "".join(escaped) if len(escaped) < 2 and not times else f"({'|'.join(escaped)}){times}" if escaped else ""


def grouped(values: Mapping[Any, Any]) -> dict[Any, frozenset[Any]]:
    """What has each value."""
    groups: dict[Any, set[Any]] = {}
    for one, value in values.items():
        groups.setdefault(value, set()).add(one)
    return {value: frozenset(members) for value, members in groups.items()}


def special(*commands: str) -> bool:
    """Whether one of these commands cannot be joined with others in one line."""
    return any(command.startswith(("- ", "! ")) for command in commands)


def supersequence(lists: Sequence[Texts]) -> list[str]:
    """One list that holds each of the others in its order."""
    together: list[str] = []
    for commands in lists:
        position = 0
        for command in commands:
            if command in together[position:]:
                position = together.index(command, position) + 1
            else:
                together.insert(position, command)
                position += 1
    return together


def choices(runs: Sequence[tuple[Points, list[str]]], everywhere: Points) -> Iterator[list[tuple[Points, list[str]]]]:
    """The runs, with those next to each other put together that never happen in the same place."""
    current: list[tuple[Points, list[str]]] = []
    for points, commands in runs:
        if current and points != everywhere and all(not points & other for other, _ in current):
            current.append((points, commands))
            continue
        if current:
            yield current
        current = [(points, commands)]
    if current:
        yield current
