"""Hatch's own tables, which stand in where a project declares no environment for envtasks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from envtasks.declare.reading import table
from envtasks.declare.toml import read_document
from envtasks.errors import Key, Mistakes

#: What Hatch keeps next to environments and what this tool does not read.
OUT_OF_SCOPE = ("env", "lock-envs", "locker", "requires-hatch", "scripts", "sources")

SELF = {"type": "virtual", "installer": "uv"}

#: The environments that Hatch reserves, as far as a project that fills them relies on what they are.
RESERVED: dict[str, Mapping[str, Any]] = {
    "hatch-build": {**SELF, "skip-install": True, "builder": True},
    "hatch-check-code": {**SELF, "skip-install": True},
    "hatch-check-fmt": {**SELF, "skip-install": True},
    "hatch-check-types": {**SELF},
    "hatch-static-analysis": {
        **SELF,
        "skip-install": True,
        "dependencies": ["ruff"],
        "scripts": {
            "format-check": "ruff format --check --diff {args:.}",
            "format-fix": "ruff format {args:.}",
            "lint-check": "ruff check {args:.}",
            "lint-fix": "ruff check --fix {args:.}",
        },
    },
    "hatch-test": {
        **SELF,
        "dependencies": [
            "coverage-enable-subprocess==1.0",
            "coverage[toml]~=7.4",
            "pytest~=8.1",
            "pytest-mock~=3.12",
            "pytest-randomly~=3.15",
            "pytest-rerunfailures~=14.0",
            "pytest-xdist[psutil]~=3.5",
        ],
        "scripts": {
            "run": "pytest{env:HATCH_TEST_ARGS:} {args}",
            "run-cov": "coverage run -m pytest{env:HATCH_TEST_ARGS:} {args}",
            "cov-combine": "coverage combine",
            "cov-report": "coverage report",
        },
    },
    "hatch-uv": {**SELF, "skip-install": True},
}


def read_hatch(
    root: str, document: Mapping[str, Any], pyproject: str, mistakes: Mistakes
) -> tuple[Mapping[str, Any], Key, list[str]]:
    """The raw environments of `[tool.hatch]` and `hatch.toml`, the key they stand at, and the files read.

    A top-level table of `hatch.toml` replaces that of `pyproject.toml`. A reserved environment has what
    Hatch gives it, each option replaced by that of the project; it inherits from itself.
    """
    tool_key = Key(pyproject, ("tool",))
    in_pyproject = Key(pyproject, ("tool", "hatch"))
    tool = table(document.get("tool", {}), tool_key, mistakes) or {}
    shared = table(tool.get("hatch", {}), in_pyproject, mistakes) or {}
    path = os.path.join(root, "hatch.toml")
    own = read_document(path)
    passed_over = {name: in_pyproject.child(name) for name in OUT_OF_SCOPE if name in shared}
    passed_over.update({name: Key(path, (name,)) for name in OUT_OF_SCOPE if name in (own or {})})
    mistakes.passed_over += passed_over.values()
    files = [pyproject] * bool(shared) + [path] * (own is not None)
    raw, key = shared.get("envs", {}), in_pyproject.child("envs")
    if own is not None and "envs" in own:
        raw, key = own["envs"], Key(path, ("envs",))
    envs = table(raw, key, mistakes) or {}
    return {name: completed(name, options) for name, options in with_reserved(envs).items()}, key, files


def with_reserved(envs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The environments, with those reserved ones that only serve as templates put before them."""
    wanted = [raw.get("template") for raw in envs.values() if isinstance(raw, Mapping)]
    return {**{name: {} for name in RESERVED if name in wanted and name not in envs}, **envs}


def completed(name: str, raw: Any) -> Any:
    if name in RESERVED and isinstance(raw, Mapping):
        return {"template": name, **RESERVED[name], **raw}
    return raw
