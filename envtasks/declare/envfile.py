"""Running an envfile and taking what it wrote."""

from __future__ import annotations

import os
import sys
from types import ModuleType, TracebackType

from envtasks.declare import authoring
from envtasks.declare.toml import read_text
from envtasks.errors import EnvfileFailed, InvalidDeclarations, Key, Mistake

MODULE = "envfile"


def load(path: str) -> tuple[authoring.Written, str]:
    """What the envfile wrote, and its docstring.

    Raises EnvfileFailed with the person's own frames when its code raises or leaves, and
    InvalidDeclarations when it is not Python.
    """
    written = authoring.start()
    module = ModuleType(MODULE)
    module.__file__ = path
    sys.modules[MODULE] = module
    directory = os.path.dirname(path)
    if directory not in sys.path:
        sys.path.append(directory)
    try:
        exec(compiled(path), module.__dict__)
    except SystemExit as error:
        raise EnvfileFailed(
            f"left with sys.exit({error.code!r})", where=Key(path, (), line_of(error, path)), trace=""
        ) from error
    except Exception as error:
        where = Key(path, (), line_of(error, path))
        raise EnvfileFailed(f"{type(error).__name__}: {error}", where=where, trace=trimmed(error)) from error
    return written, module.__doc__ or ""


def compiled(path: str) -> object:
    text = read_text(path)
    try:
        return compile(text or "", path, "exec", dont_inherit=True)
    except SyntaxError as error:
        message = f"not Python: {error.msg}"
        hint = error.text.strip() if error.text else ""
        raise InvalidDeclarations((Mistake(message, Key(path, (), error.lineno), hint),)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidDeclarations((Mistake(f"not Python: {error}", Key(path)),)) from None


def line_of(error: BaseException, path: str) -> int | None:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def trimmed(error: BaseException) -> str:
    """The traceback of an error, from the first frame that is not ours."""
    from traceback import format_exception

    trace = error.__traceback__
    while trace is not None and is_ours(trace):
        trace = trace.tb_next
    return "".join(format_exception(type(error), error, trace)).rstrip()


def is_ours(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(os.path.dirname(os.path.dirname(__file__)) + os.sep)
