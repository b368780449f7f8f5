"""`envtasks run`: one script, or any command, in an environment; its exit code is ours."""

from __future__ import annotations

import sys

from envtasks.cli.command import Invocation
from envtasks.cli.performing import BROKEN, exit_code_of, perform_plan
from envtasks.cli.world import World, look
from envtasks.errors import RequestError
from envtasks.events import Result
from envtasks.model import SessionRef
from envtasks.option_table import SCRIPTS, TEMPLATE
from envtasks.plan.planning import Request, make_plan, plan_command
from envtasks.quoting import shell_text
from envtasks.resolve.selection import default_script, environments_of, no_environment, split_name


def main(invocation: Invocation) -> int:
    if not invocation.operands:
        raise RequestError("nothing to run", hint="envtasks run [ENV:]SCRIPT-OR-COMMAND [ARGS ...]")
    word, *arguments = invocation.operands
    if word.startswith("+"):
        raise RequestError(f"'{word}' selects no environments here", hint="name one of the matrix: envtasks env show")
    world = look(invocation.flags)
    chosen, name = split_name(word, invocation.flags.env or active(world), world.project)
    environments = environments_of(chosen, world.project)
    if not environments:
        raise no_environment(chosen, world.project)
    sessions = tuple(SessionRef(one, name, name == default_script(one)) for one in environments)
    scripted = tuple(session for session in sessions if name in session.environment[SCRIPTS])
    if scripted:
        if arguments[:1] == ["--"]:
            del arguments[0]
        request = Request(scripted, tuple(arguments))
        plan = make_plan(world.project, request, world.host)
    else:
        if word in world.project.roots or word in world.project.environments:
            typed = shell_text((word, "--", *arguments) if arguments else (word,))
            print(f"note: '{word}' is also an environment; `envtasks {typed}` runs its own script", file=sys.stderr)
        plan = plan_command(world.project, sessions, shell_text((name, *arguments)), world.host)
    results = perform_plan(world, plan, invocation, brief=True)
    return exit_code(results)


def active(world: World) -> str:
    """The environment that commands run in when none is named: the one that is active, else the default one."""
    name = world.host.environ.get("ENVTASKS_ENV_ACTIVE")
    return name if name and name in world.project.environments else TEMPLATE.default


def exit_code(results: tuple[Result, ...]) -> int:
    """The exit code of the first command that failed; the usual one where nothing got as far."""
    if any(result.outcome == "broken" for result in results):
        return BROKEN
    failed = next((result.exit_code for result in results if result.exit_code), None)
    return failed if failed is not None else exit_code_of(results)
