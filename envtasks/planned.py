"""The values of a plan: what will be done, with nothing left to fill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from envtasks.declared import Function, Pairs, Texts
from envtasks.model import SessionRef
from envtasks.option_table import SCRIPTS
from envtasks.tuples import NamedTuple


class Step(NamedTuple):
    """One command, nothing left to fill: text for the shell.

    ``env_vars`` are set on top of what the environment gives; ``cwd`` is absolute; ``timeout`` is in seconds.
    """

    run: str
    ignore_exit_code: bool = False
    env_vars: Pairs = ()
    cwd: str = ""
    timeout: float | None = None

    def __str__(self) -> str:
        return f"- {self.run}" if self.ignore_exit_code else self.run


class Call(NamedTuple):
    """One call of a Python function with the words that it is given.

    They come to ``positionals`` and ``keywords``, besides the session, and ``left`` are those that it reads itself.
    The rest is for the commands that it runs, and as in a step.
    """

    function: Function
    words: Texts = ()
    ignore_exit_code: bool = False
    env_vars: Pairs = ()
    cwd: str = ""
    timeout: float | None = None
    positionals: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = {}
    left: Texts = ()

    @property
    def run(self) -> str:
        """What is called, for a person to read."""
        from shlex import join

        return join((self.function.name, *self.words))

    def __str__(self) -> str:
        return f"- {self.function}" if self.ignore_exit_code else str(self.function)


class Recipe(NamedTuple):
    """What an environment must be: every placeholder filled. Equal recipes make interchangeable directories.

    ``requirements`` are what `dependencies`, the dependency groups and, without the project itself, the features
    come to, in order. ``store`` is the directory that the project has for environments, wherever this one lies.
    ``project`` is the root of the project to install. ``index_variables`` are those of the environment's own
    variables that say where packages come from; what the machine says does not count, or two shells would make
    an environment over in turn. ``variables`` is everything that programs started for it see. ``pip``: its
    commands ask for a pip of its own, without which they would find that of another Python.
    ``features_only``: of the project, only what its features come to is installed, which its backend alone knows.
    ``builder`` gives the recipe of the environment that the project is built in, which nobody needs to know who has
    a project that is installed. ``input_files`` are the paths of constraints and lists of requirements that its installs read.
    """

    name: str
    type: str
    directory: str
    store: str
    python: str | None
    python_sources: Texts
    requires_python: str
    system_packages: bool
    installer: str
    uv_path: str | None
    requirements: Texts
    project: str | None
    project_features: Texts
    editable: bool
    build_inputs: Mapping[str, Any]
    pre_install: tuple[Step, ...]
    post_install: tuple[Step, ...]
    index_variables: Pairs
    variables: Mapping[str, str]
    pip: bool = False
    input_files: Texts = ()
    builder: Callable[[], Any] | None = None
    features_only: bool = False


class Work(NamedTuple):
    """A session of a plan: everything that it will do, filled.

    ``arguments`` are the words that a person gave. ``after`` holds the ids of the sessions that must have passed
    before; ``unsupported`` says why the session will be skipped.
    """

    ref: SessionRef
    recipe: Recipe
    steps: tuple[Step | Call, ...]
    arguments: Texts = ()
    after: Texts = ()
    unsupported: str = ""

    @property
    def id(self) -> str:
        return self.ref.id

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def call(self) -> Call | None:
        """What the session calls where its script is a function, and no chain that may be of one call as well."""
        script = self.ref.environment[SCRIPTS].get(self.ref.script_name)
        step = self.steps[0] if script is not None and script.function is not None and self.steps else None
        return step if isinstance(step, Call) else None


class Plan(NamedTuple):
    """The sessions that will run, in order, and what a person may want to know before they do."""

    root: str
    sessions: tuple[Work, ...]
    notes: Texts = ()
