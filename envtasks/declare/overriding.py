"""`override`: overrides as an envfile writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from envtasks.declare import collecting
from envtasks.declare.callers import caller
from envtasks.declare.declarations import Given
from envtasks.declare.nox_words import in_our_words
from envtasks.option_table import TABLE


def override(
    *,
    matrix: Mapping[str, Iterable[str]] | None = None,
    name: str | None = None,
    env: Mapping[str, str] | Iterable[str] = (),
    platform: str | Iterable[str] = (),
    replace: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Options that hold only under conditions; all conditions that are given must hold.

    ``matrix``: one variable and the values it may have, `{"django": ["5.2"]}`; no values mean any.
    ``name``: a regular expression found in the part of the name that the matrix made. ``env``: variables that
    are set, or that are set to a value. ``platform``: `linux`, `macos`, `windows`. ``options``: what changes, with
    the names and values of `env`; arrays and tables are added to, or replaced with ``replace``.

    Gives the table that `overrides` of TOML would hold; several of them are a list: `overrides=[override(...), ...]`.
    """
    where = caller("override")
    changes = in_our_words(options, where, collecting.current.mistakes)
    variables = [f"{key}={value}" for key, value in env.items()] if isinstance(env, Mapping) else listed(env)
    platforms = listed(platform)
    if matrix is not None and name is None and len(matrix) == 1:
        ((condition, values),) = matrix.items()
        return tables("matrix", [condition], changes, replace=replace, conditions=given(values, platforms, variables))
    if name is not None and matrix is None:
        return tables("name", [name], changes, replace=replace, conditions=given((), platforms, variables))
    if matrix is None and platforms:
        return tables("platform", platforms, changes, replace=replace, conditions=given((), (), variables))
    if matrix is None and variables:
        first = variables[0].partition("=")[0]
        return tables("env", [first], changes, replace=replace, conditions=given((), (), variables))
    hint = "say one variable in matrix, or a name, or env, or platform"
    collecting.current.mistakes.add("override needs a condition", where, hint)
    return {}


def listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def given(values: Iterable[str], platforms: Iterable[str], variables: Iterable[str]) -> dict[str, list[str]]:
    conditions = {"if": listed(values), "platform": list(platforms), "env": list(variables)}
    return {key: texts for key, texts in conditions.items() if texts}


def tables(
    source: str, conditions_of_source: Iterable[str], options: Mapping[str, Any], *, replace: bool, conditions: Any
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in options.items():
        if replace:
            # Choices that all fail would still leave nothing of what is replaced.
            changes[f"set-{name}"] = (
                Given(choices(name, value, {}), conditions) if conditions else choices(name, value, {})
            )
        else:
            changes[name] = choices(name, value, conditions)
    return {source: dict.fromkeys(conditions_of_source, changes)}


def choices(name: str, value: Any, conditions: Mapping[str, list[str]]) -> Any:
    """The value of one option in the form of an override, under these conditions."""
    option = TABLE.get(name)
    whole = option is not None and not option.overridable
    if isinstance(value, Mapping) and not whole:
        return [{"key": key, "value": one, **conditions} for key, one in value.items()]
    if isinstance(value, (list, tuple)) and not whole:
        return [{"value": one, **conditions} for one in value]
    return [{"value": value, **conditions}]
