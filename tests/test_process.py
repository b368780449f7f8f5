"""Starting programs, and ending them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fakes import program

from envtasks import process
from envtasks.process import (
    PROCESSES,
    Finished,
    NotStarted,
    Process,
    Running,
    Stopped,
    TimedOut,
    run_program,
    run_shell,
    shell_text,
    stop,
)

PYTHON = sys.executable
#: A grandchild outlives its parent where only that is told to end.
TREE = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"


def shell(text: str, timeout: float | None = None) -> Finished:
    return run_shell(text, cwd=os.getcwd(), variables=os.environ, timeout=timeout)


def captured(*words: str, timeout: float | None = None) -> Finished:
    return run_program(words, cwd=os.getcwd(), variables=os.environ, capture="together", timeout=timeout)


@pytest.mark.parametrize(
    ("text", "exit_code"),
    [("exit 0", 0), ("exit 3", 3), ("true && exit 4", 4), ("kill -9 $$", 137), ("no-such-program 2>/dev/null", 127)],
)
def test_exit_code_of_a_command(text: str, exit_code: int) -> None:
    assert shell(text) == Finished(exit_code)


@pytest.mark.parametrize("text", ["-x no-such-program", "+e no-such-program", "-- no-such-program"])
def test_a_command_is_no_option_of_the_shell(text: str) -> None:
    assert shell(f"{text} 2>/dev/null") == Finished(process.NOT_FOUND)


def test_a_command_sees_its_directory_and_its_variables(tmp_path: Path) -> None:
    run_shell('printf %s "$A" > seen', cwd=str(tmp_path), variables={"A": "b c"})
    assert (tmp_path / "seen").read_text(encoding="utf-8") == "b c"


def test_words_arrive_as_they_are() -> None:
    words = ["a b", "", "'\"", "$HOME", "*", ";", "\n", "ä", "{x}", "%PATH%"]
    assert captured(PYTHON, "-c", "import sys; print(sys.argv[1:])", *words) == Finished(0, f"{words}\n")


def test_both_streams_are_captured_as_one() -> None:
    code = "import sys; print(1, flush=True); print(2, file=sys.stderr, flush=True); print(3); sys.exit(4)"
    assert captured(PYTHON, "-c", code) == Finished(4, "1\n2\n3\n")


def test_output_that_is_no_text() -> None:
    finished = captured(PYTHON, "-c", r"import sys; sys.stdout.buffer.write(b'\xff')")
    assert finished == Finished(0, "\N{REPLACEMENT CHARACTER}")


def test_a_stream_to_a_file(tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as out:
        run_program([PYTHON, "-c", "print(1)"], cwd=os.getcwd(), variables=os.environ, stdout=out)
    assert (tmp_path / "out").read_bytes() == f"1{os.linesep}".encode()


def test_a_program_that_is_not_there() -> None:
    finished = captured("/nowhere/program")
    assert finished.exit_code == process.NOT_FOUND
    assert "/nowhere/program" in finished.output


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert captured(str(tmp_path / "file")).exit_code == process.NOT_EXECUTABLE
    assert captured(str(tmp_path)).exit_code == process.NOT_EXECUTABLE


def test_a_directory_that_is_not_there() -> None:
    with pytest.raises(NotStarted, match="cannot run in '/nowhere': No such file or directory"):
        run_shell("true", cwd="/nowhere", variables=os.environ)
    with pytest.raises(NotStarted, match="cannot run in '/nowhere': No such file or directory"):
        run_program([PYTHON, "-c", ""], cwd="/nowhere", variables=os.environ)


def test_a_command_that_is_too_long_for_the_system() -> None:
    with pytest.raises(NotStarted, match="cannot be started"):
        shell("true " + "x" * 5_000_000)


def test_a_command_that_runs_too_long() -> None:
    with pytest.raises(TimedOut, match=r"ran longer than 0\.2 seconds"):
        shell("sleep 60", timeout=0.2)


def test_a_captured_program_that_runs_too_long() -> None:
    with pytest.raises(TimedOut):
        captured(PYTHON, "-c", "import time; time.sleep(60)", timeout=0.2)


def test_what_a_stopped_program_started_ends_as_well(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    grandchild = f"import time; open({str(mark)!r}, 'w').close(); time.sleep(60)"
    with pytest.raises(TimedOut):
        captured(PYTHON, "-c", TREE, grandchild, timeout=1)
    assert mark.exists()
    assert not running(str(mark))


def running(word: str) -> bool:
    """Whether a process has this among its words; those that ended but were not fetched do not count."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    lines = listed.stdout.splitlines()
    return any(word in line and not line.startswith("Z") for line in lines)


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


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str
)
def test_a_signal_stops_the_program_and_us(number: int, exit_code: int) -> None:
    """The program tells us that it runs by sending us the signal itself."""
    before = signal.getsignal(signal.SIGTERM)
    code = f"import os, time; os.kill({os.getpid()}, {int(number)}); time.sleep(60)"
    with pytest.raises(Stopped) as caught:
        run_program([PYTHON, "-c", code], cwd=os.getcwd(), variables=os.environ)
    assert caught.value.exit_code == exit_code
    assert caught.value.message == process.TOLD[signal.Signals(number).name]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_held_until_they_are_delivered(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT)
    reached = []

    def hold() -> None:
        with process.signals_raise(), process.Held():
            os.kill(os.getpid(), number)
            reached.append(number)

    with pytest.raises(KeyboardInterrupt):
        hold()
    assert reached == [number]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As `nohup` wants it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert shell(f"kill -HUP {os.getpid()}") == Finished(0)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_programs_run_in_other_threads_too() -> None:
    results: list[Finished] = []
    thread = threading.Thread(target=lambda: results.append(shell("exit 3")))
    thread.start()
    thread.join()
    assert results == [Finished(3)]


