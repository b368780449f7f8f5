"""What an envfile may ask about the project it belongs to: its TOML, its Pythons, its dependency groups."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from envtasks.declare import collecting
from envtasks.declare.metadata import read_groups
from envtasks.declare.toml import parse, read_text
from envtasks.errors import InvalidDeclarations, Key, Mistakes
from envtasks.names import normalized

#: The block of a script that declares what it needs, as the specification of inline script metadata gives it.
SCRIPT_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
VERSION_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")
LOWER_BOUND = re.compile(r"(?:^|,)\s*(?:>=?|~=)\s*\d+(?:\.(\d+))?")
FREE_THREADING = "Programming Language :: Python :: Free Threading"
#: The first minor version whose free-threaded build is no experiment any more (PEP 779).
FIRST_FREE_THREADED = (3, 14)


def load_toml(filename: str | os.PathLike[str] = "pyproject.toml", *, missing_ok: bool = False) -> dict[str, Any]:
    """The tables of a TOML file, or of the `script` block of a Python script (PEP 723).

    A relative name is taken from the directory of the envfile, wherever the tool was started; without an envfile, from
    the current directory. Raises FileNotFoundError where there is no such file,
    ValueError where a script has no block, unless ``missing_ok``, which gives an empty table then, and
    InvalidDeclarations where it is not TOML.
    """
    path = os.path.join(collecting.current.directory, os.fspath(filename))
    text = read_text(path)
    if text is None:
        raise FileNotFoundError(f"no such file: '{path}'")
    extension = os.path.splitext(path)[1]
    if extension == ".toml":
        return dict(parse(text, path))
    if extension not in {".py", ""}:
        raise ValueError(f"neither a TOML file nor a Python script: '{path}'")
    blocks = [found for found in SCRIPT_BLOCK.finditer(text) if found["type"] == "script"]
    if not blocks and missing_ok:
        return {}
    if len(blocks) != 1:
        raise ValueError(f"'{path}' has {len(blocks)} blocks of script metadata, expected one")
    lines = blocks[0]["content"].splitlines()
    return dict(parse("\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines), path))


def python_versions(
    pyproject: Mapping[str, Any],
    *,
    max_version: str | None = None,
    sort: bool = True,
    free_threaded: bool | None = None,
) -> list[str]:
    """The Pythons that a project supports, such as `["3.11", "3.12"]`.

    They are those of its classifiers; with ``max_version`` they go from the lower bound of `requires-python` up to
    that version. ``sort`` puts those of classifiers in order. Free-threaded builds are added from 3.14 on, as
    `3.14t`, where a classifier says so or ``free_threaded`` does. ValueError where nothing says which.
    """
    project = pyproject.get("project", {})
    classifiers = project.get("classifiers", [])
    if max_version is not None:
        versions = versions_up_to(max_version, project.get("requires-python", ""))
    else:
        found = (VERSION_CLASSIFIER.fullmatch(classifier) for classifier in classifiers)
        versions = [match[1] for match in found if match]
        if not versions:
            raise ValueError("no classifier names a Python version; give max_version to go by requires-python")
        if sort:
            versions.sort(key=numbers)
    if free_threaded is None:
        free_threaded = any(classifier.startswith(FREE_THREADING) for classifier in classifiers)
    if free_threaded:
        versions += [f"{version}t" for version in versions if numbers(version) >= FIRST_FREE_THREADED]
    return versions


def versions_up_to(highest: str, requires_python: str) -> list[str]:
    """Where `>3.9` is said, 3.9 is there: 3.9.1 is above it."""
    lower = [int(found[1] or 0) for found in LOWER_BOUND.finditer(requires_python)]
    if not lower:
        raise ValueError("requires-python has no lower bound")
    return [f"3.{minor}" for minor in range(max(lower), numbers(highest)[1] + 1)]


def numbers(version: str) -> tuple[int, int]:
    major, minor, *_ = *version.split("."), "0"
    return int(major), int(minor)


def dependency_groups(pyproject: Mapping[str, Any], *groups: str) -> tuple[str, ...]:
    """The requirements of dependency groups, with their includes put in place (PEP 735).

    Raises KeyError for a group that is not there and InvalidDeclarations for groups that cannot be read.
    """
    mistakes = Mistakes()
    known = read_groups(pyproject.get("dependency-groups", {}), Key("pyproject.toml", ("dependency-groups",)), mistakes)
    if mistakes.found:
        raise InvalidDeclarations(tuple(mistakes.found))
    return tuple(requirement for group in groups for requirement in known[normalized(group)])
