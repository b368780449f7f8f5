"""Environments are made ready while the sessions before them run, by a process that ends with us."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from tool import alive, run, started, world

MakeProject = Callable[[Mapping[str, str]], Path]

#: The first session waits until the second environment is there.
WAITING = """
sessions = ["t"]
[envs.t]
matrix = [{ n = ["1", "2", "3"] }]
[envs.t.scripts]
t = "python wait.py {matrix:n}"
"""
WAIT = """
import os, sys, time
end = time.monotonic() + 60
while sys.argv[1] == "1" and not os.path.exists(".envtasks/envs/t.2/.envtasks-env.json") and time.monotonic() < end:
    time.sleep(0.05)
print("ran", sys.argv[1], os.path.exists(".envtasks/envs/t.2/.envtasks-env.json"))
"""


def making(err: str) -> list[str]:
    return [line for line in err.splitlines() if ": the environment was made ready ahead" in line or ": making" in line]


def test_the_next_one_is_made_while_the_first_runs(project: MakeProject) -> None:
    root = project({"envtasks.toml": WAITING, "wait.py": WAIT})
    done = run(root)
    assert (done.code, done.out) == (0, "ran 1 True\nran 2 True\nran 3 True\n"), done.err
    assert making(done.err) == [
        "t.1: making the environment: there is none yet",
        "t.2: the environment was made ready ahead: there is none yet",
        "t.3: the environment was made ready ahead: there is none yet",
    ]
    assert making(run(root).err) == []


@pytest.mark.parametrize(("argv", "variables"), [(["--no-ahead"], {}), ([], {"ENVTASKS_AHEAD": "0"})])
def test_one_after_the_other(argv: list[str], variables: dict[str, str], project: MakeProject) -> None:
    root = project({"envtasks.toml": WAITING.replace("wait.py", "-c pass #"), "wait.py": WAIT})
    done = run(root, *argv, variables=world(**variables))
    assert done.code == 0, done.err
    assert making(done.err) == [f"t.{number}: making the environment: there is none yet" for number in (1, 2, 3)]


def test_what_cannot_be_made_is_told_in_its_turn(project: MakeProject) -> None:
    text = 'sessions = ["a", "b"]\n[envs.a.scripts]\na = "true"\n[envs.b]\npython = "2.99"\nscripts.b = "true"\n'
    done = run(project({"envtasks.toml": text}))
    assert done.code == 0
    assert done.err.count("no Python for '2.99'") == 2, "the session and the summary"
    assert "b: skipped" in done.err


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="finds processes below /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_us(number: signal.Signals, project: MakeProject) -> None:
    text = """
        sessions = ["a", "b"]
        [envs.a]
        skip-install = true
        scripts.a = "python wait.py ran"
        [envs.b]
        type = "virtual"
        skip-install = false
        pre-install-commands = ["python wait.py held"]
        scripts.b = "true"
    """
    files = {"wait.py": "import sys, time\nopen(sys.argv[1], 'w').close()\ntime.sleep(60)\n", "envtasks.toml": text}
    root = project({**files, "pyproject.toml": "[project]\nname = 'p'\nversion = '1'\n"})
    token = uuid4().hex
    process = started(root, variables=world(TOKEN=token))
    end = time.monotonic() + 60
    while not ((root / "ran").exists() and (root / "held").exists()) and time.monotonic() < end:
        time.sleep(0.05)
    assert (root / "held").exists(), "the second one is at work while the first runs"
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert alive(token) == []
