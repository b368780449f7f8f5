"""`envtasks env find`: where environments lie."""

from __future__ import annotations

from envtasks.cli.command import Invocation
from envtasks.cli.places import asked, places
from envtasks.cli.world import look


def main(invocation: Invocation) -> int:
    world = look(invocation.flags)
    for place in places(asked(invocation.operands, world), world):
        print(place.directory)
    return 0
