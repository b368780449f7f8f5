"""What `pyproject.toml` says of the project itself (PEP 621, PEP 735)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from envtasks.declare.reading import expected, table
from envtasks.declared import Texts
from envtasks.errors import FillError, Key, Mistakes, nearest
from envtasks.model import Metadata
from envtasks.names import normalized
from envtasks.requirements import RANGE_HINT, REQUIREMENT_HINT, is_range, requirement_error

#: Tables under `tool` that decide what a build makes of the project.
BUILD_TOOLS = (
    "flit",
    "hatch",
    "maturin",
    "meson-python",
    "pdm",
    "poetry",
    "scikit-build",
    "setuptools",
    "setuptools_scm",
    "uv",
)
#: Files of projects that are not declared in pyproject.toml.
LEGACY_FILES = ("setup.py", "setup.cfg")
#: What builds those that do not say what builds them (PEP 517).
LEGACY_REQUIRES = ("setuptools>=40.8.0",)


def read_metadata(root: str, document: Mapping[str, Any], key: Key, mistakes: Mistakes) -> Metadata:
    project = table(document.get("project", {}), key.child("project"), mistakes) or {}
    name = project.get("name")
    requires_python = project.get("requires-python", "")
    return Metadata(
        name=name if isinstance(name, str) and name else os.path.basename(root) or "project",
        installable=any(name in document for name in ("project", "build-system"))
        or os.path.exists(os.path.join(root, LEGACY_FILES[0])),
        requires_python=version_range(requires_python, key.child("project", "requires-python"), mistakes),
        features=features_of(project, document),
        groups=read_groups(document.get("dependency-groups", {}), key.child("dependency-groups"), mistakes),
        build_inputs=build_inputs(root, document),
    )


def version_range(raw: Any, key: Key, mistakes: Mistakes) -> str:
    """The Pythons that the project is for; what is no text is left to its build to tell."""
    if not isinstance(raw, str):
        return ""
    if raw and not is_range(raw):
        mistakes.add(f"not a range of versions: {raw!r}", key, RANGE_HINT)
    return raw


def features_of(project: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Texts] | None:
    """The optional dependencies by normalized name, or None where only the build backend knows them."""
    dynamic = project.get("dynamic")
    if "project" not in document or (isinstance(dynamic, list) and "optional-dependencies" in dynamic):
        return None
    if inside(document, "tool", "hatch", "metadata").get("hooks"):
        return None
    optional = project.get("optional-dependencies", {})
    if not isinstance(optional, Mapping) or not all(isinstance(one, list) for one in optional.values()):
        return None
    return {normalized(name): tuple(map(str, requirements)) for name, requirements in optional.items()}


def inside(document: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A table in tables that are not ours to judge; empty where one of them is no table."""
    found: Any = document
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def build_requires(build_inputs: Mapping[str, Any]) -> Texts:
    """What must be there so that the project can be built (PEP 518); FillError where that is not said right."""
    if "build-system" not in build_inputs:
        return LEGACY_REQUIRES
    requires = inside(build_inputs, "build-system").get("requires")
    if not isinstance(requires, list) or not all(isinstance(one, str) for one in requires):
        raise FillError("'build-system' has no array of requirements", hint='requires = ["hatchling"]')
    for one in requires:
        reason = requirement_error(one)
        if reason:
            raise FillError(f"'build-system' requires what is no requirement: {reason}", hint=REQUIREMENT_HINT)
    return tuple(requires)


def build_inputs(root: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Everything but the sources that an installed project is made from."""
    tools = inside(document, "tool")
    inputs = {name: document[name] for name in ("project", "build-system") if name in document}
    for name in BUILD_TOOLS:
        if name in tools:
            chosen = tools[name]
            inputs[name] = {k: v for k, v in chosen.items() if k != "envs"} if isinstance(chosen, Mapping) else chosen
    for name in LEGACY_FILES:
        try:
            status = os.stat(os.path.join(root, name))
        except OSError:
            continue
        inputs[name] = [status.st_size, status.st_mtime_ns]
    return inputs


def read_groups(raw: Any, key: Key, mistakes: Mistakes) -> dict[str, Texts]:
    """The dependency groups, by normalized name, with their includes put in place (PEP 735)."""
    groups: dict[str, Any] = {}
    for name, items in (table(raw, key, mistakes) or {}).items():
        if normalized(name) in groups:
            mistakes.add(
                f"two dependency groups are called '{normalized(name)}'", key.child(name), "rename one of them"
            )
        groups[normalized(name)] = (name, items)
    return {name: tuple(requirements_of(name, groups, key, (), mistakes)) for name in groups}


def requirements_of(name: str, groups: Mapping[str, Any], key: Key, outer: Texts, mistakes: Mistakes) -> list[str]:
    spelled, items = groups[name]
    where = key.child(spelled)
    if name in outer:
        circle = " -> ".join((*outer[outer.index(name) :], name))
        mistakes.add(f"dependency groups include each other in a circle: {circle}", where)
        return []
    if not isinstance(items, list):
        expected("an array of requirements", items, where, mistakes)
        return []
    found: list[str] = []
    for index, item in enumerate(items):
        if isinstance(item, str):
            reason = requirement_error(item)
            if reason:
                mistakes.add(f"not a requirement: {reason}", where.child(index), REQUIREMENT_HINT)
            found.append(item)
        elif isinstance(item, Mapping) and list(item) == ["include-group"] and isinstance(item["include-group"], str):
            included = normalized(item["include-group"])
            if included in groups:
                found += requirements_of(included, groups, key, (*outer, name), mistakes)
            else:
                mistakes.add(
                    f"unknown dependency group '{item['include-group']}'",
                    where.child(index),
                    nearest(included, tuple(groups)),
                )
        else:
            expected('a requirement or { include-group = "NAME" }', item, where.child(index), mistakes)
    return found
