"""The imports of a noxfile, and what the rest of the file then calls the parts of nox."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from envtasks.migrate.nox_words import COUNTERPARTS, NO_COUNTERPART, STARTERS
from envtasks.migrate.porting import Porting
from envtasks.migrate.references import Module, Reference, belongs, scope_of
from envtasks.tuples import NamedTuple

PACKAGE = "envtasks"


class Taken(NamedTuple):
    """One name that an import statement gives: of a module, or where that is empty the module itself."""

    module: str
    name: str
    nickname: str


class Imports:
    """Renames references, and knows at the end what has to be imported for them."""

    def __init__(self, porting: Porting, module: Module) -> None:
        self.porting = porting
        self.module = module
        #: Names that are used without saying where they are from, because the module was imported as a whole.
        self.names: set[str] = set()
        #: Names taken out of the module one by one that cannot be called otherwise here.
        self.kept: set[str] = set()
        self.qualified = False
        self.needed = False
        self.which = False

    def name(self, reference: Reference, words: int) -> str | None:
        """What the first words of a reference are called from now on; None where they keep their name."""
        origin = ".".join(reference.words[:words])
        target = COUNTERPARTS[origin]
        own = reference.nodes[0]
        if reference.imported_words > 1:
            taken = isinstance(own, ast.Name) and own.id == reference.words[reference.imported_words - 1]
            if not taken or reference.imported_words != words or own.id == target:  # type: ignore[attr-defined]
                return None
            if reference.binds(target):
                self.kept.add(origin)
                return None
            return target
        if reference.binds(target):
            self.qualified = True
            return f"{PACKAGE}.{target}"
        self.names.add(target)
        return target

    def finder(self) -> str:
        """What finds programs, to be called with the name of one."""
        scope = scope_of(self.porting.tree.body, self.module)
        if "shutil" in scope.bound:
            return "shutil.which"
        self.which = True
        return "which"

    def rename(self, reference: Reference, words: int) -> None:
        target, node = self.name(reference, words), reference.node(words)
        if target is not None and node is not None:
            self.porting.edits.replace(node, target)

    def write(self) -> None:
        """Put our imports where those of the module were."""
        said: set[Taken] = set()
        for node in ast.walk(self.porting.tree):
            if isinstance(node, ast.Import) and any(belongs(alias.name, self.module) for alias in node.names):
                taken = self.whole(node)
            elif isinstance(node, ast.ImportFrom) and not node.level and belongs(node.module or "", self.module):
                taken = self.single(node)
            else:
                continue
            if isinstance(self.porting.parent(node), ast.Module):
                taken = [one for one in taken if one not in said]
                said.update(taken)
            self.put(node, import_lines(taken))

    def put(self, node: ast.stmt, lines: list[str]) -> None:
        if not lines:
            self.porting.remove(node)
            return
        indent = self.porting.edits.indent(self.porting.edits.start(node))
        self.porting.edits.replace(node, "; ".join(lines) if indent is None else f"\n{indent}".join(lines))

    def whole(self, node: ast.Import) -> list[Taken]:
        """What takes the place of `import nox`."""
        taken = [
            Taken("", alias.name, alias.asname or "")
            for alias in node.names
            if self.needed or not belongs(alias.name, self.module)
        ]
        if self.qualified:
            taken.append(Taken("", PACKAGE, ""))
        if self.which:
            taken.append(Taken("shutil", "which", ""))
        return taken + [Taken(PACKAGE, name, "") for name in sorted(self.names)]

    def single(self, node: ast.ImportFrom) -> list[Taken]:
        """What takes the place of `from nox import ...`."""
        taken = [Taken("shutil", "which", "")] if self.which else []
        for alias in node.names:
            for name in self.module.public if alias.name == "*" else (alias.name,):
                taken += self.counterpart(node, f"{node.module}.{name}", alias.asname or "")
        return taken

    def counterpart(self, node: ast.ImportFrom, origin: str, nickname: str) -> list[Taken]:
        target, name = COUNTERPARTS.get(origin), origin.rpartition(".")[2]
        if target is not None:
            known = name if origin in self.kept else nickname
            return [Taken(PACKAGE, target, known if known != target else "")]
        if origin.startswith(f"{self.module.name}.project."):
            return [Taken(f"{PACKAGE}.project", name, nickname)]
        if origin in (*STARTERS, f"{self.module.name}.needs_version"):
            return []
        self.porting.leave(node, f"'{origin}'", NO_COUNTERPART)
        return [Taken(origin.rpartition(".")[0], name, nickname)]


def import_lines(taken: Iterable[Taken]) -> list[str]:
    """Import statements: whole modules first, then one line for each module that names are taken from."""
    lines: dict[str, list[str]] = {}
    for one in taken:
        written = f"{one.name} as {one.nickname}" if one.nickname else one.name
        lines.setdefault(one.module or f" {written}", []).append(written)
    return [
        f"import {names[0]}" if module.startswith(" ") else f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(lines.items(), key=lambda line: not line[0].startswith(" "))
    ]
