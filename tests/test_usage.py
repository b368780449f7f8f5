"""What `--usage` tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from envtasks.cli.command import main, parse

MakeProject = Callable[[Mapping[str, str]], Path]
Captured = pytest.CaptureFixture[str]

FILES = {
    "envtasks.toml": """
        aliases = { all = ["lint", "release"], alone = ["lint"] }
        [envs.lint]
        detached = true
        description = "Look at the code"
        scripts = { run = ["ruff check .", "- ruff format --check"], fmt = "ruff format {args:.}" }
        [envs.docs]
        detached = true
        matrix = [{ theme = ["a", "b"] }]
        scripts.serve = { run = "serve {matrix:theme}", description = "Show the pages" }
    """,
    "envfile.py": '''
        from envtasks import env

        @env(detached=True, matrix=[{"django": ["4", "5"]}])
        def release(session, django, version: str, *, dry_run: bool = False):
            """Release it.

            Nothing is released twice:
              versions are looked up first.
            """

        @env(detached=True)
        def plain(session):
            pass
    ''',
}
LINT = """
Look at the code

usage: envtasks -s lint

commands:
  ruff check .
  - ruff format --check
"""
RELEASE = """
Release it.

Nothing is released twice:
  versions are looked up first.

usage: envtasks -s release -- [--dry-run] VERSION

  VERSION    str, required
  --dry-run  bool, default: off
"""


@pytest.fixture
def here(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = project(FILES)
    monkeypatch.chdir(root)
    return root


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lint", LINT),
        ("alone", LINT.replace("-s lint", "-s alone")),
        ("lint:fmt", "usage: envtasks -s lint:fmt [-- WORDS ...]\n\ncommands:\n  ruff format {args:.}\n"),
        ("release", RELEASE),
        ("release.5", RELEASE.replace("-s release", "-s release.5")),
        ("all", LINT + RELEASE),
        ("docs", "Show the pages\n\nusage: envtasks -s docs\n\ncommands:\n  serve {matrix:theme}\n"),
        ("plain", "usage: envtasks -s plain [-- WORDS ...]\n"),
    ],
)
def test_usage(capsys: Captured, name: str, text: str) -> None:
    assert main(["--usage", name]) == 0
    out, err = capsys.readouterr()
    assert sections(out) == sections(text)
    assert out.endswith("\n")
    assert not err


def sections(text: str) -> list[str]:
    """The lines, those of options in no order: how they are sorted is not said here."""
    return sorted(dedent(text).strip().splitlines())


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--usage", "lnit"], "unknown session 'lnit'"),
        (["--usage", "lint:nope"], "'lint' has no script 'nope'"),
        (["--usage", "lint", "--json"], "--json has nothing to print"),
    ],
)
def test_usage_of_nothing(capsys: Captured, argv: list[str], message: str) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith(f"error: {message}\n")


def test_usage_takes_the_name_of_a_verb_for_a_name() -> None:
    invocation = parse(["--usage", "run"], {})
    assert (invocation.verb, invocation.flags.usage) == ("", "run")
