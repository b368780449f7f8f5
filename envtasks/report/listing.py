"""The list of sessions, in the format of nox."""

from __future__ import annotations

from collections.abc import Iterable

from envtasks.declare.declarations import Declarations
from envtasks.model import SessionRef

LEGEND = "sessions marked with * are selected, sessions marked with - are skipped."


def listing_text(declarations: Declarations, sessions: Iterable[SessionRef], selected: Iterable[SessionRef]) -> str:
    """The docstring of the envfile, where sessions are declared, a line for each session, and a legend."""
    chosen = {session.id for session in selected}
    head = f"{declarations.doc.strip()}\n\n" if declarations.doc else ""
    where = ", ".join(declarations.files) or "no file"
    lines = "".join(f"{session_line(session, session.id in chosen)}\n" for session in sessions)
    return f"{head}Sessions defined in {where}:\n\n{lines}\n{LEGEND}\n"


def session_line(session: SessionRef, selected: bool) -> str:
    tags = f" [{','.join(session.tags)}]" if session.tags else ""
    description = f" -> {session.description}" if session.description else ""
    return f"{'*' if selected else '-'} {session.name}{tags}{description}"
