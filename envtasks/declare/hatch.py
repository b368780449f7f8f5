"""Hatch's own tables, which stand in where a project declares no environment for envtasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.declare.declarations import Declaration
from envtasks.declare.reading import table
from envtasks.declare.toml import read_document
from envtasks.errors import Key, Mistakes

#: What Hatch keeps next to environments and what this tool does not read.
OUT_OF_SCOPE = ("env", "lock-envs", "locker", "requires-hatch", "scripts", "sources")

#: Where projects are built, whichever of them say so: without a template, and without the project.
BUILD_ENVIRONMENT = "envtasks-build"
HATCH_BUILD_ENVIRONMENT = "hatch-build"
BUILDING = {"skip-install": True, "builder": True}
#: Hatch fills its own environments with a uv that it fetches; here they are filled as all others are.
SELF = {"type": "virtual"}
RUFF = ["ruff==0.13.2"]
TESTING = [
    "coverage-enable-subprocess==1.0",
    "coverage[toml]~=7.11",
    "pytest~=9.0",
    "pytest-mock~=3.12",
    "pytest-randomly~=3.15",
    "pytest-rerunfailures~=14.0",
    "pytest-xdist[psutil]~=3.5",
]


def ruff_scripts(lint: str, style: str) -> dict[str, str]:
    """What Hatch has for ruff; the arguments are the variables that its own commands pass more options in."""
    return {
        "format-check": f"ruff format{style} --check --diff {{args:.}}",
        "format-fix": f"ruff format{style} {{args:.}}",
        "lint-check": f"ruff check{lint} {{args:.}}",
        "lint-fix": f"ruff check{lint} --fix {{args:.}}",
    }


def starting(prefix: str, scripts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in scripts.items() if name.startswith(prefix)}


LINT, STYLE = "{env:HATCH_CHECK_CODE_ARGS:}", "{env:HATCH_CHECK_FMT_ARGS:}"
EITHER = "{env:HATCH_FMT_ARGS:}"

#: The environments that Hatch 1.18 reserves, as far as a project that fills them relies on what they are. The matrix of
#: `hatch-test` is not here: a test run would need eight Pythons that nobody asked for.
RESERVED: dict[str, Mapping[str, Any]] = {
    HATCH_BUILD_ENVIRONMENT: {**SELF, **BUILDING},
    "hatch-check-code": {
        **SELF,
        "skip-install": True,
        "dependencies": RUFF,
        "scripts": starting("lint", ruff_scripts(LINT, STYLE)),
    },
    "hatch-check-fmt": {
        **SELF,
        "skip-install": True,
        "dependencies": RUFF,
        "scripts": starting("format", ruff_scripts(LINT, STYLE)),
    },
    "hatch-check-types": {
        **SELF,
        "dependencies": ["pyrefly==1.0.0", *TESTING],
        "scripts": {
            "check": "pyrefly check{env:HATCH_CHECK_TYPES_ARGS:} {args}",
            "check-summarize": "pyrefly check{env:HATCH_CHECK_TYPES_ARGS:} --summarize-errors {args}",
            "coverage": "pyrefly report{env:HATCH_CHECK_TYPES_ARGS:} {args}",
            "config": "pyrefly dump-config {args}",
        },
    },
    "hatch-static-analysis": {
        **SELF,
        "skip-install": True,
        "dependencies": RUFF,
        "scripts": ruff_scripts(EITHER + LINT, EITHER + STYLE),
    },
    "hatch-test": {
        **SELF,
        "dependencies": TESTING,
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
    document: Mapping[str, Any], pyproject: str, hatch_toml: str, mistakes: Mistakes
) -> tuple[Mapping[str, Any], Key, list[str]]:
    """The raw environments of `[tool.hatch]` and `hatch.toml`, the key they stand at, and the files read.

    A top-level table of `hatch.toml` replaces that of `pyproject.toml`.
    """
    tool_key = Key(pyproject, ("tool",))
    in_pyproject = Key(pyproject, ("tool", "hatch"))
    tool = table(document.get("tool", {}), tool_key, mistakes) or {}
    shared = table(tool.get("hatch", {}), in_pyproject, mistakes) or {}
    own = read_document(hatch_toml) if hatch_toml else None
    passed_over = {name: in_pyproject.child(name) for name in OUT_OF_SCOPE if name in shared}
    passed_over.update({name: Key(hatch_toml, (name,)) for name in OUT_OF_SCOPE if name in (own or {})})
    mistakes.passed_over += passed_over.values()
    files = [pyproject] * bool(shared) + [hatch_toml] * (own is not None)
    raw, key = shared.get("envs", {}), in_pyproject.child("envs")
    if own is not None and "envs" in own:
        raw, key = own["envs"], Key(hatch_toml, ("envs",))
    envs = table(raw, key, mistakes) or {}
    return with_reserved(envs), key, files


def with_reserved(envs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The environments, with those reserved ones that only serve as templates put before them."""
    wanted = [raw.get("template") for raw in envs.values() if isinstance(raw, Mapping)]
    return {**{name: {} for name in RESERVED if name in wanted and name not in envs}, **envs}


def defaults_of(name: str) -> Mapping[str, Any]:
    """What Hatch gives to an environment, each option of which the project may replace; a reserved one inherits from itself."""
    return {"template": name, **RESERVED[name]} if name in RESERVED else {}


def with_our_defaults(declaration: Declaration) -> Declaration:
    """The declaration as it is, or with what our own build environment has where it says nothing."""
    if declaration.name != BUILD_ENVIRONMENT:
        return declaration
    options = {"template": BUILD_ENVIRONMENT, **BUILDING, **declaration.options}
    keys = {**dict.fromkeys(options, declaration.where), **declaration.keys}
    return declaration._replace(options=options, keys=keys)
