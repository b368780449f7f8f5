"""Environments of uv: the program that is started, and a real environment where uv is there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes import Events, program, recipe

from envtasks.environments import uv
from envtasks.environments.freshness import stale
from envtasks.environments.interpreters import Interpreter
from envtasks.environments.location import python_of
from envtasks.environments.making import make
from envtasks.errors import EnvironmentFailed
from envtasks.model import Host

INTERPRETER = Interpreter("/opt/python 3/bin/python", "cpython", "3.12.1")


def recording(tmp_path: Path) -> Path:
    """A uv that writes down where it was started and with which words."""
    return program(
        tmp_path / "bin" / "uv", f'for word in "$PWD" "$@"; do echo "$word"; done > {shlex.quote(str(tmp_path))}/said'
    )


def said(tmp_path: Path) -> list[str]:
    return (tmp_path / "said").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("system_packages", [False, True])
def test_create(system_packages: bool, tmp_path: Path) -> None:
    wanted = recipe(tmp_path / "env", uv_path=str(recording(tmp_path)), system_packages=system_packages)
    uv.create(wanted, INTERPRETER)
    words = ["venv", "--quiet", "--no-project", "--allow-existing", "--python", INTERPRETER.path]
    more = ["--system-site-packages"] if system_packages else []
    assert said(tmp_path) == [os.path.realpath(tmp_path), *words, *more, wanted.directory]


def test_install(tmp_path: Path) -> None:
    wanted = recipe(tmp_path / "env", uv_path=str(recording(tmp_path)))
    (tmp_path / "root").mkdir()
    uv.install(wanted, INTERPRETER, ("--editable", "a b"), str(tmp_path / "root"))
    words = ["pip", "install", "--quiet", "--python", python_of(wanted.directory), "--editable", "a b"]
    assert said(tmp_path) == [os.path.realpath(tmp_path / "root"), *words]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"UV_NO_INDEX": "1"}, True),
        ({"PIP_NO_INDEX": "true"}, True),
        ({"PIP_NO_INDEX": "False"}, False),
        ({"PIP_NO_INDEX": "1", "UV_NO_INDEX": "0"}, False),
        ({"PIP_NO_INDEX": ""}, False),
    ],
    ids=str,
)
def test_without_an_index(variables: dict[str, str], told: bool, tmp_path: Path) -> None:
    uv.install(recipe(uv_path=str(recording(tmp_path)), variables=variables), INTERPRETER, ("a",), str(tmp_path))
    assert ("--no-index" in said(tmp_path)) is told


def test_the_named_program_comes_first() -> None:
    assert uv.program(recipe(uv_path="/opt/uv")) == "/opt/uv"


def test_the_program_beside_us_comes_before_that_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "ours" / "python"))
    on_path = program(tmp_path / "bin" / "uv", "true")
    wanted = recipe(variables={"PATH": str(tmp_path / "bin")})
    assert uv.program(wanted) == str(on_path)
    beside = program(tmp_path / "ours" / "uv", "true")
    assert uv.program(wanted) == str(beside)


def test_no_uv_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(EnvironmentFailed, match="uv is not there") as caught:
        uv.program(recipe(variables={"PATH": str(tmp_path)}))
    assert "uv-path" in caught.value.hint


@pytest.mark.real
def test_a_real_environment(tmp_path: Path, index_variables: Mapping[str, str]) -> None:
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    found = beside if os.path.exists(beside) else shutil.which("uv")
    if found is None:
        pytest.skip("uv is not on this machine")
    variables = {**os.environ, **index_variables}
    wanted = recipe(tmp_path / "env", installer="uv", requirements=("iniconfig",), variables=variables)
    make(wanted, Host(str(tmp_path), os.path.expanduser("~"), "linux", variables), str(tmp_path), Events())
    words = [python_of(wanted.directory), "-c", "import iniconfig; print(iniconfig.__file__)"]
    where = subprocess.run(words, capture_output=True, text=True, check=True, cwd="/").stdout
    assert where.startswith(wanted.directory)
    assert stale(wanted) is None
