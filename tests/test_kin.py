"""What the system shows of its processes, and which of them a program started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from envtasks import kin
from envtasks.kin import PROCESSES, Process, Running, goes_on, is_left_behind, is_there, process_of


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


@pytest.fixture
def terminal() -> Iterator[None]:
    """We have a terminal, and so have those that we start."""
    ends, before = os.openpty(), os.dup(0)
    os.dup2(ends[1], 0)
    yield
    os.dup2(before, 0)
    for number in (*ends, before):
        os.close(number)


@pytest.mark.skipif(not os.path.isdir(PROCESSES), reason="only what is below /proc tells")
@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("handler", "stdin", "expected"),
    [
        ("print", None, True),
        ("print", subprocess.DEVNULL, False),
        ("signal.default_int_handler", None, True),
        ("signal.SIG_DFL", None, False),
        ("signal.SIG_IGN", None, False),
    ],
)
def test_who_goes_on_after_an_interrupt(handler: str, stdin: int | None, expected: bool) -> None:
    code = f"import signal, time; signal.signal(signal.SIGINT, {handler}); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=stdin, stdout=subprocess.PIPE) as program:
        assert program.stdout
        program.stdout.readline()
        one = process_of(program.pid)
        program_goes_on = one is not None and goes_on(one)
        program.kill()
    assert one is not None
    assert program_goes_on is expected
    assert not goes_on(one)


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
