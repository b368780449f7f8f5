"""Carrying out a plan, or only printing it."""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TextIO

from envtasks.cli.command import Invocation
from envtasks.cli.preparing import Preparing
from envtasks.cli.printing import print_json
from envtasks.cli.world import World, current_directory
from envtasks.declared import Pairs
from envtasks.environments.freshness import stale
from envtasks.environments.installed import is_installed
from envtasks.events import Emit, Result
from envtasks.model import Host
from envtasks.plan.filling import INDEX_VARIABLES
from envtasks.planned import Plan, Recipe
from envtasks.report.terminal import Terminal
from envtasks.run.engine import Engine, command_directory
from envtasks.run.isolation import abandon_threads
from envtasks.run.more import plan_more
from envtasks.signals import Stopped

if TYPE_CHECKING:
    from envtasks.cli.ahead import Ahead

#: What `--reuse-venv` says where environments are not to be used again, and the reason that is told then.
MADE_ANEW = ("no", "never")
AS_ASKED = "as was asked for"
#: Exit codes of runs, by the worst outcome.
FAILED, BROKEN = 1, 3


def perform_plan(world: World, plan: Plan, invocation: Invocation, *, brief: bool = False) -> tuple[Result, ...]:
    """The results of performing a plan; none where it is only printed."""
    flags = invocation.flags
    if flags.dry_run:
        print_plan(plan, as_json=getattr(flags, "json", False))
        return ()
    if flags.why:
        print_why({work.recipe.name: work.recipe for work in plan.sessions}, as_json=getattr(flags, "json", False))
        return ()
    host = world.host
    with own_terminal(host, flags, brief=brief) as terminal:
        ahead = ahead_of(plan, world, flags, terminal)
        engine = engine_of(world, flags, terminal, ahead)
        if hasattr(gc, "freeze"):  # PyPy has none
            gc.freeze()
        gc.enable()
        try:
            return perform(engine, plan, ahead)
        except Stopped as stopped:
            abandon_threads(stopped.exit_code)
            raise


def perform(engine: Engine, plan: Plan, ahead: Ahead | None) -> tuple[Result, ...]:
    """The results of a plan; what is still made ahead when they are there is not needed."""
    try:
        return engine.perform(plan)
    finally:
        if ahead is not None:
            ahead.end()


def ahead_of(plan: Plan, world: World, flags: Namespace, emit: Emit) -> Ahead | None:
    """What makes environments ready ahead, where there are several and nobody said otherwise."""
    if flags.ahead is False or flags.no_install or len({work.recipe.directory for work in plan.sessions}) == 1:
        return None
    from envtasks.cli.ahead import Ahead

    return Ahead(plan, flags, world.host.environ, emit)


@contextmanager
def own_terminal(host: Host, flags: Namespace, *, brief: bool = False) -> Iterator[Terminal]:
    """What tells a person how things go."""
    with own_stderr() as stream:
        yield Terminal(stream, colors=color_codes(flags.color, host.environ), verbosity=host.verbosity, brief=brief)


@contextmanager
def own_stderr() -> Iterator[TextIO]:
    """What our voice is for: no Python task can close it or put something else in its place."""
    ours = sys.stderr
    try:
        stream = open(os.dup(ours.fileno()), "w", encoding=ours.encoding, errors=ours.errors, buffering=1)  # noqa: SIM115
    except OSError:
        # It stands for no file: somebody who called us collects what we say.
        yield ours
        return
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


def engine_of(world: World, flags: Namespace, emit: Emit, ahead: Ahead | None = None) -> Engine:
    """An engine for this project that does what the flags ask for."""
    host = world.host
    anew = AS_ASKED if getattr(flags, "reuse_venv", None) in MADE_ANEW else ""
    preparing = Preparing(host, emit, installs=not flags.no_install, anew=anew, ahead=None if anew else ahead)

    def installs(recipe: Recipe) -> bool:
        return not flags.no_install or recipe.directory in preparing.made

    def install(recipe: Recipe, arguments: Sequence[str], directory: str, announce: Callable[[], None]) -> None:
        recipe = recipe._replace(index_variables=index_variables(recipe, host.environ))
        if is_installed(recipe, arguments, directory):
            return
        from envtasks.environments import making

        announce()
        making.install(recipe, arguments, directory, emit)

    return Engine(
        emit=emit,
        prepare=preparing.prepare,
        release=preparing.release,
        install=install,
        plan_more=partial(plan_more, world.project, host),
        cwd=command_directory(host.root, current_directory()),
        missing_fails=missing_fails(flags.error_on_missing_interpreters, host.environ),
        stop_on_first=flags.stop_on_first_error,
        install_only=flags.install_only,
        installs=installs,
        invoked_from=current_directory(),
    )


def index_variables(recipe: Recipe, environ: Mapping[str, str]) -> Pairs:
    """What the environment, or the task, says of where packages come from; what the machine says does not count."""
    seen = ((name, recipe.variables.get(name)) for name in INDEX_VARIABLES)
    said = {name: value for name, value in seen if value is not None and value != environ.get(name)}
    return tuple({**dict(recipe.index_variables), **said}.items())


def print_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        from envtasks.report.document import plan_document

        print_json(plan_document(plan))
    else:
        from envtasks.report.plan import plan_text

        sys.stdout.write(plan_text(plan))


def print_why(recipes: Mapping[str, Recipe], *, as_json: bool) -> None:
    """What would be done to the environments; nothing is done to them."""
    from envtasks.report.why import why_document, why_text

    needs = {name: stale(recipe) for name, recipe in recipes.items()}
    if as_json:
        print_json(why_document(needs))
    else:
        sys.stdout.write(why_text(needs))


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
