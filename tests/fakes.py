"""Values and stand-ins that many tests need: short ways to a recipe, a session of a plan, an installer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from envtasks.declared import Function, Pairs, Script
from envtasks.environments import record
from envtasks.environments.interpreters import Interpreter
from envtasks.environments.location import config_of, python_of
from envtasks.environments.packages import modules, packages, site_packages
from envtasks.errors import EnvironmentFailed, Key
from envtasks.events import Event
from envtasks.model import Environment, SessionRef
from envtasks.option_table import SCRIPTS
from envtasks.planned import Call, Recipe, Step, Work
from envtasks.resolve.signatures import by_name

WHERE = Key("envtasks.toml", ("envs", "test"))


def recipe(directory: str | Path = "/nowhere/test", **changes: Any) -> Recipe:
    """A recipe for this very interpreter that asks for nothing, but for the changes."""
    plain = Recipe(
        name="test",
        type="virtual",
        directory=str(directory),
        store=os.path.dirname(str(directory)),
        python="self",
        python_sources=("external",),
        requires_python="",
        system_packages=False,
        installer="pip",
        uv_path=None,
        requirements=(),
        project=None,
        project_features=(),
        editable=True,
        build_inputs={},
        pre_install=(),
        post_install=(),
        index_variables=(),
        variables=dict(os.environ),
    )
    return plain._replace(**changes)


def session(name: str = "test", script: Script | None = None, *, title: str = "", variant: Pairs = ()) -> SessionRef:
    """A session called `name`, the default one of its environment unless the script has a title."""
    scripts = {title or name: script or Script()}
    root = name.partition(".")[0] if variant else None
    environment = Environment(name, root, variant, {SCRIPTS.name: scripts}, WHERE, {})
    return SessionRef(environment, title or name, default=not title)


def work(name: str = "test", *commands: str, made_from: Recipe | None = None, **changes: Any) -> Work:
    """A planned session that runs these commands; a leading hyphen ignores an exit code."""
    steps = tuple(Step(text.removeprefix("- "), text.startswith("- ")) for text in commands)
    planned = Work(session(name), (made_from or recipe())._replace(name=name), steps)
    return planned._replace(**changes)


def python_work(
    task: Callable[..., Any], directory: str | Path, *arguments: str, variant: Pairs = (), **changes: Any
) -> Work:
    """A planned session whose work is a Python function, with these arguments."""
    function = Function(task, task.__name__, __file__, 1, task.__doc__ or "")
    call = Call(function, arguments, keywords=by_name(task, variant), left=arguments)
    planned = Work(session(script=Script(function=function), variant=variant), recipe(directory), (call,), arguments)
    return planned._replace(**changes)


class Events(list[Event]):
    """What was emitted, in order."""

    def __call__(self, event: Event) -> None:
        self.append(event)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self]


class FakeInstaller:
    """Makes directories that look like environments, and remembers what it was asked to install.

    ``fails`` holds words; an install that has one of them fails.
    """

    def __init__(self, *fails: str) -> None:
        self.fails = fails
        self.created: list[str] = []
        self.installed: list[tuple[str, ...]] = []
        self.uninstalled: list[tuple[str, ...]] = []

    def check(self, made: Recipe, /) -> None:
        if "missing" in self.fails:
            raise EnvironmentFailed("the installer is not there")

    def create(self, made: Recipe, interpreter: Interpreter, /) -> None:
        self.created.append(interpreter.version)
        look_made(made.directory, interpreter.path)

    def install(self, made: Recipe, interpreter: Interpreter, arguments: Sequence[str], cwd: str, /) -> None:
        self.installed.append(tuple(arguments))
        if set(arguments) & set(self.fails):
            raise EnvironmentFailed("pip failed with exit code 1\nno such thing")

    def uninstall(self, made: Recipe, interpreter: Interpreter, names: Sequence[str], /) -> None:
        self.uninstalled.append(tuple(names))


def look_made(directory: str, interpreter: str = sys.executable) -> None:
    """Put into a directory what any virtual environment has."""
    python = python_of(directory)
    os.makedirs(os.path.dirname(python), exist_ok=True)
    Path(directory, "pyvenv.cfg").write_text(f"home = {os.path.dirname(interpreter)}\n", encoding="utf-8")
    os.symlink(interpreter, python)


def recorded(made: Recipe, **changes: Any) -> Mapping[str, Any]:
    """Make the directory of a recipe look like one that was finished, but for the changes to its record."""
    look_made(made.directory)
    content = {
        **record.parts(made),
        "name": made.name,
        "interpreter": {"path": sys.executable, "implementation": "cpython", "version": "3.11.7"},
        "packages": packages(site_packages(made.directory)),
        "modules": modules(site_packages(made.directory)),
        "config_fingerprint": record.fingerprint(config_of(made.directory)),
        "interpreter_fingerprint": record.fingerprint(sys.executable),
        "python_fingerprint": record.fingerprint(python_of(made.directory)),
        "ready": True,
        **changes,
    }
    record.write(made.directory, content)
    return content


def program(path: Path, text: str) -> Path:
    """A shell script that can be started as a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def python_that_says(path: Path, version: str, implementation: str = "cpython", threads: str = "-") -> Path:
    """A program that answers as an interpreter of this version, and leaves a line for each time in `NAME.seen`."""
    says = f"printf '%s\\n' {implementation} {version} '{threads}' '{path}'"
    return program(path, f"echo >> '{path}.seen'; {says}")


def tree(root: Path) -> dict[str, object]:
    """Everything below a directory: the text of files, the target of links; to see that nothing changed."""
    found: dict[str, object] = {}
    for directory, names, files in os.walk(root):
        for name in (*names, *files):
            path = Path(directory, name)
            where = str(path.relative_to(root))
            found[where] = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
    return found
