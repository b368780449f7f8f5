"""Having the Pythons of ours that environments ask for, which may have to be installed or brought up to date."""

from __future__ import annotations

from collections.abc import Callable

from envtasks.environments.pythons.distributions import newest
from envtasks.environments.pythons.downloading import Progress
from envtasks.environments.pythons.installing import Say, install, install_with_uv, matching, newer
from envtasks.environments.pythons.internal import Installed
from envtasks.environments.pythons.places import Candidate
from envtasks.environments.pythons.spec import Wish, may_satisfy, wish_for
from envtasks.errors import EnvtasksError, InterpreterMissing
from envtasks.model import Host


def silent(_done: int, _total: int | None) -> None:
    """Shows no progress."""


class Provider:
    """Has for each wish the newest Python of ours that there is; ``uv`` gives the program that is to install them.

    What is installed already and cannot be brought up to date, which is said, stays good enough.
    """

    def __init__(self, host: Host, say: Say, uv: Callable[[], str] | None = None, progress: Progress = silent) -> None:
        self.host = host
        self.say = say
        self.uv = uv
        self.progress = progress

    def __call__(self, wish: Wish, requires_python: str) -> Candidate | None:
        """None where no distribution is wanted; InterpreterMissing where it cannot be had."""
        if wish.program:
            return None
        try:
            there = self.there(wish, requires_python)
            made = (self.from_uv if self.uv else self.from_list)(wish, requires_python, there)
        except InterpreterMissing:
            raise
        except EnvtasksError as error:
            raise InterpreterMissing(error.message, hint=error.hint) from None
        return made.candidate if made else None

    def there(self, wish: Wish, requires_python: str) -> Installed | None:
        """The newest that is installed, as far as that can be told without asking it."""
        found = matching(wish, self.host)
        fits = (one for one in found if all(may_satisfy(one.numbers, text) for text in (wish.range, requires_python)))
        return next(fits, None)

    def from_uv(self, wish: Wish, requires_python: str, there: Installed | None) -> Installed | None:
        request = request_for(wish, requires_python)
        if there is not None or not request or self.uv is None:
            return there
        install_with_uv(self.uv(), request, self.host, self.say)
        return self.there(wish, requires_python)

    def from_list(self, wish: Wish, requires_python: str, there: Installed | None) -> Installed | None:
        if there is not None and not wish.distribution:
            # Where the minor version is left open, the one that is there is kept to.
            requires_python = ",".join(filter(None, (wish.range, requires_python)))
            wish = wish_for(there.name)
        try:
            found = newest(wish, requires_python, self.host)
        except InterpreterMissing:
            if there is not None:
                return there
            raise
        if found is None or (there is not None and not newer(there, found)):
            return there
        try:
            return install(found, self.host, self.say, self.progress)
        except EnvtasksError as error:
            if there is None:
                raise
            self.say(f"{there.full_name} is not brought up to date: {error.message}")
            return there


def request_for(wish: Wish, requires_python: str) -> str:
    """What uv is asked for; nothing where no version can be what is wanted."""
    if not all(may_satisfy(wish.version, text) for text in (wish.range, requires_python)):
        return ""
    exact = wish._replace(range="").distribution
    return exact or ",".join(filter(None, (wish.range, requires_python))) or wish.implementation or "cpython"
