"""From a noxfile to an envfile: the same text, with the words of nox replaced by ours."""

from __future__ import annotations

import ast
import os

from envtasks.migrate.migrated import Migrated
from envtasks.migrate.nox_imports import Imports
from envtasks.migrate.nox_leftovers import leave_imports, leave_parameters, leave_texts, leave_uses
from envtasks.migrate.nox_script import leave_script, leave_start
from envtasks.migrate.nox_sessions import Sessions
from envtasks.migrate.nox_settings import port_option, port_version
from envtasks.migrate.nox_words import COUNTERPARTS, NO_COUNTERPART, PUBLIC, STARTERS
from envtasks.migrate.porting import Porting
from envtasks.migrate.references import Module, Reference, references

MODULE = Module("nox", PUBLIC)
#: The class of nox for sessions that have no environment of their own, and how such a session is told here.
NO_ENVIRONMENT = ("nox", "virtualenv", "PassthroughEnv")


def migrate_noxfile(path: str, text: str) -> Migrated:
    """The envfile that a noxfile comes to; InvalidDeclarations where it is not Python.

    Layout and comments stay. What is taken out, and what would not do the same any more, is told.
    """
    # Python ends lines with a lone carriage return as well, and counts them so.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    porting = Porting(path, text)
    imports = Imports(porting, MODULE)
    sessions = Sessions(porting, imports)
    typed: list[ast.arg] = []
    for reference in references(porting.tree, MODULE):
        port(porting, imports, sessions, reference)
        annotated = porting.parent(reference.nodes[-1])
        if reference.words[-1] == "Session" and isinstance(annotated, ast.arg):
            typed.append(annotated)
    sessions.port_shared()
    for function, decorators in sessions.declared.items():
        leave_parameters(porting, function, decorators)
    leave_uses(porting, sessions.declared, typed)
    leave_texts(porting)
    leave_imports(porting, os.path.dirname(path))
    leave_script(porting, text)
    imports.write()
    return porting.migrated()


def port(porting: Porting, imports: Imports, sessions: Sessions, reference: Reference) -> None:
    words = known_words(reference)
    name = ".".join(reference.words[:words])
    if ".".join(reference.words) in STARTERS:
        leave_start(porting, reference)
    elif reference.words == ("nox", "needs_version"):
        port_version(porting, reference)
    elif name == "nox.options":
        port_option(porting, imports, reference)
    elif name == "nox.session":
        sessions.port(reference)
    elif words:
        imports.rename(reference, words)
    elif not port_test(porting, reference) and reference.imported_words == 1:
        imports.needed = True
        porting.leave(reference.nodes[0], f"'{'.'.join(reference.words)}'", NO_COUNTERPART)


def known_words(reference: Reference) -> int:
    """How many words of a reference have a counterpart together."""
    for words in range(len(reference.words), 0, -1):
        if ".".join(reference.words[:words]) in COUNTERPARTS:
            return words
    return 0


def port_test(porting: Porting, reference: Reference) -> bool:
    """Port `isinstance(session.virtualenv, nox.virtualenv.PassthroughEnv)`; whether it was that."""
    call = porting.parent(reference.nodes[-1])
    if reference.words != NO_ENVIRONMENT or not isinstance(call, ast.Call) or len(call.args) != 2:
        return False
    asked = call.args[0]
    if not (isinstance(call.func, ast.Name) and call.func.id == "isinstance" and isinstance(asked, ast.Attribute)):
        return False
    if asked.attr != "virtualenv" or call.args[1] is not reference.nodes[-1]:
        return False
    text = f'{porting.edits.text(asked.value)}.venv_backend == "none"'
    plain = isinstance(porting.parent(call), (ast.If, ast.IfExp, ast.BoolOp, ast.Assign, ast.Return, ast.While))
    porting.edits.replace(call, text if plain else f"({text})")
    return True
