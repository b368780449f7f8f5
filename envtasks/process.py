"""Starting programs, and waiting for them.

An envfile loads it with `Session`, also when sessions are only listed; so `subprocess` is loaded where it is used.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any, Literal

from envtasks.ending import INTERRUPT_SECONDS, PATIENCE, TERMINATE_SECONDS, Interrupts, Patience, stop
from envtasks.errors import EnvtasksError
from envtasks.kin import Running, begun
from envtasks.signals import Held, Stopped, signals_raise
from envtasks.tuples import NamedTuple

#: What a program writes and where it is taken: both streams as one text, both apart, or its output alone.
Capture = Literal["together", "apart", "output"]

#: What a shell is told first on a terminal: only a program that an interrupt ended is a reason for it to end as well.
OUTLIVE_INTERRUPT = "trap '[ $? -ne 130 ] || { trap - INT; kill -INT $$; }' INT;"

NOT_FOUND = 127
NOT_EXECUTABLE = 126


class TimedOut(EnvtasksError):
    """A program ran longer than it may."""


class NotStarted(EnvtasksError):
    """A program could not be started where, or with what, it was to be."""


class Finished(NamedTuple):
    """A program that ended: ``exit_code`` is 128 + N where signal N ended it; ``output`` and ``errors`` what was captured."""

    exit_code: int
    output: str = ""
    errors: str = ""


def run_shell(text: str, *, cwd: str, variables: Mapping[str, str], timeout: float | None = None) -> Finished:
    """Give a command to the shell of the platform, our streams being its own.

    Raises NotStarted, and Stopped and TimedOut once the program is gone.
    """
    held = Held()
    with signals_raise(), held:
        try:
            shell = unprotected_shell(variables, sys.platform)
            running = spawn(for_shell(text), shell=True, executable=shell, cwd=cwd, env=dict(variables))
        except OSError as error:
            raise NotStarted(f"cannot be started: {error.strerror}") from None
        return wait(running, held, timeout, decides=on_terminal())


#: What loaders of libraries go by. macOS takes these away from programs below the directories that it protects.
LINKER_PREFIXES = ("DYLD_", "LD_")
PROTECTED = ("/bin", "/sbin", "/System", "/usr")
NOT_PROTECTED = "/usr/local"
SHELLS = ("sh", "bash", "zsh", "fish")


def unprotected_shell(variables: Mapping[str, str], platform: str) -> str | None:
    """A shell on PATH that passes on what is said to the loader of libraries; None for the usual one."""
    if platform != "darwin" or not any(name.startswith(LINKER_PREFIXES) for name in variables):
        return None
    for name in SHELLS:
        for directory in variables.get("PATH", "").split(os.pathsep):
            path = os.path.join(directory, name)
            if not is_protected(path) and os.access(path, os.X_OK):
                return path
    return None


def is_protected(path: str) -> bool:
    real = os.path.realpath(path)
    return real.startswith(tuple(f"{one}/" for one in PROTECTED)) and not real.startswith(f"{NOT_PROTECTED}/")


def for_shell(text: str) -> str:
    if os.name != "nt" and on_terminal():
        return f"{OUTLIVE_INTERRUPT} {text}"
    # What begins like this would be options of the shell itself.
    return f" {text}" if text.startswith(("-", "+")) else text


def run_program(
    words: Sequence[str],
    *,
    cwd: str,
    variables: Mapping[str, str],
    timeout: float | None = None,
    capture: Capture | None = None,
    stdout: Any = None,
    stderr: Any = None,
    interrupt_seconds: float | None = None,
    terminate_seconds: float = TERMINATE_SECONDS,
    bound: bool = False,
) -> Finished:
    """Start a program with these words, no shell between; ``capture`` takes what it writes.

    ``bound``: it is killed where we are, so that it never writes where somebody else begins anew; only Linux can do that.

    Unless ``interrupt_seconds`` are said, a program that is not captured and has our terminal may go on after Ctrl-C.

    Raises NotStarted, and Stopped and TimedOut once the program is gone. A program that is not there, or is
    none, has the exit code that a shell gives, and its ``output`` says why.
    """
    import subprocess

    streams = {"stdout": subprocess.PIPE if capture else stdout, "stderr": stderr}
    if capture and capture != "output":
        streams["stderr"] = subprocess.PIPE if capture == "apart" else subprocess.STDOUT
    patience = Patience(INTERRUPT_SECONDS if interrupt_seconds is None else interrupt_seconds, terminate_seconds)
    held = Held()
    with signals_raise(), held:
        try:
            ties = {"preexec_fn": bound_to_us()} if bound else {}
            running = spawn(list(words), cwd=cwd, env=dict(variables), **streams, **ties)
        except FileNotFoundError as error:
            return Finished(NOT_FOUND, str(error))
        except OSError as error:
            return Finished(NOT_EXECUTABLE, str(error))
        decides = interrupt_seconds is None and capture is None and on_terminal()
        return wait(running, held, timeout, patience, decides=decides)


#: The request of `prctl` for the signal that a process gets when its parent ends.
PARENT_DEATH_SIGNAL = 1


def bound_to_us() -> Callable[[], None] | None:
    """What a program does before it begins so that it is killed where we are; None where no system does that."""
    if sys.platform != "linux":
        return None
    from ctypes import CDLL

    try:
        control, parent = CDLL(None).prctl, os.getpid()
    except (OSError, AttributeError):
        return None

    def bind() -> None:
        control(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return bind


class Aside:
    """A program that runs beside us, unheard, until it is done or told to end."""

    def __init__(self, words: Sequence[str], *, cwd: str, variables: Mapping[str, str]) -> None:
        """Start it, out of reach of the terminal; NotStarted where that cannot be."""
        import subprocess

        nowhere: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        try:
            process = subprocess.Popen(words, cwd=cwd, env=dict(variables), start_new_session=True, **nowhere)
        except OSError as error:
            raise NotStarted(f"cannot start '{words[0]}': {error.strerror}") from None
        self.running = Running(process, True, begun(process.pid))

    @property
    def number(self) -> int:
        """That of its process."""
        return self.running.process.pid

    @property
    def runs(self) -> bool:
        return self.running.process.poll() is None

    def end(self) -> None:
        """Return once it is gone; where it is at work, it is told to end."""
        if self.runs:
            stop(self.running, signal.SIGTERM, PATIENCE)
        self.running.process.wait()


def spawn(command: str | list[str], **settings: Any) -> Running:
    """Start a program; where no terminal does it for us, in a session of its own so that signals reach all of it."""
    import subprocess

    for stream in (sys.stdout, sys.stderr):
        # What cannot be written is no reason not to start; who writes is told.
        with suppress(OSError):
            stream.flush()
    apart = not signalled_by_terminal()
    try:
        process = subprocess.Popen(command, start_new_session=apart, **settings)
    except OSError as error:
        if error.filename == settings["cwd"]:
            raise NotStarted(f"cannot run in '{error.filename}': {error.strerror}") from None
        raise
    return Running(process, apart, None if apart else begun(process.pid))


def signalled_by_terminal() -> bool:
    """Whether the terminal itself sends Ctrl-C to what we start, which then must stay in our group to read from it."""
    return os.name == "nt" or on_terminal()


def on_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False


def wait(
    running: Running, held: Held, timeout: float | None, patience: Patience = PATIENCE, *, decides: bool
) -> Finished:
    """Wait until a program is gone; one that ``decides`` may go on after Ctrl-C."""
    import subprocess

    process = running.process
    interrupts = Interrupts(running)
    try:
        held.release()
        with interrupts if decides else nullcontext():
            held.deliver()
            texts = process.communicate(timeout=timeout)
            if interrupts.ended(process.returncode):
                if timeout is None:
                    interrupts.outlast()
                raise Stopped(signal.SIGINT)
    except subprocess.TimeoutExpired:
        stop(running, signal.SIGTERM, patience, interrupts.started)
        raise TimedOut(f"ran longer than {timeout:g} seconds") from None
    except KeyboardInterrupt as error:
        stopped = error if isinstance(error, Stopped) else Stopped(signal.SIGINT)
        stop(running, stopped.number, patience, interrupts.started)
        raise stopped from None
    finally:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    code = process.returncode
    return Finished(
        128 - code if code < 0 else code, *(text.decode(errors="replace") if text else "" for text in texts)
    )
