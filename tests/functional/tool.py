"""The command itself, started as a person would start it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import envtasks

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(envtasks.__file__)))
#: As the installed command does it: without the current directory among the places of modules; and wherever the
#: package lies, without telling the programs that we start of it.
START = f"""
import sys
sys.path[:] = [*filter(None, sys.path), {CHECKOUT!r}]
from envtasks.cli import main
raise SystemExit(main())
"""
#: Who starts the tests may ignore signals, and that is inherited.
HEAR = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
"""
#: Writes down what the tool asks of the system, in the file that the first argument names.
WATCH = """
import os, sys
seen = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_APPEND)
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
def hook(event, args):
    if event == "subprocess.Popen":
        os.write(seen, f"start {args[1]!r}\\n".encode())
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.system", "os.posix_spawn", "os.exec"):
        os.write(seen, f"{event} {args!r}\\n".encode())
    elif event == "open" and isinstance(args[2], int) and args[2] & writing and not isinstance(args[0], int):
        os.write(seen, f"write {args[0]!r}\\n".encode())
sys.addaudithook(hook)
"""


class Done(NamedTuple):
    """How the command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def ours(self) -> list[str]:
        """The lines that tell of environments."""
        return [
            line
            for line in self.err.splitlines()
            if re.search(": (making|updating) the environment: |: the environment was made ready ahead: ", line)
        ]


def world(**changes: str | None) -> dict[str, str]:
    """The variables of a plain world, but for the changes; None takes one away."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    plain: dict[str, str | None] = {**kept, "LC_ALL": "C.UTF-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **changes}
    return {name: value for name, value in plain.items() if value is not None}


def run(directory: str | Path, *argv: str, variables: Mapping[str, str] | None = None, **settings: Any) -> Done:
    """Run the command in a directory, in a plain world or in that of the variables."""
    words = [sys.executable, "-c", START, *argv]
    finished = subprocess.run(
        words,
        cwd=directory,
        env=dict(variables if variables is not None else world()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=180,
        check=False,
        **settings,
    )
    return Done(finished.returncode, finished.stdout.decode(), finished.stderr.decode())


def watched(directory: Path, *argv: str, variables: Mapping[str, str] | None = None) -> tuple[Done, list[str]]:
    """Run the command, and give what it started and wrote as well."""
    seen = directory.parent / f"{directory.name}.seen"
    seen.write_text("", encoding="utf-8")
    words = [sys.executable, "-B", "-c", WATCH + START, str(seen), *argv]
    finished = subprocess.run(
        words,
        cwd=directory,
        env=dict(variables if variables is not None else world()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=180,
        check=False,
    )
    done = Done(finished.returncode, finished.stdout.decode(), finished.stderr.decode())
    return done, seen.read_text(encoding="utf-8").splitlines()


def started(
    directory: Path,
    *argv: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    variables: Mapping[str, str] | None = None,
    first: str = "",
) -> subprocess.Popen[bytes]:
    """Start the command in a session of its own, to be sent signals; ``first`` is code that goes before it."""
    return subprocess.Popen(
        [sys.executable, "-c", HEAR + first + START, *argv],
        cwd=directory,
        env=dict(variables if variables is not None else world()),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def alive(token: str) -> list[str]:
    """The processes that have this word among their variables; those that only wait to be fetched have none."""
    found = []
    for number in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if token.encode() in Path("/proc", number, "environ").read_bytes():
                found.append(Path("/proc", number, "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found
