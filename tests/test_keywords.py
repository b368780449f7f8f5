"""The expression of `-k`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtasks.cli.command import main, parse
from envtasks.errors import RequestError
from envtasks.model import Project
from envtasks.resolve.keywords import matches, matching, nothing_matches, read_keywords
from envtasks.resolve.selection import all_sessions

MakeProject = Callable[[Mapping[str, str]], Path]
Resolve = Callable[..., Project]

TEXT = """
    [envs.lint]
    detached = true
    tags = ["quick", "static check"]
    scripts = { run = "ruff", fmt = "ruff format", and = "true" }
    [envs.test]
    detached = true
    tags = ["CI"]
    matrix = [{ python = ["3.1", "3.12"], django = ["1.9", "5"] }]
    scripts.test = "pytest"
    [envs.docs-3]
    detached = true
    scripts = { serve = "serve", build = { run = "build", tags = ["ci"] } }
"""
TESTS = ("test.py3.1-1.9", "test.py3.1-5", "test.py3.12-1.9", "test.py3.12-5")


@pytest.fixture
def declared(resolve_text: Resolve) -> Project:
    return resolve_text(TEXT)


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("lint", ["lint", "lint:fmt", "lint:and"]),
        ("LINT", ["lint", "lint:fmt", "lint:and"]),
        ("fm", ["lint:fmt"]),
        ("lint:run", ["lint"]),
        ("test", TESTS),
        ("3.12", TESTS[2:]),
        ("3.1", TESTS[:2]),
        ("py3.1", TESTS[:2]),
        ("py3", TESTS),
        ("5", [TESTS[1], TESTS[3]]),
        ("1.9", [TESTS[0], TESTS[2]]),
        ("9", []),
        ("3", ["docs-3:serve", "docs-3:build"]),
        ("3.12-", TESTS[2:]),
        ("ci", [*TESTS, "docs-3:build"]),
        ("ci and not test", ["docs-3:build"]),
        ("quick or docs", ["lint", "docs-3:serve", "docs-3:build"]),
        ("test and 3.12 or fmt", [*TESTS[2:], "lint:fmt"]),
        ("fmt or test and 3.12", [*TESTS[2:], "lint:fmt"]),
        ("(fmt or test) and 3.12", TESTS[2:]),
        ("not (fmt or test or docs or lint:and)", ["lint"]),
        ("not not fmt", ["lint:fmt"]),
        ("not fmt and lint", ["lint", "lint:and"]),
        ("((fmt))or(build)", ["lint:fmt", "docs-3:build"]),
        ("'static check'", ["lint"]),
        ('"STATIC check"', ["lint"]),
        ("'and'", ["lint:and"]),
        ("lint:and", ["lint:and"]),
        ("nothing", []),
        ("  fmt\t", ["lint:fmt"]),
    ],
)
def test_sessions_of_an_expression(declared: Project, expression: str, names: list[str]) -> None:
    found = matching(read_keywords(expression), all_sessions(declared))
    assert sorted(session.name for session in found) == sorted(names)


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("3.1", "py3.12", False),
        ("3.1", "py3.1.2", False),
        ("3.12", "py3.12.1", False),
        ("3.12", "3.12", True),
        ("3.12", "py3.12-4", True),
        ("3.12", "py13.12", False),
        ("2", "1.2", False),
        ("2", "v.2", True),
        ("1", "a1.b", True),
        ("3.1", "3.12 and 3.1", True),
        ("django4.2", "django4.20", False),
        ("django4", "django4.2", True),
        ("test1", "test12", True),
        ("straße", "STRASSE", True),
        ("tests-3.12(", "tests-3.12(django='1.9')", None),
        ("'3.1'", "3.12", False),
        ("\"tests-3.12(django='1.9')\"", "tests-3.12(django='1.9')", True),
        ("django='1.9'", "tests-3.12(django='1.9')", True),
        ("don't", "don't", True),
        ("a'b'c", "a'b'c", True),
    ],
)
def test_words(word: str, text: str, found: bool | None) -> None:
    if found is None:
        with pytest.raises(RequestError):
            read_keywords(word)
    else:
        assert matches(read_keywords(word), (text.casefold(),)) is found


@pytest.mark.parametrize(
    ("expression", "message", "column"),
    [
        ("", "expected a word", 0),
        ("  ", "expected a word", 2),
        ("lint fmt", "expected 'and' or 'or'", 5),
        ("lint (fmt)", "expected 'and' or 'or'", 5),
        ("lint(fmt)", "expected 'and' or 'or'", 4),
        ("lint not fmt", "expected 'and' or 'or'", 5),
        ("lint and", "expected a word", 8),
        ("lint and or fmt", "expected a word", 9),
        ("or", "expected a word", 0),
        ("not", "expected a word", 3),
        ("(lint", "expected ')'", 5),
        ("(lint fmt)", "expected ')'", 6),
        ("lint)", "expected 'and' or 'or'", 4),
        ("()", "expected a word", 1),
        ("'lint", "this quote has no end, or text follows it", 0),
        ("'lint'fmt", "this quote has no end, or text follows it", 0),
        ("a and ''", "an empty word matches everything", 6),
        ("(" * 101 + "a" + ")" * 101, "too many parentheses within each other", 100),
        ("a\nb c", "expected 'and' or 'or'", 2),
    ],
)
def test_what_is_no_expression(expression: str, message: str, column: int) -> None:
    with pytest.raises(RequestError) as caught:
        read_keywords(expression)
    first, shown, mark = caught.value.message.split("\n")
    assert first == f"-k: {message}"
    assert shown == f"  {expression}".replace("\n", " ").replace("\t", " ")
    assert mark == f"  {' ' * column}^"
    assert caught.value.hint


def test_much_of_everything_is_read() -> None:
    assert matches(read_keywords("not " * 9999 + "a"), ("b",))
    assert matches(read_keywords(" or ".join(["a"] * 9999)), ("a",))
    assert matches(read_keywords("(" * 100 + "a" + ")" * 100), ("a",))


@given(
    st.text(alphabet="ab1.'\"() \n")
    | st.lists(st.sampled_from(["and", "or", "not", "(", ")", "a", "'b'"])).map(" ".join)
)
def test_no_text_is_too_strange(text: str) -> None:
    try:
        expression = read_keywords(text)
    except RequestError:
        return
    assert matches(expression, ("a", "b")) in (True, False)


@given(
    st.recursive(
        st.sampled_from(["True", "False"]),
        lambda parts: (
            st.builds("({} and {})".format, parts, parts)
            | st.builds("{} or {}".format, parts, parts)
            | st.builds("not {}".format, parts.filter(lambda part: " or " not in part))
            | st.builds("({})".format, parts)
        ),
        max_leaves=20,
    )
)
def test_precedence_is_that_of_python(text: str) -> None:
    assert matches(read_keywords(text), ("true",)) is eval(text)


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("lnt", "did you mean 'lint'?"),
        ("lint and tset", "did you mean 'test'?"),
        ("zzzzzz", "no name and no tag has 'zzzzzz'; `envtasks --list` shows names and tags"),
        ("3.13", "did you mean '3.1'?"),
        ("lint and test", "`envtasks --list` shows names and tags"),
        ("not (lint or test or docs)", "`envtasks --list` shows names and tags"),
        ("bulid", "did you mean 'build'?"),
    ],
)
def test_nothing_matches(declared: Project, expression: str, hint: str) -> None:
    sessions = tuple(all_sessions(declared))
    assert not matching(read_keywords(expression), sessions)
    error = nothing_matches(expression, sessions)
    assert error.message == f"no session matches -k '{expression}'"
    assert error.hint == hint


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (["-k", "fmt or 3.12"], ["lint:fmt", *TESTS[2:]]),
        (["--keywords=fmt"], ["lint:fmt"]),
        (["-k", "3.12", "-s", "test"], TESTS[2:]),
        (["test", "-k", "3.12"], TESTS[2:]),
        (["-k", "build", "-t", "ci"], ["docs-3:build"]),
        (["-k", "run", "lint"], ["lint"]),
        (["-k", ""], ["docs-3:serve"]),
        (["-t", "ci"], ["docs-3:build"]),
        (["-t", "CI", "quick"], ["lint", *TESTS]),
        (["-t", "CI", "-k", "test and not (1.9 or 3.1)"], TESTS[3:]),
        (["-k", "test-3.12"], TESTS[2:]),
        (["-k", "django='5'"], [TESTS[1], TESTS[3]]),
    ],
)
def test_the_command_line_selects(
    project: MakeProject,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    argv: list[str],
    names: list[str],
) -> None:
    monkeypatch.chdir(project({"envtasks.toml": f'sessions = ["docs-3:serve"]\n{TEXT}'}))
    assert main([*argv, "--list"]) == 0
    marked = [line for line in capsys.readouterr().out.splitlines() if line.startswith("* ")]
    assert [line.split()[1] for line in marked] == list(names)
    assert main([*argv, "--list", "--json"]) == 0
    selected = [one["session"] for one in json.loads(capsys.readouterr().out) if one["selected"]]
    assert selected == list(names)
    assert main([*argv, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == list(names)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["-k", "lint and test"], "no session matches -k 'lint and test'"),
        (["-s", "lint", "-k", "test"], "no session matches -k 'test'"),
        (["-t", "ci", "-k", "serve"], "no session matches -k 'serve'"),
        (["-t", "no", "-k", "serve"], "no session has the tag 'no'"),
        (["-k", "run and"], "-k: expected a word"),
        (["-k", "run", "-s", "lnit"], "unknown session 'lnit'"),
    ],
)
def test_the_command_line_selects_nothing(
    project: MakeProject,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    argv: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(project({"envtasks.toml": TEXT}))
    assert main(argv) == 2
    assert f"error: {message}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "verb", "keywords"),
    [
        (["-k", "run"], "", "run"),
        (["-k", "run", "run"], "", "run"),
        (["--keywords", "env", "-s", "a"], "", "env"),
    ],
)
def test_keywords_are_no_verb(argv: list[str], verb: str, keywords: str) -> None:
    invocation = parse(argv, {})
    assert (invocation.verb, invocation.flags.keywords) == (verb, keywords)
