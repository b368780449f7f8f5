from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from envtasks.declare.metadata import read_metadata
from envtasks.errors import Key, Mistakes
from envtasks.model import Metadata
from envtasks.names import normalized

KEY = Key("pyproject.toml")


def metadata(document: dict[str, Any], root: str = "/src/demo") -> tuple[Metadata, Mistakes]:
    mistakes = Mistakes()
    return read_metadata(root, document, KEY, mistakes), mistakes


@pytest.mark.parametrize(
    ("spelled", "name"), [("Foo", "foo"), ("foo__bar.-baz", "foo-bar-baz"), ("a1", "a1"), ("_x", "-x")]
)
def test_names_compare_normalized(spelled: str, name: str) -> None:
    assert normalized(spelled) == name


@pytest.mark.parametrize(
    ("document", "root", "name"),
    [
        ({"project": {"name": "Demo_2.x"}}, "/src/elsewhere", "Demo_2.x"),
        ({}, "/src/elsewhere", "elsewhere"),
        ({"project": {}}, "/src/elsewhere", "elsewhere"),
        ({"project": {"name": 5}}, "/src/elsewhere", "elsewhere"),
        ({"project": {"name": ""}}, "/", "project"),
    ],
)
def test_a_project_without_a_name_is_called_after_its_directory(document: dict[str, Any], root: str, name: str) -> None:
    assert metadata(document, root)[0].name == name


@pytest.mark.parametrize(
    ("project", "requires"),
    [({"requires-python": ">=3.9"}, ">=3.9"), ({}, ""), ({"requires-python": 3}, "")],
)
def test_the_pythons_that_a_project_requires(project: dict[str, Any], requires: str) -> None:
    assert metadata({"project": project})[0].requires_python == requires


@pytest.mark.parametrize(
    ("document", "files", "installable"),
    [
        ({"project": {"name": "demo"}}, (), True),
        ({"tool": {}}, (), False),
        ({}, ("setup.py",), True),
        ({}, ("setup.cfg",), False),
        ({"build-system": {"requires": ["setuptools"]}}, ("setup.cfg",), True),
    ],
)
def test_what_can_be_installed(
    tmp_path: Path, document: dict[str, Any], files: tuple[str, ...], installable: bool
) -> None:
    for name in files:
        (tmp_path / name).touch()
    assert metadata(document, str(tmp_path))[0].installable is installable


OPTIONAL = {"optional-dependencies": {"Foo_Bar": ["a"], "b": []}}


@pytest.mark.parametrize(
    ("document", "features"),
    [
        ({"project": OPTIONAL}, {"foo-bar": ("a",), "b": ()}),
        ({"project": {}}, {}),
        ({}, None),
        ({"project": {"dynamic": ["optional-dependencies"]}}, None),
        ({"project": {"dynamic": ["version"]}}, {}),
        ({"project": OPTIONAL, "tool": {"hatch": {"metadata": {"hooks": {"x": {}}}}}}, None),
        ({"project": {"optional-dependencies": []}}, None),
        ({"project": {"optional-dependencies": {"a": "x"}}}, None),
    ],
    ids=["normalized", "none", "no project", "dynamic", "dynamic version", "hooks", "no table", "no array"],
)
def test_features_are_known_where_the_file_says_them(document: dict[str, Any], features: object) -> None:
    assert metadata(document)[0].features == features


@pytest.mark.parametrize(
    "document",
    [
        {"tool": {"hatch": 5}},
        {"tool": 5},
        {"tool": {"hatch": {"metadata": 5}}},
        {"project": {"dynamic": 5}},
        {"project": 5},
    ],
    ids=str,
)
def test_odd_tables_of_other_tools_are_not_ours_to_judge(document: dict[str, Any]) -> None:
    assert metadata({"project": {}, **document})[0].name == "demo"


def test_dependency_groups_include_each_other() -> None:
    groups = {"Test": ["pytest", {"include-group": "Base_x"}, "b"], "base.X": ["a"]}
    found, mistakes = metadata({"dependency-groups": groups})
    assert not mistakes.found
    assert found.groups == {"test": ("pytest", "a", "b"), "base-x": ("a",)}


