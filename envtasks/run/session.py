"""What a Python task holds: nox's session, living in one of our environments."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, NoReturn

from envtasks.environments.location import bin_directory, is_within
from envtasks.errors import EnvironmentFailed, person_frames
from envtasks.events import CommandFinished, CommandStarted, Emit, Result, Said
from envtasks.planned import Recipe, Step, Work
from envtasks.process import (
    INTERRUPT_SECONDS,
    TERMINATE_SECONDS,
    Finished,
    NotStarted,
    TimedOut,
    run_program,
    shell_text,
)
from envtasks.resolve.scripts import asks_for_pip

#: Installs something more into an environment that is ready, relative paths being taken from a directory.
Install = Callable[[Recipe, Sequence[str], str], None]


class SessionSkipped(Exception):
    """The task skips itself; its message is the reason."""


class SessionAborted(Exception):
    """The task gives up; its message is the reason."""


class CommandFailed(Exception):
    """A program that a task ran failed; ``exit_code`` and, where it was silent, ``output`` tell how."""

    def __init__(self, command: str, finished: Finished) -> None:
        super().__init__(f"exit code {finished.exit_code} from: {command}")
        self.exit_code = finished.exit_code
        self.output = finished.output


class Session:
    """One run of a Python task in its environment.

    Its directory and its variables are its own: nothing here changes those of the process.
    """

    def __init__(self, work: Work, emit: Emit, cwd: str, install: Install) -> None:
        self._work = work
        self._emit = emit
        self._install = install
        self._cwd = cwd
        #: The directory that the person was in.
        self.invoked_from = cwd
        #: Variables for the programs that the task runs; those of the environment are in it.
        self.env: dict[str, str | None] = {**work.recipe.variables, "ENVTASKS_SESSION": work.id}

    @property
    def name(self) -> str:
        """The name of the session, such as `test.py3.12-5`."""
        return self._work.name

    @property
    def posargs(self) -> list[str]:
        """The arguments that the person gave after `--`."""
        return list(self._work.arguments)

    @property
    def matrix(self) -> dict[str, str]:
        """The variables of the matrix that the environment was generated with."""
        return dict(self._work.ref.environment.variant)

    @property
    def python(self) -> str | None:
        """What the environment asks for as its Python, or None."""
        return self._work.recipe.python

    @property
    def env_dir(self) -> str:
        """The directory of the environment."""
        return self._work.recipe.directory

    @property
    def bin(self) -> str:
        """The directory of the programs of the environment."""
        return bin_directory(self.env_dir)

    @property
    def bin_paths(self) -> list[str]:
        return [self.bin]

    @property
    def interactive(self) -> bool:
        """Whether a person can answer."""
        return sys.stdin is not None and sys.stdin.isatty()

    def log(self, text: object, *arguments: object) -> None:
        """Show a line; further arguments are put in as `logging` does."""
        self._say("info", text, arguments)

    def debug(self, text: object, *arguments: object) -> None:
        """Show a line to those who asked for more (`-v`)."""
        self._say("debug", text, arguments)

    def warn(self, text: object, *arguments: object) -> None:
        """Show a warning."""
        self._say("warning", text, arguments)

    def error(self, *reason: object) -> NoReturn:
        """Give up: the session fails with this reason."""
        raise SessionAborted(*reason)

    def skip(self, *reason: object) -> NoReturn:
        """Stop here: the session counts as skipped, with this reason."""
        raise SessionSkipped(*reason)

    def _say(self, level: Any, text: object, arguments: tuple[object, ...]) -> None:
        self._emit(Said(self._work, level, str(text) % arguments if arguments else str(text)))

    def chdir(self, directory: str | os.PathLike[str]) -> _Return:
        """Run what follows in another directory; as a context manager, only what is inside."""
        before, self._cwd = self._cwd, os.path.normpath(os.path.join(self._cwd, os.fspath(directory)))
        return _Return(self, before)

    cd = chdir

    def create_tmp(self) -> str:
        """A new directory for temporary files below that of the environment; TMPDIR is set to it."""
        from tempfile import mkdtemp

        parent = os.path.join(self.env_dir, "tmp")
        os.makedirs(parent, exist_ok=True)
        made = self.env["TMPDIR"] = mkdtemp(dir=parent)
        return made

    def run(
        self,
        *args: str | os.PathLike[str],
        env: Mapping[str, str | None] | None = None,
        include_outer_env: bool = True,
        silent: bool = False,
        success_codes: Sequence[int] | None = None,
        log: bool = True,
        external: bool | str | None = None,
        stdout: Any = None,
        stderr: Any = None,
        interrupt_timeout: float | None = INTERRUPT_SECONDS,
        terminate_timeout: float | None = TERMINATE_SECONDS,
        timeout: float | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> Any:
        """Run a program, no shell between; True, or with ``silent`` what it printed.

        Its words are taken as they are. A program that is not in the environment is warned of unless
        ``external``, and refused where that is the text "error". Raises CommandFailed unless its exit code is
        one of ``success_codes``; 0 when not said. Times are in seconds.
        """
        if not args:
            raise ValueError("session.run needs a program to run")
        if isinstance(args[0], (list, tuple)):
            raise TypeError("session.run takes the words of a command as arguments of their own, not as a list")
        words = [os.fspath(word) for word in args]
        variables = self._variables(env, include_outer_env)
        directory = os.path.join(self._cwd, os.fspath(cwd)) if cwd is not None else self._cwd
        if asks_for_pip(" ".join(words[:3])) and not os.path.exists(os.path.join(self.bin, "pip")):
            self.install("pip")
        program = self._program(words[0], directory, variables, external)
        step = Step(shell_text(words))
        if log:
            self._emit(CommandStarted(self._work, step))
        started = monotonic()
        finished = run_program(
            [program, *words[1:]],
            cwd=directory,
            variables=variables,
            timeout=timeout,
            capture=silent,
            stdout=stdout,
            stderr=stderr,
            interrupt_seconds=interrupt_timeout if interrupt_timeout is not None else INTERRUPT_SECONDS,
            terminate_seconds=terminate_timeout if terminate_timeout is not None else TERMINATE_SECONDS,
        )
        self._emit(CommandFinished(self._work, step, finished.exit_code, monotonic() - started))
        if finished.exit_code not in (success_codes or (0,)):
            if silent and finished.output:
                self._say("error", finished.output.rstrip(), ())
            raise CommandFailed(step.run, finished)
        return finished.output if silent else True

    def _variables(self, env: Mapping[str, str | None] | None, include_outer_env: bool) -> dict[str, str]:
        own = self.env if include_outer_env else {"PATH": self.env.get("PATH"), "VIRTUAL_ENV": self.env_dir}
        return {name: value for name, value in {**own, **(env or {})}.items() if value is not None}

    def _program(self, name: str, directory: str, variables: Mapping[str, str], external: bool | str | None) -> str:
        from shutil import which

        found = which(os.path.join(directory, name) if os.sep in name else name, path=variables.get("PATH"))
        if found is None:
            raise SessionAborted(f"there is no program '{name}' in the environment or on PATH")
        if not is_within(found, self.env_dir) and external is not True and os.sep not in name:
            text = f"'{name}' is not of this environment but {found}"
            if external == "error":
                raise SessionAborted(text)
            self.warn("%s; pass external=True if that is meant", text)
        return found

    def install(self, *args: str) -> None:
        """Install into the environment, with its installer; what `pip install` takes is taken here."""
        if not args:
            raise ValueError("session.install needs something to install")
        self._emit(CommandStarted(self._work, Step(shell_text(["install", *args]))))
        self._install(self._work.recipe, args, self._cwd)


class _Return:
    """Goes back to the directory before, at the end of a `with`."""

    def __init__(self, session: Session, before: str) -> None:
        self.session = session
        self.before = before

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        self.session.chdir(self.before)


def call(work: Work, emit: Emit, cwd: str, install: Install) -> Result:
    """Run the function of a Python session; whatever it raises becomes its outcome. Raises Stopped."""
    function = work.ref.script.function
    if function is None:
        raise ValueError(f"'{work.id}' is no Python session")
    try:
        function.call(Session(work, emit, cwd, install), **by_name(function.call, work))
    except SessionSkipped as reason:
        return Result(work, "skipped", text_of(reason) or "the task skipped itself")
    except SessionAborted as reason:
        return Result(work, "failed", text_of(reason) or "the task gave up", 1)
    except CommandFailed as failure:
        return Result(work, "failed", str(failure), failure.exit_code)
    except (NotStarted, TimedOut) as error:
        return Result(work, "failed", error.message, 1)
    except EnvironmentFailed as error:
        return Result(work, "broken", error.reason)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        return Result(work, "failed" if code else "passed", f"the task left with {leaving.code}" if code else "", code)
    except Exception as error:  # noqa: BLE001 - it is somebody else's code
        emit(Said(work, "error", person_frames(error)))
        return Result(work, "failed", f"{type(error).__name__}: {error}", 1)
    return Result(work, "passed", exit_code=0)


def by_name(function: Any, work: Work) -> dict[str, str]:
    """The matrix variables that a task has parameters for."""
    code = function.__code__
    names = code.co_varnames[max(1, code.co_posonlyargcount) : code.co_argcount + code.co_kwonlyargcount]
    return {name: value for name, value in work.ref.environment.variant if name in names}


def text_of(error: Exception) -> str:
    return " ".join(map(str, error.args))
