"""Planning what tasks ask for while they run."""

from __future__ import annotations

from collections.abc import Sequence

from envtasks.model import Host, Project
from envtasks.plan.planning import Request, hears, make_plan
from envtasks.planned import Plan
from envtasks.resolve.selection import select


def plan_more(project: Project, host: Host, name: str, arguments: Sequence[str], *, inherited: bool = False) -> Plan:
    """The plan for the sessions of a name and what they require; raises what `make_plan` does.

    Arguments that nobody gave for these very sessions, as they are ``inherited``, need not reach anybody.
    """
    sessions = select([name], project)
    heard = not inherited or any(map(hears, sessions))
    return make_plan(project, Request(sessions, tuple(arguments) if heard else ()), host)
