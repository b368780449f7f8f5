"""Removing directories: the only module that deletes environments and builds, and only what bears our mark."""

from __future__ import annotations

import os
import shutil
from tempfile import mkdtemp

from envtasks.environments import record
from envtasks.environments.location import is_within
from envtasks.environments.locks import Place, lock_of, locked, turn_of, unused
from envtasks.errors import EnvironmentFailed
from envtasks.model import Host
from envtasks.names import normalized
from envtasks.planned import Recipe

#: What a directory is moved into before it is deleted, beside its place, and its name there.
TRASH, REMOVED = ".removed-", "environment"
COMPILED = "__pycache__"
REPOSITORIES = (".git", ".hg", ".svn", ".bzr", ".jj")


def refusal(directory: str, host: Host, cwd: str) -> str:
    """Why nothing may be made or removed in this place, or nothing."""
    if os.pathsep in directory:
        return f"programs cannot be found in a path that has a '{os.pathsep}'"
    if os.path.islink(directory):
        return "it is a symbolic link"
    if os.path.lexists(directory) and not os.path.isdir(directory):
        return "it is not a directory"
    real = os.path.realpath(directory)
    for what, place in (("the project", host.root), ("the home directory", host.home), ("the current directory", cwd)):
        if is_within(os.path.realpath(place), real):
            return f"{what} is in it"
    if not os.path.isdir(directory):
        return ""
    if any(os.path.lexists(os.path.join(directory, name)) for name in REPOSITORIES):
        return "it holds a repository"
    if not is_empty(directory) and not record.is_ours(directory):
        if os.path.isfile(os.path.join(directory, "pyvenv.cfg")):
            return "it is a virtual environment that envtasks did not make, or that lost its record; delete it by hand"
        return "it holds files that envtasks did not make"
    return ""


def is_empty(directory: str) -> bool:
    """Whether nothing is in it, or not even it is there any more."""
    try:
        return not os.listdir(directory)
    except FileNotFoundError:
        return True


def check_place(directory: str, host: Host, cwd: str) -> None:
    """Raise EnvironmentFailed where nothing may be made or removed."""
    reason = refusal(directory, host, cwd)
    if reason:
        raise EnvironmentFailed(
            f"'{directory}' cannot be used for an environment: {reason}",
            hint="choose another place with 'path' or 'env-dir', or move away what is there",
        )


def take_away(place: Recipe | Place, host: Host, cwd: str) -> None:
    """Delete the directory of an environment for good, where nobody makes it or runs in it.

    Raises EnvironmentFailed where that does not end within a moment, and for what is not ours.
    """
    reason = refusal(place.directory, host, cwd)
    if reason:
        raise EnvironmentFailed(reason)
    try:
        with locked(turn_of(place), place.name, None), unused(place, None), locked(lock_of(place), place.name, None):
            remove(place.directory, host, cwd)
    except OSError as error:
        raise EnvironmentFailed(f"{error.strerror}: '{error.filename}'") from None


def remove(directory: str, host: Host, cwd: str) -> None:
    """Delete the directory of an environment; it leaves its place at once, whatever happens on the way."""
    check_place(directory, host, cwd)
    if not os.path.isdir(directory):
        return
    trash = mkdtemp(prefix=TRASH, dir=os.path.dirname(directory))
    try:
        os.rename(directory, os.path.join(trash, REMOVED))
    except OSError:
        os.rmdir(trash)
        raise
    shutil.rmtree(trash, ignore_errors=True)


def remove_leftovers(store: str) -> bool:
    """Finish removals that were cut off; whether there were any."""
    names = [name for name in os.listdir(store) if name.startswith(TRASH)] if os.path.isdir(store) else []
    left = [path for path in (os.path.join(store, name) for name in names) if is_trash(path)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return bool(left)


def is_trash(path: str) -> bool:
    """Whether this is what `remove` moves directories into."""
    return not os.path.islink(path) and os.path.isdir(path) and os.listdir(path) in ([], [REMOVED])


def remove_oldest(home: str, unfinished: str, most: int) -> None:
    """Of the directories in a home of kept things, leave the ``most`` that were used last, and none that is unfinished.

    Those that are unfinished begin with that word; what else is hidden stays.
    """
    paths = [os.path.join(home, name) for name in os.listdir(home) if not name.startswith(".")]
    kept = sorted((path for path in paths if os.path.isdir(path)), key=os.path.getmtime, reverse=True)
    left = [os.path.join(home, name) for name in os.listdir(home) if name.startswith(unfinished)]
    for path in (*kept[most:], *left):
        shutil.rmtree(path, ignore_errors=True)


def remove_compiled(directory: str) -> None:
    """Delete what Python compiled of the modules below a directory; it does so again where it needs it."""
    for place, names, _ in os.walk(directory):
        if COMPILED in names:
            names.remove(COMPILED)
            shutil.rmtree(os.path.join(place, COMPILED), ignore_errors=True)


def remove_built(directory: str, name: str) -> None:
    """Delete the distributions of a project that builds put into a directory, and nothing else that is there."""
    for file in os.listdir(directory):
        path = os.path.join(directory, file)
        if file.endswith((".whl", ".tar.gz")) and normalized(file.partition("-")[0]) == name and os.path.isfile(path):
            os.unlink(path)
