"""Carrying out, or only printing, the plan for some sessions."""

from __future__ import annotations

from envtasks.cli.main import Invocation
from envtasks.cli.printing import print_json
from envtasks.cli.world import World
from envtasks.model import Plan, SessionRef
from envtasks.plan.planning import Request, make_plan


def perform_sessions(world: World, sessions: tuple[SessionRef, ...], invocation: Invocation) -> int:
    arguments = invocation.arguments
    from shlex import join
    plan = make_plan(world.project, Request(sessions, arguments, join(arguments)), world.host)
    if invocation.flags.dry_run:
        from envtasks.report.document import plan_document
        print_json(plan_document(plan))
        return 0
    return 0
