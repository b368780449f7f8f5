"""What is remembered of the installs of tasks."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import recipe

from envtasks.declared import Pairs
from envtasks.environments import record
from envtasks.environments.installed import is_installed, with_installed
from envtasks.planned import Recipe

Change = Callable[[Path], object]


def append(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")


@pytest.fixture
def project_directory(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    for name in ("pyproject.toml", "requirements.txt", "constraints.txt", "src/module.py", "README.md"):
        (root / name).write_text("", encoding="utf-8")
    return root


def environment(tmp_path: Path) -> Recipe:
    made = recipe(tmp_path / "env")
    os.mkdir(made.directory)
    answer = {"path": "/python", "implementation": "cpython", "version": "3.12.1"}
    record.write(
        made.directory, {**record.parts(made), "name": made.name, "interpreter": answer, "packages": [], "ready": True}
    )
    return made


def install(made: Recipe, arguments: tuple[str, ...], cwd: Path) -> None:
    found = record.read(made.directory)
    assert found is not None
    record.write(made.directory, with_installed(found, made, arguments, str(cwd)))


def nothing(_: Path) -> None: ...


@pytest.mark.parametrize(
    ("arguments", "change", "still"),
    [
        (("pytest", "ruff"), nothing, True),
        (("-r", "requirements.txt"), nothing, True),
        (("-r", "requirements.txt"), lambda root: append(root / "requirements.txt"), False),
        (("--requirement=requirements.txt",), lambda root: append(root / "requirements.txt"), False),
        (("a", "-c", "constraints.txt"), lambda root: append(root / "constraints.txt"), False),
        (("a", "-c", "constraints.txt"), lambda root: append(root / "requirements.txt"), True),
        ((".[test]",), lambda root: append(root / "src" / "module.py"), False),
        (("-e", ".[test]"), lambda root: append(root / "src" / "module.py"), True),
        (("-e", "."), lambda root: append(root / "pyproject.toml"), False),
        (("--editable=.",), lambda root: append(root / "README.md"), True),
        (("--editable", "."), lambda root: append(root / "pyproject.toml"), False),
    ],
)
def test_what_is_named_is_watched(
    arguments: tuple[str, ...], change: Change, still: bool, tmp_path: Path, project_directory: Path
) -> None:
    made = environment(tmp_path)
    assert not is_installed(made, arguments, str(project_directory))
    install(made, arguments, project_directory)
    change(project_directory)
    assert is_installed(made, arguments, str(project_directory)) == still


def test_several_installs_are_remembered_each_once(tmp_path: Path, project_directory: Path) -> None:
    made = environment(tmp_path)
    for arguments in (("a",), ("-r", "requirements.txt"), ("a",)):
        install(made, arguments, project_directory)
    found = record.read(made.directory)
    assert found is not None
    assert [one["arguments"] for one in found["installed"]] == [["-r", "requirements.txt"], ["a"]]


def test_the_same_words_elsewhere_are_another_install(tmp_path: Path, project_directory: Path) -> None:
    made = environment(tmp_path)
    install(made, ("-e", "."), project_directory)
    assert not is_installed(made, ("-e", "."), str(tmp_path))


def test_where_there_is_no_environment_nothing_is_installed(tmp_path: Path) -> None:
    assert not is_installed(recipe(tmp_path / "env"), ("a",), str(tmp_path))


@pytest.mark.parametrize(
    ("before", "now", "still"),
    [
        ((), (), True),
        ((("PIP_INDEX_URL", "a"),), (("PIP_INDEX_URL", "a"),), True),
        ((("PIP_INDEX_URL", "a"),), (("PIP_INDEX_URL", "b"),), False),
        ((("PIP_INDEX_URL", "a"),), (), False),
        ((), (("PIP_INDEX_URL", "a"),), False),
    ],
)
def test_where_it_was_installed_from_is_remembered(before: Pairs, now: Pairs, still: bool, tmp_path: Path) -> None:
    made = environment(tmp_path)
    install(made._replace(index_variables=before), ("package",), tmp_path)
    assert is_installed(made._replace(index_variables=now), ("package",), str(tmp_path)) is still
    assert '"a"' not in Path(made.directory, record.MARK).read_text(encoding="utf-8")
