"""From the words a person typed to sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envtasks.errors import InvalidDeclarations, RequestError
from envtasks.model import Project
from envtasks.resolve.selection import (
    all_sessions,
    default_script,
    default_sessions,
    environments_of,
    no_environment,
    select,
    split_name,
)

Resolve = Callable[..., Project]

TEXT = """
    aliases = { ci = ["lint", "test"], all = ["ci", "docs:serve", "ci"] }
    [envs.default.scripts]
    seed = "seed"
    "seed:all" = "seed all"
    lint = "not the environment"
    [envs.lint]
    detached = true
    scripts = { run = "ruff", fmt = "ruff format" }
    [envs.test]
    detached = true
    matrix = [{ v = ["1", "2"] }]
    scripts = { test = "pytest", cov = "cov" }
    [envs.docs]
    detached = true
    scripts = { serve = "serve", build = "build" }
    [envs.empty]
    detached = true
    [envs.none]
    detached = true
    matrix = []
    [envs."a:b"]
    detached = true
    scripts.x = "x"
    [envs.colons]
    detached = true
    scripts = { "unit:fast" = "x", "unit:slow:very" = "y" }
"""


@pytest.fixture
def declared(resolve_text: Resolve) -> Project:
    return resolve_text(TEXT)


@pytest.mark.parametrize(
    ("names", "sessions"),
    [
        (["lint"], ["lint"]),
        (["lint:fmt"], ["lint:fmt"]),
        (["lint:run"], ["lint"]),
        (["test"], ["test.1", "test.2"]),
        (["test.2"], ["test.2"]),
        (["test:cov"], ["test.1:cov", "test.2:cov"]),
        (["test.1:cov"], ["test.1:cov"]),
        (["seed"], ["default:seed"]),
        (["default:seed"], ["default:seed"]),
        (["a:b"], ["a:b"]),
        (["a:b:x"], ["a:b"]),
        (["colons:unit:fast"], ["colons:unit:fast"]),
        (["colons:unit:slow:very"], ["colons:unit:slow:very"]),
        (["seed:all"], ["default:seed:all"]),
        (["default:seed:all"], ["default:seed:all"]),
        (["ci"], ["lint", "test.1", "test.2"]),
        (["all"], ["lint", "test.1", "test.2", "docs:serve"]),
        (["test.?"], ["test.1", "test.2"]),
        (["test.[13]:cov"], ["test.1:cov"]),
        (["*t*"], ["lint", "test.1", "test.2"]),
        (["test.2", "ci", "test.2"], ["test.2", "lint", "test.1"]),
        ([], []),
    ],
)
def test_names_stand_for_sessions(declared: Project, names: list[str], sessions: list[str]) -> None:
    assert [session.name for session in select(names, declared)] == sessions


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("lnt", "unknown session 'lnt'", "did you mean 'lint'?"),
        ("zzzzzz", "unknown session 'zzzzzz'", "`envtasks --list` shows them; arguments stand behind `--`"),
        ("sed", "unknown session 'sed'", "did you mean 'seed'?"),
        ("lint:fm", "'lint' has no script 'fm'", "did you mean 'fmt'?"),
        ("lint:zzz", "'lint' has no script 'zzz'", "'lint' has: run, fmt"),
        ("nope:fmt", "unknown session 'nope:fmt'", "did you mean 'lint:fmt'?"),
        ("empty:x", "unknown session 'empty:x'", "did you mean 'empty'?"),
        (":seed", "unknown session ':seed'", "did you mean 'seed'?"),
        ("lint:", "'lint' has no script ''", "'lint' has: run, fmt"),
        ("colons:unit:fsat", "'colons' has no script 'unit:fsat'", "did you mean 'unit:fast'?"),
        ("", "unknown session ''", "`envtasks --list` shows them; arguments stand behind `--`"),
        ("docs", "'docs' does not say which script runs by default", "choose one: docs:serve, docs:build"),
        ("empty", "'empty' does not say which script runs by default", "it has no scripts; add one to its 'scripts'"),
        ("x*", "unknown session 'x*'", "`envtasks --list` shows them; arguments stand behind `--`"),
        ("emp*", "unknown session 'emp*'", "did you mean 'empty'?"),
        ("none", "the matrix of 'none' is empty", "give it a table of variables"),
    ],
)
def test_names_that_stand_for_nothing_are_told(declared: Project, name: str, message: str, hint: str) -> None:
    with pytest.raises(RequestError) as raised:
        select(["lint", name], declared)
    assert (raised.value.message, raised.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("aliases", "circle"),
    [
        ('{ a = ["b"], b = ["a"] }', "a -> b -> a"),
        ('{ a = ["a"] }', "a -> a"),
        ('{ a = ["b"], b = ["c"], c = ["b"] }', "b -> c -> b"),
        ('{ a = ["" ], "" = ["a"] }', "a ->  -> a"),
    ],
)
def test_aliases_in_a_circle_are_told(resolve_text: Resolve, aliases: str, circle: str) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(f"aliases = {aliases}")
    assert [(one.message, str(one.where)) for one in raised.value.mistakes] == [
        (f"aliases go in a circle: {circle}", "aliases.a")
    ]


def test_aliases_of_aliases_cost_no_more_than_they_are(resolve_text: Resolve) -> None:
    aliases = ", ".join(f'x{number} = ["x{number + 1}", "x{number + 1}"]' for number in range(1200))
    project = resolve_text(f'aliases = {{ {aliases}, x1200 = ["t"] }}\n[envs.t]\nscripts.t = ""')
    assert [session.name for session in select(["x0"], project)] == ["t"]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ('default-script = "b"\nscripts = { t = "", run = "", b = "" }', "b"),
        ('scripts = { run = "", t = "", b = "" }', "t"),
        ('scripts = { b = "", run = "" }', "run"),
        ('scripts = { b = "" }', "b"),
        ('scripts = { b = "", c = "" }', None),
        ("", None),
    ],
)
def test_the_script_that_runs_by_default(resolve_text: Resolve, text: str, script: str | None) -> None:
    project = resolve_text(f"[envs.t]\n{text}")
    assert default_script(project.environments["t"]) == script


def test_a_cell_runs_the_script_with_the_name_of_its_root(declared: Project) -> None:
    assert default_script(declared.environments["test.1"]) == "test"


@pytest.mark.parametrize(
    ("settings", "sessions"),
    [
        ("", ["b", "c.1", "c.2"]),
        ('sessions = ["a", "c.2"]', ["a", "c.2"]),
        ("sessions = []", []),
        ('sessions = ["x"]\naliases.x = ["c", "a"]', ["c.1", "c.2", "a"]),
    ],
)
def test_what_runs_when_nothing_is_named(resolve_text: Resolve, settings: str, sessions: list[str]) -> None:
    project = resolve_text(
        settings
        + """
        [envs.a]
        scripts.a = ""
        [envs.b]
        default = true
        scripts = { b = "", other = "" }
        [envs.c]
        default = true
        matrix = [{ v = ["1", "2"] }]
        scripts.c = ""
        [envs.d]
        default = true
        scripts = { x = "", y = "" }
        """
    )
    assert [session.name for session in default_sessions(project)] == sessions


def test_all_sessions_are_in_the_order_of_their_declaration(declared: Project) -> None:
    assert [session.name for session in all_sessions(declared)] == [
        "default:seed",
        "default:seed:all",
        "default:lint",
        "lint",
        "lint:fmt",
        "test.1",
        "test.1:cov",
        "test.2",
        "test.2:cov",
        "docs:serve",
        "docs:build",
        "a:b",
        "colons:unit:fast",
        "colons:unit:slow:very",
    ]


@pytest.mark.parametrize(
    ("name", "names"), [("test", ["test.1", "test.2"]), ("lint", ["lint"]), ("x", []), ("none", [])]
)
def test_the_environments_of_a_name(declared: Project, name: str, names: list[str]) -> None:
    assert [one.name for one in environments_of(name, declared)] == names


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("lnt", "unknown environment 'lnt'", "did you mean 'lint'?"),
        ("zzzzzz", "unknown environment 'zzzzzz'", ""),
        ("none", "the matrix of 'none' is empty", "give it a table of variables"),
    ],
)
def test_a_name_that_no_environment_has_is_told(declared: Project, name: str, message: str, hint: str) -> None:
    error = no_environment(name, declared)
    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("pytest", ("lint", "pytest")),
        ("fmt", ("lint", "fmt")),
        ("test:pytest", ("test", "pytest")),
        ("test:cov", ("test", "cov")),
        ("a:b:pytest", ("a:b", "pytest")),
        ("colons:unit:fast", ("colons", "unit:fast")),
        ("colons:python:x", ("colons", "python:x")),
        ("nobody:else:x", ("nobody:else", "x")),
        (":x", ("", "x")),
    ],
)
def test_a_name_is_an_environment_and_what_to_do_there(declared: Project, name: str, split: tuple[str, str]) -> None:
    assert split_name(name, "lint", declared) == split
