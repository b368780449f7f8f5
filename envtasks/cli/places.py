"""The environments that verbs are asked about, and where they lie."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from envtasks.cli.world import World
from envtasks.environments import record
from envtasks.environments.location import directory_name, is_within, locate, store
from envtasks.environments.locks import Place
from envtasks.errors import FillError, InvalidDeclarations, Mistake, RequestError
from envtasks.model import Environment
from envtasks.option_table import NONE, PATH, PLATFORMS, TEMPLATE, TYPE
from envtasks.plan.filling import filled_or_none
from envtasks.plan.planning import Planning, unsupported
from envtasks.planned import Recipe
from envtasks.resolve.formatting import Context
from envtasks.resolve.reserved import build_environment_name
from envtasks.resolve.selection import environments_of, no_environment
from envtasks.tuples import NamedTuple


class Wanted(NamedTuple):
    """An environment to be made; ``unsupported`` says why it cannot exist here."""

    recipe: Recipe
    unsupported: str


def asked(names: Iterable[str], world: World) -> tuple[Environment, ...]:
    """The environments of these names, those of a matrix for its root; the default one where none is named."""
    found: dict[str, Environment] = {}
    for name in tuple(names) or (TEMPLATE.default,):
        environments = environments_of(name, world.project)
        if not environments:
            raise no_environment(name, world.project)
        found.update((one.name, one) for one in environments)
    return tuple(found.values())


def wanted(environments: Iterable[Environment], world: World) -> tuple[Wanted, ...]:
    """What environments must be; InvalidDeclarations for everything that cannot be filled."""
    planning = Planning(world.project, world.host)
    found = []
    mistakes: list[Mistake] = []
    for environment in environments:
        reason = unsupported(environment[PLATFORMS], world.host.platform)
        try:
            _, recipe = planning.fill(environment)
        except FillError as error:
            where = error.where or environment.where
            mistakes.append(Mistake(f"{environment.name}: {error.message}", where, error.hint))
            continue
        found.append(Wanted(recipe, reason))
    if mistakes:
        raise InvalidDeclarations(tuple(mistakes))
    return tuple(found)


def places(environments: Iterable[Environment], world: World) -> tuple[Place, ...]:
    """Where those environments lie that have a directory, whatever else of them can be filled.

    RequestError where none has.
    """
    environments = tuple(environments)
    found = tuple(place_of(environment, world) for environment in environments if environment[TYPE] != NONE)
    if environments and not found:
        raise RequestError(f"'{environments[0].name}' has no directory: its type is '{NONE}'")
    return found


def place_of(environment: Environment, world: World) -> Place:
    project, host = world.project, world.host
    context = Context(host, host.environ, environment.name, environment[TYPE], dict(environment.variant))
    try:
        path = filled_or_none(PATH, environment, context)
    except FillError as error:
        raise InvalidDeclarations((Mistake(error.message, error.where or environment.where, error.hint),)) from None
    return Place(environment.name, locate(environment.name, path, project, host), store(project, host))


def undeclared(world: World) -> Iterator[Place]:
    """Environments of this project that were made when it declared others, or others in their place."""
    project, host = world.project, world.host
    kept = store(project, host)
    declared = {place.directory for place in places(project.environments.values(), world)}
    # A variable may lead all environments elsewhere for once.
    usual = (one.name for one in project.environments.values() if one[PATH] is None)
    declared.update(
        os.path.join(kept, directory_name(name, project)) for name in (*usual, build_environment_name(project))
    )
    for name in sorted(os.listdir(kept)) if os.path.isdir(kept) else ():
        directory = os.path.join(kept, name)
        if directory in declared or os.path.islink(directory) or not record.is_ours(directory):
            continue
        if not made_elsewhere(directory, world, strict=True):
            found = record.read(directory)
            yield Place(found["name"] if found else name, directory, kept)


def everything(world: World) -> tuple[Place, ...]:
    """Where all environments of the project lie, each directory once; also that in which it is built."""
    project, host = world.project, world.host
    kept, builder = store(project, host), build_environment_name(project)
    declared = (one for one in project.environments.values() if one[TYPE] != NONE)
    built = Place(builder, os.path.join(kept, directory_name(builder, project)), kept)
    found: dict[str, Place] = {}
    for place in (*places(declared, world), built, *undeclared(world)):
        found.setdefault(place.directory, place)
    return tuple(found.values())


def made_elsewhere(directory: str, world: World, *, strict: bool = False) -> str:
    """The project that an environment was made for, where that is another one; ``strict``: it must tell that it is ours.

    In a store that has its own place for each project, that place tells.
    """
    host = world.host
    kept = store(world.project, host)
    shared = not is_within(kept, host.root) and kept == os.path.join(host.home, ".virtualenvs")
    if is_within(directory, host.root) or (is_within(directory, kept) and not shared):
        return ""
    found = record.read(directory)
    root = found.get("root") if found else None
    if not isinstance(root, str):
        return "unknown" if strict else ""
    return "" if os.path.realpath(root) == os.path.realpath(host.root) else root
