"""The declarations of a noxfile: `nox.session`, as a decorator and as a call, and functions that wrap it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from envtasks.migrate.edits import Placed
from envtasks.migrate.nox_imports import Imports
from envtasks.migrate.nox_settings import installer_of
from envtasks.migrate.nox_words import FOREIGN_BACKENDS, KEYWORDS, SYSTEM_PACKAGES
from envtasks.migrate.porting import Porting
from envtasks.migrate.references import FUNCTIONS, Function, Reference

#: How many words `nox.session` has.
SESSION_WORDS = 2
#: nox never installs the project by itself.
DETACHED = "detached=True"
PLAIN_BACKENDS = ("uv", "none")


class Sessions:
    """Ports declarations one by one, and remembers the functions of the file that make some."""

    def __init__(self, porting: Porting, imports: Imports) -> None:
        self.porting = porting
        self.imports = imports
        #: Functions that pass keywords of their own on to `nox.session`.
        self.wrappers: set[str] = set()
        #: Tables of keywords that are passed to `nox.session` with `**`.
        self.tables: dict[ast.Dict | ast.Call, None] = {}
        #: Functions that were declared as sessions, each with the decorators that do it, if it was not a call.
        self.declared: dict[Function, list[ast.expr]] = {}

    def port(self, reference: Reference) -> None:
        node = reference.node(SESSION_WORDS)
        if node is None:
            return
        parent = self.porting.parent(node)
        self.imports.rename(reference, SESSION_WORDS)
        decorator = parent if isinstance(parent, ast.Call) and parent.func is node else node
        decorated = self.porting.parent(decorator)
        if isinstance(decorated, FUNCTIONS) and decorator in decorated.decorator_list:
            self.declared.setdefault(decorated, []).append(decorator)
        if isinstance(parent, FUNCTIONS) and node in parent.decorator_list:
            end = self.porting.edits.end(node)
            self.porting.edits.change(end, end, f"({DETACHED})")
        elif isinstance(parent, ast.Call) and (parent.func is node or is_partial(parent.func)):
            self.port_call(parent)
        else:
            self.porting.leave(node, "'nox.session' is passed on", f"say {DETACHED} where it is called")

    def port_call(self, call: ast.Call) -> None:
        for function in self.functions(call):
            self.declared.setdefault(function, [])
        items = in_order(call)
        removed, replaced = self.look_at(call, items)
        if removed:
            replaced[min(removed)] = DETACHED
            removed -= set(replaced)
        elif not any(keyword.arg == "detached" for keyword in call.keywords):
            self.porting.edits.add_item(call, items, DETACHED)
        for index, text in replaced.items():
            self.porting.edits.replace(items[index], text)
        self.porting.edits.remove_items(items, removed)

    def functions(self, call: ast.Call) -> Iterator[Function]:
        """The functions of the file that a call may declare, by the name that it is given."""
        given = call.args[0] if call.args else None
        for node in ast.walk(self.porting.tree) if isinstance(given, ast.Name) else ():
            if isinstance(node, FUNCTIONS) and isinstance(given, ast.Name) and node.name == given.id:
                yield node

    def port_shared(self) -> None:
        """Look at the keywords that come from elsewhere: from calls of functions that pass them on, and from tables."""
        for call in ast.walk(self.porting.tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in self.wrappers:
                self.port_keywords(call, in_order(call), "{}={}")
        for table in self.tables:
            if isinstance(table, ast.Dict):
                self.port_keywords(table, self.entries(table), '"{}": {}')
            else:
                self.port_keywords(table, in_order(table), "{}={}")

    def port_keywords(self, where: ast.expr, items: list[Placed], form: str) -> None:
        removed, replaced = self.look_at(where, items)
        for index, text in replaced.items():
            self.porting.edits.replace(items[index], form.format(*text.split("=", 1)))
        self.porting.edits.remove_items(items, removed)

    def look_at(self, where: ast.expr, items: list[Placed]) -> tuple[set[int], dict[int, str]]:
        """Which arguments go, and which are said in other words."""
        removed: set[int] = set()
        replaced: dict[int, str] = {}
        for index, item in enumerate(items):
            if not isinstance(item, ast.keyword):
                continue
            if item.arg is None:
                self.passed_on(where, item)
                continue
            text = self.keyword(item)
            if text is None:
                removed.add(index)
            elif text:
                replaced[index] = text
        return removed, replaced

    def keyword(self, item: ast.keyword) -> str | None:
        """What a keyword is called here; empty where it stays as it is, None where it goes."""
        if item.arg in KEYWORDS:
            self.porting.leave(item, f"'{item.arg}'", KEYWORDS[item.arg], "left out")
            return None
        if item.arg == "venv_params":
            return self.parameters(item)
        return self.backend(item) if item.arg == "venv_backend" else ""

    def parameters(self, item: ast.keyword) -> str | None:
        values = item.value.elts if isinstance(item.value, (ast.List, ast.Tuple)) else [item.value]
        said = [one.value if isinstance(one, ast.Constant) else None for one in values]
        known = SYSTEM_PACKAGES in said
        if said != [SYSTEM_PACKAGES] and said:
            written = self.porting.edits.text(item.value)
            hint = "only --system-site-packages has a counterpart: system_packages=True"
            self.porting.leave(item, f"'venv_params' {written}", hint, "changed" if known else "left out")
        return "system_packages=True" if known else None

    def backend(self, item: ast.keyword) -> str | None:
        value = item.value.value if isinstance(item.value, ast.Constant) else item.value
        if value is None or value in PLAIN_BACKENDS:
            return ""
        installer = installer_of(self.imports, item.value)
        if installer is not None:
            return f"installer={installer}"
        if isinstance(value, str):
            hint = "there are virtual environments only; the session is listed, and gets one of these"
            self.porting.leave(item, f"'venv_backend' {value!r}", hint, "left out")
            return None
        hint = f"it may come to 'uv', 'virtualenv', 'venv' or 'none' here, not to {FOREIGN_BACKENDS[0]!r} or the like"
        self.porting.leave(item, "'venv_backend' is worked out", hint)
        return ""

    def passed_on(self, where: ast.expr, item: ast.keyword) -> None:
        """Find out where the keywords behind `**` are from."""
        name = item.value.id if isinstance(item.value, ast.Name) else ""
        function, table = self.function_around(where, name), self.table(name)
        if function is not None:
            self.wrappers.add(function.name)
        elif table is not None:
            self.tables[table] = None
        else:
            hint = f"take out of them what env does not know: {', '.join((*KEYWORDS, 'venv_params'))}"
            self.porting.leave(item, f"'**{self.porting.edits.text(item.value)}' is passed on", hint)

    def function_around(self, node: ast.AST, keywords: str) -> Function | None:
        """The function that the node stands in and that takes any keywords under this name."""
        current = self.porting.parent(node)
        while current is not None:
            if isinstance(current, FUNCTIONS) and current.args.kwarg and current.args.kwarg.arg == keywords:
                return current
            current = self.porting.parent(current)
        return None

    def table(self, name: str) -> ast.Dict | ast.Call | None:
        """The table of keywords that the file sets once under this name."""
        values = [
            node.value
            for node in self.porting.tree.body
            if isinstance(node, ast.Assign) and any(ast.unparse(target) == name for target in node.targets)
        ]
        value = values[0] if len(values) == 1 else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
            return value
        return value if isinstance(value, ast.Dict) and None not in value.keys else None

    def entries(self, table: ast.Dict) -> list[Placed]:
        """The entries of a table as if they were keywords of a call."""
        edits, found = self.porting.edits, []
        for key, value in zip(table.keys, table.values, strict=True):
            if key is not None:
                name = str(ast.literal_eval(key)) if isinstance(key, ast.Constant) else ""
                entry = ast.copy_location(ast.keyword(arg=name, value=value), key)
                # From the key to the end of the value; the columns of a keyword are counted from its last line.
                end = edits.closed(edits.end(value), edits.end(table))
                entry.end_lineno = value.end_lineno
                entry.end_col_offset = (value.end_col_offset or 0) + end - edits.end(value)
                found.append(entry)
        return [*found]


def is_partial(function: ast.expr) -> bool:
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) == "partial"


def in_order(call: ast.Call) -> list[Placed]:
    """The arguments of a call as they stand in the text."""
    return sorted((*call.args, *call.keywords), key=lambda one: (one.lineno, one.col_offset))
