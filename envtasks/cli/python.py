"""`envtasks python`: finding Pythons, and installing those that envtasks keeps itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from envtasks.cli.command import Invocation, complain
from envtasks.cli.printing import print_json
from envtasks.cli.world import absolute, platform
from envtasks.environments.interpreters import Verdict, candidates, find, is_path, verdicts
from envtasks.environments.pythons.asking import Answers, Interpreter
from envtasks.environments.pythons.internal import Installed, installed, pythons_directory
from envtasks.environments.pythons.spec import Wish, distribution_name, wish_for
from envtasks.errors import EnvironmentFailed, EnvtasksError, InterpreterMissing, RequestError, nearest
from envtasks.model import Host
from envtasks.option_table import PYTHON_SOURCES
from envtasks.report.problems import problem_text

ALL = "all"
SCHEMA = 1
#: The exit code where no Python is what was asked for.
NONE_FOUND = 1


def main(invocation: Invocation) -> int:
    return DONE_BY[invocation.verb](invocation, host_of(invocation))


def host_of(invocation: Invocation) -> Host:
    """The machine; no project is needed here."""
    flags = invocation.flags
    environ = dict(os.environ)
    if flags.python_dir:
        environ["ENVTASKS_PYTHON_DIR"] = absolute(flags.python_dir)
    root = absolute(flags.directory or ".")
    return Host(root, os.path.expanduser("~"), platform(environ), environ, flags.verbose - flags.quiet)


def known_names(invocation: Invocation) -> Iterator[str]:
    """The Pythons that may be named to a verb: those that can be had, those of ours, or all that are here."""
    from envtasks.environments.pythons.distributions import available

    host = host_of(invocation)
    if invocation.verb == "python install":
        try:
            yield from available(host)
        except EnvtasksError:
            return
        yield ALL
    elif invocation.verb == "python find":
        every = (one for source in PYTHON_SOURCES.default for one in candidates(source, Wish(), host))
        versions = {one[1:4] for one in every if len(one.version) > 1}
        names = (distribution_name(one, version[:2], threads) for one, version, threads in sorted(versions))
        yield from dict.fromkeys(names)
    else:
        yield from dict.fromkeys(one.name for one in installed(pythons_directory(host)))
        yield ALL


def show_found(invocation: Invocation, host: Host) -> int:
    """Print the path of what is found; with `--all` what became of each candidate."""
    if len(invocation.operands) > 1:
        raise RequestError("only one Python can be looked for", hint="envtasks python find [PYTHON]")
    asked = " ".join(invocation.operands)
    found, problem = None, None
    try:
        found = find(asked, "", PYTHON_SOURCES.default, host)
    except InterpreterMissing as error:
        problem = error
    if invocation.flags.all:
        show_candidates(asked, found, host, as_json=invocation.flags.json)
    elif found and invocation.flags.json:
        print_json({"schema": SCHEMA, **found._asdict()})
    elif found:
        print(found.path)
    if problem is None:
        return 0
    complain(problem_text(problem, host.root))
    return NONE_FOUND


def show_candidates(asked: str, found: Interpreter | None, host: Host, *, as_json: bool) -> None:
    told = [] if is_path(asked) or asked == "self" else judged(wish_for(asked), host)
    chosen = next((one for one in told if found is not None and one.interpreter == found), None)
    if as_json:
        listed = [document_of(one, chosen=one is chosen) for one in told]
        print_json({"schema": SCHEMA, "found": found._asdict() if found else None, "candidates": listed})
        return
    if not told and found:
        print(found.path)
    width = max((len(one.candidate.path) for one in told), default=0)
    for one in told:
        verdict = "chosen" if one is chosen else f"refused: {one.reason}" if one.reason else "would do as well"
        print(f"{one.candidate.path:<{width}}  {version_of(one):<8}  {verdict}")


def judged(wish: Wish, host: Host) -> list[Verdict]:
    """What becomes of every candidate, those that come into question first."""
    every = [one for source in PYTHON_SOURCES.default for one in candidates(source, wish, host)]
    return sorted(verdicts(every, wish, "", Answers(host)), key=lambda one: not one.asked)


def document_of(verdict: Verdict, *, chosen: bool) -> dict[str, Any]:
    candidate, found = verdict.candidate, verdict.interpreter
    return {
        "path": candidate.path,
        "source": candidate.source,
        "implementation": found.implementation if found else candidate.implementation,
        "version": version_of(verdict),
        "chosen": chosen,
        "refused": verdict.reason,
    }


def version_of(verdict: Verdict) -> str:
    """What it answered, else as much as its place tells."""
    told = ".".join(map(str, verdict.candidate.version)) + ("t" if verdict.candidate.free_threaded else "")
    return verdict.interpreter.version if verdict.interpreter else told


def show_installed(invocation: Invocation, host: Host) -> int:
    from envtasks.environments.pythons.distributions import available

    if invocation.operands:
        raise RequestError("python show takes no names", hint="envtasks python show [--json]")
    place = pythons_directory(host)
    found = installed(place)
    try:
        others = tuple(available(host))
    except InterpreterMissing:
        others = ()
    if invocation.flags.json:
        listed = [{"name": one.full_name, **one._asdict()} for one in found]
        print_json({"schema": SCHEMA, "directory": place, "installed": listed, "available": others})
        return 0
    width = max((len(one.full_name) for one in found), default=0)
    for one in found:
        print(f"{one.full_name:<{width}}  {one.program}")
    if not found:
        complain(f"no Pythons are installed in {place}")
    if others:
        complain(f"can be installed: {', '.join(others)}")
    return 0


def install_named(invocation: Invocation, host: Host) -> int:
    """Install what is named, several at a time; all that can be done is done before a failure is told."""
    from envtasks.environments.pythons.distributions import available, named

    names = operands_of(invocation)
    wishes = [wish_for(name) for name in available(host)] if ALL in names else [named(name, host) for name in names]
    return in_turn(tuple(dict.fromkeys(wishes)), host, installs(host, update=invocation.flags.update))


def update_named(invocation: Invocation, host: Host) -> int:
    """Have the newest of each that is installed, and take away what it stands for."""
    found = installed(pythons_directory(host))
    chosen = chosen_of(invocation.operands or (ALL,), found)
    wishes = dict.fromkeys(wish_for(one.name) for one in chosen)
    if not wishes:
        complain("no Pythons are installed")
    return in_turn(tuple(wishes), host, installs(host, update=True, replace=True))


def remove_named(invocation: Invocation, host: Host) -> int:
    from envtasks.environments.pythons.installing import remove

    found = installed(pythons_directory(host))
    for one in chosen_of(operands_of(invocation), found):
        remove(one, host, complain)
        complain(f"removed {one.full_name}: {one.directory}")
    return 0


def operands_of(invocation: Invocation) -> tuple[str, ...]:
    if not invocation.operands:
        raise RequestError("no Python is named", hint=f"envtasks {invocation.verb} 3.13, or all")
    return invocation.operands


def chosen_of(names: Sequence[str], found: Sequence[Installed]) -> list[Installed]:
    """Those of the installed Pythons that are named, `3.13` for all of that minor version; what is not there is told."""
    if ALL in names:
        return list(found)
    chosen: dict[Installed, None] = {}
    for name in names:
        wish = wish_for(name)
        if not wish.distribution:
            known = [one.name for one in found]
            raise RequestError(f"'{name}' names no Python of envtasks", hint=nearest(name, known) or "name a version")
        fits = [one for one in found if wish.admits(one.implementation, one.numbers, one.free_threaded)]
        if not fits:
            complain(f"{wish.distribution} is not installed")
        chosen.update(dict.fromkeys(fits))
    return list(chosen)


#: Installs what is wanted, given what is told in words and how many bytes arrived, and says how it ended.
Installs = Callable[[Wish, Callable[[str], None], Callable[[int, "int | None"], None]], str]


def installs(host: Host, *, update: bool = False, replace: bool = False) -> Installs:
    """What installs one Python, by uv where it is the installer, and with ``replace`` takes away older ones."""
    from envtasks.environments.pythons.distributions import newest
    from envtasks.environments.pythons.installing import install, install_with_uv, matching, newer, remove
    from envtasks.environments.uv import located

    uv = ""
    if host.environ.get("ENVTASKS_INSTALLER") == "uv":
        uv = located(host.environ.get("ENVTASKS_ENV_TYPE_VIRTUAL_UV_PATH"), host.environ.get("PATH"))

    def one(wish: Wish, say: Callable[[str], None], progress: Callable[[int, int | None], None]) -> str:
        before = matching(wish, host)
        if before and not update:
            return f"{before[0].full_name} is installed already: {before[0].program}"
        if uv:
            install_with_uv(uv, wish.distribution, host, say, update=update)
            made = next(iter(matching(wish, host)), None)
            if made is None:
                raise EnvironmentFailed(f"uv installed no {wish.distribution}")
        else:
            found = newest(wish, "", host)
            if found is None:
                hint = "see what there is with: envtasks python show"
                raise RequestError(f"there is no {wish.distribution} for this machine", hint=hint)
            if before and not newer(before[0], found):
                return f"{before[0].full_name} is up to date: {before[0].program}"
            made = install(found, host, say, progress)
        for old in before if replace else ():
            if old.directory != made.directory:
                remove(old, host, say)
                say(f"removed {old.full_name}: {old.directory}")
        return f"installed {made.full_name}: {made.program}"

    return one


def in_turn(wishes: Sequence[Wish], host: Host, install: Installs) -> int:
    """Install Pythons at the same time; the exit code is that of the first that failed."""
    from threading import Thread

    from envtasks.report.progress import Bar

    draws = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and host.verbosity >= 0
    bar = Bar(sys.stderr, draws=draws)
    failures: dict[str, EnvtasksError] = {}

    def work(wish: Wish) -> None:
        try:
            bar.say(install(wish, bar.say, bar.progress_of(wish.distribution)))
        except EnvtasksError as error:
            failures[wish.distribution] = error

    # They end with us: what arrived stays for the next time.
    threads = [Thread(target=work, args=(wish,), daemon=True) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bar.finish()
    for error in failures.values():
        complain(problem_text(error, host.root))
    return next((error.exit_code for error in failures.values()), 0)


DONE_BY: dict[str, Callable[[Invocation, Host], int]] = {
    "python find": show_found,
    "python show": show_installed,
    "python install": install_named,
    "python update": update_named,
    "python remove": remove_named,
}
