"""Asking interpreters what they are: the only way to be sure, and slow, so that answers are remembered."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from envtasks.environments.pythons.places import cache_directory
from envtasks.errors import InterpreterMissing
from envtasks.model import Host
from envtasks.process import TimedOut, run_program
from envtasks.tuples import NamedTuple

#: What an interpreter is asked once it is chosen.
QUESTION = (
    "import sys, sysconfig;"
    "print(sys.implementation.name, '.'.join(map(str, sys.version_info[:3])),"
    " 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else '-',"
    " getattr(sys, '_base_executable', None) or sys.executable, sep='\\n')"
)
#: Where answers are kept below the cache directory; another question needs another name.
ANSWERS = "interpreters-1.json"


class Interpreter(NamedTuple):
    """An interpreter that answered: ``version`` is its full one, such as `3.12.1`, or `3.13.0t` without the GIL."""

    path: str
    implementation: str
    version: str


def ask(path: str, environ: Mapping[str, str], *, seconds: float = 30) -> Interpreter:
    """Start an interpreter and have it say what it is; InterpreterMissing where it does not."""
    variables = {name: value for name, value in environ.items() if not name.startswith("PYTHON")}
    try:
        finished = run_program(
            [path, "-I", "-B", "-c", QUESTION], cwd=os.sep, variables=variables, capture="together", timeout=seconds
        )
    except TimedOut:
        raise InterpreterMissing(f"it does not answer within {seconds:g} seconds") from None
    lines = finished.output.splitlines()
    if finished.exit_code or len(lines) < 4:
        raise InterpreterMissing(f"it does not run (exit code {finished.exit_code})")
    implementation, version, threads, base = lines[-4:]
    if not version.replace(".", "").isdecimal():
        raise InterpreterMissing(f"it does not say which version it is, but '{version}'")
    chosen = base if os.path.exists(base) else path
    return Interpreter(chosen, implementation, version + ("t" if threads == "t" else ""))


class Answers:
    """What interpreters said of themselves, remembered for as long as their files stay as they are.

    Only what speaks for itself is remembered: what a shim says of others may be something else the next time.
    """

    def __init__(self, host: Host) -> None:
        self.environ = host.environ
        self.file = os.path.join(cache_directory(host), ANSWERS)
        self.known: dict[str, Any] | None = None
        self.failed: dict[str, InterpreterMissing] = {}

    def ask(self, path: str) -> Interpreter:
        """As `ask`, and nothing is started where the same file was asked before."""
        if self.known is None:
            self.known = read(self.file)
        seen = seen_of(path)
        known = self.known.get(path)
        if seen and known and known["seen"] == seen:
            return Interpreter(path, *known["answer"])
        if path in self.failed:
            raise self.failed[path]
        try:
            answer = ask(path, self.environ)
        except InterpreterMissing as error:
            self.failed[path] = error
            raise
        if seen and os.path.realpath(path) == os.path.realpath(answer.path):
            self.known[path] = {"seen": seen, "answer": answer[1:]}
            self.save()
        return answer

    def save(self) -> None:
        """Keep the answers of all files that are still there; whoever cannot write asks again the next time."""
        import json
        from contextlib import suppress

        kept = {path: answer for path, answer in (self.known or {}).items() if os.path.exists(path)}
        temporary = f"{self.file}.{os.getpid()}"
        with suppress(OSError):
            os.makedirs(os.path.dirname(self.file), exist_ok=True)
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump(kept, file)
            os.replace(temporary, self.file)


def seen_of(path: str) -> list[int]:
    """What tells a file from the one that replaces it, or nothing."""
    try:
        status = os.stat(path)
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def read(file: str) -> dict[str, Any]:
    import json

    try:
        with open(file, encoding="utf-8") as opened:
            found = json.load(opened)
    except (OSError, ValueError, RecursionError):
        return {}
    return {path: one for path, one in found.items() if is_answer(one)} if isinstance(found, dict) else {}


def is_answer(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(answer := value.get("answer"), list):
        return False
    return "seen" in value and len(answer) == 2 and all(isinstance(text, str) for text in answer)
