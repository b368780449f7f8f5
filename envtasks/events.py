"""What can happen while a plan is performed: the only voice of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from envtasks.planned import Call, Plan, Step, Work
from envtasks.tuples import NamedTuple

#: How a session ended. `broken`: its environment could not be made; `cancelled`: what it needs did not pass.
Outcome = Literal["passed", "failed", "skipped", "broken", "cancelled"]


class Result(NamedTuple):
    """How one session ended; ``exit_code`` is that of the command that decided it."""

    work: Work
    outcome: Outcome
    reason: str = ""
    exit_code: int | None = None
    seconds: float = 0.0


class PlanStarted(NamedTuple):
    """A plan will be performed: the first event of each run."""

    plan: Plan


class EnvironmentAwaited(NamedTuple):
    """Another process makes or removes a directory, or runs in it (``used``), and we wait until it is done.

    ``holders`` are the numbers of those that are known.
    """

    environment: str
    holders: tuple[int, ...] = ()
    used: bool = False


class EnvironmentStarted(NamedTuple):
    """Something will be done to a directory, for this reason: it is made anew, or brought up to date."""

    environment: str
    reason: str
    anew: bool = True


class EnvironmentNoted(NamedTuple):
    """What a person should know about where environments lie."""

    text: str


class EnvironmentMadeAhead(NamedTuple):
    """Something was done to a directory, for this reason, while other sessions ran."""

    environment: str
    reason: str


class StageStarted(NamedTuple):
    """A step of making an environment: `create`, `dependencies`, `project` or one of the hooks."""

    environment: str
    stage: str
    detail: str = ""


class EnvironmentReady(NamedTuple):
    environment: str
    seconds: float


class SessionStarted(NamedTuple):
    """The environment of a session is ready, and its commands follow."""

    work: Work


class CommandStarted(NamedTuple):
    """``number`` counts from 1; ``total`` is 0 where nobody can know it."""

    work: Work
    step: Step | Call
    number: int = 1
    total: int = 0


class CommandFinished(NamedTuple):
    """A command ended, or a call did, whose exit code is that of its result."""

    work: Work
    step: Step | Call
    exit_code: int
    seconds: float


class Said(NamedTuple):
    """A line that a Python session wants to show."""

    work: Work
    level: Literal["debug", "info", "warning", "error"]
    text: str


class SessionFinished(NamedTuple):
    """A session ended, or did not begin; there is one for each."""

    result: Result


class RunFinished(NamedTuple):
    """Everything is done: the last event of each run."""

    results: tuple[Result, ...]
    seconds: float


Event = (
    PlanStarted
    | EnvironmentAwaited
    | EnvironmentStarted
    | EnvironmentNoted
    | StageStarted
    | EnvironmentMadeAhead
    | EnvironmentReady
    | SessionStarted
    | CommandStarted
    | CommandFinished
    | Said
    | SessionFinished
    | RunFinished
)
Emit = Callable[[Event], None]
