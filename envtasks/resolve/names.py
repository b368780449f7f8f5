"""Whether the names that declarations give to sessions stand for any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envtasks.declared import Texts
from envtasks.errors import Key, Mistakes, NoDefaultScript, RequestError
from envtasks.model import Environment, Project
from envtasks.option_table import REQUIRES, SCRIPTS, TEMPLATE
from envtasks.resolve.selection import sessions_of, split_name, without_aliases
from envtasks.resolve.spellings import name_for


def check_names(project: Project, keys: Mapping[str, Key], mistakes: Mistakes) -> None:
    """Tell what `sessions`, `aliases` and the `requires` of scripts name in vain; ``keys`` are those of the settings.

    What is itself mistaken is not told once more where it is named, and whether a matrix is empty may depend on the
    host.
    """
    mistaken = {key for mistake in mistakes.found for key in mistake.where.keys}
    errors: dict[str, RequestError | None] = {}
    for name, where in (*named_in_settings(project, keys), *named_in_requires(project, mistakes)):
        if name in project.settings.aliases:
            continue
        if name not in errors:
            errors[name] = error_of(name, project)
        error = errors[name]
        if error is not None and not mistaken & {name, *split_name(name, TEMPLATE.default, project)}:
            mistakes.add(error.message, where, error.hint)
    check_aliases(project, keys, mistakes)


def named_in_settings(project: Project, keys: Mapping[str, Key]) -> Iterator[tuple[str, Key]]:
    for index, name in enumerate(project.settings.sessions or ()):
        yield name, keys["sessions"].child(index)
    for alias, names in project.settings.aliases.items():
        for index, name in enumerate(names):
            yield name, keys["aliases"].child(alias, index)


def required_names(project: Project) -> Iterator[tuple[str, Environment, Key]]:
    """Once for each set of scripts that environments share, and for each environment where it is part of a name."""
    seen: set[int] = set()
    for environment in project.environments.values():
        scripts = environment[SCRIPTS]
        own: Texts = environment[REQUIRES]
        for index, name in enumerate(own):
            yield name, environment, environment.origin(REQUIRES).child(index)
        for title, script in scripts.items():
            for index, name in enumerate(script.requires):
                if "{" in name or id(scripts) not in seen:
                    yield name, environment, environment.origin_of_script(title).child("requires", index)
        seen.add(id(scripts))


def named_in_requires(project: Project, mistakes: Mistakes) -> Iterator[tuple[str, Key]]:
    """The names that are left once those with variables in them are filled."""
    for name, environment, where in required_names(project):
        try:
            yield name_for(environment, name), where
        except RequestError as error:
            mistakes.add(error.message, where, error.hint)


def error_of(name: str, project: Project) -> RequestError | None:
    where = name if name in project.roots else split_name(name, TEMPLATE.default, project)[0]
    if project.roots.get(where) == ():
        return None
    try:
        for _ in sessions_of(name, project):
            pass
    except NoDefaultScript:
        # It matters when it is run, and a listing is where one looks which scripts there are.
        return None
    except RequestError as error:
        return error
    return None


def check_aliases(project: Project, keys: Mapping[str, Key], mistakes: Mistakes) -> None:
    """Tell of a circle, the first one: all aliases that lead into it would tell of the same."""
    for alias in project.settings.aliases:
        try:
            for _ in without_aliases([alias], project.settings.aliases):
                pass
        except RequestError as error:
            mistakes.add(error.message, keys["aliases"].child(alias), error.hint)
            return
