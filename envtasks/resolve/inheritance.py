"""What each environment has once its template handed on what it did not say itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from envtasks.declare.declarations import Declaration
from envtasks.errors import Key, Mistakes, nearest
from envtasks.options import DETACHED, SCRIPTS, TABLE, TEMPLATE, TYPE


class Inherited(NamedTuple):
    """The options of a declared environment, by name, and where each was declared."""

    values: Mapping[str, Any]
    keys: Mapping[str, Key]


def inherit(declarations: Mapping[str, Declaration], mistakes: Mistakes) -> dict[str, Inherited]:
    """Every declared environment with what it inherits; mistakes for unknown templates and cycles."""
    done: dict[str, Inherited] = {}
    for name in declarations:
        resolve_chain(name, declarations, done, mistakes)
    return {name: done[name] for name in declarations}


def resolve_chain(
    name: str, declarations: Mapping[str, Declaration], done: dict[str, Inherited], mistakes: Mistakes
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


def merge(declaration: Declaration, parent: Inherited | None) -> Inherited:
    own = dict(declaration.options)
    keys = dict(declaration.keys)
    if parent is not None:
        for name, value in parent.values.items():
            if not TABLE[name].inherited:
                continue
            if name == SCRIPTS.name and name in own:
                own[name] = {**own[name], **{k: v for k, v in value.items() if k not in own[name]}}
            elif name not in own:
                own[name] = value
                keys[name] = parent.keys[name]
    own.setdefault(TYPE.name, TYPE.default)
    keys.setdefault(TYPE.name, declaration.where)
    return Inherited(own, keys)
