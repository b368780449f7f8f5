"""What a word of the command line may become, and the code that makes a shell ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from envtasks.cli.candidates import SHELLS, SOURCES, Candidate
from envtasks.cli.command import COMPLETION_NOTES, VERBS, main
from envtasks.cli.completion import candidates, told
from envtasks.cli.flags import COMMON

MakeProject = Callable[[Mapping[str, str]], Path]
Captured = pytest.CaptureFixture[str]

TOML = """
    aliases = { check = ["lint", "test"] }
    [envs.default]
    detached = true
    scripts.seed = { run = "seed", description = "Fill the shelves" }
    [envs.lint]
    detached = true
    description = "Look at the code"
    tags = ["quick", "on its own"]
    scripts = { run = "ruff", fmt = "ruff format", or = "x" }
    [envs.test]
    detached = true
    tags = ["ci"]
    matrix = [{ django = ["4", "5"] }]
    scripts = { test = "pytest", cov = "cov" }
"""
SESSIONS = ["default", "lint", "lint:fmt", "lint:or", "test.4", "test.4:cov", "test.5", "test.5:cov"]
FAMILIES = ["test", "test:cov"]
WORDS = list(dict.fromkeys(verb.split()[0] for verb in VERBS if verb))


@pytest.fixture
def here(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = project(
        {"envtasks.toml": TOML, "deep/er/envtasks.toml": "[envs.deeper.scripts]\nrun = 'x'", ".hidden/x": ""}
    )
    monkeypatch.chdir(root)
    for name, implementation, version in (("a", "cpython", "9.7.1"), ("b", "pypy", "9.8.0")):
        mark = {"implementation": implementation, "version": version, "program": "python", "source": "", "build": ""}
        (root / "deep" / "er" / "pythons" / name).mkdir(parents=True)
        (root / "deep" / "er" / "pythons" / name / "python").touch()
        (root / "deep" / "er" / "pythons" / name / ".envtasks-python.json").write_text(
            json.dumps(mark), encoding="utf-8"
        )
    monkeypatch.setenv("ENVTASKS_PYTHON_DIR", "none")
    return root


def texts(line: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """The candidates for the last word of a line; words are what stands between blanks, and `_` is a blank."""
    *words, prefix = (word.replace("_", " ") for word in line.split(" "))
    return [one.text for one in candidates(words, prefix, environ or {})]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [*WORDS, *SESSIONS, *FAMILIES, "check"]),
        ("r", ["run"]),
        ("-x r", ["run"]),
        ("-C deep r", ["run"]),
        ("-s r", []),
        ("-k r", []),
        ("lint r", []),
        ("env ", ["show", "create", "sync", "find", "remove", "prune"]),
        ("env s", ["show", "sync"]),
        ("-v env x", []),
        ("env shwo ", []),
        ("te", ["test.4", "test.4:cov", "test.5", "test.5:cov", *FAMILIES]),
        ("test.4:", ["test.4:cov"]),
        ("test.4:t", ["test.4:test"]),
        ("lint li", ["lint:fmt", "lint:or"]),
        ("-s lint li", ["lint:fmt", "lint:or"]),
        ("-s c", ["check"]),
        ("-e c", ["check"]),
        ("-s lint -s c", ["check"]),
        ("--sessions=c", ["--sessions=check"]),
        ("-C deep/er d", ["deeper"]),
        ("-f deep/er/envtasks.toml d", ["deeper"]),
        ("--directory=deep/er d", ["deeper"]),
        ("-t ", ["quick", "on its own", "ci"]),
        ("-t quick o", ["on its own"]),
        ("-t on", ["on its own"]),
        ("-k te", ["test", "test.4", "test.5"]),
        ("-k c", ["ci", "cov"]),
        ("-k not_(te", ["not (test", "not (test.4", "not (test.5"]),
        ("-k lint_", ["lint and", "lint or"]),
        ("-k lint_o", ["lint or"]),
        ("-k lint_or_q", ["lint or quick"]),
        ("-k o", []),
        ("-k lint te", ["test.4", "test.4:cov", "test.5", "test.5:cov", *FAMILIES]),
        ("--color ", ["auto", "always", "never"]),
        ("--color=a", ["--color=auto", "--color=always"]),
        ("--colour=a", []),
        ("--dry-run=", []),
        ("-C ", ["deep/"]),
        ("-C deep/", ["deep/er/"]),
        ("-C .", [".hidden/"]),
        ("-C nowhere/", []),
        ("-f ", ["deep/", "envtasks.toml"]),
        ("--file=deep/er/e", ["--file=deep/er/envtasks.toml"]),
        ("--env-dir d", ["deep/"]),
        ("-C -", []),
        ("--li", ["--list", "--list-sessions"]),
        ("--no-e", ["--no-error-on-missing-interpreters"]),
        ("--ver", ["--verbose", "--version"]),
        ("-s lint --js", ["--json"]),
        ("env show --o", ["--origin"]),
        ("run --o", []),
        ("env show ", ["default", "lint", "test", "test.4", "test.5"]),
        ("env remove test t", ["test.4", "test.5"]),
        ("env prune ", []),
        ("shell t", ["test", "test.4", "test.5"]),
        ("shell test ", []),
        ("shell --shell z", ["zsh"]),
        ("env show test t", ["test.4", "test.5"]),
        ("run ", ["seed", "default:seed", "lint:run", "lint:fmt", "lint:or", "test:test", "test:cov"]),
        ("run -e lint f", ["fmt"]),
        ("run -e te", ["test", "test.4", "test.5"]),
        ("run test.4:", ["test.4:test", "test.4:cov"]),
        ("run seed e", ["envtasks.toml"]),
        ("run seed --js", []),
        ("run -x -- se", ["seed"]),
        ("lint -- e", ["envtasks.toml"]),
        ("lint -- -", []),
        ("-- r", []),
        ("python remove ", ["all"]),
        ("python remove --dir deep/er/pythons ", ["9.7", "pypy9.8", "all"]),
        ("python update -d deep/er/pythons p", ["pypy9.8"]),
        ("python find -d deep/er/pythons 9", ["9.7"]),
        ("python find --dir d", ["deep/"]),
        ("python install nope", []),
        ("completion ", list(SHELLS)),
        ("completion z", ["zsh"]),
        ("completion zsh b", []),
        ("--nope l", []),
        ("--nope --li", ["--list", "--list-sessions"]),
    ],
)
def test_candidates(line: str, expected: list[str]) -> None:
    assert texts(line) == expected


@pytest.mark.parametrize(
    "environ",
    [{"ENVTASKS_DIRECTORY": "deep/er"}, {"ENVTASKS_FILE": "deep/er/envtasks.toml"}],
    ids=lambda one: next(iter(one)),
)
@pytest.mark.usefixtures("here")
def test_variables_say_which_project(environ: Mapping[str, str]) -> None:
    assert texts("-s ", environ) == ["deeper"]


ARGUMENTS = """
    aliases = { both = ["release", "serve"] }
    sessions = ["serve"]
    [envs.release]
    detached = true
    [envs.release.scripts.run]
    run = "release {arg:version} {arg:kind} {arg:dry-run} {arg:files} {arg:where}"
    [envs.release.scripts.run.args]
    version = { type = "str", required = true }
    files = { type = "path", many = true }
    kind = { option = true, choices = ["big", "small"], description = "how much" }
    where = { type = "path", option = true }
    dry-run = { type = "bool" }
    [envs.serve]
    detached = true
    matrix = [{ python = ["3.12"], theme = ["a", "b"] }]
    scripts.run = { run = "serve {arg:at}", args = { at = { choices = ["home", "work"], required = true } } }
    [envs.plain]
    detached = true
    scripts.run = "true {args}"
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("release -- --", ["--kind", "--where", "--dry-run", "--no-dry-run"]),
        ("release -- --kind ", ["big", "small"]),
        ("release -- --kind s", ["small"]),
        ("release -- --kind=", ["--kind=big", "--kind=small"]),
        ("release -- --where=e", ["--where=envtasks.toml"]),
        ("release -- --where ", ["deep/", "envtasks.toml"]),
        ("release -- ", []),
        ("release -- 1 e", ["envtasks.toml"]),
        ("release -- --dry-run 1 e", ["envtasks.toml"]),
        ("release -- --kind big 1 x e", ["envtasks.toml"]),
        ("release -- --kind big e", []),
        ("release -- -- e", ["envtasks.toml"]),
        ("-s release -- --k", ["--kind"]),
        ("-k release -- --k", ["--kind"]),
        ("-- ", ["home", "work"]),
        ("serve -- w", ["work"]),
        ("serve -- home ", []),
        ("both -- --k", ["--kind"]),
        ("plain -- ", ["deep/", "envtasks.toml"]),
        ("plain -- --", []),
        ("nope -- ", ["deep/", "envtasks.toml"]),
        ("run release:run --k", ["--kind"]),
        ("run serve:run ", ["home", "work"]),
        ("run serve:run -- ", ["home", "work"]),
        ("run nope ", ["deep/", "envtasks.toml"]),
        ("-s serve-", ["serve-3.12(theme='a')", "serve-3.12", "serve-3.12(theme='b')"]),
        ("-s serve.py3.12-a:", ["serve.py3.12-a:run"]),
    ],
)
def test_arguments_of_tasks(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, line: str, expected: list[str]
) -> None:
    monkeypatch.chdir(project({"envtasks.toml": ARGUMENTS, "deep/x": ""}))
    assert texts(line) == expected


