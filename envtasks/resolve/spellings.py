"""Other ways to write the name of a session: those of nox, and templates with the variables of a matrix."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envtasks.declare.reading import PYTHON_VARIABLES
from envtasks.declared import Texts
from envtasks.errors import RequestError, nearest
from envtasks.model import Environment, SessionRef
from envtasks.option_table import PYTHON

TEMPLATE = re.compile(r"\{([^{}]*)\}")


def spellings(session: SessionRef) -> Texts:
    """What may be typed for a session besides its name; that which nox shows is first.

    For `test.py3.12-5.2` of a matrix: `test-3.12(django='5.2')`, `test-3.12` and the id `test.py3.12-5.2:test`.
    """
    return tuple(name for name in dict.fromkeys((*of_nox(session), session.id)) if name != session.name)


def of_nox(session: SessionRef) -> Iterator[str]:
    spelled, python = session.environment.spelled, session.environment[PYTHON]
    yield f"{session.family}{spelled}"
    if python:
        if not spelled.startswith("-"):
            yield f"{session.family}-{python}{spelled}"
        yield f"{session.family}-{python}"


def is_spelled(session: SessionRef, name: str) -> bool:
    """Whether a name stands for the session in one of the ways of nox; blanks and kinds of quotes do not matter."""
    return any(same(name, one) for one in of_nox(session))


def same(one: str, other: str) -> bool:
    head, parenthesis, rest = one.partition("(")
    other_head, other_parenthesis, other_rest = other.partition("(")
    return head.strip() == other_head and parenthesis == other_parenthesis and plain(rest) == plain(other_rest)


def plain(arguments: str) -> str:
    return re.sub(r"\s+", "", arguments).replace('"', "'")


def name_for(environment: Environment, template: str) -> str:
    """A name with variables of an environment in it: `build-{python}`, `docs.{django}`.

    RequestError for a variable that it has not.
    """
    known = dict(environment.variant)
    python = environment[PYTHON]
    if python is not None:
        known |= dict.fromkeys(PYTHON_VARIABLES, python)

    def value(found: re.Match[str]) -> str:
        if found[1] not in known:
            names = ", ".join(known) or "none"
            raise RequestError(
                f"'{environment.name}' has no variable '{found[1]}' for the name '{template}'",
                hint=nearest(found[1], tuple(known)) or f"it has: {names}",
            )
        return known[found[1]]

    return TEMPLATE.sub(value, template)
