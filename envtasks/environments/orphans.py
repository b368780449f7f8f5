"""Installed packages that nothing asks for any more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement

from envtasks.environments.interpreters import Interpreter
from envtasks.environments.packages import INSTALLERS, SUFFIX, packages
from envtasks.names import normalized


def orphans(place: str, wanted: Iterable[str], features: Iterable[str], interpreter: Interpreter) -> list[str]:
    """The names of what is installed in a site-packages and is needed by nobody.

    ``wanted`` are requirements. What was installed from a path or an address, such as the project with its
    ``features``, stays. What is installed says itself what it needs (`Requires-Dist` of the core metadata), for the
    interpreter of the environment.
    """
    needs = {name: more for _, name, more in installed(place)}
    direct = [name for package, name, _ in installed(place) if has_address(place, package)]
    markers = environment_of(interpreter)
    extras = ",".join(features)
    roots = (*wanted, *INSTALLERS, *(f"{name}[{extras}]" for name in direct))
    waiting = [one for one in requirements(roots) if holds(one, {**markers, "extra": ""})]
    followed: set[tuple[str, str]] = set()
    while waiting:
        one = waiting.pop()
        name = normalized(one.name)
        for extra in ("", *one.extras):
            if (name, extra) not in followed:
                followed.add((name, extra))
                waiting += [more for more in needs.get(name, ()) if holds(more, {**markers, "extra": extra})]
    return sorted(name for name in needs if (name, "") not in followed)


def has_address(place: str, package: str) -> bool:
    """Whether a package was installed from a path or an address (PEP 610), and not by its name."""
    return os.path.exists(os.path.join(place, package + SUFFIX, "direct_url.json"))


def installed(place: str) -> Iterator[tuple[str, str, tuple[Requirement, ...]]]:
    """Every installed package, its name, and what it requires."""
    from email.parser import HeaderParser

    for package in packages(place):
        try:
            with open(os.path.join(place, package + SUFFIX, "METADATA"), encoding="utf-8", errors="replace") as file:
                headers = HeaderParser().parse(file, headersonly=True)
        except OSError:
            continue
        if headers["Name"]:
            yield package, normalized(headers["Name"]), tuple(requirements(headers.get_all("Requires-Dist") or ()))


def requirements(texts: Iterable[str]) -> Iterator[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue


def holds(one: Requirement, markers: Mapping[str, str]) -> bool:
    return one.marker is None or one.marker.evaluate(dict(markers))


def environment_of(interpreter: Interpreter) -> dict[str, str]:
    """What markers are asked about, where this interpreter runs."""
    numbers = interpreter.version.rstrip("t").split(".")
    return {
        "python_version": ".".join(numbers[:2]),
        "python_full_version": ".".join(numbers),
        "implementation_name": interpreter.implementation,
        "platform_python_implementation": {"cpython": "CPython", "pypy": "PyPy"}.get(interpreter.implementation, ""),
    }
