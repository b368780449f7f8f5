"""What the envfile that is being loaded has written so far."""

from __future__ import annotations

from typing import Any, Protocol

from envtasks.declare.declarations import Written, WrittenTask
from envtasks.errors import Key, Mistakes


class Writes(Protocol):
    """An environment that is written: its name, its options as TOML spells them, and where it stands."""

    name: str | None
    where: Key

    def raw(self) -> dict[str, Any]: ...


class Collection:
    """What an envfile has written so far; ``directory`` is where the envfile lies, or empty.

    ``mistakes`` are those that nobody could tell of later: they are told together with all others.
    """

    def __init__(self, directory: str = "") -> None:
        self.directory = directory
        self.environments: list[Writes] = []
        self.scripts: list[tuple[str, str, WrittenTask, Key]] = []
        self.settings: dict[str, tuple[Any, Key]] = {}
        self.mistakes = Mistakes()

    def written(self, doc: str) -> Written:
        environments = tuple((one.name or "", one.raw(), one.where) for one in self.environments)
        return Written(doc, environments, tuple(self.scripts), self.settings, tuple(self.mistakes.found))


#: Where declarations go; outside of loading, nobody reads it.
current = Collection()


def start(directory: str = "") -> Collection:
    """Begin a new collection and return it; what is declared from now on goes there."""
    global current  # noqa: PLW0603 - a decorator has no other way to say what it decorated
    current = Collection(directory)
    return current
