"""What type checkers say about an envfile: nothing about a right one, and of a wrong one each thing that is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import envtasks

CHECKOUT = Path(envtasks.__file__).resolve().parent.parent
SAMPLES = Path(__file__).resolve().parent / "typed"
EXPECTED = re.compile(r"# error: \[(?P<code>[a-z-]+)\]$")
#: A line of mypy, and one of pyright.
TOLD = re.compile(r":(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$")
TOLD_OF_PYRIGHT = re.compile(r":(?P<line>\d+):\d+ - error: ")


def check(module: str, name: str, *flags: str) -> subprocess.CompletedProcess[str]:
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    return subprocess.run(
        [sys.executable, "-m", module, *flags, str(SAMPLES / name)],
        cwd=CHECKOUT,
        env={**os.environ, "MYPYPATH": str(CHECKOUT), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )


def mypy(name: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """What mypy says, as strict as it can be, and with no settings of this project."""
    return check("mypy", name, "--strict", "--warn-unreachable", "--config-file=", f"--cache-dir={cache}")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def expected(name: str) -> dict[int, str]:
    lines = (SAMPLES / name).read_text(encoding="utf-8").splitlines()
    return {number: found["code"] for number, line in enumerate(lines, 1) if (found := EXPECTED.search(line))}


def test_mypy_has_nothing_to_say_about_the_sample(cache: Path) -> None:
    done = mypy("sample.py", cache)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_reports_what_is_wrong(cache: Path) -> None:
    done = mypy("wrong.py", cache)
    told = {(int(found["line"]), found["code"]) for line in done.stdout.splitlines() if (found := TOLD.search(line))}
    wanted = expected("wrong.py")
    assert {number for number, _ in told} == {*wanted}, done.stdout + done.stderr
    assert told >= {*wanted.items()}, done.stdout


def test_pyright_has_nothing_to_say_about_the_sample() -> None:
    done = check("pyright", "sample.py", "--pythonpath", sys.executable)
    skip_unless_it_ran(done)
    assert done.returncode == 0, done.stdout


def test_pyright_reports_what_is_wrong() -> None:
    done = check("pyright", "wrong.py", "--pythonpath", sys.executable)
    skip_unless_it_ran(done)
    told = {int(found["line"]) for line in done.stdout.splitlines() if (found := TOLD_OF_PYRIGHT.search(line))}
    assert told == {*expected("wrong.py")} - PASSED_OVER, done.stdout


#: Lines of which pyright says nothing in its usual mode: code that is never reached is no error there.
PASSED_OVER = {number for number, code in expected("wrong.py").items() if code == "unreachable"}


def skip_unless_it_ran(done: subprocess.CompletedProcess[str]) -> None:
    """It fetches the program that it wraps, which needs a network the first time."""
    if not re.search(r"\d+ errors?", done.stdout):
        pytest.skip(f"pyright could not be started: {(done.stderr or done.stdout).strip()[-200:]}")
