"""`envtasks build`: source distributions and wheels of the project, for others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from shutil import copyfile
from tempfile import TemporaryDirectory

from envtasks.cli.command import Invocation
from envtasks.cli.performing import color_codes, own_stderr
from envtasks.cli.world import World, current_directory, look
from envtasks.declare.metadata import build_requires
from envtasks.declared import Texts
from envtasks.environments.building import BuildSystem, Kind, build, build_system_of, requires
from envtasks.environments.installed import is_installed
from envtasks.environments.location import python_of
from envtasks.environments.making import install, make_for_use, told_as_failures
from envtasks.environments.removal import remove_built
from envtasks.environments.reproducing import settle
from envtasks.errors import FillError, InvalidDeclarations, Mistake, RequestError, nearest
from envtasks.events import Emit, StageStarted
from envtasks.model import Environment
from envtasks.names import normalized
from envtasks.option_table import BUILDER, NONE
from envtasks.plan.filling import can_be_built, fill_environment, recipe_of
from envtasks.planned import Recipe
from envtasks.report.terminal import Terminal
from envtasks.resolve.reserved import build_environment
from envtasks.resolve.selection import environments_of, no_environment

#: What is built when nothing is named, in this order.
TARGETS: tuple[Kind, ...] = ("sdist", "wheel")
USUAL_PLACE = "dist"


def main(invocation: Invocation) -> int:
    flags = invocation.flags
    world = look(flags)
    targets = targets_of((*(flags.target or ()), *invocation.operands))
    metadata = world.project.metadata
    if not can_be_built(metadata):
        raise RequestError("there is no project here to be built", hint="write its [project] into pyproject.toml")
    recipe = None if flags.no_isolation else recipe_for_builds(flags.env, world)
    place = place_for_built(flags.build_location, world)
    with own_stderr() as stream, told_as_failures(place):
        terminal = Terminal(stream, colors=color_codes(flags.color, world.host.environ), verbosity=world.host.verbosity)
        os.makedirs(place, exist_ok=True)
        if flags.clean:
            remove_built(place, normalized(metadata.name))
        building = surroundings(targets, world) if recipe is None else isolated(recipe, targets, world, terminal)
        for path in building(place):
            print(shown(path), flush=True)
    return 0


def targets_of(names: Sequence[str]) -> tuple[Kind, ...]:
    for name in names:
        if name not in TARGETS:
            hint = nearest(name, TARGETS) or f"known are: {', '.join(TARGETS)}"
            raise RequestError(f"unknown target '{name}'", hint=hint)
    return tuple(target for target in TARGETS if target in names) or TARGETS


def place_for_built(said: str | None, world: World) -> str:
    """Where what is built goes: relative to where we are, or to the project where nothing is said."""
    place = said or world.host.environ.get("ENVTASKS_BUILD_LOCATION")
    if place:
        return os.path.normpath(os.path.join(current_directory(), place))
    return os.path.join(world.host.root, USUAL_PLACE)


def shown(path: str) -> str:
    """The path as it reads from here."""
    here = current_directory()
    return os.path.relpath(path, here) if path.startswith(here + os.sep) else path


def recipe_for_builds(name: str | None, world: World) -> Recipe | None:
    """The environment to build in; None where that is what surrounds us."""
    environment = named(name, world) if name else build_environment(world.project)
    try:
        recipe = recipe_of(fill_environment(environment, world.project, world.host), world.project, world.host)
    except FillError as error:
        where = error.where or environment.where
        raise InvalidDeclarations((Mistake(f"{environment.name}: {error.message}", where, error.hint),)) from None
    return None if recipe.type == NONE else recipe


def named(name: str, world: World) -> Environment:
    environments = environments_of(name, world.project)
    if not environments:
        raise no_environment(name, world.project)
    if len(environments) > 1:
        raise RequestError(
            f"'{name}' stands for {len(environments)} environments",
            hint=f"choose one: {', '.join(one.name for one in environments)}",
        )
    if not environments[0][BUILDER]:
        raise RequestError(f"'{name}' is no environment for builds", hint=f"{BUILDER.name} = true makes it one")
    return environments[0]


def isolated(recipe: Recipe, targets: Sequence[Kind], world: World, emit: Emit) -> Callable[[str], Iterator[str]]:
    """What builds in an environment, made ready and held meanwhile."""
    host = world.host
    inputs = world.project.metadata.build_inputs

    def building(place: str) -> Iterator[str]:
        held = make_for_use(recipe, host, current_directory(), emit)
        try:
            system = build_system_of(host.root, inputs, python_of(recipe.directory), recipe.variables)
            for target in targets:
                emit(StageStarted(recipe.name, "build", target))
                more = requires(system, target)
                if more and not is_installed(recipe, more, host.root):
                    install(recipe, more, host.root, emit)
                yield built(system, target, place)
        finally:
            held.end()

    return building


def surroundings(targets: Sequence[Kind], world: World) -> Callable[[str], Iterator[str]]:
    """What builds with the Python that runs us, and with what that has."""
    host = world.host
    inputs = world.project.metadata.build_inputs

    def building(place: str) -> Iterator[str]:
        try:
            check_there(build_requires(inputs))
        except FillError as error:
            raise RequestError(error.message, where=error.where, hint=error.hint) from None
        system = build_system_of(host.root, inputs, sys.executable, host.environ)
        for target in targets:
            check_there(requires(system, target))
            yield built(system, target, place)

    return building


def built(system: BuildSystem, target: Kind, place: str) -> str:
    """Build outside of the project, of which a source distribution may take along all that it finds."""
    with TemporaryDirectory() as temporary:
        made = build(system, target, temporary)
        settle(made, system.variables)
        path = os.path.join(place, os.path.basename(made))
        unfinished = os.path.join(place, f".{os.path.basename(made)}.{os.getpid()}")
        copyfile(made, unfinished)
        os.replace(unfinished, path)
    return path


def check_there(requirements: Texts) -> None:
    """Raise RequestError for requirements that our own Python does not meet."""
    missing = [one for one in requirements if not is_met(one)]
    if missing:
        raise RequestError(
            f"not there to build with: {', '.join(missing)}",
            hint="install it beside envtasks, or build without --no-isolation",
        )


def is_met(requirement: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    if wanted.marker is not None and not wanted.marker.evaluate():
        return True
    try:
        return wanted.specifier.contains(version(wanted.name), prereleases=True)
    except PackageNotFoundError:
        return False
