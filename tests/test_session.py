"""What a Python task can do with its session, and what its ending means."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Events, program, python_work, recipe, work

from envtasks.environments.use import Use
from envtasks.errors import EnvironmentFailed, InstallerFailed
from envtasks.events import CommandFinished, CommandStarted, Result, Said
from envtasks.planned import Recipe
from envtasks.run.session import Captured, CommandFailed, Session
from envtasks.run.task import perform_call
from envtasks.run.tools import Tools

PYTHON = sys.executable
Task = Callable[..., Any]


class Runs:
    """Runs tasks in a directory that looks like an environment, with one program of its own."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.env = top / "env"
        self.events = Events()
        self.installed: list[tuple[tuple[str, ...], str]] = []
        self.notified: list[tuple[str, tuple[str, ...]]] = []
        self.inherited: list[bool] = []
        self.held: list[Use] = []
        self.tools_run = self.tools_install = True
        self.type = "virtual"
        self.fails = ""
        program(self.env / "bin" / "own", 'printf "%s|" "$@"; exit ${CODE:-0}')

    def recipe(self) -> Recipe:
        path = os.pathsep.join((str(self.env / "bin"), os.environ["PATH"]))
        variables = {"PATH": path, "HOME": "/home/person", "OUTER": "outer"}
        return recipe(self.env, variables=variables, python="3.12", type=self.type)

    def install(self, wanted: Recipe, arguments: Sequence[str], cwd: str, announce: Callable[[], None]) -> None:
        announce()
        if self.fails:
            raise EnvironmentFailed(self.fails)
        self.installed.append((tuple(arguments), cwd))

    def __call__(self, task: Task, *arguments: str, **changes: Any) -> Result:
        planned = python_work(task, self.env, *arguments, **changes)._replace(recipe=self.recipe())
        assert planned.call is not None
        return perform_call(planned, planned.call, self.events, str(self.top), self.tools)

    @property
    def tools(self) -> Tools:
        return Tools(
            self.install,
            self.notify,
            self.run_now,
            runs=self.tools_run,
            installs=lambda _: self.tools_install,
            invoked_from=str(self.top / "deep"),
            hold=self.held.append,
        )

    def notify(self, name: str, arguments: Sequence[str], *, inherited: bool = False) -> None:
        self.notified.append((name, tuple(arguments)))
        self.inherited.append(inherited)

    def run_now(self, name: str, arguments: Sequence[str]) -> Result:
        self.notified.append((name, tuple(arguments)))
        return Result(work("other"), "failed" if name.endswith("bad") else "passed", "exit code 3")

    def outcome(self, task: Task) -> tuple[str, str, int | None]:
        result = self(task)
        return result.outcome, result.reason, result.exit_code

    def value(self, ask: Callable[[Session], object]) -> object:
        """What a question to the session gives."""
        found: list[object] = []
        result = self(lambda session: found.append(ask(session)))
        assert (result.outcome, result.reason) == ("passed", "")
        return found[0]

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(event.level, event.text) for event in self.events.of(Said)]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_what_a_session_knows(runs: Runs) -> None:
    seen: dict[str, object] = {}

    def task(session: Session) -> None:
        for name in ("name", "posargs", "matrix", "python", "env_dir", "bin", "bin_paths", "invoked_from", "parallel"):
            seen[name] = getattr(session, name)
        seen["interactive"] = session.interactive

    variant = (("django", "5"), ("python", "3.12"))
    assert runs(task, "-q", "a b", variant=variant).outcome == "passed"
    assert seen == {
        "name": "test",
        "posargs": ["-q", "a b"],
        "matrix": {"django": "5", "python": "3.12"},
        "python": "3.12",
        "env_dir": runs.env,
        "bin": str(runs.env / "bin"),
        "bin_paths": [str(runs.env / "bin")],
        "invoked_from": str(runs.top / "deep"),
        "parallel": False,
        "interactive": False,
    }


def test_matrix_variables_by_name(runs: Runs) -> None:
    seen: list[object] = []

    def task(session: Session, django: str, *, missing: str = "none") -> None:
        seen.extend((django, missing))

    runs(task, variant=(("django", "5"), ("python", "3.12")))
    assert seen == ["5", "none"]


