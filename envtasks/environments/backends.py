"""What makes and fills environments: one literal table, and the entry points of other packages."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

from envtasks.environments.interpreters import Interpreter
from envtasks.environments.types import announced
from envtasks.errors import EnvironmentFailed
from envtasks.planned import Recipe

#: The modules behind the types of environments, by type and installer; each is loaded only when something is made.
MODULES = {
    ("virtual", "pip"): "envtasks.environments.pip",
    ("virtual", "uv"): "envtasks.environments.uv",
}


class Backend(Protocol):
    """What makes and fills the environments of a type; a module will do.

    The directory that it makes looks like a virtual environment: it holds a `pyvenv.cfg`, and the programs, `python`
    among them, lie in `bin`, or `Scripts` on Windows. All else is done around it: the record, the locks, the hooks.
    """

    def check(self, recipe: Recipe, /) -> None:
        """Raise EnvironmentFailed where it cannot work now; nothing was touched then."""

    def create(self, recipe: Recipe, interpreter: Interpreter, /) -> None:
        """Make an empty environment in the directory, which is there and empty; EnvironmentFailed where that fails."""

    def install(self, recipe: Recipe, interpreter: Interpreter, arguments: Sequence[str], cwd: str, /) -> None:
        """Install requirements, or what else pip takes as arguments; EnvironmentFailed where that fails.

        Relative paths are taken from ``cwd``.
        """

    def uninstall(self, recipe: Recipe, interpreter: Interpreter, names: Sequence[str], /) -> None:
        """Remove packages by their names; EnvironmentFailed where that fails."""


def backend_of(recipe: Recipe) -> Backend:
    """The backend for a recipe; EnvironmentFailed where the package that announces it cannot be loaded."""
    module = MODULES.get((recipe.type, recipe.installer))
    try:
        found: Any = import_module(module) if module else announced()[recipe.type].load()
    except Exception as error:
        raise EnvironmentFailed(f"the backend '{recipe.type}' cannot be loaded: {error}") from error
    backend: Backend = found
    return backend
