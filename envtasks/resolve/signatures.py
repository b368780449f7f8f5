"""What the functions of an envfile ask for: the session, and matrix variables by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from envtasks.declare.declarations import Declaration
from envtasks.declare.reading import PYTHON_VARIABLES
from envtasks.declared import Function, Pairs
from envtasks.errors import Key, Mistakes, nearest
from envtasks.model import Environment
from envtasks.option_table import PYTHON, SCRIPTS
from envtasks.resolve.parameters import parameters, required, required_by_place, takes_session
from envtasks.resolve.selection import default_script

#: In `__code__.co_flags`, what a call alone does not run: generators, coroutines, asynchronous generators.
ONLY_BEGINS = 0x20 | 0x80 | 0x200


def check_functions(
    declarations: Mapping[str, Declaration], environments: Iterable[Environment], mistakes: Mistakes
) -> None:
    """Tell what calling the functions would fail on.

    A variable must be there where the function was declared, and where it runs by default; who inherits it and does not
    name it is left alone.
    """
    declared = {name: functions_of(declaration) for name, declaration in declarations.items()}
    for functions in declared.values():
        for one in functions.values():
            check_session(one, mistakes)
    if not any(declared.values()):
        return
    told: set[tuple[Key, str]] = set()
    for environment in environments:
        own = declared[environment.family]
        default = default_script(environment)
        for title, script in environment[SCRIPTS].items():
            function = script.function
            if function is not None and (title == default or own.get(title) is function):
                for name in required(function.call):
                    if name not in named(environment.variant) and (where(function), name) not in told:
                        told.add((where(function), name))
                        add_missing(function, name, environment, mistakes)


def functions_of(declaration: Declaration) -> dict[str, Function]:
    scripts = declaration.options.get(SCRIPTS.name, {})
    return {title: script.function for title, script in scripts.items() if script.function is not None}


def where(function: Function) -> Key:
    return Key(function.file, (function.name,), function.line)


def check_session(function: Function, mistakes: Mistakes) -> None:
    if not takes_session(function.call):
        mistakes.add(
            f"the function '{function.name}' has no parameter for the session",
            where(function),
            f"write def {function.name}(session)",
        )
    if getattr(getattr(function.call, "__code__", None), "co_flags", 0) & ONLY_BEGINS:
        mistakes.add(
            f"calling the function '{function.name}' would not run it: it is async, or has a 'yield'",
            where(function),
            "write a plain function; asyncio.run may stand in it",
        )
    for name in required_by_place(function.call):
        mistakes.add(
            f"the function '{function.name}' takes '{name}' by its place only",
            where(function),
            "matrix variables arrive by name: write the '/' after the first parameter",
        )


def add_missing(function: Function, name: str, environment: Environment, mistakes: Mistakes) -> None:
    known = tuple(variable for variable, _ in environment.variant)
    if known:
        hint = nearest(name, known) or f"known are: {', '.join(known)}; or give the parameter a default"
    else:
        hint = "it has no matrix; declare one with that variable, or give the parameter a default"
    mistakes.add(
        f"the parameter '{name}' of '{function.name}' is no matrix variable of '{environment.name}'",
        where(function),
        hint,
    )


def named(variant: Pairs) -> dict[str, str]:
    """The variables of a cell by each name that a function may give them."""
    values = dict(variant)
    if PYTHON.name in values:
        values.update(dict.fromkeys(PYTHON_VARIABLES, values[PYTHON.name]))
    return values


def by_name(function: Callable[..., Any], variant: Pairs) -> dict[str, str]:
    """The variables of a cell that a function has parameters for."""
    names = parameters(function)
    return {name: value for name, value in named(variant).items() if name in names}
