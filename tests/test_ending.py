"""Ending programs, and what they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envtasks import kin
from envtasks.ending import Patience, stop
from envtasks.kin import PROCESSES, Running
from envtasks.process import TimedOut, run_program
from envtasks.signals import Stopped

PYTHON = sys.executable
#: A grandchild outlives its parent where only that is told to end.
TREE = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"


def running(word: str) -> bool:
    """Whether a process has this among its words; those that ended but were not fetched do not count."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    lines = listed.stdout.splitlines()
    return any(word in line and not line.startswith("Z") for line in lines)


def beginning(tmp_path: Path, *, apart: bool) -> Running:
    """A program that has started another one, which has said so."""
    grandchild = f"import time; open({str(tmp_path / 'alive')!r}, 'w').close(); time.sleep(60)"
    words = [PYTHON, "-c", TREE, grandchild]
    begun = Running(subprocess.Popen(words, start_new_session=apart), apart)
    while not (tmp_path / "alive").exists():
        time.sleep(0.01)
    return begun


@pytest.fixture(params=[PROCESSES, "/nowhere"], ids=["proc", "ps"])
def shown(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system shows of its processes: files, or only the list of `ps`."""
    monkeypatch.setattr(kin, "PROCESSES", request.param)


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("apart", [True, False])
def test_what_a_program_started_ends_as_well(apart: bool, tmp_path: Path) -> None:
    stop(beginning(tmp_path, apart=apart), signal.SIGTERM, Patience(5, 5))
    assert not running(str(tmp_path / "alive"))


def test_what_a_stopped_program_started_ends_as_well(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    grandchild = f"import time; open({str(mark)!r}, 'w').close(); time.sleep(60)"
    with pytest.raises(TimedOut):
        run_program(
            [PYTHON, "-c", TREE, grandchild],
            cwd=os.getcwd(),
            variables=os.environ,
            timeout=1,
            capture="together",
        )
    assert mark.exists()
    assert not running(str(mark))


def test_a_program_that_does_not_listen_is_killed() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with pytest.raises(TimedOut):
        run_program(
            [PYTHON, "-c", code],
            cwd=os.getcwd(),
            variables=os.environ,
            timeout=1,
            interrupt_seconds=0.1,
            terminate_seconds=0.1,
        )


def test_a_second_signal_is_impatient() -> None:
    """The program answers the first one with another for us, and goes on."""
    code = (
        "import os, signal, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: os.kill({os.getpid()}, signal.SIGINT))\n"
        f"os.kill({os.getpid()}, signal.SIGTERM)\n"
        "while True: time.sleep(60)"
    )
    with pytest.raises(Stopped) as caught:
        run_program([PYTHON, "-c", code], cwd=os.getcwd(), variables=os.environ, interrupt_seconds=60)
    assert caught.value.exit_code == 143
