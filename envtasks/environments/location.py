"""Where environments lie; nothing here looks at the disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from envtasks.model import Host, Project
from envtasks.names import normalized
from envtasks.option_table import TEMPLATE

#: The file that says of a directory that it is an environment of ours.
MARK = ".envtasks-env.json"
DEFAULT_DIRECTORY = os.path.join(".envtasks", "envs")

#: Names that need no escape on any disk.
SAFE_NAME = re.compile(r"(?!.*\.$)[A-Za-z0-9_][A-Za-z0-9._-]{0,79}")
#: Names that Windows keeps for devices.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def store(project: Project, host: Host) -> str:
    """The directory that holds the environments of a project."""
    configured = host.environ.get("ENVTASKS_ENV_DIR") or project.settings.env_dir or DEFAULT_DIRECTORY
    base = os.path.normpath(os.path.join(host.root, expanded(configured, host)))
    if is_within(base, host.root) or base == os.path.join(host.home, ".virtualenvs"):
        return base
    return os.path.join(base, safe(normalized(project.metadata.name)), digest(host.root))


def locate(name: str, path: str | None, project: Project, host: Host) -> str:
    """The directory of one environment; ``path`` is its filled option."""
    explicit = host.environ.get("ENVTASKS_ENV_TYPE_VIRTUAL_PATH") or path
    if explicit:
        return os.path.normpath(os.path.join(host.root, expanded(explicit, host)))
    return os.path.join(store(project, host), directory_name(name, project))


def directory_name(name: str, project: Project) -> str:
    """The default environment's directory is called after the project, so that prompts are telling."""
    others = project.environments
    if name == TEMPLATE.default:
        title = normalized(project.metadata.name)
        return name if differs_by_case_only(title, others) or title in others else safe(title)
    return escaped(name) if differs_by_case_only(name, others) else safe(name)


def differs_by_case_only(name: str, others: Iterable[str]) -> bool:
    folded = name.casefold()
    return any(other != name and other.casefold() == folded for other in others)


def safe(name: str) -> str:
    """The name itself where it is a plain path component on every disk, else a readable and unique one."""
    return name if SAFE_NAME.fullmatch(name) and not DEVICES.fullmatch(name) else escaped(name)


def escaped(name: str) -> str:
    readable = re.sub(r"[^a-z0-9_-]+", "-", name.casefold()).strip("-")[:40]
    return f"{readable}-{digest(name)}" if readable else digest(name)


def digest(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def expanded(path: str, host: Host) -> str:
    """`~` and `$NAME` as the host has them."""
    if path == "~" or path.startswith(("~/", "~" + os.sep)):
        path = host.home + path[1:]
    return re.sub(r"\$(\w+)|\$\{(\w+)\}", lambda found: host.environ.get(found[1] or found[2], found[0]), path)


def is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def bin_directory(directory: str) -> str:
    return os.path.join(directory, "Scripts" if os.name == "nt" else "bin")


def config_of(directory: str) -> str:
    return os.path.join(directory, "pyvenv.cfg")


def python_of(directory: str) -> str:
    return program_of(directory, "python")


def program_of(directory: str, name: str) -> str:
    return os.path.join(bin_directory(directory), f"{name}.exe" if os.name == "nt" else name)
