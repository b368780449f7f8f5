"""Reading the world that a project is in: its files, the variables, the current directory and the platform."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping

from envtasks.cli.flags import PREFIX
from envtasks.declare.declarations import Declarations, Written
from envtasks.declare.project import find_project, project_of, read_project
from envtasks.errors import RequestError
from envtasks.model import Host, Project
from envtasks.option_table import DEPENDENCIES, DEPENDENCY_GROUPS, FEATURES, INSTALLER, NONE, TYPE
from envtasks.resolve.project import resolve
from envtasks.tuples import NamedTuple

PLATFORMS = {"darwin": "macos", "win32": "windows", "cygwin": "windows"}
#: Variables of Hatch that are honoured where its tables are read and our own variable is not set.
HATCH_VARIABLES = ("PYTHON", "BUILD_LOCATION", "ENV_TYPE_VIRTUAL_PATH", "ENV_TYPE_VIRTUAL_UV_PATH")
#: How names of such variables begin that go on with the name of a Python or of a variant, and how ours do.
HATCH_FAMILIES = {
    "HATCH_PYTHON_SOURCE_": f"{PREFIX}PYTHON_SOURCE_",
    "HATCH_PYTHON_CUSTOM_SOURCE_": f"{PREFIX}PYTHON_SOURCE_",
    "HATCH_PYTHON_VARIANT_": f"{PREFIX}PYTHON_VARIANT_",
}


class World(NamedTuple):
    """A project and the host it is on."""

    declarations: Declarations
    project: Project
    host: Host


def look(flags: Namespace) -> World:
    """Find, read and resolve the project that the flags mean.

    Raises RequestError where there is none and InvalidDeclarations for everything wrong with it.
    """
    start = absolute(flags.directory or ".")
    if not os.path.isdir(start):
        raise RequestError(f"no such directory: '{flags.directory}'")
    files = project_of(os.path.join(start, flags.file)) if flags.file else find_project(start)
    declarations = read_project(files, written(files.envfile))
    if flags.verbose > flags.quiet:
        for note in declarations.notes:
            print(f"note: {note}", file=sys.stderr)
    environ = environment(flags, declarations)
    host = Host(
        root=files.root,
        home=os.path.expanduser("~"),
        platform=platform(environ),
        environ=environ,
        verbosity=flags.verbose - flags.quiet,
    )
    return World(declarations, with_backends(resolve(declarations, host), flags), host)


def with_backends(project: Project, flags: Namespace) -> Project:
    """The project with what the flags of nox say about backends."""
    forced, usual = backend(flags, "force_venv_backend"), backend(flags, "default_venv_backend")
    if forced.get(TYPE.name) == NONE:
        return without_environments(project, project.environments)
    if not forced and usual.get(TYPE.name) == NONE:
        silent = (one for one in project.environments.values() if INSTALLER.name not in one.values)
        return without_environments(project, [one.name for one in silent if one[TYPE] == TYPE.default])
    installer = usual.get(INSTALLER.name, project.settings.installer)
    return project._replace(settings=project.settings._replace(installer=installer))


def backend(flags: Namespace, name: str) -> Mapping[str, str]:
    """The options that a flag stands for which names a backend as nox does; RequestError for an unknown one."""
    value = getattr(flags, name)
    if not value:
        return {}
    from envtasks.declare.nox_words import BACKENDS, alternatives

    known = alternatives(value)
    if not known:
        raise RequestError(f"no environments are made with '{value}'", hint=f"known are: {', '.join(BACKENDS)}")
    return known[0] if len(known) == 1 else {}


def without_environments(project: Project, names: Iterable[str]) -> Project:
    """The project with environments of these names that are what surrounds them, which has what they would install."""
    environments = dict(project.environments)
    for name in names:
        one = environments[name]
        gone = (DEPENDENCIES.name, DEPENDENCY_GROUPS.name, FEATURES.name)
        values = {option: value for option, value in one.values.items() if option not in gone}
        environments[name] = one.with_values({**values, TYPE.name: NONE})
    return project._replace(environments=environments)


def written(envfile: str) -> Written | None:
    """What the envfile wrote; the second front door is loaded only where somebody comes through it."""
    if not envfile or not os.path.exists(envfile):
        return None
    from envtasks.declare.envfile import load

    return load(envfile)


def absolute(path: str) -> str:
    return path if os.path.isabs(path) else os.path.normpath(os.path.join(current_directory(), path))


def current_directory() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise RequestError(f"the current directory is not there: {error.strerror}") from None


def environment(flags: Namespace, declarations: Declarations) -> Mapping[str, str]:
    environ = dict(os.environ)
    if declarations.hatch:
        for name in HATCH_VARIABLES:
            if f"HATCH_{name}" in environ:
                environ.setdefault(PREFIX + name, environ[f"HATCH_{name}"])
        for theirs in [name for name in environ if name.startswith("HATCH_PYTHON_")]:
            for family, ours in HATCH_FAMILIES.items():
                if theirs.startswith(family):
                    environ.setdefault(ours + theirs.removeprefix(family), environ[theirs])
    if flags.env_dir and flags.env_dir != environ.get(f"{PREFIX}ENV_DIR"):
        environ[f"{PREFIX}ENV_DIR"] = absolute(flags.env_dir)
    forced = backend(flags, "force_venv_backend").get(INSTALLER.name)
    if forced:
        environ[f"{PREFIX}INSTALLER"] = forced
    return environ


def platform(environ: Mapping[str, str]) -> str:
    """`linux`, `macos`, `windows`, or what Python calls anything else."""
    return environ.get("ENVTASKS_PLATFORM_OVERRIDE") or PLATFORMS.get(sys.platform, sys.platform)
