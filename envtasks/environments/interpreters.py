"""Finding Pythons on this machine; one is started only when it is about to be used."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from glob import escape as glob_escape
from glob import glob
from typing import NamedTuple

from envtasks.errors import InterpreterMissing
from envtasks.process import TimedOut, run_program

#: Where version managers put interpreters: the variable that says so, the usual place below HOME, the directory
#: in it that has one directory for each version, and the program in that.
MANAGED = (
    ("PYENV_ROOT", ".pyenv", "versions", "bin/python"),
    ("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python", "", "bin/python"),
    ("MISE_DATA_DIR", ".local/share/mise", "installs/python", "bin/python"),
    ("ASDF_DATA_DIR", ".asdf", "installs/python", "bin/python"),
    ("HATCH_DATA_DIR", ".local/share/hatch", "pythons", "python/bin/python"),
)
#: Where version managers put programs that only lead to the version which is active.
SHIMS = "shims"
#: Where systems put them, should PATH not say so.
SYSTEM = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")

SPEC = re.compile(
    r"(?P<implementation>python|cpython|pypy|py)?-?(?P<version>\d+(?:\.\d+){0,2})?(?P<threads>t)?", re.IGNORECASE
)
PROGRAM = re.compile(r"(?P<implementation>python|pypy)(?P<version>\d+(?:\.\d+)*)?(?P<threads>t)?(?:\.exe)?")
VERSION_DIRECTORY = re.compile(
    r"(?:(?P<implementation>cpython|pypy|python)-?)?(?P<version>\d+(?:\.\d+)*)(?P<threads>\+freethreaded|t)?"
)

#: What an interpreter is asked once it is chosen.
QUESTION = (
    "import sys, sysconfig;"
    "print(sys.implementation.name, '.'.join(map(str, sys.version_info[:3])),"
    " 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else '-',"
    " getattr(sys, '_base_executable', None) or sys.executable, sep='\\n')"
)

Version = tuple[int, ...]


class Wish(NamedTuple):
    """What is asked for; an empty version means any."""

    implementation: str = ""
    version: Version = ()
    free_threaded: bool = False
    range: str = ""
    program: str = ""

    def admits(self, implementation: str, version: Version, free_threaded: bool) -> bool:
        """Whether something of which this is known may be it; a shorter version leaves the rest open."""
        if implementation != (self.implementation or "cpython") or free_threaded != self.free_threaded:
            return False
        known = min(len(version), len(self.version))
        return version[:known] == self.version[:known]


class Candidate(NamedTuple):
    """An interpreter as its place tells of it, not yet started."""

    path: str
    implementation: str
    version: Version
    free_threaded: bool = False


class Interpreter(NamedTuple):
    """An interpreter that answered: ``version`` is its full one, such as `3.12.1`."""

    path: str
    implementation: str
    version: str


def find(
    python: str | None, requires_python: str, sources: Sequence[str], environ: Mapping[str, str], home: str
) -> Interpreter:
    """The interpreter for what an environment asks for.

    Nothing asked for means our own minor
    version, else the highest. Raises InterpreterMissing with each candidate and why it was refused.
    """
    asked = python or ""
    if asked == "self":
        return ask(own_executable(), environ)
    if os.path.isabs(asked):
        if not os.path.exists(asked):
            raise InterpreterMissing(f"there is no Python at '{asked}'")
        return ask(asked, environ)
    refused: list[str] = []
    for candidate in candidates(asked, environ, home) if "external" in sources else ():
        try:
            found = ask(candidate.path, environ)
        except InterpreterMissing as error:
            refused.append(f"{candidate.path}: {error.message}")
            continue
        reason = why_not(found, wish_for(asked), requires_python)
        if reason is None:
            return found
        refused.append(f"{candidate.path}: {reason}")
    raise InterpreterMissing(
        f"no Python for '{asked or requires_python or 'any'}'",
        hint="; ".join([*refused, f"{what_is_here(environ, home)}; install it, or give the path of one"]),
    )


def what_is_here(environ: Mapping[str, str], home: str) -> str:
    """Which Pythons could be found, as far as their places tell."""
    versions = {one.version for one in known_candidates(environ, home, "") if len(one.version) > 1}
    return (
        f"here {'are' if len(versions) > 1 else 'is'} {', '.join('.'.join(map(str, one)) for one in sorted(versions))}"
    )


def wish_for(asked: str) -> Wish:
    if not asked:
        return Wish()
    if asked[0] in "<>=!~":
        return Wish(range=asked)
    spec = SPEC.fullmatch(asked)
    if spec is None or not (spec["implementation"] or spec["version"]):
        return Wish(program=asked)
    implementation = "pypy" if (spec["implementation"] or "").lower() == "pypy" else "cpython"
    return Wish(implementation, version_of(spec["version"] or ""), bool(spec["threads"]))


def version_of(text: str) -> Version:
    """`3.12` and `312` alike."""
    if text and "." not in text and len(text) > 1:
        text = f"{text[0]}.{text[1:]}"
    return tuple(int(part) for part in text.split(".") if part)


def candidates(asked: str, environ: Mapping[str, str], home: str) -> Iterator[Candidate]:
    """What may be asked, best first, each file once."""
    wish = wish_for(asked)
    seen: set[str] = set()
    known = [*known_candidates(environ, home, wish.program)]
    if not wish.version and not wish.program:
        own = sys.version_info[:2]
        known.sort(key=lambda one: (one.version[:2] == own, one.version), reverse=True)
    for candidate in known:
        if not wish.program and not wish.admits(candidate.implementation, candidate.version, candidate.free_threaded):
            continue
        real = os.path.realpath(candidate.path)
        if real not in seen:
            seen.add(real)
            yield candidate


def known_candidates(environ: Mapping[str, str], home: str, program: str) -> Iterator[Candidate]:
    if program:
        yield from (Candidate(path, "", ()) for path in on_path(environ, re.compile(re.escape(program))))
        return
    yield Candidate(own_executable(), sys.implementation.name, tuple(sys.version_info[:3]))
    yield from (described(path) for path in on_path(environ, PROGRAM))
    yield from managed(environ, home)
    for directory in SYSTEM:
        yield from (described(path) for path in programs_in(directory, PROGRAM))


def own_executable() -> str:
    """The interpreter that runs us, the one behind a virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def on_path(environ: Mapping[str, str], pattern: re.Pattern[str]) -> Iterator[str]:
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        if directory and os.path.basename(directory) != SHIMS:
            yield from programs_in(directory, pattern)