def test_what_shows_beside_candidates(here: Path) -> None:
    assert candidates(["-s"], "lint", {})[:1] == [Candidate("lint", "Look at the code")]
    assert candidates(["run"], "s", {}) == [Candidate("seed", "Fill the shelves")]
    assert candidates([], "ru", {}) == [Candidate("run", VERBS["run"].help)]
    assert candidates([], "--color", {}) == [Candidate("--color", next(f.help for f in COMMON if f.dest == "color"))]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"envtasks.toml": "[envs.a"},
        {"envtasks.toml": "[envs.a]\nnope = 1"},
        {"pyproject.toml": "", "envfile.py": "import sys; sys.exit('no')"},
        {"pyproject.toml": "", "envfile.py": "1 / 0"},
        {"pyproject.toml": "", "envfile.py": "def"},
    ],
)
@pytest.mark.parametrize("line", ["-s ", "run a", "env show ", "-t ", "-k ", "run -e ", "-- -"])
def test_a_broken_project_has_no_names(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, files: Mapping[str, str], line: str
) -> None:
    monkeypatch.chdir(project(files))
    assert texts(line) == []
    assert texts("--li") == ["--list", "--list-sessions"]
    assert texts("ru") == ["run"]


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({"_ARGCOMPLETE_SHELL": "bash"}, "a\013b"),
        ({"_ARGCOMPLETE_SHELL": "bash", "_ARGCOMPLETE_IFS": "\n"}, "a\nb"),
        ({"_ARGCOMPLETE_SHELL": "tcsh"}, "a\nb"),
        ({"_ARGCOMPLETE_SHELL": "zsh"}, "a:What it is\013b:"),
        ({"_ARGCOMPLETE_SHELL": "fish", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_DFS": "\t"}, "a\tWhat it is\nb\t"),
    ],
)
def test_answers_are_in_the_words_of_the_shell(environ: Mapping[str, str], text: str) -> None:
    assert told(["a", "b"], [Candidate("a", "What\n it is"), Candidate("b")], environ) == text


