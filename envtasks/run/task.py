"""Performing a Python task: whatever its function does or raises becomes the outcome of its session."""

from __future__ import annotations

from envtasks.errors import EnvironmentFailed, EnvtasksError, person_frames
from envtasks.events import Emit, Result, Said
from envtasks.planned import Call, Work
from envtasks.run.isolation import isolated
from envtasks.run.session import Session
from envtasks.run.tools import CommandFailed, SessionAborted, SessionSkipped, Tools
from envtasks.signals import Stopped

#: How much of a long traceback is shown at its beginning and at its end.
SHOWN_LINES = 30


def perform_call(work: Work, call: Call, emit: Emit, cwd: str, tools: Tools) -> Result:
    """Call the function of a Python task and say how that ended; the process is then as before. Raises Stopped."""
    with isolated(call.cwd or cwd, lambda text: emit(Said(work, "info", text))) as surroundings:
        session = Session(work, call, emit, cwd, tools, surroundings)
        try:
            call.function.call(session, *call.positionals, **call.keywords)
        except Stopped:
            raise
        except BaseException as error:  # noqa: BLE001 - it is somebody else's code, and leaving ours is not its right
            return ended_by(error, work, emit)
    return Result(work, "passed", exit_code=0)


def ended_by(error: BaseException, work: Work, emit: Emit) -> Result:
    """The outcome that an exception in a task means; what the person did not mean is shown with its frames."""
    if isinstance(error, SessionSkipped):
        return Result(work, "skipped", text_of(*error.args) or "the task skipped itself")
    if isinstance(error, SessionAborted):
        return Result(work, "failed", text_of(*error.args) or "the task gave up", 1)
    if isinstance(error, CommandFailed):
        return Result(work, "failed", error.reason, 1 if error.return_code is None else error.return_code)
    if isinstance(error, EnvironmentFailed):
        return Result(work, "broken", error.reason)
    if isinstance(error, EnvtasksError):
        return Result(work, "failed", error.reason, 1)
    if isinstance(error, SystemExit):
        return left(error.code, work)
    emit(Said(work, "error", shortened(person_frames(error))))
    return Result(work, "failed", f"{type(error).__name__}: {text_of(error)}".removesuffix(": "), 1)


def shortened(text: str) -> str:
    """Without its middle where it is long: functions that call each other without end have a thousand frames."""
    lines = text.splitlines()
    out = len(lines) - 2 * SHOWN_LINES
    return "\n".join((*lines[:SHOWN_LINES], f"  ... {out} more lines", *lines[-SHOWN_LINES:])) if out > 1 else text


def left(code: object, work: Work) -> Result:
    """The outcome of `sys.exit`: None is 0, and what is no number is printed and is 1."""
    number = code if isinstance(code, int) else int(code is not None)
    if not number:
        return Result(work, "passed", exit_code=0)
    return Result(work, "failed", f"the task left with {text_of(code)}", number & 0xFF or 1)


def text_of(*values: object) -> str:
    """The values for a person to read, also where one of them cannot tell what it is."""
    try:
        return " ".join(map(str, values))
    except Exception:  # noqa: BLE001 - it is somebody else's code
        return " ".join(f"<{type(value).__name__}>" for value in values)