@pytest.mark.parametrize(
    ("groups", "key", "message"),
    [
        (5, "dependency-groups", "expected a table, found the number 5"),
        ({"a": "x"}, "dependency-groups.a", "expected an array of requirements, found the string 'x'"),
        (
            {"a": [5]},
            "dependency-groups.a[0]",
            'expected a requirement or { include-group = "NAME" }, found the number 5',
        ),
        ({"a": [{}]}, "dependency-groups.a[0]", 'expected a requirement or { include-group = "NAME" }, found a table'),
        (
            {"a": [{"include-group": "a", "x": 1}]},
            "dependency-groups.a[0]",
            'expected a requirement or { include-group = "NAME" }, found a table',
        ),
        (
            {"a": [{"include-group": 5}]},
            "dependency-groups.a[0]",
            'expected a requirement or { include-group = "NAME" }, found a table',
        ),
        ({"a": ["x", {"include-group": "b"}]}, "dependency-groups.a[1]", "unknown dependency group 'b'"),
        ({"a_x": [], "a-X": []}, "dependency-groups.a-X", "two dependency groups are called 'a-x'"),
        (
            {"a": [{"include-group": "a"}]},
            "dependency-groups.a",
            "dependency groups include each other in a circle: a -> a",
        ),
    ],
)
def test_a_wrong_dependency_group_is_told(groups: object, key: str, message: str) -> None:
    _, mistakes = metadata({"dependency-groups": groups})
    assert [(str(one.where), one.message) for one in dict.fromkeys(mistakes.found)] == [(key, message)]


def test_a_circle_of_groups_is_told_from_where_it_begins() -> None:
    groups = {name: [{"include-group": other}] for name, other in ("ab", "bc", "cb")}
    _, mistakes = metadata({"dependency-groups": groups})
    assert [one.message.rpartition(": ")[2] for one in mistakes.found] == ["b -> c -> b", "b -> c -> b", "c -> b -> c"]


def test_unknown_groups_are_told_with_the_nearest() -> None:
    _, mistakes = metadata({"dependency-groups": {"tests": [], "a": [{"include-group": "test"}]}})
    assert [one.hint for one in mistakes.found] == ["did you mean 'tests'?"]


def test_what_an_installed_project_depends_on(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]")
    os.utime(tmp_path / "setup.cfg", ns=(5, 7))
    document = {
        "project": {"name": "demo"},
        "build-system": {"requires": ["hatchling"]},
        "dependency-groups": {"a": []},
        "tool": {"hatch": {"envs": {"test": {}}, "version": {"path": "x"}}, "ruff": {}, "uv": 5},
    }
    assert metadata(document, str(tmp_path))[0].build_inputs == {
        "project": {"name": "demo"},
        "build-system": {"requires": ["hatchling"]},
        "hatch": {"version": {"path": "x"}},
        "uv": 5,
        "setup.cfg": [10, 7],
    }


@pytest.mark.parametrize("wanted", ["", ">=3.9", ">= 3.9, <4", "~=3.10", "==3.*", ">=3.9,!=3.10.0"])
def test_the_pythons_of_a_project_are_a_range(wanted: str) -> None:
    found, mistakes = metadata({"project": {"requires-python": wanted}})
    assert (found.requires_python, mistakes.found) == (wanted, [])


@pytest.mark.parametrize("wanted", ["3.9", ">=foo", "~=3"])
def test_a_range_of_pythons_that_is_none_is_told(wanted: str) -> None:
    _, mistakes = metadata({"project": {"requires-python": wanted}})
    told = [(one.message, str(one.where)) for one in mistakes.found]
    assert told == [(f"not a range of versions: {wanted!r}", "project.requires-python")]


def test_what_a_dependency_group_holds_is_a_requirement() -> None:
    groups = {"a": ["pytest>=8", "b b"], "c": [{"include-group": "a"}, "-x"]}
    _, mistakes = metadata({"dependency-groups": groups})
    places = [str(one.where) for one in dict.fromkeys(mistakes.found)]
    assert places == ["dependency-groups.a[1]", "dependency-groups.c[1]"]
    assert all(one.message.startswith("not a requirement: ") for one in mistakes.found)
