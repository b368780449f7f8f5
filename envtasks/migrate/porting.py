"""A Python file while it is being ported: its tree, the changes so far, and what was left."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from envtasks.errors import InvalidDeclarations, Key, Mistake
from envtasks.migrate.edits import Edits
from envtasks.migrate.migrated import Fate, Left, Migrated


class Porting:
    """One file; InvalidDeclarations where it is not Python."""

    def __init__(self, path: str, text: str) -> None:
        self.tree = parsed(path, text)
        self.edits = Edits(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.left: list[Left] = []

    def leave(
        self, node: ast.expr | ast.stmt | ast.keyword | ast.arg | int, what: str, hint: str, fate: Fate = "stays"
    ) -> None:
        """Remember what could not be taken over, once for each line."""
        left = Left(node if isinstance(node, int) else node.lineno, what, hint, fate)
        if left not in self.left:
            self.left.append(left)

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self.parents.get(node)

    def siblings(self, statement: ast.stmt) -> Sequence[ast.stmt]:
        """The statements of the block that a statement stands in, itself among them."""
        parent = self.parents[statement]
        for name in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(parent, name, ())
            if isinstance(block, list) and statement in block:
                return block
        return (statement,)

    def remove(self, statement: ast.stmt) -> None:
        self.edits.remove_statement(statement, self.siblings(statement))

    def migrated(self) -> Migrated:
        text = self.edits.result().strip("\n") + "\n"
        return Migrated(text, tuple(sorted(self.left, key=lambda left: left.line)))


def parsed(path: str, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise InvalidDeclarations((Mistake(f"not Python: {error.msg}", Key(path, (), error.lineno)),)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidDeclarations((Mistake(f"not Python: {error}", Key(path)),)) from None
