"""`envtasks shell`: the shell of the person in an environment; its exit code is ours."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from envtasks.cli.command import Invocation
from envtasks.cli.performing import own_terminal
from envtasks.cli.places import Wanted, asked, wanted
from envtasks.cli.preparing import Preparing
from envtasks.cli.shells import STARTS, Active, family, opening
from envtasks.cli.world import World, current_directory, look
from envtasks.environments.location import bin_directory
from envtasks.errors import EnvironmentFailed, RequestError
from envtasks.model import Host
from envtasks.option_table import NONE, TEMPLATE
from envtasks.plan.variables import MISLEADING
from envtasks.planned import Recipe
from envtasks.process import run_program
from envtasks.run.engine import command_directory
from envtasks.signals import signals_raise

#: Where a shell is looked for when nothing says which: the first that is there.
USUAL = ("pwsh", "powershell", "cmd") if os.name == "nt" else ("/bin/sh",)


def main(invocation: Invocation) -> int:
    flags, arguments = invocation.flags, invocation.arguments
    world = look(flags)
    if not arguments and not (os.isatty(0) and os.isatty(1)):
        raise RequestError(
            "there is no terminal for a shell", hint="give it something to do: envtasks shell ENV -- -c 'COMMAND'"
        )
    one = chosen(invocation.operands, world)
    program = program_of(flags.shell, world.host)
    # Whoever types `pip` there means the one of this environment, and would find another.
    recipe = one.recipe._replace(pip=True)
    with own_terminal(world.host, flags) as terminal:
        preparing = Preparing(world.host, terminal)
        with signals_raise():
            preparing.prepare(recipe)
        try:
            return start(program, arguments, recipe, world.host)
        finally:
            preparing.release(recipe)


def chosen(names: Sequence[str], world: World) -> Wanted:
    """The one environment that is named, or the default one."""
    if len(names) > 1:
        raise RequestError("a shell is in one environment", hint="what is for the shell itself follows --")
    environments = asked(names, world)
    if len(environments) > 1:
        known = ", ".join(one.name for one in environments)
        raise RequestError(f"'{names[0]}' is more than one environment", hint=f"choose one: {known}")
    (one,) = wanted(environments, world)
    if one.unsupported:
        raise RequestError(f"'{one.recipe.name}' {one.unsupported}")
    return one


def start(program: str, arguments: Sequence[str], recipe: Recipe, host: Host) -> int:
    variables = dict(recipe.variables)
    active = active_in(recipe, host.environ)
    variables.update(active.variables)
    opened = opening(program, arguments, active, variables)
    cwd = command_directory(host.root, current_directory())
    finished = run_program((program, *opened.words), cwd=cwd, variables={**variables, **opened.variables})
    if finished.output:
        raise EnvironmentFailed(f"the shell cannot be started: {finished.output}")
    return finished.exit_code


def active_in(recipe: Recipe, environ: Mapping[str, str]) -> Active:
    """What the environment changes of the variables that the person has."""
    changed = {name: value for name, value in recipe.variables.items() if environ.get(name) != value}
    path = changed.pop("PATH", "")
    title = os.path.basename(recipe.directory) if recipe.name == TEMPLATE.default else recipe.name
    programs = ""
    if recipe.type != NONE:
        changed["VIRTUAL_ENV_PROMPT"] = title
        programs = bin_directory(recipe.directory)
    if path and path != os.pathsep.join((programs, environ.get("PATH") or os.defpath)):
        changed["PATH"] = path
    return Active(
        title="" if environ.get("VIRTUAL_ENV_DISABLE_PROMPT") else title,
        programs=programs,
        variables=tuple((name, value) for name, value in changed.items() if re.fullmatch(r"[A-Za-z_]\w*", name)),
        unset=() if recipe.type == NONE else MISLEADING,
    )


def program_of(said: str | None, host: Host) -> str:
    """The shell to start: the one that is asked for, the one that we were typed into, that of SHELL, or a usual one."""
    from shutil import which

    path = host.environ.get("PATH")
    if said:
        found: str | None = which(said, path=path)
        if found is None:
            raise RequestError(f"no shell '{said}' is on PATH", hint="name one by its path")
        return found
    for name in filter(None, (shell_before_us(), host.environ.get("SHELL"), *USUAL)):
        found = which(name, path=path)
        if found is not None:
            return found
    raise RequestError("no shell is found", hint="name one: --shell PROGRAM")


def shell_before_us() -> str:
    """The shell that somebody typed our name into, or nothing where it was no shell, or one that runs a script."""
    words = words_of(os.getppid())
    if not words or family(words[0]) not in STARTS:
        return ""
    runs_script = any(not word.startswith("-") or word == "-c" for word in words[1:])
    return "" if runs_script and "-i" not in words else words[0].lstrip("-")


def words_of(pid: int) -> list[str]:
    """The words that a process was started with, where the system tells."""
    if os.name == "nt":
        return []
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="surrogateescape") as file:
            return file.read().rstrip("\0").split("\0")
    except OSError:
        told = run_program(
            ("/bin/ps", "-p", str(pid), "-o", "command="), cwd=os.sep, variables={"LC_ALL": "C"}, capture="output"
        )
        return told.output.split() if not told.exit_code else []
