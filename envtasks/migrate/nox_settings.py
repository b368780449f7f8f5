"""What a noxfile sets for all sessions: `nox.options` and `nox.needs_version`."""

from __future__ import annotations

import ast

from envtasks.migrate.nox_imports import Imports
from envtasks.migrate.nox_words import BACKENDS, FOREIGN_BACKENDS, OPTIONS, SETTINGS
from envtasks.migrate.porting import Porting
from envtasks.migrate.references import Reference

#: How many words `nox.options` has, and an option with it.
OPTIONS_WORDS, OPTION_WORDS = 2, 3
ELSEWHERE = "say it on the command line, or in a variable of the flag"


def port_version(porting: Porting, reference: Reference) -> None:
    """Take `nox.needs_version` out: it is about the version of nox."""
    statement = assignment(porting, reference.nodes[-1])
    hint = "options.requires_envtasks says which versions of envtasks there may be"
    porting.leave(reference.nodes[0], "'nox.needs_version'", hint, "left out" if statement else "stays")
    if statement is not None:
        porting.remove(statement)


def port_option(porting: Porting, imports: Imports, reference: Reference) -> None:
    """Turn an option of nox into a setting, or take it out."""
    if len(reference.words) < OPTION_WORDS:
        imports.rename(reference, OPTIONS_WORDS)
        porting.leave(reference.nodes[0], "'nox.options' as a whole", "set each of them: options.sessions = [...]")
        return
    name = reference.words[OPTIONS_WORDS]
    node = reference.node(OPTION_WORDS)
    statement = assignment(porting, node) if node is not None else None
    if name in SETTINGS:
        imports.rename(reference, OPTIONS_WORDS)
        if name != SETTINGS[name] and node is not None:
            porting.edits.change(porting.edits.end(node) - len(name), porting.edits.end(node), SETTINGS[name])
    elif statement is None or isinstance(statement, ast.AugAssign):
        imports.rename(reference, OPTIONS_WORDS)
        porting.leave(reference.nodes[0], f"'nox.options.{name}' is looked at", OPTIONS.get(name, ELSEWHERE))
    elif name in BACKENDS:
        port_backend(porting, imports, reference, statement)
    else:
        porting.leave(statement, f"'nox.options.{name}'", OPTIONS.get(name, ELSEWHERE), "left out")
        porting.remove(statement)


def port_backend(
    porting: Porting, imports: Imports, reference: Reference, statement: ast.Assign | ast.AnnAssign
) -> None:
    """Make of the choice of a backend one of an installer."""
    installer = installer_of(imports, statement.value)
    if installer is None:
        written = porting.edits.text(statement.value) if statement.value else ""
        hint = 'options.installer is "pip" or "uv"'
        what = f"'nox.options.{reference.words[OPTIONS_WORDS]}' {written}".rstrip()
        porting.leave(statement, what, hint, "left out")
        porting.remove(statement)
        return
    named = reference.node(OPTIONS_WORDS) or reference.nodes[0]
    target = imports.name(reference, OPTIONS_WORDS) or porting.edits.text(named)
    porting.edits.replace(statement, f"{target}.installer = {installer}")


def installer_of(imports: Imports, value: ast.expr | None) -> str | None:
    """The installer that a backend comes to, as Python text; None where there is none or nobody can tell."""
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return None
    choices = value.value.split("|")
    if "none" in choices or set(choices) & set(FOREIGN_BACKENDS):
        return None
    installers = list(dict.fromkeys("uv" if choice == "uv" else "pip" for choice in choices))
    return f'"uv" if {imports.finder()}("uv") else "pip"' if installers == ["uv", "pip"] else f'"{installers[0]}"'


def assignment(porting: Porting, node: ast.expr) -> ast.Assign | ast.AnnAssign | ast.AugAssign | None:
    """The statement that sets this and nothing else."""
    parent = porting.parent(node)
    if isinstance(parent, ast.Assign) and parent.targets == [node]:
        return parent
    if isinstance(parent, (ast.AnnAssign, ast.AugAssign)) and parent.target is node:
        return parent
    return None
