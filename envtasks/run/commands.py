"""The programs that a Python task runs in its environment."""

import os
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

from envtasks.ending import INTERRUPT_SECONDS, TERMINATE_SECONDS
from envtasks.environments.location import bin_directory, is_within, program_of
from envtasks.errors import InstallerFailed
from envtasks.events import CommandFinished, CommandStarted, Emit, Said
from envtasks.option_table import ENV_VARS, NONE
from envtasks.planned import Call, Step, Work
from envtasks.process import Finished, NotStarted, TimedOut
from envtasks.project import load_toml
from envtasks.quoting import shell_text
from envtasks.resolve.scripts import asks_for_pip
from envtasks.run.isolation import Surroundings
from envtasks.run.programs import STDOUT, led_by, streams_of, words_of
from envtasks.run.tools import Captured, CommandFailed, SessionAborted, Tools, check, line_of, nothing, times_of

if TYPE_CHECKING:
    from typing import IO, Literal, TypedDict, overload

    # Type checkers bring it with them; nothing of it is there when this runs.
    from typing_extensions import Unpack

    Stream = int | IO[Any] | None

    class Settings(TypedDict, total=False):
        """What a program may be run with besides what decides the type of the result."""

        env: Mapping[str, str | None] | None
        include_outer_env: bool
        success_codes: Iterable[int] | None
        log: bool
        external: bool | Literal["error"] | None
        stdout: Stream
        stderr: Stream
        interrupt_timeout: float | None
        terminate_timeout: float | None
        timeout: float | None
        cwd: str | os.PathLike[str] | None

    class Unheeded(TypedDict, total=False):
        """What an install may be told as well, as in nox, and does not need to know."""

        external: bool | Literal["error"] | None
        stdout: Stream
        stderr: Stream
        interrupt_timeout: float | None
        terminate_timeout: float | None


Word = str | os.PathLike[str]


