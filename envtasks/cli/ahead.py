"""Making environments ready while the sessions before them run: by a command of ours, in a process of its own.

Its locks are those of any other process, so that what it is at work on is waited for, and nothing is done twice.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from time import sleep

from envtasks.cli.flags import COMMON
from envtasks.cli.world import current_directory
from envtasks.environments.freshness import Need, stale
from envtasks.events import Emit, EnvironmentMadeAhead
from envtasks.option_table import NONE
from envtasks.planned import Plan, Recipe
from envtasks.process import Aside

#: How often one looks whether something is ready.
GLANCE_SECONDS = 0.02


class Ahead:
    """What is made ready ahead in one run; nothing is started before there is something to make."""

    def __init__(self, plan: Plan, flags: Namespace, environ: Mapping[str, str], emit: Emit) -> None:
        self.plan = plan
        self.flags = flags
        self.environ = environ
        self.emit = emit
        self.needs: dict[str, Need] = {}
        #: Directories that were not there, by the names of environments, in the order in which they are made.
        self.missing: dict[str, str] = {}
        self.aside: Aside | None = None

    def begin(self, recipe: Recipe) -> None:
        """Have what comes after this environment made ready, once; wait for it where it is at work on this one."""
        if self.aside is not None:
            self.wait_for(recipe)
            return
        for later in self.after(recipe):
            need = stale(later)
            if need is not None:
                self.needs[later.name] = need
                self.missing[later.name] = later.directory if not os.path.lexists(later.directory) else ""
        if self.needs:
            words = [*ourselves(), *said(self.flags), "env", "create", *self.needs]
            self.aside = Aside(words, cwd=current_directory(), variables=self.environ)

    def wait_for(self, recipe: Recipe) -> None:
        """Give way to what was started earlier, or else both would be made by whoever happens to be first."""
        names = list(self.missing)
        if self.aside is None or recipe.name not in names:
            return
        later = [self.missing[name] for name in names[names.index(recipe.name) + 1 :]]
        while self.aside.runs and stale(recipe) is not None and not any(map(os.path.lexists, filter(None, later))):
            sleep(GLANCE_SECONDS)

    def after(self, recipe: Recipe) -> list[Recipe]:
        """The environments of the sessions that follow, each directory once."""
        directories = [work.recipe.directory for work in self.plan.sessions]
        start = directories.index(recipe.directory) + 1 if recipe.directory in directories else len(directories)
        later = {
            work.recipe.directory: work.recipe
            for work in self.plan.sessions[start:]
            if work.recipe.type != NONE and not work.unsupported and work.recipe.directory != recipe.directory
        }
        return list(later.values())

    def tell(self, recipe: Recipe) -> None:
        """Say what was done to an environment before its turn."""
        need = self.needs.pop(recipe.name, None)
        if need is not None:
            self.emit(EnvironmentMadeAhead(recipe.name, need.reason))

    def is_it(self, holders: tuple[int, ...]) -> bool:
        """Whether those who hold an environment are who makes it ready for us."""
        return self.aside is not None and holders == (self.aside.number,)

    def end(self) -> None:
        """Leave the rest undone."""
        if self.aside is not None:
            self.aside.end()


def ourselves() -> list[str]:
    """The words that start this very package, whatever lies where the person is, and however we were started."""
    place = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    code = f"import sys; sys.path.insert(0, {place!r}); from envtasks.cli import main; raise SystemExit(main())"
    return [sys.executable, "-I", "-c", code]


def said(flags: Namespace) -> list[str]:
    """The flags that decide what an environment is, as they were said."""
    values = ((flag.names[-1], getattr(flags, flag.dest)) for flag in COMMON if flag.takes == "text")
    return [word for name, value in values if value for word in (name, value)]
