"""Carrying out a plan, or only printing it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from envtasks.cli.command import Invocation
from envtasks.cli.printing import print_json
from envtasks.cli.world import World, current_directory
from envtasks.environments.freshness import stale
from envtasks.environments.installed import is_installed
from envtasks.environments.record import read as read_record
from envtasks.events import Result
from envtasks.plan.planning import Request, make_plan
from envtasks.planned import Plan, Recipe
from envtasks.process import shell_text
from envtasks.report.terminal import Terminal
from envtasks.resolve.selection import select
from envtasks.run.engine import Engine, command_directory

#: Exit codes of runs, by the worst outcome.
FAILED, BROKEN = 1, 3


def perform_plan(world: World, plan: Plan, invocation: Invocation, *, brief: bool = False) -> tuple[Result, ...]:
    """The results of performing a plan; none where it is only printed."""
    flags = invocation.flags
    if flags.dry_run:
        print_plan(plan, as_json=getattr(flags, "json", False))
        return ()
    host = world.host
    colors = color_codes(flags.color, host.environ)
    terminal = Terminal(sys.stderr, colors=colors, verbosity=host.verbosity, brief=brief)
    cwd = command_directory(host.root, current_directory())

    def prepare(recipe: Recipe) -> None:
        if flags.no_install and read_record(recipe.directory) is not None:
            return
        if stale(recipe) is not None:
            from envtasks.environments.making import make

            make(recipe, host, current_directory(), terminal)

    def install(recipe: Recipe, arguments: Sequence[str], directory: str, announce: Callable[[], None]) -> None:
        if flags.no_install or is_installed(recipe, arguments, directory):
            return
        from envtasks.environments import making

        announce()
        making.install(recipe, arguments, directory, terminal)

    def plan_more(name: str, arguments: Sequence[str]) -> Plan:
        request = Request(select([name], world.project), tuple(arguments), shell_text(arguments))
        return make_plan(world.project, request, host)

    if hasattr(gc, "freeze"):  # PyPy has none
        gc.freeze()
    gc.enable()
    engine = Engine(
        emit=terminal,
        prepare=prepare,
        install=install,
        plan_more=plan_more,
        cwd=cwd,
        missing_fails=missing_fails(flags.error_on_missing_interpreters, host.environ),
        stop_on_first=flags.stop_on_first_error,
        install_only=flags.install_only,
    )
    return engine.perform(plan)


def print_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        from envtasks.report.document import plan_document

        print_json(plan_document(plan))
    else:
        from envtasks.report.plan import plan_text

        sys.stdout.write(plan_text(plan))


def missing_fails(said: bool | None, environ: Mapping[str, str]) -> bool:
    """In CI, a Python that is not there is a failure unless it is said not to be."""
    return bool(environ.get("CI")) if said is None else said


def exit_code_of(results: tuple[Result, ...]) -> int:
    """0 all passed; 1 a session failed, or all were skipped; 3 an environment could not be made."""
    outcomes = {result.outcome for result in results}
    if "broken" in outcomes:
        return BROKEN
    return FAILED if outcomes & {"failed", "cancelled"} or outcomes == {"skipped"} else 0


def color_codes(when: str | None, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The codes of colorlog where we colour; it is loaded only then, and `logging` with it."""
    if not colored(when, environ):
        return {}
    from colorlog.escape_codes import escape_codes

    return escape_codes


def colored(when: str | None, environ: Mapping[str, str]) -> bool:
    """`--color`, then NO_COLOR, FORCE_COLOR and TERM, then whether stderr is a terminal."""
    if when in ("always", "never"):
        return when == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return environ.get("TERM") != "dumb" and os.isatty(sys.stderr.fileno())
