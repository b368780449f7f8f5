"""The engine, driven with pretended environments and commands, and seen through its events."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Events, python_work, recipe, work

from envtasks.errors import EnvironmentFailed, InterpreterMissing, RequestError
from envtasks.events import CommandFinished, CommandStarted, Result, RunFinished, Said, SessionFinished
from envtasks.planned import Plan, Recipe, Step, Work
from envtasks.process import Finished, NotStarted, TimedOut
from envtasks.run import engine
from envtasks.run.engine import Engine, command_directory
from envtasks.run.session import Session
from envtasks.signals import TOLD, Stopped


class Fake:
    """An engine for which commands are numbers, their exit codes, or words for what else happens to them.

    ``unmade`` holds what happens to environments, by name.
    """

    def __init__(self, unmade: dict[str, Exception] | None = None, **settings: Any) -> None:
        self.unmade = unmade or {}
        self.events = Events()
        self.prepared: list[str] = []
        self.ran: list[str] = []
        self.engine = Engine(
            emit=self.events,
            prepare=self.prepare,
            install=self.install,
            plan_more=self.plan_more,
            cwd="/cwd",
            run_step=self.run_step,
            **settings,
        )

    def prepare(self, wanted: Recipe) -> None:
        self.prepared.append(wanted.name)
        if wanted.name in self.unmade:
            raise self.unmade[wanted.name]

    def install(self, wanted: Recipe, arguments: Sequence[str], cwd: str, announce: Callable[[], None]) -> None:
        raise AssertionError("nothing is installed here")

    def plan_more(self, name: str, arguments: Sequence[str], *, inherited: bool = False) -> Plan:
        return Plan("/p", tuple(work(one, *arguments) for one in name.split("+")))

    def run_step(self, planned: Work, step: Step, cwd: str) -> Finished:
        self.ran.append(f"{planned.name} {step.run}")
        if step.run == "slow":
            raise TimedOut("ran longer than 3 seconds")
        if step.run == "nowhere":
            raise NotStarted("cannot run in '/nowhere': no")
        if step.run == "interrupted":
            raise KeyboardInterrupt
        if step.run == "terminated":
            raise Stopped(signal.SIGTERM)
        return Finished(int(step.run))

    def perform(self, *sessions: Work) -> list[tuple[str, str, str, int | None]]:
        results = self.engine.perform(Plan("/p", sessions))
        assert results == self.events.of(RunFinished)[0].results
        return self.told()

    def told(self) -> list[tuple[str, str, str, int | None]]:
        results: list[Result] = [event.result for event in self.events.of(SessionFinished)]
        return [(one.work.name, one.outcome, one.reason, one.exit_code) for one in results]


def test_the_events_of_a_chain() -> None:
    fake = Fake()
    assert fake.perform(work("test", "0", "- 3")) == [("test", "passed", "", 0)]
    assert fake.events.names == [
        "PlanStarted",
        "SessionStarted",
        "CommandStarted",
        "CommandFinished",
        "CommandStarted",
        "CommandFinished",
        "SessionFinished",
        "RunFinished",
    ]
    started = [(one.step.run, one.number, one.total) for one in fake.events.of(CommandStarted)]
    assert started == [("0", 1, 2), ("3", 2, 2)]
    assert [one.exit_code for one in fake.events.of(CommandFinished)] == [0, 3]


@pytest.mark.parametrize(
    ("commands", "ran", "outcome", "reason", "exit_code"),
    [
        ((), [], "passed", "", 0),
        (("0",), ["0"], "passed", "", 0),
        (("3", "0"), ["3"], "failed", "exit code 3 from: 3", 3),
        (("- 1", "3", "0"), ["1", "3"], "failed", "exit code 3 from: 3", 3),
        (("- 1", "- 2"), ["1", "2"], "passed", "", 0),
        (("nowhere", "0"), ["nowhere"], "failed", "nowhere: cannot run in '/nowhere': no", 1),
        (("0", "slow", "0"), ["0", "slow"], "failed", "slow: ran longer than 3 seconds", 1),
    ],
)
def test_chains(commands: tuple[str, ...], ran: list[str], outcome: str, reason: str, exit_code: int) -> None:
    fake = Fake()
    assert fake.perform(work("test", *commands)) == [("test", outcome, reason, exit_code)]
    assert fake.ran == [f"test {command}" for command in ran]


def test_environments_are_let_go_of_whatever_happens() -> None:
    let_go: list[str] = []
    fake: Fake

    def release(recipe: Recipe) -> None:
        let_go.append(f"{recipe.name} after {len(fake.ran)}")

    fake = Fake({"c": EnvironmentFailed("no")}, release=release)
    with pytest.raises(Stopped):
        fake.perform(work("a", "0"), work("b", "1"), work("c", "0"), work("d", "terminated"), work("e", "0"))
    assert let_go == ["a after 1", "b after 2", "d after 3"]


def test_a_failed_session_does_not_stop_the_others() -> None:
    fake = Fake()
    outcomes = [one[:2] for one in fake.perform(work("a", "1"), work("b", "0"))]
    assert outcomes == [("a", "failed"), ("b", "passed")]


@pytest.mark.parametrize(
    ("first", "unmade", "cancelled"),
    [
        (work("a", "1"), {}, True),
        (work("a", "0"), {"a": EnvironmentFailed("no")}, True),
        (work("a", "0"), {"a": InterpreterMissing("no")}, False),
        (work("a", "0", unsupported="is for windows"), {}, False),
        (work("a", "0"), {}, False),
    ],
    ids=["failed", "broken", "skipped", "unsupported", "passed"],
)
def test_stop_on_first(first: Work, unmade: dict[str, Exception], cancelled: bool) -> None:
    fake = Fake(unmade, stop_on_first=True)
    last = fake.perform(first, work("b", "0"))[-1]
    expected = ("b", "cancelled", "a session before it did not pass", None) if cancelled else ("b", "passed", "", 0)
    assert last == expected


@pytest.mark.parametrize(
    ("first", "outcome"),
    [(work("a", "0"), "passed"), (work("a", "1"), "failed"), (work("a", unsupported="no"), "skipped")],
    ids=["passed", "failed", "skipped"],
)
def test_what_is_required_must_have_passed(first: Work, outcome: str) -> None:
    fake = Fake()
    told = fake.perform(first, work("b", "0", after=("a:a",)), work("c", "0", after=("b:b",)), work("d", "0"))
    if outcome == "passed":
        assert [one[1] for one in told] == ["passed"] * 4
    else:
        assert told[1:] == [
            ("b", "cancelled", f"it requires 'a', which {'failed' if outcome == 'failed' else f'was {outcome}'}", None),
            ("c", "cancelled", "it requires 'b', which was cancelled", None),
            ("d", "passed", "", 0),
        ]
        assert "b" not in fake.prepared


def test_what_cannot_exist_here_is_skipped_and_not_made() -> None:
    fake = Fake()
    told = fake.perform(work("a", "0", unsupported="is for windows, and this is linux"))
    assert told == [("a", "skipped", "is for windows, and this is linux", None)]
    assert fake.prepared == []
    assert fake.events.names == ["PlanStarted", "SessionFinished", "RunFinished"]


UNMADE: dict[str, tuple[Exception, bool, str, str]] = {
    "failed": (EnvironmentFailed("pip failed"), False, "broken", "pip failed"),
    "failed-hint": (EnvironmentFailed("no uv", hint="install it"), False, "broken", "no uv: install it"),
    "missing": (InterpreterMissing("no Python for '9'"), False, "skipped", "no Python for '9'"),
    "missing-hint": (InterpreterMissing("no Python", hint="get one"), False, "skipped", "no Python: get one"),
    "missing-fails": (InterpreterMissing("no Python", hint="get one"), True, "broken", "no Python: get one"),
}


@pytest.mark.parametrize("case", UNMADE)
def test_environments_that_could_not_be_made(case: str) -> None:
    error, missing_fails, outcome, reason = UNMADE[case]
    fake = Fake({"test": error}, missing_fails=missing_fails)
    assert fake.perform(work("test", "0")) == [("test", outcome, reason, None)]
    assert fake.ran == []
    assert "SessionStarted" not in fake.events.names


@pytest.mark.parametrize(
    ("command", "reason", "exit_code"),
    [("interrupted", "interrupted", 130), ("terminated", "terminated", 143)],
)
def test_a_signal_ends_the_run_after_everything_was_told(command: str, reason: str, exit_code: int) -> None:
    fake = Fake()
    with pytest.raises(Stopped) as caught:
        fake.perform(work("a", "0"), work("b", command, "0"), work("c", "0"))
    assert caught.value.exit_code == exit_code
    assert fake.told() == [
        ("a", "passed", "", 0),
        ("b", "failed", reason, exit_code),
        ("c", "cancelled", "the run was stopped", None),
    ]
    assert fake.events.names[-1] == "RunFinished"
    assert fake.ran == ["a 0", f"b {command}"]


def python(call: Callable[..., object], tmp_path: Path) -> list[tuple[str, str, str, int | None]]:
    return Fake().perform(python_work(call, tmp_path))


def test_python_sessions_are_called(tmp_path: Path) -> None:
    assert python(lambda session: None, tmp_path) == [("test", "passed", "", 0)]


def give_up(session: Session) -> None:
    session.error("no")


@pytest.mark.parametrize(
    ("ignored", "told", "ran"),
    [(True, ("passed", "", 0), ["test 0", "test 0"]), (False, ("failed", "no", 1), ["test 0"])],
)
def test_functions_in_a_chain(ignored: bool, told: tuple[str, str, int], ran: list[str], tmp_path: Path) -> None:
    fake, planned = Fake(), python_work(give_up, tmp_path)
    assert planned.call is not None
    call = planned.call._replace(ignore_exit_code=ignored)
    assert fake.perform(planned._replace(steps=(Step("0"), call, Step("0")))) == [("test", *told)]
    assert fake.ran == ran
    assert [(event.number, event.total) for event in fake.events.of(CommandStarted)][:2] == [(1, 3), (2, 3)]
    warned = ["give_up: failed, which is ignored: no"] if ignored else []
    assert [event.text for event in fake.events.of(Said)] == warned


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_while_python_code_runs(number: int, exit_code: int, tmp_path: Path) -> None:
    """Not even `except Exception` goes on after it."""

    def task(session: object) -> None:
        try:
            os.kill(os.getpid(), number)
            signal.pause()
        except Exception:  # noqa: BLE001 - what careless people write
            raise AssertionError from None

    fake = Fake()
    with pytest.raises(Stopped) as caught:
        fake.perform(python_work(task, tmp_path))
    assert caught.value.exit_code == exit_code
    assert fake.told() == [("test", "failed", TOLD[signal.Signals(number).name], exit_code)]


def test_sessions_are_timed() -> None:
    fake = Fake()
    fake.perform(work("a", "0"), work("b", unsupported="no"))
    seconds = [event.result.seconds for event in fake.events.of(SessionFinished)]
    assert seconds[0] > 0
    assert seconds[1] == 0
    assert fake.events.of(RunFinished)[0].seconds >= seconds[0]


def test_a_real_command_sees_what_the_plan_says(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    show = 'printf "%s|" "$A" "$B" "$ENVTASKS_SESSION" "$PWD" >> seen'
    made_from = recipe(variables={**os.environ, "A": "environment", "B": "environment"})
    planned = work("test", made_from=made_from)
    there = Step(show, env_vars=(("B", "step"),), cwd=str(tmp_path / "deep"))
    assert engine.run_step(planned, Step(show), str(tmp_path)) == Finished(0)
    assert engine.run_step(planned, there, str(tmp_path)) == Finished(0)
    real = os.path.realpath(tmp_path)
    assert (tmp_path / "seen").read_text(encoding="utf-8") == f"environment|environment|test:test|{real}|"
    assert (tmp_path / "deep" / "seen").read_text(encoding="utf-8") == f"environment|step|test:test|{real}/deep|"


def test_a_real_command_has_the_time_that_the_plan_says(tmp_path: Path) -> None:
    with pytest.raises(TimedOut):
        engine.run_step(work("test"), Step("sleep 60", timeout=0.1), str(tmp_path))


@pytest.mark.parametrize(
    ("root", "cwd", "directory"),
    [("/p", "/p", "/p"), ("/p", "/p/sub", "/p/sub"), ("/p", "/other", "/p"), ("/p", "/pp", "/p"), ("/p", "/", "/p")],
)
def test_where_commands_run(root: str, cwd: str, directory: str) -> None:
    assert command_directory(root, cwd) == directory


def test_sessions_that_are_asked_for_on_the_way_run_once_at_the_end() -> None:
    def task(session: Session) -> None:
        session.notify("more+lint", ["0"])
        session.notify("more", ["7"])

    fake = Fake()
    assert fake.perform(python_work(task, "/nowhere/test"), work("lint", "0")) == [
        ("test", "passed", "", 0),
        ("lint", "passed", "", 0),
        ("more", "passed", "", 0),
    ]
    assert fake.ran == ["lint 0", "more 0"]


def test_a_session_that_another_one_runs_is_not_reported() -> None:
    ends: list[str] = []

    def task(session: Session) -> None:
        session.script("good", "0")
        ends.append("good")
        session.script("bad", "4")

    fake = Fake()
    told = fake.perform(python_work(task, "/nowhere/test"))
    assert told == [("test", "failed", "the script 'bad' failed: exit code 4 from: 4", 1)]
    assert (ends, fake.ran) == (["good"], ["test:good 0", "test:bad 4"])


SCRIPTS: dict[str, tuple[tuple[Work, ...], list[str], list[tuple[str, str, str]]]] = {
    "what it requires comes first, once": (
        (),
        ["lint 0", "test:x 0", "test:x 0"],
        [("lint", "passed", ""), ("test", "passed", "")],
    ),
    "what was done is not done again": (
        (work("lint", "0", "0"),),
        ["lint 0", "lint 0", "test:x 0", "test:x 0"],
        [("lint", "passed", ""), ("test", "passed", "")],
    ),
    "what did not pass before": (
        (work("lint", "3"),),
        ["lint 3"],
        [
            ("lint", "failed", "exit code 3 from: 3"),
            ("test", "failed", "the script 'x' was cancelled: it requires 'lint', which failed"),
        ],
    ),
}


def plan_of_x(name: str, arguments: Sequence[str], *, inherited: bool = False) -> Plan:
    return Plan("/p", (work("lint", "0"), work(name, "0", after=("lint:lint",))))


@pytest.mark.parametrize("case", SCRIPTS)
def test_what_a_script_requires_that_another_session_runs(case: str) -> None:
    before, ran, told = SCRIPTS[case]

    def task(session: Session) -> None:
        session.script("x")
        session.script("x")

    fake = Fake()
    fake.engine.plan_more = plan_of_x
    assert [one[:3] for one in fake.perform(*before, python_work(task, "/nowhere/test"))] == told
    assert (fake.ran, fake.prepared) == (ran, ["lint", "test"] if before else ["test", "lint"])


def test_what_a_script_requires_runs_as_it_was_asked_for_and_not_at_its_own_place_again() -> None:
    fake = Fake()
    fake.engine.plan_more = plan_of_x
    task = python_work(lambda session: session.script("x"), "/nowhere/test")
    assert [one.work.name for one in fake.engine.perform(Plan("/p", (task, work("lint", "- 3"))))] == ["test", "lint"]
    assert fake.ran == ["lint 3", "test:x 0"]


def test_a_signal_in_what_a_script_requires_ends_both() -> None:
    def plan_more(name: str, arguments: Sequence[str], *, inherited: bool = False) -> Plan:
        return Plan("/p", (work("lint", "terminated"), work(name, "0", after=("lint:lint",))))

    fake = Fake()
    fake.engine.plan_more = plan_more
    task = python_work(lambda session: session.script("x"), "/nowhere/test")
    with pytest.raises(Stopped):
        fake.engine.perform(Plan("/p", (task, work("more", "0"))))
    assert fake.told() == [
        ("lint", "failed", "terminated", 143),
        ("test", "failed", "terminated", 143),
        ("more", "cancelled", "the run was stopped", None),
    ]


def test_only_installing_makes_environments_and_runs_nothing() -> None:
    def task(session: Session) -> None:
        assert session.run("false") is None

    fake = Fake(install_only=True)
    assert fake.perform(work("lint", "3"), python_work(task, "/nowhere/test")) == [
        ("lint", "passed", "", 0),
        ("test", "passed", "", 0),
    ]
    assert (fake.prepared, fake.ran) == (["lint", "test"], [])


def test_a_session_does_not_run_within_itself(tmp_path: Path) -> None:
    def task(session: Session) -> None:
        session.script("again")

    fake = Fake()
    within = python_work(task, tmp_path)
    fake.engine.plan_more = lambda *_, **__: Plan("/p", (within,))
    ((_, outcome, reason, _),) = fake.perform(within)
    assert (outcome, reason) == ("failed", "'test' is running, and cannot run within itself: call its function")


def test_a_name_that_a_task_asks_for_in_vain(tmp_path: Path) -> None:
    def plan_more(name: str, arguments: Sequence[str], *, inherited: bool = False) -> Plan:
        raise RequestError(f"unknown session '{name}'", hint="none is there")

    fake = Fake()
    fake.engine.plan_more = plan_more
    for task in (lambda session: session.notify("x"), lambda session: session.script("y")):
        ((_, outcome, reason, code),) = fake.perform(python_work(task, tmp_path))
        name = "test:y" if "y" in reason else "x"
        assert (outcome, reason, code) == ("failed", f"unknown session '{name}': none is there", 1)
        assert not fake.events.of(Said)
        fake.events.clear()
