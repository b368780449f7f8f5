"""One environment in full, with the places that each of its values comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envtasks.errors import Key
from envtasks.model import Environment
from envtasks.option_table import OVERRIDES, TABLE
from envtasks.report.problems import place


def origins_text(environment: Environment, document: Mapping[str, Any], cwd: str) -> str:
    """Every option that has a value of its own: the value, and below it who said so."""
    lines = [environment.name]
    if document["error"]:
        lines.append(f"  error: {document['error']}")
    if environment.variant:
        lines.append("  matrix: " + ", ".join(f"{name}={value}" for name, value in environment.variant))
    for option in TABLE.values():
        if environment.origins.get(option.name) and not option.consumed:
            lines += option_lines(option.name, document[option.name], environment, cwd)
    return "".join(f"{line}\n" for line in lines)


def option_lines(name: str, value: Any, environment: Environment, cwd: str) -> Iterator[str]:
    yield f"  {name} = {shown(value)}"
    for key in environment.origins[name]:
        yield f"      {verb(key, environment)} at {place(key, cwd)}"


def verb(key: Key, environment: Environment) -> str:
    where = environment.where
    if OVERRIDES.name in key.keys[-4:]:
        return "overridden"
    return "declared" if key.file == where.file and key.keys[: len(where.keys)] == where.keys else "inherited"


def shown(value: Any) -> str:
    """A value as TOML would write it."""
    from json import dumps

    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {shown(item)}" for name, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return dumps(value, ensure_ascii=False)


def origins_document(environment: Environment, cwd: str) -> dict[str, list[str]]:
    return {
        name: [f"{verb(key, environment)} at {place(key, cwd)}" for key in keys]
        for name, keys in environment.origins.items()
        if not TABLE[name].consumed
    }
