"""Reading scripts: a string, an array of strings, or a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.declare.arguments import arguments
from envtasks.declare.declarations import POINTS, WrittenTask
from envtasks.declare.reading import Reader, breaks_lines, expected, number, pairs, table, text, texts
from envtasks.declared import Script, Texts
from envtasks.errors import Key, Mistakes


def script_name(name: str, key: Key, mistakes: Mistakes) -> None:
    if " " in name or not name or breaks_lines(name):
        mistakes.add(
            f"the name of a script cannot be {name!r}", key, "leave out the spaces" if " " in name else "use letters"
        )


def scripts(raw: Any, key: Key, mistakes: Mistakes) -> dict[str, Script] | None:
    entries = table(raw, key, mistakes)
    if entries is None:
        return None
    read = {}
    for name, value in entries.items():
        script_name(name, key.child(name), mistakes)
        one = script(value, key.child(name), mistakes)
        if one is not None:
            read[name] = one
    return read


def script(raw: Any, key: Key, mistakes: Mistakes) -> Script | None:
    if isinstance(raw, WrittenTask):
        return task(raw, key, mistakes)
    if isinstance(raw, (str, list, tuple)):
        chain = commands(raw, key, mistakes)
        return None if chain is None else Script(commands=chain)
    if isinstance(raw, Mapping):
        return script_table(raw, key, mistakes)
    expected("a string, an array of strings or a table", raw, key, mistakes)
    return None


def script_table(raw: Mapping[str, Any], key: Key, mistakes: Mistakes) -> Script | None:
    if "run" not in raw:
        mistakes.add("a script needs 'run'", key, 'add run = "COMMAND" or run = ["COMMAND", ...]')
    fields = fields_of(raw, key, SCRIPT_READERS, mistakes)
    if fields is None or "run" not in fields:
        return None
    return Script(commands=fields.pop("run"), **fields)


def task(raw: WrittenTask, key: Key, mistakes: Mistakes) -> Script | None:
    function = raw.function
    if not raw.declares and hasattr(function.call, POINTS):
        mistakes.add(
            f"'{function.name}' is one more script of its environment, and cannot be parametrized",
            Key(function.file, (function.name,), function.line),
            f"put @parametrize on the function of @env, and give '{function.name}' a parameter of that name",
        )
    fields = fields_of(raw.settings, key, TASK_READERS, mistakes)
    return None if fields is None else Script(function=function, **fields)


def fields_of(
    raw: Mapping[str, Any], key: Key, readers: Mapping[str, Reader], mistakes: Mistakes
) -> dict[str, Any] | None:
    """What a table says of a script, by the names that its fields have."""
    fields: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in readers:
            mistakes.unknown("key of a script", name, tuple(readers), key.child(name))
        else:
            fields[name.replace("-", "_")] = readers[name](value, key.child(name), mistakes)
    return None if None in fields.values() else fields


def commands(raw: Any, key: Key, mistakes: Mistakes) -> Texts | None:
    if not isinstance(raw, str):
        return texts(raw, key, mistakes)
    return None if text(raw, key, mistakes) is None else (raw,)


SCRIPT_READERS: dict[str, Reader] = {
    "run": commands,
    "description": text,
    "tags": texts,
    "requires": texts,
    "env-vars": pairs,
    "cwd": text,
    "timeout": number,
    "args": arguments,
}
#: A function has its own commands, and arguments from its parameters.
TASK_READERS = {name: reader for name, reader in SCRIPT_READERS.items() if name not in ("run", "args")}
