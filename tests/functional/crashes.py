"""Runs that are killed, and runs that get in each other's way; what has to be true afterwards."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tool import START
from trust import Trial

from envtasks.environments.record import MARK

#: Ends the process before the n-th time that it writes, moves or starts something, or begins to remove a tree; the
#: hundreds of files of a pip that is unpacked count for nothing.
FAIL = """
import os, signal, sys
left = int(sys.argv.pop(1))
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
telling = ("subprocess.Popen", "os.mkdir", "os.rename", "shutil.rmtree")
def hook(event, args):
    global left
    told = event in telling or event == "open" and isinstance(args[2], int) and args[2] & writing
    if told and "/unpacked/" not in str(args[0]):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
"""
RUN = ("-s", "t")
REMOVE = ("env", "remove", "t")
ANEW = ("--reuse-venv", "no", *RUN)


class Operation(NamedTuple):
    """Something that is done to an environment: what it is declared as before and after, and what it holds then.

    Nothing is there before where ``before`` is empty.
    """

    before: str
    after: str
    has: str
    argv: tuple[str, ...] = RUN
    built: bool = False
    version: str = "1.0"


ALONE = "detached = true\n"
ONE = f'{ALONE}dependencies = ["one"]\n'
FIRST = f'{ALONE}dependencies = ["first", "one"]\n'
OPERATIONS: dict[str, Operation] = {
    "create": Operation("", FIRST, "first-1.0 one-1.0"),
    "create-with-project": Operation("", "dev-mode = false\n", "demo-1.0 one-1.0", built=True),
    "install": Operation(ONE, FIRST, "first-1.0 one-1.0"),
    "sync": Operation(FIRST, f'{ALONE}dependencies = ["slow", "three"]\n', "slow-1.0 three-1.0"),
    "project-again": Operation("", "", "demo-2.0 one-1.0", built=True, version="2.0"),
    "remove": Operation(FIRST, FIRST, "first-1.0 one-1.0", REMOVE),
    "anew": Operation(FIRST, FIRST, "first-1.0 one-1.0", ANEW),
}

#: What four processes do at once.
ROUNDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "fresh": (RUN,) * 4,
    "existing": (RUN,) * 4,
    "anew": (ANEW, RUN, ANEW, RUN),
    "removed": (REMOVE, RUN, RUN, RUN),
}


class Workbench:
    """Projects on which operations are performed again and again, each time from the same beginning.

    ``problems`` is what turned out not to be true.
    """

    def __init__(self, top: Path, wheels: Path, installer: str) -> None:
        self.top = top
        self.wheels = wheels
        self.installer = installer
        self.problems: list[str] = []
        self.rebuilt = 0

    def begin(self, name: str) -> Trial:
        """The project as it is before an operation."""
        operation = OPERATIONS[name]
        place, saved = self.top / name, self.top / f"{name}.saved"
        shutil.rmtree(place, ignore_errors=True)
        trial = Trial(place, self.wheels, self.installer)
        if saved.exists():
            shutil.rmtree(place)
            shutil.copytree(saved, place, symlinks=True)
        else:
            if name != "create":
                trial.share_pip(self.wheels.parent / "pip")
            if operation.built:
                trial.be_built()
            if operation.before or operation.version != "1.0":
                trial.declare(operation.before)
                done = trial.run()
                if done.code:
                    raise AssertionError(done.err)
            shutil.copytree(place, saved, symlinks=True)
        trial.declare(operation.after)
        if operation.version != "1.0":
            text = (trial.root / "pyproject.toml").read_text(encoding="utf-8")
            trial.write("pyproject.toml", text.replace('"1.0"', f'"{operation.version}"'))
        return trial

    def start(self, trial: Trial, argv: tuple[str, ...], first: str = "", *more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", first + START, *more, *argv],
            cwd=trial.root,
            env=trial.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def killed_at_step(self, name: str, step: int) -> bool:
        """Perform an operation that dies by itself before a step; False where it ended before that."""
        trial = self.begin(name)
        with self.start(trial, OPERATIONS[name].argv, FAIL, str(step)) as process:
            said, _ = process.communicate(timeout=180)
        self.mended(trial, name, f"killed at step {step}")
        if process.returncode not in (0, -signal.SIGKILL):
            self.problems.append(f"{name} at step {step}: exit code {process.returncode}\n{said.decode()}")
        return process.returncode != 0

    def seconds(self, name: str) -> float:
        """How long an operation takes that nobody kills."""
        trial = self.begin(name)
        started = time.monotonic()
        with self.start(trial, OPERATIONS[name].argv) as process:
            process.communicate(timeout=180)
        return time.monotonic() - started

    def killed_after(self, name: str, seconds: float, *, alone: bool) -> None:
        """Perform an operation that is killed at some moment with all that it started, or alone."""
        trial = self.begin(name)
        with self.start(trial, OPERATIONS[name].argv) as process:
            time.sleep(seconds)
            kill(process.pid, alone=alone)
            if not alone:
                process.communicate(timeout=180)
            elif process.stdout:
                # What it started may go on, and keep the pipe open.
                process.stdout.close()
        self.mended(trial, name, f"killed after {seconds:.3f} s{' alone' * alone}")

    def mended(self, trial: Trial, name: str, how: str) -> None:
        """See that the next run makes all of it good, says so, and leaves nothing to be done."""
        begun = (trial.directory / MARK).exists() and not trial.is_ready
        done = trial.run(*RUN)
        made = [line for line in done.ours if line.startswith("t: ")]
        self.rebuilt += bool(made)
        good = (
            done.code == 0
            and done.out.splitlines()[-1:] == [OPERATIONS[name].has]
            and len(made) <= 1
            and (not begun or made == ["t: making the environment: its making was not finished"])
        )
        if not good:
            self.problems.append(f"{name}, {how}: exit code {done.code}, {done.out!r}\n{done.err}")
            return
        again = trial.run(*RUN)
        if (again.code, again.ours) != (0, []):
            self.problems.append(f"{name}, {how}, run again: exit code {again.code}\n{again.err}")

    def round(self, kind: str, chance: random.Random) -> None:
        """Four runs at once, each of which has to pass; afterwards there is nothing to be done."""
        trial = self.begin("create" if kind == "fresh" else "anew")
        argvs = [*ROUNDS[kind]]
        chance.shuffle(argvs)
        running = []
        for argv in argvs:
            running.append(self.start(trial, argv))
            time.sleep(chance.choice((0, 0, 0.02, 0.2)))
        for process in running:
            with process:
                said = process.communicate(timeout=180)[0].decode()
            removes = argvs.pop(0) == REMOVE
            refused = removes and process.returncode == 3 and " runs in it" in said
            ran = removes or OPERATIONS["anew"].has in said.splitlines()
            if not ran or (process.returncode and not refused):
                self.problems.append(f"{kind}: exit code {process.returncode}\n{said}")
        if kind == "removed":
            trial.run(*RUN)
        again = trial.run(*RUN)
        if (again.code, again.ours) != (0, []):
            self.problems.append(f"{kind}, run again: exit code {again.code}\n{again.err}")


def kill(pid: int, *, alone: bool) -> None:
    """End a process, and unless it is to go alone all that it started."""
    os.kill(pid, signal.SIGSTOP)
    victims = [pid] if alone else [pid, *descendants(pid)]
    for one in victims:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process started, and those that they started, as Linux shows them."""
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(one.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found = int(one.parent.name)
            yield found
            yield from descendants(found)
