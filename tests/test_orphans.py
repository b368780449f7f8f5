"""Which installed packages nothing asks for any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from envtasks.environments.interpreters import Interpreter
from envtasks.environments.orphans import orphans
from envtasks.environments.packages import missing, name_of, packages

HERE = Interpreter("/python", "cpython", "3.12.1")

#: Packages with what they require.
INSTALLED = {
    "Web_Kit-1.0": ("http-core>=1", 'fast ; extra == "speed"', 'old ; python_version < "3.9"'),
    "http_core-2.0": ("sockets",),
    "sockets-3.0": ("http-core",),
    "fast-1.0": (),
    "old-1.0": (),
    "tool-1.0": ('pp ; implementation_name == "pypy"', "not a requirement!"),
    "pp-1": (),
    "pip-25.0": (),
}


@pytest.fixture
def place(tmp_path: Path) -> str:
    for package, requires in INSTALLED.items():
        install(tmp_path, package, *requires)
    return str(tmp_path)


def install(place: Path, package: str, *requires: str, direct: bool = False) -> None:
    info = place / f"{package}.dist-info"
    info.mkdir()
    lines = [
        f"Name: {package.partition('-')[0]}",
        *(f"Requires-Dist: {one}" for one in requires),
        "",
        "Name: no header",
    ]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", *lines]), encoding="utf-8")
    if direct:
        (info / "direct_url.json").write_text("{}")


EVERYTHING = ["fast", "http-core", "old", "pp", "sockets", "tool", "web-kit"]


@pytest.mark.parametrize(
    ("wanted", "gone"),
    [
        ((), EVERYTHING),
        (("web.kit",), ["fast", "old", "pp", "tool"]),
        (("WEB-kit[speed]>=1", "tool"), ["old", "pp"]),
        (("sockets",), ["fast", "old", "pp", "tool", "web-kit"]),
        (("old", "absent"), ["fast", "http-core", "pp", "sockets", "tool", "web-kit"]),
        (('tool ; python_version < "3"',), EVERYTHING),
    ],
)
def test_what_nothing_asks_for(place: str, wanted: tuple[str, ...], gone: list[str]) -> None:
    assert orphans(place, wanted, (), HERE) == gone


def test_the_interpreter_of_the_environment_decides(place: str) -> None:
    assert "pp" not in orphans(place, ("tool",), (), Interpreter("/pypy", "pypy", "3.8.16"))
    assert "old" not in orphans(place, ("web-kit",), (), Interpreter("/python", "cpython", "3.8.16"))


def test_what_came_from_a_path_stays_with_what_its_features_need(place: str) -> None:
    install(Path(place), "project-1.0", "tool", 'fast ; extra == "speed"', direct=True)
    assert orphans(place, (), ("speed",), HERE) == ["http-core", "old", "pp", "sockets", "web-kit"]
    assert orphans(place, (), (), HERE) == ["fast", "http-core", "old", "pp", "sockets", "web-kit"]


def test_what_cannot_be_read_stays(place: str) -> None:
    (Path(place) / "tool-1.0.dist-info" / "METADATA").unlink()
    assert "tool" not in orphans(place, (), (), HERE)


def test_packages_are_told_by_their_directories(place: str) -> None:
    (Path(place) / "__pycache__").mkdir()
    assert packages(place) == sorted(INSTALLED)
    assert packages(f"{place}/nowhere") == packages("") == []
    assert name_of("Web_Kit-1.0") == "web-kit"


def test_packages_that_are_missing(place: str) -> None:
    assert missing(["tool-1.0", "tool-2.0", "setuptools-1", "gone-1"], place) == ["tool-2.0", "gone-1"]
