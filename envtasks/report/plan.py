"""A plan as text."""

from __future__ import annotations

from collections.abc import Iterator

from envtasks.option_table import NONE
from envtasks.planned import Call, Plan, Step, Work
from envtasks.quoting import shell_text


def plan_text(plan: Plan) -> str:
    """The sessions in order, each with its environment and every command that it would run."""
    lines = [f"note: {note}" for note in plan.notes]
    for work in plan.sessions:
        lines += session_lines(work, plan.root)
    return "".join(f"{line}\n" for line in lines)


def session_lines(work: Work, root: str) -> Iterator[str]:
    yield work.name
    where = "is what surrounds it" if work.recipe.type == NONE else f"in {work.recipe.directory}"
    yield f"  environment {work.recipe.name} {where}"
    if work.recipe.python:
        yield f"  python      {work.recipe.python}"
    if work.after:
        yield f"  requires    {', '.join(work.after)}"
    if work.unsupported:
        yield f"  skipped     {work.unsupported}"
    for step in work.steps:
        usual = root if isinstance(step, Call) else ""
        where = f"  (in {step.cwd})" if step.cwd != usual else ""
        given = "".join(f"  (with {name}={value})" for name, value in step.env_vars)
        doing = "call" if isinstance(step, Call) else "run"
        yield f"  {f'{doing}, ignore' if step.ignore_exit_code else doing:<11} {step_text(step)}{where}{given}"


def step_text(step: Step | Call) -> str:
    if isinstance(step, Step):
        return step.run
    return str(step.function) + (f" with {shell_text(step.words)}" if step.words else "")
