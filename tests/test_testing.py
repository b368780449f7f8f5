"""What people test their tasks with: projects from texts, plans, and runs that start nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from envtasks import testing
from envtasks.events import CommandFinished, CommandStarted
from envtasks.signals import Stopped
from envtasks.testing import (
    Answer,
    Command,
    EnvfileFailed,
    EnvironmentFailed,
    Finished,
    InterpreterMissing,
    InvalidDeclarations,
    Performed,
    RequestError,
    Said,
    Tasks,
    TimedOut,
    declared,
    declared_in,
    performed,
    planned,
)

TOML = """
    sessions = ["lint"]
    [envs.lint.scripts]
    lint = ["ruff check {args:.}", "- ruff format --check", "mypy"]
    [envs.test]
    python = ["3.11", "3.12"]
    scripts.test = { run = "pytest", requires = ["lint"], cwd = "deep", env-vars = { A = "{env:B:none}" }, timeout = 5 }
"""
ENVFILE = '''
    """Tasks."""
    from envtasks import env

    @env(default=True)
    def task(session):
        """Do it."""
'''


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reading an envfile adds to where modules are found; that ends with the test."""
    monkeypatch.setattr(sys, "path", sys.path[:])
    yield
    sys.modules.pop("envfile", None)


def in_python(body: str, **settings: Any) -> Tasks:
    """The tasks of an envfile with one task of these lines, and two others that it may call for."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    others = 'env("other", default=False, scripts={"other": "echo {args:nothing}"})\n@task.script\ndef more(session):'
    text = f"from envtasks import env\n@env\ndef task(session):\n{lines}\n{others}\n    session.run('more', *session.posargs)"
    return declared(envfile=text, **settings)


def names(tasks: Tasks) -> list[str]:
    return [session.name for session in tasks.sessions]


@pytest.mark.parametrize(
    ("texts", "sessions"),
    [
        ({}, []),
        ({"toml": TOML}, ["lint", "test.py3.11", "test.py3.12"]),
        ({"envfile": ENVFILE}, ["task"]),
        ({"toml": TOML, "envfile": ENVFILE}, ["lint", "test.py3.11", "test.py3.12", "task"]),
        ({"pyproject": '[tool.envtasks.envs.a]\nscripts.a = ""'}, ["a"]),
        ({"pyproject": '[tool.hatch.envs.a]\nscripts.b = ""', "envfile": ENVFILE}, ["a", "task"]),
    ],
    ids=["nothing", "TOML", "envfile", "both", "pyproject", "Hatch"],
)
def test_projects_of_texts(texts: dict[str, Any], sessions: list[str]) -> None:
    tasks = declared(**texts)
    assert names(tasks) == sessions
    assert not os.path.exists(tasks.host.root)


def test_a_project_of_texts_is_that_of_the_same_files(tmp_path: Path) -> None:
    for name, text in (("envtasks.toml", TOML), ("pyproject.toml", '[project]\nname = "p"\nversion = "1"')):
        (tmp_path / name).write_text(text, encoding="utf-8")
    read = declared_in(tmp_path, environ={"A": "1"}, platform="windows")
    assert read == declared(
        TOML, pyproject='[project]\nname = "p"\nversion = "1"', root=tmp_path, environ={"A": "1"}, platform="windows"
    )
    assert read.project.metadata.name == "p"


def test_the_world_is_what_the_test_says() -> None:
    text = """
        [envs.default]
        scripts.a = "{env:B:none} {root}"
        overrides.platform.macos.description = { value = "mac" }
    """
    plain = declared(text)
    (step,) = planned(plain, "a").sessions[0].steps
    assert (step.run, plain.sessions[0].description) == (f"none {testing.ROOT}", "")
    told = declared(text, environ={"B": "b"}, platform="macos", root="/elsewhere")
    (step,) = planned(told, "a").sessions[0].steps
    assert (step.run, told.sessions[0].environment.values["description"]) == ("b /elsewhere", "mac")


def test_files_of_a_project_on_disk_are_found_from_below(tmp_path: Path) -> None:
    (tmp_path / "envfile.py").write_text("from envtasks import env\nenv('x', scripts={'x': ''})", encoding="utf-8")
    (tmp_path / "deep").mkdir()
    assert names(declared_in(tmp_path / "deep")) == names(declared_in(str(tmp_path))) == ["x"]


def test_where_there_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no project in"):
        declared_in(tmp_path)


@pytest.mark.parametrize(
    ("texts", "file", "message"),
    [
        ({"toml": "[envs.a]\nscripst = {}"}, "envtasks.toml", "unknown option 'scripst'"),
        ({"toml": "["}, "envtasks.toml", "not TOML: "),
        ({"pyproject": "[tool.envtasks]\nenvs = 3"}, "pyproject.toml", "expected a table, found the number 3"),
        ({"envfile": "def ("}, "envfile.py", "not Python: "),
    ],
)
def test_mistakes_are_told_with_the_file_that_they_would_be_in(texts: dict[str, Any], file: str, message: str) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        declared(**texts)
    (mistake,) = raised.value.mistakes
    assert mistake.message.startswith(message)
    assert mistake.where.file == os.path.join(os.path.abspath(testing.ROOT), file)


def test_an_envfile_that_raises() -> None:
    with pytest.raises(EnvfileFailed, match="ZeroDivisionError"):
        declared(envfile="\n\n1 / 0")


@pytest.mark.parametrize(
    ("wanted", "arguments", "steps"),
    [
        ((), (), {"lint": ["ruff check .", "- ruff format --check", "mypy"]}),
        (("lint",), ["a b", "-x"], {"lint": ["ruff check 'a b' -x", "- ruff format --check", "mypy"]}),
        (("test.py3.12",), (), {"lint": ["ruff check .", "- ruff format --check", "mypy"], "test.py3.12": ["pytest"]}),
    ],
)
def test_plans(wanted: tuple[str, ...], arguments: Any, steps: dict[str, list[str]]) -> None:
    plan = planned(declared(TOML), *wanted, arguments=arguments)
    assert {work.name: [str(step) for step in work.steps] for work in plan.sessions} == steps


def test_what_cannot_be_planned() -> None:
    with pytest.raises(RequestError, match="unknown session 'lnit'"):
        planned(declared(TOML), "lnit")
    with pytest.raises(RequestError, match="take no arguments"):
        performed(declared(TOML), "test", arguments=["-x"])
    with pytest.raises(InvalidDeclarations, match="'A' is not set"):
        performed(declared('[envs.a]\nscripts.a = "{env:A}"'), "a")
    with pytest.raises(TypeError, match=r"write \['-x'\]"):
        planned(declared(TOML), "lint", arguments="-x")


CHAINS: dict[str, tuple[dict[str, Answer], tuple[str, str], int]] = {
    "no answers": ({}, ("passed", ""), 3),
    "zero": ({"mypy": 0}, ("passed", ""), 3),
    "none": ({"mypy": None}, ("passed", ""), 3),
    "a text": ({"mypy": "fine"}, ("passed", ""), 3),
    "a code": ({"mypy": 3}, ("failed", "exit code 3 from: mypy"), 3),
    "a code that is ignored": ({"ruff format --check": 3}, ("passed", ""), 3),
    "a pattern": ({"ruff check*": 2}, ("failed", "exit code 2 from: ruff check ."), 1),
    "the line itself before patterns": ({"*": 0, "ruff check .": 2}, ("failed", "exit code 2 from: ruff check ."), 1),
    "the first pattern": ({"ruff*": 0, "*": 1}, ("failed", "exit code 1 from: mypy"), 3),
    "more": ({"mypy": Finished(4, "out", "err")}, ("failed", "exit code 4 from: mypy"), 3),
    "an exception": ({"mypy": TimedOut("ran longer than 3 seconds")}, ("failed", "mypy: ran longer than 3 seconds"), 3),
}


@pytest.mark.parametrize("case", CHAINS)
def test_answers_of_chains(case: str) -> None:
    answers, ending, count = CHAINS[case]
    done = performed(declared(TOML), answers=answers)
    assert (done.result.outcome, done.result.reason) == ending
    assert done.lines == ("ruff check .", "ruff format --check", "mypy")[:count]
    assert done.passed is (ending[0] == "passed")


def test_answers_may_be_asked_of_a_function() -> None:
    asked: list[Command] = []

    def answer(command: Command) -> Answer:
        asked.append(command)
        return 3 if len(asked) == 3 else None

    done = performed(declared(TOML), answers=answer)
    assert done.result.exit_code == 3
    assert tuple(asked) == done.commands
    assert done.unasked == ()


def test_answers_that_nobody_asked_for_can_be_seen() -> None:
    answers = {"mypy": 0, "mypi": 1, "ruff*": 0, "*.py": 2}
    assert performed(declared(TOML), answers=answers).unasked == ("mypi", "*.py")


def test_what_a_command_of_a_chain_would_see() -> None:
    tasks = declared(TOML, environ={"B": "b", "PATH": "/bin"}, root="/p")
    *_, test = performed(tasks, "test.py3.12").commands
    assert (test.session, test.kind, test.line, test.words) == ("test.py3.12", "shell", "pytest", ())
    assert (test.cwd, test.timeout, str(test)) == ("/p/deep", 5, "pytest")
    recipe = planned(tasks, "test.py3.12").sessions[-1].recipe
    assert test.variables == {**recipe.variables, "A": "b", "ENVTASKS_SESSION": "test.py3.12:test"}
    assert test.variables["PATH"] == f"/p/.envtasks/envs/test.py3.12/bin{os.pathsep}/bin"


def told(done: Performed) -> list[str]:
    return [f"{command.session} {command.kind} {command.line}" for command in done.commands]


def test_a_python_task_is_called_and_starts_nothing(tmp_path: Path) -> None:
    body = """
