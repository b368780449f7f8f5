"""What the engine lends to Python tasks, and what these are told with."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from envtasks.ending import INTERRUPT_SECONDS
from envtasks.environments.use import Use
from envtasks.events import Result
from envtasks.planned import Recipe
from envtasks.process import Finished, run_program
from envtasks.run.programs import find_program
from envtasks.tuples import NamedTuple

#: Installs something more into an environment that is ready, relative paths being taken from a directory; before,
#: it is announced, unless there is nothing to do. The variables of the recipe are those that the task has set.
Install = Callable[[Recipe, Sequence[str], str, Callable[[], None]], None]
#: Has a session run now, with these arguments; RequestError for an unknown one.
RunNow = Callable[[str, Sequence[str]], Result]
#: Where a program is, by its name and the variables that it will see; None where it is nowhere.
FindProgram = Callable[[str, Mapping[str, str]], str | None]

#: How long a person waits who waits for ever.
FOR_EVER = 1_000_000.0


class Notify(Protocol):
    """Has a session run once those of the plan are done; RequestError for an unknown one.

    Its arguments must reach it, unless they are ``inherited``: nobody said them for it.
    """

    def __call__(self, name: str, arguments: Sequence[str], *, inherited: bool = False) -> None: ...


class RunProgram(Protocol):
    """Runs a program as `envtasks.process.run_program` does."""

    def __call__(
        self, words: Sequence[str], *, cwd: str, variables: Mapping[str, str], **settings: Any
    ) -> Finished: ...


class Machine(NamedTuple):
    """How tasks reach programs and the disk; ``scratch`` is where they find directories to write to, if not as usual."""

    find_program: FindProgram = find_program
    run_program: RunProgram = run_program
    scratch: str = ""


MACHINE = Machine()


def always(_recipe: Recipe) -> bool:
    return True


def let_go(held: Use) -> None:
    """What nobody keeps is not held any longer."""
    held.end()


class Tools(NamedTuple):
    """What the engine lends to Python sessions.

    Without ``runs``, only programs that install something run; where ``installs`` says no, these do not either.
    ``invoked_from`` is where the person is. What is given to ``hold`` is held until the run is over.
    """

    install: Install
    notify: Notify
    run_now: RunNow
    runs: bool = True
    installs: Callable[[Recipe], bool] = always
    invoked_from: str = ""
    machine: Machine = MACHINE
    hold: Callable[[Use], object] = let_go


class Captured(NamedTuple):
    """What a program did that was run with ``capture``."""

    returncode: int
    stdout: str
    stderr: str


class SessionSkipped(Exception):
    """The task skips itself; its message is the reason."""


class SessionAborted(Exception):
    """The task gives up; its message is the reason."""


class CommandFailed(Exception):
    """A program that a task ran failed, is not there, cannot be started, or took longer than it may.

    ``reason`` says what is wrong, ``return_code`` is its exit code, None where it did not come to one, and ``output``
    is what it printed where that was captured and it ended by itself.
    """

    def __init__(self, reason: str = "", *, return_code: int | None = None, output: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.return_code = return_code
        self.output = output


def check(command: str, finished: Finished, codes: Iterable[int] | None, tell: Callable[[str], None]) -> None:
    """Raise CommandFailed where a program ended with none of the codes; what it printed is told where nobody saw it."""
    if finished.exit_code in (tuple(codes) if codes is not None else (0,)):
        return
    output = finished.output + finished.errors
    if output:
        tell(output.rstrip())
    raise CommandFailed(
        f"exit code {finished.exit_code} from: {command}", return_code=finished.exit_code, output=output
    )


def ended(outcome: str) -> str:
    """How a session ended, as a sentence goes on after its name."""
    return outcome if outcome == "failed" else f"was {outcome}"


def nothing(*, silent: bool = False, capture: bool = False, **_: object) -> Any:
    """What a program gives that was not to run."""
    return Captured(0, "", "") if capture else "" if silent else None


def times_of(timeout: float | None, interrupt: float | None, terminate: float | None) -> dict[str, float | None]:
    """How long a program may take, and to end once it is told to, as `run_program` has it."""
    # A program that has our terminal may go on after Ctrl-C where nobody said how long it may take.
    usual = interrupt == INTERRUPT_SECONDS
    return {
        "timeout": None if timeout is None else seconds("timeout", timeout),
        "interrupt_seconds": None if usual else seconds("interrupt_timeout", interrupt),
        "terminate_seconds": seconds("terminate_timeout", terminate),
    }


def seconds(name: str, said: float | None) -> float:
    """How long that is; TypeError or ValueError for what is no time, or a program would run that nobody could stop."""
    if said is None:
        return FOR_EVER
    if not isinstance(said, (int, float)):
        raise TypeError(f"'{name}' is a number of seconds, and not {said!r}")
    if not said >= 0:
        raise ValueError(f"'{name}' is a number of seconds from 0 on, and not {said!r}")
    return min(said, FOR_EVER)


def line_of(text: object, values: tuple[object, ...], *, exc_info: object = None, **_: object) -> str:
    """What `logging` would make of it; where the values do not fit the text, they are told after it."""
    line = str(text)
    if values:
        inside = values[0] if len(values) == 1 and isinstance(values[0], Mapping) and values[0] else values
        try:
            line %= inside
        except (TypeError, ValueError, KeyError):
            line = " ".join(map(str, (text, *values)))
    if exc_info:
        from traceback import format_exception

        error = exc_info if isinstance(exc_info, BaseException) else sys.exc_info()[1]
        line = "\n".join((line, *(["".join(format_exception(error)).rstrip()] if error else [])))
    return line
