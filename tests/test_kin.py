"""What the system shows of its processes, and which of them a program started."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from envtasks import kin
from envtasks.kin import PROCESSES, Process, Running, is_left_behind, is_there, process_of


@pytest.fixture(params=[PROCESSES, "/nowhere"], ids=["proc", "ps"])
def shown(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system shows of its processes: files, or only the list of `ps`."""
    monkeypatch.setattr(kin, "PROCESSES", request.param)


@pytest.mark.usefixtures("shown")
def test_a_program_is_shown_with_where_it_belongs() -> None:
    found = process_of(os.getpid())
    assert found is not None
    assert found[:4] == (os.getpid(), os.getppid(), os.getpgrp(), os.getsid(0))
    assert is_there(found)
    assert not is_there(found._replace(begun=found.begun - 100))


@pytest.mark.usefixtures("shown")
def test_what_is_no_process() -> None:
    assert process_of(2**30) is None


OURS = os.getpgrp()
SHELL = Process(5, 4, 5, 5, 10, ended=False)
REAPER = Process(3, 1, 3, 3, 1, ended=False)
STRAY = Process(99, 3, OURS, 5, 30, ended=False)


@pytest.mark.parametrize(
    ("one", "begun", "left"),
    [
        pytest.param(STRAY, 20, True, id="taken by a reaper"),
        pytest.param(STRAY._replace(parent=1), 20, True, id="taken by the first process"),
        pytest.param(STRAY._replace(parent=5), 20, False, id="a pager behind us"),
        pytest.param(STRAY._replace(parent=77), 20, False, id="its parent just ended"),
        pytest.param(STRAY, 31, False, id="older"),
        pytest.param(STRAY._replace(group=OURS + 1), 20, False, id="of another group"),
        pytest.param(STRAY, None, False, id="nobody knows when the program began"),
    ],
)
def test_what_a_program_that_is_gone_left_in_our_group(one: Process, begun: int | None, left: bool) -> None:
    gone = Running(subprocess.Popen([sys.executable, "-c", ""]), apart=False, begun=begun)
    gone.process.wait()
    assert is_left_behind(one, gone, {each.pid: each for each in (SHELL, REAPER, one)}) is left
