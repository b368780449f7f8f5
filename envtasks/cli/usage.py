"""What `--usage` tells of sessions."""

from __future__ import annotations

from envtasks.model import Project, SessionRef
from envtasks.plan.planning import hears
from envtasks.resolve.given import usage_text
from envtasks.resolve.selection import select
from envtasks.resolve.signatures import arguments_for


def usages(name: str, project: Project) -> str:
    """What the sessions of a name are for, how they are called, and the commands of those that have some; alike ones once."""
    sessions = select([name], project)
    alike = len({session.family for session in sessions}) == 1
    return "\n".join(dict.fromkeys(usage_of(session, name if alike else session.family) for session in sessions))


def usage_of(session: SessionRef, title: str) -> str:
    script, arguments = session.script, arguments_for(session)
    doc = (script.function.doc if script.function else "") or session.description
    if arguments or hears(session):
        text = usage_text(title, doc, arguments)
    else:
        text = f"{doc}\n\nusage: envtasks -s {title}\n".lstrip()
    commands = "".join(f"  {command}\n" for command in script.commands)
    return f"{text}\ncommands:\n{commands}" if commands else text
