"""What tasks install, for real: once, until something of it changes."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import pytest
from tool import Done, run, watched

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the task runs programs of POSIX")

ENVFILE = """
import os
from envtasks import env

@env(detached=True)
def task(session):
    where = {"PIP_FIND_LINKS": os.environ["WHERE"]} if "WHERE" in os.environ else {}
    session.install("./demo-1.0-py3-none-any.whl", env={"ANY": os.environ.get("ANY", ""), **where})
    session.run_install("python", "-c", "print('installing')")
    session.run("python", "-c", "import demo; print('running')")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "envfile.py").write_text(ENVFILE, encoding="utf-8")
    with ZipFile(root / "demo-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("demo.py", "")
        wheel.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        wheel.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("demo-1.0.dist-info/RECORD", "")
    return root


def installed(done: Done) -> bool:
    assert done.code == 0, done.err
    return "$ install ./demo" in done.err


def test_an_install_that_is_there_starts_nothing(project: Path) -> None:
    assert installed(run(project))
    done, seen = watched(project)
    assert not installed(done)
    assert [one.rpartition("print(")[2][:11] for one in seen if one.startswith("start")] == [
        "'installing",
        "'running')\"",
    ]


def test_where_packages_come_from_is_a_part_of_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What else is said of variables is for the installer alone."""
    ran: list[bool] = []
    for changes in ({}, {"ANY": "1"}, {"WHERE": "/nowhere"}, {"WHERE": "/nowhere"}, {"WHERE": "/else"}, {}):
        variables = {name: os.environ[name] for name in ("PATH", "HOME")} | changes
        ran.append(installed(run(project, variables=variables)))
    assert ran == [True, False, True, False, True, True]


def test_not_to_install_is_meant_for_environments_that_are_there(project: Path) -> None:
    new = run(project, "--no-install")
    assert installed(new)
    assert new.out == "installing\nrunning\n"
    (project / "demo-1.0-py3-none-any.whl").touch()
    there = run(project, "--no-install")
    assert not installed(there)
    assert there.out == "running\n"
    assert installed(run(project))


def test_only_to_install(project: Path) -> None:
    done = run(project, "--install-only")
    assert installed(done)
    assert done.out == "installing\n"
