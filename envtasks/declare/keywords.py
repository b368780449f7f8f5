"""The keywords of `env` and `script` as type checkers and editors see them; nothing here exists while a tool runs.

A test holds that they are the options of the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict


class EnvironmentKeywords(TypedDict, total=False):
    """The options of an environment, with the types that they have in an envfile."""

    name: str
    py: str | Sequence[str] | bool | None
    venv_backend: str | None
    type: str
    template: str
    detached: bool
    description: str
    dependencies: Sequence[str]
    extra_dependencies: Sequence[str]
    dependency_groups: Sequence[str]
    features: Sequence[str]
    dev_mode: bool
    skip_install: bool
    builder: bool
    env_vars: Mapping[str, str]
    env_include: Sequence[str]
    env_exclude: Sequence[str]
    scripts: Mapping[str, str | Sequence[str] | Mapping[str, Any]]
    extra_scripts: Mapping[str, str | Sequence[str] | Mapping[str, Any]]
    pre_install_commands: Sequence[str]
    post_install_commands: Sequence[str]
    python: str | Sequence[str] | bool | None
    platforms: Sequence[str]
    matrix: Sequence[Mapping[str, Sequence[str] | Sequence[Mapping[str, Any]]]]
    matrix_name_format: str
    overrides: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    path: str
    system_packages: bool
    python_sources: Sequence[str]
    installer: str
    uv_path: str
    default_script: str
    default: bool
    tags: Sequence[str]
    requires: Sequence[str]


class ScriptKeywords(TypedDict, total=False):
    """What can be said of a Python task besides its function."""

    name: str
    description: str
    tags: Sequence[str]
    requires: Sequence[str]
    env_vars: Mapping[str, str]
    cwd: str
    timeout: float
