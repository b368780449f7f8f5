"""The environment that projects are built in, which is there whether it is declared or not."""

from __future__ import annotations

from envtasks.declare.hatch import BUILD_ENVIRONMENT, BUILDING, HATCH_BUILD_ENVIRONMENT
from envtasks.errors import Key
from envtasks.model import Environment, Project

WHERE = Key("pyproject.toml", ("build-system",))


def build_environment_name(project: Project) -> str:
    """What it is called in the tables that were read."""
    return HATCH_BUILD_ENVIRONMENT if project.hatch else BUILD_ENVIRONMENT


def build_environment(project: Project) -> Environment:
    """The one that the project declares, the first of its matrix, else the one that it has anyway."""
    name = build_environment_name(project)
    declared = project.environments.get(next(iter(project.roots.get(name, ())), name))
    return declared or Environment(name, None, (), BUILDING, WHERE, {})
