"""The tasks of envfile.py, tested: nothing is started, and no environment is made."""

from pathlib import Path

import pytest
from envtasks.testing import declared_in, performed, planned

TASKS = declared_in(Path(__file__).parent)
CELLS = [f"test.py{python}-{tomli}" for python in ("3.11", "3.12") for tomli in ("1", "2")]


def test_every_task_can_be_planned():
    names = [session.name for session in TASKS.sessions]
    assert [work.name for work in planned(TASKS, *names).sessions] == names


def test_what_runs_when_nothing_is_named():
    assert [work.name for work in planned(TASKS).sessions] == ["lint", *CELLS]


@pytest.mark.parametrize("cell", CELLS)
def test_each_cell_has_its_tomli(cell):
    (work,) = planned(TASKS, cell).sessions
    assert f"tomli~={cell[-1]}.0" in work.recipe.requirements


def test_arguments_reach_the_tests():
    done = performed(TASKS, "test.py3.12-2", arguments=["-k", "parse or write"])
    assert done.lines == ("pytest -k 'parse or write'",)
    assert done.said == ("Python 3.12 with tomli 2",)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (0, ("coverage run --source=measures -m pytest", "coverage report --show-missing")),
        (1, ("coverage run --source=measures -m pytest",)),
    ],
)
def test_coverage_is_shown_only_where_the_tests_pass(code, lines):
    done = performed(TASKS, "test.py3.12-2:cov", answers={"coverage run *": code})
    assert done.lines == lines
    assert done.result.exit_code == code


@pytest.mark.parametrize(("arguments", "paths"), [([], "src tests"), (["src/a b.py"], "'src/a b.py'")])
def test_what_is_mended(arguments, paths):
    done = performed(TASKS, "lint:fix", arguments=arguments)
    assert done.lines == (f"ruff check --fix {paths}", f"ruff format {paths}")


@pytest.mark.parametrize(("arguments", "asked"), [([], ("1.5 h", "min")), (["3 km", "m"], ("3 km", "m"))])
def test_what_is_converted(arguments, asked):
    (command,) = performed(TASKS, "read", arguments=arguments).commands
    assert command.words[-2:] == asked
