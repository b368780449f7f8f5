"""Where Pythons lie, and what their names and directories tell of them; none is started here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from glob import escape as glob_escape
from glob import glob
from typing import Any

from envtasks.declared import Texts
from envtasks.environments.pythons.spec import Version, version_of
from envtasks.model import Host
from envtasks.tuples import NamedTuple

PROGRAM = re.compile(r"(?P<implementation>python|pypy)(?P<version>\d+(?:\.\d+)*)?(?P<threads>t)?(?:\.exe)?")
VERSION_DIRECTORY = re.compile(
    r"(?:(?P<implementation>cpython|pypy|python)-?)?(?P<version>\d+(?:\.\d+)*)(?P<threads>\+freethreaded|t)?"
)
#: What some directories of versions have in their names, and is no ordinary Python.
DEBUG = "+debug"


class Manager(NamedTuple):
    """A program that installs Pythons: the variable that says where, the usual places below HOME, the directory in
    them that has one directory for each version, and the interpreters in that.
    """

    variable: str
    usual: Texts
    below: str = ""
    programs: Texts = ("bin/python", "python.exe")


MANAGED = (
    Manager("PYENV_ROOT", (".pyenv", ".pyenv/pyenv-win"), "versions"),
    Manager("UV_PYTHON_INSTALL_DIR", (".local/share/uv/python", "AppData/Roaming/uv/python")),
    Manager("MISE_DATA_DIR", (".local/share/mise", "AppData/Local/mise"), "installs/python"),
    Manager("ASDF_DATA_DIR", (".asdf",), "installs/python"),
    Manager(
        "HATCH_DATA_DIR",
        (".local/share/hatch", "Library/Application Support/hatch", "AppData/Local/hatch"),
        "pythons",
        ("python/bin/python3", "python/python.exe", "pypy*/bin/pypy", "pypy*/pypy.exe"),
    ),
)
#: Where data of programs lies below HOME unless XDG_DATA_HOME says so.
SHARED = ".local/share"
#: Where version managers put programs that only lead to the version which is active.
SHIMS = "shims"
#: Where systems put them, should PATH not say so.
SYSTEM = (
    "/usr/local/bin",
    "/usr/bin",
    "/opt/homebrew/bin",
    "/opt/homebrew/opt/python@*/bin",
    "/usr/local/opt/python@*/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/Library/Frameworks/Python.framework/Versions/*/bin",
)
#: Parts of paths whose owner removes what is there on its own, and which owner that is.
PASSING = {"/Cellar/": "Homebrew", "/pipx/venvs/": "pipx", "/pyapp/": "PyApp"}
#: Where installers of Windows tell what they installed (PEP 514), and the company that is none.
REGISTRY = r"Software\Python"
LAUNCHER = "PyLauncher"


class Candidate(NamedTuple):
    """An interpreter as its place tells of it, not yet started."""

    path: str
    implementation: str
    version: Version
    free_threaded: bool = False
    source: str = "external"


def external(host: Host, program: str) -> Iterator[Candidate]:
    """What is on this machine, besides the interpreter that runs us; with ``program``, what is called like that."""
    environ = host.environ
    if program:
        pattern = re.compile(re.escape(program) + r"(?:\.exe)?")
        yield from (Candidate(path, "", ()) for path in on_path(environ, pattern))
        for versions, _ in version_directories(host):
            yield from (Candidate(path, "", ()) for path in matches(versions, "*", "bin", glob_escape(program)))
        return
    yield from (described(path) for path in on_path(environ, PROGRAM))
    yield from managed(host)
    for place in SYSTEM:
        for directory in glob(place):
            yield from (described(path) for path in programs_in(directory, PROGRAM))
    yield from from_registry()


def on_path(environ: Mapping[str, str], pattern: re.Pattern[str]) -> Iterator[str]:
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        if directory and os.path.basename(directory) != SHIMS:
            yield from programs_in(directory, pattern)


def programs_in(directory: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """The programs of a directory; what leads to a shim is none, nor what is empty, as stubs of Windows are."""
    try:
        names = sorted(os.listdir(directory), reverse=True)
    except OSError:
        return
    for name in names:
        path = os.path.join(directory, name)
        if not pattern.fullmatch(name) or not os.access(path, os.X_OK) or os.path.isdir(path):
            continue
        if os.path.basename(os.path.dirname(os.path.realpath(path))) != SHIMS and os.path.getsize(path):
            yield path


def described(path: str) -> Candidate:
    """What the name of a program tells, or that of the file behind it."""
    tells = Candidate(path, "", ())
    for name in (os.path.basename(path), os.path.basename(os.path.realpath(path))):
        found = PROGRAM.fullmatch(name)
        if found is not None and len(tells.version) < 2:
            implementation = "pypy" if found["implementation"] == "pypy" else "cpython"
            tells = Candidate(path, implementation, version_of(found["version"] or ""), bool(found["threads"]))
    return tells


def managed(host: Host) -> Iterator[Candidate]:
    """What version managers installed, active or not, the highest version of each first."""
    for versions, program in version_directories(host):
        found = (installed(path, os.path.relpath(path, versions)) for path in matches(versions, "*", program))
        yield from sorted((one for one in found if one), key=lambda one: one.version, reverse=True)


def matches(directory: str, *parts: str) -> list[str]:
    return sorted(glob(os.path.join(glob_escape(directory), *parts)))


def version_directories(host: Host) -> Iterator[tuple[str, str]]:
    """Directories that hold one directory for each version, and the program in that.

    A directory of shims on PATH gives its manager away wherever that lies.
    """
    for manager in MANAGED:
        said = host.environ.get(manager.variable)
        for place in (said,) if said else (usual_place(one, host) for one in manager.usual):
            yield from ((os.path.join(place, manager.below), program) for program in manager.programs)
    for directory in host.environ.get("PATH", "").split(os.pathsep):
        root, name = os.path.split(directory)
        if name == SHIMS:
            for below in dict.fromkeys(one.below for one in MANAGED if one.below):
                yield os.path.join(root, below), "bin/python"


def usual_place(place: str, host: Host) -> str:
    shared = host.environ.get("XDG_DATA_HOME")
    if shared and place.startswith(SHARED):
        return os.path.join(shared, os.path.relpath(place, SHARED))
    return os.path.join(host.home, place)


def installed(path: str, below: str) -> Candidate | None:
    found = VERSION_DIRECTORY.match(below)
    if found is None or DEBUG in below:
        return None
    implementation = "pypy" if found["implementation"] == "pypy" else "cpython"
    return Candidate(path, implementation, version_of(found["version"]), bool(found["threads"]))


def passing(path: str) -> str:
    """Why an interpreter may be gone tomorrow, or nothing."""
    owners = (owner for part, owner in PASSING.items() if part in path.replace(os.sep, "/"))
    return next((f"{owner} may remove it at any time" for owner in owners), "")


def from_registry() -> Iterator[Candidate]:
    if os.name == "nt":
        from importlib import import_module

        yield from registered(import_module("winreg"))


def registered(registry: Any) -> Iterator[Candidate]:
    """What installers of Windows wrote down; ``registry`` is the module that reads it."""
    for root, more in (
        (registry.HKEY_CURRENT_USER, 0),
        (registry.HKEY_LOCAL_MACHINE, registry.KEY_WOW64_64KEY),
        (registry.HKEY_LOCAL_MACHINE, registry.KEY_WOW64_32KEY),
    ):
        for company in keys_in(registry, root, REGISTRY, more):
            for tag in () if company == LAUNCHER else keys_in(registry, root, rf"{REGISTRY}\{company}", more):
                key = rf"{REGISTRY}\{company}\{tag}"
                path = value_of(registry, root, rf"{key}\InstallPath", "ExecutablePath", more)
                if path:
                    version = value_of(registry, root, key, "SysVersion", more)
                    implementation = "pypy" if "pypy" in company.lower() else "cpython"
                    known = version_of(version) if re.fullmatch(r"\d+(\.\d+)+", version) else ()
                    yield Candidate(path, implementation, known, bool(re.fullmatch(r"[\d.]+t(-.*)?", tag)))


def keys_in(registry: Any, root: Any, name: str, more: int) -> Iterator[str]:
    try:
        with registry.OpenKeyEx(root, name, 0, registry.KEY_READ | more) as key:
            yield from [registry.EnumKey(key, number) for number in range(registry.QueryInfoKey(key)[0])]
    except OSError:
        return


def value_of(registry: Any, root: Any, name: str, value: str, more: int) -> str:
    try:
        with registry.OpenKeyEx(root, name, 0, registry.KEY_READ | more) as key:
            return str(registry.QueryValueEx(key, value)[0])
    except OSError:
        return ""


def data_directory(host: Host) -> str:
    """Where programs keep data of a person."""
    usual = {"windows": host.environ.get("LOCALAPPDATA") or "AppData/Local", "macos": "Library/Application Support"}
    place = host.environ.get("XDG_DATA_HOME") or usual.get(host.platform, SHARED)
    return os.path.join(host.home, place, "envtasks")


def cache_directory(host: Host) -> str:
    """Where programs keep what they can find out again."""
    usual = {"windows": host.environ.get("LOCALAPPDATA") or "AppData/Local", "macos": "Library/Caches"}
    place = host.environ.get("XDG_CACHE_HOME") or usual.get(host.platform, ".cache")
    return os.path.join(host.home, place, "envtasks")
