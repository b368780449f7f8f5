"""Running an envfile and taking what it wrote."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import CodeType, ModuleType

from envtasks.declare import collecting
from envtasks.declare.declarations import Written
from envtasks.declare.toml import read_text
from envtasks.errors import EnvfileFailed, EnvtasksError, InvalidDeclarations, Key, Mistake, person_frames

MODULE = "envfile"


def load(path: str, text: str | None = None) -> Written:
    """What the envfile writes when it is run; ``text`` is what stands in it where no file is to be read.

    Raises EnvfileFailed with the person's own frames when its code raises or leaves, and
    InvalidDeclarations when it is not Python.
    """
    code = compiled((read_text(path) or "") if text is None else text, path)
    directory = os.path.dirname(path)
    collection = collecting.start(directory)
    module = ModuleType(MODULE)
    module.__file__ = path
    sys.modules[MODULE] = module
    if directory not in sys.path:
        sys.path.append(directory)
    try:
        with spoken_aside():
            exec(code, module.__dict__)  # noqa: S102 - running it is what it is for
    except SystemExit as error:
        raise EnvfileFailed(
            f"left with sys.exit({error.code!r})", where=Key(path, (), line_of(error, path)), trace=""
        ) from error
    except EnvtasksError:
        raise
    except Exception as error:
        where = Key(path, (), line_of(error, path))
        raise EnvfileFailed(f"{type(error).__name__}: {error}", where=where, trace=person_frames(error)) from error
    return collection.written(module.__doc__ or "")


@contextmanager
def spoken_aside() -> Iterator[None]:
    """Inside, what is written to stdout goes to stderr, also by programs that are started.

    What was asked for goes to stdout, a document perhaps; what an envfile says on the way is no part of it.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:
        # One of them is closed: then nothing can be spoiled there.
        with redirect_stdout(sys.stderr):
            yield
        return
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def compiled(text: str, path: str) -> CodeType:
    try:
        return compile(text, path, "exec", dont_inherit=True)
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
