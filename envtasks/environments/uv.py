"""Environments made and filled by uv."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from envtasks.environments.index_variables import for_uv
from envtasks.environments.interpreters import Interpreter
from envtasks.environments.location import python_of
from envtasks.environments.starting import start
from envtasks.errors import EnvironmentFailed
from envtasks.planned import Recipe

#: What pip and uv take for no.
OFF = ("", "0", "n", "no", "f", "false", "off")


def check(recipe: Recipe) -> None:
    program(recipe)


def create(recipe: Recipe, interpreter: Interpreter) -> None:
    words = [program(recipe), "venv", "--quiet", "--no-project", "--allow-existing", "--python", interpreter.path]
    if recipe.system_packages:
        words.append("--system-site-packages")
    start("uv", [*words, recipe.directory], variables(recipe), os.path.dirname(recipe.directory))


def install(recipe: Recipe, _interpreter: Interpreter, arguments: Sequence[str], cwd: str) -> None:
    visible = variables(recipe)
    words = [program(recipe), "pip", "install", "--quiet", "--python", python_of(recipe.directory)]
    # Alone of what says where packages come from, uv reads this from no variable.
    if visible.get("UV_NO_INDEX", "").lower() not in OFF:
        words.append("--no-index")
    start("uv", [*words, *arguments], visible, cwd)


def uninstall(recipe: Recipe, _interpreter: Interpreter, names: Sequence[str]) -> None:
    words = [program(recipe), "pip", "uninstall", "--quiet", "--python", python_of(recipe.directory)]
    start("uv", [*words, *names], variables(recipe), os.path.dirname(recipe.directory))


def variables(recipe: Recipe) -> dict[str, str]:
    """What uv sees: where packages come from, also where only pip was told."""
    return {**recipe.variables, **dict(for_uv(recipe.variables).values())}


def program(recipe: Recipe) -> str:
    """The uv to use for an environment."""
    return located(recipe.uv_path, recipe.variables.get("PATH"))


def located(named: str | None, path: str | None) -> str:
    """The uv that is named, the one installed beside us, or the one on PATH."""
    if named:
        return named
    beside = os.path.join(os.path.dirname(sys.executable), "uv.exe" if os.name == "nt" else "uv")
    found = beside if os.path.exists(beside) else shutil.which("uv", path=path)
    if found is None:
        raise EnvironmentFailed(
            "uv is not there",
            hint="install the extra 'envtasks[uv]', name the program with 'uv-path', or set ENVTASKS_INSTALLER=pip",
        )
    return found
