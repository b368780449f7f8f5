"""A type of environments for envtasks: `type = "stdlib"` has them made by `venv`, with a pip inside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from envtasks.environments.interpreters import Interpreter
from envtasks.errors import EnvironmentFailed
from envtasks.planned import Recipe


def check(_recipe: Recipe) -> None:
    """The standard library is always there."""


def create(recipe: Recipe, interpreter: Interpreter) -> None:
    more = ["--system-site-packages"] if recipe.system_packages else []
    start([interpreter.path, "-m", "venv", *more, recipe.directory], recipe, os.path.dirname(recipe.directory))


def install(recipe: Recipe, _interpreter: Interpreter, arguments: Sequence[str], cwd: str) -> None:
    start([python_of(recipe), "-m", "pip", "install", "--quiet", *arguments], recipe, cwd)


def uninstall(recipe: Recipe, _interpreter: Interpreter, names: Sequence[str]) -> None:
    start([python_of(recipe), "-m", "pip", "uninstall", "--quiet", "--yes", *names], recipe, recipe.directory)


def python_of(recipe: Recipe) -> str:
    return os.path.join(recipe.directory, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


def start(words: Sequence[str], recipe: Recipe, cwd: str) -> None:
    done = subprocess.run(  # noqa: S603 - the words are ours, and no shell sees them
        words, cwd=cwd, env=dict(recipe.variables), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EnvironmentFailed(f"{words[0]} failed with exit code {done.returncode}\n{done.stdout}{done.stderr}")
