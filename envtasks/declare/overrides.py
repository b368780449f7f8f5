"""Reading overrides: `SOURCE.CONDITION.OPTION = VALUE`, in all their forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from envtasks.declare.declarations import Given, Several
from envtasks.declare.kinds import READERS
from envtasks.declare.reading import (
    KNOWN_PLATFORMS,
    Reader,
    described,
    expected,
    table,
    text,
    texts,
    variable_name,
)
from envtasks.declare.scripts import script_name
from envtasks.declared import Choice, Override, Texts
from envtasks.errors import Key, Mistakes
from envtasks.option_table import DETACHED, MATRIX, OVERRIDES, TABLE, TEMPLATE, Option

#: The sources of overrides, in the order they are applied.
SOURCES = ("platform", "env", "matrix", "name")

#: What has done its work before overrides apply; a matrix has when those by its own variables do.
TOO_LATE = (TEMPLATE, DETACHED, OVERRIDES)
TOO_LATE_IN_MATRIX = (*TOO_LATE, MATRIX)


def overrides(raw: Any, key: Key, mistakes: Mistakes) -> tuple[Override, ...]:
    """The overrides of a table, or of several; those that change the same under the same become one."""
    written = items_of(raw.tables, key) if isinstance(raw, Several) else [(raw, key)]
    read: dict[Override, Override] = {}
    for one_table, where in written:
        for one in overrides_of(table(one_table, where, mistakes) or {}, key, mistakes):
            same = one._replace(choices=(), where=key)
            earlier = read[same].choices if same in read else ()
            read[same] = one._replace(choices=earlier + one.choices)
    return tuple(sorted(read.values(), key=lambda one: SOURCES.index(one.source)))


def overrides_of(sources: Mapping[str, Any], key: Key, mistakes: Mistakes) -> Iterator[Override]:
    for source, raw_conditions in sources.items():
        if source not in SOURCES:
            mistakes.unknown("source of overrides", source, SOURCES, key.child(source))
            continue
        conditions = table(raw_conditions, key.child(source), mistakes) or {}
        for condition, raw_options in conditions.items():
            where = key.child(source, condition)
            good = source != "name" or check_pattern(condition, where, mistakes)
            if source == "platform":
                check_platform(condition, where, mistakes)
            for option, value in (table(raw_options, where, mistakes) or {}).items():
                one = override(source, condition, option, value, where.child(option), mistakes)
                if one is not None and good:
                    yield one


def check_pattern(pattern: str, key: Key, mistakes: Mistakes) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        mistakes.add(f"not a regular expression: {error}", key)
        return False
    return True


def check_platform(name: str, key: Key, mistakes: Mistakes) -> None:
    """Check a condition; unlike `platforms` it tells upper case from lower."""
    if name not in KNOWN_PLATFORMS:
        mistakes.unknown("platform", name, KNOWN_PLATFORMS, key)


def override(source: str, condition: str, spelled: str, raw: Any, key: Key, mistakes: Mistakes) -> Override | None:
    name = spelled.removeprefix("set-")
    option = TABLE.get(name)
    if option is None:
        mistakes.unknown("option", name, tuple(TABLE), key)
        return None
    too_late = TOO_LATE_IN_MATRIX if source in ("matrix", "name") else TOO_LATE
    if option in too_late:
        mistakes.unknown("option of an override", name, tuple(one for one in TABLE if TABLE[one] not in too_late), key)
        return None
    conditions: Mapping[str, Any] = {}
    if isinstance(raw, Given):
        raw, conditions = raw
    if not option.overridable:
        choices = value_tables(raw, option, key, mistakes)
    elif option.kind in ("texts", "pairs", "scripts"):
        choices = array_choices(raw, option, key, mistakes)
    else:
        choices = scalar_choices(raw, option, key, mistakes)
    under = conditions_of(conditions, key, mistakes)
    return None if choices is None else Override(source, condition, name, spelled != name, choices, key, *under)


def value_tables(raw: Any, option: Option[Any], key: Key, mistakes: Mistakes) -> tuple[Choice, ...] | None:
    choices: list[Choice | None] = []
    for item, where in items_of(raw, key):
        if isinstance(item, Mapping):
            choices.append(choice_table(item, option, READERS[option.kind], where, mistakes))
        else:
            mistakes.add(f"expected a table with 'value', found {described(item)}", where, "write { value = ... }")
    return tuple(choice for choice in choices if choice is not None)


def items_of(raw: Any, key: Key) -> list[tuple[Any, Key]]:
    """What stands in an array, or the one thing that stands for it, each with its place."""
    if isinstance(raw, (list, tuple)):
        return [(item, key.child(index)) for index, item in enumerate(raw)]
    return [(raw, key)]


def scalar_choices(raw: Any, option: Option[Any], key: Key, mistakes: Mistakes) -> tuple[Choice, ...] | None:
    reader = READERS[option.kind]
    choices: list[Choice | None] = []
    for item, where in items_of(raw, key):
        if isinstance(item, Mapping):
            choices.append(choice_table(item, option, reader, where, mistakes))
        else:
            choices.append(Choice(reader(item, where, mistakes)))
    return tuple(choice for choice in choices if choice is not None)


def array_choices(raw: Any, option: Option[Any], key: Key, mistakes: Mistakes) -> tuple[Choice, ...] | None:
    mapping = option.kind != "texts"
    if mapping and isinstance(raw, str):
        raw = [raw]
    if not isinstance(raw, (list, tuple)):
        what = "a string or an array of strings and tables" if mapping else "an array of strings and tables"
        expected(what, raw, key, mistakes)
        return None
    choices: list[Choice] = []
    for index, item in enumerate(raw):
        where = key.child(index)
        choice: Choice | None = None
        if isinstance(item, str):
            if text(item, where, mistakes) is not None:
                choice = assignment(item) if mapping else Choice(item)
        elif isinstance(item, Mapping):
            choice = choice_table(item, option, text, where, mistakes, keyed=mapping)
        else:
            expected("a string or a table", item, where, mistakes)
        if choice is not None:
            choices.append(choice)
            if mapping:
                NAME_CHECKS[option.kind](choice.key, where, mistakes)
    return tuple(choices)


#: What may be the key of a mapping.
NAME_CHECKS: dict[str, Callable[[str, Key, Mistakes], None]] = {"pairs": variable_name, "scripts": script_name}


def assignment(item: str) -> Choice:
    key, equals, value = item.partition("=")
    return Choice(value if equals else None, key=key)


def choice_table(
    raw: Mapping[str, Any], option: Option[Any], reader: Reader, key: Key, mistakes: Mistakes, *, keyed: bool = False
) -> Choice | None:
    before = len(mistakes)
    known = (*CONDITION_KEYS, "value", *(("key",) if keyed else ()))
    for name in raw:
        if name not in known:
            mistakes.unknown("key of an override", name, known, key.child(name))
    required = "key" if keyed else "value"
    if required not in raw:
        mistakes.add(f"'{required}' is missing", key, f"add {required} = ...")
    elif raw[required] == "" and option.kind in ("texts", "pairs", "scripts"):
        mistakes.add(f"'{required}' cannot be empty", key.child(required))
    title = text(raw["key"], key.child("key"), mistakes) if keyed and "key" in raw else None
    value = reader(raw["value"], key.child("value"), mistakes) if "value" in raw else None
    conditions = conditions_of(raw, key, mistakes)
    return Choice(value, title or "", *conditions) if len(mistakes) == before else None


def conditions_of(raw: Mapping[str, Any], key: Key, mistakes: Mistakes) -> list[Texts | None]:
    conditions = [texts(raw[name], key.child(name), mistakes) if name in raw else None for name in CONDITION_KEYS]
    for index, platform in enumerate(conditions[CONDITION_KEYS.index("platform")] or ()):
        check_platform(platform, key.child("platform", index), mistakes)
    return conditions


#: The conditions of an override, in the order of the fields of `Choice` and `Override`.
CONDITION_KEYS = ("if", "platform", "env")
