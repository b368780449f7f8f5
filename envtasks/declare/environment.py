"""Reading one environment: every option by its kind, and what only the options together can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.declare.declarations import HATCH_DEFAULT, Declaration
from envtasks.declare.kinds import READERS
from envtasks.declare.matrices import has_python, variable_values, with_pythons
from envtasks.declare.overrides import overrides
from envtasks.declare.reading import (
    KNOWN_PLATFORMS,
    Reader,
    breaks_lines,
    check_python,
    encodable,
    expected,
    table,
    text,
)
from envtasks.declared import MatrixEntry, Texts
from envtasks.errors import Key, Mistakes
from envtasks.option_table import (
    DETACHED,
    MATRIX,
    MATRIX_NAME_FORMAT,
    NONE,
    OVERRIDES,
    PLATFORMS,
    PYTHON,
    SKIP_INSTALL,
    TABLE,
    TYPE,
    Option,
)

#: More characters than this, from one variable, are no part of a name.
LONGEST_PART = 200


def read_environment(
    name: str, raw: Any, key: Key, mistakes: Mistakes, defaults: Mapping[str, Any] = {}
) -> Declaration | None:
    """One environment from its table; ``defaults`` is what Hatch gives it where the table says nothing."""
    written = table(raw, key, mistakes)
    if written is None:
        return None
    options = {**defaults, **written} if defaults else written
    check_name(name, key, mistakes)
    read: dict[str, Any] = {}
    for spelled, value in options.items():
        option = TABLE.get(spelled)
        where = key.child(spelled)
        if option is None:
            mistakes.unknown("option", spelled, tuple(TABLE), where)
            continue
        found = reader_of(option)(value, where, mistakes)
        if found is not None:
            read[spelled] = None if found == "" and option.default is None else found
    check_options(read, key, mistakes)
    everywhere = spread_python(read)
    if read.get(DETACHED.name):
        read.setdefault(SKIP_INSTALL.name, True)
    keys = {
        option: Key(HATCH_DEFAULT, (name, option)) if option in options and option not in written else key.child(option)
        for option in read
    }
    if everywhere:
        # It says the Python of each environment that the matrix makes.
        keys[MATRIX.name] = key.child(PYTHON.name)
    if SKIP_INSTALL.name in read and SKIP_INSTALL.name not in options:
        keys[SKIP_INSTALL.name] = key.child(DETACHED.name)
    return Declaration(name, key, read, keys)


def reader_of(option: Option[Any]) -> Reader:
    if option is PYTHON:
        return python_choice
    return overrides if option is OVERRIDES else READERS[option.kind]


def check_name(name: str, key: Key, mistakes: Mistakes) -> None:
    if not name or breaks_lines(name) or not encodable(name):
        mistakes.add(f"an environment cannot be named {name!r}", key, "use letters, digits, '.', '-' and '_'")


def python_choice(raw: Any, key: Key, mistakes: Mistakes) -> str | Texts | None:
    if isinstance(raw, (list, tuple)):
        return variable_values(PYTHON.name, raw, key, mistakes)
    if isinstance(raw, str):
        return text(raw, key, mistakes)
    if raw is False:
        mistakes.add(
            "expected a string or an array of strings, found false", key, f'for no Python at all: type = "{NONE}"'
        )
    else:
        expected("a string or an array of strings", raw, key, mistakes)
    return None


def spread_python(read: dict[str, Any]) -> bool:
    """`python = [...]` is short for a matrix over it, and for each entry of a matrix that has no Python.

    Whether it reaches every entry.
    """
    pythons = read.get(PYTHON.name)
    if not isinstance(pythons, tuple):
        return False
    del read[PYTHON.name]
    entries = read.get(MATRIX.name) or (MatrixEntry(()),)
    read[MATRIX.name] = tuple(with_pythons(entry, pythons) for entry in entries)
    return not any(has_python(point) for entry in entries for points in entry.axes for point in points)


def check_options(read: dict[str, Any], key: Key, mistakes: Mistakes) -> None:
    """What no reader of one option sees; a format that is none is taken out, because names are made with it."""
    name_format = read.get(MATRIX_NAME_FORMAT.name)
    if name_format is not None and not check_name_format(name_format, key.child(MATRIX_NAME_FORMAT.name), mistakes):
        del read[MATRIX_NAME_FORMAT.name]
    if read.get(TYPE.name) == "":
        mistakes.add("the type cannot be empty", key.child(TYPE.name))
    python = read.get(PYTHON.name)
    if isinstance(python, str):
        check_python(python, key.child(PYTHON.name), mistakes)
    check_platforms(read.get(PLATFORMS.name, ()), key.child(PLATFORMS.name), mistakes)
    for one in read.get(OVERRIDES.name, ()):
        values = tuple(choice.value for choice in one.choices)
        if one.option == PYTHON.name:
            for index, value in enumerate(values):
                check_python(value, one.where.child(index), mistakes)
        elif one.option == PLATFORMS.name:
            check_platforms(values, one.where, mistakes)
    if OVERRIDES.name in read:
        read[OVERRIDES.name] = tuple(
            one
            for one in read[OVERRIDES.name]
            if one.option != MATRIX_NAME_FORMAT.name
            or not [choice for choice in one.choices if not check_name_format(choice.value or "", one.where, mistakes)]
        )


def check_platforms(said: Texts, key: Key, mistakes: Mistakes) -> None:
    """Check what `platforms` says, in any case."""
    for index, platform in enumerate(said):
        if platform.lower() not in KNOWN_PLATFORMS:
            mistakes.unknown("platform", platform, KNOWN_PLATFORMS, key.child(index))


def check_name_format(name_format: str, key: Key, mistakes: Mistakes) -> bool:
    try:
        good = "{value}" in name_format and len(name_format.format(variable="v", value="v")) < LONGEST_PART
    except (ValueError, LookupError, AttributeError, MemoryError, OverflowError):
        good = False
    if not good:
        mistakes.add(
            f"not a format for names: {name_format!r}", key, "use {value}, which must be there, and {variable}"
        )
    return good
