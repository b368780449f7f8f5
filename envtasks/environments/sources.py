"""What tells whether the sources of a project changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envtasks.environments.location import MARK

#: Directories that hold nothing a build would take, wherever they are and where they are at the root of a project.
NOT_SOURCES = ("__pycache__", "node_modules")
NOT_SOURCES_AT_THE_ROOT = (*NOT_SOURCES, "build", "dist", "site")
#: What of a repository changes with each commit and tag, from which versions may be made.
REVISION = (".git/HEAD", ".git/logs/HEAD", ".git/packed-refs", ".git/refs/tags", ".hg/dirstate")
#: Lists of requirements at the root of a project, which a `setup.py` or a plugin of its backend may read.
LISTS = ("requirements", "hatch_build.py", "setup.py", "setup.cfg")
DEPENDENCIES = ("dependencies", "optional-dependencies")


def shaping(root: str, build_inputs: Mapping[str, Any], *, editable: bool) -> str | None:
    """What tells whether an installed project would be another one today, or None where its sources have no part in that.

    An editable one has none, unless only the build backend knows what it depends on.
    """
    if not editable:
        return sources(root) + (revision(root) if is_dynamic(build_inputs, "version") else "")
    if is_dynamic(build_inputs, *DEPENDENCIES):
        return digest(root, {*named_files(root, build_inputs), *lists(root)})
    return None


def shaping_editable(root: str, build_inputs: Mapping[str, Any]) -> str:
    """What tells whether an editable wheel would be another one today: where its packages are, and what it says."""
    names = [*entries(root), *entries(os.path.join(root, "src"))]
    told = "\0".join(name for name in names if name not in NOT_SOURCES_AT_THE_ROOT)
    return told + (sources(root) + revision(root) if is_dynamic(build_inputs) else "")


def is_dynamic(build_inputs: Mapping[str, Any], *fields: str) -> bool:
    """Whether only the build backend knows these fields of the metadata, or any of them."""
    project = build_inputs.get("project")
    if not isinstance(project, Mapping):
        return True
    dynamic = project.get("dynamic", [])
    return isinstance(dynamic, list) and bool([one for one in dynamic if not fields or one in fields])


def revision(root: str) -> str:
    return digest(root, REVISION)


def lists(root: str) -> Iterator[str]:
    """Files, and directories of them, at the root that may say what a project depends on."""
    for name in entries(root):
        if name.startswith(LISTS):
            yield name
            yield from (f"{name}/{one}" for one in entries(os.path.join(root, name)))


def entries(directory: str) -> list[str]:
    try:
        return sorted(
            name for name in os.listdir(directory) if not name.startswith(".") and not name.endswith(".egg-info")
        )
    except OSError:
        return []


def named_files(root: str, tables: Any) -> Iterator[str]:
    """The files of a project that are named in tables."""
    if isinstance(tables, Mapping):
        for name, inside in tables.items():
            if name != "project":
                yield from named_files(root, inside)
    elif isinstance(tables, list):
        for one in tables:
            yield from named_files(root, one)
    elif isinstance(tables, str) and "\0" not in tables and os.path.isfile(os.path.join(root, tables)):
        yield tables


def sources(root: str) -> str:
    """What tells whether the sources of a project changed: names, sizes and times of its files.

    What has a dotted name is none of them, and what lies in a virtual environment, ours or not.
    """
    from hashlib import sha256

    seen = sha256()
    for directory, names, files in os.walk(root):
        if MARK in files or "pyvenv.cfg" in files:
            names.clear()
            continue
        passed_over = NOT_SOURCES_AT_THE_ROOT if directory == root else NOT_SOURCES
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".") and name not in passed_over and not name.endswith(".egg-info")
        )
        for name in sorted(name for name in files if not name.startswith(".")):
            path = os.path.join(directory, name)
            seen.update(state(path))
    return seen.hexdigest()


def digest(root: str, names: Iterable[str]) -> str:
    """What tells whether one of these files changed; what is not there counts for nothing."""
    from hashlib import sha256

    return sha256(b"".join(state(os.path.join(root, name)) for name in sorted(names))).hexdigest()


def state(path: str) -> bytes:
    try:
        status = os.stat(path)
    except OSError:
        return b""
    return f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape")
