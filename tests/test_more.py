"""What tasks ask for while they run: other sessions, with arguments that somebody gave for them or not."""

from __future__ import annotations

import pytest

from envtasks.errors import RequestError
from envtasks.run.more import plan_more
from envtasks.testing import declared, performed

TOML = """
    [envs.chain]
    scripts.run = "true"
    [envs.open]
    scripts.run = "true {args}"
    [envs.told]
    scripts.run = { run = "true {arg:name}", args = { name = { default = "x" } } }
"""


@pytest.mark.parametrize(
    ("name", "inherited", "lines"),
    [
        ("chain", True, ["true"]),
        ("open", True, ["true -k foo"]),
        ("open", False, ["true -k foo"]),
        ("*", False, ["true", "true -k foo"]),
        ("*", True, ["true", "true -k foo"]),
    ],
)
def test_arguments_go_where_they_are_heard(name: str, inherited: bool, lines: list[str]) -> None:
    project, host = declared(TOML.partition("[envs.told]")[0])
    plan = plan_more(project, host, name, ["-k", "foo"], inherited=inherited)
    assert [str(step) for work in plan.sessions for step in work.steps] == lines


@pytest.mark.parametrize(
    ("name", "inherited", "message"),
    [
        ("chain", False, "'chain' takes no arguments"),
        ("chian", True, "unknown session 'chian'"),
        ("told", True, "has no option '-k'"),
    ],
)
def test_what_cannot_be_run_is_told(name: str, inherited: bool, message: str) -> None:
    project, host = declared(TOML)
    with pytest.raises(RequestError, match=message):
        plan_more(project, host, name, ["-k", "foo"], inherited=inherited)


def test_a_task_hands_its_arguments_on_to_whom_it_asks_for() -> None:
    envfile = """
        from envtasks import env

        @env(python=False, requires=["lint"])
        def build(session):
            session.run("build", *session.posargs)

        @env(python=False)
        def first(session):
            session.notify("chain")
            session.notify("open")
            session.script("more", "a b")

        @first.script(requires=["build", "open"])
        def more(session):
            session.run("more", *session.posargs)

        @env(python=False)
        def lint(session):
            session.run("lint")
    """
    done = performed(declared(TOML, envfile=envfile), "first", "lint", arguments=["-k", "foo"])
    assert done.passed, done.text
    assert done.lines == ("lint", "build", "true -k foo", "more 'a b'", "true")
    assert [one.work.name for one in done.results] == ["first", "lint", "chain", "open", "build"]
