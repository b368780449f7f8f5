"""The model, the plan and the listing as JSON values: the contract with other programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envtasks.declared import Argument
from envtasks.errors import FillError
from envtasks.model import Environment, Host, Project, SessionRef
from envtasks.option_table import (
    DEPENDENCIES,
    ENV_VARS,
    NONE,
    PATH,
    POST_INSTALL_COMMANDS,
    PRE_INSTALL_COMMANDS,
    PYTHON,
    SCRIPTS,
    TABLE,
    TYPE,
    Option,
)
from envtasks.plan.filling import Filled, fill_environment
from envtasks.planned import Call, Plan, Step, Work
from envtasks.resolve.given import word_of
from envtasks.resolve.signatures import arguments_for
from envtasks.resolve.spellings import spellings

#: Raised when something in these documents is taken away or changes its meaning; additions do not count.
SCHEMA = 1
#: Numbers beyond this are no numbers for every reader of JSON, nor is what is none.
MOST_IN_JSON = 2**53


def environments_document(project: Project, host: Host, names: Iterable[str] | None = None) -> dict[str, Any]:
    chosen = project.environments if names is None else {name: project.environments[name] for name in names}
    return {
        "schema": SCHEMA,
        "environments": [environment_document(environment, project, host) for environment in chosen.values()],
    }


def environment_document(environment: Environment, project: Project, host: Host) -> dict[str, Any]:
    """One environment, filled; `error` says why that is not possible, and the values are then as declared."""
    shown: dict[str, Any] = {
        "name": environment.name,
        "root": environment.root,
        "matrix": dict(environment.variant),
        **{option.name: plain(option, environment) for option in TABLE.values() if not option.consumed},
    }
    try:
        return {**shown, **filled_options(fill_environment(environment, project, host)), "error": None}
    except FillError as error:
        return {**shown, "error": error.message}


def filled_options(filled: Filled) -> dict[str, Any]:
    environment = filled.environment
    return {
        PYTHON.name: filled.python,
        PATH.name: filled.path,
        DEPENDENCIES.name: list(filled.dependencies),
        ENV_VARS.name: dict(filled.env_vars),
        SCRIPTS.name: {
            name: str(script.function) if script.function else texts(filled.script(name, None))
            for name, script in environment[SCRIPTS].items()
        },
        PRE_INSTALL_COMMANDS.name: texts(filled.install_commands(PRE_INSTALL_COMMANDS)),
        POST_INSTALL_COMMANDS.name: texts(filled.install_commands(POST_INSTALL_COMMANDS)),
    }


def texts(steps: Iterable[Step | Call]) -> list[str]:
    return [str(step) for step in steps]


def plain(option: Option[Any], environment: Environment) -> Any:
    """The value of an option as declared, with arrays and tables for tuples, pairs and scripts."""
    value = environment[option]
    if option.kind == "scripts":
        return {name: str(script.function or "") or list(script.commands) for name, script in value.items()}
    if option.kind == "pairs":
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def plan_document(plan: Plan) -> dict[str, Any]:
    return {"schema": SCHEMA, "notes": list(plan.notes), "sessions": [work_document(work) for work in plan.sessions]}


def work_document(work: Work) -> dict[str, Any]:
    return {
        "id": work.id,
        "name": work.name,
        "environment": work.recipe.name,
        "script": work.ref.script_name,
        "python": work.recipe.python,
        "directory": None if work.recipe.type == NONE else work.recipe.directory,
        "requires": list(work.after),
        "skipped": work.unsupported or None,
        "call": str(work.call.function) if work.call else None,
        "arguments": list(work.arguments),
        "commands": [] if work.call else [step_document(step) for step in work.steps],
    }


def step_document(step: Step | Call) -> dict[str, Any]:
    return {
        "run": step.run,
        "call": str(step.function) if isinstance(step, Call) else None,
        "ignore_exit_code": step.ignore_exit_code,
        "env-vars": dict(step.env_vars),
        "cwd": step.cwd or None,
    }


def listing_document(sessions: Iterable[SessionRef], selected: Iterable[SessionRef]) -> list[dict[str, Any]]:
    """One object for each session; the first six keys are those of nox."""
    chosen = {session.id for session in selected}
    return [
        {
            "session": session.name,
            "name": session.family,
            "description": session.description,
            "python": False if session.environment[TYPE] == NONE else session.python,
            "tags": list(session.tags),
            "call_spec": dict(session.environment.variant),
            "id": session.id,
            "environment": session.environment.name,
            "script": session.script_name,
            "default": session.default,
            "selected": session.id in chosen,
            "requires": list(session.requires),
            "signatures": list(spellings(session)),
            "args": arguments_document(arguments_for(session)),
        }
        for session in sessions
    ]


def arguments_document(arguments: Iterable[Argument]) -> list[dict[str, Any]]:
    """What a session takes after `--`, one object for each argument; a choice is told as it would be typed."""
    return [
        {
            "name": one.name,
            "type": one.type,
            "option": one.option,
            "required": one.required,
            "default": default_document(one, one.default),
            "many": one.many,
            "choices": list(one.choices),
            "description": one.description,
        }
        for one in arguments
    ]


def default_document(one: Argument, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [default_document(one, item) for item in value]
    known = value is None or (isinstance(value, (bool, int, float)) and not one.choices and abs(value) < MOST_IN_JSON)
    return value if known else word_of(one, value)