class Commands:
    """What a session knows of its task, and the programs that it runs."""

    def __init__(
        self, work: Work, call: Call, emit: Emit, cwd: str, tools: Tools, surroundings: Surroundings | None = None
    ) -> None:
        self._work = work
        self._call = call
        self._emit = emit
        self._tools = tools
        self._cwd = call.cwd or cwd
        self._surroundings = surroundings or Surroundings.now()
        self._posargs = list(call.left)
        self._temporary = ""
        #: The directory that the person was in.
        self.invoked_from: str = tools.invoked_from or cwd
        #: Variables for the programs that the task runs; those of the environment are in it.
        self.env: dict[str, str | None] = {
            **work.recipe.variables,
            **dict(call.env_vars),
            "ENVTASKS_SESSION": work.id,
        }
        self._first_env = dict(self.env)

    @property
    def bin(self) -> str:
        """The directory of the programs of the environment; ValueError where the session has none of its own."""
        if not self._sandboxed:
            raise ValueError(f"'{self._work.name}' has no environment of its own, and so no directory of programs")
        return bin_directory(self._work.recipe.directory)

    @property
    def _sandboxed(self) -> bool:
        return self._work.recipe.type != NONE

    def _say(self, level: Any, text: object, values: tuple[object, ...] = (), **settings: Any) -> None:
        self._emit(Said(self._work, level, line_of(text, values, **settings)))

    def _directory(self) -> str:
        """Where programs run: where the session was sent last, or else the process, by code that knows no better way."""
        moved = self._surroundings.moved_to()
        if moved is not None:
            self._cwd = moved
            self._surroundings = self._surroundings._replace(directory=moved)
        return self._cwd

    if TYPE_CHECKING:

        @overload
        def run(
            self, *args: Word, silent: Literal[True], capture: Literal[False] = ..., **settings: Unpack[Settings]
        ) -> str: ...
        @overload
        def run(
            self, *args: Word, silent: Literal[False] = ..., capture: Literal[True], **settings: Unpack[Settings]
        ) -> Captured: ...
        @overload
        def run(
            self, *args: Word, silent: Literal[False] = ..., capture: Literal[False] = ..., **settings: Unpack[Settings]
        ) -> bool | None: ...
        @overload
        def run(
            self, *args: Word, silent: bool = ..., capture: bool = ..., **settings: Unpack[Settings]
        ) -> str | bool | Captured | None: ...

    def run(
        self,
        *args: Any,
        env: Mapping[str, str | None] | None = None,
        include_outer_env: bool = True,
        silent: bool = False,
        success_codes: Iterable[int] | None = None,
        log: bool = True,
        external: "bool | Literal['error'] | None" = None,
        stdout: "Stream" = None,
        stderr: "Stream" = STDOUT,
        interrupt_timeout: float | None = INTERRUPT_SECONDS,
        terminate_timeout: float | None = TERMINATE_SECONDS,
        timeout: float | None = None,
        cwd: str | os.PathLike[str] | None = None,
        capture: bool = False,
    ) -> Any:
        """Run a program, no shell between; True, or with ``silent`` what it printed. Nothing runs under `--install-only`.

        Its words are taken as they are. A program that is not in the environment is warned of unless
        ``external``, and refused where that is the text "error". Raises CommandFailed unless its exit code is
        one of ``success_codes``; 0 when not said; also where it cannot be started, or runs longer than ``timeout``.
        With ``capture`` the result is a Captured, whatever the exit code, unless ``success_codes`` are said. Errors go
        where the output goes if that is not shown. Times are in seconds.

        A function as the first argument is called with the others, as nox once had it; the result is what it returns.
        """
        if not self._tools.runs:
            self._say("debug", f"not run, as nothing but installs are: {args[0] if args else ''}")
            return nothing(silent=silent, capture=capture)
        if args and callable(args[0]):
            return self._run_function(*args)
        words = words_of(args)
        directory = os.path.join(self._directory(), os.fspath(cwd)) if cwd is not None else self._directory()
        variables = self._variables(env, include_outer_env=include_outer_env)
        if self._sandboxed and asks_for_pip(" ".join(words[:3])) and not self._has_pip(variables):
            self.install("pip")
        takes, stdout, stderr = streams_of(stdout, stderr, silent=silent, capture=capture)
        times = times_of(self._call.timeout if timeout is None else timeout, interrupt_timeout, terminate_timeout)
        finished = self._finished(
            [self._program(words[0], directory, variables, external, log=log), *words[1:]],
            Step(shell_text(words)),
            log=log,
            cwd=directory,
            variables=variables,
            capture=takes,
            stdout=stdout,
            stderr=stderr,
            **times,
        )
        if not capture or success_codes is not None:
            check(shell_text(words), finished, success_codes, tell=partial(self._say, "error"))
        return Captured(*finished) if capture else finished.output if silent else True

    def _finished(self, words: list[str], step: Step, *, log: bool, **settings: Any) -> Finished:
        if log:
            self._emit(CommandStarted(self._work, step))
        started = monotonic()
        try:
            finished = self._tools.machine.run_program(words, **settings)
        except (NotStarted, TimedOut) as error:
            self._emit(CommandFinished(self._work, step, 1, monotonic() - started))
            raise CommandFailed(f"{step.run}: {error.message}") from None
        self._emit(CommandFinished(self._work, step, finished.exit_code, monotonic() - started))
        return finished

    def _run_function(self, function: Callable[..., object], *values: object) -> object:
        self._say("info", f"{getattr(function, '__qualname__', function)}{values!r}")
        return function(*values)

    if TYPE_CHECKING:

        @overload
        def run_install(
            self, *args: Word, silent: Literal[True], capture: Literal[False] = ..., **settings: Unpack[Settings]
        ) -> str: ...
        @overload
        def run_install(
            self, *args: Word, silent: Literal[False] = ..., capture: Literal[True], **settings: Unpack[Settings]
        ) -> Captured: ...
        @overload
        def run_install(
            self, *args: Word, silent: Literal[False] = ..., capture: Literal[False] = ..., **settings: Unpack[Settings]
        ) -> bool | None: ...
        @overload
        def run_install(
            self, *args: Word, silent: bool = ..., capture: bool = ..., **settings: Unpack[Settings]
        ) -> str | bool | Captured | None: ...

    def run_install(self, *args: Any, **settings: Any) -> Any:
        """Run a program that installs something, also under `--install-only`; takes and gives what `run` does.

        Under `--no-install` it is not run, unless the environment is new.
        """
        if not self._tools.installs(self._work.recipe):
            return nothing(**settings)
        installing = copy(self)
        installing._tools = self._tools._replace(runs=True)  # noqa: SLF001 - it is ours
        return installing.run(*args, **settings)

    run_always = run_install

    if TYPE_CHECKING:

        @overload
        def install_and_run_script(
            self,
            script: Word,
            *args: Word,
            silent: Literal[True],
            capture: Literal[False] = ...,
            **settings: Unpack[Settings],
        ) -> str: ...
        @overload
        def install_and_run_script(
            self,
            script: Word,
            *args: Word,
            silent: Literal[False] = ...,
            capture: Literal[True],
            **settings: Unpack[Settings],
        ) -> Captured: ...
        @overload
        def install_and_run_script(
            self,
            script: Word,
            *args: Word,
            silent: Literal[False] = ...,
            capture: Literal[False] = ...,
            **settings: Unpack[Settings],
        ) -> bool | None: ...
        @overload
        def install_and_run_script(
            self, script: Word, *args: Word, silent: bool = ..., capture: bool = ..., **settings: Unpack[Settings]
        ) -> str | bool | Captured | None: ...

    def install_and_run_script(self, script: Word, *args: Word, **settings: Any) -> Any:
        """Install what a script declares that it needs (PEP 723), then run it; takes and gives what `run` does."""
        path = os.path.join(self._directory(), os.fspath(script))
        requirements = load_toml(path, missing_ok=True).get("dependencies", [])
        if requirements:
            self.install(*requirements)
        return self.run("python", path, *args, **settings)

    def _variables(self, env: Mapping[str, str | None] | None, *, include_outer_env: bool = True) -> dict[str, str]:
        """The variables for a program; the environment's own programs come first on its PATH."""
        seen = dict(self.env)
        if include_outer_env:
            # Code that knows no better way sets the variables of the process.
            for name, value in self._surroundings.changed_variables().items():
                if seen.get(name) == self._first_env.get(name):
                    seen[name] = value
        else:
            said = {name for name, _ in (*self._work.ref.environment[ENV_VARS], *self._call.env_vars)}
            said |= {name for name, value in seen.items() if self._first_env.get(name) != value}
            said |= {"PATH", "VIRTUAL_ENV", "SYSTEMROOT", "ENVTASKS_SESSION"}
            seen = {name: value for name, value in seen.items() if name in said}
        seen.update(env or {})
        if self._sandboxed:
            seen["PATH"] = led_by(self.bin, seen.get("PATH"))
        return {name: value for name, value in seen.items() if value is not None}

    def _has_pip(self, variables: Mapping[str, str]) -> bool:
        path = program_of(self._work.recipe.directory, "pip")
        return self._tools.machine.find_program(path, variables) is not None

    def _program(
        self, name: str, directory: str, variables: Mapping[str, str], external: bool | str | None, *, log: bool
    ) -> str:
        path = os.path.join(directory, name) if os.sep in name else name
        look = self._tools.machine.find_program
        found = look(path, variables) or look(path, self._work.recipe.variables)
        if found is None:
            raise CommandFailed(f"there is no program '{name}' in the environment or on PATH")
        own = not self._sandboxed or is_within(found, self._work.recipe.directory)
        if not own and external is not True and os.sep not in name:
            text = f"'{name}' is not of this environment but {found}"
            if external == "error":
                raise CommandFailed(text)
            if log:
                self._say("warning", f"{text}; pass external=True if that is meant")
        return found

    def install(
        self,
        *args: Word,
        env: Mapping[str, str | None] | None = None,
        include_outer_env: bool = True,
        silent: bool | None = None,
        success_codes: Iterable[int] | None = None,
        log: bool = True,
        **_settings: "Unpack[Unheeded]",
    ) -> None:
        """Install into the environment, with its installer; what `pip install` takes is taken here.

        It is remembered: where nothing changed, not in the files that it names or in where packages come from either,
        nothing is done. ``silent`` does not announce it, ``log=False`` neither. What else `run` takes is taken, and
        has no meaning here: an installer prints nothing, unless it fails.

        EnvironmentFailed where the installer fails, unless its exit code is one of ``success_codes``; ValueError where
        there is nothing to install, SessionAborted where there is no environment to install into.
        """
        if not self._sandboxed:
            raise SessionAborted(
                f"'{self._work.name}' has no environment of its own to install into; let it have one, or change the"
                ' surrounding one with session.run("pip", "install", ...) if that is meant'
            )
        if not args:
            raise ValueError("session.install needs something to install")
        recipe = self._work.recipe
        if not self._tools.installs(recipe):
            return
        words = [os.fspath(word) for word in args]

        def announce() -> None:
            if log and not silent:
                self._emit(CommandStarted(self._work, Step(shell_text(["install", *words]))))

        variables = self._variables(env, include_outer_env=include_outer_env)
        try:
            self._tools.install(recipe._replace(variables=variables), words, self._directory(), announce)
        except InstallerFailed as error:
            if error.program_exit_code not in tuple(success_codes or ()):
                raise

    def conda_install(self, *args: str, **_settings: Any) -> NoReturn:
        """Give up: no environment here is one of conda."""
        wanted = ", ".join(f"'{word}'" for word in args)
        raise SessionAborted(
            f"conda cannot install {wanted} here: environments are made by virtualenv or uv; session.install takes"
            " what there is for pip"
        )