session.log("a %s", 1)
session.install("-r", "a b.txt")
session.install("quiet", silent=True)
session.run("no-such-program", "a b")
session.run(session.bin + "/python", "-V", log=False)
session.run("/bin/other", external=True)
session.script("more", "x")
session.notify("other", ["y z"])
session.warn("end")
"""
    done = performed(in_python(body, root=tmp_path, environ={"PATH": "/bin"}), "task")
    assert done.outcomes == {"task": "passed", "other": "passed"}, done.text
    assert told(done) == [
        "task install install -r 'a b.txt'",
        "task install install quiet",
        "task program no-such-program 'a b'",
        "task program python -V",
        "task program /bin/other",
        "task:more program more x",
        "other shell echo 'y z'",
    ]
    assert done.said == ("a 1", "end")
    assert [event.level for event in done.of(Said)] == ["info", "warning"]
    assert [event.step.run for event in done.of(CommandStarted)][:3] == [
        "install -r 'a b.txt'",
        "no-such-program 'a b'",
        "/bin/other",
    ]
    assert done.prepared == ("task", "other")
    assert done.commands[2].words == ("no-such-program", "a b")
    assert list(tmp_path.iterdir()) == []


def value(expression: str, answers: dict[str, Answer]) -> str:
    done = performed(in_python(f"session.log('%r', {expression})"), "task", answers=answers)
    assert done.passed, done.text
    return done.said[-1]


@pytest.mark.parametrize(
    ("keywords", "answer", "seen"),
    [
        ("", Finished(0, "out", "err"), "True"),
        ("success_codes=[3]", 3, "True"),
        ("silent=True", "out", "'out'"),
        ("silent=True", Finished(0, "out", "err"), "'outerr'"),
        ("silent=True", None, "''"),
        ("capture=True", Finished(3, "out", "err"), "Captured(returncode=3, stdout='out', stderr='err')"),
        ("capture=True", "out", "Captured(returncode=0, stdout='out', stderr='')"),
    ],
)
def test_answers_of_programs(keywords: str, answer: Answer, seen: str) -> None:
    assert value(f"session.run('x', {keywords})", {"x": answer}) == seen


def test_a_program_that_fails_says_only_what_is_not_on_the_terminal_already() -> None:
    failing: dict[str, Answer] = {"x": Finished(3, "out", "err")}
    loud = performed(in_python("session.run('x')"), answers=failing)
    assert (loud.result.reason, loud.result.exit_code, loud.said) == ("exit code 3 from: x", 3, ())
    silent = performed(in_python("session.run('x', silent=True)"), answers=failing)
    assert (silent.result.exit_code, silent.said) == (3, ("outerr",))


def test_what_a_program_would_see() -> None:
    body = """
