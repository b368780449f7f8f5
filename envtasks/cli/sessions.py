"""The command without a verb: run sessions, list them, or print the plan."""

from __future__ import annotations

import sys

from envtasks.cli.command import Invocation
from envtasks.cli.printing import print_json
from envtasks.cli.world import World, look
from envtasks.errors import RequestError
from envtasks.model import SessionRef
from envtasks.report.listing import listing_text
from envtasks.resolve.selection import all_sessions, default_sessions, select


def main(invocation: Invocation) -> int:
    flags = invocation.flags
    if flags.json and not (flags.list or flags.dry_run):
        raise RequestError("--json has nothing to print", hint="add --list or --dry-run")
    world = look(flags)
    try:
        sessions = chosen(invocation, world)
    except RequestError:
        if flags.list and not flags.json:
            show_list(invocation, world, ())
        raise
    if flags.list:
        show_list(invocation, world, sessions)
        return 0
    if not sessions:
        show_list(invocation, world, sessions)
        raise RequestError("nothing is selected", hint="name sessions with -s, or say which ones run: sessions = [...]")
    return perform(world, sessions, invocation)


def perform(world: World, sessions: tuple[SessionRef, ...], invocation: Invocation) -> int:
    from envtasks.cli.performing import exit_code_of, perform_plan
    from envtasks.plan.planning import Request, make_plan
    from envtasks.process import shell_text

    request = Request(sessions, invocation.arguments, shell_text(invocation.arguments))
    return exit_code_of(perform_plan(world, make_plan(world.project, request, world.host), invocation))


def chosen(invocation: Invocation, world: World) -> tuple[SessionRef, ...]:
    """The sessions that are named, else those that run by default; of these, those that have one of the tags."""
    flags = invocation.flags
    if flags.sessions:
        sessions = select(flags.sessions, world.project)
    elif flags.tags:
        sessions = tuple(all_sessions(world.project))
    else:
        sessions = default_sessions(world.project)
    if flags.tags:
        sessions = tuple(session for session in sessions if set(flags.tags) & set(session.tags))
    return sessions


def show_list(invocation: Invocation, world: World, selected: tuple[SessionRef, ...]) -> None:
    sessions = tuple(all_sessions(world.project))
    if invocation.flags.json:
        from envtasks.report.document import listing_document

        print_json(listing_document(sessions, selected))
    else:
        sys.stdout.write(listing_text(world.declarations, sessions, selected))
