"""Signals to the command while something runs: it ends, what it started ends, and it says how it went."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shutil import which
from typing import NamedTuple
from uuid import uuid4

import pytest
from tool import Done, alive, run, started, world

from envtasks.signals import TOLD

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="finds processes below /proc")

MakeProject = Callable[[Mapping[str, str]], Path]

#: A child with a child of its own; it says that it runs, and it may not listen.
TREE = """
import os, signal, subprocess, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "child" not in sys.argv:
    subprocess.Popen([sys.executable, *sys.argv, "child"])
else:
    open("ready", "w").close()
time.sleep(60)
"""
#: One that needs a moment to clean up.
CLEAN = """
import signal, sys, time
def clean(number, frame):
    time.sleep(0.5)
    open("cleaned", "w").close()
    sys.exit(0)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, clean)
open("ready", "w").close()
time.sleep(60)
"""
#: One that goes on after an interrupt, and ends as it is told to; a signal right before it reads is not forgotten.
ASK = """
import select, signal, sys
signal.signal(signal.SIGINT, lambda number, frame: open("cleaned", "w").close())
open("ready", "w").close()
while not select.select([0], [], [], 0.1)[0]:
    pass
print("heard", word := input())
sys.exit(int(word))
"""
TOML = """
[envs.default.scripts]
asking = "python ask.py"
asking-and-more = "true && python ask.py && echo more"
left = "(python tree.py deaf; true); echo never"
inside = "(python ask.py; true); true"
inside-dash = "dash -c 'python ask.py; true'"
inside-bash = "bash -c 'python ask.py; true'"
slow = { run = "sh -c 'sleep 60 & touch ready'; sleep 60", timeout = 1 }
command = ["python tree.py", "echo never"]
chain = "true && python tree.py; echo never"
cleaning = ["python clean.py", "echo never"]
after = "echo never"
"""
ENVFILE = """
import time
from envtasks import env

@env(detached=True)
def program(session):
    try:
        session.run("python", "tree.py")
    except Exception:
        print("never")

@env(detached=True)
def deaf(session):
    session.run("python", "tree.py", "deaf", interrupt_timeout=0.2, terminate_timeout=0.2)

@env(detached=True)
def ask(session):
    session.run("python", "ask.py")

@env(detached=True)
def inside(session):
    session.run("dash", "-c", "python ask.py; true", external=True)

@env(detached=True)
def silent(session):
    session.run("python", "tree.py", silent=True)

@env(detached=True)
def code(session):
    try:
        open("ready", "w").close()
        time.sleep(60)
    except Exception:
        print("never")
    finally:
        open("cleaned", "w").close()
"""
FILES = {"tree.py": TREE, "clean.py": CLEAN, "ask.py": ASK, "envtasks.toml": TOML, "envfile.py": ENVFILE}
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


class Started(NamedTuple):
    """A run that has got to the point where it waits, with a word that marks all its processes."""

    process: subprocess.Popen[bytes]
    token: str
    root: Path

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> Done:
        out, err = self.process.communicate(timeout=60)
        return Done(self.process.returncode, (out or b"").decode(), (err or b"").decode())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose environments are made."""
    root = tmp_path_factory.mktemp("shared")
    for name, text in FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    done = run(root, "run", "true")
    assert done.code == 0, done
    for name in ("program", "deaf", "silent", "code", "ask", "inside"):
        done = run(root, "run", f"{name}:true")
        assert done.code == 0, done
    return root


@pytest.fixture
def root(shared: Path) -> Iterator[Path]:
    yield shared
    for name in ("ready", "cleaned"):
        (shared / name).unlink(missing_ok=True)


def waiting(root: Path, *argv: str, ready: str = "ready", first: str = "", **streams: int) -> Started:
    token = uuid4().hex
    process = started(root, *argv, variables=world(TOKEN=token), first=first, **streams)
    until((root / ready).exists)
    return Started(process, token, root)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
@pytest.mark.parametrize("session", ["default:command", "default:chain", "program", "deaf", "silent", "code"])
def test_without_a_terminal(session: str, number: signal.Signals, root: Path) -> None:
    begun = waiting(root, "-s", session, "after")
    begun.send(number)
    done = begun.ended()
    assert done.code == CODES[number], done
    assert alive(begun.token) == []
    assert "never" not in done.out
    assert os.path.join("envtasks", "cli") not in done.err
    lines = done.err.splitlines()
    assert [line.split()[:2] for line in lines[-2:]] == [["failed", session], ["cancelled", "default:after"]]
    assert TOLD[number.name] in lines[-2]


