"""A plan as text."""

from __future__ import annotations

from collections.abc import Iterator

from envtasks.planned import Plan, Work
from envtasks.process import shell_text


def plan_text(plan: Plan) -> str:
    """The sessions in order, each with its environment and every command that it would run."""
    lines = [f"note: {note}" for note in plan.notes]
    for work in plan.sessions:
        lines += session_lines(work)
    return "".join(f"{line}\n" for line in lines)


def session_lines(work: Work) -> Iterator[str]:
    yield work.name
    yield f"  environment {work.recipe.name} in {work.recipe.directory}"
    if work.recipe.python:
        yield f"  python      {work.recipe.python}"
    if work.after:
        yield f"  requires    {', '.join(work.after)}"
    if work.unsupported:
        yield f"  skipped     {work.unsupported}"
    function = work.ref.script.function if work.steps is None else None
    if function is not None:
        yield f"  call        {function}" + (f" with {shell_text(work.arguments)}" if work.arguments else "")
    for step in work.steps or ():
        where = f"  (in {step.cwd})" if step.cwd else ""
        given = "".join(f"  (with {name}={value})" for name, value in step.env_vars)
        yield f"  {'run, ignore' if step.ignore_exit_code else 'run        '} {step.run}{where}{given}"