def leave(code: str | int | None) -> Task:
    def task(session: Session) -> None:
        sys.exit(code)

    return task


def fall(error: Exception) -> Task:
    def task(session: Session) -> None:
        raise error

    return task


ENDINGS: dict[str, tuple[Task, tuple[str, str, int | None]]] = {
    "returned": (lambda session: 5, ("passed", "", 0)),
    "skipped": (lambda session: session.skip(), ("skipped", "the task skipped itself", None)),
    "skipped-why": (lambda session: session.skip("no", "network"), ("skipped", "no network", None)),
    "gave-up": (lambda session: session.error(), ("failed", "the task gave up", 1)),
    "gave-up-why": (lambda session: session.error("no", 3), ("failed", "no 3", 1)),
    "left": (leave(None), ("passed", "", 0)),
    "left-0": (leave(0), ("passed", "", 0)),
    "left-4": (leave(4), ("failed", "the task left with 4", 4)),
    "left-text": (leave("bye"), ("failed", "the task left with bye", 1)),
    "raised": (fall(ZeroDivisionError("division")), ("failed", "ZeroDivisionError: division", 1)),
    "program-failed": (
        lambda session: session.run("own", "a b", env={"CODE": "7"}, stdout=-3),
        ("failed", "exit code 7 from: own 'a b'", 7),
    ),
    "no-program": (
        lambda session: session.run("no-such-program"),
        ("failed", "there is no program 'no-such-program' in the environment or on PATH", 1),
    ),
    "no-words": (lambda session: session.run(), ("failed", "ValueError: session.run needs a program to run", 1)),
    "list": (
        lambda session: session.run(["own"]),
        (
            "failed",
            "TypeError: session.run takes the words of a command as arguments of their own, not as a list",
            1,
        ),
    ),
    "too-slow": (
        lambda session: session.run(PYTHON, "-c", "import time; time.sleep(60)", timeout=0.1),
        ("failed", f"{PYTHON} -c 'import time; time.sleep(60)': ran longer than 0.1 seconds", 1),
    ),
    "nowhere": (
        lambda session: session.run("own", cwd="/nowhere"),
        ("failed", "own: cannot run in '/nowhere': No such file or directory", 1),
    ),
    "no-time": (
        lambda session: session.run("own", timeout="x"),
        ("failed", "TypeError: 'timeout' is a number of seconds, and not 'x'", 1),
    ),
    "no-time-to-end": (
        lambda session: session.run("own", terminate_timeout=float("nan")),
        ("failed", "ValueError: 'terminate_timeout' is a number of seconds from 0 on, and not nan", 1),
    ),
    "time-before-time": (
        lambda session: session.run("own", interrupt_timeout=-1),
        ("failed", "ValueError: 'interrupt_timeout' is a number of seconds from 0 on, and not -1", 1),
    ),
    "nothing-to-install": (
        lambda session: session.install(),
        ("failed", "ValueError: session.install needs something to install", 1),
    ),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_endings(case: str, runs: Runs) -> None:
    task, outcome = ENDINGS[case]
    assert runs.outcome(task) == outcome


def test_an_error_of_a_task_is_shown_with_its_own_frames_only(runs: Runs) -> None:
    runs(fall(ZeroDivisionError("division")))
    ((level, text),) = runs.said
    assert level == "error"
    assert "raise error" in text
    assert os.path.join("envtasks", "run") not in text


def test_words_arrive_as_they_are(runs: Runs) -> None:
    words = ("a b", "", "'\"", "$HOME", "*", ";", "\n", "ä", "{root}")
    assert runs.value(lambda session: session.run("own", *words, silent=True)) == "|".join((*words, ""))


def test_paths_are_words(runs: Runs) -> None:
    assert runs.value(lambda session: session.run(runs.env / "bin" / "own", Path("a"), silent=True)) == "a|"


def test_the_events_of_a_program(runs: Runs) -> None:
    runs.value(lambda session: session.run("own", "a b", stdout=-3))
    assert runs.events.names == ["CommandStarted", "CommandFinished"]
    assert [event.step.run for event in runs.events.of(CommandStarted)] == ["own 'a b'"]
    assert [event.exit_code for event in runs.events.of(CommandFinished)] == [0]


@pytest.mark.parametrize("settings", [{"timeout": 0.1}, {"cwd": "/nowhere"}], ids=str)
def test_a_program_that_came_to_no_end_of_its_own_is_no_open_event(settings: dict[str, Any], runs: Runs) -> None:
    runs(lambda session: session.run(PYTHON, "-c", "import time; time.sleep(60)", **settings))
    assert runs.events.names == ["CommandStarted", "CommandFinished"]
    assert [event.exit_code for event in runs.events.of(CommandFinished)] == [1]


@pytest.mark.parametrize("times", ["timeout", "interrupt_timeout", "terminate_timeout"])
@pytest.mark.parametrize("seconds", [0.5 * 10**9, 10**400, float("inf")], ids=["long", "longer", "for ever"])
def test_a_very_long_time(times: str, seconds: float, runs: Runs) -> None:
    settings: dict[str, Any] = {times: seconds}
    assert runs.value(lambda session: session.run("own", "a", silent=True, **settings)) == "a|"


def test_a_program_that_is_not_announced(runs: Runs) -> None:
    runs.value(lambda session: session.run("own", log=False, stdout=-3))
    assert runs.events.names == ["CommandFinished"]


@pytest.mark.parametrize("codes", [(3,), [0, 3], {3}])
def test_success_codes(codes: Any, runs: Runs) -> None:
    assert runs.value(lambda session: session.run("own", env={"CODE": "3"}, success_codes=codes, stdout=-3)) is True


def test_a_code_that_is_none_of_the_success_codes(runs: Runs) -> None:
    outcome = runs.outcome(lambda session: session.run("own", success_codes=[3], stdout=-3))
    assert outcome == ("failed", "exit code 0 from: own", 0)


def test_what_a_silent_program_said_is_told_when_it_fails(runs: Runs) -> None:
    runs(lambda session: session.run("own", "why", silent=True, env={"CODE": "3"}))
    assert runs.said == [("error", "why|")]


def test_a_silent_program_that_failed_without_a_word(runs: Runs) -> None:
    program(runs.env / "bin" / "mute", "exit 3")
    runs(lambda session: session.run("mute", silent=True))
    assert runs.said == []


def show(*names: str) -> tuple[str, ...]:
    return (PYTHON, "-c", f"import os; print([os.environ.get(name) for name in {names}])")


VARIABLES: dict[str, tuple[dict[str, Any], str]] = {
    "outer": ({}, "['outer', None]"),
    "more": ({"env": {"MORE": "more"}}, "['outer', 'more']"),
    "replaced": ({"env": {"OUTER": "inner"}}, "['inner', None]"),
    "removed": ({"env": {"OUTER": None}}, "[None, None]"),
    "only-own": ({"env": {"MORE": "more"}, "include_outer_env": False}, "[None, 'more']"),
}


@pytest.mark.parametrize("case", VARIABLES)
def test_variables_of_a_program(case: str, runs: Runs) -> None:
    settings, seen = VARIABLES[case]
    code = show("OUTER", "MORE")
    assert runs.value(lambda session: session.run(*code, silent=True, external=True, **settings)) == f"{seen}\n"


def test_variables_of_the_session(runs: Runs) -> None:
    def task(session: Session) -> Any:
        session.env["OUTER"] = None
        session.env["MORE"] = "more"
        return session.run(*show("OUTER", "MORE", "ENVTASKS_SESSION"), silent=True)

    assert runs.value(task) == "[None, 'more', 'test:test']\n"
    assert os.environ.get("MORE") is None


def where(session: Session, **settings: Any) -> object:
    return session.run(PYTHON, "-c", "import os; print(os.getcwd())", silent=True, **settings)


def test_directories(runs: Runs) -> None:
    (runs.top / "a" / "b").mkdir(parents=True)
    top = os.path.realpath(runs.top)

    def task(session: Session) -> list[object]:
        seen = [where(session), where(session, cwd="a"), where(session, cwd=runs.top / "a")]
        with session.chdir("a") as inside:
            seen += [where(inside), where(session, cwd="b")]
            with session.cd("b"):
                seen.append(where(session))
        seen.append(where(session))
        session.chdir("a")
        seen.append(where(session))
        return seen

    places = ["", "/a", "/a", "/a", "/a/b", "/a/b", "", "/a"]
    assert runs.value(task) == [f"{top}{place}\n" for place in places]
    assert os.getcwd() != os.path.join(top, "a")


def test_a_relative_program_is_looked_for_where_the_task_is(runs: Runs) -> None:
    program(runs.top / "tools" / "mine", "echo mine")

    def task(session: Session) -> list[object]:
        seen = [session.run("tools/mine", silent=True), session.run("./mine", silent=True, cwd="tools")]
        session.chdir("tools")
        return [*seen, session.run("./mine", silent=True)]

    assert runs.value(task) == ["mine\n"] * 3


def test_a_temporary_directory(runs: Runs) -> None:
    def task(session: Session) -> None:
        made = session.create_tmp()
        assert made.startswith(str(runs.env))
        assert os.path.isdir(made)
        assert session.env["TMPDIR"] == session.create_tmp() == made
        seen.append(made)

    seen: list[str] = []
    runs.value(task)
    own = Path(seen[0]).with_name("of-the-person")
    own.mkdir()
    runs.value(task)
    first, second = map(Path, seen)
    assert (first.is_dir(), second.is_dir(), first != second) == (True, True, True)
    runs.held.pop(0).end()
    runs.value(task)
    assert [path.is_dir() for path in (first, second, own)] == [False, True, True]


FOREIGN: dict[str, tuple[dict[str, Any], tuple[str, str], list[str]]] = {
    "warned": (
        {},
        ("passed", ""),
        ["'foreign' is not of this environment but PLACE; pass external=True if that is meant"],
    ),
    "meant": ({"external": True}, ("passed", ""), []),
    "refused": ({"external": "error"}, ("failed", "'foreign' is not of this environment but PLACE"), []),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_programs_that_are_not_of_the_environment(case: str, runs: Runs) -> None:
    settings, outcome, warnings = FOREIGN[case]
    place = str(program(runs.top / "bin" / "foreign", "true"))

    def task(session: Session) -> None:
        session.env["PATH"] = f"{runs.env / 'bin'}:{runs.top / 'bin'}"
        session.run("foreign", **settings)

    result = runs(task)
    assert (result.outcome, result.reason.replace(place, "PLACE")) == outcome
    assert [text.replace(place, "PLACE") for _, text in runs.said] == warnings


def test_a_program_by_its_path_is_meant(runs: Runs) -> None:
    place = str(program(runs.top / "bin" / "foreign", "true"))
    runs.value(lambda session: session.run(place))
    assert runs.said == []


def test_what_a_task_says(runs: Runs) -> None:
    def task(session: Session) -> None:
        session.log("a %s", 1)
        session.log("100%")
        session.debug(2)
        session.warn("c %d %s", 3, "d")

    runs.value(task)
    assert runs.said == [("info", "a 1"), ("info", "100%"), ("debug", "2"), ("warning", "c 3 d")]


def divide() -> ZeroDivisionError:
    """An exception that was raised."""
    try:
        return ZeroDivisionError(1 / 0)
    except ZeroDivisionError as error:
        return error


LINES: dict[str, tuple[tuple[object, ...], dict[str, object], str]] = {
    "a mapping": (("%(a)s %(b)d", {"a": 1, "b": 2}), {}, "1 2"),
    "no values": (("%s",), {}, "%s"),
    "an empty mapping": (("%s", {}), {}, "{}"),
    "one too many": (("a %s", 1, 2), {}, "a %s 1 2"),
    "one too few": (("a %s %s", 1), {}, "a %s %s 1"),
    "another type": (("a %d", "b"), {}, "a %d b"),
    "what logging takes": (("a",), {"extra": {"b": 1}, "stacklevel": 2, "stack_info": False}, "a"),
    "no exception": (("a",), {"exc_info": True}, "a"),
}


@pytest.mark.parametrize("case", LINES)
@pytest.mark.parametrize("method", ["log", "warn", "debug"])
def test_lines_are_as_logging_makes_them(case: str, method: str, runs: Runs) -> None:
    values, settings, line = LINES[case]
    runs.value(lambda session: getattr(session, method)(*values, **settings))
    assert [text for _, text in runs.said] == [line]


def test_an_exception_in_a_line(runs: Runs) -> None:
    runs.value(lambda session: session.log("a", exc_info=divide()))
    ((_, text),) = runs.said
    assert text.startswith("a\nTraceback")
    assert text.endswith("\nZeroDivisionError: division by zero")


def test_installing_more(runs: Runs) -> None:
    (runs.top / "deep").mkdir()

    def task(session: Session) -> None:
        session.chdir("deep")
        session.install("-r", "a b.txt")

    runs.value(task)
    assert runs.installed == [(("-r", "a b.txt"), str(runs.top / "deep"))]
    assert [event.step.run for event in runs.events.of(CommandStarted)] == ["install -r 'a b.txt'"]


def test_an_install_that_fails_breaks_the_session(runs: Runs) -> None:
    runs.fails = "pip failed"
    assert runs.outcome(lambda session: session.install("a")) == ("broken", "pip failed", None)


@pytest.mark.parametrize(("codes", "outcome"), [(None, "broken"), ([0], "broken"), ((0, 3), "passed")])
def test_an_installer_may_end_with_other_codes(codes: Any, outcome: str, runs: Runs) -> None:
    def install(wanted: Recipe, arguments: Sequence[str], cwd: str, announce: Callable[[], None]) -> None:
        raise InstallerFailed("pip failed with exit code 3", 3)

    runs.install = install  # type: ignore[method-assign]
    assert runs(lambda session: session.install("a", success_codes=codes)).outcome == outcome


def test_patience_may_be_left_unsaid(runs: Runs) -> None:
    ask: Task = lambda session: session.run("own", interrupt_timeout=None, terminate_timeout=None, silent=True)  # noqa: E731
    assert runs.value(ask) == "|"


@pytest.mark.parametrize("code", [0, 3])
def test_capturing_gives_code_and_both_streams(code: int, runs: Runs) -> None:
    program(runs.env / "bin" / "both", "echo out; echo err >&2; exit $1")
    assert runs.value(lambda session: session.run("both", str(code), capture=True)) == Captured(code, "out\n", "err\n")


def test_a_captured_program_may_have_to_pass(runs: Runs) -> None:
    program(runs.env / "bin" / "both", "echo out; echo err >&2; exit 3")
    ended = runs.outcome(lambda session: session.run("both", capture=True, success_codes=[0]))
    assert ended == ("failed", "exit code 3 from: both", 3)
    assert runs.said == [("error", "out\nerr")]


def test_running_what_installs(runs: Runs) -> None:
    assert runs.value(lambda session: session.run_install("own", silent=True)) == "|"
    assert runs.value(lambda session: session.run_always("own", "a", silent=True)) == "a|"


def test_only_what_installs_runs_when_only_installing(runs: Runs) -> None:
    runs.tools_run = False
    assert runs.value(lambda session: session.run("own")) is None
    assert runs.value(lambda session: session.run("own", silent=True)) == ""
    assert runs.value(lambda session: session.run("own", capture=True)) == Captured(0, "", "")
    assert runs.value(lambda session: session.run(print, "never")) is None  # type: ignore[call-overload]
    assert runs.value(lambda session: session.run_install("own", silent=True)) == "|"


def test_nothing_is_installed_where_nothing_is_to_be(runs: Runs) -> None:
    runs.tools_install = False
    assert runs.value(lambda session: session.run_install("own")) is None
    assert runs.value(lambda session: session.run_always("own", silent=True)) == ""
    assert runs.value(lambda session: session.install("a")) is None
    assert runs.installed == []
    assert runs.value(lambda session: session.run("own", silent=True)) == "|"


@pytest.mark.parametrize(
    ("block", "installed"),
    [
        ('# /// script\n# dependencies = ["a>=1", "b"]\n# ///\n', [("a>=1", "b")]),
        ("# /// script\n# dependencies = []\n# ///\n", []),
        ("", []),
    ],
    ids=["dependencies", "none", "no-block"],
)
def test_a_script_with_what_it_needs(block: str, installed: list[tuple[str, ...]], runs: Runs) -> None:
    program(runs.env / "bin" / "python", 'printf "%s|" "$@"')
    (runs.top / "deep").mkdir()
    (runs.top / "deep" / "tool.py").write_text(block, encoding="utf-8")

    def task(session: Session) -> object:
        session.chdir("deep")
        return session.install_and_run_script("tool.py", "-x", silent=True)

    assert runs.value(task) == f"{runs.top / 'deep' / 'tool.py'}|-x|"
    assert [arguments for arguments, _ in runs.installed] == installed


def test_notifying(runs: Runs) -> None:
    def task(session: Session) -> None:
        session.notify("lint")
        session.notify("docs", ["-b", "html"])
        session.notify("more", (Path("a"),))  # type: ignore[arg-type]

    assert runs(task, "-x").outcome == "passed"
    assert runs.notified == [("lint", ("-x",)), ("docs", ("-b", "html")), ("more", ("a",))]
    assert runs.inherited == [True, False, False]


MISNAMED: dict[str, tuple[Task, str]] = {
    "words in one": (
        lambda session: session.notify("lint", "-x y"),
        "the arguments of a session are words of their own: write ['-x y']",
    ),
    "no words": (
        lambda session: session.notify("lint", [3]),
        "expected str, bytes or os.PathLike object, not int",
    ),
    "no name": (lambda session: session.notify(3), "session.notify takes the name of a session, and not 3"),
    "no script": (lambda session: session.script(None), "session.script takes the name of a script, and not None"),
}


@pytest.mark.parametrize("case", MISNAMED)
def test_what_is_no_name_and_no_words(case: str, runs: Runs) -> None:
    task, message = MISNAMED[case]
    assert runs.outcome(task) == ("failed", f"TypeError: {message}", 1)
    assert runs.notified == []


def test_another_script_of_the_environment(runs: Runs) -> None:
    assert runs(lambda session: session.script("good", "a b")).outcome == "passed"
    assert runs.notified == [("test:good", ("a b",))]
    assert runs.outcome(lambda session: session.script("bad")) == ("failed", "the script 'bad' failed: exit code 3", 1)


def test_what_the_session_lives_in(runs: Runs) -> None:
    def task(session: Session) -> None:
        lives = session.virtualenv
        assert (lives.location, lives.bin, lives.bin_paths) == (str(runs.env), session.bin, session.bin_paths)
        assert (lives.venv_backend, lives.interpreter, lives.is_sandboxed) == ("virtualenv", "3.12", True)
        lives.env["MORE"] = "more"
        assert session.env["MORE"] == "more"
        assert session.cache_dir == runs.env.parent / ".cache"
        assert session.cache_dir.is_dir()

    runs.value(task)


def test_a_session_without_an_environment_of_its_own(runs: Runs) -> None:
    runs.type = "none"
    place = str(program(runs.top / "bin" / "foreign", "echo $PATH"))

    def task(session: Session) -> object:
        assert (session.python, session.venv_backend, session.bin_paths) == (False, "none", None)
        assert (session.virtualenv.bin_paths, session.virtualenv.is_sandboxed) == (None, False)
        session.env["PATH"] = os.path.dirname(place)
        return session.run("foreign", external="error", silent=True)

    assert runs.value(task) == f"{os.path.dirname(place)}\n"
    assert runs.said == []
    assert runs.outcome(lambda session: session.bin)[1] == (
        "ValueError: 'test' has no environment of its own, and so no directory of programs"
    )
    outcome, reason, _ = runs.outcome(lambda session: session.install("a"))
    assert outcome == "failed"
    assert reason.startswith("'test' has no environment of its own to install into; ")
    assert runs.installed == []


def test_an_install_that_is_not_announced(runs: Runs) -> None:
    runs(lambda session: session.install("a", silent=True))
    assert (runs.installed, runs.events.of(CommandStarted)) == ([(("a",), str(runs.top))], [])


def test_a_directory_that_is_not_there_is_told_at_once(runs: Runs) -> None:
    outcome, reason, _ = runs.outcome(lambda session: session.chdir("missing"))
    assert (outcome, reason) == ("failed", f"NotADirectoryError: no such directory: '{runs.top / 'missing'}'")


@pytest.mark.parametrize("words", [("pip", "list"), ("python", "-m", "pip", "list")], ids=" ".join)
def test_a_task_that_runs_pip_gets_one_of_its_own(words: tuple[str, ...], runs: Runs) -> None:
    program(runs.env / "bin" / "python", "true")

    def task(session: Session) -> None:
        session.run(*words, external=True)

    runs(task)
    assert [arguments for arguments, _ in runs.installed] == [("pip",)]
    program(runs.env / "bin" / "pip", "true")
    assert runs(task).outcome == "passed"
    assert len(runs.installed) == 1


@pytest.mark.parametrize(
    ("settings", "given", "file"),
    [
        ({"silent": True}, "out\nerr\n", ""),
        ({"silent": True, "stderr": -3}, "out\n", ""),
        ({"silent": True, "stderr": -1}, "out\n", ""),
        ({"silent": True, "stderr": "file"}, "out\n", "err\n"),
        ({"stdout": "file"}, True, "out\nerr\n"),
        ({"stdout": "file", "stderr": -3}, True, "out\n"),
        ({"stdout": -1, "stderr": "file"}, True, "err\n"),
        ({"stdout": -3}, True, ""),
        ({"capture": True}, Captured(0, "out\n", "err\n"), ""),
    ],
    ids=str,
)
def test_where_the_output_of_a_program_goes(
    settings: dict[str, Any], given: object, file: str, runs: Runs, capfd: pytest.CaptureFixture[str]
) -> None:
    """As with nox: errors go with the output where that does not go to ours."""
    program(runs.env / "bin" / "both", "echo out; echo err >&2")
    with (runs.top / "file").open("w+", encoding="utf-8") as taken:
        streams: dict[str, Any] = {name: taken if value == "file" else value for name, value in settings.items()}
        assert runs.value(lambda session: session.run("both", **streams)) == given
        taken.seek(0)
        assert taken.read() == file
    assert capfd.readouterr() == ("", "")


def test_the_output_of_a_program_that_nobody_wants_is_shown(runs: Runs, capfd: pytest.CaptureFixture[str]) -> None:
    program(runs.env / "bin" / "both", "echo out; echo err >&2")
    assert runs.value(lambda session: session.run("both")) is True
    assert capfd.readouterr() == ("out\n", "err\n")


@pytest.mark.parametrize(
    "settings",
    [{"silent": True, "stdout": -3}, {"capture": True, "stdout": -3}, {"capture": True, "stderr": -3}],
    ids=str,
)
def test_output_that_is_wanted_twice(settings: dict[str, Any], runs: Runs) -> None:
    outcome, reason, _ = runs.outcome(lambda session: session.run("own", **settings))
    assert (outcome, reason[:10]) == ("failed", "ValueError")


def test_a_function_is_called(runs: Runs) -> None:
    def add(first: int, second: int) -> int:
        return first + second

    task: Task = lambda session: session.run(add, 1, 2)  # noqa: E731
    assert runs.value(task) == 3
    assert [text.rpartition(".")[2] for _, text in runs.said] == ["add(1, 2)"]


FAILURES: dict[str, tuple[tuple[str, ...], dict[str, Any], int | None, str]] = {
    "failed": (("own", "a"), {"env": {"CODE": "7"}, "silent": True}, 7, "a|"),
    "missing": (("no-such-program",), {}, None, ""),
    "not of the environment": (("sh",), {"external": "error"}, None, ""),
    "too slow": (("sleep", "60"), {"timeout": 0.1, "silent": True, "external": True}, None, ""),
    "nowhere": (("own",), {"cwd": "/nowhere"}, None, ""),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_task_can_go_on_after_a_failure(case: str, runs: Runs) -> None:
    words, settings, code, output = FAILURES[case]

    def task(session: Session) -> None:
        with pytest.raises(CommandFailed) as caught:
            session.run(*words, **settings)
        assert (caught.value.return_code, caught.value.output) == (code, output)
        assert caught.value.reason == str(caught.value)

    assert runs(task).outcome == "passed"


def test_posargs_are_one_list(runs: Runs) -> None:
    def task(session: Session) -> None:
        session.posargs.remove("-x")
        assert session.posargs == ["a"]

    assert runs(task, "-x", "a").outcome == "passed"


def with_path(session: Session) -> str:
    session.env["PATH"] = "/usr/bin"
    return session.run("own", silent=True)


PATHS: dict[str, Callable[[Session], str]] = {
    "said for a program": lambda session: session.run("own", silent=True, env={"PATH": "/usr/bin"}),
    "said for the session": with_path,
    "taken away": lambda session: session.run("own", silent=True, env={"PATH": None}),
    "not from outside": lambda session: session.run("own", silent=True, include_outer_env=False),
    "found outside": lambda session: session.run("sh", "-c", "own", silent=True, external=True, env={"PATH": "/none"}),
}


@pytest.mark.parametrize("case", PATHS)
def test_programs_of_the_environment_are_always_on_path(case: str, runs: Runs) -> None:
    assert runs.value(PATHS[case]) == "|"


def test_what_the_task_sets_in_its_session_is_not_from_outside(runs: Runs) -> None:
    def task(session: Session) -> object:
        session.env["MORE"] = "more"
        code = show("OUTER", "MORE", "HOME", "ENVTASKS_SESSION")
        return session.run(*code, silent=True, include_outer_env=False)

    assert runs.value(task) == "[None, 'more', None, 'test:test']\n"


def test_what_the_task_does_to_the_process_holds_for_its_programs(runs: Runs) -> None:
    """As with nox, whose session has no directory and no variables of its own."""
    (runs.top / "a" / "b").mkdir(parents=True)
    top = os.path.realpath(runs.top)

    def task(session: Session) -> list[object]:
        os.environ["MORE"] = "process"
        os.environ["OUTER"] = "process"
        session.env["OUTER"] = "session"
        seen: list[object] = [session.run(*show("OUTER", "MORE"), silent=True)]
        os.chdir("a")
        seen += [where(session), where(session, cwd="b")]
        with session.chdir("b"):
            seen.append(where(session))
        seen.append(where(session))
        os.chdir("..")
        del os.environ["MORE"]
        return [*seen, where(session), session.run(*show("OUTER", "MORE"), silent=True)]

    places = [f"{top}/a\n", f"{top}/a/b\n", f"{top}/a/b\n", f"{top}/a\n", f"{top}\n"]
    assert runs.value(task) == ["['session', 'process']\n", *places, "['session', None]\n"]
    assert "MORE" not in os.environ


def test_code_of_a_task_runs_where_its_programs_do(runs: Runs) -> None:
    assert runs.value(lambda _: os.getcwd()) == os.path.realpath(runs.top)
    assert os.getcwd() != os.path.realpath(runs.top)


def test_variables_for_an_installer(runs: Runs) -> None:
    seen: list[dict[str, str]] = []

    def install(wanted: Recipe, arguments: Sequence[str], cwd: str, announce: Callable[[], None]) -> None:
        seen.append({name: wanted.variables.get(name, "") for name in ("OUTER", "MORE", "PIP_INDEX_URL")})

    def task(session: Session) -> None:
        session.env["MORE"] = "more"
        session.install(Path("a"), env={"PIP_INDEX_URL": "there"})
        session.install("b", env={"OUTER": None})
        session.install("c", include_outer_env=False)

    runs.install = install  # type: ignore[method-assign]
    runs.value(task)
    assert seen == [
        {"OUTER": "outer", "MORE": "more", "PIP_INDEX_URL": "there"},
        {"OUTER": "", "MORE": "more", "PIP_INDEX_URL": ""},
        {"OUTER": "", "MORE": "more", "PIP_INDEX_URL": ""},
    ]


def test_only_frames_of_the_person_are_shown_of_what_went_before(runs: Runs) -> None:
    def task(session: Session) -> None:
        try:
            session.run("own", env={"CODE": "7"}, silent=True)
        except CommandFailed as error:
            raise ZeroDivisionError("then") from error

    runs(task)
    (_, text) = runs.said[-1]
    assert "ZeroDivisionError: then" in text
    assert "CommandFailed: exit code 7 from: own" in text
    assert os.path.join("envtasks", "run") not in text
