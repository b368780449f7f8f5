"""What can be said of a declaration without knowing which environments it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envtasks.declare.declarations import Declaration
from envtasks.declared import Script, Texts
from envtasks.errors import FillError, Key, Mistakes, ScriptError, nearest
from envtasks.model import Environment, Metadata
from envtasks.names import normalized
from envtasks.option_table import (
    DEFAULT_SCRIPT,
    DEPENDENCIES,
    DEPENDENCY_GROUPS,
    EXTRA_DEPENDENCIES,
    FEATURES,
    OVERRIDES,
    PYTHON_SOURCES,
    SCRIPTS,
    TABLE,
    Option,
)
from envtasks.requirements import REQUIREMENT_HINT, requirement_error
from envtasks.resolve import formatting
from envtasks.resolve.scripts import Expansion


def check_declaration(declaration: Declaration, metadata: Metadata, mistakes: Mistakes) -> None:
    """What is wrong whatever host and matrix are."""
    for option, text, where, arguments in written(declaration):
        if option.filled:
            check_placeholders(text, where, arguments, mistakes)
        if option in (DEPENDENCIES, EXTRA_DEPENDENCIES) and "{" not in text:
            check_requirement(text, where, mistakes)
        elif option in (FEATURES, DEPENDENCY_GROUPS):
            reason, hint = unknown_part(option, text, metadata)
            if reason:
                mistakes.add(reason, where, hint)
        elif option is PYTHON_SOURCES and text not in PYTHON_SOURCES.default:
            mistakes.unknown("source of Pythons", text, PYTHON_SOURCES.default, where)


def written(declaration: Declaration) -> Iterator[tuple[Option[Any], str, Key, Texts]]:
    """Every text of every option, those in overrides included, with where it stands, and the arguments it may name."""
    for name, value in declaration.options.items():
        if name != OVERRIDES.name:
            yield from ((TABLE[name], *found) for found in texts_of(value, declaration.keys[name]))
            continue
        for override in value:
            for choice in override.choices:
                for text, _, arguments in texts_of(choice.value, override.where):
                    yield TABLE[override.option], text, override.where, arguments


def texts_of(value: Any, key: Key, arguments: Texts = ()) -> Iterator[tuple[str, Key, Texts]]:
    """Every text of a value, with where it stands, and the names of the arguments that its script declares."""
    if isinstance(value, str):
        yield value, key, arguments
    elif isinstance(value, Script):
        run = key if value == Script(commands=value.commands) else key.child("run")
        names = tuple(one.name for one in value.args)
        yield from texts_of(value.commands[0] if len(value.commands) == 1 else value.commands, run, names)
        yield from texts_of(value.env_vars, key.child("env-vars"), names)
        yield value.cwd, key.child("cwd"), names
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from texts_of(item, key.child(name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            if isinstance(item, str):
                yield item, key.child(index), arguments
            elif isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], str):
                yield item[1], key.child(item[0]), arguments


def check_placeholders(text: str, where: Key, arguments: Texts, mistakes: Mistakes) -> None:
    """``arguments`` are the names that `{arg:NAME}` may have here."""
    try:
        formatting.check(text)
    except FillError as error:
        mistakes.add(error.message, where, error.hint)
        return
    for field in formatting.fields(text) if "{arg:" in text else ():
        if field.name == "arg" and "{" not in field.modifier and field.modifier not in arguments:
            reason, hint = formatting.no_argument(field.modifier, arguments)
            mistakes.add(reason, where, hint)


def check_requirement(text: str, where: Key, mistakes: Mistakes) -> None:
    reason = requirement_error(text)
    if reason:
        mistakes.add(f"not a requirement: {reason}", where, REQUIREMENT_HINT)


def unknown_part(option: Option[Texts], name: str, metadata: Metadata) -> tuple[str, str]:
    """Why the project has no feature or dependency group of that name, and what to do; empty where it has."""
    known: Iterable[str] | None = metadata.features if option is FEATURES else metadata.groups
    what = "feature" if option is FEATURES else "dependency group"
    if not name:
        return f"the name of a {what} cannot be empty", ""
    if known is None or normalized(name) in known:
        return "", ""
    hint = nearest(normalized(name), tuple(known)) or f"the project has: {', '.join(known) or 'none'}"
    return f"the project has no {what} '{name}'", hint


def check_scripts(environments: Iterable[Environment], mistakes: Mistakes) -> None:
    """Circles and impossible chains, each once, at the first of the declarations that make it."""
    seen: set[int] = set()
    told: set[frozenset[Key]] = set()
    for environment in environments:
        scripts = environment[SCRIPTS]
        wanted = environment[DEFAULT_SCRIPT]
        if wanted is not None and wanted not in scripts:
            hint = f"'{environment.name}' has: {', '.join(scripts)}" if scripts else "there are no scripts here; add it"
            where = environment.origin(DEFAULT_SCRIPT)
            mistakes.add(f"unknown script '{wanted}'", where, nearest(wanted, tuple(scripts)) or hint)
        if id(scripts) in seen:
            continue
        seen.add(id(scripts))
        expansion = Expansion(scripts)
        for name in scripts:
            try:
                expansion.of_script(name)
            except ScriptError as error:
                places = [environment.origin_of_script(one) for one in error.scripts]
                if frozenset(places) not in told:
                    told.add(frozenset(places))
                    mistakes.add(error.message, places[0], error.hint)
