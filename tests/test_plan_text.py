"""A plan as a person reads it before it is performed."""

from __future__ import annotations

from fakes import recipe, work

from envtasks.declared import Function
from envtasks.planned import Call, Plan, Step
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
    call = Call(Function(print, "tests", "/p/envfile.py", 3, ""), cwd="/p")
    steps = (call, call._replace(words=("-q", "a b"), ignore_exit_code=True, env_vars=(("A", "1"),)))
    assert plan_text(Plan("/p", (work("test")._replace(recipe=PLACE, steps=steps),))).splitlines()[-2:] == [
        "  call        /p/envfile.py:tests",
        "  call, ignore /p/envfile.py:tests with -q 'a b'  (with A=1)",
    ]


def test_what_has_no_environment_of_its_own() -> None:
    (line,) = plan_text(Plan("/p", (work("test")._replace(recipe=PLACE._replace(type="none")),))).splitlines()[1:]
    assert line == "  environment test is what surrounds it"