session.env["A"] = "own"
session.run("one", env={"B": "more"}, cwd="deep", timeout=3)
session.run("two", env={"B": "only"}, include_outer_env=False)
"""
    tasks = in_python(body, environ={"OUTER": "outer"})
    one, two = performed(tasks).commands
    assert (one.cwd, one.timeout, two.cwd) == (os.path.join(tasks.host.root, "deep"), 3, tasks.host.root)
    assert [one.variables[name] for name in ("A", "B", "OUTER")] == ["own", "more", "outer"]
    assert (two.variables["B"], "OUTER" in two.variables) == ("only", False)
    assert one.session == two.session == "task"


def test_directories_to_write_to_are_not_those_of_the_environment(tmp_path: Path) -> None:
    body = """
for made in (session.create_tmp(), str(session.cache_dir)):
    open(f"{made}/file", "w").close()
    session.log(made)
"""
    done = performed(in_python(body, root=tmp_path))
    assert done.passed, done.text
    assert len(done.said) == 2
    assert not [made for made in done.said if made.startswith(str(tmp_path)) or os.path.exists(made)]
    assert list(tmp_path.iterdir()) == []


def test_files_of_the_root_are_there_for_tasks(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "tool.py").write_text('# /// script\n# dependencies = ["a"]\n# ///\n', encoding="utf-8")
    body = """
