"""What tells whether the sources of a project changed, and of which projects they count."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes import recipe

from envtasks.environments import record
from envtasks.environments.sources import is_dynamic, shaping, shaping_editable, sources


def source_tree(root: Path) -> Path:
    (root / "src").mkdir()
    (root / "src" / "a.py").write_text("a = 1\n", encoding="utf-8")
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("src/b.py", True),
        ("new/c.py", True),
        ("src/__pycache__/a.pyc", False),
        (".git/HEAD", False),
        (".envtasks/envs/test/x", False),
        ("build/lib/a.py", False),
        ("dist/a.whl", False),
        ("site/index.html", False),
        ("src/build/__init__.py", True),
        ("src/dist/a.py", True),
        ("src/site/a.py", True),
        ("src/node_modules/a.js", False),
        (".coverage", False),
        ("src/.coverage", False),
        ("a.egg-info/PKG-INFO", False),
    ],
)
def test_which_files_are_sources(path: str, counts: bool, tmp_path: Path) -> None:
    root = source_tree(tmp_path)
    before = sources(str(root))
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("x", encoding="utf-8")
    assert (sources(str(root)) != before) is counts


@pytest.mark.parametrize("mark", [record.MARK, "pyvenv.cfg"])
@pytest.mark.parametrize("place", ["venv", "envs/test"])
def test_what_lies_in_an_environment_is_no_source(place: str, mark: str, tmp_path: Path) -> None:
    root = source_tree(tmp_path)
    before = sources(str(root))
    for name in (mark, "lib/a.py"):
        (root / place / name).parent.mkdir(parents=True, exist_ok=True)
        (root / place / name).write_text("x", encoding="utf-8")
    assert sources(str(root)) == before


def test_a_touched_source_is_a_changed_one(tmp_path: Path) -> None:
    root = source_tree(tmp_path)
    before = sources(str(root))
    os.utime(root / "src" / "a.py", (1, 1))
    assert sources(str(root)) != before


def test_a_dangling_link_among_the_sources_is_passed_over(tmp_path: Path) -> None:
    root = source_tree(tmp_path)
    before = sources(str(root))
    (root / "src" / "gone.py").symlink_to("nowhere")
    assert sources(str(root)) == before


def test_only_a_project_that_is_not_editable_has_its_sources_recorded(tmp_path: Path) -> None:
    (tmp_path / "name[1]").mkdir()
    root = source_tree(tmp_path / "name[1]")
    inputs = {"project": {"name": "a"}}
    wheel = recipe(project=str(root), project_features=("extra",), editable=False, build_inputs=inputs)
    assert sources(str(root)) != sources(str(tmp_path / "name"))
    assert record.parts(wheel)["sources"] == sources(str(root))
    assert record.parts(wheel._replace(editable=True))["sources"] is None
    assert record.parts(wheel._replace(project=None))["sources"] is None


STATIC: Mapping[str, Any] = {"name": "a", "version": "1"}
VERSIONED: Mapping[str, Any] = {"name": "a", "dynamic": ["version"]}
OPEN: Mapping[str, Any] = {"name": "a", "version": "1", "dynamic": ["dependencies"]}


@pytest.mark.parametrize(
    ("inputs", "fields", "dynamic"),
    [
        ({}, (), True),
        ({"project": 5}, ("version",), True),
        ({"project": STATIC}, (), False),
        ({"project": VERSIONED}, (), True),
        ({"project": VERSIONED}, ("dependencies",), False),
        ({"project": OPEN}, ("dependencies", "optional-dependencies"), True),
        ({"project": {**STATIC, "dynamic": "version"}}, ("version",), False),
    ],
)
def test_what_only_the_backend_knows(inputs: dict[str, Any], fields: tuple[str, ...], dynamic: bool) -> None:
    assert is_dynamic(inputs, *fields) is dynamic


NAMED = {"setuptools": {"dynamic": {"dependencies": {"file": ["needs/base.in", "gone.in"]}}}}


@pytest.mark.parametrize(
    ("project", "editable", "path", "counts"),
    [
        (STATIC, True, "src/a.py", False),
        (STATIC, True, "requirements.txt", False),
        (STATIC, False, "src/a.py", True),
        (STATIC, False, ".git/logs/HEAD", False),
        (VERSIONED, False, ".git/logs/HEAD", True),
        (VERSIONED, True, ".git/logs/HEAD", False),
        (OPEN, True, "src/a.py", False),
        (OPEN, True, "requirements.txt", True),
        (OPEN, True, "requirements/dev.txt", True),
        (OPEN, True, "needs/base.in", True),
        (OPEN, True, "needs/other.in", False),
        (OPEN, True, "gone.in", True),
        (None, True, "setup.py", True),
    ],
)
def test_which_changes_make_another_installed_project(
    project: Any, editable: bool, path: str, counts: bool, tmp_path: Path
) -> None:
    root = source_tree(tmp_path)
    (root / "needs").mkdir()
    (root / "needs" / "base.in").write_text("", encoding="utf-8")
    inputs = {**NAMED, **({"project": project} if project else {})}
    before = shaping(str(root), inputs, editable=editable)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("x", encoding="utf-8")
    assert (shaping(str(root), inputs, editable=editable) != before) is counts


@pytest.mark.parametrize(
    ("project", "path", "counts"),
    [
        (STATIC, "src/a.py", False),
        (STATIC, "src/b/__init__.py", True),
        (STATIC, "c/__init__.py", True),
        (STATIC, "dist/a.whl", False),
        (STATIC, ".envtasks/x", False),
        (STATIC, "src/a.egg-info/PKG-INFO", False),
        (VERSIONED, "src/a.py", True),
        (VERSIONED, ".git/HEAD", True),
    ],
)
def test_which_changes_make_another_editable_wheel(project: Any, path: str, counts: bool, tmp_path: Path) -> None:
    root = source_tree(tmp_path)
    before = shaping_editable(str(root), {"project": project})
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("changed", encoding="utf-8")
    assert (shaping_editable(str(root), {"project": project}) != before) is counts
