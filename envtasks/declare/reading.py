"""From what was written to the values that options hold: the checks that both front doors share.

Every reader takes the raw value, the key it stands at and the list that mistakes are added to; it returns
the value, or None where there was a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from envtasks.declare.declarations import Declaration
from envtasks.declared import Choice, MatrixEntry, Override, Pairs, Script, Texts
from envtasks.errors import Key, Mistakes
from envtasks.options import (
    DETACHED,
    MATRIX,
    MATRIX_NAME_FORMAT,
    Option,
    OVERRIDES,
    PYTHON,
    SKIP_INSTALL,
    TABLE,
    TYPE,
)

Reader = Callable[[Any, Key, Mistakes], Any]

#: The two spellings of the variable of a matrix that chooses the Python.
PYTHON_VARIABLES = ("py", "python")


def expected(what: str, raw: object, key: Key, mistakes: Mistakes) -> None:
    mistakes.add(f"expected {what}, found {described(raw)}", key, quoting_hint(what, raw))


def described(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float)):
        return f"the number {raw}"
    if isinstance(raw, str):
        return f"the string {raw!r}"
    if isinstance(raw, (list, tuple)):
        return "an array"
    if isinstance(raw, Mapping):
        return "a table"
    return "nothing" if raw is None else f"a value of type {type(raw).__name__}"


def quoting_hint(what: str, raw: object) -> str:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and "string" in what:
        return f'put it in quotes: "{raw}"'
    if isinstance(raw, str) and what.startswith("an array"):
        return f'put it in brackets: ["{raw}"]'
    return ""


def text(raw: Any, key: Key, mistakes: Mistakes) -> str | None:
    if isinstance(raw, str):
        return raw
    expected("a string", raw, key, mistakes)
    return None


def flag(raw: Any, key: Key, mistakes: Mistakes) -> bool | None:
    if isinstance(raw, bool):
        return raw
    expected("true or false", raw, key, mistakes)
    return None


def number(raw: Any, key: Key, mistakes: Mistakes) -> float | None:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and raw > 0:
        return float(raw)
    expected("a number of seconds", raw, key, mistakes)
    return None


def texts(raw: Any, key: Key, mistakes: Mistakes) -> Texts | None:
    if not isinstance(raw, (list, tuple)):
        expected("an array of strings", raw, key, mistakes)
        return None
    before = len(mistakes)
    for index, item in enumerate(raw):
        text(item, key.child(index), mistakes)
    return tuple(raw) if len(mistakes) == before else None


def table(raw: Any, key: Key, mistakes: Mistakes) -> Mapping[str, Any] | None:
    if isinstance(raw, Mapping):
        return raw
    expected("a table", raw, key, mistakes)
    return None


def pairs(raw: Any, key: Key, mistakes: Mistakes) -> Pairs | None:
    entries = table(raw, key, mistakes)
    if entries is None:
        return None
    before = len(mistakes)
    for name, value in entries.items():
        text(value, key.child(name), mistakes)
    return tuple(entries.items()) if len(mistakes) == before else None


def scripts(raw: Any, key: Key, mistakes: Mistakes) -> dict[str, Script] | None:
    entries = table(raw, key, mistakes)
    if entries is None:
        return None
    read = {}
    for name, value in entries.items():
        if " " in name or not name:
            mistakes.add(f"the name of a script cannot be {name!r}", key.child(name), "leave out the spaces")
        one = script(value, key.child(name), mistakes)
        if one is not None:
            read[name] = one
    return read


def script(raw: Any, key: Key, mistakes: Mistakes) -> Script | None:
    if isinstance(raw, str):
        return Script(commands=(raw,))
    if isinstance(raw, (list, tuple)) and not isinstance(raw, Script):
        commands = texts(raw, key, mistakes)
        return None if commands is None else Script(commands=commands)
    if isinstance(raw, Script):
        return raw
    if isinstance(raw, Mapping):
        return script_table(raw, key, mistakes)
    expected("a string, an array of strings or a table", raw, key, mistakes)
    return None


def script_table(raw: Mapping[str, Any], key: Key, mistakes: Mistakes) -> Script | None:
    fields: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in SCRIPT_READERS:
            mistakes.unknown("key of a script", name, tuple(SCRIPT_READERS), key.child(name))
        else:
            fields[name] = SCRIPT_READERS[name](value, key.child(name), mistakes)
    if "run" not in raw:
        mistakes.add("a script needs 'run'", key, 'add run = "COMMAND" or run = ["COMMAND", ...]')
    if None in fields.values() or "run" not in fields:
        return None
    return Script(commands=fields.pop("run"), **{name.replace("-", "_"): value for name, value in fields.items()})


def commands(raw: Any, key: Key, mistakes: Mistakes) -> Texts | None:
    return (raw,) if isinstance(raw, str) else texts(raw, key, mistakes)


SCRIPT_READERS: dict[str, Reader] = {
    "run": commands,
    "description": text,
    "tags": texts,
    "requires": texts,
    "env-vars": pairs,
    "cwd": text,
    "timeout": number,
}


def matrix(raw: Any, key: Key, mistakes: Mistakes) -> tuple[MatrixEntry, ...] | None:
    if isinstance(raw, Mapping):
        mistakes.add("expected an array of tables, found a table", key, "write [[...matrix]] for each table")
        return None
    if not isinstance(raw, (list, tuple)):
        expected("an array of tables", raw, key, mistakes)
        return None
    return tuple(tuple(matrix_entry(entry, key.child(index), mistakes)) for index, entry in enumerate(raw))


def matrix_entry(raw: Any, key: Key, mistakes: Mistakes) -> list[tuple[str, Texts]]:
    entry = table(raw, key, mistakes)
    if entry is None:
        return []
    if not entry:
        mistakes.add("a table of a matrix needs at least one variable", key)
    if all(variable in entry for variable in PYTHON_VARIABLES):
        mistakes.add("'py' and 'python' are the same variable", key, "keep one of them")
    read = []
    for variable, raw_values in entry.items():
        where = key.child(variable)
        if not variable:
            mistakes.add("the name of a matrix variable cannot be empty", where)
        values = texts(raw_values, where, mistakes)
        if values is None:
            continue
        if not values:
            mistakes.add(f"the matrix variable '{variable}' has no values", where)
        seen: set[str] = set()
        for index, value in enumerate(values):
            if value == "":
                mistakes.add("a value of a matrix variable cannot be empty", where.child(index))
            elif str(value) in seen:
                mistakes.add(f"{value!r} stands here twice", where.child(index), "remove one of them")
            seen.add(str(value))
        read.append((variable, values))
    return read


#: The sources of overrides, in the order they are applied.
SOURCES = ("platform", "env", "matrix", "name")


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
            if source == "name":
                check_pattern(condition, where, mistakes)
            for option, value in (table(raw_options, where, mistakes) or {}).items():
                one = override(source, condition, option, value, where.child(option), mistakes)
                if one is not None:
                    read.append(one)
    return tuple(sorted(read, key=lambda one: SOURCES.index(one.source)))


def check_pattern(pattern: str, key: Key, mistakes: Mistakes) -> None:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        mistakes.add(f"not a regular expression: {error}", key)


def override(source: str, condition: str, spelled: str, raw: Any, key: Key, mistakes: Mistakes) -> Override | None:
    name = spelled.removeprefix("set-")
    option = TABLE.get(name)
    if option is None:
        mistakes.unknown("option", name, tuple(TABLE), key)
        return None
    if not option.overridable:
        choices = value_table(raw, option, key, mistakes)
    elif option.kind in ("texts", "pairs", "scripts"):
        choices = array_choices(raw, option, key, mistakes)
    else:
        choices = scalar_choices(raw, option, key, mistakes)
    return None if choices is None else Override(source, condition, name, spelled != name, choices)


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

READERS: dict[str, Reader] = {
    "text": text,
    "flag": flag,
    "texts": texts,
    "pairs": pairs,
    "scripts": scripts,
    "matrix": matrix,
    "overrides": overrides,
}


def read_environment(name: str, raw: Any, key: Key, mistakes: Mistakes) -> Declaration | None:
    """One environment from its table."""
    options = table(raw, key, mistakes)
    if options is None:
        return None
    check_name(name, key, mistakes)
    read: dict[str, Any] = {}
    for spelled, value in options.items():
        option = TABLE.get(spelled)
        where = key.child(spelled)
        if option is None:
            mistakes.unknown("option", spelled, tuple(TABLE), where)
            continue
        reader = python_choice if option is PYTHON else READERS[option.kind]
        found = reader(value, where, mistakes)
        if found is not None and not (found == "" and option.default is None):
            read[spelled] = found
    check_options(read, key, mistakes)
    spread_python(read)
    if read.get(DETACHED.name):
        read.setdefault(SKIP_INSTALL.name, True)
    return Declaration(name, key, read, {option: key.child(option) for option in read})


def check_name(name: str, key: Key, mistakes: Mistakes) -> None:
    if not name or any(ord(char) < 32 or ord(char) == 127 for char in name):
        mistakes.add(f"an environment cannot be named {name!r}", key, "use letters, digits, '.', '-' and '_'")


def python_choice(raw: Any, key: Key, mistakes: Mistakes) -> str | Texts | None:
    if isinstance(raw, (list, tuple)):
        return texts(raw, key, mistakes)
    if isinstance(raw, str):
        return raw
    expected("a string or an array of strings", raw, key, mistakes)
    return None


def spread_python(read: dict[str, Any]) -> None:
    """`python = [...]` is short for a matrix over it, and for each entry of a matrix that has no Python."""
    pythons = read.get(PYTHON.name)
    if not isinstance(pythons, tuple):
        return
    del read[PYTHON.name]
    entries = read.get(MATRIX.name) or ((),)
    read[MATRIX.name] = tuple(
        entry if any(variable in PYTHON_VARIABLES for variable, _ in entry) else (("python", pythons), *entry)
        for entry in entries
    )


def check_options(read: Mapping[str, Any], key: Key, mistakes: Mistakes) -> None:
    name_format = read.get(MATRIX_NAME_FORMAT.name)
    if name_format is not None:
        check_name_format(name_format, key.child(MATRIX_NAME_FORMAT.name), mistakes)
    if read.get(TYPE.name) == "":
        mistakes.add("the type cannot be empty", key.child(TYPE.name))
    for one in read.get(OVERRIDES.name) or ():
        if one.option == MATRIX_NAME_FORMAT.name:
            where = key.child(OVERRIDES.name, one.source, one.condition, one.option)
            for choice in one.choices:
                check_name_format(choice.value or "", where, mistakes)


def check_name_format(name_format: str, key: Key, mistakes: Mistakes) -> None:
    try:
        name_format.format(variable="v", value="v")
        good = "{value}" in name_format
    except (ValueError, LookupError, AttributeError):
        good = False
    if not good:
        mistakes.add(
            f"not a format for names: {name_format!r}", key, "use {value}, which must be there, and {variable}"
        )
