"""Which Pythons can be had, where their archives are, and what their bytes must come to."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest
from archives import Archives, serving

from envtasks.environments.pythons.distributions import (
    Distribution,
    available,
    distribution,
    named,
    newest,
    variant,
    verified,
)
from envtasks.environments.pythons.spec import Wish, wish_for
from envtasks.errors import EnvironmentFailed, InterpreterMissing, RequestError
from envtasks.model import Host

MakeHost = Callable[..., Host]
SUM = "a" * 64
BASE = "https://example.org/20250115"
GNU = Distribution("3.13", f"{BASE}/cpython-3.13.1%2B20250115-x86_64-unknown-linux-gnu-stripped.tar.gz", SUM, "3.13.1")


@pytest.mark.parametrize(
    ("text", "environ", "name"),
    [
        ("3.13", {}, "3.13"),
        ("cp313t", {}, "3.13t"),
        ("pypy311", {}, "pypy3.11"),
        ("3.12.4", {}, "3.12.4"),
        ("3.13", {"ENVTASKS_PYTHON_VARIANT_GIL": "freethreaded"}, "3.13t"),
        ("pypy3.11", {"ENVTASKS_PYTHON_VARIANT_GIL": "freethreaded"}, "pypy3.11"),
    ],
)
def test_names(text: str, environ: dict[str, str], name: str, host: MakeHost) -> None:
    assert named(text, host(environ=environ)).distribution == name


@pytest.mark.parametrize("text", ["3", "", "python", ">=3.12", "jython", "/usr/bin/python3", "all the best"])
def test_what_names_no_distribution(text: str, host: MakeHost) -> None:
    with pytest.raises(RequestError, match="names no Python that could be installed"):
        named(text, host())


@pytest.mark.parametrize(
    ("asked", "variable"),
    [
        ("3.12", "ENVTASKS_PYTHON_SOURCE_3_12"),
        ("3.13t", "ENVTASKS_PYTHON_SOURCE_3_13T"),
        ("pypy3.10", "ENVTASKS_PYTHON_SOURCE_PYPY3_10"),
        ("3.12.4", "ENVTASKS_PYTHON_SOURCE_3_12"),
        ("3.12.4", "ENVTASKS_PYTHON_SOURCE_3_12_4"),
    ],
)
def test_sources_that_a_person_names(asked: str, variable: str, host: MakeHost) -> None:
    found = distribution(wish_for(asked), host(environ={variable: f"/mirror/x.tar.gz#sha256={SUM.upper()}"}))
    assert found == Distribution(asked, "/mirror/x.tar.gz", SUM)


def test_a_sum_that_is_none(host: MakeHost) -> None:
    environ = {"ENVTASKS_PYTHON_SOURCE_3_12": "/mirror/x.tar.gz#md5=1"}
    with pytest.raises(RequestError, match="ENVTASKS_PYTHON_SOURCE_3_12 has an unknown '#md5=1'"):
        distribution(wish_for("3.12"), host(environ=environ))


def test_the_list_is_not_needed_for_sources_of_ones_own(monkeypatch: pytest.MonkeyPatch, host: MakeHost) -> None:
    monkeypatch.setitem(sys.modules, "pbs_installer", None)
    environ = {"ENVTASKS_PYTHON_SOURCE_3_12": "/mirror/x.tar.gz"}
    for asked in ("3.12", ">=3.11", ""):
        found = newest(wish_for(asked), ">=3.11", host(environ=environ))
        assert found == Distribution("3.12", "/mirror/x.tar.gz")
    with pytest.raises(InterpreterMissing, match="the list of Pythons") as caught:
        newest(wish_for("3.13"), "", host(environ=environ))
    assert "install the extra 'envtasks[pythons]'" in caught.value.hint


@pytest.mark.parametrize(
    ("environ", "part"),
    [
        ({}, "-x86_64-unknown-linux-"),
        ({"ENVTASKS_PYTHON_VARIANT_CPU": "v1"}, "-x86_64-unknown-linux-"),
        ({"ENVTASKS_PYTHON_VARIANT_CPU": "V3"}, "-x86_64_v3-unknown-linux-"),
        ({"ENVTASKS_PYTHON_VARIANT_LINUX": "v2"}, "-x86_64_v2-unknown-linux-"),
        ({"ENVTASKS_PYTHON_VARIANT_LINUX": "v2", "ENVTASKS_PYTHON_VARIANT_CPU": "v4"}, "-x86_64_v4-unknown-linux-"),
        ({"ENVTASKS_PYTHON_VARIANT_WINDOWS": "shared"}, "-x86_64-unknown-linux-"),
    ],
)
def test_variants(environ: dict[str, str], part: str) -> None:
    found = variant(GNU, environ)
    assert part in found.source
    assert found.sha256 == (SUM if found.source == GNU.source else "")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"ENVTASKS_PYTHON_VARIANT_CPU": "v9"}, "ENVTASKS_PYTHON_VARIANT_CPU='v9' is unknown"),
        ({"ENVTASKS_PYTHON_VARIANT_LINUX": "x"}, "ENVTASKS_PYTHON_VARIANT_LINUX='x' is unknown"),
        ({"ENVTASKS_PYTHON_VARIANT_WINDOWS": "static"}, "ENVTASKS_PYTHON_VARIANT_WINDOWS='static' is not distributed"),
    ],
)
def test_unknown_variants(environ: dict[str, str], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        variant(GNU, environ)


def test_an_unknown_variant_without_the_lock_of_the_interpreter(host: MakeHost) -> None:
    with pytest.raises(RequestError, match="ENVTASKS_PYTHON_VARIANT_GIL='none' is unknown"):
        named("3.13", host(environ={"ENVTASKS_PYTHON_VARIANT_GIL": "none"}))


@pytest.mark.parametrize(
    ("source", "build"),
    [
        (GNU.source, "20250115"),
        ("https://example.org/pypy3.10-v7.3.17-linux64.tar.bz2", "7.3.17"),
        ("/mirror/mine.tar.gz?token=1", ""),
    ],
)
def test_builds(source: str, build: str) -> None:
    assert GNU._replace(source=source).build == build


@pytest.fixture
def archives() -> Iterator[Archives]:
    with serving() as found:
        yield found


def test_a_sum_that_the_list_lacks_is_fetched(archives: Archives) -> None:
    archives.files["SHA256SUMS"] = f"{'b' * 64}  other.tar.gz\n{SUM}  a+b.tar.gz\n".encode()
    wanted = Distribution("3.13", f"{archives.address}/a%2Bb.tar.gz", "", "3.13.1")
    assert verified(wanted).sha256 == SUM
    with pytest.raises(EnvironmentFailed, match=r"there is no checksum for 'c\.tar\.gz'"):
        verified(wanted._replace(source=f"{archives.address}/c.tar.gz"))


def test_sums_that_are_known_or_a_persons_own_are_not_fetched(archives: Archives) -> None:
    source = f"{archives.address}/a.tar.gz"
    for wanted in (Distribution("3.13", source), Distribution("3.13", source, SUM, "3.13.1")):
        assert verified(wanted) == wanted
    assert not archives.asked


def of_the_list(test: Callable[..., None]) -> Callable[..., None]:
    """A test that needs the list itself, which reads its own file in a way that Python warns of."""
    lacks = pytest.mark.skipif(find_spec("pbs_installer") is None, reason="the extra 'pythons' is not installed")
    return lacks(pytest.mark.filterwarnings("ignore:open_text is deprecated")(test))  # type: ignore[no-any-return]


@of_the_list
@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("3.12", r"3\.12\.\d+"),
        ("3.12.4", r"3\.12\.4"),
        ("3.13t", r"3\.13\.\d+t"),
        ("pypy3.10", r"3\.10\.\d+"),
        (">=3.11,<3.13", r"3\.12\.\d+"),
        ("3", r"3\.\d+\.\d+"),
        ("", r"3\.\d+\.\d+"),
    ],
)
def test_what_the_list_has(asked: str, version: str, host: MakeHost) -> None:
    found = newest(wish_for(asked), "", host())
    assert found is not None
    assert re.fullmatch(version, found.version)
    assert found.source.startswith("https://")
    assert found.build
    assert re.fullmatch(r"[0-9a-f]{64}", found.sha256)


@of_the_list
@pytest.mark.parametrize(
    ("asked", "requires_python"), [("3.2", ""), ("9.7", ""), ("3.12", ">=3.13"), (">=99", ""), ("jython", "")]
)
def test_what_the_list_lacks(asked: str, requires_python: str, host: MakeHost) -> None:
    assert newest(wish_for(asked), requires_python, host()) is None


@of_the_list
def test_what_a_project_supports_is_chosen(host: MakeHost) -> None:
    found = newest(Wish(), ">=3.9,<3.11", host())
    assert found is not None
    assert found.version.startswith("3.10.")


@of_the_list
def test_all_that_is_available(host: MakeHost) -> None:
    names = [*available(host())]
    assert {"3.10", "3.13", "3.13t", "pypy3.10"} <= set(names)
    assert names.index("3.13") < names.index("3.10")
