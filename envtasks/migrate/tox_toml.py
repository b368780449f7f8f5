"""Reading tox.toml and `[tool.tox]`, as if they had been written in an ini file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from envtasks.declare.positions import Scanner
from envtasks.migrate.migrated import Left
from envtasks.migrate.tox_factors import HIGHEST_MINOR, LOWEST_MINOR
from envtasks.migrate.tox_reading import BASE, CORE, PREFIX, Line, Section, Sections, Setting, new_name

#: The tables that hold environments, as the sections that an ini file has for them.
TABLES = {"env_run_base": BASE, "env_pkg_base": "pkgenv"}
CONDITION = re.compile(r"(not\s+)?factor(?:\.(\w+)|\[['\"]([^'\"]+)['\"]\])")


def read_toml(document: Mapping[str, Any], where: tuple[str, ...], text: str) -> tuple[Sections, tuple[Left, ...]]:
    """The sections that the tables of tox make, and what in them has no counterpart in an ini file.

    ``where`` are the keys of the table of tox in the document.
    """
    return Reading(document, where, text).sections()


class Reading:
    """One document while it is read."""

    def __init__(self, document: Mapping[str, Any], where: tuple[str, ...], text: str) -> None:
        self.document = document
        self.where = where
        self.lines: dict[tuple[str | int, ...], int] = {}
        for path, line in Scanner(text).paths():
            self.lines.setdefault(path, line)
        self.left: list[Left] = []
        #: References that led here; one that is met again goes in a circle.
        self.followed: list[list[str]] = []

    def sections(self) -> tuple[Sections, tuple[Left, ...]]:
        top: Any = self.document
        for key in self.where:
            top = top.get(key, {})
        found = {CORE: self.section(top, self.where, skip=("env", "env_base", *TABLES))}
        for name, title in TABLES.items():
            if name in top:
                found[title] = self.section(top[name], (*self.where, name))
        for name, table in tables(top.get("env_base")).items():
            title = f"{PREFIX}{name}-{{{','.join(names_of(table.get('factors', [])))}}}"
            found[title] = self.section(table, (*self.where, "env_base", name), skip=("factors",))
        for name, table in tables(top.get("env")).items():
            found[PREFIX + name] = self.section(table, (*self.where, "env", name))
        return found, tuple(self.left)

    def section(self, table: Any, where: tuple[str, ...], skip: tuple[str, ...] = ()) -> Section:
        settings = {}
        for key, value in (table if isinstance(table, Mapping) else {}).items():
            if key not in skip:
                path = (*where, key)
                settings[new_name(key)] = Setting(self.line(path), tuple(self.setting(new_name(key), value, path)))
        return Section(self.line(where), settings)

    def line(self, path: tuple[str | int, ...]) -> int:
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def setting(self, name: str, value: Any, path: tuple[str | int, ...]) -> Iterator[Line]:
        number = self.line(path)
        if name == "env_list":
            yield Line(number, "", ", ".join(environment_names(value)))
        elif isinstance(value, Mapping) and "replace" in value:
            yield from self.replaced(name, value, path)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                texts = ", ".join(map(str, item)) if isinstance(item, list) else self.word(item, (*path, key))
                yield Line(self.line((*path, key)), "", f"{key}={texts}")
        elif not isinstance(value, list):
            yield Line(number, "", str(value).lower() if isinstance(value, bool) else str(value))
        else:
            for index, item in enumerate(value):
                yield from self.entry(name, item, (*path, index))

    def entry(self, name: str, item: Any, path: tuple[str | int, ...]) -> Iterator[Line]:
        """One item of an array."""
        if isinstance(item, Mapping):
            yield from self.setting(name, item, path)
        elif isinstance(item, list):
            words = [self.word(word, (*path, index), quoted=True) for index, word in enumerate(item)]
            yield Line(self.line(path), "", " ".join(filter(None, words)))
        else:
            yield Line(self.line(path), "", str(item))

    def replaced(self, name: str, table: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[Line]:
        """What a table with `replace` gives where it stands for whole lines."""
        condition = CONDITION.fullmatch(str(table.get("condition", "")).strip())
        if table["replace"] == "if" and condition is not None:
            factor = condition[2] or condition[3]
            branches = [(f"!{factor}" if condition[1] else factor, table.get("then"))]
            branches.append((factor if condition[1] else f"!{factor}", table.get("else")))
            for holding, value in branches:
                for line in self.setting(name, value, path) if value else ():
                    yield line._replace(condition=holding)
        elif table["replace"] == "ref" and not self.ours(table) and place(table) not in self.followed:
            value = self.value_at(place(table))
            self.followed.append(place(table))
            yield from self.setting(name, value if isinstance(value, list) else [value] if value else [], path)
            self.followed.pop()
        elif table["replace"] == "posargs" and stands_for_lines(table):
            hint = "those that stand there without arguments always run; tox fails where it is given some"
            if not name.startswith("commands"):
                hint = "what stands there without arguments always counts"
            what = f"arguments in the place of whole lines of '{name}'"
            self.left.append(Left(self.line(path), what, hint, "changed"))
            yield from self.setting(name, usual(table), path)
        else:
            text = self.word(table, path)
            if text:
                yield Line(self.line(path), "", text)

    def word(self, value: Any, path: tuple[str | int, ...], *, quoted: bool = False) -> str:
        """One word of a command, or one value, in the language of ini files."""
        if isinstance(value, list):
            self.left.append(
                Left(self.line(path), "an array in the place of a word", "its items are words of their own", "changed")
            )
            return " ".join(self.word(item, path, quoted=quoted) for item in value)
        if not isinstance(value, Mapping):
            text = str(value)
            return '"{}"'.format(re.sub(r'(["\\])', r"\\\1", text)) if quoted and not is_one_word(text) else text
        kind = value.get("replace")
        if kind == "posargs":
            words = (self.word(word, path, quoted=True) for word in usual(value))
            return f"{{posargs:{' '.join(words)}}}"
        if kind == "env":
            return f"{{env:{value.get('name', '')}:{self.word(value.get('default', ''), path)}}}"
        if kind == "glob":
            return f"{{glob:{value.get('pattern', '')}}}"
        if kind == "ref" and self.ours(value):
            if "env" in value:
                return f"{{[{PREFIX}{value['env']}]{value.get('key', '')}}}"
            *section, key = place(value)[len(self.where) :] if self.prefixed(place(value)) else place(value)
            return f"{{[{section_of(section)}]{new_name(key)}}}"
        if "value" in value and kind is None:
            return self.word(value["value"], path)
        self.left.append(
            Left(self.line(path), f"a replacement of kind '{kind}'", "write what it should give", "left out")
        )
        return ""

    def prefixed(self, path: list[str]) -> bool:
        return bool(self.where) and len(path) > len(self.where) and tuple(path[: len(self.where)]) == self.where

    def ours(self, table: Mapping[str, Any]) -> bool:
        """Whether a reference leads to a setting of tox."""
        path = place(table)
        return "env" in table or self.prefixed(path) or (not self.where and path[:1] not in ([], ["tool"]))

    def value_at(self, path: list[str]) -> Any:
        value: Any = self.document
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def tables(value: Any) -> Mapping[str, Mapping[str, Any]]:
    found = value if isinstance(value, Mapping) else {}
    return {name: table for name, table in found.items() if isinstance(table, Mapping)}


def section_of(path: list[str]) -> str:
    if not path:
        return CORE
    return PREFIX + path[1] if path[0] == "env" and len(path) > 1 else TABLES.get(path[0], path[0])


def place(table: Mapping[str, Any]) -> list[str]:
    """The keys that a reference leads along; none where it leads nowhere."""
    keys = table.get("of")
    return keys if isinstance(keys, list) and all(isinstance(key, str) for key in keys) else []


def stands_for_lines(table: Mapping[str, Any]) -> bool:
    """Whether a table that arguments replace stands for several lines, and not for the words of one."""
    return bool(table.get("extend")) or any(isinstance(item, list) for item in usual(table))


def usual(table: Mapping[str, Any]) -> list[Any]:
    """What stands there where no arguments are given."""
    default = table.get("default", [])
    return default if isinstance(default, list) else [default]


def is_one_word(text: str) -> bool:
    outside = re.sub(r"\{[^{}]*\}", "", text)
    return bool(text) and not re.search(r"[\s\"'\\]", outside)


def environment_names(value: Any) -> Iterator[str]:
    """The names in `env_list`, with products written out."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping) and isinstance(item.get("product"), list):
            excluded = group(item.get("exclude", []))
            yield from (name for name in names_of(item["product"]) if name not in excluded)
        elif isinstance(item, Mapping):
            yield from group(item)
        else:
            yield str(item)


def names_of(groups: list[Any]) -> Iterator[str]:
    """The names that groups of factors make; a plain array is one group."""
    if all(isinstance(one, str) for one in groups):
        groups = [groups]
    yield from ("-".join(factors) for factors in product(*map(group, groups)))


def group(value: Any) -> list[str]:
    """The factors of a group: an array, a range with a prefix, or one of these with a label."""
    if isinstance(value, Mapping) and "prefix" in value:
        first, last = value.get("start", LOWEST_MINOR), value.get("stop", HIGHEST_MINOR)
        numbers = range(first, last + 1) if isinstance(first, int) and isinstance(last, int) else ()
        return [f"{value['prefix']}{number}" for number in numbers]
    if isinstance(value, Mapping):
        inner = value.get("values", next(iter(value.values()), []))
        return group(inner)
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
