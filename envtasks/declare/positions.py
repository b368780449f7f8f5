"""Finding the line at which a key of a TOML file stands; the file is read again only when there is something to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from envtasks.declare.toml import read_text
from envtasks.errors import EnvtasksError, Key

Path = tuple["str | int", ...]


def line_of(where: Key) -> int | None:
    """The line of the key, or of the nearest one around it; None where the file does not hold it."""
    if not where.keys or not where.file.endswith(".toml"):
        return where.line
    lines = lines_of(where.file)
    for length in range(len(where.keys), 0, -1):
        if where.keys[:length] in lines:
            return lines[where.keys[:length]]
    return None


@cache
def lines_of(file: str) -> Mapping[Path, int]:
    """The line at which each key path of a TOML file stands first, as far as the file can be read."""
    lines: dict[Path, int] = {}
    try:
        for path, line in Scanner(read_text(file) or "").paths():
            lines.setdefault(path, line)
    except (EnvtasksError, RecursionError):
        # Arrays so deep that Python gives up; what was found before them is as near as we get.
        pass
    return lines


class Scanner:
    """Walks over the text of a valid TOML document and tells every key path with its line.

    Tables, dotted keys, inline tables, arrays and arrays of tables are followed; values are skipped.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted = (0, 1)
        self.tables: dict[Path, int] = {}

    def paths(self) -> Iterator[tuple[Path, int]]:
        prefix: Path = ()
        while self.skip_blank():
            line = self.line()
            if self.text[self.at] == "[":
                prefix = self.header()
                yield from ((prefix[:length], line) for length in range(1, len(prefix) + 1))
            else:
                yield from self.assignment(prefix)

    def line(self) -> int:
        """The current line; counted on from where it was asked for last."""
        start, line = self.counted
        self.counted = self.at, line + self.text.count("\n", start, self.at)
        return self.counted[1]

    def skip_blank(self) -> bool:
        """Move over white space, comments and commas; whether anything is left."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in " \t\r\n,":
                self.at += 1
            else:
                return True
        return False

    def header(self) -> Path:
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        keys = self.within_arrays(self.key())
        self.at = self.text.find("]", self.at) + (2 if array else 1)
        if array:
            index = self.tables.get(keys, -1) + 1
            self.tables[keys] = index
            keys = (*keys, index)
        return keys

    def within_arrays(self, keys: Path) -> Path:
        """The keys of a header, with the index of the last table put after each array of tables."""
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if path in self.tables and position < len(keys) - 1:
                path = (*path, self.tables[path])
        return path

    def key(self) -> Path:
        """One key, dotted or not."""
        keys: list[str | int] = []
        while True:
            self.skip_spaces()
            char = self.text[self.at : self.at + 1]
            if char in ("'", '"') and char:
                start = self.at + 1
                self.string()
                keys.append(self.text[start : self.at - 1].replace('\\"', '"').replace("\\\\", "\\"))
            else:
                start = self.at
                while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "-_"):
                    self.at += 1
                keys.append(self.text[start : self.at])
            self.skip_spaces()
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def skip_spaces(self) -> None:
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1

    def assignment(self, prefix: Path) -> Iterator[tuple[Path, int]]:
        line = self.line()
        keys = self.key()
        for length in range(1, len(keys) + 1):
            yield (*prefix, *keys[:length]), line
        self.skip_spaces()
        if not self.text.startswith("=", self.at):
            self.at += 1
            return
        self.at += 1
        yield from self.value((*prefix, *keys))

    def value(self, path: Path) -> Iterator[tuple[Path, int]]:
        self.skip_spaces()
        char = self.text[self.at : self.at + 1]
        if char == "[":
            yield from self.array(path)
        elif char == "{":
            yield from self.inline_table(path)
        elif char in ("'", '"') and char:
            self.string()
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1

    def array(self, path: Path) -> Iterator[tuple[Path, int]]:
        self.at += 1
        index = 0
        while self.skip_blank() and self.text[self.at] != "]":
            yield (*path, index), self.line()
            yield from self.value((*path, index))
            index += 1
        self.at += 1

    def inline_table(self, path: Path) -> Iterator[tuple[Path, int]]:
        self.at += 1
        while self.skip_blank() and self.text[self.at] != "}":
            yield from self.assignment(path)
        self.at += 1

    def string(self) -> None:
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(mark)
        while self.at < len(self.text) and not self.text.startswith(mark, self.at):
            self.at += 2 if self.text[self.at] == "\\" and quote == '"' else 1
        self.at += len(mark)
        while len(mark) == 3 and self.text.startswith(quote, self.at):
            self.at += 1
