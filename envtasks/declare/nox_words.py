"""The keywords that nox users have for an environment, in the words of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.declare.reading import PYTHON_VARIABLES
from envtasks.errors import Key, Mistakes
from envtasks.option_table import INSTALLER, NONE, PYTHON, TYPE

#: The options that a backend of nox stands for.
BACKENDS: dict[str, Mapping[str, str]] = {
    "virtualenv": {INSTALLER.name: INSTALLER.default},
    "venv": {INSTALLER.name: INSTALLER.default},
    "uv": {INSTALLER.name: "uv"},
    "none": {TYPE.name: NONE},
}
#: What nox has a keyword for and the model has not, with what to do instead.
NOT_HERE = {
    "reuse_venv": "leave it out: environments are used again as long as they are as declared",
    "download_python": "leave it out: Pythons are looked for, and never downloaded unasked",
    "venv_params": "leave it out; for --system-site-packages say system_packages=True",
    "allow_parallel": "leave it out",
}


def in_our_words(keywords: Mapping[str, Any], where: Key, mistakes: Mistakes) -> dict[str, Any]:
    """The options that the keywords of `env` say, spelled as in TOML; None says nothing."""
    options: dict[str, Any] = {}
    said_by: dict[str, str] = {}
    for name, value in keywords.items():
        if name in NOT_HERE:
            mistakes.add(f"'{name}' is no option", where.child(name), NOT_HERE[name])
            continue
        for option, meant in meaning(name, value, where, mistakes).items():
            if option in said_by and options[option] != meant:
                message = f"'{name}' and '{said_by[option]}' say different things of '{option}'"
                mistakes.add(message, where.child(name), "keep one of them")
            options[option], said_by[option] = meant, name
    return options


def meaning(name: str, value: Any, where: Key, mistakes: Mistakes) -> Mapping[str, Any]:
    """What one keyword stands for."""
    if value is None:
        return {}
    if name == "venv_backend":
        return backend(value, where.child(name), mistakes)
    if name in PYTHON_VARIABLES:
        return {TYPE.name: NONE} if value is False else {PYTHON.name: value}
    return {name.replace("_", "-"): value}


def backend(value: Any, where: Key, mistakes: Mistakes) -> Mapping[str, str]:
    """What one backend stands for; alternatives such as `uv|virtualenv` leave it to what else is said."""
    known = alternatives(value) if isinstance(value, str) else []
    if not known:
        mistakes.add(f"no environments are made with {value!r}", where, f"known are: {', '.join(BACKENDS)}")
    return known[0] if len(known) == 1 else {}


def alternatives(names: str) -> list[Mapping[str, str]]:
    """What the known ones among backends with a `|` between them stand for."""
    return [BACKENDS[name] for name in names.split("|") if name in BACKENDS]
