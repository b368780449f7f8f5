"""Testing tasks: what a project declares, plans and would do, as values; no program starts and no environment is made.

    tasks = declared_in(".")
    done = performed(tasks, "release", arguments=["1.2"], answers={"git status --porcelain": " M README.md"})
    assert done.result.reason == "commit your changes first"

Nothing here looks at the machine unless it is given a directory of it: variables, platform and Pythons are those that
a test says, so that it comes to the same everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from io import StringIO
from textwrap import dedent
from typing import Any, Literal, TypeVar

from envtasks.declare.envfile import load
from envtasks.declare.project import ENVFILE, OWN_TOML, PYPROJECT, Files, find_project, read_project
from envtasks.declare.toml import parse
from envtasks.declared import Texts
from envtasks.environments.location import bin_directory
from envtasks.errors import (
    EnvfileFailed,
    EnvironmentFailed,
    EnvtasksError,
    InterpreterMissing,
    InvalidDeclarations,
    RequestError,
)
from envtasks.events import (
    CommandFinished,
    CommandStarted,
    Event,
    Outcome,
    PlanStarted,
    Result,
    RunFinished,
    Said,
    SessionFinished,
    SessionStarted,
)
from envtasks.model import Environment, Host, Project, SessionRef
from envtasks.plan.planning import Request, make_plan
from envtasks.planned import Call, Plan, Recipe, Step, Work
from envtasks.process import Capture, Finished, NotStarted, TimedOut
from envtasks.quoting import shell_text
from envtasks.report.terminal import Terminal
from envtasks.resolve.project import resolve
from envtasks.resolve.selection import all_sessions, default_sessions, environments_of, no_environment, select
from envtasks.run.engine import Engine
from envtasks.run.more import plan_more
from envtasks.run.session import Machine
from envtasks.signals import Stopped
from envtasks.tuples import NamedTuple

__all__ = [
    "Answer",
    "Answers",
    "Call",
    "Command",
    "CommandFinished",
    "CommandStarted",
    "EnvfileFailed",
    "Environment",
    "EnvironmentFailed",
    "EnvtasksError",
    "Event",
    "Finished",
    "Host",
    "InterpreterMissing",
    "InvalidDeclarations",
    "NotStarted",
    "Outcome",
    "Performed",
    "Plan",
    "PlanStarted",
    "Project",
    "Recipe",
    "RequestError",
    "Result",
    "RunFinished",
    "Said",
    "SessionFinished",
    "SessionRef",
    "SessionStarted",
    "Step",
    "Tasks",
    "TimedOut",
    "Work",
    "declared",
    "declared_in",
    "performed",
    "planned",
]

E = TypeVar("E", bound=Event)
Directory = str | os.PathLike[str]

#: Where a project lies that is on no disk.
ROOT = os.path.join(os.sep, "project")
#: The person whose project it is.
HOME = os.path.join(os.sep, "home", "person")


class Tasks(NamedTuple):
    """What a project declares, resolved for one host: `declared` and `declared_in` make it, the rest takes it."""

    project: Project
    host: Host

    @property
    def environments(self) -> Mapping[str, Environment]:
        """The environments by name, in the order of declaration, those that a matrix generated among them."""
        return self.project.environments

    @property
    def sessions(self) -> tuple[SessionRef, ...]:
        """Every session, as `envtasks --list` shows them."""
        return tuple(all_sessions(self.project))


class Command(NamedTuple):
    """A command that would have run.

    ``session`` is the name of the session that it belongs to. ``kind`` says what it is: a line for the ``shell`` from a
    chain, a ``program`` that a Python task runs with these ``words``, or an ``install`` with these ``words``. ``line`` is
    all of it as text: the programs of the environment without their directory, and `install ...` for an install.
    ``cwd`` and ``variables`` are what the command would have seen.
    """

    session: str
    kind: Literal["shell", "program", "install"]
    line: str
    words: Texts
    cwd: str
    variables: Mapping[str, str]
    timeout: float | None = None

    def __str__(self) -> str:
        return self.line


#: What a command does: end with this exit code; print this text and end with 0; end as a Finished says; or be this
#: exception, such as TimedOut. None is 0.
Answer = int | str | Finished | BaseException | None
#: What commands do, by their line or by a pattern for it; or a function that is asked for each of them.
Answers = Mapping[str, Answer] | Callable[[Command], Answer]


NOTHING: Mapping[str, Answer] = {}


class Performed(NamedTuple):
    """What performing a plan came to.

    ``results`` holds how each session ended, in order: those of the plan, then those that a task had run at the end.
    ``events`` is all that was told on the way. ``commands`` is what would have run, in order, and ``prepared`` the names
    of the environments that would have been made ready before. ``unasked`` are those answers that no command asked for.
    """

    plan: Plan
    results: tuple[Result, ...]
    events: tuple[Event, ...]
    commands: tuple[Command, ...]
    prepared: Texts
    unasked: Texts

    @property
    def passed(self) -> bool:
        """Whether every session passed."""
        return all(result.outcome == "passed" for result in self.results)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """How the sessions ended, by their names: passed, failed, skipped, broken or cancelled."""
        return {result.work.name: result.outcome for result in self.results}

    @property
    def result(self) -> Result:
        """How the last session of the plan ended, which is the only one where no more were asked for.

        RequestError where the plan is empty.
        """
        if not self.plan.sessions:
            raise RequestError("nothing was performed, so nothing has a result", hint="name a session")
        return self.results[len(self.plan.sessions) - 1]

    @property
    def lines(self) -> Texts:
        """The commands as text, in order."""
        return tuple(command.line for command in self.commands)

    @property
    def said(self) -> Texts:
        """What the tasks said with `session.log`, `warn` and `debug`, and what was said of their failures."""
        return tuple(event.text for event in self.of(Said))

    @property
    def text(self) -> str:
        """What a person would have seen with `-v`: for `assert done.passed, done.text`."""
        stream = StringIO()
        terminal = Terminal(stream, colors={}, verbosity=1)
        for event in self.events:
            terminal(event)
        return stream.getvalue()

    def of(self, kind: type[E]) -> tuple[E, ...]:
        """The events of one kind, in order."""
        return tuple(event for event in self.events if isinstance(event, kind))


def declared(
    toml: str = "",
    *,
    envfile: str = "",
    pyproject: str = "",
    environ: Mapping[str, str] = {},
    platform: str = "linux",
    root: Directory = ROOT,
) -> Tasks:
    """The tasks of a project that is declared by texts, which stand in no file and may be indented.

    ``toml`` is its `envtasks.toml`. ``environ`` are all the variables there are, and ``platform`` is `linux`, `macos` or
    `windows`. A ``root`` on disk is needed only for tasks that look for files there; the texts are not written to it.

    Raises InvalidDeclarations with all that is wrong, and EnvfileFailed where the code of the envfile raises.
    """
    top = os.path.abspath(root)
    paths = [os.path.join(top, name) for name in (PYPROJECT, OWN_TOML, ENVFILE)]
    texts = {path: dedent(text) for path, text in zip(paths, (pyproject, toml, envfile), strict=True) if text}
    files = Files(top, *(path if path in texts else "" for path in paths))

    def read_document(path: str) -> Mapping[str, Any] | None:
        return parse(texts[path], path) if path in texts else None

    written = load(files.envfile, texts[files.envfile]) if files.envfile else None
    host = Host(top, HOME, platform, dict(environ))
    return Tasks(resolve(read_project(files, written, read_document=read_document), host), host)


def declared_in(directory: Directory, *, environ: Mapping[str, str] = {}, platform: str = "linux") -> Tasks:
    """The tasks of the project that a directory belongs to: its files are read, and its `envfile.py` is run.

    ``environ`` and ``platform`` are as in `declared`. Raises RequestError where there is no project, InvalidDeclarations
    with all that is wrong, and EnvfileFailed where the code of the envfile raises.
    """
    files = find_project(os.fspath(directory))
    written = load(files.envfile) if os.path.exists(files.envfile) else None
    host = Host(files.root, HOME, platform, dict(environ))
    return Tasks(resolve(read_project(files, written), host), host)


def planned(tasks: Tasks, *names: str, arguments: Iterable[str] = ()) -> Plan:
    """The plan for what `envtasks -s NAME... -- ARGUMENT...` runs; without names, for what a bare `envtasks` runs.

    Raises RequestError for an unknown name and for arguments that no session takes, and InvalidDeclarations for
    placeholders that have no value.
    """
    if isinstance(arguments, str):
        raise TypeError(f"arguments are words of their own: write [{arguments!r}]")
    given = tuple(arguments)
    sessions = select(names, tasks.project) if names else default_sessions(tasks.project)
    return make_plan(tasks.project, Request(sessions, given), tasks.host)


def performed(
    tasks: Tasks,
    *names: str,
    arguments: Iterable[str] = (),
    answers: Answers = NOTHING,
    unmade: Mapping[str, EnvironmentFailed] = {},
    install_only: bool = False,
    stop_on_first: bool = False,
    missing_fails: bool = False,
) -> Performed:
    """What performing the plan for these names comes to, where each command does what ``answers`` say.

    Functions of an envfile are really called, and their sessions do all that they do in a real run, but for starting
    programs, installing, and making environments. Every program is taken to be in the environment. What
    `session.create_tmp` and `session.cache_dir` give is there until `performed` is done.

    A command that has no answer prints nothing and ends with 0. ``unmade`` has, by the names of environments, why
    they could not be made; InterpreterMissing skips their sessions. The rest is as `--install-only`,
    `--stop-on-first-error` and `--error-on-missing-interpreters` on the command line.

    Raises what `planned` does, and RequestError for an unknown environment in ``unmade``. An exception in a task is
    not raised: it makes the result of its session.
    """
    from tempfile import TemporaryDirectory

    plan = planned(tasks, *names, arguments=arguments)
    tape = Tape(tasks, answers, {one: error for name, error in unmade.items() for one in called(name, tasks)})
    with TemporaryDirectory() as scratch:
        engine = Engine(
            emit=tape.emit,
            prepare=tape.prepare,
            install=tape.install,
            plan_more=partial(plan_more, tasks.project, tasks.host),
            cwd=tasks.host.root,
            missing_fails=missing_fails,
            stop_on_first=stop_on_first,
            install_only=install_only,
            run_step=tape.run_step,
            machine=Machine(tape.find_program, tape.run_program, scratch),
        )
        try:
            engine.perform(plan)
        except Stopped:
            # What an answer said is in the results; a person who stops the test means it.
            if not tape.interrupted:
                raise
    return tape.performed(plan)


def called(name: str, tasks: Tasks) -> Texts:
    """The environments of this name, of this root, or that match this pattern."""
    found = tuple(environment.name for environment in environments_of(name, tasks.project))
    if not found:
        raise no_environment(name, tasks.project)
    return found


class Tape:
    """What is written down while a plan is performed."""

    def __init__(self, tasks: Tasks, answers: Answers, unmade: Mapping[str, EnvironmentFailed]) -> None:
        self.names = {session.id: session.name for session in tasks.sessions}
        self.answers = answers
        self.unmade = unmade
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.prepared: list[str] = []
        self.asked: set[str] = set()
        self.session = ""
        self.interrupted = False

    def emit(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, (SessionStarted, CommandStarted)):
            self.session = event.work.name

    def prepare(self, recipe: Recipe) -> None:
        if recipe.name in self.unmade:
            raise self.unmade[recipe.name]
        self.prepared.append(recipe.name)

    def install(self, recipe: Recipe, arguments: Sequence[str], cwd: str, announce: Callable[[], None]) -> None:
        announce()
        words = tuple(arguments)
        line = shell_text(("install", *words))
        done = self.answer(Command(self.session, "install", line, words, cwd, recipe.variables))
        if done.exit_code:
            raise EnvironmentFailed(f"installing failed with exit code {done.exit_code}")

    def run_step(self, work: Work, step: Step, cwd: str) -> Finished:
        variables = {**work.recipe.variables, **dict(step.env_vars), "ENVTASKS_SESSION": work.id}
        return self.answer(Command(work.name, "shell", step.run, (), step.cwd or cwd, variables, step.timeout))

    def find_program(self, name: str, variables: Mapping[str, str]) -> str:
        return os.path.join(programs_of(variables), name)

    def run_program(
        self,
        words: Sequence[str],
        *,
        cwd: str,
        variables: Mapping[str, str],
        timeout: float | None = None,
        capture: Capture | None = None,
        **_: object,
    ) -> Finished:
        directory, name = os.path.split(words[0])
        told = (name if directory == programs_of(variables) else words[0], *words[1:])
        session = self.names.get(variables.get("ENVTASKS_SESSION", ""), self.session)
        done = self.answer(Command(session, "program", shell_text(told), told, cwd, variables, timeout))
        return done if capture == "apart" else Finished(done.exit_code, done.output + done.errors if capture else "")

    def answer(self, command: Command) -> Finished:
        self.commands.append(command)
        given = self.answers(command) if callable(self.answers) else self.found(command.line, self.answers)
        if isinstance(given, BaseException):
            self.interrupted = isinstance(given, KeyboardInterrupt)
            raise given
        if isinstance(given, str):
            return Finished(0, given)
        return given if isinstance(given, Finished) else Finished(given or 0)

    def found(self, line: str, answers: Mapping[str, Answer]) -> Answer:
        """The answer for this very line, else the first whose pattern matches it."""
        key = line if line in answers else next((one for one in answers if fnmatchcase(line, one)), None)
        if key is None:
            return None
        self.asked.add(key)
        return answers[key]

    def performed(self, plan: Plan) -> Performed:
        (finished,) = (event for event in self.events if isinstance(event, RunFinished))
        return Performed(
            plan=plan,
            results=finished.results,
            events=tuple(self.events),
            commands=tuple(self.commands),
            prepared=tuple(self.prepared),
            unasked=() if callable(self.answers) else tuple(one for one in self.answers if one not in self.asked),
        )


def programs_of(variables: Mapping[str, str]) -> str:
    """The directory of the programs of the environment that these variables are for."""
    return bin_directory(variables["VIRTUAL_ENV"]) if "VIRTUAL_ENV" in variables else ""
