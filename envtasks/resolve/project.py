"""`resolve`: the one way from declarations to the model."""

from __future__ import annotations

from collections.abc import Iterator

from envtasks.declare.declarations import Declarations
from envtasks.errors import Mistakes
from envtasks.model import Environment, Host, Metadata, Project
from envtasks.option_table import MATRIX, OVERRIDES, SKIP_INSTALL
from envtasks.resolve import overrides
from envtasks.resolve.checks import check_declaration, check_scripts
from envtasks.resolve.inheritance import Said, inherit
from envtasks.resolve.matrix import finished, generate
from envtasks.resolve.names import check_names
from envtasks.resolve.signatures import check_functions


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
    for name, said in inherit(declarations.environments, mistakes).items():
        made = tuple(environments_of(name, said, declarations, host, mistakes))
        environments.update((environment.name, environment) for environment in made)
        if not made or made[0].root is not None:
            roots[name] = tuple(dict.fromkeys(environment.name for environment in made))
    check_scripts(environments.values(), mistakes)
    check_functions(declarations.environments, environments.values(), mistakes)
    project = Project(
        declarations.metadata, declarations.settings, declarations.doc, environments, roots, declarations.hatch
    )
    check_names(project, declarations.setting_keys, mistakes)
    mistakes.tell()
    return project


def known_parts(declarations: Declarations) -> Metadata:
    """What declarations are checked against.

    Projects that Hatch runs name features they do not have in environments they do not use; there,
    only the environments in use are checked, when they are filled.
    """
    metadata = declarations.metadata
    return metadata._replace(features=None, groups=None) if declarations.hatch else metadata


def environments_of(
    name: str, said: Said, declarations: Declarations, host: Host, mistakes: Mistakes
) -> Iterator[Environment]:
    """One environment, or those of its matrix."""
    where = declarations.environments[name].where
    declared = said.values.get(OVERRIDES.name, ())
    if not declarations.metadata.installable:
        said = said._replace(values={SKIP_INSTALL.name: True, **said.values})
    for source, condition_value in (("platform", overrides.by_platform(host)), ("env", overrides.by_variable(host))):
        ours = tuple(one for one in declared if one.source == source)
        if ours:
            said = overrides.apply(said, ours, condition_value, host)
    if MATRIX.name in said.values:
        yield from generate(name, said, where, host, mistakes)
    else:
        yield finished(name, None, (), where, said)
