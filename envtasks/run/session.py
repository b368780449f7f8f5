"""What a Python task holds: nox's session, living in one of our environments."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from envtasks.option_table import NONE
from envtasks.run.commands import Commands
from envtasks.run.temporary import new_directory
from envtasks.run.tools import Captured, CommandFailed, Machine, SessionAborted, SessionSkipped, ended
from envtasks.tuples import NamedTuple

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

__all__ = ["Captured", "CommandFailed", "Machine", "Session", "SessionAborted", "SessionSkipped", "VirtualEnvironment"]


class VirtualEnvironment(NamedTuple):
    """Where a session lives, in nox's words; without an environment of its own, ``bin_paths`` is None."""

    location: str
    bin: str
    venv_backend: str
    bin_paths: list[str] | None
    env: dict[str, str | None]
    interpreter: str | None
    is_sandboxed: bool
    allowed_globals: tuple[str, ...] = ()


class Session(Commands):
    """One run of a Python task in its environment.

    Its directory and its variables are its own: nothing here changes those of the process.
    """

    @property
    def name(self) -> str:
        """The name of the session, such as `test.py3.12-5`."""
        return self._work.name

    @property
    def posargs(self) -> list[str]:
        """The arguments that the person gave after `--`, but for those that the parameters of the task took."""
        return self._posargs

    @property
    def matrix(self) -> dict[str, str]:
        """The variables of the matrix that the environment was generated with."""
        return {name: str(value) for name, value in self._work.ref.environment.variant}

    @property
    def python(self) -> str | Literal[False] | None:
        """What the environment asks for as its Python, or None; False where the session has no environment of its own."""
        return self._work.recipe.python if self._sandboxed else False

    @property
    def env_dir(self) -> Path:
        """The directory of the environment."""
        from pathlib import Path

        return Path(self._work.recipe.directory)

    @property
    def bin_paths(self) -> list[str] | None:
        """The directories of the programs of the environment; None where the session has none of its own."""
        return [self.bin] if self._sandboxed else None

    @property
    def virtualenv(self) -> VirtualEnvironment:
        """The environment in nox's words."""
        return VirtualEnvironment(
            location=self._work.recipe.directory,
            bin=self.bin if self._sandboxed else "",
            venv_backend=self.venv_backend,
            bin_paths=self.bin_paths,
            env=self.env,
            interpreter=self._work.recipe.python,
            is_sandboxed=self._sandboxed,
        )

    @property
    def venv_backend(self) -> str:
        """What made the environment: `virtualenv` or `uv`; `none` where the session has none of its own."""
        if not self._sandboxed:
            return NONE
        return "uv" if self._work.recipe.installer == "uv" else "virtualenv"

    @property
    def cache_dir(self) -> Path:
        """A directory that the tasks of the project share, for what they want to find again; it is there."""
        from pathlib import Path

        made = os.path.join(self._tools.machine.scratch or self._work.recipe.store, ".cache")
        os.makedirs(made, exist_ok=True)
        return Path(made)

    def create_tmp(self) -> str:
        """A directory for temporary files, new in each run of the task; TMPDIR is set to it.

        It is there until everything is done that was asked for; a later run takes it away.
        """
        if not self._temporary:
            recipe = self._work.recipe
            # Where no environment will be, nothing may be in the way of one that comes later.
            usual = os.path.join(recipe.directory, "tmp") if self._sandboxed else os.path.join(recipe.store, ".tmp")
            parent = os.path.join(self._tools.machine.scratch, "tmp") if self._tools.machine.scratch else usual
            self._temporary, held = new_directory(parent)
            self._tools.hold(held)
            self.env["TMPDIR"] = self._temporary
        return self._temporary

    @property
    def interactive(self) -> bool:
        """Whether a person can answer."""
        return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()

    @property
    def parallel(self) -> bool:
        """Whether other sessions may run at the same time."""
        return False

    def log(self, text: object, *values: object, **settings: Any) -> None:
        """Show a line; further values are put in, and settings taken, as `logging` does."""
        self._say("info", text, values, **settings)

    def debug(self, text: object, *values: object, **settings: Any) -> None:
        """Show a line to those who asked for more (`-v`)."""
        self._say("debug", text, values, **settings)

    def warn(self, text: object, *values: object, **settings: Any) -> None:
        """Show a warning."""
        self._say("warning", text, values, **settings)

    def error(self, *reason: object) -> NoReturn:
        """Give up: the session fails with this reason."""
        raise SessionAborted(*reason)

    def skip(self, *reason: object) -> NoReturn:
        """Stop here: the session counts as skipped, with this reason."""
        raise SessionSkipped(*reason)

    def chdir(self, dir: str | os.PathLike[str]) -> _Return:  # noqa: A002 - nox's name
        """Run what follows in another directory; as a context manager, only what is inside.

        NotADirectoryError where it is not there.
        """
        before = self._directory()
        wanted = os.path.normpath(os.path.join(before, os.fspath(dir)))
        if not os.path.isdir(wanted):
            raise NotADirectoryError(f"no such directory: '{wanted}'")
        self._cwd = wanted
        return _Return(self, before)

    cd = chdir

    def notify(self, target: str, posargs: Iterable[str] | None = None) -> None:
        """Have another session run after those of the plan, unless it does anyway.

        It gets ``posargs``; else the arguments of this session, if it takes any. RequestError where there is none of
        that name, and for ``posargs`` where it takes none; TypeError for what is no name, or no words.
        """
        name = name_of("session.notify", "session", target)
        if posargs is None:
            self._tools.notify(name, self._work.arguments, inherited=True)
        elif isinstance(posargs, str):
            raise TypeError(f"the arguments of a session are words of their own: write [{posargs!r}]")
        else:
            self._tools.notify(name, tuple(map(os.fspath, posargs)))

    def script(self, name: str, *args: str) -> None:
        """Run another script of this environment now, and before it what it requires, if that was not done in this run.

        SessionAborted where it does not pass, or what it requires did not.
        """
        script = name_of("session.script", "script", name)
        result = self._tools.run_now(f"{self._work.recipe.name}:{script}", tuple(map(os.fspath, args)))
        if result.outcome != "passed":
            raise SessionAborted(f"the script '{script}' {ended(result.outcome)}: {result.reason}")


def name_of(method: str, what: str, given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{method} takes the name of a {what}, and not {given!r}")
    return given


class _Return:
    """Goes back to the directory before, at the end of a `with`."""

    def __init__(self, session: Session, before: str) -> None:
        self.session = session
        self.before = before

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        self.session._cwd = self.before  # noqa: SLF001 - it is ours
