"""`envtasks env show`: the resolved environments."""

from __future__ import annotations

import os
import sys

from envtasks.cli.main import Invocation
from envtasks.cli.printing import print_json
from envtasks.cli.world import look
from envtasks.errors import RequestError, nearest
from envtasks.model import Project
from envtasks.report.document import environments_document


def main(invocation: Invocation) -> int:
    world = look(invocation.flags)
    names = named(invocation.operands, world.project) if invocation.operands else None
    document = environments_document(world.project, world.host, names)
    if invocation.flags.json:
        print_json(document)
    else:
        from envtasks.report.environments import environments_text

        columns = int(world.host.environ.get("COLUMNS") or 0) or terminal_width()
        sys.stdout.write(environments_text(document["environments"], columns))
    return 1 if any(environment["error"] for environment in document["environments"]) else 0


def named(operands: tuple[str, ...], project: Project) -> list[str]:
    """The environments of these names, those of a matrix for its root."""
    names: dict[str, None] = {}
    for operand in operands:
        if operand not in project.environments and operand not in project.roots:
            known = (*project.roots, *project.environments)
            raise RequestError(f"unknown environment '{operand}'", hint=nearest(operand, known))
        names.update(dict.fromkeys(project.roots.get(operand, (operand,))))
    return list(names)


def terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return 100