def programs_in(directory: str, pattern: re.Pattern[str]) -> Iterator[str]:
    try:
        names = sorted(os.listdir(directory), reverse=True)
    except OSError:
        return
    for name in names:
        path = os.path.join(directory, name)
        if pattern.fullmatch(name) and os.access(path, os.X_OK) and not os.path.isdir(path):
            yield path


def described(path: str) -> Candidate:
    found = PROGRAM.fullmatch(os.path.basename(path))
    if found is None:
        return Candidate(path, "", ())
    implementation = "pypy" if found["implementation"] == "pypy" else "cpython"
    return Candidate(path, implementation, version_of(found["version"] or ""), bool(found["threads"]))


def managed(environ: Mapping[str, str], home: str) -> Iterator[Candidate]:
    """What version managers installed, active or not, the highest version of each first."""
    for versions, program in version_directories(environ, home):
        paths = glob(os.path.join(glob_escape(versions), "*", program))
        found = (installed(path, os.path.relpath(path, versions)) for path in paths)
        yield from sorted((one for one in found if one), key=lambda one: one.version, reverse=True)


def version_directories(environ: Mapping[str, str], home: str) -> Iterator[tuple[str, str]]:
    """Directories that hold one directory for each version, and the program in that.

    A directory of shims on PATH gives its manager away wherever that lies.
    """
    for variable, usual, below, program in MANAGED:
        yield os.path.join(environ.get(variable) or os.path.join(home, usual), below), program
    for directory in environ.get("PATH", "").split(os.pathsep):
        root, name = os.path.split(directory)
        if name == SHIMS:
            for below in dict.fromkeys(below for _, _, below, program in MANAGED if program == "bin/python"):
                yield os.path.join(root, below), "bin/python"


def installed(path: str, below: str) -> Candidate | None:
    found = VERSION_DIRECTORY.match(below)
    if found is None:
        return None
    implementation = "pypy" if found["implementation"] == "pypy" else "cpython"
    return Candidate(path, implementation, version_of(found["version"]), bool(found["threads"]))


def ask(path: str, environ: Mapping[str, str], *, seconds: float = 30) -> Interpreter:
    """Start an interpreter and have it say what it is; InterpreterMissing where it does not."""
    variables = {name: value for name, value in environ.items() if not name.startswith("PYTHON")}
    try:
        finished = run_program(
            [path, "-I", "-c", QUESTION], cwd=os.sep, variables=variables, capture="together", timeout=seconds
        )
    except TimedOut:
        raise InterpreterMissing(f"it does not answer within {seconds:g} seconds") from None
    lines = finished.output.splitlines()
    if finished.exit_code or len(lines) < 4:
        raise InterpreterMissing(f"it does not run (exit code {finished.exit_code})")
    implementation, version, threads, base = lines[-4:]
    chosen = base if os.path.exists(base) else path
    return Interpreter(chosen, implementation, version + ("t" if threads == "t" else ""))


def why_not(found: Interpreter, wish: Wish, requires_python: str) -> str | None:
    """Why an interpreter is not the one that is asked for, or None."""
    version = found.version.rstrip("t")
    numbers = tuple(int(part) for part in version.split("."))
    threads = found.version.endswith("t")
    if not wish.program and not wish.admits(found.implementation, numbers, threads):
        return f"it is {found.implementation} {found.version}"
    for what, specifier in (("the environment", wish.range), ("requires-python", requires_python)):
        if specifier and not satisfies(version, specifier):
            return f"it is {found.version}, and {what} asks for {specifier}"
    return None


def satisfies(version: str, specifier: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidSpecifier:
        raise InterpreterMissing(f"not a range of versions: '{specifier}'") from None
