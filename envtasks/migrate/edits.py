"""Changing the text of a Python file at the places of its syntax tree, all else staying as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

#: Parentheses around an expression, where they end.
CLOSING = re.compile(rb"(?:\s*\))*")
#: What has a place in the text, from its start to its end.
Placed = ast.expr | ast.stmt | ast.keyword | ast.alias


class Edits:
    """A text and the changes to it that were asked for; of changes inside each other, the outermost counts.

    Places are counted in bytes, as the syntax tree does it.
    """

    def __init__(self, text: str) -> None:
        self.source = text.encode()
        self.lines = [0]
        for line in self.source.split(b"\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.changes: list[tuple[int, int, bytes]] = []

    def start(self, node: Placed) -> int:
        """Where a node begins; a decorated function begins with its first decorator."""
        decorators = getattr(node, "decorator_list", ())
        if decorators:
            # What stands between the @ and the name is nearly always nothing, and never anything but blanks.
            return self.source.rindex(b"@", 0, self.start(decorators[0]))
        return self.lines[node.lineno - 1] + node.col_offset

    def end(self, node: Placed) -> int:
        return self.lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def text(self, node: Placed) -> str:
        return self.source[self.start(node) : self.end(node)].decode()

    def change(self, start: int, end: int, text: str) -> None:
        self.changes.append((start, end, text.encode()))

    def replace(self, node: Placed, text: str) -> None:
        self.change(self.start(node), self.end(node), text)

    def line_before(self, place: int) -> bytes:
        """What stands on the line of a place before it."""
        return self.source[self.source.rfind(b"\n", 0, place) + 1 : place]

    def indent(self, place: int) -> str | None:
        """The blanks before a place where nothing else stands before it on its line, else None."""
        before = self.line_before(place)
        return None if before.strip() else before.decode()

    def line_after(self, place: int) -> tuple[bytes, int]:
        """What stands on the line of a place from there on, and where the next line begins."""
        found = self.source.find(b"\n", place)
        end = len(self.source) if found < 0 else found
        return self.source[place:end], min(end + 1, len(self.source))

    def remove_statement(self, statement: ast.stmt, siblings: Sequence[ast.stmt]) -> None:
        """Take a statement out, with the comment behind it; what must not be empty gets a `pass`."""
        start, end = self.start(statement), self.end(statement)
        before = self.line_before(start)
        after, following = self.line_after(end)
        alone = not before.strip() and (not after.strip() or after.lstrip().startswith(b"#"))
        if alone and len(siblings) > 1:
            self.change(start - len(before), following, "")
        else:
            self.change(start, end, "pass")

    def remove_items(self, items: Sequence[Placed], removed: Collection[int]) -> None:
        """Take some of the arguments of a call out, with their commas."""
        for index in removed:
            start, end = self.start(items[index]), self.end(items[index])
            before = self.line_before(start)
            after, following = self.line_after(end)
            kept = [other for other in range(index) if other not in removed]
            if not before.strip() and after.strip() == b",":
                self.change(start - len(before), following, "")
            elif kept:
                self.change(self.end(items[kept[-1]]), end, "")
            elif index + 1 < len(items):
                self.change(start, self.start(items[index + 1]), "")
            else:
                comma = len(after) - len(after.lstrip(b" ,")) if after.lstrip()[:1] == b"," else 0
                self.change(start, end + comma, "")

    def add_item(self, call: ast.Call, items: Sequence[Placed], text: str) -> None:
        """Give a call one more argument, on a line of its own where the last one has that."""
        if not items:
            self.change(self.end(call) - 1, self.end(call) - 1, text)
            return
        place = self.closed(self.end(items[-1]), self.end(call) - 1)
        indent = self.indent(self.start(items[-1]))
        self.change(place, place, f", {text}" if indent is None else f",\n{indent}{text}")

    def closed(self, place: int, end: int) -> int:
        """Behind the parentheses that close at a place: the tree does not have them."""
        found = CLOSING.match(self.source, place, end)
        return found.end() if found else place

    def result(self) -> str:
        """The text with its changes."""
        parts, reached = [], 0
        for start, end, text in sorted(self.changes, key=lambda one: (one[0], one[1] > one[0], -one[1])):
            if start >= reached:
                parts += [self.source[reached:start], text]
                reached = end
        return b"".join((*parts, self.source[reached:])).decode()
