"""Tables as the text of a TOML file, written as a person would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envtasks.errors import is_bare

#: Lines are not made longer than this where they can be broken.
WIDTH = 110


def table_text(path: tuple[str, ...], table: Mapping[str, Any]) -> str:
    """A table with its heading; none of its values may be an array of tables that wants headings of its own."""
    heading = f"[{'.'.join(map(key_text, path))}]\n" if path else ""
    return heading + "".join(f"{line}\n" for name, value in table.items() for line in lines_of(key_text(name), value))


def lines_of(key: str, value: Any) -> Iterator[str]:
    """One key; tables become dotted keys, down to those that hold conditions or the parts of a script."""
    line = f"{key} = {value_text(value)}"
    if isinstance(value, Dotted) or (isinstance(value, Mapping) and value and len(line) > WIDTH):
        for name, inner in value.items():
            yield from lines_of(f"{key}.{key_text(name)}", inner)
        return
    if len(line) <= WIDTH or not isinstance(value, (list, tuple)):
        yield line
        return
    yield f"{key} = ["
    yield from (f"    {value_text(item)}," for item in value)
    yield "]"


class Dotted(dict[str, Any]):
    """A table that is written as keys with dots."""


def value_text(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, Mapping):
        items = ", ".join(f"{key_text(key)} = {value_text(item)}" for key, item in value.items())
        return f"{{ {items} }}" if items else "{}"
    return f"[{', '.join(map(value_text, value))}]"


def string_text(text: str) -> str:
    """A string, between single quotes where that saves backslashes."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(map(character, escaped))}"'


def character(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"


def key_text(key: str) -> str:
    return key if is_bare(key) else string_text(key)


def document(blocks: Iterable[str]) -> str:
    """Blocks of lines with an empty line between them."""
    return "\n".join(block for block in blocks if block)
