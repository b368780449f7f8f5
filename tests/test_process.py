"""Starting programs, and waiting for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envtasks import process
from envtasks.process import Aside, Finished, NotStarted, TimedOut, run_program, run_shell, unprotected_shell
from envtasks.signals import TOLD, Stopped

PYTHON = sys.executable
REPOSITORY = str(Path(__file__).parent.parent)


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
    assert caught.value.message == TOLD[signal.Signals(number).name]
    assert signal.getsignal(signal.SIGTERM) is before


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


def test_a_closed_stdin_is_no_terminal() -> None:
    code = "import os; os.close(0); from envtasks.process import signalled_by_terminal; print(signalled_by_terminal())"
    where = os.path.dirname(os.path.dirname(process.__file__))
    finished = run_program(
        [PYTHON, "-c", code], cwd=where, variables={**os.environ, "PYTHONPATH": where}, capture="together"
    )
    assert finished == Finished(0, "False\n")


@pytest.mark.parametrize(
    ("variables", "platform", "found"),
    [
        ({"DYLD_LIBRARY_PATH": "x"}, "darwin", "bash"),
        ({"LD_PRELOAD": "x"}, "darwin", "bash"),
        ({"DYLD_LIBRARY_PATH": "x"}, "linux", None),
        ({"OTHER": "x"}, "darwin", None),
    ],
)
def test_a_shell_that_macos_does_not_protect(
    variables: dict[str, str], platform: str, found: str | None, tmp_path: Path
) -> None:
    for name in ("bash", "zsh"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    path = os.pathsep.join(("/bin", "/usr/bin", str(tmp_path)))
    expected = str(tmp_path / found) if found else None
    assert unprotected_shell({**variables, "PATH": path}, platform) == expected
    assert unprotected_shell({**variables, "PATH": "/bin:/usr/bin"}, platform) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a program that its parent is gone")
def test_a_program_that_is_bound_ends_with_us(tmp_path: Path) -> None:
    child = "import os, time; open('child', 'w').write(str(os.getpid())); os.rename('child', 'ready'); time.sleep(60)"
    code = (
        "import os, sys; from envtasks.process import run_program\n"
        f"run_program([sys.executable, '-c', {child!r}], cwd='.', variables=os.environ, capture='together', bound=True)"
    )
    ours = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": REPOSITORY})
    until((tmp_path / "ready").exists)
    ours.kill()
    ours.wait()
    number = (tmp_path / "ready").read_text()
    until(lambda: not running(number))


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def running(number: str) -> bool:
    try:
        return Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_program_aside_is_ended(tmp_path: Path) -> None:
    aside = Aside([sys.executable, "-c", "import time; time.sleep(60)"], cwd=str(tmp_path), variables=os.environ)
    running = [aside.runs]
    aside.end()
    assert [*running, aside.runs] == [True, False]
    aside.end()


def test_a_program_aside_that_cannot_start(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="cannot start '/nowhere/program': No such file or directory"):
        Aside(["/nowhere/program"], cwd=str(tmp_path), variables={})
