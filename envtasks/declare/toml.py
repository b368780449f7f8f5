"""Reading TOML files: the only module that parses TOML."""

from __future__ import annotations

import os
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any

from envtasks.errors import EnvtasksError, InvalidDeclarations, Key, Mistake

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Larger files than this are no declarations.
MOST_BYTES = 10 * 1024 * 1024


def read_document(path: str) -> Mapping[str, Any] | None:
    """The tables of a TOML file, or None where there is no such file.

    Raises InvalidDeclarations where the file is not TOML, and EnvtasksError where it cannot be read.
    """
    text = read_text(path)
    return None if text is None else parse(text, path)


def parse(text: str, path: str) -> Mapping[str, Any]:
    """The tables of a TOML document; ``path`` is the file it is from. Raises InvalidDeclarations where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = re.sub(r" \(at .*\)$", "", str(error))
        line = re.search(r"at line (\d+)", str(error))
        where = Key(path, (), int(line[1]) if line else text.count("\n") + 1)
        raise InvalidDeclarations((Mistake(f"not TOML: {lower_first(message)}", where),)) from None
    except ValueError as error:
        # Python refuses numbers of thousands of digits.
        reason = lower_first(str(error).partition(";")[0])
        raise InvalidDeclarations((Mistake(f"not TOML: {reason}", Key(path)),)) from None
    except RecursionError:
        raise InvalidDeclarations((Mistake("arrays or tables lie too deep in each other", Key(path)),)) from None


def read_text(path: str) -> str | None:
    """The text of a file in UTF-8, with or without a byte order mark; None where there is no such file."""
    try:
        if os.path.getsize(path) > MOST_BYTES:
            raise EnvtasksError(f"larger than {MOST_BYTES} bytes", where=Key(path))
        with open(path, "rb") as file:
            raw = file.read().removeprefix(BOM_UTF8)
        return raw.decode().replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        mistake = Mistake(
            f"not UTF-8: byte {raw[error.start]:#04x} at offset {error.start}", Key(path, (), line), "save it as UTF-8"
        )
        raise InvalidDeclarations((mistake,)) from None
    except OSError as error:
        raise EnvtasksError(f"cannot be read: {error.strerror}", where=Key(path)) from None


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
