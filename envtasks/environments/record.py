"""The record in the directory of an environment: what it was made from, written last."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envtasks.declared import Pairs, Texts
from envtasks.environments import location
from envtasks.environments.sources import shaping
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
MARK = location.MARK
SCHEMA = 2

Record = Mapping[str, Any]

#: What mends a record that differs from the recipe, in the order in which it is done.
ANEW, INSTALL, PROJECT, REMOVE = (
    "make anew",
    "install what is missing",
    "install the project again",
    "remove what is no longer asked for",
)

ACTIONS = (ANEW, INSTALL, PROJECT, REMOVE)

#: The parts of a recipe that shape the directory: what mends a difference, and the options that it comes from.
PARTS: dict[str, tuple[Texts, tuple[Option[Any], ...]]] = {
    "schema": ((ANEW,), ()),
    "type": ((ANEW,), (TYPE,)),
    "directory": ((ANEW,), ()),
    "python": ((ANEW,), (PYTHON,)),
    "requires_python": ((ANEW,), ()),
    "system_packages": ((ANEW,), (SYSTEM_PACKAGES,)),
    "installer": ((ANEW,), (INSTALLER, UV_PATH)),
    "requirements": ((INSTALL,), (DEPENDENCIES, EXTRA_DEPENDENCIES, DEPENDENCY_GROUPS, FEATURES)),
    "index_variables": ((INSTALL,), ()),
    "input_files": ((INSTALL, PROJECT), ()),
    "pip": ((INSTALL,), ()),
    "project": ((PROJECT,), (SKIP_INSTALL,)),
    "features_only": ((ANEW,), ()),
    "project_features": ((PROJECT, REMOVE), (FEATURES,)),
    "editable": ((PROJECT,), (DEV_MODE,)),
    "build_inputs": ((PROJECT, REMOVE), ()),
    "sources": ((PROJECT,), ()),
    "pre_install": ((PROJECT,), (PRE_INSTALL_COMMANDS,)),
    "post_install": ((PROJECT,), (POST_INSTALL_COMMANDS,)),
}

#: What says whether, and which, sources count; a change of these tells it all.
DECIDING_ON_SOURCES = ("project", "editable", "build_inputs")


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
        "input_files": {path: digest_of_file(path) for path in recipe.input_files},
        "pip": recipe.pip,
        "project": recipe.project,
        "features_only": recipe.features_only,
        "project_features": list(recipe.project_features),
        "editable": recipe.editable,
        "build_inputs": json.loads(json.dumps(recipe.build_inputs, default=str, sort_keys=True)),
        "sources": recipe.project and shaping(recipe.project, recipe.build_inputs, editable=recipe.editable),
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
        and is_texts(found.get("packages"))
        and is_texts(found.get("modules", []))
        and is_texts(found.get("programs", []))
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


def differences(record: Mapping[str, Any], recipe: Recipe) -> Iterator[tuple[Texts, str]]:
    """Why a recorded environment is not what the recipe says: the actions and the reason, for each part."""
    now = parts(recipe)
    for name, wanted in now.items():
        found: Any = record.get(name)
        if found == wanted or (name == "pip" and not wanted):
            continue
        if name == "sources" and any(record.get(one) != now[one] for one in DECIDING_ON_SOURCES):
            continue
        actions, options = PARTS[name]
        if name == "requirements":
            yield requirements_changed(found, wanted)
        elif name == "project" and wanted is None:
            yield (ANEW,), "the project is not to be installed any more"
        elif name == "python":
            yield actions, f"Python changed (from {found or 'any'} to {wanted or 'any'})"
        elif name == "directory":
            yield actions, "the directory was moved"
        elif name == "schema":
            yield actions, "it was made by another version of envtasks"
        elif name == "build_inputs":
            yield actions, f"the project changed{signed(dependencies_of(found), dependencies_of(wanted))}"
        elif name == "input_files":
            yield actions, f"{' and '.join(changed_files(found, wanted))} changed"
        elif name == "pip":
            yield actions, "its commands ask for pip"
        else:
            said_by = [option.name for option in options] or [name.replace("_", "-")]
            yield actions, f"{' or '.join(map(repr, said_by))} changed"


def requirements_changed(found: list[str], wanted: list[str]) -> tuple[Texts, str]:
    """What other requirements ask for; that one came from an address, nobody sees in what is installed."""
    gone = [one for one in found if one not in wanted]
    if any("@" in one for one in gone):
        actions: Texts = (ANEW,)
    else:
        actions = ((INSTALL,) if set(wanted) - set(found) else ()) + ((REMOVE,) if gone else ())
    return actions or (INSTALL,), f"dependencies changed{signed(found, wanted) or ' (their order)'}"


def signed(before: Sequence[str], now: Sequence[str]) -> str:
    """What came and what went: ` (+ httpx, - requests)`."""
    new = [f"+ {one}" for one in now if one not in before]
    gone = [f"- {one}" for one in before if one not in now]
    return f" ({', '.join(new + gone)})" if new or gone else ""


def changed_files(before: Any, now: Mapping[str, str]) -> list[str]:
    known = before if isinstance(before, dict) else {}
    return [f"'{path}'" for path in {**known, **now} if known.get(path) != now.get(path)]


def dependencies_of(build_inputs: Any) -> list[str]:
    """What the project says it depends on, with all of its features."""
    project = build_inputs.get("project") if isinstance(build_inputs, dict) else None
    if not isinstance(project, dict):
        return []
    optional = project.get("optional-dependencies", {})
    lists = [project.get("dependencies", []), *(optional.values() if isinstance(optional, dict) else ())]
    return [one for listed in lists if isinstance(listed, list) for one in listed if isinstance(one, str)]


def digest_of_file(path: str) -> str:
    """What tells the content of a file from another one; an empty text where there is none to be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return digest(file.read())
    except OSError:
        return ""


def fingerprint(path: str) -> list[int]:
    """What tells a file from the one that replaced it; links are followed. OSError where there is none."""
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns]
