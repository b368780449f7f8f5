"""Environments made by virtualenv and filled by pip.

virtualenv is a program that is started. Nothing is seeded: one pip, kept beside the environments, fills all of
them, run by the interpreter of the environment that it fills.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from errno import ENOSPC
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from envtasks.environments.interpreters import Interpreter
from envtasks.environments.location import python_of
from envtasks.environments.removal import remove_compiled
from envtasks.environments.starting import start
from envtasks.errors import InstallerFailed
from envtasks.planned import Recipe

QUIET = ("--quiet", "--disable-pip-version-check", "--no-input")

#: Linters and type checkers pass over directories of this name.
LIKE_INSTALLED = "site-packages"


def check(_recipe: Recipe) -> None:
    """It comes with us."""


def create(recipe: Recipe, interpreter: Interpreter) -> None:
    words = [sys.executable, "-I", "-m", "virtualenv", "--no-seed", "--no-download", "--no-periodic-update", "--quiet"]
    if recipe.system_packages:
        words.append("--system-site-packages")
    start(
        "virtualenv",
        [*words, "--python", interpreter.path, recipe.directory],
        recipe.variables,
        os.path.dirname(recipe.directory),
    )


def install(recipe: Recipe, interpreter: Interpreter, arguments: Sequence[str], cwd: str) -> None:
    run(recipe, interpreter, ["install", *QUIET, *arguments], cwd)


def uninstall(recipe: Recipe, interpreter: Interpreter, names: Sequence[str]) -> None:
    run(recipe, interpreter, ["uninstall", *QUIET, "--yes", *names], os.path.dirname(recipe.directory))


def run(recipe: Recipe, interpreter: Interpreter, words: Sequence[str], cwd: str) -> None:
    """Run our pip with the Python of the environment."""
    version = ".".join(interpreter.version.rstrip("t").split(".")[:2])
    place = pip_for(version, recipe)
    runner = os.path.join(place, "pip", "__pip-runner__.py")
    told = [python_of(recipe.directory), "-I", runner, *words]
    try:
        start("pip", told, recipe.variables, cwd)
    except InstallerFailed as error:
        # On a full disk Python keeps halves of compiled modules, and would fail on them for ever.
        crashed = "Traceback" in error.message
        if crashed or os.strerror(ENOSPC) in error.message:
            remove_compiled(place)
        if not crashed:
            raise
        start("pip", told, recipe.variables, cwd)


def pip_for(version: str, recipe: Recipe) -> str:
    """A directory that holds a pip for this minor version of Python, unpacked from what virtualenv carries.

    For Pythons that virtualenv carries no pip for any more, the last one that supports them is fetched.
    """
    from virtualenv.seed.wheels.embed import get_embed_wheel

    home = os.path.join(recipe.store, ".pip", LIKE_INSTALLED)
    look_like_an_environment(os.path.join(recipe.store, ".pip"))
    wheel = get_embed_wheel("pip", version)
    if wheel is not None:
        return unpacked(str(wheel.path), os.path.join(home, wheel.version))
    place = os.path.join(home, f"for-{version}")
    if not os.path.isdir(place):
        ours = pip_for(f"{sys.version_info[0]}.{sys.version_info[1]}", recipe)
        runner = os.path.join(ours, "pip", "__pip-runner__.py")
        words = [sys.executable, "-I", runner, "install", *QUIET, "--no-deps", "--only-binary=:all:"]
        with TemporaryDirectory(dir=home) as temporary:
            fetched = os.path.join(temporary, "fetched")
            words += ["--python-version", version, "--target", fetched, "pip"]
            start("pip", words, recipe.variables, home, confined=False)
            put_in_place(fetched, place)
    return place


def look_like_an_environment(directory: str) -> None:
    """Test runners and linters that are told which directories to pass over still pass over environments."""
    mark = os.path.join(directory, "pyvenv.cfg")
    if not os.path.exists(mark):
        os.makedirs(directory, exist_ok=True)
        with open(mark, "w", encoding="utf-8") as file:
            file.write("# here lies the pip that fills the environments\n")


def unpacked(wheel: str, place: str) -> str:
    if not os.path.isdir(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with TemporaryDirectory(dir=os.path.dirname(place)) as temporary:
            unfinished = os.path.join(temporary, "unpacked")
            with ZipFile(wheel) as archive:
                archive.extractall(unfinished)
            put_in_place(unfinished, place)
    return place


def put_in_place(unfinished: str, place: str) -> None:
    """Rename a finished directory to its name; where another process was quicker, the one of that process stays."""
    try:
        os.rename(unfinished, place)
    except OSError:
        if not os.path.isdir(place):
            raise
