"""Directories for the temporary files of tasks: new for each, there until the run is over, and taken away by a later one."""

from __future__ import annotations

import os

from envtasks.environments.use import Use, is_alone, use

#: How the names of ours begin; what else lies beside them is not.
PREFIX = "task-"


def new_directory(parent: str) -> tuple[str, Use]:
    """A new directory, which no other run takes away as long as it is held; those that nobody holds are taken away."""
    from tempfile import mkdtemp

    os.makedirs(parent, exist_ok=True)
    while True:
        made = mkdtemp(prefix=PREFIX, dir=parent)
        held = use(made)
        # Another run may have taken it away before we held it.
        if held is not None and os.path.isdir(made):
            break
    if held.file is not None:
        take_away_unheld(parent)
    return made, held


def take_away_unheld(parent: str) -> None:
    from shutil import rmtree

    with os.scandir(parent) as entries:
        ours = [one.path for one in entries if one.name.startswith(PREFIX) and one.is_dir(follow_symlinks=False)]
    for path in ours:
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        try:
            if is_alone(file):
                rmtree(path, ignore_errors=True)
        finally:
            os.close(file)