def test_a_program_has_a_group_of_its_own_without_a_terminal() -> None:
    code = "import os; print(os.getpgid(0) == os.getpid())"
    with open(os.devnull, encoding="utf-8") as nothing:
        saved = os.dup(0)
        os.dup2(nothing.fileno(), 0)
        try:
            assert captured(PYTHON, "-c", code).output == "True\n"
        finally:
            os.dup2(saved, 0)
            os.close(saved)


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
    monkeypatch.setattr(process, "PROCESSES", request.param)


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("apart", [True, False])
def test_what_a_program_started_ends_as_well(apart: bool, tmp_path: Path) -> None:
    stop(beginning(tmp_path, apart=apart), signal.SIGTERM, (5, 5))
    assert not running(str(tmp_path / "alive"))


@pytest.mark.usefixtures("shown")
def test_a_program_is_shown_with_where_it_belongs() -> None:
    found = process.process_of(os.getpid())
    assert found is not None
    assert found[:4] == (os.getpid(), os.getppid(), os.getpgrp(), os.getsid(0))
    assert process.is_there(found)
    assert not process.is_there(found._replace(begun=found.begun - 100))


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
    gone = Running(subprocess.Popen([PYTHON, "-c", ""]), apart=False, begun=begun)
    gone.process.wait()
    assert process.is_left_behind(one, gone, {each.pid: each for each in (SHELL, REAPER, one)}) is left


@pytest.mark.usefixtures("shown")
def test_what_is_no_process() -> None:
    assert process.process_of(2**30) is None


def test_a_closed_stdin_is_no_terminal() -> None:
    code = "import os; os.close(0); from envtasks.process import signalled_by_terminal; print(signalled_by_terminal())"
    where = os.path.dirname(os.path.dirname(process.__file__))
    finished = run_program(
        [PYTHON, "-c", code], cwd=where, variables={**os.environ, "PYTHONPATH": where}, capture="together"
    )
    assert finished == Finished(0, "False\n")


@pytest.mark.parametrize("words", [["a"], ["a b", "$HOME", "it's"], ["", "*", ";", "\n"], ["ä", "--", "{}"]])
def test_shell_text_is_taken_apart_into_the_words(words: list[str], tmp_path: Path) -> None:
    shower = program(
        tmp_path / "show", f'exec {PYTHON} -c \'import sys; open(sys.argv[1], "w").write(repr(sys.argv[2:]))\' "$@"'
    )
    out = tmp_path / "out"
    assert shell(shell_text([str(shower), str(out), *words])) == Finished(0)
    assert out.read_text(encoding="utf-8") == repr(words)
