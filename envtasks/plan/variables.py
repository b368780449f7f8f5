"""The variables that commands of an environment see."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase

from envtasks.declared import Texts
from envtasks.environments.location import bin_directory
from envtasks.model import Environment, Project
from envtasks.option_table import NONE, TYPE

#: What `env-include` never takes away: programs do not start, or do not find their home, without it.
ALWAYS_INCLUDED = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_*",
    "TZ",
    "TERM",
    "TMPDIR",
    "TEMP",
    "TMP",
    "COMSPEC",
    "PATHEXT",
    "SYSTEMROOT",
    "SystemRoot",
    "WINDIR",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "XDG_*",
    "ENVTASKS_*",
)
#: What would lead a program of the environment to another Python.
MISLEADING = ("PYTHONHOME", "__PYVENV_LAUNCHER__")


def visible_variables(environ: Mapping[str, str], include: Texts, exclude: Texts) -> dict[str, str]:
    """The variables that commands of an environment may see."""
    visible = dict(environ)
    if include:
        patterns = include + ALWAYS_INCLUDED
        visible = {name: value for name, value in visible.items() if matches(name, patterns)}
    if exclude:
        visible = {name: value for name, value in visible.items() if not matches(name, exclude)}
    return visible


def matches(name: str, patterns: Texts) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def activated(visible: Mapping[str, str], environment: Environment, directory: str, project: Project) -> dict[str, str]:
    """The variables of a shell in which the environment is active."""
    variables = dict(visible)
    if environment[TYPE] != NONE:
        variables = {key: value for key, value in visible.items() if key not in MISLEADING}
        variables["VIRTUAL_ENV"] = directory
        variables["PATH"] = os.pathsep.join((bin_directory(directory), variables.get("PATH") or os.defpath))
    variables["ENVTASKS_ENV_ACTIVE"] = environment.name
    if project.hatch:
        variables["HATCH_ENV_ACTIVE"] = environment.name
    return variables
