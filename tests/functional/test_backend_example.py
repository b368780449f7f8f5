"""The backend of `examples/backend`, installed beside the tool, makes environments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from outside import INDEX
from tool import world

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MakeProject = Callable[[Mapping[str, str]], Path]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds what pip installs of the example."""
    place = tmp_path_factory.mktemp("installed")
    words = ["pip", "install", "--quiet", "--no-deps", "--target", str(place), str(REPOSITORY / "examples" / "backend")]
    done = subprocess.run(
        [sys.executable, "-m", *words], env=world(**INDEX), capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"the example cannot be built here: {done.stderr.strip().splitlines()[-1:]}")
    return place


def run(root: Path, place: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(place), str(REPOSITORY)))
    return subprocess.run(
        [sys.executable, "-m", "envtasks", *argv],
        cwd=root,
        env=world(PYTHONPATH=path),
        capture_output=True,
        text=True,
        check=False,
    )


def test_environments_of_another_package(project: MakeProject, installed: Path) -> None:
    code = "import sys, pip; print(sys.prefix)"
    root = project({"envtasks.toml": f'[envs.t]\ntype = "stdlib"\nscripts.t = "python -c \'{code}\'"\n'})
    done = run(root, installed, "-s", "t")
    place = root / ".envtasks" / "envs" / "t"
    assert (done.returncode, done.stdout) == (0, f"{place}\n"), done.stderr
    assert "t: making the environment: there is none yet" in done.stderr
    assert json.loads(run(root, installed, "-s", "t", "--why", "--json").stdout) == {"t": None}


def test_without_the_package_the_type_is_unknown(project: MakeProject, tmp_path: Path) -> None:
    root = project({"envtasks.toml": '[envs.t]\ntype = "stdlib"\nscripts.t = "true"\n'})
    done = run(root, tmp_path, "-s", "t")
    assert done.returncode == 2
    assert "unknown type 'stdlib'" in done.stderr
    assert "hint: known are: virtual, none" in done.stderr
