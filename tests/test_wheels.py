"""Wheels: for whom they are, what is in them, and keeping them."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from envtasks.environments.interpreters import Interpreter
from envtasks.environments.wheels import (
    content_of,
    fits,
    is_pure,
    keep,
    kept,
    metadata_directory,
    note,
    noted,
    place_of,
    requirement_of,
    url_of,
)
from envtasks.errors import EnvironmentFailed


@pytest.mark.parametrize(
    ("tag", "implementation", "version", "good"),
    [
        ("py3-none-any", "cpython", "3.8.1", True),
        ("py2.py3-none-any", "pypy", "3.10.1", True),
        ("py2-none-any", "cpython", "3.8.1", False),
        ("py310-none-any", "cpython", "3.9.1", False),
        ("py310-none-any", "cpython", "3.12.1", True),
        ("py3-none-linux_x86_64", "cpython", "3.12.1", True),
        ("cp312-cp312-linux_x86_64", "cpython", "3.12.1", True),
        ("cp312-cp312-linux_x86_64", "cpython", "3.12.9", True),
        ("cp312-cp312-linux_x86_64", "cpython", "3.13.1", False),
        ("cp312-cp312-linux_x86_64", "cpython", "3.1.2", False),
        ("cp312-cp312-linux_x86_64", "pypy", "3.12.1", False),
        ("cp313-cp313t-linux_x86_64", "cpython", "3.13.1t", True),
        ("cp313-cp313t-linux_x86_64", "cpython", "3.13.1", False),
        ("cp313-cp313-linux_x86_64", "cpython", "3.13.1t", False),
        ("cp39-abi3-linux_x86_64", "cpython", "3.13.1", True),
        ("cp39-abi3-linux_x86_64", "cpython", "3.8.1", False),
        ("cp39-abi3-linux_x86_64", "cpython", "3.13.1t", False),
        ("cp312-none-any", "cpython", "3.12.1", True),
        ("pp310-pypy310_pp73-linux_x86_64", "pypy", "3.10.1", True),
        ("pp310-pypy310_pp73-linux_x86_64", "pypy", "3.9.1", False),
        ("cp311.cp312-cp311.cp312-linux_x86_64", "cpython", "3.12.1", True),
        ("odd-none-any", "cpython", "3.12.1", False),
        ("1-cp312-cp312-linux_x86_64", "cpython", "3.12.1", True),
    ],
)
def test_for_whom_a_wheel_is(tag: str, implementation: str, version: str, good: bool) -> None:
    assert fits(f"/p/a-1.0-{tag}.whl", Interpreter("python", implementation, version)) is good


@pytest.mark.parametrize(
    ("tag", "pure"), [("py3-none-any", True), ("py3-none-linux_x86_64", False), ("cp312-cp312-any", False)]
)
def test_which_wheels_are_pure(tag: str, pure: bool) -> None:
    assert is_pure(f"/p/a-1.0-{tag}.whl") is pure


def wheel(path: Path, files: dict[str, str]) -> str:
    with ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return str(path)


INSIDE = {"a.py": "", "a-1.0.dist-info/METADATA": "", "a-1.0.dist-info/RECORD": "a.py,x,\nb.py,y,\n"}


def test_the_content_of_a_wheel_is_what_it_installs(tmp_path: Path) -> None:
    first = content_of(wheel(tmp_path / "one.whl", INSIDE))
    os.utime(tmp_path / "one.whl", (1, 1))
    assert content_of(str(tmp_path / "one.whl")) == first
    turned = {**INSIDE, "a-1.0.dist-info/RECORD": "b.py,y,\na.py,x,\n"}
    assert content_of(wheel(tmp_path / "two.whl", turned)) == first
    other = {**INSIDE, "a.py": "changed"}
    assert content_of(wheel(tmp_path / "three.whl", other)) != first, "also where RECORD does not say so"


def test_a_wheel_says_where_its_metadata_are(tmp_path: Path) -> None:
    assert metadata_directory(wheel(tmp_path / "a.whl", INSIDE)) == "a-1.0.dist-info"


@pytest.mark.parametrize("files", [{}, {"a.py": ""}, {**INSIDE, "b-1.0.dist-info/METADATA": ""}])
def test_what_is_no_wheel(files: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match="what was built is no wheel"):
        metadata_directory(wheel(tmp_path / "a.whl", files))
    (tmp_path / "b.whl").write_text("no archive", encoding="utf-8")
    with pytest.raises(EnvironmentFailed, match="what was built is no wheel"):
        metadata_directory(str(tmp_path / "b.whl"))


@pytest.mark.parametrize(
    ("path", "features", "requirement"),
    [
        ("/p/my_thing-1.0-py3-none-any.whl", (), "my_thing @ file:///p/my_thing-1.0-py3-none-any.whl"),
        ("/p/a-1-py3-none-any.whl", ("x", "y"), "a[x,y] @ file:///p/a-1-py3-none-any.whl"),
        ("/a b/é#/a-1+g1-py3-none-any.whl", (), "a @ file:///a%20b/%C3%A9%23/a-1%2Bg1-py3-none-any.whl"),
    ],
)
def test_what_installers_are_asked_for(path: str, features: tuple[str, ...], requirement: str) -> None:
    assert requirement_of(path, features) == requirement


def test_an_address_of_windows() -> None:
    assert url_of("C:/a b") == "file:///C:/a%20b"


def test_places_tell_what_is_made_from_other_things() -> None:
    assert place_of("/s", "wheel", {"a": 1, "b": 2}) == place_of("/s", "wheel", {"b": 2, "a": 1})
    places = {place_of("/s", kind, *parts) for kind in ("wheel", "editable") for parts in ((1,), (2,), (1, 2))}
    assert len(places) == 6
    assert {os.path.dirname(one) for one in places} == {"/s"}


def test_what_is_made_is_put_in_its_place_whole(tmp_path: Path) -> None:
    home = str(tmp_path / "home")

    def make(directory: str) -> str:
        assert kept(place_of(home, "wheel", 1)) is None
        Path(directory, "left-over").write_text("", encoding="utf-8")
        return wheel(Path(directory, "a.whl"), INSIDE)

    path = keep(home, make, lambda made: place_of(home, "wheel", 1))
    assert kept(place_of(home, "wheel", 1)) == path
    assert os.listdir(home) == [os.path.basename(os.path.dirname(path))]
    assert os.listdir(os.path.dirname(path)) == ["a.whl"]


def test_what_fails_to_be_made_leaves_nothing(tmp_path: Path) -> None:
    def make(directory: str) -> str:
        wheel(Path(directory, "a.whl"), INSIDE)
        raise EnvironmentFailed("no")

    with pytest.raises(EnvironmentFailed):
        keep(str(tmp_path / "home"), make, lambda made: str(tmp_path / "home" / "there"))
    assert os.listdir(tmp_path / "home") == []


def test_notes_in_a_place(tmp_path: Path) -> None:
    place = str(tmp_path / "there")
    assert noted(place, "unsupported") is None
    note(place, "unsupported", "no such hook")
    assert noted(place, "unsupported") == "no such hook"
    assert kept(place) is None
