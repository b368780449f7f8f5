"""`resolve`: the one way from declarations to the model."""

from __future__ import annotations

from collections.abc import Iterator

from envtasks.declare.declarations import Declarations
from envtasks.errors import Mistakes
from envtasks.model import Environment, Host, Metadata, Project
from envtasks.options import MATRIX, OVERRIDES, SKIP_INSTALL
from envtasks.resolve import overrides
from envtasks.resolve.checks import check_declaration, check_scripts
from envtasks.resolve.inheritance import Inherited, inherit
from envtasks.resolve.matrix import finished, generate


def resolve(declarations: Declarations, host: Host) -> Project:
    """The project for one host.

    Raises InvalidDeclarations with everything that is wrong, what was found while reading included.
    """
    mistakes = Mistakes()
    mistakes.found += declarations.mistakes
    for declaration in declarations.environments.values():
        check_declaration(declaration, known_parts(declarations), mistakes)
    environments: dict[str, Environment] = {}
    roots: dict[str, tuple[str, ...]] = {}
    for name, inherited in inherit(declarations.environments, mistakes).items():
        made = tuple(environments_of(name, inherited, declarations, host, mistakes))
        environments.update((environment.name, environment) for environment in made)
        if MATRIX.name in inherited.values:
            roots[name] = tuple(dict.fromkeys(environment.name for environment in made))
    check_scripts(environments.values(), mistakes)
    mistakes.tell()
    return Project(
        declarations.metadata, declarations.settings, declarations.doc, environments, roots, declarations.hatch
    )


def known_parts(declarations: Declarations) -> Metadata:
    """What declarations are checked against.

    Projects that Hatch runs name features they do not have in environments they do not use; there,
    only the environments in use are checked, when they are filled.
    """
    metadata = declarations.metadata
    return metadata._replace(features=None, groups=None) if declarations.hatch else metadata


def environments_of(
    name: str, inherited: Inherited, declarations: Declarations, host: Host, mistakes: Mistakes
) -> Iterator[Environment]:
    """One environment, or those of its matrix."""
    values = inherited.values
    declared = values.get(OVERRIDES.name, ())
    if not declarations.metadata.installable:
        values = {SKIP_INSTALL.name: True, **values}
    for source, condition_value in (("platform", overrides.by_platform(host)), ("env", overrides.by_variable(host))):
        ours = tuple(one for one in declared if one.source == source)
        if ours:
            values = overrides.apply(values, ours, condition_value, host)
    if MATRIX.name in values:
        yield from generate(name, values, inherited.keys, host, mistakes)
    else:
        yield Environment(name, None, (), finished(values), inherited.keys)
