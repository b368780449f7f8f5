"""`envtasks env remove` and `env prune`: the directories of environments taken away."""

from __future__ import annotations

import os

from envtasks.cli.command import Invocation
from envtasks.cli.performing import BROKEN, own_terminal
from envtasks.cli.places import asked, everything, made_elsewhere, places, undeclared
from envtasks.cli.world import World, current_directory, look
from envtasks.environments.location import store
from envtasks.environments.locks import Place
from envtasks.errors import EnvironmentFailed
from envtasks.report.terminal import Terminal


def main(invocation: Invocation) -> int:
    flags = invocation.flags
    world = look(flags)
    pruned = invocation.verb == "env prune"
    if pruned:
        found = tuple(undeclared(world)) if flags.undeclared else everything(world)
        found = tuple(place for place in found if not is_missing(place.directory))
    else:
        found = tuple({place.directory: place for place in places(asked(invocation.operands, world), world)}.values())
    with own_terminal(world.host, flags) as terminal:
        gone = [is_gone(place, world, terminal) for place in found]
        if pruned and tidied(world):
            terminal.line("removed what earlier removals left behind", "environment")
        elif not found:
            terminal.line("there is nothing to remove")
    return 0 if all(gone) else BROKEN


def tidied(world: World) -> bool:
    from envtasks.environments.removal import remove_leftovers

    return remove_leftovers(store(world.project, world.host))


def is_gone(place: Place, world: World, terminal: Terminal) -> bool:
    """Remove the directory of an environment, and tell how that went; False where it must stay."""
    if is_missing(place.directory):
        terminal.line(f"{place.name}: there is none in {place.directory}")
        return True
    try:
        remove(place, world)
    except EnvironmentFailed as error:
        terminal.line(f"{place.name}: not removed: {error.reason}: {place.directory}", "broken", level=-1)
        return False
    terminal.line(f"{place.name}: removed {place.directory}", "environment")
    return True


def is_missing(directory: str) -> bool:
    """Whether nothing is in the place of an environment; an empty directory is somebody else's."""
    return not os.path.lexists(directory) or (os.path.isdir(directory) and not os.listdir(directory))


def remove(place: Place, world: World) -> None:
    from envtasks.environments.removal import take_away

    if owner := made_elsewhere(place.directory, world):
        raise EnvironmentFailed(f"it was made for the project in '{owner}'")
    take_away(place, world.host, current_directory())
