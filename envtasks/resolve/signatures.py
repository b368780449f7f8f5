"""What the functions of an envfile ask for: the session, and matrix variables by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from envtasks.declare.declarations import Declaration
from envtasks.declare.reading import PYTHON_VARIABLES
from envtasks.declared import Argument, Function, Pairs, Texts, Value
from envtasks.errors import Key, Mistakes, ParameterError, nearest
from envtasks.model import Environment, SessionRef
from envtasks.option_table import PYTHON, SCRIPTS
from envtasks.resolve.arguments import arguments_of
from envtasks.resolve.parameters import parameters, required_by_place, takes_keywords, takes_session, within

#: In `__code__.co_flags`, what a call alone does not run: generators, coroutines, asynchronous generators.
ONLY_BEGINS = 0x20 | 0x80 | 0x200


def check_functions(
    declarations: Mapping[str, Declaration], environments: Iterable[Environment], mistakes: Mistakes
) -> None:
    """Tell what calling the functions would fail on, and which of their parameters no words can fill."""
    declared = {name: functions_of(declaration) for name, declaration in declarations.items()}
    for functions in declared.values():
        for one in functions.values():
            check_session(one, mistakes)
    if not any(declared.values()):
        return
    made = tuple(environments)
    variables: dict[str, dict[str, None]] = {}
    for environment in made:
        variables.setdefault(environment.family, {}).update(dict.fromkeys(named(environment.variant)))
    checked: set[tuple[Key, Texts]] = set()
    for environment in made:
        mine = tuple(named(environment.variant))
        for function in declared[environment.family].values():
            if (where(function), mine) not in checked:
                checked.add((where(function), mine))
                check_arguments(function, environment, tuple(variables[environment.family]), mistakes)


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


def check_arguments(function: Function, environment: Environment, variables: Texts, mistakes: Mistakes) -> None:
    """What a parameter cannot be; ``variables`` are those of all cells of the matrix.

    One without a type that is called like a variable of other cells, or nearly like one, is no argument but a slip.
    """
    mine = tuple(named(environment.variant))
    try:
        arguments = arguments_of(function.call, mine)
    except ParameterError as error:
        mistakes.add(error.message, where(function), error.hint)
        return
    for one in arguments:
        near = nearest(one.parameter, variables) if one.required and variables else ""
        if near and one.parameter not in function.call.__annotations__:
            hint = f"known are: {', '.join(mine) or 'none'}; or give the parameter a default"
            mistakes.add(
                f"the parameter '{one.parameter}' of '{function.name}' is no matrix variable of '{environment.name}'",
                where(function),
                hint if one.parameter in variables else f"{near} An argument of the task would have a type",
            )


def named(variant: Pairs) -> dict[str, str]:
    """The variables of a cell by each name that a function may give them."""
    values = dict(variant)
    if PYTHON.name in values:
        values.update(dict.fromkeys(PYTHON_VARIABLES, values[PYTHON.name]))
    return values


def by_name(function: Callable[..., Any], variant: Pairs) -> dict[str, Any]:
    """The variables of a cell that a function has parameters for, each as the envfile gave it.

    One that takes any keyword gets all of them, as in nox, but for the Python, which is no value of a task.
    """
    function = within(function)
    names = parameters(function)
    if takes_keywords(function):
        names += tuple(name for name, _ in variant if name != PYTHON.name)
    return {
        name: value.given if isinstance(value, Value) else value
        for name, value in named(variant).items()
        if name in names
    }


def arguments_for(session: SessionRef) -> tuple[Argument, ...]:
    """What a session takes after `--`: what its script declares, or its function has parameters for.

    None for a function that has no more than the session, and takes all words as they are.
    """
    function = session.script.function
    return arguments_of(function.call, named(session.environment.variant)) if function else session.script.args
