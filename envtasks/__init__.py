"""A task runner for Python projects: environments and scripts from TOML and from Python, on one model.

What an `envfile.py` imports stands here; nothing is loaded until it is asked for.
"""

from __future__ import annotations

from envtasks.version import __version__

#: Type checkers take this for true by its name; `typing` would be nearly all that importing this package costs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtasks import project
    from envtasks.declare.authoring import env, options, script
    from envtasks.declare.overriding import override
    from envtasks.declare.parametrizing import param, parametrize
    from envtasks.run.session import Session
    from envtasks.run.tools import CommandFailed

__all__ = [
    "CommandFailed",
    "Session",
    "__version__",
    "env",
    "options",
    "override",
    "param",
    "parametrize",
    "project",
    "script",
]

#: The public modules.
MODULES = ("project", "testing")
HOMES = {
    "env": "envtasks.declare.authoring",
    "options": "envtasks.declare.authoring",
    "script": "envtasks.declare.authoring",
    "override": "envtasks.declare.overriding",
    "param": "envtasks.declare.parametrizing",
    "parametrize": "envtasks.declare.parametrizing",
    "CommandFailed": "envtasks.run.tools",
    "Session": "envtasks.run.session",
}


def __getattr__(name: str) -> object:
    """The public names, each from its module (PEP 562)."""
    from importlib import import_module

    if name in MODULES:
        return import_module(f"envtasks.{name}")
    if name not in HOMES:
        raise AttributeError(f"module 'envtasks' has no attribute '{name}'")
    return getattr(import_module(HOMES[name]), name)
