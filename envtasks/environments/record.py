"""The record in the directory of an environment: what it was made from, written last."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from envtasks.declared import Pairs
from envtasks.option_table import (
    DEPENDENCIES,
    DEPENDENCY_GROUPS,
    DEV_MODE,
    EXTRA_DEPENDENCIES,
    FEATURES,
    INSTALLER,
    POST_INSTALL_COMMANDS,
    PRE_INSTALL_COMMANDS,
    PYTHON,
    SKIP_INSTALL,
    SYSTEM_PACKAGES,
    TYPE,
    UV_PATH,
    Option,
)
from envtasks.planned import Recipe, Step

#: Its presence, whatever it holds, says that the directory is ours.
MARK = ".envtasks-env.json"
SCHEMA = 1

Record = Mapping[str, Any]

#: What mends a record that differs from the recipe.
ANEW, PROJECT, INSTALL = "make anew", "install the project again", "install what is missing"

#: The parts of a recipe that shape the directory: what mends a difference, and the options that it comes from.
PARTS: dict[str, tuple[str, tuple[Option[Any], ...]]] = {
    "schema": (ANEW, ()),
    "type": (ANEW, (TYPE,)),
    "directory": (ANEW, ()),
    "python": (ANEW, (PYTHON,)),
    "requires_python": (ANEW, ()),
    "system_packages": (ANEW, (SYSTEM_PACKAGES,)),
    "installer": (ANEW, (INSTALLER, UV_PATH)),
    "requirements": (INSTALL, (DEPENDENCIES, EXTRA_DEPENDENCIES, DEPENDENCY_GROUPS, FEATURES)),
    "index_variables": (INSTALL, ()),
    "pip": (INSTALL, ()),
    "project": (PROJECT, (SKIP_INSTALL,)),
    "project_features": (PROJECT, (FEATURES,)),
    "editable": (PROJECT, (DEV_MODE,)),
    "build_inputs": (PROJECT, ()),
    "sources": (PROJECT, ()),
    "pre_install": (PROJECT, (PRE_INSTALL_COMMANDS,)),
    "post_install": (PROJECT, (POST_INSTALL_COMMANDS,)),
}


def parts(recipe: Recipe) -> dict[str, Any]:
    """The parts of a recipe that shape the directory, as JSON gives them back."""
    return {
        "schema": SCHEMA,
        "type": recipe.type,
        "directory": recipe.directory,
        "python": recipe.python,
        "requires_python": recipe.requires_python,
        "system_packages": recipe.system_packages,
        "installer": recipe.installer,
        "requirements": list(recipe.requirements),
        "index_variables": digests(recipe.index_variables),
        "pip": recipe.pip,
        "project": recipe.project,
        "project_features": list(recipe.project_features),
        "editable": recipe.editable,
        "build_inputs": json.loads(json.dumps(recipe.build_inputs, default=str, sort_keys=True)),
        "sources": None if recipe.project is None or recipe.editable else sources(recipe.project),
        "pre_install": [plain(step) for step in recipe.pre_install],
        "post_install": [plain(step) for step in recipe.post_install],
    }


def plain(step: Step) -> Any:
    """A step as JSON gives it back."""
    return json.loads(json.dumps(step))


def digest(text: str) -> str:
    """What tells a text from another one without giving it away; it may hold a password."""
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def digests(pairs: Pairs) -> dict[str, str]:
    return {name: digest(value) for name, value in sorted(pairs)}


#: Directories that hold nothing a build would take, wherever they are and where they are at the root of a project.
NOT_SOURCES = ("__pycache__", "node_modules")
NOT_SOURCES_AT_THE_ROOT = (*NOT_SOURCES, "build", "dist", "site")


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
            try:
                status = os.stat(path)
            except OSError:
                continue
            seen.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()


def read(directory: str) -> Mapping[str, Any] | None:
    """The record of a directory, or None where there is none that can be trusted."""
    try:
        with open(os.path.join(directory, MARK), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and is_whole(found) else None


def is_whole(found: Record) -> bool:
    """Whether a record is one that we finished, with every part that we would write today.

    A part of another type only differs from the recipe, but for those that are looked into.
    """
    return (
        found.get("ready") is True
        and PARTS.keys() <= found.keys()
        and is_interpreter(found.get("interpreter"))
        and is_texts(found["requirements"])
        and isinstance(found.get("name"), str)
        and isinstance(found["pip"], bool)
        and are_installs(found.get("installed", []))
    )


def are_installs(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "arguments" in one for one in value)


def is_interpreter(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return set(value) == {"path", "implementation", "version"} and is_texts([*value.values()])


def is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def write(directory: str, content: Mapping[str, Any]) -> None:
    """Put a record in place, whole or not at all."""
    path = os.path.join(directory, MARK)
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def is_ours(directory: str) -> bool:
    """Whether a directory bears our mark; a record that is being written, or was when its process was killed, counts."""
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return False
    # The record comes last: by then it may have taken the place of the one that was being written.
    marks = [*(name for name in names if name.startswith(f"{MARK}.")), MARK]
    return any(os.path.isfile(os.path.join(directory, name)) for name in marks)


def differences(record: Mapping[str, Any], recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Why a recorded environment is not what the recipe says: the action and the reason, for each part."""
    for name, wanted in parts(recipe).items():
        found: Any = record.get(name)
        if found == wanted or (name == "pip" and not wanted):
            continue
        action, options = PARTS[name]
        if name == "requirements":
            gone = [one for one in found if one not in wanted]
            new = [one for one in wanted if one not in found]
            changes = [f"+ {one}" for one in new] + [f"- {one}" for one in gone]
            yield (ANEW if gone else action), f"dependencies changed ({', '.join(changes) or 'their order'})"
        elif name == "python":
            yield action, f"Python changed (from {found or 'any'} to {wanted or 'any'})"
        elif name == "directory":
            yield action, "the directory was moved"
        elif name == "build_inputs" and (dropped := dependencies_of(found) - dependencies_of(wanted)):
            yield ANEW, f"dependencies of the project changed ({', '.join(f'- {one}' for one in sorted(dropped))})"
        elif name == "pip":
            yield action, "its commands ask for pip"
        else:
            said_by = [option.name for option in options] or [name.replace("_", "-")]
            yield action, f"{' or '.join(map(repr, said_by))} changed"


def dependencies_of(build_inputs: Any) -> set[str]:
    """What the project says it depends on, with all of its features."""
    project = build_inputs.get("project") if isinstance(build_inputs, dict) else None
    if not isinstance(project, dict):
        return set()
    optional = project.get("optional-dependencies", {})
    lists = [project.get("dependencies", []), *(optional.values() if isinstance(optional, dict) else ())]
    return {one for listed in lists if isinstance(listed, list) for one in listed if isinstance(one, str)}


def fingerprint(path: str) -> list[int]:
    """What tells a file from the one that replaced it; links are followed. OSError where there is none."""
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns]
