"""Matrices: from tables of variables to named environments."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envtasks.errors import InvalidDeclarations
from envtasks.model import Host, Project
from envtasks.option_table import PYTHON, SCRIPTS
from envtasks.resolve.selection import all_sessions

Resolve = Callable[..., Project]
MakeHost = Callable[..., Host]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('matrix = [{ version = ["9000", "3.14"] }]', ["t.9000", "t.3.14"]),
        (
            'matrix = [{ version = ["9000", "3.14"], py = ["39", "310"] }]',
            ["t.py39-9000", "t.py39-3.14", "t.py310-9000", "t.py310-3.14"],
        ),
        (
            'matrix-name-format = "{variable}_{value}"\nmatrix = [{ version = ["9000"], py = ["39", "310"] }]',
            ["t.py39-version_9000", "t.py310-version_9000"],
        ),
        ('matrix = [{ py = ["python3.9", "pypy3", "3"] }]', ["t.python3.9", "t.pypy3", "t.py3"]),
        ('matrix = [{ python = ["/usr/bin/python3"] }]', ["t.py/usr/bin/python3"]),
        ('matrix = [{ a = ["1", "2"], b = ["x", "y"] }]', ["t.1-x", "t.1-y", "t.2-x", "t.2-y"]),
        (
            (
                'matrix-name-format = "{variable}_{value}"\n'
                'matrix = [{ v = ["1", "2"] }, { w = ["x"], v = ["2"] }, { v = ["2", "1", "3"] }]'
            ),
            ["t.v_1", "t.v_2", "t.w_x-v_2", "t.v_3"],
        ),
        (
            (
                'matrix = [{ v = ["1", "2"] }]\noverrides.platform.linux.matrix-name-format = "L{variable}-{value}"\n'
                'overrides.matrix.v.matrix-name-format = { value = "V{value}", if = ["1"] }'
            ),
            ["t.V1", "t.Lv-2"],
        ),
        ('matrix = [{ v = ["a b", "c/d", "*"] }]', ["t.a b", "t.c/d", "t.*"]),
        ('python = ["3.11", "3.12"]', ["t.py3.11", "t.py3.12"]),
        (
            'python = ["3.11", "3.12"]\nmatrix = [{ v = ["1"] }, { py = ["3.9"] }]',
            ["t.py3.11-1", "t.py3.12-1", "t.py3.9"],
        ),
        ("matrix = []", []),
        (
            'matrix = [{ py = ["3.11", "3.12"], v = ["1", "2"], exclude = [{ python = "3.11", v = "2" }] }]',
            ["t.py3.11-1", "t.py3.12-1", "t.py3.12-2"],
        ),
        ('matrix = [{ v = ["1", "2"], exclude = [{ v = "1" }] }]', ["t.2"]),
        ('matrix = [{ v = ["1"], exclude = [{ v = "1" }] }]', []),
        (
            'matrix = [{ v = ["1"], include = [{ python = "3.13", v = "2" }, { w = "x", id = "edge" }] }]',
            ["t.1", "t.py3.13-2", "t.edge"],
        ),
        ('matrix = [{ include = [{ v = "1", w = "2" }] }]', ["t.1-2"]),
        ('matrix = [{ include = [{ py = "3.13", v = "1", id = "new" }] }]', ["t.py3.13-new"]),
        (
            'python = ["3.11", "3.12"]\nmatrix = [{ include = [{ v = "1" }, { python = "3.13", v = "2" }] }]',
            ["t.py3.11-1", "t.py3.12-1", "t.py3.13-2"],
        ),
        (
            'python = ["3.11", "3.12"]\nmatrix = [{ v = ["1", "2"], exclude = [{ python = "3.12", v = "1" }] }]',
            ["t.py3.11-1", "t.py3.11-2", "t.py3.12-2"],
        ),
        ('matrix = [{ exclude = ["1"], include = ["x", "y"] }]', ["t.1-x", "t.1-y"]),
        ('matrix-name-format = "{variable}{value}"\nmatrix = [{ include = [{ v = "1", w = "2" }] }]', ["t.v1-w2"]),
    ],
)
def test_the_names_of_cells(resolve_text: Resolve, text: str, names: list[str]) -> None:
    project = resolve_text(f"[envs.t]\n{text}")
    assert [name for name in project.environments if name != "default"] == names
    assert project.roots == {"t": tuple(names)}
    assert "t" not in project.environments


def test_the_cells_of_default_have_no_prefix(resolve_text: Resolve) -> None:
    project = resolve_text('[envs.default]\ndescription = "d"\nmatrix = [{ v = ["1", "2"] }]\n[envs.foo]')
    assert list(project.environments) == ["1", "2", "foo"]
    assert project.roots == {"default": ("1", "2")}
    assert project.environments["1"].family == "default"
    assert project.environments["foo"].values["description"] == "d"


def test_variables_are_recorded_with_the_python_first(resolve_text: Resolve) -> None:
    project = resolve_text('[envs.t]\nmatrix = [{ v = ["1"], py = ["3.9"] }]')
    found = project.environments["t.py3.9-1"]
    assert found.variant == (("python", "3.9"), ("v", "1"))
    assert found[PYTHON] == "3.9"


def test_the_python_of_a_cell_wins_over_the_matrix_and_loses_to_the_name(resolve_text: Resolve) -> None:
    text = """
        [envs.t]
        python = "3.8"
        matrix = [{ py = ["3.9", "3.10"], v = ["1", "2"] }, { w = ["x"], v = ["3"] }]
        [envs.t.overrides]
        matrix.v.python = "3.12"
        name."3\\\\.10-2$".python = "3.13"
    """
    project = resolve_text(text)
    assert [one[PYTHON] for one in project.environments.values() if one.root] == ["3.9", "3.9", "3.10", "3.13", "3.12"]


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ('[envs."t.1"]\ndescription = "explicit"\n[envs.t]\nmatrix = [{ v = ["1", "2"] }]', "t"),
        ('[envs.t]\nmatrix = [{ v = ["1", "2"] }]\n[envs."t.1"]\ndescription = "explicit"', None),
    ],
    ids=["before", "after"],
)
def test_of_two_with_one_name_the_later_wins_at_the_earlier_place(
    resolve_text: Resolve, text: str, origin: str | None
) -> None:
    project = resolve_text(text)
    assert [name for name in project.environments if name != "default"] == ["t.1", "t.2"]
    assert project.environments["t.1"].root == origin
    assert project.roots["t"] == ("t.1", "t.2")


def test_cells_inherit_the_scripts_of_their_root(resolve_text: Resolve) -> None:
    project = resolve_text('[envs.default.scripts]\na = "A"\n[envs.t]\nmatrix = [{ v = ["1"] }]\nscripts.b = "B"')
    assert [*project.environments["t.1"][SCRIPTS]] == ["b", "a"]


def test_a_matrix_beyond_all_measure_is_told(resolve_text: Resolve) -> None:
    values = ", ".join(f'"{number}"' for number in range(20))
    entry = ", ".join(f"{name} = [{values}]" for name in "abcd")
    with pytest.raises(InvalidDeclarations, match="more than 100000 combinations") as raised:
        resolve_text(f"[envs.t]\nmatrix = [{{ {entry} }}]")
    assert str(raised.value.mistakes[0].where) == "envs.t.matrix"


def test_a_matrix_override_applies_to_the_cells_that_have_its_variable(resolve_text: Resolve) -> None:
    project = resolve_text(
        """
        [envs.t]
        matrix = [{ v = ["1"] }, { w = ["2"] }]
        overrides.matrix.w.description = { value = "has w" }
        """
    )
    assert [one.values.get("description") for one in project.environments.values() if one.root] == [None, "has w"]


def test_the_place_of_a_cells_python_is_the_matrix(resolve_text: Resolve) -> None:
    project = resolve_text('[envs.t]\nmatrix = [{ py = ["3.9"] }]')
    assert str(project.environments["t.py3.9"].origin(PYTHON)) == "envs.t.matrix"


def test_a_cell_that_is_added_can_have_tags(resolve_text: Resolve) -> None:
    text = """
        tags = ["ci"]
        matrix = [{ v = ["1"], include = [{ v = "2", tags = ["slow", "ci"] }] }]
        scripts.t = "x"
    """
    project = resolve_text(f"[envs.t]\n{text}")
    assert [session.tags for session in all_sessions(project)] == [("ci",), ("ci", "slow")]
    assert [str(one) for one in project.environments["t.2"].origins["tags"]] == ["envs.t.tags", "envs.t.matrix"]


@pytest.mark.parametrize(
    ("entry", "spelled"),
    [
        ('v = ["1"]', ["(v='1')"]),
        ('py = ["3.12"]', ["-3.12"]),
        ('v = ["it\'s"], py = ["3.12"], w = ["x"]', ["-3.12(v=\"it's\", w='x')"]),
        ('include = [{ py = "3.12", v = "1", w = "2" }]', ["-3.12(v='1', w='2')"]),
        ('include = [{ v = "1", id = "old" }]', ["(old)"]),
    ],
)
def test_how_nox_writes_a_cell(resolve_text: Resolve, entry: str, spelled: list[str]) -> None:
    project = resolve_text(f"[envs.t]\nmatrix = [{{ {entry} }}]")
    assert [one.spelled for one in project.environments.values() if one.root] == spelled
