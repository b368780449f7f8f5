"""The command without a verb: run sessions, list them, or print the plan."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from envtasks.cli.command import Invocation
from envtasks.cli.printing import print_json
from envtasks.cli.world import World, look
from envtasks.errors import NoDefaultScript, RequestError, nearest
from envtasks.model import SessionRef
from envtasks.option_table import SCRIPTS
from envtasks.report.listing import listing_text
from envtasks.resolve.selection import all_sessions, default_sessions, select


def main(invocation: Invocation) -> int:
    flags = invocation.flags
    if flags.json and not (flags.list or flags.dry_run or flags.why):
        raise RequestError("--json has nothing to print", hint="add --list, --dry-run or --why")
    world = look(flags)
    if flags.usage:
        from envtasks.cli.usage import usages

        sys.stdout.write(usages(flags.usage, world.project))
        return 0
    if flags.list:
        show_list(invocation, world)
        return 0
    sessions = chosen(invocation, world)
    if not sessions:
        show_list(invocation, world)
        raise nothing_selected(invocation, world)
    return perform(world, sessions, invocation)


def perform(world: World, sessions: tuple[SessionRef, ...], invocation: Invocation) -> int:
    from envtasks.cli.performing import exit_code_of, perform_plan
    from envtasks.plan.planning import Request, make_plan

    request = Request(sessions, invocation.arguments)
    return exit_code_of(perform_plan(world, make_plan(world.project, request, world.host), invocation))


def chosen(invocation: Invocation, world: World) -> tuple[SessionRef, ...]:
    """The sessions that are named, else those that run by default; of these, those with one of the tags and the words."""
    sessions, keywords = tagged(invocation, world), invocation.flags.keywords
    if keywords:
        from envtasks.resolve.keywords import matching, read_keywords

        sessions = matching(read_keywords(keywords), sessions)
    return sessions


def tagged(invocation: Invocation, world: World) -> tuple[SessionRef, ...]:
    """What is chosen, before keywords are looked for."""
    flags, project = invocation.flags, world.project
    names = names_asked(invocation, world)
    if names is not None:
        sessions = select(names, project)
    else:
        sessions = tuple(all_sessions(project)) if flags.tags or flags.keywords else default_sessions(project)
    if flags.tags:
        sessions = tuple(session for session in sessions if set(flags.tags) & set(session.tags))
    return sessions


def names_asked(invocation: Invocation, world: World) -> Sequence[str] | None:
    """The names that were typed, else those of the project where nothing else was typed to select; None for no names."""
    flags = invocation.flags
    return flags.sessions or (None if flags.tags or flags.keywords else world.project.settings.sessions)


def nothing_selected(invocation: Invocation, world: World) -> RequestError:
    tags, keywords = invocation.flags.tags, invocation.flags.keywords
    if keywords and (sessions := tagged(invocation, world)):
        from envtasks.resolve.keywords import nothing_matches

        return nothing_matches(keywords, sessions)
    if not tags:
        others = [name for name in ("noxfile.py", "tox.ini", "tox.toml") if os.path.exists(f"{world.host.root}/{name}")]
        if others and not any(one[SCRIPTS] for one in world.project.environments.values()):
            return RequestError("nothing is declared here", hint=f"`envtasks migrate` makes something of {others[0]}")
        return RequestError("nothing is selected", hint="name sessions, or say which ones run: sessions = [...]")
    known = tuple(dict.fromkeys(tag for session in all_sessions(world.project) for tag in session.tags))
    hint = nearest(tags[0], known) or f"known are: {', '.join(known) or 'none'}"
    return RequestError(f"no session has the tag {' or '.join(map(repr, tags))}", hint=hint)


def show_list(invocation: Invocation, world: World) -> None:
    """Every session, those marked that would run; an environment that cannot say which of its scripts runs marks none."""
    sessions = tuple(all_sessions(world.project))
    names = names_asked(invocation, world)
    selected: tuple[SessionRef, ...] = ()
    for asked in [invocation] if names is None else [with_names(invocation, [name]) for name in names]:
        try:
            selected += chosen(asked, world)
        except NoDefaultScript as error:
            print(f"note: {error.reason}", file=sys.stderr)
    selected = with_required(selected, world)
    if invocation.flags.json:
        from envtasks.report.document import listing_document

        print_json(listing_document(sessions, selected))
    else:
        sys.stdout.write(listing_text(world.declarations, sessions, selected))


def with_required(selected: tuple[SessionRef, ...], world: World) -> tuple[SessionRef, ...]:
    """Sessions and all that they require; without these where that cannot be told."""
    scripts = (script for session in selected for script in session.environment[SCRIPTS].values())
    if not (any(session.requires for session in selected) or any(script.requires for script in scripts)):
        return selected
    from envtasks.plan.planning import required

    try:
        return tuple(session for session, _ in required(selected, world.project).values())
    except RequestError as error:
        print(f"note: {error.reason}", file=sys.stderr)
        return selected


def with_names(invocation: Invocation, names: list[str]) -> Invocation:
    return invocation._replace(flags=Namespace(**{**vars(invocation.flags), "sessions": names}))
