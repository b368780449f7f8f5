"""Events as a person sees them."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO

import pytest
from fakes import work

from envtasks.events import (
    CommandFinished,
    CommandStarted,
    EnvironmentAwaited,
    EnvironmentNoted,
    EnvironmentReady,
    EnvironmentStarted,
    Event,
    PlanStarted,
    Result,
    RunFinished,
    Said,
    SessionFinished,
    SessionStarted,
    StageStarted,
)
from envtasks.planned import Plan, Step
from envtasks.report.terminal import SHOWN, STYLES, Terminal, duration

WORK = work("test", "pytest -q")
STEP = Step("pytest -q")
IGNORED = Step("false", ignore_exit_code=True)
PASSED = Result(WORK, "passed", exit_code=0, seconds=1.5)
FAILED = Result(WORK, "failed", "exit code 3 from: pytest -q", 3, 75)
SKIPPED = Result(WORK, "skipped", "is for windows\nand this is linux")


def shown(*events: Event, verbosity: int = 0, brief: bool = False, colors: Mapping[str, str] | None = None) -> str:
    stream = StringIO()
    terminal = Terminal(stream, colors=colors or {}, verbosity=verbosity, brief=brief)
    for event in events:
        terminal(event)
    return stream.getvalue()


#: For each event, what is shown at the verbosities -2, -1, 0 and 1.
LINES: dict[str, tuple[Event, int, str]] = {
    "note": (PlanStarted(Plan("/p", (WORK,), ("be aware",))), -1, "note: be aware"),
    "environment": (
        EnvironmentStarted("test", "there is none yet"),
        0,
        "test: making the environment: there is none yet",
    ),
    "update": (
        EnvironmentStarted("test", "dependencies changed (+ a)", anew=False),
        0,
        "test: updating the environment: dependencies changed (+ a)",
    ),
    "noted": (EnvironmentNoted("mind that"), -1, "note: mind that"),
    "awaited": (EnvironmentAwaited("test"), -1, "test: waiting for another process that makes this environment"),
    "awaited-from": (EnvironmentAwaited("test", (12,)), -1, "waiting for test, held by process 12"),
    "awaited-use": (
        EnvironmentAwaited("test", used=True),
        -1,
        "test: waiting for another process that runs in this environment",
    ),
    "awaited-use-of": (EnvironmentAwaited("test", (1, 2), used=True), -1, "waiting for test, used by process 1, 2"),
    "create": (StageStarted("test", "create", "cpython 3.12.1"), 0, "test: creating it with cpython 3.12.1"),
    "dependencies": (StageStarted("test", "dependencies", "a, b"), 0, "test: installing a, b"),
    "project": (StageStarted("test", "project"), 0, "test: installing the project"),
    "pre": (StageStarted("test", "pre-install-commands", "make"), 0, "test: before the project: make"),
    "post": (StageStarted("test", "post-install-commands", "make"), 0, "test: after the project: make"),
    "ready": (EnvironmentReady("test", 2.34), 1, "test: the environment is ready after 2.34 s"),
    "session": (SessionStarted(WORK), 0, "==> test"),
    "command": (CommandStarted(WORK, STEP, 1, 1), 0, "$ pytest -q"),
    "finished": (CommandFinished(WORK, STEP, 0, 0.5), 1, "exit code 0 after 0.50 s"),
    "finished-failed": (CommandFinished(WORK, STEP, 3, 0.5), 1, "exit code 3 after 0.50 s"),
    "finished-ignored": (CommandFinished(WORK, IGNORED, 3, 0.5), 0, "exit code 3 (ignored) after 0.50 s"),
    "finished-fine": (CommandFinished(WORK, IGNORED, 0, 0.5), 1, "exit code 0 after 0.50 s"),
    "debug": (Said(WORK, "debug", "hm"), 1, "test: hm"),
    "info": (Said(WORK, "info", "hm"), 0, "test: hm"),
    "warning": (Said(WORK, "warning", "hm"), -1, "test: hm"),
    "error": (Said(WORK, "error", "hm"), -2, "test: hm"),
    "failed": (SessionFinished(FAILED), -1, "test: failed after 1 min 15 s: exit code 3 from: pytest -q"),
    "skipped": (SessionFinished(SKIPPED), -1, "test: skipped: is for windows\nand this is linux"),
    "passed-alone": (RunFinished((PASSED,), 2), 0, "test: passed after 1.50 s"),
}


@pytest.mark.parametrize("case", LINES)
@pytest.mark.parametrize("verbosity", [-2, -1, 0, 1])
def test_what_is_said_and_from_which_verbosity_on(case: str, verbosity: int) -> None:
    event, level, line = LINES[case]
    assert shown(event, verbosity=verbosity) == (f"{line}\n" if verbosity >= level else "")


def test_every_event_is_shown() -> None:
    assert set(SHOWN) == set(Event.__args__)


def test_a_session_that_passed_waits_for_the_summary() -> None:
    assert shown(SessionFinished(PASSED)) == ""


def test_the_end_of_a_run_of_one_that_failed_says_nothing_more() -> None:
    assert shown(RunFinished((FAILED,), 2), verbosity=1) == ""


def test_the_summary_of_several() -> None:
    other = Result(work("lint.py3.12", "ruff"), "passed", exit_code=0, seconds=12.34)
    assert shown(RunFinished((PASSED, other, FAILED, SKIPPED), 90)) == (
        "4 sessions: 2 passed, 1 failed, 1 skipped in 1 min 30 s\n"
        "  passed     test           1.50 s\n"
        "  passed     lint.py3.12    12.3 s\n"
        "  failed     test         1 min 15 s  exit code 3 from: pytest -q\n"
        "  skipped    test           0.00 s  is for windows\n"
    )


@pytest.mark.parametrize(
    ("sessions", "total", "verbosity", "lines"),
    [
        (1, 1, 0, []),
        (1, 1, 1, ["==> test", "$ pytest -q", "test: passed after 1.50 s"]),
        (1, 2, 0, ["$ pytest -q"]),
        (2, 1, 0, ["==> test", "$ pytest -q", "test: passed after 1.50 s"]),
    ],
    ids=["one-command", "verbose", "a-chain", "two-sessions"],
)
def test_nobody_needs_to_be_told_what_they_typed(sessions: int, total: int, verbosity: int, lines: list[str]) -> None:
    events = (
        PlanStarted(Plan("/p", (WORK,) * sessions)),
        SessionStarted(WORK),
        CommandStarted(WORK, STEP, 1, total),
        RunFinished((PASSED,), 2),
    )
    assert shown(*events, verbosity=verbosity, brief=True).splitlines() == lines


def test_colours() -> None:
    colors = {"reset": "</>", **{color: f"<{color}>" for color in STYLES.values()}}
    assert shown(SessionStarted(WORK), colors=colors) == "<bold>==> test</>\n"
    assert shown(SessionFinished(FAILED), colors=colors).startswith("<bold_red>test: failed")
    assert shown(Said(WORK, "info", "plain"), colors=colors) == "test: plain\n"


def test_colorlog_knows_our_colours() -> None:
    from colorlog.escape_codes import escape_codes

    assert set(STYLES.values()) <= set(escape_codes)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.00 s"), (0.123, "0.12 s"), (9.99, "9.99 s"), (12.34, "12.3 s"), (60, "1 min 0 s"), (125.4, "2 min 5 s")],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
