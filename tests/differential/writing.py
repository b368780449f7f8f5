"""Tables as TOML text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from envtasks.errors import is_bare


def toml_text(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_text(key)} = {toml_text(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(toml_text, value)) + "]"


def key_text(key: str) -> str:
    return key if is_bare(key) else toml_text(key)


def environments_text(environments: Mapping[str, Mapping[str, Any]], prefix: str) -> str:
    """A table for each environment, below the prefix."""
    lines = []
    for name, options in environments.items():
        lines += ["", f"[{prefix}.{key_text(name)}]"]
        lines += [f"{key_text(option)} = {toml_text(value)}" for option, value in options.items()]
    return "\n".join(lines) + "\n"
