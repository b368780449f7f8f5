"""The resolved environments as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envtasks.model import Host, Project
from envtasks.report.document import environments_document
from envtasks.report.environments import ASCII, BOXES, environments_text, fitted

ResolveText = Callable[..., Project]
MakeHost = Callable[..., Host]


def text_of(project: Project, host: Host, width: int = 200) -> str:
    return environments_text(environments_document(project, host)["environments"], width, ASCII)


def test_standalone_environments_and_matrices(resolve_text: ResolveText, host: MakeHost) -> None:
    project = resolve_text(
        """
        [envs.lint]
        detached = true
        python = "3.12"
        description = "Look at the code"
        dependencies = ["ruff", "mypy>=1"]
        env-vars = { B = "2", A = "1" }
        scripts = { check = "ruff", _own = "mypy" }

        [envs.test]
        type = "virtual"
        matrix = [{ python = ["3.11", "3.12"], django = ["4", "5"] }]
        dependencies = ["pytest", "django>={matrix:django}"]
        scripts.run = "pytest"
        """
    )
    assert text_of(project, host()) == (
        "Standalone\n"
        " Name    | Python | Dependencies | Variables | Scripts | Description\n"
        "---------+--------+--------------+-----------+---------+------------------\n"
        " default |        |              |           |         |\n"
        "---------+--------+--------------+-----------+---------+------------------\n"
        " lint    | 3.12   | ruff         | B=2       | check   | Look at the code\n"
        "         |        | mypy>=1      | A=1       |         |\n"
        "\n"
        "Matrices\n"
        " Name | Environments  | Dependencies       | Scripts\n"
        "------+---------------+--------------------+---------\n"
        " test | test.py3.11-4 | pytest             | run\n"
        "      | test.py3.11-5 | django>=4 (2 of 4) |\n"
        "      | test.py3.12-4 | django>=5 (2 of 4) |\n"
        "      | test.py3.12-5 |                    |\n"
    )


def document(name: str, **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "name": name,
        "root": None,
        "type": "virtual",
        "python": None,
        "features": [],
        "dependencies": [],
        "env-vars": {},
        "scripts": {},
        "description": "",
        "error": None,
    }
    return {**plain, **changes}


def test_errors_come_last() -> None:
    documents = [document("a", error="no such variable"), document("b")]
    assert environments_text(documents, 80, ASCII) == (
        "Standalone\n Name\n------\n a\n------\n b\n\na: no such variable\n"
    )


def test_another_type_is_shown() -> None:
    assert " Type\n" in environments_text([document("a", type="other")], 80, ASCII)


def test_features_are_sorted() -> None:
    lines = environments_text([document("a", features=["z", "b"])], 80, ASCII).splitlines()
    assert lines[3:] == [" a    | b", "      | z"]


def test_long_cells_are_wrapped_to_fit() -> None:
    text = environments_text([document("a", dependencies=["some long words that go on and on"])], 30, ASCII)
    assert text.splitlines()[3:] == [" a    | some long words that", "      | go on and on"]
    assert max(map(len, text.splitlines())) <= 30


def test_boxes() -> None:
    text = environments_text([document("a", python="3")], 80, BOXES)
    assert text.splitlines()[2] == "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 6 + BOXES.crossing + BOXES.horizontal * 8


@pytest.mark.parametrize(
    ("widths", "width", "fitting"),
    [
        ({"a": 5, "b": 5}, 80, {"a": 5, "b": 5}),
        ({"a": 5, "b": 50}, 40, {"a": 5, "b": 29}),
        ({"a": 30, "b": 50}, 40, {"a": 17, "b": 17}),
        ({"a": 5, "b": 50}, 0, {"a": 5, "b": 8}),
    ],
)
def test_fitted(widths: dict[str, int], width: int, fitting: dict[str, int]) -> None:
    assert fitted(widths, width) == fitting
