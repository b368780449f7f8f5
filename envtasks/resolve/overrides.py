"""The one engine of overrides: what an option becomes under the conditions that hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from envtasks.declared import Choice, Override, Script
from envtasks.model import Host
from envtasks.option_table import SCRIPTS, TABLE
from envtasks.resolve.inheritance import Said

#: The value of a condition that holds, or None.
ConditionValue = Callable[[str], "str | None"]


def apply(said: Said, overrides: Iterable[Override], condition_value: ConditionValue, host: Host) -> Said:
    """What is said after those overrides whose condition holds, in their order; what was given stays untouched."""
    values, origins, places = dict(said.values), dict(said.origins), said.script_places
    for override in overrides:
        value = condition_value(override.condition)
        if value is not None and holds(override, value, host) and change(values, override, value, host):
            origins[override.option] = (*origins.get(override.option, ()), override.where)
            if override.option == SCRIPTS.name:
                chosen = (choice.key for choice in override.choices if holds(choice, value, host))
                places = {**places, **dict.fromkeys(chosen, override.where)}
    return Said(values, origins, places)


def change(values: dict[str, Any], override: Override, condition: str, host: Host) -> bool:
    """Do what one override says, and tell whether it said anything."""
    name = override.option
    option = TABLE[name]
    chosen = (choice for choice in override.choices if holds(choice, condition, host))
    if not option.overridable or option.kind in ("text", "flag"):
        first = next(chosen, None)
        if first is not None:
            values[name] = option.default if first.value == "" else first.value
        return first is not None
    base = () if override.replace else values.get(name, ())
    if option.kind == "texts":
        added: Any = tuple(choice.value for choice in chosen)
        new: Any = (*base, *added)
    else:
        added = {choice.key: condition if choice.value is None else choice.value for choice in chosen}
        new = combined(option.kind, base, added)
    if added or override.replace:
        values[name] = new
    return bool(added or override.replace)


def combined(kind: str, base: Any, added: Mapping[str, str]) -> Any:
    if kind == "pairs":
        return tuple({**dict(base), **added}.items())
    return {**dict(base), **{name: Script(commands=(text,)) for name, text in added.items()}}


def holds(one: Choice | Override, condition: str, host: Host) -> bool:
    if one.allowed is not None and condition not in one.allowed:
        return False
    if one.platforms is not None and host.platform not in one.platforms:
        return False
    return all(is_set(wanted, host.environ) for wanted in one.variables or ())


def is_set(wanted: str, environ: Mapping[str, str]) -> bool:
    """`NAME` must be set; `NAME=VALUE` must be set to just that."""
    name, equals, value = wanted.partition("=")
    return environ.get(name) == value if equals else name in environ


@cache
def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def by_platform(host: Host) -> ConditionValue:
    return lambda condition: condition if condition == host.platform else None


def by_variable(host: Host) -> ConditionValue:
    return host.environ.get


def by_name(name: str) -> ConditionValue:
    return lambda condition: name if pattern(condition).search(name) else None