def test_a_task_cleans_up(root: Path) -> None:
    begun = waiting(root, "-s", "code")
    begun.send(signal.SIGTERM)
    assert begun.ended().code == 143
    assert (root / "cleaned").exists()


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_a_program_has_time_to_clean_up_and_cannot_say_that_all_is_well(number: signal.Signals, root: Path) -> None:
    begun = waiting(root, "-s", "cleaning")
    begun.send(number)
    done = begun.ended()
    assert (done.code, done.out) == (CODES[number], "")
    assert (root / "cleaned").exists()


def test_run_has_the_exit_code_of_the_signal(root: Path) -> None:
    begun = waiting(root, "run", "python", "tree.py")
    begun.send(signal.SIGTERM)
    assert begun.ended().code == 143
    assert alive(begun.token) == []


#: What the shell of a person does: it has the terminal, puts the command into the foreground in a group of its own,
#: tells it when the terminal hangs up, and has its exit code.
SHELL = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
command = os.fork()
if command:
    signal.signal(signal.SIGHUP, lambda number, frame: os.kill(command, number))
    signal.signal(signal.SIGTERM, lambda number, frame: os.kill(command, number))
    signal.signal(signal.SIGINT, lambda number, frame: os.kill(command, number))
    os._exit(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]))
os.setpgid(0, 0)
os.tcsetpgrp(0, os.getpid())
signal.signal(signal.SIGTTOU, signal.SIG_DFL)
"""


class Pty:
    """A run on a terminal of its own."""

    def __init__(self, root: Path, *argv: str) -> None:
        self.master, slave = os.openpty()
        try:
            self.begun = waiting(root, *argv, first=SHELL, stdin=slave, stdout=slave, stderr=slave)
        finally:
            os.close(slave)

    def type(self, text: bytes) -> None:
        os.write(self.master, text)

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1

    def ended(self) -> Done:
        seen = b""
        while self.master >= 0:
            try:
                seen += os.read(self.master, 65536)
            except OSError:  # nobody has the other end any more
                self.hang_up()
        self.begun.process.wait(timeout=60)
        return Done(self.begun.process.returncode, seen.decode().replace("\r\n", "\n"), "")


SESSIONS = ["default:command", "default:chain", "program", "silent", "code"]


@pytest.mark.parametrize("session", [*SESSIONS, "deaf"])
def test_control_c(session: str, root: Path) -> None:
    pty = Pty(root, "-s", session, "after")
    pty.type(b"\x03")
    done = pty.ended()
    assert done.code == 130, done
    assert alive(pty.begun.token) == []
    assert "interrupted" in done.out.splitlines()[-2]
    assert "never" not in done.out.splitlines()


@pytest.mark.parametrize(
    ("session", "number"),
    # Nobody can tell an interrupt that was sent from one that was typed, so that the program is given its time.
    [*((session, signal.SIGTERM) for session in SESSIONS), ("deaf", signal.SIGINT), ("code", signal.SIGINT)],
)
def test_a_signal_to_the_command_alone_on_a_terminal(session: str, number: signal.Signals, root: Path) -> None:
    pty = Pty(root, "-s", session, "after")
    pty.begun.send(number)
    done = pty.ended()
    assert done.code == CODES[number], done
    assert alive(pty.begun.token) == []
    assert TOLD[number.name] in done.out.splitlines()[-2]


@pytest.mark.parametrize("session", SESSIONS)
def test_the_terminal_is_closed(session: str, root: Path) -> None:
    pty = Pty(root, "-s", session, "after")
    pty.hang_up()
    assert pty.ended().code == 129
    assert alive(pty.begun.token) == []


def test_a_person_can_answer_a_program(root: Path) -> None:
    """What runs on a terminal may read from it."""
    pty = Pty(root, "run", "python", "ask.py")
    pty.type(b"3\n")
    done = pty.ended()
    assert (done.code, "heard 3" in done.out) == (3, True)


#: Who leaves in good order after an interrupt was not interrupted; who fails right after it was.
@pytest.mark.parametrize(("word", "code"), [(b"0\n", 0), (b"2\n", 130), (b"130\n", 130)])
@pytest.mark.parametrize("session", ["default:asking", "default:asking-and-more", "ask"])
def test_a_program_on_a_terminal_may_go_on_after_an_interrupt(session: str, word: bytes, code: int, root: Path) -> None:
    pty = Pty(root, "-s", session)
    for _ in range(2):
        pty.type(b"\x03")
        until((root / "cleaned").exists)
        (root / "cleaned").unlink()
    pty.type(word)
    done = pty.ended()
    assert done.code == code, done
    assert f"heard {word.decode()}" in done.out
    assert ("interrupted" in done.out) == (code == 130)


@pytest.mark.parametrize("session", ["default:inside", "default:inside-dash", "default:inside-bash", "inside"])
def test_a_program_may_go_on_though_the_shell_before_it_is_gone(session: str, root: Path) -> None:
    """Some shells end at once, some wait for what they started; what was to come after it is lost with the first."""
    shell = "dash" if session == "inside" else session.partition("-")[2]
    if shell and which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    pty = Pty(root, "-s", session)
    for _ in range(3):
        pty.type(b"\x03")
        until((root / "cleaned").exists)
        (root / "cleaned").unlink()
    pty.type(b"0\n")
    done = pty.ended()
    assert "heard 0" in done.out
    assert done.code in {"dash": [130], "bash": [0]}.get(shell, [0, 130]), done
    assert ("interrupted" in done.out) == (done.code == 130)
    assert alive(pty.begun.token) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_program_that_went_on_without_its_shell_ends_with_us(number: signal.Signals, root: Path) -> None:
    pty = Pty(root, "-s", "default:inside")
    pty.type(b"\x03")
    until((root / "cleaned").exists)
    pty.begun.send(number)
    done = pty.ended()
    assert done.code == CODES[number], done
    assert alive(pty.begun.token) == []


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_what_does_not_listen_ends_though_its_shell_is_gone(number: signal.Signals, root: Path) -> None:
    """Further interrupts are only impatience."""
    pty = Pty(root, "-s", "default:left")
    if number != signal.SIGINT:
        pty.begun.send(number)
        time.sleep(0.5)
    while pty.begun.process.poll() is None:
        pty.type(b"\x03")
        time.sleep(0.1)
    assert pty.ended().code == CODES[number]
    assert alive(pty.begun.token) == []


def test_a_timeout_on_a_terminal_ends_what_was_left_behind_too(root: Path) -> None:
    pty = Pty(root, "-s", "default:slow")
    done = pty.ended()
    assert (done.code, "ran longer than 1 seconds" in done.out) == (1, True)
    assert alive(pty.begun.token) == []


def test_an_environment_that_was_interrupted_is_made_anew(project: MakeProject) -> None:
    hook = "python -c \"import time; open('ready', 'w').close(); time.sleep(60)\""
    pyproject = "[project]\nname = 'p'\nversion = '1'\n[tool.envtasks.envs.t]\npre-install-commands = ['''HOOK''']\n"
    root = project({"pyproject.toml": f"{pyproject.replace('HOOK', hook)}scripts.run = 'echo fine'\n"})
    begun = waiting(root, "-s", "t")
    begun.send(signal.SIGTERM)
    done = begun.ended()
    assert done.code == 143
    assert ": terminated" in done.err.splitlines()[-1]
    assert alive(begun.token) == []
    (root / "pyproject.toml").write_text(
        f"{pyproject.replace('HOOK', 'true')}skip-install = true\nscripts.run = 'echo fine'\n"
    )
    again = run(root, "-s", "t")
    assert (again.code, again.out) == (0, "fine\n")
    assert again.ours == ["t: making the environment: its making was not finished"]


def test_killed_while_making_an_environment(project: MakeProject) -> None:
    root = project({"envtasks.toml": "[envs.t]\nscripts.run = 'echo fine'\n"})
    begun = waiting(root, "-s", "t", ready=".envtasks/envs/t/pyvenv.cfg")
    begun.process.kill()
    begun.process.communicate(timeout=60)
    until(lambda: not alive(begun.token))
    done = run(root, "-s", "t")
    assert (done.code, done.out) == (0, "fine\n")
    assert done.ours == ["t: making the environment: its making was not finished"]
