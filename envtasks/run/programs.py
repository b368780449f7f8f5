"""Programs as a task names them: their words, where they are, and where what they print goes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from envtasks.process import Capture

#: What `subprocess` calls PIPE, STDOUT and DEVNULL; it is loaded only when something is started.
PIPE, STDOUT, DEVNULL = -1, -2, -3


def words_of(args: Sequence[Any]) -> list[str]:
    if not args:
        raise ValueError("session.run needs a program to run")
    if isinstance(args[0], (list, tuple)):
        raise TypeError("session.run takes the words of a command as arguments of their own, not as a list")
    return [os.fspath(word) for word in args]


def find_program(name: str, variables: Mapping[str, str]) -> str | None:
    """Where a program is: a path is taken as it is, a name is looked for on the PATH of the variables."""
    if os.name == "nt":
        # What counts as a program there, and where it is looked for, is long to tell.
        from shutil import which

        return which(name, path=variables.get("PATH"))
    places = [""] if os.sep in name else variables.get("PATH", os.defpath).split(os.pathsep)
    for place in places:
        path = os.path.join(place, name)
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    return None


def led_by(directory: str, path: str | None) -> str:
    """A PATH on which the programs of an environment come first, unless they are on it already."""
    places = path.split(os.pathsep) if path else []
    return path if path and directory in places else os.pathsep.join((directory, *places))


def streams_of(stdout: Any, stderr: Any, *, silent: bool, capture: bool) -> tuple[Capture | None, Any, Any]:
    """What is captured, and where the rest goes; errors go with the output only where that does not go to ours.

    ValueError for an output that is wanted in two places.
    """
    if (silent or capture) and stdout is not None:
        raise ValueError("session.run can give what a program printed, or send it to 'stdout', not both")
    if capture:
        if stderr not in {None, STDOUT}:
            raise ValueError("session.run can give what a program printed, or send it to 'stderr', not both")
        return "apart", None, None
    # Nobody would read from a pipe of theirs.
    stdout, stderr = (DEVNULL if one == PIPE else one for one in (stdout, stderr))
    if silent:
        return ("together", None, None) if stderr == STDOUT else ("output", None, stderr)
    return None, stdout, None if stderr == STDOUT and stdout is None else stderr
