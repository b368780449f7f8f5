"""From the words a person typed to sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from envtasks.declared import Texts
from envtasks.errors import NoDefaultScript, RequestError, nearest
from envtasks.model import Environment, Project, SessionRef
from envtasks.option_table import DEFAULT, DEFAULT_SCRIPT, SCRIPTS, TEMPLATE
from envtasks.resolve.reserved import build_environment, build_environment_name
from envtasks.resolve.spellings import is_spelled, spellings

#: The script that an environment runs by default when nothing else says which.
CUSTOMARY = "run"


def all_sessions(project: Project) -> Iterator[SessionRef]:
    """Every session of the project, in declaration order."""
    for environment in project.environments.values():
        default = default_script(environment)
        for name in environment[SCRIPTS]:
            yield SessionRef(environment, name, name == default)


def default_script(environment: Environment) -> str | None:
    """The script that runs when the environment alone is named, or None."""
    scripts = environment[SCRIPTS]
    for name in (environment[DEFAULT_SCRIPT], environment.family, CUSTOMARY):
        if name is not None and name in scripts:
            return name
    return next(iter(scripts)) if len(scripts) == 1 else None


def default_sessions(project: Project) -> tuple[SessionRef, ...]:
    """What a bare `envtasks` runs."""
    if project.settings.sessions is not None:
        return select(project.settings.sessions, project)
    return tuple(session for session in all_sessions(project) if session.default and session.environment[DEFAULT])


def select(names: Iterable[str], project: Project) -> tuple[SessionRef, ...]:
    """The sessions that the names stand for, each once, in the order of the names; RequestError for a name unknown."""
    found: dict[str, SessionRef] = {}
    for name in without_aliases(names, project.settings.aliases):
        for session in sessions_of(name, project):
            found.setdefault(session.id, session)
    return tuple(found.values())


def without_aliases(names: Iterable[str], aliases: Mapping[str, Texts]) -> Iterator[str]:
    """The names with aliases replaced by what they stand for, each alias once."""
    seen: set[str] = set()
    above: dict[str | None, Iterator[str]] = {None: iter(names)}
    while above:
        current = next(reversed(above))
        name = next(above[current], None)
        if name is None:
            del above[current]
        elif name in above:
            path = tuple(one for one in above if one is not None)
            raise RequestError(f"aliases go in a circle: {' -> '.join((*path[path.index(name) :], name))}")
        elif name not in aliases:
            yield name
        elif name not in seen:
            seen.add(name)
            above[name] = iter(aliases[name])


def sessions_of(name: str, project: Project) -> Iterator[SessionRef]:
    """The sessions of one name; of the environments that match a pattern, those that have a default script."""
    environments = environments_of(name, project)
    if name in project.roots and not environments:
        raise no_environment(name, project)
    if is_pattern(name, project):
        environments = tuple(one for one in environments if default_script(one) is not None)
    if environments:
        yield from (default_session(environment) for environment in environments)
        return
    where, script = split_name(name, TEMPLATE.default, project)
    environments = environments_of(where, project)
    having = [environment for environment in environments if script in environment[SCRIPTS]]
    if not having:
        spelled = [session for session in all_sessions(project) if is_spelled(session, name)]
        if not spelled:
            raise unknown(name, where, script, project)
        yield from spelled
        return
    yield from (SessionRef(one, script, script == default_script(one)) for one in having)


def split_name(name: str, usual: str, project: Project) -> tuple[str, str]:
    """The name of an environment and what to do there, a script or something else; ``usual`` where none is named.

    Either of them may hold colons: of the ways to read `ENV:SCRIPT`, that counts which leads to a script.
    """
    parts = name.split(":")
    ways = [(":".join(parts[:cut]), ":".join(parts[cut:])) for cut in range(len(parts) - 1, 0, -1)]
    for where, script in (*ways, (usual, name)):
        if any(script in environment[SCRIPTS] for environment in environments_of(where, project)):
            return where, script
    existing = (way for way in ways if environments_of(way[0], project))
    return next(existing, ways[0] if ways else (usual, name))


def environments_of(name: str, project: Project) -> tuple[Environment, ...]:
    """The environment of that name, or those that a matrix generated from it, or that match it as a pattern, or none.

    That in which the project is built has a name also where nobody declared it.
    """
    if name in project.roots:
        return tuple(project.environments[one] for one in project.roots[name])
    if is_pattern(name, project):
        from fnmatch import fnmatchcase

        return tuple(one for one in project.environments.values() if fnmatchcase(one.name, name))
    if name in project.environments:
        return (project.environments[name],)
    return (build_environment(project),) if name == build_environment_name(project) else ()


def is_pattern(name: str, project: Project) -> bool:
    """Whether a name stands for all environments that it matches, with `*`, `?` and `[...]`, and for none itself."""
    return name not in project.roots and name not in project.environments and any(char in name for char in "*?[")


def default_session(environment: Environment) -> SessionRef:
    script = default_script(environment)
    if script is None:
        names = ", ".join(f"{environment.family}:{name}" for name in environment[SCRIPTS])
        raise NoDefaultScript(
            f"'{environment.name}' does not say which script runs by default",
            hint=f"choose one: {names}" if names else "it has no scripts; add one to its 'scripts'",
        )
    return SessionRef(environment, script, default=True)


def unknown(name: str, where: str, script: str, project: Project) -> RequestError:
    environments = environments_of(where, project) if ":" in name else ()
    scripts = tuple(dict.fromkeys(script for environment in environments for script in environment[SCRIPTS]))
    if scripts:
        hint = nearest(script, scripts) or f"'{where}' has: {', '.join(scripts)}"
        return RequestError(f"'{where}' has no script '{script}'", hint=hint)
    return RequestError(f"unknown session '{name}'", hint=near(name, project))


#: More names than this are not listed in a hint.
MOST_NAMED = 6


def near(name: str, project: Project) -> str:
    """What may have been meant: names that begin alike, else the nearest one, in our words or in those of nox."""
    known = dict.fromkeys((*project.settings.aliases, *project.roots, *project.environments))
    for session in all_sessions(project):
        known.update(dict.fromkeys((session.family, *spellings(session))))
    known.update((script, None) for one in environments_of(TEMPLATE.default, project) for script in one[SCRIPTS])
    family = re.match(r"[^.(-]*[.-]?", name)
    for beginning in (name, family[0] if family else ""):
        alike = [one for one in known if len(beginning) > 1 and one.startswith(beginning) and ":" not in one]
        if 1 < len(alike) <= MOST_NAMED or (alike and beginning == name):
            more = ", ..." if len(alike) > MOST_NAMED else ""
            return f"there are: {', '.join(alike[:MOST_NAMED])}{more}"
    return nearest(name, tuple(known)) or "`envtasks --list` shows them; arguments stand behind `--`"


def no_environment(name: str, project: Project) -> RequestError:
    """That no environment has this name."""
    if name in project.roots:
        return RequestError(f"the matrix of '{name}' is empty", hint="give it a table of variables")
    hint = nearest(name, (*project.roots, *project.environments))
    return RequestError(f"unknown environment '{name}'", hint=hint)
