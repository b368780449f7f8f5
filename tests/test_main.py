"""From argv to an exit code, inside this process: nothing here makes an environment."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pytest
from fakes import recorded, work

from envtasks import __version__
from envtasks.cli import performing, show
from envtasks.cli.command import VERBS, help_width, main, parse
from envtasks.cli.flags import COMMON, complete
from envtasks.cli.run import exit_code
from envtasks.cli.world import look
from envtasks.errors import RequestError
from envtasks.events import Outcome, Result
from envtasks.plan.filling import fill_environment, recipe_of
from envtasks.resolve.project import resolve

MakeProject = Callable[[Mapping[str, str]], Path]

TOML = """
sessions = ["test"]

[envs.default]
skip-install = true

[envs.default.scripts]
hello = "echo hello {args:world}"

[envs.test]
tags = ["ci"]

[envs.test.scripts]
test = ["- exit 1", "exit 3", "exit 0"]
fine = "true"

[envs.lint.scripts]
run = "true"

[envs.matrix]
python = "self"
matrix = [{ django = ["4", "5"] }]
scripts.run = 'test {matrix:django} = 4'

[envs.gone]
python = "99.1"
scripts.run = "true"

[envs.elsewhere]
platforms = ["windows"]
scripts.run = "true"
"""


@pytest.fixture
def made(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose environments look finished, but for `gone`."""
    root = project({"envtasks.toml": TOML})
    monkeypatch.chdir(root)
    flags = Namespace()
    complete(flags, COMMON, {})
    world = look(flags)
    everything = resolve(world.declarations, world.host)
    for environment in everything.environments.values():
        if environment.name not in ("gone", "elsewhere"):
            filled = fill_environment(environment, everything, world.host)
            recorded(recipe_of(filled, everything, world.host))
    return root


Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("argv", "verb", "operands", "arguments"),
    [
        (["lint", "test", "-x", "--", "-k"], "", ("lint", "test"), ("-k",)),
        ([], "", (), ()),
        (["-s", "a", "b", "--", "-x", "--", "c"], "", (), ("-x", "--", "c")),
        (["-s", "run"], "", (), ()),
        (["run", "-e", "env", "a"], "run", ("a",), ()),
        (["-v", "-t", "run", "x"], "", (), ()),
        (["--", "run"], "", (), ("run",)),
        (["run", "a"], "run", ("a",), ()),
        (["run", "a", "-v", "--", "b"], "run", ("a", "-v", "--", "b"), ()),
        (["run", "-v", "a"], "run", ("a",), ()),
        (["run", "--", "-a"], "run", ("-a",), ()),
        (["-C", "run", "run", "a"], "run", ("a",), ()),
        (["run", "--color", "never", "a", "b"], "run", ("a", "b"), ()),
        (["run", "--color=never", "a", "b"], "run", ("a", "b"), ()),
        (["-q", "run", "a"], "run", ("a",), ()),
        (["env", "show"], "env show", (), ()),
        (["env", "show", "a", "b", "--json"], "env show", ("a", "b"), ()),
        (["run"], "run", (), ()),
    ],
)
def test_parse(argv: list[str], verb: str, operands: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    invocation = parse(argv, {})
    assert (invocation.verb, invocation.operands, invocation.arguments) == (verb, operands, arguments)


def test_flags_before_and_after_a_verb() -> None:
    flags = parse(["-C", "here", "-v", "run", "--dry-run", "a"], {}).flags
    assert (flags.directory, flags.verbose, flags.dry_run) == ("here", 1, True)


def test_flags_of_the_environment() -> None:
    flags = parse([], {"ENVTASKS_SESSIONS": "a b", "ENVTASKS_COLOR": "never"}).flags
    assert (flags.sessions, flags.color) == (["a", "b"], "never")


@pytest.mark.parametrize("argv", [["env"], ["env", "shwo"]])
def test_half_a_verb(argv: list[str]) -> None:
    with pytest.raises(RequestError, match=f"'{' '.join(argv)}' is no command") as caught:
        parse(argv, {})
    assert "env show" in caught.value.hint


@pytest.mark.parametrize("argv", [["--no-such"], ["run", "--no-such"], ["--color", "often"], ["-s"]])
def test_argparse_refuses(argv: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(argv, {})
    assert caught.value.code == 2
    assert "usage: envtasks" in capsys.readouterr().err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_module_and_help(verb: str, capsys: Captured) -> None:
    assert callable(import_module(VERBS[verb].module).main)
    with pytest.raises(SystemExit) as caught:
        parse([*verb.split(), "--help"], {})
    assert caught.value.code == 0
    assert VERBS[verb].help in capsys.readouterr().out


def test_version(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        parse(["--version"], {})
    assert capsys.readouterr().out == f"envtasks {__version__}\n"


def test_width_of_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda: os.terminal_size((300, 20)))
    assert help_width() == 118
    monkeypatch.setattr(os, "get_terminal_size", lambda: os.terminal_size((80, 20)))
    assert help_width() == 78


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ([], 1),
        (["-s", "lint"], 0),
        (["-s", "test"], 1),
        (["-s", "test:fine"], 0),
        (["-s", "hello"], 0),
        (["-s", "matrix"], 1),
        (["-s", "matrix.4"], 0),
        (["-s", "gone"], 1),
        (["-s", "gone", "lint"], 0),
        (["-s", "gone", "--error-on-missing-interpreters"], 3),
        (["-s", "elsewhere"], 1),
        (["-s", "elsewhere", "--error-on-missing-interpreters"], 1),
        (["-t", "ci"], 1),
        (["-t", "no-such-tag"], 2),
        (["-s", "lint", "-t", "ci"], 2),
        (["-s", "lnit"], 2),
        (["--list"], 0),
        (["--list", "--json"], 0),
        (["-x", "-s", "test", "lint"], 1),
        (["run", "hello"], 0),
        (["run", "test:test"], 3),
        (["run", "test:fine"], 0),
        (["run", "matrix:run"], 1),
        (["run", "gone:run"], 1),
        (["run", "--error-on-missing-interpreters", "gone:run"], 3),
        (["run", "lnit:run"], 2),
        (["run"], 2),
        (["run", "--", "exit 9"], 127),
        (["run", "sh", "-c", "exit 9"], 9),
        (["run", "test:sh", "-c", "kill -9 $$"], 137),
        (["env", "show"], 0),
        (["env", "show", "--json"], 0),
        (["env", "show", "--ascii"], 0),
        (["env", "show", "--origin"], 0),
        (["env", "show", "--origin", "--json", "test"], 0),
        (["env", "show", "lnit"], 2),
        (["--json", "-s", "lint"], 2),
        (["-C", "/nowhere"], 2),
        (["--dry-run"], 0),
        (["--dry-run", "-s", "gone"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes(argv: list[str], code: int, made: Path, capfd: Captured) -> None:
    assert main(argv) == code
    assert "Traceback" not in capfd.readouterr().err


def test_in_ci_a_missing_interpreter_is_a_failure(made: Path, monkeypatch: pytest.MonkeyPatch, capfd: Captured) -> None:
    monkeypatch.setenv("CI", "true")
    assert main(["-s", "gone"]) == 3
    assert main(["-s", "gone", "--no-error-on-missing-interpreters"]) == 1
    assert "gone: skipped: no Python for '99.1'" in capfd.readouterr().err


def test_stdout_is_for_the_commands(made: Path, capfd: Captured) -> None:
    assert main(["-s", "hello", "--", "a b"]) == 0
    captured = capfd.readouterr()
    assert captured.out == "hello a b\n"
    assert captured.err.startswith("==> default\n$ echo hello 'a b'\n")


def test_run_is_brief(made: Path, capfd: Captured) -> None:
    assert main(["run", "hello", "--", "a b"]) == 0
    assert capfd.readouterr() == ("hello a b\n", "")


@pytest.mark.parametrize(
    ("variables", "environment"),
    [({}, "default"), ({"ENVTASKS_ENV_ACTIVE": "lint"}, "lint")],
)
def test_commands_run_in_the_active_environment(
    variables: dict[str, str], environment: str, made: Path, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["run", "printenv", "ENVTASKS_ENV_ACTIVE"]) == 0
    assert capfd.readouterr().out == f"{environment}\n"


def test_what_a_person_types_is_not_filled(made: Path, capfd: Captured) -> None:
    assert main(["run", "echo", "{root}", "{args}", "{", "$HOME", "a  b"]) == 0
    assert capfd.readouterr().out == "{root} {args} { $HOME a  b\n"


def test_the_plan_as_json(made: Path, capsys: Captured) -> None:
    assert main(["--dry-run", "--json", "-s", "test", "hello", "--", "a b"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in document["sessions"]] == ["test", "default"]
    (command,) = document["sessions"][1]["commands"]
    assert (command["run"], command["ignore_exit_code"]) == ("echo hello 'a b'", False)


def test_the_plan_of_run(made: Path, capsys: Captured) -> None:
    assert main(["run", "--dry-run", "matrix:echo", "a b"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("  run ")] == ["  run         echo 'a b'"] * 2


def test_nothing_selected_shows_what_there_is(made: Path, capsys: Captured) -> None:
    assert main(["-t", "no-such-tag"]) == 2
    captured = capsys.readouterr()
    assert "- lint\n" in captured.out
    assert captured.err == "error: no session has the tag 'no-such-tag'\n  hint: known are: ci\n"


def test_env_show_tells_what_cannot_be_filled(project: MakeProject, capsys: Captured) -> None:
    root = project({"envtasks.toml": '[envs.bad]\nscripts.run = "echo {env:NOT_SET_AT_ALL}"\n'})
    assert main(["-C", str(root), "env", "show", "bad"]) == 1
    assert "the environment variable 'NOT_SET_AT_ALL' is not set" in capsys.readouterr().out


def test_env_show_is_as_wide_as_the_person_says(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["env", "show", "matrix", "test"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 40


def test_width_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert show.terminal_width() == 100
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((77, 20)))
    assert show.terminal_width() == 77


@pytest.mark.parametrize(
    ("outcomes", "code", "run_code"),
    [
        ([("passed", 0)], 0, 0),
        ([("skipped", None)], 1, 1),
        ([("passed", 0), ("skipped", None)], 0, 0),
        ([("failed", 7), ("failed", 8)], 1, 7),
        ([("failed", 0)], 1, 1),
        ([("passed", 0), ("failed", 7), ("broken", None)], 3, 3),
        ([("cancelled", None)], 1, 1),
        ([], 0, 0),
    ],
)
def test_exit_codes_of_outcomes(outcomes: list[tuple[Outcome, int | None]], code: int, run_code: int) -> None:
    results = tuple(Result(work(), outcome, exit_code=number) for outcome, number in outcomes)
    assert performing.exit_code_of(results) == code
    assert exit_code(results) == run_code


@pytest.mark.parametrize(
    ("when", "environ", "colored"),
    [
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        (None, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (None, {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
        (None, {"TERM": "dumb"}, False),
        (None, {}, False),
    ],
)
def test_when_to_colour(when: str | None, environ: dict[str, str], colored: bool, capfd: Captured) -> None:
    assert performing.colored(when, environ) is colored
    assert bool(performing.color_codes(when, environ)) is colored


def test_an_interrupt_has_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(argv: object, environ: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("envtasks.cli.command.parse", interrupt)
    assert main([]) == 130


def test_characters_that_a_stream_lacks_are_escaped(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = project({"envtasks.toml": '[envs.t]\ndescription = "\N{SNOWMAN}"\nscripts.run = "true"\n'})
    with open(tmp_path / "out", "w", encoding="ascii") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["-C", str(root), "--list"]) == 0
    assert r"\u2603" in (tmp_path / "out").read_text(encoding="ascii")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["--list"]) == 1
    assert capsys.readouterr().err == "error: cannot write: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_nobody_to_complain_to(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        assert main(["-s", "lnit"]) == 2
        assert main(["-s", "lint"]) == 0


def test_a_reader_that_has_gone(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(["--list"]) == 141


def test_what_is_wrong_otherwise_is_our_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(argv: object, environ: object) -> None:
        raise FileNotFoundError(2, "no", "file")

    monkeypatch.setattr("envtasks.cli.command.parse", fall)
    with pytest.raises(FileNotFoundError):
        main([])


def test_a_table_for_a_stream_that_lacks_its_characters(
    made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open(tmp_path / "out", "w", encoding="ascii") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["env", "show"]) == 0
    assert "---+---" in (tmp_path / "out").read_text(encoding="ascii")


def test_the_list_where_what_is_selected_is_wrong(project: MakeProject, capsys: Captured) -> None:
    root = project({"envtasks.toml": '[envs.lint]\nscripts.run = "ruff"\n'})
    assert main(["-C", str(root), "--list", "-s", "lnit"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: unknown session 'lnit'")


def test_the_list_marks_what_is_required_as_well(project: MakeProject, capsys: Captured) -> None:
    root = project(
        {
            "envtasks.toml": """
            sessions = ["test"]
            [envs.default.scripts]
            fetch = "true"
            build = { run = "true", requires = ["fetch"] }
            other = "true"
            [envs.test]
            scripts.test = { run = "true", requires = ["build"] }
            """
        }
    )
    assert main(["-C", str(root), "--list"]) == 0
    marked = [line[2:] for line in capsys.readouterr().out.splitlines() if line.startswith("* ")]
    assert marked == ["default:fetch", "default:build", "test"]


def test_the_list_is_where_one_looks_for_scripts(project: MakeProject, capsys: Captured) -> None:
    text = 'sessions = ["many", "one"]\n[envs.many.scripts]\na = "a"\nb = "b"\n[envs.one]\nscripts.run = "run"\n'
    root = project({"envtasks.toml": text})
    assert main(["-C", str(root), "--list"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[2:5] == ["- many:a", "- many:b", "* one"]
    assert captured.err == "note: 'many' does not say which script runs by default: choose one: many:a, many:b\n"
    assert main(["-C", str(root)]) == 2


def test_a_closed_stream_swallows(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    try:
        assert main(["--list"]) == 0
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.close()


def test_what_is_typed_wins_over_the_environment() -> None:
    assert parse(["typed"], {"ENVTASKS_SESSIONS": "other"}).flags.sessions == ["typed"]
    assert parse([], {"ENVTASKS_SESSIONS": "one,two"}).flags.sessions == ["one", "two"]


def test_nothing_is_selected(project: MakeProject, capsys: Captured) -> None:
    root = project({"envtasks.toml": '[envs.lint]\nscripts.run = "ruff"\n'})
    assert main(["-C", str(root)]) == 2
    captured = capsys.readouterr()
    assert "- lint\n" in captured.out
    assert captured.err.startswith("error: nothing is selected\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["+py=3.12", "lint"], "error: '+py=3.12' selects no environments here\n"),
        (["--dry-run", "lint"], "note: 'lint' is also an environment; `envtasks lint` runs its own script\n"),
    ],
)
def test_words_of_run_that_mean_something_else(
    words: list[str], told: str, project: MakeProject, capsys: Captured
) -> None:
    root = project({"envtasks.toml": '[envs.lint]\nscripts.run = "ruff"\n'})
    main(["-C", str(root), "run", *words])
    assert capsys.readouterr().err.startswith(told)
