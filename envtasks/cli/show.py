"""`envtasks env show`: the resolved environments."""

from __future__ import annotations

import os
import sys

from envtasks.cli.command import Invocation
from envtasks.cli.printing import print_json
from envtasks.cli.world import World, current_directory, look
from envtasks.errors import InvalidDeclarations
from envtasks.model import Project
from envtasks.report.document import environments_document
from envtasks.resolve.reserved import build_environment
from envtasks.resolve.selection import no_environment


def main(invocation: Invocation) -> int:
    flags = invocation.flags
    world = with_build_environment(look(flags), invocation.operands)
    names = named(invocation.operands, world.project) if invocation.operands else list(world.project.environments)
    if flags.why:
        return show_why(names, world, as_json=flags.json)
    document = environments_document(world.project, world.host, names)
    if flags.json:
        add_origins(document["environments"], world) if flags.origin else None
        print_json(document)
    elif flags.origin:
        show_origins(document["environments"], world)
    else:
        from envtasks.report.environments import ASCII, BOXES, environments_text

        lines = ASCII if flags.ascii or not draws_boxes() else BOXES
        columns = world.host.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdecimal() and int(columns) else terminal_width()
        sys.stdout.write(environments_text(document["environments"], width, lines))
    return 1 if any(environment["error"] for environment in document["environments"]) else 0


def show_why(names: list[str], world: World, *, as_json: bool) -> int:
    """What the next run would do to these environments; 1 where one of them cannot be filled."""
    from envtasks.cli.performing import print_why
    from envtasks.plan.planning import recipes_of
    from envtasks.report.problems import problem_text

    recipes, mistakes = recipes_of(names, world.project, world.host)
    print_why(recipes, as_json=as_json)
    if mistakes:
        print(problem_text(InvalidDeclarations(mistakes), current_directory()), file=sys.stderr)
    return 1 if mistakes else 0


def with_build_environment(world: World, operands: tuple[str, ...]) -> World:
    """The world, with the environment that the project is built in where it is asked for and nobody declared it."""
    one = build_environment(world.project)
    if one.name not in operands:
        return world
    environments = {**world.project.environments, one.name: one}
    return world._replace(project=world.project._replace(environments=environments))


def show_origins(documents: list[dict[str, object]], world: World) -> None:
    from envtasks.report.origins import origins_text

    texts = (origins_text(world.project.environments[str(one["name"])], one, current_directory()) for one in documents)
    sys.stdout.write("\n".join(texts))


def add_origins(documents: list[dict[str, object]], world: World) -> None:
    from envtasks.report.origins import origins_document

    for one in documents:
        one["origins"] = origins_document(world.project.environments[str(one["name"])], current_directory())


def named(operands: tuple[str, ...], project: Project) -> list[str]:
    """The environments of these names, those of a matrix for its root."""
    names: dict[str, None] = {}
    for operand in operands:
        if operand not in project.environments and operand not in project.roots:
            raise no_environment(operand, project)
        names.update(dict.fromkeys(project.roots.get(operand, (operand,))))
    return list(names)


def draws_boxes() -> bool:
    """Whether stdout can show the characters of tables."""
    from envtasks.report.environments import BOXES

    try:
        "".join(BOXES).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return 100
