"""The environments of Hatch as our own: the same keys, but for what only Hatch knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envtasks.declare.hatch import defaults_of, with_reserved
from envtasks.declare.positions import Scanner
from envtasks.declare.toml import parse
from envtasks.migrate.migrated import Left, Migrated
from envtasks.migrate.toml_text import Dotted, document, table_text
from envtasks.option_table import TABLE

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
    lines: dict[tuple[str | int, ...], int] = {}
    for keys, line in Scanner(text).paths():
        lines.setdefault(keys, line)
    left: list[Left] = []
    blocks: list[str] = []
    for name, table in with_reserved(hatch_tables(path, parse(text, path))).items():
        said = {**defaults_of(name), **table} if isinstance(table, Mapping) else {}
        options = {}
        for option, value in said.items():
            if option in TABLE:
                options[option] = value
            else:
                line = lines.get((*path_of(path), name, option), 1)
                left.append(Left(line, f"'{option}' of '{name}'", "envtasks has no such option"))
        if options.get("type", "virtual") != "virtual":
            line = lines.get((*path_of(path), name, "type"), 1)
            left.append(Left(line, f"the type '{options['type']}' of '{name}'", "environments are virtual ones"))
        blocks += environment_blocks(name, options)
    return Migrated(document(blocks), tuple(sorted(left)))


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
