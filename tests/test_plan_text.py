"""A plan as a person reads it before it is performed."""

from __future__ import annotations

from fakes import python_work, recipe, work

from envtasks.declared import Function, Script
from envtasks.planned import Plan, Step
from envtasks.report.plan import plan_text

PLACE = recipe("/p/.envtasks/envs/test", python=None)


def test_nothing() -> None:
    assert plan_text(Plan("/p", ())) == ""


def test_commands() -> None:
    steps = (Step("ruff check ."), Step("mypy", ignore_exit_code=True), Step("make", cwd="/p/docs"))
    planned = work("test", made_from=PLACE)._replace(steps=steps)
    assert plan_text(Plan("/p", (planned,))) == (
        "test\n"
        "  environment test in /p/.envtasks/envs/test\n"
        "  run         ruff check .\n"
        "  run, ignore mypy\n"
        "  run         make  (in /p/docs)\n"
    )


def test_everything_there_is_to_know() -> None:
    first = work("lint", made_from=PLACE, unsupported="is for windows, and this is linux")
    second = work("test", "pytest", made_from=PLACE._replace(python="3.12"), after=("lint:lint", "docs:build"))
    assert plan_text(Plan("/p", (first, second), ("no {args} in: lint",))) == (
        "note: no {args} in: lint\n"
        "lint\n"
        "  environment lint in /p/.envtasks/envs/test\n"
        "  skipped     is for windows, and this is linux\n"
        "test\n"
        "  environment test in /p/.envtasks/envs/test\n"
        "  python      3.12\n"
        "  requires    lint:lint, docs:build\n"
        "  run         pytest\n"
    )


def test_a_function() -> None:
    planned = python_work(print, "/p/.envtasks/envs/test")
    function = Function(print, "tests", "/p/envfile.py", 3, "")
    script = Script(function=function)
    ref = planned.ref._replace(environment=planned.ref.environment, script_name="tests")
    ref.environment.values["scripts"]["tests"] = script
    planned = planned._replace(ref=ref, recipe=PLACE)
    called = "  call        /p/envfile.py:tests"
    assert plan_text(Plan("/p", (planned,))).splitlines()[-1] == called
    given = planned._replace(arguments=("-q", "a"))
    assert plan_text(Plan("/p", (given,))).splitlines()[-1] == f"{called} with -q a"
