"""The names that nox has for sessions, and names with variables in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envtasks.errors import RequestError
from envtasks.model import Environment, Project
from envtasks.resolve.selection import all_sessions, select
from envtasks.resolve.spellings import name_for, spellings

Resolve = Callable[..., Project]

TEXT = """
    [envs.test]
    scripts.test = "x"
    scripts.cov = "y"
    [[envs.test.matrix]]
    python = ["3.11", "3.12"]
    django = ["4", "5"]
    [envs.lint]
    python = "3.12"
    scripts.lint = "x"
    [envs.docs]
    scripts.docs = "x"
    [[envs.compat.matrix]]
    include = [{ v = "1", w = "it's" }, { v = "2", id = "edge case" }]
    [envs.compat]
    scripts.compat = "x"
"""


@pytest.fixture
def project(resolve_text: Resolve) -> Project:
    return resolve_text(TEXT)


@pytest.mark.parametrize(
    ("session", "spelled"),
    [
        ("test.py3.11-4", ("test-3.11(django='4')", "test-3.11", "test.py3.11-4:test")),
        ("test.py3.11-4:cov", ("test:cov-3.11(django='4')", "test:cov-3.11")),
        ("lint", ("lint-3.12", "lint:lint")),
        ("docs", ("docs:docs",)),
        ("compat.1-it's", ("compat(v='1', w=\"it's\")", "compat.1-it's:compat")),
        ("compat.edge case", ("compat(edge case)", "compat.edge case:compat")),
    ],
)
def test_spellings_of_nox(project: Project, session: str, spelled: tuple[str, ...]) -> None:
    (one,) = (one for one in all_sessions(project) if one.name == session)
    assert spellings(one) == spelled
    for name in spelled:
        assert one in select([name], project)


@pytest.mark.parametrize(
    ("name", "sessions"),
    [
        ("test-3.11", ["test.py3.11-4", "test.py3.11-5"]),
        ('test-3.12( django = "5" )', ["test.py3.12-5"]),
        ("compat(v='1',w=\"it's\")", ["compat.1-it's"]),
    ],
)
def test_what_they_stand_for(project: Project, name: str, sessions: list[str]) -> None:
    assert [session.name for session in select([name], project)] == sessions


@pytest.mark.parametrize("name", ["test-3.1", "test(django='4')", "test-3.11(django='6')", "test-3.11(", "lint-3"])
def test_what_stands_for_nothing(project: Project, name: str) -> None:
    with pytest.raises(RequestError, match="unknown session"):
        select([name], project)


def of(project: Project, name: str) -> Environment:
    return project.environments[name]


@pytest.mark.parametrize(
    ("environment", "template", "name"),
    [
        ("test.py3.11-4", "build-{python}", "build-3.11"),
        ("test.py3.11-4", "build.py{py}-{django}", "build.py3.11-4"),
        ("lint", "build-{python}", "build-3.12"),
        ("docs", "build", "build"),
    ],
)
def test_names_with_variables(project: Project, environment: str, template: str, name: str) -> None:
    assert name_for(of(project, environment), template) == name


@pytest.mark.parametrize(
    ("environment", "template", "hint"),
    [
        ("docs", "build-{python}", "it has: none"),
        ("test.py3.11-4", "build-{djagno}", "did you mean 'django'?"),
        ("test.py3.11-4", "build-{}", "it has: python, django, py"),
    ],
)
def test_variables_that_are_not_there(project: Project, environment: str, template: str, hint: str) -> None:
    with pytest.raises(RequestError, match=f"'{environment}' has no variable") as raised:
        name_for(of(project, environment), template)
    assert raised.value.hint == hint
