"""Where environments lie."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pytest

from envtasks.environments.location import (
    bin_directory,
    digest,
    directory_name,
    is_within,
    locate,
    program_of,
    python_of,
    store,
)
from envtasks.model import Host, Metadata, Project, Settings

ROOT = "/src/demo"
MakeHost = Callable[..., Host]


def project(*names: str, title: str = "Demo_2.x", env_dir: str = "") -> Project:
    return Project(Metadata(title), Settings(env_dir=env_dir), "", dict.fromkeys(names), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("env_dir", "environ", "directory"),
    [
        ("", {}, "/src/demo/.envtasks/envs"),
        (".venvs", {}, "/src/demo/.venvs"),
        (".", {}, "/src/demo"),
        ("a/../.venvs/", {}, "/src/demo/.venvs"),
        ("~/.virtualenvs", {}, "/home/person/.virtualenvs"),
        ("~/envs", {}, f"/home/person/envs/demo-2-x/{digest(ROOT)}"),
        ("~", {}, f"/home/person/demo-2-x/{digest(ROOT)}"),
        ("../envs", {}, f"/src/envs/demo-2-x/{digest(ROOT)}"),
        ("/src/demolition", {}, f"/src/demolition/demo-2-x/{digest(ROOT)}"),
        ("$STORE", {"STORE": "/store"}, f"/store/demo-2-x/{digest(ROOT)}"),
        ("${STORE}/x", {"STORE": "/store"}, f"/store/x/demo-2-x/{digest(ROOT)}"),
        ("$NONE", {}, "/src/demo/$NONE"),
        ("a", {"ENVTASKS_ENV_DIR": "b"}, "/src/demo/b"),
        ("a", {"ENVTASKS_ENV_DIR": ""}, "/src/demo/a"),
    ],
)
def test_the_store_of_a_project(host: MakeHost, env_dir: str, environ: Mapping[str, str], directory: str) -> None:
    assert store(project("default", env_dir=env_dir), host(ROOT, environ)) == directory


@pytest.mark.parametrize(
    ("path", "environ", "directory"),
    [
        (None, {}, "/src/demo/.envtasks/envs/test"),
        (".venv", {}, "/src/demo/.venv"),
        ("/envs/x/", {}, "/envs/x"),
        ("~/x", {}, "/home/person/x"),
        ("../x", {}, "/src/x"),
        ("x", {"ENVTASKS_ENV_TYPE_VIRTUAL_PATH": "/other"}, "/other"),
        ("x", {"ENVTASKS_ENV_TYPE_VIRTUAL_PATH": ""}, "/src/demo/x"),
        ("x", {"ENVTASKS_ENV_DIR": "/store"}, "/src/demo/x"),
    ],
)
def test_a_path_comes_first(host: MakeHost, path: str | None, environ: Mapping[str, str], directory: str) -> None:
    assert locate("test", path, project("default", "test"), host(ROOT, environ)) == directory


@pytest.mark.parametrize(
    ("name", "names", "directory"),
    [
        ("test", ("test",), "test"),
        ("test.py3.12-django5", (), "test.py3.12-django5"),
        ("default", ("default",), "demo-2-x"),
        ("default", ("default", "demo-2-x"), "default"),
        ("default", ("default", "DEMO-2-X"), "default"),
        ("a b", (), f"a-b-{digest('a b')}"),
        ("a/b", (), f"a-b-{digest('a/b')}"),
        ("..", (), digest("..")),
        (".hidden", (), f"hidden-{digest('.hidden')}"),
        ("-x", (), f"x-{digest('-x')}"),
        ("dot.", (), f"dot-{digest('dot.')}"),
        ("é", (), digest("é")),
        ("con", (), f"con-{digest('con')}"),
        ("Nul.txt", (), f"nul-txt-{digest('Nul.txt')}"),
        ("com1", (), f"com1-{digest('com1')}"),
        ("x" * 80, (), "x" * 80),
        ("x" * 81, (), f"{'x' * 40}-{digest('x' * 81)}"),
        ("Test", ("test", "Test"), f"test-{digest('Test')}"),
        ("test", ("test", "Test"), f"test-{digest('test')}"),
    ],
)
def test_every_name_makes_a_directory_of_its_own(name: str, names: tuple[str, ...], directory: str) -> None:
    assert directory_name(name, project(*names)) == directory


@pytest.mark.parametrize(
    ("title", "directory"),
    [("a b", f"a-b-{digest('a b')}"), ("..", digest("-")), ("", digest("")), ("Con", f"con-{digest('con')}")],
)
def test_a_title_that_is_no_directory_is_escaped(title: str, directory: str) -> None:
    assert directory_name("default", project("default", title=title)) == directory


@pytest.mark.parametrize(
    ("path", "directory", "within"),
    [("/a", "/a", True), ("/a/b", "/a", True), ("/ab", "/a", False), ("/", "/a", False), ("/a", "/", True)],
)
def test_what_lies_within(path: str, directory: str, within: bool) -> None:
    assert is_within(path, directory) is within


def test_programs_lie_where_the_platform_has_them() -> None:
    assert os.path.dirname(python_of("/env")) == bin_directory("/env")
    assert program_of("/env", "pip").replace("pip", "python") == python_of("/env")
    assert bin_directory("/env") == os.path.join("/env", "Scripts" if os.name == "nt" else "bin")
