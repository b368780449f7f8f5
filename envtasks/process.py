"""Starting programs: the only module that does.

An envfile loads it with `Session`, also when sessions are only listed; so `subprocess` is loaded where it is used.
"""

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from envtasks.errors import EnvtasksError

if TYPE_CHECKING:
    import subprocess

#: Seconds that a program has to end after an interrupt, and after being told to terminate.
INTERRUPT_SECONDS = 5.0
TERMINATE_SECONDS = 2.0

#: What a program writes and where it is taken: both streams as one text, both apart, or its output alone.
Capture = Literal["together", "apart", "output"]

#: How each signal that ends us is told of.
TOLD = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}

#: What a shell is told first on a terminal: only a program that an interrupt ended is a reason for it to end as well.
OUTLIVE_INTERRUPT = "trap '[ $? -ne 130 ] || { trap - INT; kill -INT $$; }' INT;"

NOT_FOUND = 127
NOT_EXECUTABLE = 126
INTERRUPTED = 130


class Stopped(KeyboardInterrupt):
    """A signal told us to stop; ``exit_code`` is what that signal gives.

    It is no EnvtasksError, and no Exception, so that the `except Exception` of a task does not go on regardless.
    """

    def __init__(self, number: int) -> None:
        self.message = TOLD[signal.Signals(number).name]
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
    held = Held()
    with signals_raise(), held:
        try:
            running = spawn(for_shell(text), shell=True, cwd=cwd, env=dict(variables))
        except OSError as error:
            raise NotStarted(f"cannot be started: {error.strerror}") from None
        return wait(running, held, timeout)


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
) -> Finished:
    """Start a program with these words, no shell between; ``capture`` takes what it writes.

    Unless ``interrupt_seconds`` are said, a program that is not captured and has our terminal may go on after Ctrl-C.

    Raises NotStarted, and Stopped and TimedOut once the program is gone. A program that is not there, or is
    none, has the exit code that a shell gives, and its ``output`` says why.
    """
    import subprocess

    streams = {"stdout": subprocess.PIPE if capture else stdout, "stderr": stderr}
    if capture and capture != "output":
        streams["stderr"] = subprocess.PIPE if capture == "apart" else subprocess.STDOUT
    held = Held()
    with signals_raise(), held:
        try:
            running = spawn(list(words), cwd=cwd, env=dict(variables), **streams)
        except FileNotFoundError as error:
            return Finished(NOT_FOUND, str(error))
        except OSError as error:
            return Finished(NOT_EXECUTABLE, str(error))
        return wait(
            running,
            held,
            timeout,
            capture=capture is not None,
            interrupt_seconds=interrupt_seconds,
            terminate_seconds=terminate_seconds,
        )


class Running(NamedTuple):
    """A program that was started; ``apart``: in a session of its own, where no terminal sends signals to it.

    ``begun`` is when, in the time of the system, where that shows its processes.
    """

    process: "subprocess.Popen[bytes]"
    apart: bool
    begun: int | None = None


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
    running: Running,
    held: "Held",
    timeout: float | None,
    *,
    capture: bool = False,
    interrupt_seconds: float | None = None,
    terminate_seconds: float = TERMINATE_SECONDS,
) -> Finished:
    import subprocess

    process = running.process
    patience = (INTERRUPT_SECONDS if interrupt_seconds is None else interrupt_seconds, terminate_seconds)
    decides = interrupt_seconds is None and not capture and not running.apart and on_terminal()
    interrupts = Interrupts(running)
    try:
        held.release()
        with interrupts if decides else nullcontext():
            held.deliver()
            output, errors = process.communicate(timeout=timeout) if capture else (None, None)
            process.wait(timeout)
    except subprocess.TimeoutExpired:
        stop(running, signal.SIGTERM, patience, interrupts.started)
        raise TimedOut(f"ran longer than {timeout:g} seconds") from None
    except Stopped as error:
        stop(running, error.exit_code - 128, patience, interrupts.started)
        raise
    except KeyboardInterrupt:
        stop(running, signal.SIGINT, patience)
        raise Stopped(signal.SIGINT) from None
    finally:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    code = process.returncode
    if interrupts.ended(code):
        stop(running, signal.SIGINT, patience, interrupts.started)
        raise Stopped(signal.SIGINT)
    texts = (text.decode(errors="replace") if text else "" for text in (output, errors))
    return Finished(128 - code if code < 0 else code, *texts)


class Held:
    """Inside, until they are released, signals wait for their handlers: what was just started must not be forgotten."""

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.noted: list[int] = []

    def __enter__(self) -> None:
        # Only the main thread may handle signals.
        with suppress(ValueError):
            for number in signals_raise.numbers:
                handler = signal.getsignal(number)
                if callable(handler):
                    signal.signal(number, self.note)
                    self.before[number] = handler

    def __exit__(self, *_: object) -> None:
        self.release()
        self.deliver()

    def note(self, number: int, _frame: object) -> None:
        self.noted.append(number)

    def release(self) -> None:
        while self.before:
            signal.signal(*self.before.popitem())

    def deliver(self) -> None:
        while self.noted:
            number = self.noted.pop(0)
            handler = signal.getsignal(number)
            if callable(handler):
                handler(number, None)


