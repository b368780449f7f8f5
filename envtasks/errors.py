"""What can go wrong that a person can mend; an error tells, it never prints, logs or exits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtasks.tuples import NamedTuple

if TYPE_CHECKING:
    from traceback import TracebackException


class Key(NamedTuple):
    """Where something was declared: a file and the keys that lead to it.

    ``line`` is known at once for Python declarations; for TOML it is looked up
    only when there is something to say (see ``declare.positions``).
    """

    file: str
    keys: tuple[str | int, ...] = ()
    line: int | None = None

    def child(self, *keys: str | int) -> Key:
        return Key(self.file, self.keys + keys, self.line)

    def __str__(self) -> str:
        text = ""
        for key in self.keys:
            if isinstance(key, int):
                text += f"[{key}]"
            else:
                text += ("." if text else "") + (key if is_bare(key) else quoted(key))
        return text


def quoted(key: str) -> str:
    """The key in quotes, as TOML would have it on one line."""
    from json import dumps

    return dumps(key, ensure_ascii=False)


def is_bare(key: str) -> bool:
    """Whether TOML lets this key stand without quotes."""
    return bool(key) and key.replace("-", "").replace("_", "").isalnum() and key.isascii()


class Mistake(NamedTuple):
    """One thing that is wrong with a declaration."""

    message: str
    where: Key
    hint: str = ""


class Mistakes:
    """Collects mistakes while declarations are read and resolved, to tell all of them at once.

    ``strict``: an unknown name is a mistake; else it is passed over and remembered in ``passed_over``,
    because another tool or a plugin may know it.
    """

    def __init__(self, *, strict: bool = True) -> None:
        self.found: list[Mistake] = []
        self.passed_over: list[Key] = []
        self.strict = strict

    def __len__(self) -> int:
        return len(self.found)

    def add(self, message: str, where: Key, hint: str = "") -> None:
        self.found.append(Mistake(message, where, hint))

    def unknown(self, what: str, name: str, known: tuple[str, ...], where: Key) -> None:
        if self.strict:
            hint = nearest(name, known) or f"known are: {', '.join(known)}"
            self.add(f"unknown {what} '{name}'", where, hint)
        else:
            self.passed_over.append(where)

    def tell(self) -> None:
        """Raise what was found, if anything was: InvalidDeclarations."""
        if self.found:
            raise InvalidDeclarations(tuple(dict.fromkeys(self.found)))


class EnvtasksError(Exception):
    """The root of everything that a person can mend."""

    exit_code = 2

    def __init__(self, message: str, *, where: Key | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    @property
    def reason(self) -> str:
        """What is wrong and what to do, on one line."""
        return f"{self.message}: {self.hint}" if self.hint else self.message


class RequestError(EnvtasksError):
    """What was asked for on the command line cannot be done."""


class NoDefaultScript(RequestError):
    """An environment is named alone, and nothing says which of its scripts is meant."""


class InvalidDeclarations(EnvtasksError):
    """Everything that is wrong with the declarations of a project, told at once."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(mistakes[0].message)
        self.mistakes = mistakes


def invalid(message: str, where: Key, hint: str = "") -> InvalidDeclarations:
    """The error for one thing that is wrong."""
    return InvalidDeclarations((Mistake(message, where, hint),))


class EnvfileFailed(EnvtasksError):
    """The code of an envfile raised; ``trace`` holds the person's own frames."""

    def __init__(self, message: str, *, where: Key, trace: str) -> None:
        super().__init__(message, where=where)
        self.trace = trace


class FillError(EnvtasksError):
    """A placeholder has no value here: an unset variable, a matrix variable that this environment lacks."""


class ScriptError(FillError):
    """Scripts that are made of each other in a way that has no end; ``scripts`` are those at fault."""

    def __init__(self, message: str, scripts: tuple[str, ...]) -> None:
        super().__init__(message, hint="let one of them run its commands itself")
        self.scripts = scripts


class ParameterError(EnvtasksError):
    """No words on the command line can give a task function what one of its parameters asks for."""


class EnvironmentFailed(EnvtasksError):
    """An environment could not be made."""

    exit_code = 3


class InstallerFailed(EnvironmentFailed):
    """A program that makes or fills environments failed; ``program_exit_code`` is its own."""

    def __init__(self, message: str, program_exit_code: int) -> None:
        super().__init__(message)
        self.program_exit_code = program_exit_code


class InterpreterMissing(EnvironmentFailed):
    """No interpreter answers to what an environment asks for."""


def nearest(name: str, known: tuple[str, ...] | list[str]) -> str:
    """``did you mean 'x'?`` for the known name nearest to this one, or an empty text."""
    from difflib import get_close_matches

    matches = get_close_matches(name, known, n=1)
    return f"did you mean '{matches[0]}'?" if matches else ""


def person_frames(error: BaseException) -> str:
    """The traceback of an error as text, without the frames of this package."""
    from traceback import TracebackException

    told = TracebackException(type(error), error, error.__traceback__)
    take_ours_out(told)
    return (
        "".join(told.format()).rstrip().removeprefix("Traceback (most recent call last):\n" if not told.stack else "")
    )


def take_ours_out(told: TracebackException) -> None:
    """Leave only the person's frames, also of the errors before this one and inside it."""
    from traceback import StackSummary

    ours = __file__.removesuffix("errors.py")
    told.stack = StackSummary.from_list([frame for frame in told.stack if not frame.filename.startswith(ours)])
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            take_ours_out(other)
