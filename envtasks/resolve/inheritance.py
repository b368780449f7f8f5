"""What each environment has once its template handed on what it did not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.declare.declarations import Declaration
from envtasks.errors import Key, Mistakes, nearest
from envtasks.option_table import DETACHED, SCRIPTS, TABLE, TEMPLATE, TYPE
from envtasks.tuples import NamedTuple


class Said(NamedTuple):
    """What is said of an environment: options by name, for each the places that had a say in it, and that of each script."""

    values: Mapping[str, Any]
    origins: Mapping[str, tuple[Key, ...]]
    script_places: Mapping[str, Key]


def inherit(declarations: Mapping[str, Declaration], mistakes: Mistakes) -> dict[str, Said]:
    """Every declared environment with what it inherits; mistakes for unknown templates and cycles."""
    done: dict[str, Said] = {}
    for name in declarations:
        resolve_chain(name, declarations, done, mistakes)
    return {name: done[name] for name in declarations}


def resolve_chain(
    name: str, declarations: Mapping[str, Declaration], done: dict[str, Said], mistakes: Mistakes
) -> None:
    chain: list[str] = []
    while name not in done:
        if name in chain:
            report_cycle([*chain[chain.index(name) :], name], declarations, mistakes)
            break
        chain.append(name)
        parent = template_of(declarations[name])
        if parent is None:
            break
        if parent not in declarations:
            where = declarations[name].keys.get(TEMPLATE.name, declarations[name].where.child(TEMPLATE.name))
            mistakes.add(f"unknown environment '{parent}' as template", where, nearest(parent, tuple(declarations)))
            break
        name = parent
    for child in reversed(chain):
        above = template_of(declarations[child])
        done[child] = merge(declarations[child], done.get(above) if above else None)


def template_of(declaration: Declaration) -> str | None:
    """The name of the environment that this one inherits from, or None."""
    if declaration.options.get(DETACHED.name):
        return None
    template: str = declaration.options.get(TEMPLATE.name, TEMPLATE.default)
    return None if template == declaration.name else template


def report_cycle(names: list[str], declarations: Mapping[str, Declaration], mistakes: Mistakes) -> None:
    where = declarations[names[-2]]
    mistakes.add(
        f"templates go in a circle: {' -> '.join(names)}",
        where.keys.get(TEMPLATE.name, where.where.child(TEMPLATE.name)),
        f"let one of them inherit nothing: template = \"{names[0]}\" in '{names[0]}'",
    )


def merge(declaration: Declaration, parent: Said | None) -> Said:
    own = dict(declaration.options)
    places = places_of_scripts(declaration)
    origins: dict[str, tuple[Key, ...]] = {name: (key,) for name, key in declaration.keys.items()}
    if parent is not None:
        places = {**parent.script_places, **places} if places else parent.script_places
        for name, value in parent.values.items():
            if not TABLE[name].inherited:
                continue
            if name == SCRIPTS.name and name in own:
                own[name] = {**own[name], **{k: v for k, v in value.items() if k not in own[name]}}
                origins[name] = (*parent.origins[name], *origins[name])
            elif name not in own:
                own[name] = value
                if name in parent.origins:
                    origins[name] = parent.origins[name]
    own.setdefault(TYPE.name, TYPE.default)
    return Said(own, origins, places)


def places_of_scripts(declaration: Declaration) -> Mapping[str, Key]:
    """Where each script of a declaration stands: that of a function is where it is defined."""
    return {
        name: Key(script.function.file, (script.function.name,), script.function.line)
        if script.function
        else declaration.keys[SCRIPTS.name].child(name)
        for name, script in declaration.options.get(SCRIPTS.name, {}).items()
    }
