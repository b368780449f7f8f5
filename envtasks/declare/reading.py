"""From what was written to the values that options hold: the checks that both front doors share.

Every reader takes the raw value, the key it stands at and the list that mistakes are added to; it returns
the value, or None where there was a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from envtasks.declared import MatrixEntry, Pairs, Texts
from envtasks.errors import Key, Mistakes

Reader = Callable[[Any, Key, Mistakes], Any]

#: The two spellings of the variable of a matrix that chooses the Python.
PYTHON_VARIABLES = ("py", "python")

#: The platforms that there are names for.
KNOWN_PLATFORMS = ("linux", "macos", "windows")

#: Nothing can wait longer on every system: some count milliseconds in 31 bits.
MOST_SECONDS = 1_000_000
#: Numbers beyond this are not shown: Python refuses to write out very long ones.
MOST_SHOWN = 10**20
MOST_CHARACTERS = 40


def expected(what: str, raw: object, key: Key, mistakes: Mistakes) -> None:
    mistakes.add(f"expected {what}, found {described(raw)}", key, quoting_hint(what, raw))


def described(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float)):
        return "a huge number" if isinstance(raw, int) and abs(raw) > MOST_SHOWN else f"the number {raw}"
    if isinstance(raw, str):
        return f"the string {raw!r}"
    if isinstance(raw, (list, tuple)):
        return "an array"
    if isinstance(raw, Mapping):
        return "a table"
    return "nothing" if raw is None else f"a value of type {type(raw).__name__}"


def quoting_hint(what: str, raw: object) -> str:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and "string" in what and abs(raw) <= MOST_SHOWN:
        return f'put it in quotes: "{raw}"'
    if isinstance(raw, str) and what.startswith("an array"):
        return f'put it in brackets: ["{raw}"]'
    return ""


def text(raw: Any, key: Key, mistakes: Mistakes) -> str | None:
    if not isinstance(raw, str):
        expected("a string", raw, key, mistakes)
        return None
    if "\0" in raw or not encodable(raw):
        mistakes.add(f"no program can be given the text {described_briefly(raw)}", key, "remove the odd characters")
        return None
    return raw


def encodable(text: str) -> bool:
    """Whether the system takes the text; Python can write halves of characters, and only some stand for bytes of a path."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def described_briefly(text: str) -> str:
    return ascii(text if len(text) < MOST_CHARACTERS else text[:MOST_CHARACTERS] + "...")


def breaks_lines(name: str) -> bool:
    """Whether a name holds characters that spoil the lines it is listed in."""
    return not name.isprintable() and any(
        ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in name
    )


def flag(raw: Any, key: Key, mistakes: Mistakes) -> bool | None:
    if isinstance(raw, bool):
        return raw
    expected("true or false", raw, key, mistakes)
    return None


def number(raw: Any, key: Key, mistakes: Mistakes) -> float | None:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and raw > 0:
        if raw > MOST_SECONDS:
            mistakes.add(f"more than {MOST_SECONDS} seconds", key, "leave it out where nothing should be limited")
            return None
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
    if not isinstance(raw, Mapping):
        expected("a table", raw, key, mistakes)
        return None
    for name in raw:
        # Python lets anything be a key.
        if not isinstance(name, str):
            expected("keys that are strings", name, key, mistakes)
            return None
    return raw


def pairs(raw: Any, key: Key, mistakes: Mistakes) -> Pairs | None:
    entries = table(raw, key, mistakes)
    if entries is None:
        return None
    before = len(mistakes)
    for name, value in entries.items():
        variable_name(name, key.child(name), mistakes)
        text(value, key.child(name), mistakes)
    return tuple(entries.items()) if len(mistakes) == before else None


def variable_name(name: str, key: Key, mistakes: Mistakes) -> None:
    """Check a name of an environment variable."""
    if not name or "=" in name or text(name, key, mistakes) is None:
        mistakes.add(f"a variable cannot be named {name!r}", key, "leave out '='" if "=" in name else "")


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
        elif breaks_lines(variable):
            mistakes.add(f"a matrix variable cannot be named {variable!r}", where, "use letters and digits")
        values = variable_values(variable, raw_values, where, mistakes)
        if values is not None:
            read.append((variable, values))
    return read


def variable_values(variable: str, raw: Any, key: Key, mistakes: Mistakes) -> Texts | None:
    """The values of one variable of a matrix, each of which makes an environment."""
    values = texts(raw, key, mistakes)
    if values is None:
        return None
    if not values:
        mistakes.add(f"the matrix variable '{variable}' has no values", key)
    seen: set[str] = set()
    for index, value in enumerate(values):
        if not value:
            mistakes.add("a value of a matrix variable cannot be empty", key.child(index))
        elif breaks_lines(value):
            mistakes.add(f"{value!r} cannot be part of a name", key.child(index), "leave out the control characters")
        elif value in seen:
            mistakes.add(f"{value!r} stands here twice", key.child(index), "remove one of them")
        seen.add(value)
    return values
