"""The keywords that nox users have for an environment, in the words of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.errors import Key, invalid
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


def in_our_words(keywords: Mapping[str, Any], where: Key) -> dict[str, Any]:
    """The options that the keywords of `env` say, spelled as in TOML; InvalidDeclarations for those of nox alone."""
    for name in keywords:
        if name in NOT_HERE:
            raise invalid(f"'{name}' is no option", where.child(name), NOT_HERE[name])
    if "py" in keywords and PYTHON.name in keywords:
        raise invalid("'py' and 'python' are the same option", where, "keep one of them")
    options: dict[str, Any] = {}
    for name, value in keywords.items():
        if name == "venv_backend":
            if value is not None:
                options |= backend(value, where.child(name))
        elif name in ("py", "python"):
            options |= python(value)
        else:
            options |= {} if value is None else {name.replace("_", "-"): value}
    return options


def python(value: Any) -> dict[str, Any]:
    """No Python at all is said with False, and no wish for one with None."""
    if value is False:
        return {TYPE.name: NONE}
    return {} if value is None else {PYTHON.name: value}


def backend(value: Any, where: Key) -> Mapping[str, str]:
    """What one backend stands for; alternatives such as `uv|virtualenv` leave it to what else is said."""
    known = alternatives(value) if isinstance(value, str) else []
    if not known:
        raise invalid(f"no environments are made with {value!r}", where, f"known are: {', '.join(BACKENDS)}")
    return known[0] if len(known) == 1 else {}


def alternatives(names: str) -> list[Mapping[str, str]]:
    """What the known ones among backends with a `|` between them stand for."""
    return [BACKENDS[name] for name in names.split("|") if name in BACKENDS]
