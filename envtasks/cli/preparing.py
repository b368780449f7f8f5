"""Making environments ready for what runs in them, and holding them as long as it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtasks.cli.world import current_directory
from envtasks.environments.freshness import stale
from envtasks.environments.record import read as read_record
from envtasks.environments.use import Use, use
from envtasks.errors import EnvironmentFailed
from envtasks.events import Emit, EnvironmentAwaited, EnvironmentStarted, Event
from envtasks.model import Host
from envtasks.option_table import NONE
from envtasks.planned import Recipe

if TYPE_CHECKING:
    from envtasks.cli.ahead import Ahead


class Preparing:
    """The environments of one run.

    Without ``installs``, those that were made before are used as they are. ``anew`` is a reason to make each of them
    anew, once. What comes later may be made ready ``ahead``.
    """

    def __init__(
        self, host: Host, emit: Emit, *, installs: bool = True, anew: str = "", ahead: Ahead | None = None
    ) -> None:
        self.host = host
        self.emit = emit
        self.installs = installs
        self.anew = anew
        self.ahead = ahead
        self.made: set[str] = set()
        self.held: dict[str, list[Use]] = {}

    def prepare(self, recipe: Recipe) -> None:
        """Make the directory what the recipe says, and hold it until it is released; EnvironmentFailed."""
        if recipe.type == NONE:
            return
        held = use(recipe.directory)
        if held is None or self.lacks(recipe):
            if held is not None:
                held.end()
            self.check_free(recipe)
            held = self.make(recipe)
        elif self.ahead is not None:
            self.ahead.tell(recipe)
        self.held.setdefault(recipe.directory, []).append(held)

    def release(self, recipe: Recipe) -> None:
        if self.held.get(recipe.directory):
            self.held[recipe.directory].pop().end()

    def lacks(self, recipe: Recipe) -> bool:
        """Whether anything is to be done before something can run in the environment."""
        if not self.installs and read_record(recipe.directory) is not None:
            return False
        return bool(self.reason_for_anew(recipe)) or stale(recipe) is not None

    def check_free(self, recipe: Recipe) -> None:
        """Raise EnvironmentFailed where a session of ours runs in what would be taken away: it would wait for itself."""
        need = stale(recipe)
        if self.held.get(recipe.directory) and need is not None and need.anew:
            raise EnvironmentFailed(
                f"'{recipe.name}' would have to be made anew where a session runs that waits for it: {need.reason}",
                hint="give each a 'path' of its own, or ask for it with -s",
            )

    def reason_for_anew(self, recipe: Recipe) -> str:
        return "" if recipe.directory in self.made else self.anew

    def make(self, recipe: Recipe) -> Use:
        from envtasks.environments.making import make_for_use

        if self.ahead is not None:
            self.ahead.begin(recipe)
        started: list[Event] = []

        def emit(event: Event) -> None:
            if isinstance(event, EnvironmentStarted):
                started.append(event)
            # Waiting for what we started ourselves is no news.
            if not (isinstance(event, EnvironmentAwaited) and self.ahead and self.ahead.is_it(event.holders)):
                self.emit(event)

        held = make_for_use(recipe, self.host, current_directory(), emit, anew=self.reason_for_anew(recipe))
        self.made.add(recipe.directory)
        if self.ahead is not None and not started:
            self.ahead.tell(recipe)
        return held
