"""Finding Pythons on this machine; one is started only when it is about to be used."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence

from envtasks.environments.location import expanded
from envtasks.environments.pythons import internal, places
from envtasks.environments.pythons.asking import Answers, Interpreter
from envtasks.environments.pythons.places import Candidate
from envtasks.environments.pythons.spec import Wish, may_satisfy, why_not, wish_for
from envtasks.errors import InterpreterMissing
from envtasks.model import Host
from envtasks.tuples import NamedTuple

__all__ = ["Candidate", "Interpreter", "Verdict", "find", "own_executable", "verdicts"]

#: Gives the newest Python of ours that is wanted, which it may have to install, and None where there is none to be
#: had; InterpreterMissing where that fails. It takes the wish and the versions that the project supports.
Install = Callable[[Wish, str], Candidate | None]


class Verdict(NamedTuple):
    """What became of a candidate: the interpreter that it is, or why it is refused.

    ``asked``: it had to be started for that, or would have been, had it not been asked before.
    """

    candidate: Candidate
    interpreter: Interpreter | None
    reason: str = ""
    asked: bool = False


def find(
    python: str | None, requires_python: str, sources: Sequence[str], host: Host, install: Install | None = None
) -> Interpreter:
    """The interpreter for what an environment asks for.

    Nothing asked for means our own minor version, else the highest. ``install`` is called where no other Python
    comes before the internal ones. Raises InterpreterMissing with each candidate and why it was refused.
    """
    answers = Answers(host)
    asked = (python or "").strip()
    if asked == "self" or is_path(asked):
        return named(asked, requires_python, host, answers)
    wish = wish_for(asked)
    refused: dict[str, str] = {}
    for narrowed in passes(wish):
        for source in sources:
            newest = None
            if source == "internal" and install is not None:
                try:
                    newest = install(narrowed, requires_python)
                except InterpreterMissing as error:
                    refused["internal"] = error.reason
            tried = [newest] if newest else candidates(source, wish, host)
            for verdict in verdicts(tried, narrowed, requires_python, answers):
                if verdict.interpreter is not None:
                    return verdict.interpreter
                if verdict.asked:
                    refused.setdefault(verdict.candidate.path, verdict.reason)
    raise missing(asked or requires_python or "any", wish, refused, host)


def is_path(asked: str) -> bool:
    return asked.startswith("~") or os.sep in asked or "/" in asked


def named(asked: str, requires_python: str, host: Host, answers: Answers) -> Interpreter:
    """The interpreter that a path names, or the directory that it is installed in."""
    path = own_executable() if asked == "self" else os.path.join(host.root, expanded(asked, host))
    if os.path.isdir(path):
        inside = (os.path.join(path, *program.split("/")) for program in ("bin/python", "bin/python3", "python.exe"))
        path = next(filter(os.path.exists, inside), path)
    if not os.path.exists(path):
        raise InterpreterMissing(f"there is no Python at '{asked}'")
    try:
        found = answers.ask(path)
    except InterpreterMissing as error:
        raise InterpreterMissing(f"'{path}' is no Python that can be used: {error.message}") from None
    reason = why_not(found.implementation, found.version, Wish(program=asked), requires_python)
    if reason is not None:
        raise InterpreterMissing(f"'{path}' cannot be used: {reason}")
    return found


def passes(wish: Wish) -> Iterator[Wish]:
    """What is looked for, one after the other: where the version is open, first our own."""
    if not wish.version and not wish.program and wish.implementation in ("", "cpython"):
        threads = is_free_threaded() if wish == Wish() else wish.free_threaded
        yield wish._replace(version=tuple(sys.version_info[:2]), free_threaded=threads)
    yield wish


def candidates(source: str, wish: Wish, host: Host) -> Iterator[Candidate]:
    """What may be it, best first; where the version is open, the highest."""
    if source == "internal":
        found = () if wish.program else internal.installed(internal.pythons_directory(host))
        yield from (one.candidate for one in found)
        return
    if not wish.program:
        own = tuple(sys.version_info[:3])
        yield Candidate(own_executable(), sys.implementation.name, own, is_free_threaded())
    known = places.external(host, wish.program)
    if wish.version or wish.program:
        yield from known
    else:
        yield from sorted(known, key=lambda one: one.version, reverse=True)


def verdicts(
    tried: Iterator[Candidate] | Sequence[Candidate], wish: Wish, requires_python: str, answers: Answers
) -> Iterator[Verdict]:
    """Which of the candidates is what is wanted, and why others are not, each file once and only as far as one looks.

    Nothing is started whose name or directory says enough.
    """
    seen: set[object] = set()
    for candidate in tried:
        reason = refusal(candidate, wish, requires_python)
        # A name may say something wrong of the file behind it, which then has another one.
        file = os.path.realpath(candidate.path)
        key = (file, reason) if reason else file
        if key in seen:
            continue
        seen.add(key)
        if reason:
            yield Verdict(candidate, None, reason)
            continue
        try:
            found = answers.ask(candidate.path)
        except InterpreterMissing as error:
            yield Verdict(candidate, None, error.message, asked=True)
            continue
        no = why_not(found.implementation, found.version, wish, requires_python)
        yield Verdict(candidate, None if no else found, no or "", asked=True)


def refusal(candidate: Candidate, wish: Wish, requires_python: str) -> str:
    """Why a candidate is not what is wanted, as far as its place tells, or nothing."""
    _, implementation, version, free_threaded, source = candidate
    if wish.program:
        return ""
    known = f"{implementation} {'.'.join(map(str, version))}{'t' if free_threaded else ''}".strip()
    if not wish.admits(implementation, version, free_threaded):
        return f"it is {known}"
    for what, specifier in (("the environment", wish.range), ("requires-python", requires_python)):
        if not may_satisfy(version, specifier):
            return f"it is {known}, and {what} asks for {specifier}"
    return places.passing(candidate.path) if source == "external" else ""


def own_executable() -> str:
    """The interpreter that runs us, the one behind a virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def is_free_threaded() -> bool:
    return "t" in getattr(sys, "abiflags", "")


def missing(asked: str, wish: Wish, refused: dict[str, str], host: Host) -> InterpreterMissing:
    reasons = [f"{path}: {reason}" for path, reason in refused.items()]
    advice = "install it, or give the path of one"
    if wish.distribution and is_current(wish):
        advice = f"install it, such as with 'envtasks python install {wish.distribution}', or give the path of one"
    return InterpreterMissing(f"no Python for '{asked}'", hint="; ".join([*reasons, what_is_here(host), advice]))


def is_current(wish: Wish) -> bool:
    """Whether it is of those that one can expect to be distributed."""
    return wish.version[0] == 3 and 7 <= wish.version[1] <= sys.version_info[1] + 5


def what_is_here(host: Host) -> str:
    """Which Pythons could be found, as far as their places tell."""
    known = (*candidates("external", Wish(), host), *candidates("internal", Wish(), host))
    versions = {one.version for one in known if len(one.version) > 1}
    told = ", ".join(".".join(map(str, one)) for one in sorted(versions))
    return f"here {'are' if len(versions) > 1 else 'is'} {told}"
