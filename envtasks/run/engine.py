"""The engine: performs a plan and speaks only in events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from signal import SIGINT
from time import monotonic
from typing import Protocol

from envtasks.environments.location import is_within
from envtasks.environments.use import Use
from envtasks.errors import EnvironmentFailed, InterpreterMissing, RequestError
from envtasks.events import (
    CommandFinished,
    CommandStarted,
    Emit,
    PlanStarted,
    Result,
    RunFinished,
    Said,
    SessionFinished,
    SessionStarted,
)
from envtasks.planned import Call, Plan, Recipe, Step, Work
from envtasks.process import Finished, NotStarted, TimedOut, run_shell
from envtasks.run.task import perform_call
from envtasks.run.tools import MACHINE, Install, Machine, Tools, always, ended
from envtasks.signals import Stopped, signals_raise

#: Makes the directory of a recipe what the recipe says; raises EnvironmentFailed.
Prepare = Callable[[Recipe], None]
#: Lets go of what was prepared, so that others may take it away.
Release = Callable[[Recipe], None]
#: Runs one command of a session in a shell; raises NotStarted, Stopped and TimedOut.
RunStep = Callable[[Work, Step, str], Finished]


class PlanMore(Protocol):
    """Plans more sessions, by name and with arguments, while others run, as `envtasks.run.more.plan_more` does."""

    def __call__(self, name: str, arguments: Sequence[str], *, inherited: bool = False) -> Plan: ...


def keep(_recipe: Recipe) -> None:
    """What nobody takes away needs no release."""


def run_step(work: Work, step: Step, cwd: str) -> Finished:
    variables = {**work.recipe.variables, **dict(step.env_vars), "ENVTASKS_SESSION": work.id}
    return run_shell(step.run, cwd=step.cwd or cwd, variables=variables, timeout=step.timeout)


class Engine:
    """Performs plans, one session after the other.

    What ``prepare`` made ready for a session goes to ``release`` when the session ended. ``cwd`` is where commands run
    unless they say otherwise. A session whose interpreter is missing is skipped, or broken where ``missing_fails``.
    ``stop_on_first``: nothing more starts once a session did not pass.
    ``install_only``: environments are made ready, and nothing runs in them but what installs. ``installs`` says of a
    recipe whether anything may be installed into it, ``invoked_from`` is where the person is, and ``machine`` is how
    Python sessions reach programs.
    """

    def __init__(
        self,
        *,
        emit: Emit,
        prepare: Prepare,
        install: Install,
        plan_more: PlanMore,
        cwd: str,
        release: Release = keep,
        missing_fails: bool = False,
        stop_on_first: bool = False,
        install_only: bool = False,
        run_step: RunStep = run_step,
        installs: Callable[[Recipe], bool] = always,
        invoked_from: str = "",
        machine: Machine = MACHINE,
    ) -> None:
        self.emit = emit
        self.prepare = prepare
        self.release = release
        self.install_only = install_only
        self.tools = Tools(
            install,
            self.notify,
            self.run_now,
            runs=not install_only,
            installs=installs,
            invoked_from=invoked_from,
            machine=machine,
            hold=self.hold,
        )
        self.plan_more = plan_more
        self.queue: list[Work] = []
        self.results: dict[str, Result] = {}
        self.held: list[Use] = []
        self.running: list[str] = []
        self.cwd = cwd
        self.missing_fails = missing_fails
        self.stop_on_first = stop_on_first
        self.run_step = run_step

    def perform(self, plan: Plan) -> tuple[Result, ...]:
        """How each session of the plan ended, in order.

        Raises Stopped when a signal told us to, after everything was said.
        """
        started = monotonic()
        self.emit(PlanStarted(plan))
        stopped: Stopped | None = None
        self.queue, self.results = list(plan.sessions), {}
        for work in self.queue:
            # A script of another one may have needed it before its turn.
            if work.id in self.results:
                continue
            try:
                self.settle(work, "the run was stopped" if stopped else "")
            except Stopped as signal:
                stopped = signal
        while self.held:
            self.held.pop().end()
        results = tuple(self.results[work.id] for work in self.queue)
        self.emit(RunFinished(results, monotonic() - started))
        if stopped is not None:
            raise stopped
        return results

    def settle(self, work: Work, reason: str = "") -> None:
        """Have a session end, or not begin for a reason, and tell how; after that, raises Stopped where a signal came."""
        reason = reason or self.reason_not_to_start(work)
        begun = monotonic()
        stopped: Stopped | None = None
        if reason:
            result = Result(work, "cancelled", reason)
        else:
            try:
                with signals_raise():
                    result = self.session(work)
            except KeyboardInterrupt as signal:
                stopped = signal if isinstance(signal, Stopped) else Stopped(SIGINT)
                result = Result(work, "failed", stopped.message, stopped.exit_code, monotonic() - begun)
        self.results[work.id] = result
        self.emit(SessionFinished(result))
        if stopped is not None:
            raise stopped

    def hold(self, held: Use) -> None:
        """Hold something until the run is over."""
        self.held.append(held)

    def notify(self, name: str, arguments: Sequence[str], *, inherited: bool = False) -> None:
        """Put the sessions of this name, and what they require, at the end of the queue, those not yet in it."""
        self.put_in_queue(self.plan_more(name, arguments, inherited=inherited).sessions)

    def put_in_queue(self, sessions: Iterable[Work]) -> None:
        known = {work.id for work in self.queue}
        self.queue += (work for work in sessions if work.id not in known)

    def run_now(self, name: str, arguments: Sequence[str]) -> Result:
        """How a session ends that another one runs; it has no place in the plan, and is not reported apart.

        What it requires is run before it, unless that was done, and reported.
        """
        *required, work = self.plan_more(name, arguments).sessions
        for one in (*required, work):
            if one.id in self.running:
                raise RequestError(f"'{one.name}' is running, and cannot run within itself", hint="call its function")
        self.put_in_queue(required)
        queued = {one.id: one for one in self.queue}
        for one in required:
            if one.id not in self.results:
                self.settle(queued[one.id])
        reason = self.reason_not_to_start(work)
        return Result(work, "cancelled", reason) if reason else self.work_through(work)

    def reason_not_to_start(self, work: Work) -> str:
        for other in work.after:
            outcome = self.results[other].outcome
            if outcome != "passed":
                return f"it requires '{self.results[other].work.name}', which {ended(outcome)}"
        if self.stop_on_first and any(one.outcome in ("failed", "broken") for one in self.results.values()):
            return "a session before it did not pass"
        return ""

    def session(self, work: Work) -> Result:
        started = monotonic()
        if work.unsupported:
            return Result(work, "skipped", work.unsupported)
        try:
            self.prepare(work.recipe)
        except InterpreterMissing as error:
            return Result(work, "broken" if self.missing_fails else "skipped", error.reason)
        except EnvironmentFailed as error:
            return Result(work, "broken", error.reason)
        try:
            self.emit(SessionStarted(work))
            return self.work_through(work)._replace(seconds=monotonic() - started)
        finally:
            self.release(work.recipe)

    def work_through(self, work: Work) -> Result:
        """How a session ends whose environment is ready; a function is called also where it is only to install."""
        steps = tuple(step for step in work.steps if isinstance(step, Call) or not self.install_only)
        self.running.append(work.id)
        try:
            if work.call is not None:
                return perform_call(work, work.call, self.emit, self.cwd, self.tools)
            return self.chain(work, steps)
        finally:
            self.running.remove(work.id)

    def chain(self, work: Work, steps: tuple[Step | Call, ...]) -> Result:
        """The commands and calls one after the other, until one fails that counts."""
        for number, step in enumerate(steps, start=1):
            self.emit(CommandStarted(work, step, number, len(steps)))
            if isinstance(step, Call):
                result = self.call(work, step)
                if result.outcome != "passed" and not step.ignore_exit_code:
                    return result
                continue
            started = monotonic()
            try:
                finished = self.run_step(work, step, self.cwd)
            except (NotStarted, TimedOut) as error:
                return Result(work, "failed", f"{step.run}: {error.message}", 1)
            self.emit(CommandFinished(work, step, finished.exit_code, monotonic() - started))
            if finished.exit_code and not step.ignore_exit_code:
                return Result(work, "failed", f"exit code {finished.exit_code} from: {step.run}", finished.exit_code)
        return Result(work, "passed", exit_code=0)

    def call(self, work: Work, step: Call) -> Result:
        """How a call in a chain ends."""
        started = monotonic()
        result = perform_call(work, step, self.emit, self.cwd, self.tools)
        if result.outcome != "passed" and step.ignore_exit_code:
            self.emit(Said(work, "warning", f"{step.run}: {result.outcome}, which is ignored: {result.reason}"))
        self.emit(CommandFinished(work, step, result.exit_code or 0, monotonic() - started))
        return result


def command_directory(root: str, cwd: str) -> str:
    """Where commands run: where the person is, when that is inside the project, else its root."""
    return cwd if is_within(cwd, root) else root
