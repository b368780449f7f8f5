"""The examples: both declare the same tasks, and what they declare really works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest

from envtasks.environments.interpreters import find
from envtasks.errors import InterpreterMissing
from envtasks.model import Host
from envtasks.option_table import (
    DEPENDENCIES,
    DETACHED,
    ENV_VARS,
    PATH,
    PYTHON,
    SKIP_INSTALL,
    TABLE,
    TAGS,
    Option,
)
from envtasks.quoting import shell_text
from envtasks.resolve.selection import select
from envtasks.testing import Tasks, declared_in, planned

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NAMES = ("library", "envfile")
ALIKE: tuple[Option[Any], ...] = (DEPENDENCIES, DETACHED, ENV_VARS, PATH, PYTHON, SKIP_INSTALL, TAGS)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def example(name: str) -> Tasks:
    return declared_in(EXAMPLES / name)


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading an envfile adds to where modules are found; that ends with the test."""
    monkeypatch.setattr(sys, "path", sys.path[:])


def test_examples_are_the_same_library() -> None:
    one, other = ({path: path.read_bytes() for path in sources(EXAMPLES / name)} for name in NAMES)
    assert {path.relative_to(EXAMPLES / NAMES[0]): text for path, text in one.items()} == {
        path.relative_to(EXAMPLES / NAMES[1]): text for path, text in other.items()
    }
    assert one


def sources(root: Path) -> list[Path]:
    return [path for name in ("src", "tests") for path in (root / name).rglob("*") if path.suffix in (".py", ".toml")]


def test_examples_declare_the_same_tasks() -> None:
    toml, python = (example(name).project for name in NAMES)
    assert toml.settings == python.settings
    assert list(toml.environments) == list(python.environments)
    for name, environment in toml.environments.items():
        other = python.environments[name]
        assert environment.variant == other.variant
        assert [environment[option] for option in ALIKE] == [other[option] for option in ALIKE], name
        assert set(environment.values["scripts"]) == set(other.values["scripts"]), name


@pytest.mark.parametrize("name", NAMES)
def test_sessions(name: str) -> None:
    tasks = example(name)
    project = tasks.project
    cells = [f"test.py{python}-{tomli}" for python in ("3.11", "3.12") for tomli in ("1", "2")]
    assert [work.name for work in planned(tasks).sessions] == ["lint", *cells]
    assert [session.name for session in select(["test"], project)] == cells
    assert [session.name for session in select(["ci"], project)] == ["lint", *(f"{cell}:cov" for cell in cells)]
    assert [session.name for session in select(["error"], project)] == ["default:error"]
    for session in tasks.sessions:
        assert session.description or session.script_name == "error"


@pytest.mark.parametrize("arguments", [("-x",), ("-x", "-k", "a b"), ("it's",)])
def test_arguments_reach_the_tests_as_they_were_typed(arguments: tuple[str, ...]) -> None:
    plan = planned(example("library"), "lint", "test", arguments=arguments)
    lint, *tests = plan.sessions
    assert len(tests) == 4
    for work in tests:
        assert [step.run for step in work.steps] == [f"pytest {shell_text(arguments)}"]
    assert [step.run for step in lint.steps or ()] == ["ruff check src tests", "ruff format --check src tests"]
    (note,) = plan.notes
    assert "lint" in note


@pytest.mark.parametrize("name", NAMES)
def test_every_session_can_be_planned(name: str) -> None:
    tasks = example(name)
    plan = planned(tasks, *(session.name for session in tasks.sessions))
    assert [work.id for work in plan.sessions] == [session.id for session in tasks.sessions]
    assert {option for environment in tasks.environments.values() for option in environment.values} <= set(TABLE)


def test_the_tests_of_the_example_pass_and_notice_a_change(tmp_path: Path) -> None:
    copied(EXAMPLES / "envfile", tmp_path / "envfile")
    assert "13 passed" in run_pytest(tmp_path / "envfile" / "test_tasks.py")
    envfile = tmp_path / "envfile" / "envfile.py"
    envfile.write_text(envfile.read_text(encoding="utf-8").replace('"report"', '"html"'), encoding="utf-8")
    assert "1 failed, 12 passed" in run_pytest(tmp_path / "envfile" / "test_tasks.py")


def run_pytest(path: Path) -> str:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    ).stdout


def copied(source: Path, target: Path) -> None:
    copytree(source, target, ignore=ignore_patterns(".*", "__pycache__", "*.egg-info"))


@pytest.fixture
def run(tmp_path: Path, command: list[str], index_variables: dict[str, str]) -> Run:
    """Run the tool in a copy of an example, that has no environments yet."""

    def run_in(name: str, *words: str) -> subprocess.CompletedProcess[str]:
        root = tmp_path / name
        if not root.exists():
            copied(EXAMPLES / name, root)
        return subprocess.run(
            [*command, "-C", str(root), *words],
            cwd=tmp_path,
            env={**os.environ, **index_variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=600,
        )

    return run_in


@pytest.fixture
def variant() -> str:
    """An environment of the examples whose Python is on this machine."""
    for version in ("3.12", "3.11"):
        try:
            find(version, "", ("external",), Host(os.sep, os.path.expanduser("~"), "linux", os.environ))
        except InterpreterMissing:
            continue
        return f"test.py{version}-2"
    pytest.skip("there is neither Python 3.12 nor 3.11 on this machine")


@pytest.mark.real
@pytest.mark.parametrize("name", NAMES)
def test_an_environment_is_made_once(name: str, variant: str, run: Run) -> None:
    first = run(name, "-s", variant, "--", "-q", "-k", "parse or write")
    assert first.returncode == 0, first.stderr
    assert "15 passed, 3 deselected" in first.stdout
    assert f"{variant}: making the environment" in first.stderr
    again = run(name, "-s", variant, f"{variant}:cov", "--", "-q")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("18 passed") == 2
    assert "100%" in again.stdout
    assert "making the environment" not in again.stderr


@pytest.mark.real
def test_style_of_the_example(run: Run) -> None:
    checked = run("library", "-s", "lint")
    assert checked.returncode == 0, checked.stderr
    assert "All checks passed!" in checked.stdout


@pytest.mark.real
@pytest.mark.parametrize("name", NAMES)
def test_scripts_of_the_default_environment(name: str, run: Run) -> None:
    failed = run(name, "run", "error")
    assert failed.returncode == 3, failed.stderr
    read = run(name, "run", "read", "2 h 15 min", "h")
    assert (read.returncode, read.stdout.split()) == (0, ["2.25"]), read.stderr
