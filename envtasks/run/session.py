"""What a Python task holds: nox's session, living in one of our environments."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from time import monotonic
from typing import Any, NamedTuple, NoReturn

from envtasks.environments.location import bin_directory, is_within, program_of
from envtasks.errors import EnvironmentFailed, person_frames
from envtasks.events import CommandFinished, CommandStarted, Emit, Result, Said
from envtasks.planned import Call, Recipe, Step, Work
from envtasks.process import (
    TERMINATE_SECONDS,
    Finished,
    NotStarted,
    TimedOut,
    run_program,
    shell_text,
)
from envtasks.project import load_toml
from envtasks.resolve.scripts import asks_for_pip

#: Installs something more into an environment that is ready, relative paths being taken from a directory; before,
#: it is announced, unless there is nothing to do.
Install = Callable[[Recipe, Sequence[str], str, Callable[[], None]], None]
#: Has a session run once those of the plan are done, or now, with these arguments; RequestError for an unknown one.
Notify = Callable[[str, Sequence[str]], None]
RunNow = Callable[[str, Sequence[str]], Result]


def find_program(name: str, variables: Mapping[str, str]) -> str | None:
    """The path of a program that goes by this name, or by this path, where there is one."""
    from shutil import which

    return which(name, path=variables.get("PATH"))


class Machine(NamedTuple):
    """What Python sessions have of the machine; ``scratch`` is where they may write, if not beside their environment."""

    find_program: Callable[[str, Mapping[str, str]], str | None] = find_program
    run_program: Callable[..., Finished] = run_program
    scratch: str = ""


class Tools(NamedTuple):
    """What the engine lends to Python sessions; without ``runs``, only programs that install something run."""

    install: Install
    notify: Notify
    run_now: RunNow
    runs: bool = True
    machine: Machine = Machine()


class Captured(NamedTuple):
    """What a program did that was run with ``capture``."""

    returncode: int
    stdout: str
    stderr: str


class VirtualEnvironment(NamedTuple):
    """Where a session lives, in nox's words."""

    location: str
    bin: str
    venv_backend: str


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

    def __init__(self, work: Work, call: Call, emit: Emit, cwd: str, tools: Tools) -> None:
        self._work = work
        self._call = call
        self._emit = emit
        self._tools = tools
        self._cwd = call.cwd or cwd
        #: The directory that the person was in.
        self.invoked_from = cwd
        #: Variables for the programs that the task runs; those of the environment are in it.
        self.env: dict[str, str | None] = {
            **work.recipe.variables,
            **dict(call.env_vars),
            "ENVTASKS_SESSION": work.id,
        }

    @property
    def name(self) -> str:
        """The name of the session, such as `test.py3.12-5`."""
        return self._work.name

    @property
    def posargs(self) -> list[str]:
        """The arguments that the person gave after `--`."""
        return list(self._call.arguments)

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
    def virtualenv(self) -> VirtualEnvironment:
        return VirtualEnvironment(self.env_dir, self.bin, self.venv_backend)

    @property
    def venv_backend(self) -> str:
        """What made the environment: `virtualenv` or `uv`."""
        return "uv" if self._work.recipe.installer == "uv" else "virtualenv"

    @property
    def cache_dir(self) -> str:
        """A directory that the tasks of the project share, for what they want to find again; it is there."""
        made = os.path.join(self._tools.machine.scratch or os.path.dirname(self.env_dir), ".cache")
        os.makedirs(made, exist_ok=True)
        return made

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

    def chdir(self, directory: str | os.PathLike[str]) -> "_Return":
        """Run what follows in another directory; as a context manager, only what is inside."""
        wanted = os.path.normpath(os.path.join(self._cwd, os.fspath(directory)))
        if not os.path.isdir(wanted):
            raise NotADirectoryError(f"no such directory: '{wanted}'")
        before, self._cwd = self._cwd, wanted
        return _Return(self, before)

    cd = chdir

    def create_tmp(self) -> str:
        """A new directory for temporary files below that of the environment; TMPDIR is set to it."""
        from tempfile import mkdtemp

        parent = os.path.join(self._tools.machine.scratch or self.env_dir, "tmp")
        os.makedirs(parent, exist_ok=True)
        made = self.env["TMPDIR"] = mkdtemp(dir=parent)
        return made

    def run(
        self,
        *args: str | os.PathLike[str],
        env: Mapping[str, str | None] | None = None,
        include_outer_env: bool = True,
        silent: bool = False,
        success_codes: Iterable[int] | None = None,
        log: bool = True,
        external: bool | str | None = None,
        stdout: Any = None,
        stderr: Any = None,
        interrupt_timeout: float | None = None,
        terminate_timeout: float | None = TERMINATE_SECONDS,
        timeout: float | None = None,
        cwd: str | os.PathLike[str] | None = None,
        capture: bool = False,
    ) -> Any:
        """Run a program, no shell between; True, or with ``silent`` what it printed; None under `--install-only`.

        Its words are taken as they are. A program that is not in the environment is warned of unless
        ``external``, and refused where that is the text "error". Raises CommandFailed unless its exit code is
        one of ``success_codes``; 0 when not said. With ``capture`` the result is a Captured, whatever the exit code,
        unless ``success_codes`` are said. Times are in seconds.
        """
        words = words_of(args)
        if not self._tools.runs:
            return None
        directory = os.path.join(self._cwd, os.fspath(cwd)) if cwd is not None else self._cwd
        variables = self._variables(env, include_outer_env=include_outer_env)
        pip = program_of(self.env_dir, "pip")
        if asks_for_pip(" ".join(words[:3])) and not self._tools.machine.find_program(pip, variables):
            self.install("pip")
        program = self._program(words[0], directory, variables, external)
        step = Step(shell_text(words))
        if log:
            self._emit(CommandStarted(self._work, step))
        started = monotonic()
        finished = self._tools.machine.run_program(
            [program, *words[1:]],
            cwd=directory,
            variables=variables,
            timeout=timeout if timeout is not None else self._call.timeout,
            capture="apart" if capture else "together" if silent else None,
            stdout=stdout,
            stderr=stderr,
            interrupt_seconds=interrupt_timeout,
            terminate_seconds=terminate_timeout if terminate_timeout is not None else TERMINATE_SECONDS,
        )
        self._emit(CommandFinished(self._work, step, finished.exit_code, monotonic() - started))
        self._check(step, finished, success_codes, captured=capture)
        return Captured(*finished) if capture else finished.output if silent else True

    def _check(self, step: Step, finished: Finished, codes: Iterable[int] | None, *, captured: bool) -> None:
        if (captured and codes is None) or finished.exit_code in (tuple(codes) if codes is not None else (0,)):
            return
        if finished.output or finished.errors:
            self._say("error", (finished.output + finished.errors).rstrip(), ())
        raise CommandFailed(step.run, finished)

    def run_install(self, *args: str | os.PathLike[str], **settings: Any) -> Any:
        """Run a program that installs something, also under `--install-only`; takes and gives what `run` does."""
        installing = copy(self)
        installing._tools = self._tools._replace(runs=True)  # noqa: SLF001 - it is ours
        return installing.run(*args, **settings)

    run_always = run_install

    def install_and_run_script(
        self, script: str | os.PathLike[str], *args: str | os.PathLike[str], **settings: Any
    ) -> Any:
        """Install what a script declares that it needs (PEP 723), then run it; takes and gives what `run` does."""
        path = os.path.join(self._cwd, os.fspath(script))
        requirements = load_toml(path, missing_ok=True).get("dependencies", [])
        if requirements:
            self.install(*requirements)
        return self.run("python", path, *args, **settings)

    def notify(self, target: str, posargs: Iterable[str] | None = None) -> None:
        """Have another session run after those of the plan, unless it does anyway.

        It gets ``posargs``, or the arguments of this session. RequestError where there is none of that name.
        """
        self._tools.notify(target, tuple(posargs) if posargs is not None else self._work.arguments)

    def script(self, name: str, *args: str) -> None:
        """Run another script of this environment now; SessionAborted where it does not pass."""
        result = self._tools.run_now(f"{self._work.recipe.name}:{name}", args)
        if result.outcome != "passed":
            raise SessionAborted(f"the script '{name}' {result.outcome}: {result.reason}")

    def _variables(self, env: Mapping[str, str | None] | None, *, include_outer_env: bool) -> dict[str, str]:
        own = self.env if include_outer_env else {"PATH": self.env.get("PATH"), "VIRTUAL_ENV": self.env_dir}
        return {name: value for name, value in {**own, **(env or {})}.items() if value is not None}

    def _program(self, name: str, directory: str, variables: Mapping[str, str], external: bool | str | None) -> str:
        path = os.path.join(directory, name) if os.sep in name else name
        found = self._tools.machine.find_program(path, variables)
        if found is None:
            raise SessionAborted(f"there is no program '{name}' in the environment or on PATH")
        if not is_within(found, self.env_dir) and external is not True and os.sep not in name:
            text = f"'{name}' is not of this environment but {found}"
            if external == "error":
                raise SessionAborted(text)
            self.warn("%s; pass external=True if that is meant", text)
        return found

    def install(self, *args: str, silent: bool | None = None) -> None:
        """Install into the environment, with its installer; what `pip install` takes is taken here.

        It is remembered: where nothing changed, not in the files that it names either, nothing is done.

        ``silent`` does not announce it. EnvironmentFailed where the installer fails.
        """
        if not args:
            raise ValueError("session.install needs something to install")

        def announce() -> None:
            if not silent:
                self._emit(CommandStarted(self._work, Step(shell_text(["install", *args]))))

        self._tools.install(self._work.recipe, args, self._cwd, announce)


def words_of(args: Sequence[Any]) -> list[str]:
    if not args:
        raise ValueError("session.run needs a program to run")
    if isinstance(args[0], (list, tuple)):
        raise TypeError("session.run takes the words of a command as arguments of their own, not as a list")
    return [os.fspath(word) for word in args]


class _Return:
    """Goes back to the directory before, at the end of a `with`."""

    def __init__(self, session: Session, before: str) -> None:
        self.session = session
        self.before = before

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        self.session.chdir(self.before)


def perform_call(work: Work, call: Call, emit: Emit, cwd: str, tools: Tools) -> Result:
    """Call the function of a Python task; whatever it raises becomes the outcome. Raises Stopped."""
    try:
        call.function.call(Session(work, call, emit, cwd, tools), *call.positionals, **call.keywords)
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


def text_of(error: Exception) -> str:
    return " ".join(map(str, error.args))
