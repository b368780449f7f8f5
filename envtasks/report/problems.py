"""Errors as text: what is wrong, where, and what to do."""

from __future__ import annotations

import os

from envtasks.declare.positions import line_of
from envtasks.errors import EnvfileFailed, EnvtasksError, InvalidDeclarations, Key

#: More mistakes than this are not read by anyone at once.
MOST_SHOWN = 50


def problem_text(error: EnvtasksError, cwd: str) -> str:
    if isinstance(error, InvalidDeclarations):
        return mistakes_text(error, cwd)
    lines = [f"error: {error.message}"]
    if isinstance(error, EnvfileFailed) and error.trace:
        lines.insert(0, error.trace)
    if error.where is not None:
        lines.append(f"  at {place(error.where, cwd)}")
    if error.hint:
        lines.append(f"  hint: {error.hint}")
    return "\n".join(lines)


def mistakes_text(error: InvalidDeclarations, cwd: str) -> str:
    lines = []
    for mistake in error.mistakes[:MOST_SHOWN]:
        lines += [f"error: {mistake.message}", f"  at {place(mistake.where, cwd)}"]
        if mistake.hint:
            lines.append(f"  hint: {mistake.hint}")
    left = len(error.mistakes) - MOST_SHOWN
    if left > 0:
        lines.append(f"... and {left} more")
    files = {mistake.where.file for mistake in error.mistakes}
    lines.append(f"{count(len(error.mistakes), 'mistake')} in {count(len(files), 'file')}; nothing was run")
    return "\n".join(lines)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def place(where: Key, cwd: str) -> str:
    """`FILE:LINE  KEY`, the file relative to the cwd where it lies below."""
    line = where.line or line_of(where)
    file = os.path.relpath(where.file, cwd) if where.file.startswith(cwd + os.sep) else where.file
    key = f"  {where}" if where.keys else ""
    return f"{file}:{line}{key}" if line else f"{file}{key}"
