"""Events as lines for a person, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TextIO, get_args

from envtasks.events import (
    CommandFinished,
    CommandStarted,
    EnvironmentAwaited,
    EnvironmentMadeAhead,
    EnvironmentNoted,
    EnvironmentReady,
    EnvironmentStarted,
    Event,
    Outcome,
    PlanStarted,
    Result,
    RunFinished,
    Said,
    SessionFinished,
    SessionStarted,
    StageStarted,
)

#: The colours of colorlog for what is said; plain text has none.
STYLES = {
    "passed": "green",
    "failed": "bold_red",
    "broken": "bold_red",
    "skipped": "yellow",
    "cancelled": "yellow",
    "warning": "yellow",
    "error": "red",
    "debug": "thin",
    "session": "bold",
    "command": "cyan",
    "environment": "thin",
}
STAGES = {
    "python": "Python:",
    "create": "creating it with",
    "dependencies": "installing",
    "project": "installing the project",
    "removal": "removing",
    "build": "building the project:",
    "pre-install-commands": "before the project:",
    "post-install-commands": "after the project:",
}


class Terminal:
    """Tells a person what happens.

    ``brief``: a single command of a single session is not announced, as nobody needs to be told what they typed.
    ``verbosity`` 0 tells of sessions, commands and what is done to environments; 1 of each command's end as
    well; -1 only of what did not pass, and the summary; below that nothing but errors.
    """

    def __init__(self, stream: TextIO, *, colors: Mapping[str, str], verbosity: int = 0, brief: bool = False) -> None:
        self.stream = stream
        self.colors = colors
        self.verbosity = verbosity
        self.brief = brief

    def __call__(self, event: Event) -> None:
        SHOWN[type(event)](self, event)

    def line(self, text: str, style: str = "", *, level: int = 0) -> None:
        if self.verbosity >= level:
            # A terminal that was closed, or a full disk, is no reason to leave the work undone.
            with suppress(OSError):
                print(self.painted(text, style), file=self.stream, flush=True)

    def painted(self, text: str, style: str) -> str:
        color = self.colors.get(STYLES.get(style, ""), "")
        return f"{color}{text}{self.colors['reset']}" if color else text

    def plan_started(self, event: PlanStarted) -> None:
        for note in event.plan.notes:
            self.line(f"note: {note}", "warning", level=-1)
        self.brief = self.brief and len(event.plan.sessions) == 1

    def environment_awaited(self, event: EnvironmentAwaited) -> None:
        doing = "runs in" if event.used else "makes"
        text = f"{event.environment}: waiting for another process that {doing} this environment"
        if event.holders:
            held = "used" if event.used else "held"
            text = f"waiting for {event.environment}, {held} by process {', '.join(map(str, event.holders))}"
        self.line(text, "warning", level=-1)

    def environment_started(self, event: EnvironmentStarted) -> None:
        doing = "making" if event.anew else "updating"
        self.line(f"{event.environment}: {doing} the environment: {event.reason}", "environment")

    def environment_noted(self, event: EnvironmentNoted) -> None:
        self.line(f"note: {event.text}", "warning", level=-1)

    def environment_made_ahead(self, event: EnvironmentMadeAhead) -> None:
        self.line(f"{event.environment}: the environment was made ready ahead: {event.reason}", "environment")

    def stage_started(self, event: StageStarted) -> None:
        self.line(f"{event.environment}: {STAGES[event.stage]} {event.detail}".rstrip(), "environment")

    def environment_ready(self, event: EnvironmentReady) -> None:
        self.line(
            f"{event.environment}: the environment is ready after {duration(event.seconds)}", "environment", level=1
        )

    def session_started(self, event: SessionStarted) -> None:
        self.line(f"==> {event.work.name}", "session", level=1 if self.brief else 0)

    def command_started(self, event: CommandStarted) -> None:
        self.line(f"$ {event.step.run}", "command", level=1 if self.brief and event.total == 1 else 0)

    def command_finished(self, event: CommandFinished) -> None:
        ignored = " (ignored)" if event.exit_code and event.step.ignore_exit_code else ""
        level = 0 if ignored else 1
        self.line(f"exit code {event.exit_code}{ignored} after {duration(event.seconds)}", "debug", level=level)

    def said(self, event: Said) -> None:
        level = {"debug": 1, "info": 0, "warning": -1, "error": -2}[event.level]
        self.line(f"{event.work.name}: {event.text}", event.level, level=level)

    def session_finished(self, event: SessionFinished) -> None:
        result = event.result
        if result.outcome != "passed":
            self.line(f"{result.work.name}: {ending(result)}", result.outcome, level=-1)

    def run_finished(self, event: RunFinished) -> None:
        if len(event.results) > 1:
            self.line(f"{counted(event.results)} in {duration(event.seconds)}", "session", level=-1)
            width = max(len(result.work.name) for result in event.results)
            for result in event.results:
                text = f"  {result.outcome:<9}  {result.work.name:<{width}}  {duration(result.seconds):>8}"
                reason = f"  {first_line(result.reason)}" if result.reason else ""
                self.line(f"{text}{reason}", result.outcome, level=-1)
        else:
            for result in event.results:
                if result.outcome == "passed":
                    self.line(f"{result.work.name}: {ending(result)}", "passed", level=1 if self.brief else 0)


SHOWN: dict[type, Callable[[Terminal, Any], None]] = {
    PlanStarted: Terminal.plan_started,
    EnvironmentAwaited: Terminal.environment_awaited,
    EnvironmentStarted: Terminal.environment_started,
    EnvironmentNoted: Terminal.environment_noted,
    EnvironmentMadeAhead: Terminal.environment_made_ahead,
    StageStarted: Terminal.stage_started,
    EnvironmentReady: Terminal.environment_ready,
    SessionStarted: Terminal.session_started,
    CommandStarted: Terminal.command_started,
    CommandFinished: Terminal.command_finished,
    Said: Terminal.said,
    SessionFinished: Terminal.session_finished,
    RunFinished: Terminal.run_finished,
}


def ending(result: Result) -> str:
    after = f" after {duration(result.seconds)}" if result.seconds else ""
    return f"{result.outcome}{after}" + (f": {result.reason}" if result.reason else "")


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def counted(results: tuple[Result, ...]) -> str:
    """`3 sessions: 2 passed, 1 failed`."""
    outcomes = [result.outcome for result in results]
    counts = ((outcomes.count(outcome), outcome) for outcome in get_args(Outcome))
    return f"{len(results)} sessions: " + ", ".join(f"{number} {outcome}" for number, outcome in counts if number)


def duration(seconds: float) -> str:
    """`0.42 s`, `12.3 s`, `2 min 5 s`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