def test_all_values_that_flags_take_are_known() -> None:
    flags = (*COMMON, *(flag for verb in VERBS.values() for flag in verb.flags))
    assert {flag.metavar for flag in flags if flag.metavar and not flag.choices} <= set(SOURCES)


@pytest.mark.parametrize("shell", SHELLS)
def test_code_for_a_shell(shell: str, capsys: Captured) -> None:
    assert main(["completion", shell]) == 0
    out, err = capsys.readouterr()
    assert "_ARGCOMPLETE" in out
    assert "envtasks" in out
    assert not err
    assert f"envtasks completion {shell}" in COMPLETION_NOTES


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ([], "name one shell", "known are: bash, zsh, fish, tcsh, powershell"),
        (["bash", "zsh"], "name one shell", "known are: bash, zsh, fish, tcsh, powershell"),
        (["bahs"], "unknown shell 'bahs'", "did you mean 'bash'?"),
        (["x"], "unknown shell 'x'", "known are: bash, zsh, fish, tcsh, powershell"),
    ],
)
def test_no_code_for_others(words: list[str], message: str, hint: str, capsys: Captured) -> None:
    assert main(["completion", *words]) == 2
    assert capsys.readouterr().err == f"error: {message}\n  hint: {hint}\n"


def test_help_says_where_the_code_goes(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["completion", "--help"])
    assert COMPLETION_NOTES in capsys.readouterr().out