class Interrupts:
    """Inside, Ctrl-C is the business of the program that has our terminal: it got it as well, and may go on.

    That is what an interpreter or a debugger does. Whoever fails right after it was meant by it.
    """

    def __init__(self, running: "Running") -> None:
        self.running = running
        self.last: float | None = None
        self.started: set[Process] = set()
        self.before: Any = None

    def __enter__(self) -> None:
        # Only the main thread may handle signals; and what is ignored stays ignored.
        with suppress(ValueError):
            if signal.getsignal(signal.SIGINT) in (signal.default_int_handler, signals_raise.raise_stopped):
                self.before = signal.signal(signal.SIGINT, self.note)

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def note(self, _number: int, _frame: object) -> None:
        self.last = monotonic()
        self.started |= kin(self.running)

    def ended(self, code: int) -> bool:
        """Whether an interrupt was what ended the program."""
        if self.last is None:
            return False
        return code in (-signal.SIGINT, INTERRUPTED) or (code != 0 and monotonic() - self.last < INTERRUPT_SECONDS)


class signals_raise:  # noqa: N801 - reads as the verb that it is
    """Inside, the signals that end us raise Stopped, so that we can end what we started and say how it went.

    A KeyboardInterrupt that is no Stopped was then raised by somebody's code, and not by a person.
    """

    numbers = tuple(getattr(signal, name) for name in TOLD if hasattr(signal, name))

    def __enter__(self) -> None:
        self.before: dict[int, Any] = {}
        try:
            for number in self.numbers:
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
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


def stop(running: Running, number: int, patience: tuple[float, float], known: Iterable["Process"] = ()) -> None:
    """End a program: by the signal we got, then by TERM, then by KILL; a second Ctrl-C goes on to the next at once.

    What it started ends as well: what is ``known`` of that, and what can still be found.
    """
    told = number == signal.SIGINT and not running.apart
    started = set(known)
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
        while end is not None and any(map(is_there, started)):
            if monotonic() > end:
                return False
            sleep(0.01)
    except subprocess.TimeoutExpired:
        return False
    return True


#: Where Linux shows its processes.
PROCESSES = "/proc/self"


class Process(NamedTuple):
    """A process as the system shows it; ``begun`` tells it from a later one of the same number."""

    pid: int
    parent: int
    group: int
    session: int
    begun: int
    ended: bool


def is_there(one: Process) -> bool:
    found = process_of(one.pid)
    # `ps` of Linux rounds the same time this way or that.
    return found is not None and abs(found.begun - one.begun) <= 1


def process_of(pid: int) -> Process | None:
    """What there is to know of a process, or None where it is gone or only waits to be fetched."""
    found = shown_of(pid) if os.path.isdir(PROCESSES) else next(listed("-p", str(pid)), None)
    return None if found is None or found.ended else found


def processes() -> dict[int, Process]:
    """All that run, by number; none where the system does not tell."""
    shown: Iterable[Process | None] = listed("-A")
    if os.path.isdir(PROCESSES):
        shown = map(shown_of, map(int, filter(str.isdecimal, os.listdir("/proc"))))
    return {one.pid: one for one in shown if one is not None and not one.ended}


def begun(pid: int) -> int | None:
    """When a program began that was just started."""
    if not os.path.isdir(PROCESSES):
        return int(time())
    found = shown_of(pid)
    return found.begun if found else None


def shown_of(pid: int) -> Process | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    if len(fields) < 20:
        return None
    return Process(pid, int(fields[1]), int(fields[2]), int(fields[3]), int(fields[19]), fields[0] in "ZX")


def listed(*selection: str) -> Iterator[Process]:
    """What `ps` tells of processes, as macOS shows them in no other way."""
    import subprocess
    from time import mktime, strptime

    if os.name == "nt":
        return
    try:
        # In a session of its own, so that no Ctrl-C cuts its list short.
        text = subprocess.run(
            ["/bin/ps", *selection, "-o", "pid=,ppid=,pgid=,stat=,lstart="],
            env={"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,
            check=False,
        ).stdout
    except OSError:
        return
    for line in text.splitlines():
        pid, parent, group, state, *when = line.split()
        with suppress(OSError):
            session = os.getsid(int(pid))
            seconds = int(mktime(strptime(" ".join(when), "%a %b %d %H:%M:%S %Y")))
            yield Process(int(pid), int(parent), int(group), session, seconds, state.startswith("Z"))


def kin(running: Running) -> set[Process]:
    """The processes that a program started, as far as the system shows them."""
    everybody = processes()
    others = {one for one in everybody.values() if one.pid not in (running.process.pid, os.getpid())}
    pids = {running.process.pid}
    found: set[Process] = set()
    while True:
        more = {one for one in others - found if one.parent in pids or is_left_behind(one, running, everybody)}
        if not more:
            return found
        found |= more
        pids |= {one.pid for one in more}


def is_left_behind(one: Process, running: Running, everybody: Mapping[int, Process]) -> bool:
    """Whether a program that is gone, such as a shell that an interrupt ended first, must have started this one.

    In our own group are others as well, such as a pager behind us: they have a parent there, or are older.
    """
    if running.apart:
        return one.session == running.process.pid
    if running.begun is None or one.begun < running.begun or one.group != os.getpgrp():
        return False
    parent = everybody.get(one.parent)
    return one.parent == 1 or (parent is not None and parent.session != one.session)


def shell_words(text: str) -> list[str]:
    """The words that a shell would make of a text without running anything; ValueError for an open quote."""
    from shlex import split

    return split(text)


def shell_text(words: Sequence[str]) -> str:
    """The words as text that the shell of the platform takes apart into just these words."""
    if os.name == "nt":
        import subprocess

        return subprocess.list2cmdline(words)
    from shlex import join

    return join(words)
