"""From what was written to the values that options hold: the checks that both front doors share.

Every reader takes the raw value, the key it stands at and the list that mistakes are added to; it returns
the value, or None where there was a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from envtasks.declared import Pairs, Texts
from envtasks.errors import Key, Mistakes
from envtasks.requirements import RANGE_BEGINS, RANGE_HINT, is_range

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


def check_python(said: str | None, key: Key, mistakes: Mistakes) -> None:
    """Check what begins like a range; versions, programs and paths are for the search to judge."""
    if said and said.startswith(RANGE_BEGINS) and "{" not in said and not is_range(said):
        mistakes.add(f"not a range of versions: {said!r}", key, RANGE_HINT)
