"""Reading overrides: `SOURCE.CONDITION.OPTION = VALUE`, in all their forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from envtasks.declare.reading import READERS, Reader, described, expected, table, text, texts
from envtasks.declared import Choice, Override
from envtasks.errors import Key, Mistakes
from envtasks.option_table import DETACHED, MATRIX, OVERRIDES, TABLE, TEMPLATE, Option

#: The sources of overrides, in the order they are applied.
SOURCES = ("platform", "env", "matrix", "name")

#: What has done its work before overrides apply; a matrix has when those by its own variables do.
TOO_LATE = (TEMPLATE, DETACHED, OVERRIDES)
TOO_LATE_IN_MATRIX = (*TOO_LATE, MATRIX)


def overrides(raw: Any, key: Key, mistakes: Mistakes) -> tuple[Override, ...] | None:
    sources = table(raw, key, mistakes)
    if sources is None:
        return None
    read: list[Override] = []
    for source, raw_conditions in sources.items():
        if source not in SOURCES:
            mistakes.unknown("source of overrides", source, SOURCES, key.child(source))
            continue
        conditions = table(raw_conditions, key.child(source), mistakes) or {}
        for condition, raw_options in conditions.items():
            where = key.child(source, condition)
            good = source != "name" or check_pattern(condition, where, mistakes)
            for option, value in (table(raw_options, where, mistakes) or {}).items():
                one = override(source, condition, option, value, where.child(option), mistakes)
                if one is not None and good:
                    read.append(one)
    return tuple(sorted(read, key=lambda one: SOURCES.index(one.source)))


def check_pattern(pattern: str, key: Key, mistakes: Mistakes) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        mistakes.add(f"not a regular expression: {error}", key)
        return False
    return True


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
    if not option.overridable:
        choices = value_table(raw, option, key, mistakes)
    elif option.kind in ("texts", "pairs", "scripts"):
        choices = array_choices(raw, option, key, mistakes)
    else:
        choices = scalar_choices(raw, option, key, mistakes)
    return None if choices is None else Override(source, condition, name, spelled != name, choices, key)


def value_table(raw: Any, option: Option[Any], key: Key, mistakes: Mistakes) -> tuple[Choice, ...] | None:
    if not isinstance(raw, Mapping):
        mistakes.add(f"expected a table with 'value', found {described(raw)}", key, "write { value = ... }")
        return None
    choice = choice_table(raw, option, READERS[option.kind], key, mistakes)
    return None if choice is None else (choice,)


def scalar_choices(raw: Any, option: Option[Any], key: Key, mistakes: Mistakes) -> tuple[Choice, ...] | None:
    items = list(raw) if isinstance(raw, (list, tuple)) else [raw]
    wheres = [key.child(index) for index in range(len(items))] if isinstance(raw, (list, tuple)) else [key]
    reader = READERS[option.kind]
    choices: list[Choice | None] = []
    for item, where in zip(items, wheres, strict=True):
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
    choices: list[Choice | None] = []
    for index, item in enumerate(raw):
        where = key.child(index)
        if isinstance(item, str):
            choices.append(assignment(item) if mapping else Choice(item))
        elif isinstance(item, Mapping):
            choices.append(choice_table(item, option, text, where, mistakes, keyed=mapping))
        else:
            expected("a string or a table", item, where, mistakes)
    return tuple(choice for choice in choices if choice is not None)


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
    conditions = [texts(raw[name], key.child(name), mistakes) if name in raw else None for name in CONDITION_KEYS]
    return Choice(value, title or "", *conditions) if len(mistakes) == before else None


#: The conditions of a table of an override, in the order of the fields of `Choice`.
CONDITION_KEYS = ("if", "platform", "env")
