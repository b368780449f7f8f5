"""The list of sessions, in the format of nox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from envtasks.declare.project import find_project, read_project
from envtasks.model import Host
from envtasks.report.listing import listing_text
from envtasks.resolve.project import resolve
from envtasks.resolve.selection import all_sessions, select

TEXT = """
    [envs.lint]
    description = "Look for slips."
    tags = ["ci", "fast"]
    scripts = { run = "ruff", fix = { run = "ruff --fix", description = "Mend them.\\nAll.", tags = ["ci", "fix"] } }
    [envs.test]
    matrix = [{ py = ["3.11", "3.12"] }]
    scripts.test = "pytest"
"""


def test_sessions_are_listed_with_tags_and_descriptions(
    project: Callable[[Mapping[str, str]], Path], host: Callable[..., Host]
) -> None:
    root = project({"envtasks.toml": TEXT})
    declarations = read_project(find_project(str(root)), None)
    resolved = resolve(declarations, host(root))
    text = listing_text(declarations, all_sessions(resolved), select(["lint", "test.py3.12"], resolved))
    assert text == (
        f"Sessions defined in {root / 'envtasks.toml'}:\n"
        "\n"
        "* lint [ci,fast] -> Look for slips.\n"
        "- lint:fix [ci,fix] -> Mend them.\n"
        "- test.py3.11\n"
        "* test.py3.12\n"
        "\n"
        "sessions marked with * are selected, sessions marked with - are skipped.\n"
    )


def test_the_docstring_of_an_envfile_comes_first(project: Callable[[Mapping[str, str]], Path]) -> None:
    declarations = read_project(find_project(str(project({"pyproject.toml": ""}))), None)
    assert listing_text(declarations, (), ()).startswith("Sessions defined in no file:\n\n\nsessions marked")
    told = declarations._replace(doc="\nWhat to do.\n\nAt length.\n", files=("a", "b"))
    assert listing_text(told, (), ()).startswith("What to do.\n\nAt length.\n\nSessions defined in a, b:\n")
