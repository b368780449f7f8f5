"""What an envfile may ask about its project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nox.project import python_versions as versions_of_nox

from envtasks.declare import collecting
from envtasks.errors import InvalidDeclarations
from envtasks.project import dependency_groups, load_toml, python_versions

SCRIPT = """#!/usr/bin/env python3
# /// other
# a = 1
# ///

# /// script
# requires-python = ">=3.11"
#
# dependencies = ["rich"]
# ///
print("hello")
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", 'a = [1]\n[b]\nc = "d"\n', {"a": [1], "b": {"c": "d"}}),
        ("tool.py", SCRIPT, {"requires-python": ">=3.11", "dependencies": ["rich"]}),
        ("tool", SCRIPT, {"requires-python": ">=3.11", "dependencies": ["rich"]}),
    ],
    ids=["toml", "script", "script-without-extension"],
)
def test_load_toml(name: str, text: str, expected: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_toml(tmp_path / name) == expected


def test_load_toml_of_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("a = 1", encoding="utf-8")
    monkeypatch.setattr(collecting, "current", collecting.Collection())
    monkeypatch.chdir(tmp_path)
    assert load_toml() == {"a": 1}


def test_load_toml_of_an_envfile_that_lies_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("a = 1", encoding="utf-8")
    (tmp_path / "deep").mkdir()
    monkeypatch.setattr(collecting, "current", collecting.Collection(str(tmp_path)))
    monkeypatch.chdir(tmp_path / "deep")
    assert load_toml() == {"a": 1}


@pytest.mark.parametrize(
    ("name", "text", "error", "message"),
    [
        ("a.toml", "a = ", InvalidDeclarations, "not TOML"),
        ("a.json", "{}", ValueError, "neither a TOML file nor a Python script"),
        ("a.py", "print()\n", ValueError, "has 0 blocks of script metadata"),
        ("a.py", SCRIPT + SCRIPT, ValueError, "has 2 blocks of script metadata"),
    ],
)
def test_what_cannot_be_loaded(name: str, text: str, error: type[Exception], message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        load_toml(tmp_path / name)


def test_what_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print()\n", encoding="utf-8")
    assert load_toml(tmp_path / "a.py", missing_ok=True) == {}
    with pytest.raises(FileNotFoundError, match=r"no such file: '.*b\.toml'"):
        load_toml(tmp_path / "b.toml", missing_ok=True)


def project(*classifiers: str, requires: str = "") -> dict[str, Any]:
    return {
        "project": {
            "classifiers": [f"Programming Language :: Python :: {one}" for one in classifiers],
            "requires-python": requires,
        }
    }


@pytest.mark.parametrize(
    ("pyproject", "settings", "expected"),
    [
        (project("3", "3.10", "3.9", "3 :: Only"), {}, ["3.9", "3.10"]),
        (project("3.10", "3.9"), {"sort": False}, ["3.10", "3.9"]),
        (project("3.13", "3.14", "Free Threading"), {}, ["3.13", "3.14", "3.14t"]),
        (project("3.13", "3.14", "Free Threading"), {"free_threaded": False}, ["3.13", "3.14"]),
        (project("3.14"), {"free_threaded": True}, ["3.14", "3.14t"]),
        (project(requires=">=3.11"), {"max_version": "3.13"}, ["3.11", "3.12", "3.13"]),
        (project(requires="!=3.11.2, >3.11"), {"max_version": "3.13"}, ["3.11", "3.12", "3.13"]),
        (project(requires=">=3.12.4,<4"), {"max_version": "3.12"}, ["3.12"]),
        (project(requires="~=3.11"), {"max_version": "3.12"}, ["3.11", "3.12"]),
        (project(requires="~= 3.11.2"), {"max_version": "3.12.1"}, ["3.11", "3.12"]),
        (project(requires=">3.9,<4,>=3.11 , !=3.12"), {"max_version": "3.12"}, ["3.11", "3.12"]),
        (project(requires=">=3"), {"max_version": "3.1"}, ["3.0", "3.1"]),
        (project(requires=">=3.11"), {"max_version": "3"}, []),
        (project(requires=">=3.14"), {"max_version": "3.14", "free_threaded": True}, ["3.14", "3.14t"]),
        (project("2.7", "3.14", "Free Threading :: 2 - Beta"), {}, ["3.14", "3.14t"]),
    ],
)
def test_python_versions_are_those_of_nox(
    pyproject: dict[str, Any], settings: dict[str, Any], expected: list[str]
) -> None:
    assert python_versions(pyproject, **settings) == expected == versions_of_nox(pyproject, **settings)


@pytest.mark.parametrize(
    ("pyproject", "settings", "message"),
    [
        (project("3"), {}, "no classifier names a Python version"),
        ({}, {}, "no classifier names a Python version"),
        (project("2.7"), {}, "no classifier names a Python version"),
        (project(requires="<4,===3.9,==3.9.*"), {"max_version": "3.13"}, "requires-python has no lower bound"),
        (project(), {"max_version": "3.13"}, "requires-python has no lower bound"),
    ],
)
def test_versions_that_nothing_tells(pyproject: dict[str, Any], settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        python_versions(pyproject, **settings)
    with pytest.raises(ValueError, match="No "):
        versions_of_nox(pyproject, **settings)


def test_dependency_groups() -> None:
    groups = {"Test_Tools": ["pytest"], "dev": [{"include-group": "test-tools"}, "ruff"]}
    assert dependency_groups({"dependency-groups": groups}, "dev", "test.tools") == ("pytest", "ruff", "pytest")
    with pytest.raises(KeyError):
        dependency_groups({"dependency-groups": groups}, "docs")
    with pytest.raises(InvalidDeclarations):
        dependency_groups({"dependency-groups": {"a": [{"include-group": "a"}]}}, "a")