with session.chdir("deep"):
    session.install_and_run_script("tool.py", "-x")
"""
    done = performed(in_python(body, root=tmp_path))
    assert done.lines == ("install a", f"python {tmp_path}/deep/tool.py -x")
    assert [command.cwd for command in done.commands] == [str(tmp_path / "deep")] * 2


def test_pip_is_taken_to_be_there() -> None:
    assert performed(in_python("session.run('pip', 'list')")).lines == ("pip list",)


def test_an_install_that_fails() -> None:
    done = performed(in_python("session.install('a')\nsession.run('b')"), answers={"install *": 1})
    assert (done.outcomes, done.result.reason) == ({"task": "broken"}, "installing failed with exit code 1")
    assert done.lines == ("install a",)


def test_a_task_that_raises_is_shown_with_its_frames() -> None:
    done = performed(in_python("1 / 0"))
    assert (done.result.outcome, done.result.reason) == ("failed", "ZeroDivisionError: division by zero")
    assert "in task" in done.text


UNMADE: dict[str, tuple[dict[str, EnvironmentFailed], dict[str, Any], dict[str, str]]] = {
    "broken": (
        {"lint": EnvironmentFailed("pip failed")},
        {},
        {"lint": "broken", "test.py3.11": "cancelled", "test.py3.12": "cancelled"},
    ),
    "a root": (
        {"test": InterpreterMissing("no Python")},
        {},
        {"lint": "passed", "test.py3.11": "skipped", "test.py3.12": "skipped"},
    ),
    "missing fails": (
        {"test.py3.11": InterpreterMissing("no Python")},
        {"missing_fails": True},
        {"lint": "passed", "test.py3.11": "broken", "test.py3.12": "passed"},
    ),
    "stop on first": (
        {"*3.11": InterpreterMissing("no Python")},
        {"missing_fails": True, "stop_on_first": True},
        {"lint": "passed", "test.py3.11": "broken", "test.py3.12": "cancelled"},
    ),
}


@pytest.mark.parametrize("case", UNMADE)
def test_environments_that_cannot_be_made(case: str) -> None:
    unmade, settings, outcomes = UNMADE[case]
    done = performed(declared(TOML), "test", unmade=unmade, **settings)
    assert done.outcomes == outcomes
    assert done.prepared == tuple(
        name for name, outcome in outcomes.items() if outcome not in ("broken", "skipped", "cancelled")
    )


def test_environments_that_cannot_be_made_are_there() -> None:
    with pytest.raises(RequestError, match="unknown environment 'tset'"):
        performed(declared(TOML), "test", unmade={"tset": EnvironmentFailed("no")})


def test_only_what_installs_runs_when_only_installing() -> None:
    tasks = in_python("session.run('a')\nsession.install('b')\nsession.run_install('c')")
    assert performed(tasks, "task", "other", install_only=True).lines == ("install b", "c")


def test_an_answer_may_be_an_interrupt() -> None:
    done = performed(declared(TOML), "test.py3.12", answers={"ruff check .": KeyboardInterrupt()})
    assert done.outcomes == {"lint": "failed", "test.py3.12": "cancelled"}
    assert done.results[0].exit_code == 130
    assert done.result.reason == "the run was stopped"


def test_a_person_who_interrupts_a_test_is_heard() -> None:
    def interrupted(command: Command) -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(Stopped):
        performed(declared(TOML), answers=interrupted)


def test_the_result_is_that_of_what_was_asked_for() -> None:
    notifying = in_python("session.notify('other')")
    assert performed(notifying).result.work.name == "task"
    assert performed(declared(TOML), "test.py3.12").result.work.name == "test.py3.12"
    with pytest.raises(RequestError, match="nothing was performed"):
        _ = performed(declared()).result


def test_the_text_is_what_a_person_sees() -> None:
    text = performed(in_python("session.debug('more')\nsession.run('x')"), answers={"x": 3}).text
    lines = [line.partition(" after ")[0] for line in text.splitlines()]
    assert lines == ["==> task", "task: more", "$ x", "exit code 3", "task: failed"]


def test_runs_do_not_share_anything() -> None:
    tasks = declared(TOML)
    assert performed(tasks).commands == performed(tasks).commands
    assert [event.exit_code for event in performed(tasks, answers={"*": 1}).of(CommandFinished)] == [1]


@pytest.mark.parametrize("name", testing.__all__)
def test_public_names_are_there_and_say_what_they_are(name: str) -> None:
    public = getattr(testing, name)
    if isinstance(public, (type, FunctionType)):
        assert not (public.__doc__ or f"{name}(").startswith(f"{name}("), (
            "a tuple has its fields, where nothing is said"
        )
