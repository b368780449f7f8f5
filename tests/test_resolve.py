"""The one way from declarations to the model."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envtasks.errors import InvalidDeclarations
from envtasks.model import Host, Project

Resolve = Callable[..., Project]


def test_a_project_holds_everything_that_was_declared(resolve_text: Resolve) -> None:
    project = resolve_text(
        'sessions = ["t"]\nenv-dir = "x"\ninstaller = "uv"\n[envs.t]\nscripts.t = ""\nmatrix = [{ v = ["1"] }]',
        files={"pyproject.toml": '[project]\nname = "demo"\nrequires-python = ">=3.9"'},
    )
    assert project.metadata.name == "demo"
    assert project.metadata.requires_python == ">=3.9"
    assert project.settings.sessions == ("t",)
    assert (project.settings.env_dir, project.settings.installer) == ("x", "uv")
    assert list(project.environments) == ["default", "t.1"]
    assert project.roots == {"t": ("t.1",)}
    assert not project.doc


def test_the_same_text_gives_an_equal_project(resolve_text: Resolve) -> None:
    text = '[envs.t]\ndependencies = ["a"]\nscripts.s = "x"\nmatrix = [{ v = ["1", "2"] }]'
    assert resolve_text(text) == resolve_text(text)
    assert resolve_text(text) != resolve_text(text.replace('"a"', '"b"'))


def test_the_default_environment_comes_first(resolve_text: Resolve) -> None:
    assert list(resolve_text("[envs.b]\n[envs.a]\n[envs.default]").environments) == ["default", "b", "a"]


def test_hosts_differ_in_what_holds(resolve_text: Resolve, host: Callable[..., Host]) -> None:
    text = '[envs.default.overrides]\nplatform.windows.python = "3.12"\nenv.CI.python = "3.13"'
    pythons = [
        resolve_text(text, on=where).environments["default"].values.get("python")
        for where in (host(), host(platform="windows"), host(environ={"CI": ""}))
    ]
    assert pythons == [None, "3.12", "3.13"]


def test_mistakes_of_reading_are_told_with_those_of_resolving(resolve_text: Resolve) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text('[envs.a]\ntype = 5\ntemplate = "b"')
    assert [str(one.where) for one in raised.value.mistakes] == ["envs.a.type", "envs.a.template"]


NAMES = """
    [envs.lint.scripts]
    run = "ruff"
    fix = "ruff --fix"
    [envs.test]
    matrix = [{ v = ["1", "2"] }]
    scripts.test = "pytest"
    [envs.many.scripts]
    a = "x"
    b = "y"
    [envs.empty]
    matrix = []
"""


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('sessions = ["lint", "test", "test.1", "lint:fix", "default:seed", "seed", "ci"]\naliases.ci = ["test"]', []),
        ('sessions = ["empty", "empty:x"]', []),
        ('sessions = ["lnit"]', [("unknown session 'lnit'", "sessions[0]", "did you mean 'lint'?")]),
        (
            'sessions = ["lint", "lint:fxi"]\naliases.ci = ["tset", "test"]',
            [
                ("'lint' has no script 'fxi'", "sessions[1]", "did you mean 'fix'?"),
                ("unknown session 'tset'", "aliases.ci[0]", "did you mean 'test'?"),
            ],
        ),
        ('sessions = ["many"]', []),
        (
            'aliases = { x = ["y", "nobody"], y = ["x"] }',
            [
                (
                    "unknown session 'nobody'",
                    "aliases.x[1]",
                    "`envtasks --list` shows them; arguments stand behind `--`",
                ),
                ("aliases go in a circle: x -> y -> x", "aliases.x", ""),
            ],
        ),
        (
            'sessions = ["hurt", "hurt:s"]\n[envs.hurt]\nscripts.s = 5',
            [
                (
                    "expected a string, an array of strings or a table, found the number 5",
                    "envs.hurt.scripts.s",
                    'put it in quotes: "5"',
                )
            ],
        ),
    ],
    ids=["fine", "an empty matrix", "unknown", "several", "no default script", "a circle", "itself mistaken"],
)
def test_names_of_settings_must_stand_for_something(
    resolve_text: Resolve, settings: str, told: list[tuple[str, str, str]]
) -> None:
    text = f'{settings}\n[envs.default.scripts]\nseed = "x"\n{NAMES}'
    found = []
    try:
        resolve_text(text)
    except InvalidDeclarations as error:
        found = [(one.message, str(one.where), one.hint) for one in error.mistakes]
    assert found == told


def test_names_that_scripts_require_must_stand_for_something(resolve_text: Resolve) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(
            """
            [envs.default.scripts]
            a = { run = "x", requires = ["b", "nobody"] }
            b = { run = "x", requires = ["lint:fxi"] }
            [envs.lint]
            matrix = [{ v = ["1", "2"] }]
            scripts = { fix = "x" }
            """
        )
    assert [(one.message, str(one.where)) for one in raised.value.mistakes] == [
        ("unknown session 'nobody'", "envs.default.scripts.a.requires[1]"),
        ("'lint' has no script 'fxi'", "envs.default.scripts.b.requires[0]"),
    ]


def test_the_installer_of_the_project_is_checked(resolve_text: Resolve) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text('installer = "pi"')
    assert [(str(one.where), one.hint) for one in raised.value.mistakes] == [("installer", "did you mean 'pip'?")]
