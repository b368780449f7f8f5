"""One environment in full, with the places that each of its values comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envtasks.declare.declarations import HATCH_DEFAULT
from envtasks.declared import Script
from envtasks.errors import Key
from envtasks.model import Environment
from envtasks.option_table import OVERRIDES, SCRIPTS, TABLE
from envtasks.report.problems import place


def origins_text(environment: Environment, document: Mapping[str, Any], cwd: str) -> str:
    """Every option that has a value of its own: the value, and below it who said so."""
    lines = [environment.name]
    if document["error"]:
        lines.append(f"  error: {document['error']}")
    if environment.variant:
        lines.append("  matrix: " + ", ".join(f"{name}={value}" for name, value in environment.variant))
    for option in TABLE.values():
        if not environment.origins.get(option.name) or option.consumed:
            continue
        if option is SCRIPTS and environment[SCRIPTS]:
            for name in environment[SCRIPTS]:
                lines += script_lines(name, environment, cwd)
        else:
            lines.append(f"  {option.name} = {shown(document[option.name])}")
            lines += [f"      {origin(key, environment, cwd)}" for key in environment.origins[option.name]]
    return "".join(f"{line}\n" for line in lines)


def script_lines(name: str, environment: Environment, cwd: str) -> Iterator[str]:
    """A script as declared: what it comes to, the table of the environment shows."""
    script, key = environment[SCRIPTS][name], environment.origin_of_script(name)
    yield f"  {Key('', (SCRIPTS.name, name))} = {script_text(script)}"
    yield f"      {f'defined at {place(key, cwd)}' if script.function else origin(key, environment, cwd)}"


def origin(key: Key, environment: Environment, cwd: str) -> str:
    """Who said so, and where."""
    return key.file if key.file == HATCH_DEFAULT else f"{verb(key, environment)} at {place(key, cwd)}"


def verb(key: Key, environment: Environment) -> str:
    where = environment.where
    if OVERRIDES.name in key.keys[-4:]:
        return "overridden"
    return "declared" if key.file == where.file and key.keys[: len(where.keys)] == where.keys else "inherited"


def script_text(script: Script) -> str:
    """A script as declared, with what else its table says."""
    if script.function is not None:
        return f"function {script.function.name}"
    run = shown(script.commands[0] if len(script.commands) == 1 else list(script.commands))
    more = {
        "description": script.description,
        "tags": list(script.tags),
        "requires": list(script.requires),
        "env-vars": dict(script.env_vars),
        "cwd": script.cwd,
        "timeout": script.timeout,
    }
    fields = "".join(f", {name} = {shown(value)}" for name, value in more.items() if value)
    return f"{{ run = {run}{fields} }}" if fields else run


def shown(value: Any) -> str:
    """A value as TOML would write it."""
    from json import dumps

    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {shown(item)}" for name, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return dumps(value, ensure_ascii=False)


def origins_document(environment: Environment, cwd: str) -> dict[str, list[str]]:
    return {
        name: [origin(key, environment, cwd) for key in keys]
        for name, keys in environment.origins.items()
        if not TABLE[name].consumed
    }
