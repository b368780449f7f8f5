"""What tasks installed into an environment on top of what it declares, so that nothing is installed twice."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from envtasks.declare.metadata import LEGACY_FILES
from envtasks.environments import record
from envtasks.environments.sources import sources
from envtasks.planned import Recipe

#: What an editable install depends on, next to sources that it always shows as they are.
EDITABLE_INPUTS = ("pyproject.toml", *LEGACY_FILES)


def is_installed(recipe: Recipe, arguments: Sequence[str], cwd: str) -> bool:
    """Whether a task had just this installed from there, and no file that it names changed since."""
    found = record.read(recipe.directory)
    return found is not None and remembered(recipe, arguments, cwd) in found.get("installed", ())


def with_installed(found: record.Record, recipe: Recipe, arguments: Sequence[str], cwd: str) -> record.Record:
    """The record of an environment into which this was installed now."""
    words = list(arguments)
    before = [one for one in found.get("installed", ()) if one["arguments"] != words]
    return {**found, "installed": [*before, remembered(recipe, arguments, cwd)]}


def remembered(recipe: Recipe, arguments: Sequence[str], cwd: str) -> dict[str, Any]:
    installed = {"arguments": list(arguments), "cwd": cwd, "files": dict(files_of(arguments, cwd))}
    indexes = record.digests(recipe.index_variables)
    return {**installed, "index_variables": indexes} if indexes else installed


def files_of(arguments: Sequence[str], cwd: str) -> Iterator[tuple[str, Any]]:
    """The files and directories that arguments of pip name, with what tells whether they changed."""
    for before, argument in zip(("", *arguments), arguments, strict=False):
        word = argument.partition("=")[2] if argument.startswith("--") and "=" in argument else argument
        path = os.path.join(cwd, word.partition("[")[0])
        if os.path.isfile(path):
            yield path, record.fingerprint(path)
        elif os.path.isdir(path):
            editable = before in {"-e", "--editable"} or argument.startswith("--editable=")
            yield path, editable_inputs(path) if editable else sources(path)


def editable_inputs(path: str) -> list[list[int]]:
    inputs = (os.path.join(path, name) for name in EDITABLE_INPUTS)
    return [record.fingerprint(one) for one in inputs if os.path.isfile(one)]
