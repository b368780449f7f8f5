"""What features of a project come to where only its build backend knows them."""

from __future__ import annotations

from collections.abc import Iterator
from email.parser import HeaderParser

from packaging.requirements import InvalidRequirement, Requirement

from envtasks.declared import Texts
from envtasks.environments.interpreters import Interpreter
from envtasks.environments.orphans import environment_of
from envtasks.errors import EnvironmentFailed, nearest
from envtasks.names import normalized


def requirements_of(metadata: str, features: Texts, interpreter: Interpreter) -> Texts:
    """The requirements that core metadata have for features, without those of the project itself.

    Features that name other features of the project are followed. EnvironmentFailed for one that it has not.
    """
    headers = HeaderParser().parsestr(metadata, headersonly=True)
    known = {normalized(one) for one in headers.get_all("Provides-Extra") or ()}
    for feature in features:
        if feature not in known:
            hint = nearest(feature, tuple(known)) or f"known are: {', '.join(sorted(known)) or 'none'}"
            raise EnvironmentFailed(f"the project has no feature '{feature}'", hint=hint)
    required = tuple(parsed(headers.get_all("Requires-Dist") or []))
    markers = environment_of(interpreter)
    found: dict[str, None] = {}
    waiting, followed = list(features), set(features)
    while waiting:
        feature = waiting.pop(0)
        for one in required:
            if one.marker is None or one.marker.evaluate({**markers, "extra": ""}):
                continue
            if not one.marker.evaluate({**markers, "extra": feature}):
                continue
            if normalized(one.name) == normalized(headers["Name"] or ""):
                more = [name for name in sorted(map(normalized, one.extras)) if name not in followed]
                followed.update(more)
                waiting += more
            else:
                found[unmarked(one)] = None
    return tuple(found)


def parsed(texts: list[str]) -> Iterator[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement as error:
            raise EnvironmentFailed(f"the project depends on what is no requirement: {error}") from None


def unmarked(requirement: Requirement) -> str:
    """The requirement without the condition, which holds."""
    requirement.marker = None
    return str(requirement)
