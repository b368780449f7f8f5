"""Hooks of build backends, run for a project whose backend needs nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny import BUILD_INPUTS, asked, tell, tiny

from envtasks.declare.metadata import build_requires
from envtasks.environments.building import (
    LEGACY_BACKEND,
    BuildSystem,
    Kind,
    Unsupported,
    build,
    build_system_of,
    metadata,
    requires,
)
from envtasks.errors import EnvironmentFailed, FillError


def system(root: Path) -> BuildSystem:
    return build_system_of(str(root), BUILD_INPUTS, sys.executable, dict(os.environ))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sdist", "tiny_thing-1.0.tar.gz"),
        ("wheel", "tiny_thing-1.0-py3-none-any.whl"),
        ("editable", "tiny_thing-1.0-py3-none-any.whl"),
    ],
)
def test_what_can_be_built(kind: Kind, name: str, tmp_path: Path) -> None:
    root = tiny(tmp_path / "project")
    (tmp_path / "built").mkdir()
    assert build(system(root), kind, str(tmp_path / "built")) == str(tmp_path / "built" / name)
    assert os.listdir(tmp_path / "built") == [name]
    assert asked(root) == [kind]


def test_what_a_build_requires(tmp_path: Path) -> None:
    root = tiny(tmp_path, requires=["a>1", "b"])
    assert requires(system(root), "wheel") == ("a>1", "b")
    assert requires(system(root), "sdist") == ()


def test_metadata_of_a_backend_that_has_no_hook_for_them_comes_from_a_wheel(tmp_path: Path) -> None:
    root = tiny(tmp_path / "project")
    (tmp_path / "there").mkdir()
    path = metadata(system(root), str(tmp_path / "there"))
    assert "Name: tiny-thing" in Path(path).read_text(encoding="utf-8")
    assert asked(root) == ["wheel"]


def test_all_that_a_failing_build_said_is_told(tmp_path: Path) -> None:
    root = tiny(tmp_path, fails="wheel")
    with pytest.raises(EnvironmentFailed) as caught:
        build(system(root), "wheel", str(tmp_path))
    assert caught.value.message == "build_wheel of 'tiny_backend' failed with exit code 7\nwhat it says\nand why"


FAILURES: dict[str, tuple[dict[str, Any], Callable[[BuildSystem, str], Any], str]] = {
    "ends-itself": (
        {"leaves": "wheel"},
        lambda one, place: build(one, "wheel", place),
        "build_wheel of 'tiny_backend' gives no answer",
    ),
    "not-there": (
        {"lies": "other.whl"},
        lambda one, place: build(one, "wheel", place),
        "'tiny_backend' says that it made 'other.whl', which is not there",
    ),
    "elsewhere": (
        {"lies": "../pyproject.toml"},
        lambda one, place: build(one, "wheel", place),
        "says that it made '../pyproject.toml', which is not there",
    ),
    "no-name": ({"lies": 5}, lambda one, place: build(one, "wheel", place), "says that it made 5, which is not there"),
    "no-list": ({"requires": "a"}, lambda one, place: requires(one, "wheel"), "tells no list of requirements: 'a'"),
    "no-texts": ({"requires": [1]}, lambda one, place: requires(one, "wheel"), r"tells no list of requirements: \[1\]"),
    "no-backend": (
        {},
        lambda one, place: build(one._replace(name="nowhere"), "wheel", place),
        "the build backend 'nowhere' cannot be loaded",
    ),
    "outside": (
        {},
        lambda one, place: build(one._replace(path=("..",)), "wheel", place),
        "'backend-path' leads out of the project",
    ),
    "absolute": (
        {},
        lambda one, place: build(one._replace(path=("/",)), "wheel", place),
        "'backend-path' leads out of the project",
    ),
    "no-python": (
        {},
        lambda one, place: build(one._replace(python="/nowhere/python"), "wheel", place),
        "failed with exit code 127",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_backend_that_does_not_do_as_it_should(case: str, tmp_path: Path) -> None:
    told, call, message = FAILURES[case]
    root = tiny(tmp_path / "project", **told)
    (tmp_path / "built").mkdir()
    with pytest.raises(EnvironmentFailed, match=message):
        call(system(root), str(tmp_path / "built"))


def test_what_a_backend_cannot_build(tmp_path: Path) -> None:
    root = tiny(tmp_path, editable=False)
    with pytest.raises(Unsupported, match="the build backend 'tiny_backend' has no build_editable"):
        build(system(root), "editable", str(tmp_path))
    assert requires(system(root), "editable") == ()
    tell(root)
    assert build(system(root), "editable", str(tmp_path))


@pytest.mark.parametrize(
    ("table", "name", "path"),
    [
        (None, LEGACY_BACKEND, ()),
        ({"requires": ["x"]}, LEGACY_BACKEND, ()),
        ({"requires": ["x"], "build-backend": "x.y:z"}, "x.y:z", ()),
        ({"requires": [], "build-backend": "y", "backend-path": ["."]}, "y", (".",)),
    ],
)
def test_which_backend_builds_a_project(table: Any, name: str, path: tuple[str, ...]) -> None:
    inputs = {} if table is None else {"build-system": table}
    found = build_system_of("/p", inputs, "python", {})
    assert (found.name, found.path) == (name, path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"requires": [], "build-backend": 5}, "'build-backend' is no name"),
        ({"requires": [], "build-backend": ""}, "'build-backend' is no name"),
        ({"requires": [], "backend-path": "."}, "'backend-path' is no array of strings"),
        ({"requires": [], "backend-path": [1]}, "'backend-path' is no array of strings"),
    ],
)
def test_a_backend_that_is_not_named_right(table: Any, message: str) -> None:
    with pytest.raises(EnvironmentFailed, match=message):
        build_system_of("/p", {"build-system": table}, "python", {})


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, ("setuptools>=40.8.0",)),
        ({"build-system": {"requires": []}}, ()),
        ({"build-system": {"requires": ["hatchling>=1.26", "x[y]; python_version<'3.12'"]}}, None),
    ],
)
def test_what_must_be_there_to_build(inputs: Any, expected: tuple[str, ...] | None) -> None:
    assert build_requires(inputs) == (tuple(inputs["build-system"]["requires"]) if expected is None else expected)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (5, "has no array of requirements"),
        ({}, "has no array of requirements"),
        ({"requires": "hatchling"}, "has no array of requirements"),
        ({"requires": [5]}, "has no array of requirements"),
        ({"requires": ["a b"]}, "requires what is no requirement"),
    ],
)
def test_requirements_of_a_build_that_are_none(table: Any, message: str) -> None:
    with pytest.raises(FillError, match=message):
        build_requires({"build-system": table})
