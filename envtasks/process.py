"""Starting programs: the only module that does.

An envfile loads it with `Session`, also when sessions are only listed; so `subprocess` is loaded where it is used.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from envtasks.errors import EnvtasksError

if TYPE_CHECKING:
    import subprocess

#: Seconds that a program has to end after an interrupt, and after being told to terminate.
INTERRUPT_SECONDS = 5.0
TERMINATE_SECONDS = 2.0

Capture = Literal["together", "apart"]

NOT_FOUND = 127
NOT_EXECUTABLE = 126


class Stopped(KeyboardInterrupt):
    """A signal told us to stop; ``exit_code`` is what that signal gives.

    It is no EnvtasksError, and no Exception, so that the `except Exception` of a task does not go on regardless.
    """

    def __init__(self, number: int) -> None:
        self.message = f"stopped by {signal.Signals(number).name}"
        self.exit_code = 128 + number
        super().__init__(self.message)


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
    try:
        running = spawn(text, shell=True, cwd=cwd, env=dict(variables))
    except OSError as error:
        raise NotStarted(f"cannot be started: {error.strerror}") from None
    return wait(running, timeout)


def run_program(
    words: Sequence[str],
    *,
    cwd: str,
    variables: Mapping[str, str],
    timeout: float | None = None,
    capture: Capture | None = None,
    stdout: Any = None,
    stderr: Any = None,
    interrupt_seconds: float = INTERRUPT_SECONDS,
    terminate_seconds: float = TERMINATE_SECONDS,
) -> Finished:
    """Start a program with these words, no shell between; ``capture`` takes what it writes, both streams as one text or apart.

    Raises NotStarted, and Stopped and TimedOut once the program is gone. A program that is not there, or is
    none, has the exit code that a shell gives, and its ``output`` says why.
    """
    import subprocess

    streams = {"stdout": stdout, "stderr": stderr}
    if capture:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE if capture == "apart" else subprocess.STDOUT}
    try:
        running = spawn(list(words), cwd=cwd, env=dict(variables), **streams)
    except FileNotFoundError as error:
        return Finished(NOT_FOUND, str(error))
    except OSError as error:
        return Finished(NOT_EXECUTABLE, str(error))
    return wait(
        running,
        timeout,
        capture=capture is not None,
        interrupt_seconds=interrupt_seconds,
        terminate_seconds=terminate_seconds,
    )


class Running(NamedTuple):
    """A program that was started; ``apart``: in a session of its own, where no terminal sends signals to it."""

    process: "subprocess.Popen[bytes]"
    apart: bool


def spawn(command: str | list[str], **settings: Any) -> Running:
    """Start a program; where no terminal does it for us, in a session of its own so that signals reach all of it."""
    import subprocess

    for stream in (sys.stdout, sys.stderr):
        # What cannot be written is no reason not to start; who writes is told.
        with suppress(OSError):
            stream.flush()
    apart = not signalled_by_terminal()
    try:
        return Running(subprocess.Popen(command, start_new_session=apart, **settings), apart)
    except OSError as error:
        if error.filename == settings["cwd"]:
            raise NotStarted(f"cannot run in '{error.filename}': {error.strerror}") from None
        raise


def signalled_by_terminal() -> bool:
    """Whether the terminal itself sends Ctrl-C to what we start, which then must stay in our group to read from it."""
    try:
        return os.name == "nt" or os.isatty(0)
    except OSError:
        return False


def wait(
    running: Running,
    timeout: float | None,
    *,
    capture: bool = False,
    interrupt_seconds: float = INTERRUPT_SECONDS,
    terminate_seconds: float = TERMINATE_SECONDS,
) -> Finished:
    import subprocess

    process = running.process
    patience = (interrupt_seconds, terminate_seconds)
    try:
        with signals_raise():
            output, errors = process.communicate(timeout=timeout) if capture else (None, None)
            process.wait(timeout)
    except subprocess.TimeoutExpired:
        stop(running, signal.SIGTERM, patience)
        raise TimedOut(f"ran longer than {timeout:g} seconds") from None
    except Stopped as error:
        stop(running, error.exit_code - 128, patience)
        raise
    except KeyboardInterrupt:
        stop(running, signal.SIGINT, patience)
        raise Stopped(signal.SIGINT) from None
    finally:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    code = process.returncode
    texts = (text.decode(errors="replace") if text else "" for text in (output, errors))
    return Finished(128 - code if code < 0 else code, *texts)


class signals_raise:  # noqa: N801 - reads as the verb that it is
    """Inside, the signals that end us raise Stopped, so that we can end what we started and say how it went."""

    numbers = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

    def __enter__(self) -> None:
        self.before: dict[int, Any] = {}
        try:
            for number in self.numbers:
                if signal.getsignal(number) is signal.SIG_DFL:
                    self.before[number] = signal.signal(number, self.raise_stopped)
        except ValueError:
            # Only the main thread may handle signals; elsewhere it is the main thread that is told.
            return

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    @staticmethod
    def raise_stopped(number: int, _frame: object) -> None:
        raise Stopped(number)


def stop(running: Running, number: int, patience: tuple[float, float]) -> None:
    """End a program: by the signal we got, then by TERM, then by KILL; a second Ctrl-C goes on to the next at once."""
    told = number == signal.SIGINT and not running.apart
    started: set[Process] = set()
    for step, seconds in ((None if told else number, patience[0]), (signal.SIGTERM, patience[1]), (KILL, None)):
        try:
            started |= kin(running)
            if step is not None:
                send(running, started, step)
            if ended(running, started, seconds):
                break
        except KeyboardInterrupt:
            continue
    send(running, started | kin(running), KILL)


KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def send(running: Running, started: set["Process"], number: int) -> None:
    """Send a signal to a program, to its group where it has one of its own, and to what it started."""
    group = running.process.pid if running.apart else None
    for target in (running.process.pid, *(one.pid for one in started if one.group != group and is_there(one))):
        try:
            if target == group:
                os.killpg(target, number)
            elif target != running.process.pid or running.process.poll() is None:
                os.kill(target, number)
        except (ProcessLookupError, PermissionError):
            pass


def ended(running: Running, started: set["Process"], seconds: float | None) -> bool:
    """Wait until a program and what it started are gone, or the time is over."""
    import subprocess

    end = None if seconds is None else monotonic() + seconds
    try:
        running.process.wait(seconds)
        while end is not None and remains(running, started):
            if monotonic() > end:
                return False
            sleep(0.01)
    except subprocess.TimeoutExpired:
        return False
    return True


def remains(running: Running, started: set["Process"]) -> bool:
    if os.path.isdir(PROCESSES):
        return any(map(is_there, started))
    try:
        if running.apart:
            os.killpg(running.process.pid, 0)
            return True
    except (ProcessLookupError, PermissionError):
        pass
    return False


#: Where Linux shows its processes.
PROCESSES = "/proc/self"


class Process(NamedTuple):
    """A process as the system shows it; ``begun`` tells it from a later one of the same number."""

    pid: int
    parent: int
    group: int
    session: int
    begun: str


def is_there(one: Process) -> bool:
    found = process_of(one.pid)
    return found is not None and found.begun == one.begun


def process_of(pid: int) -> Process | None:
    """What there is to know of a process, or None where it is gone or only waits to be fetched."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    if len(fields) < 20 or fields[0] in "ZX":
        return None
    return Process(pid, int(fields[1]), int(fields[2]), int(fields[3]), fields[19])


def kin(running: Running) -> set[Process]:
    """The processes that a program started, as far as the system shows them."""
    if not os.path.isdir(PROCESSES):
        return set()
    everybody = [process_of(int(name)) for name in os.listdir("/proc") if name.isdecimal()]
    others = {one for one in everybody if one is not None and one.pid != running.process.pid}
    pids = {running.process.pid}
    found: set[Process] = set()
    while True:
        more = {
            one
            for one in others - found
            if one.parent in pids or (running.apart and one.session == running.process.pid)
        }
        if not more:
            return found
        found |= more
        pids |= {one.pid for one in more}


def shell_text(words: Sequence[str]) -> str:
    """The words as text that the shell of the platform takes apart into just these words."""
    if os.name == "nt":
        import subprocess

        return subprocess.list2cmdline(words)
    from shlex import join

    return join(words)
