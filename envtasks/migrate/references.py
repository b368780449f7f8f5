"""Where a Python file speaks of a module, whatever name it gave to it or to what it took from it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from envtasks.tuples import NamedTuple

#: Nodes with names of their own. A class has none that its functions could see.
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Module(NamedTuple):
    """The module that is looked for, and the names that it gives to who takes all of them."""

    name: str
    public: tuple[str, ...]


class Scope(NamedTuple):
    """The names of one function or of the whole file: those that mean the module or a part of it, and all others."""

    imported: dict[str, str]
    bound: frozenset[str]


class Reference(NamedTuple):
    """One place that speaks of the module: what it names, dotted, from the module on.

    ``nodes`` are the expressions that it is made of: the name that was imported, then one more for each dot.
    """

    words: tuple[str, ...]
    nodes: tuple[ast.expr, ...]
    scopes: tuple[Scope, ...]

    @property
    def imported_words(self) -> int:
        """How many of the words the imported name stands for."""
        return len(self.words) - len(self.nodes) + 1

    def node(self, words: int) -> ast.expr | None:
        """The expression that stands for the first words; None where the import took more than these."""
        index = words - self.imported_words
        return self.nodes[index] if index >= 0 else None

    def binds(self, name: str) -> bool:
        """Whether the name means something else here."""
        return any(name in scope.bound for scope in self.scopes)


def imported_from(statement: ast.stmt, module: Module) -> Iterator[tuple[str, str]]:
    """The names that an import statement gives to the module and its parts, each with what it stands for."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if belongs(alias.name, module):
                yield alias.asname or module.name, alias.name if alias.asname else module.name
    elif isinstance(statement, ast.ImportFrom) and not statement.level and belongs(statement.module or "", module):
        for alias in statement.names:
            for name in module.public if alias.name == "*" else (alias.name,):
                yield alias.asname or name, f"{statement.module}.{name}"


def belongs(name: str, module: Module) -> bool:
    """Whether a dotted name is that of the module or of one of its parts."""
    return name == module.name or name.startswith(f"{module.name}.")


def scope_of(nodes: Iterable[ast.AST], module: Module, names: Iterable[str] = ()) -> Scope:
    """The names that are bound among the nodes, what stands in functions inside them apart."""
    imported: dict[str, str] = {}
    bound = set(names)
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            ours = dict(imported_from(node, module))
            imported.update(ours)
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names} - set(ours)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            bound.add(node.name)
            continue
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Global):
            bound -= set(node.names)
        if not isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
            waiting += ast.iter_child_nodes(node)
    return Scope(imported, frozenset(bound))


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    rest = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def references(tree: ast.Module, module: Module) -> Iterator[Reference]:
    """Every place of the file that speaks of the module, quoted annotations included, import statements not."""
    yield from _Search(module).everything(tree.body, (scope_of(tree.body, module),))


class _Search:
    def __init__(self, module: Module) -> None:
        self.module = module

    def everything(self, nodes: Iterable[ast.AST], scopes: tuple[Scope, ...]) -> Iterator[Reference]:
        for node in nodes:
            yield from self.one(node, scopes)

    def one(self, node: ast.AST, scopes: tuple[Scope, ...]) -> Iterator[Reference]:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            return
        if isinstance(node, (ast.Name, ast.Attribute)):
            found = chain(node, scopes)
            if found is not None:
                yield found
            elif isinstance(node, ast.Attribute):
                yield from self.one(node.value, scopes)
            return
        if isinstance(node, FUNCTIONS):
            yield from self.function(node, scopes)
        elif isinstance(node, ast.Lambda):
            yield from self.everything((*node.args.defaults, *filter(None, node.args.kw_defaults)), scopes)
            inner = scope_of((), self.module, (one.arg for one in parameters(node.args)))
            yield from self.one(node.body, (*scopes, inner))
        elif isinstance(node, COMPREHENSIONS):
            inner = scope_of((one.target for one in node.generators), self.module)
            yield from self.everything(ast.iter_child_nodes(node), (*scopes, inner))
        else:
            if isinstance(node, ast.AnnAssign):
                yield from self.quoted(node.annotation, scopes)
            yield from self.everything(ast.iter_child_nodes(node), scopes)

    def function(self, node: Function, scopes: tuple[Scope, ...]) -> Iterator[Reference]:
        arguments = parameters(node.args)
        annotations = [one.annotation for one in arguments if one.annotation] + [node.returns] * bool(node.returns)
        outside = (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults))
        yield from self.everything((*outside, *filter(None, annotations)), scopes)
        for annotation in filter(None, annotations):
            yield from self.quoted(annotation, scopes)
        inner = scope_of(node.body, self.module, (one.arg for one in arguments))
        yield from self.everything(node.body, (*scopes, inner))

    def quoted(self, annotation: ast.expr, scopes: tuple[Scope, ...]) -> Iterator[Reference]:
        """References inside the texts of an annotation; those that are not written plainly are left alone."""
        for node in ast.walk(annotation):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            length = (node.end_col_offset or 0) - node.col_offset
            if node.lineno != node.end_lineno or length != len(node.value.encode()) + 2:
                continue
            try:
                inside = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                continue
            for part in ast.walk(inside):
                if isinstance(part, ast.expr):
                    part.lineno = part.end_lineno = node.lineno
                    part.col_offset += node.col_offset + 1
                    part.end_col_offset = (part.end_col_offset or 0) + node.col_offset + 1
            yield from self.one(inside, scopes)


def chain(node: ast.expr, scopes: tuple[Scope, ...]) -> Reference | None:
    """The reference that an expression is as a whole, if it is one."""
    nodes: list[ast.expr] = []
    current = node
    while isinstance(current, ast.Attribute):
        nodes.insert(0, current)
        current = current.value
    if not isinstance(current, ast.Name):
        return None
    origin = meaning(current.id, scopes)
    if origin is None:
        return None
    attributes = tuple(one.attr for one in nodes if isinstance(one, ast.Attribute))
    return Reference((*origin.split("."), *attributes), (current, *nodes), scopes)


def meaning(name: str, scopes: tuple[Scope, ...]) -> str | None:
    """What of the module a name stands for here, if anything."""
    for scope in reversed(scopes):
        if name in scope.imported:
            return scope.imported[name]
        if name in scope.bound:
            return None
    return None
