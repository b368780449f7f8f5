"""The environments of Hatch as our own: the same keys, but for what only Hatch knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envtasks.declare.hatch import OUT_OF_SCOPE, defaults_of, with_reserved
from envtasks.declare.overrides import SOURCES
from envtasks.declare.positions import Scanner
from envtasks.declare.reading import KNOWN_PLATFORMS
from envtasks.declare.toml import parse
from envtasks.migrate.migrated import Left, Migrated
from envtasks.migrate.toml_text import Dotted, document, table_text
from envtasks.option_table import DETACHED, OVERRIDES, TABLE, TYPE

#: The types of environments that need no plugin.
TYPES = ("virtual",)
#: What stands in a file of its own without a prefix.
OWN_FILE = "hatch.toml"


def hatch_tables(name: str, tables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The environments in a file of Hatch, or nothing."""
    found: Any = tables
    for key in path_of(name):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def path_of(name: str) -> tuple[str, ...]:
    return ("envs",) if name.endswith(OWN_FILE) else ("tool", "hatch", "envs")


def migrate_hatch(path: str, text: str) -> Migrated:
    """The environments of Hatch in a file as the text of an envtasks.toml."""
    tables = parse(text, path)
    copying = Copying(path_of(path), text)
    blocks: list[str] = []
    for name, table in with_reserved(hatch_tables(path, tables)).items():
        said = {**defaults_of(name), **table} if isinstance(table, Mapping) else {}
        blocks += environment_blocks(name, copying.options(name, said))
    copying.leave_what_stands_beside(tables)
    return Migrated(document(blocks), tuple(sorted(copying.left)))


class Copying:
    """One file while its environments are copied; ``where`` are the keys that lead to them."""

    def __init__(self, where: tuple[str, ...], text: str) -> None:
        self.where = where
        self.left: list[Left] = []
        self.lines: dict[tuple[str | int, ...], int] = {}
        for keys, line in Scanner(text).paths():
            self.lines.setdefault(keys, line)

    def leave(self, keys: tuple[str, ...], what: str, hint: str) -> None:
        line = next((self.lines[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in self.lines), 1)
        self.left.append(Left(line, what, hint, "left out"))

    def options(self, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for option, value in said.items():
            where = (*self.where, name, option)
            if option not in TABLE:
                self.leave(where, f"'{option}' of '{name}'", "envtasks has no such option")
            elif option == TYPE.name and value not in TYPES:
                self.leave(where, f"the type '{value}' of '{name}'", "without it the environment is a virtual one")
            elif option == OVERRIDES.name and isinstance(value, Mapping):
                found[option] = self.overrides(value, where)
            else:
                found[option] = bool(value) if option == DETACHED.name else value
        return found

    def overrides(self, said: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
        """Those that do something, in the spelling that is ours: Hatch passes over what it does not know."""
        found: dict[str, Any] = {}
        for source, conditions in said.items():
            if source not in SOURCES:
                self.leave((*where, source), f"overrides by '{source}'", f"there are: {', '.join(SOURCES)}")
                continue
            for condition, options in conditions.items():
                if source == "platform" and condition not in KNOWN_PLATFORMS:
                    hint = f"there are: {', '.join(KNOWN_PLATFORMS)}"
                    self.leave((*where, source, condition), f"the platform '{condition}'", hint)
                    continue
                kept = self.overridden(options, (*where, source, condition))
                found.setdefault(source, {})[condition] = kept
        return found

    def overridden(self, options: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
        kept = {}
        for spelled, value in options.items():
            _, replacing, option = spelled.rpartition("set-")
            if option in TABLE:
                kept[replacing + option] = value
            else:
                self.leave((*where, spelled), f"'{option}' in an override", "envtasks has no such option")
        return kept

    def leave_what_stands_beside(self, tables: Mapping[str, Any]) -> None:
        found: Any = tables
        for key in self.where[:-1]:
            found = found[key]
        for name in OUT_OF_SCOPE:
            if name in found:
                self.leave((*self.where[:-1], name), f"'{name}'", "only Hatch has it")


def environment_blocks(name: str, options: Mapping[str, Any]) -> Iterator[str]:
    """An environment, with tables of their own for what would make long lines."""
    plain = {key: value for key, value in options.items() if key not in ("scripts", "overrides", "env-vars")}
    yield table_text(("envs", name), plain)
    for key in ("env-vars", "scripts", "overrides"):
        if isinstance(options.get(key), Mapping):
            table = options[key]
            yield table_text(("envs", name, key), dotted(table) if key == "overrides" else table)


def dotted(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Overrides as `SOURCE.CONDITION.OPTION`."""
    return {
        source: Dotted(
            {name: Dotted(options) if isinstance(options, Mapping) else options for name, options in by.items()}
        )
        if isinstance(by, Mapping)
        else by
        for source, by in overrides.items()
    }
