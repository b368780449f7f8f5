"""Names of tox's environments: their factors, expressions that stand for several, conditions on factors, Pythons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product

#: What tox takes an open range of Pythons to mean.
LOWEST_MINOR, HIGHEST_MINOR = 11, 15

FACTOR = re.compile(r"!?[\w.*?\[\]!-]*")
PYTHON = re.compile(
    r"(?!py$)(?P<name>py|cpython|pypy|graalpy|jython)(?P<major>[2-9])?\.?(?P<minor>\d{0,2})(?P<threads>t?)"
)
VERSION = re.compile(r"[23]\.\d+t?")
#: The factors that a platform has of itself.
PLATFORM_FACTORS = {"linux": "linux", "macos": "darwin", "windows": "win32"}


@cache
def expanded(expression: str) -> tuple[str, ...]:
    """The names that `py{310,311}-{a,b}, c` stands for, in order; ValueError where it is no such expression."""
    names: list[str] = []
    for piece in pieces(expression, ","):
        if not piece.strip():
            continue
        parts = re.split(r"\{([^}]+)\}", piece.strip())
        choices = [list(items(part)) if index % 2 else [part] for index, part in enumerate(parts)]
        for chosen in product(*choices):
            name = "".join(chosen)
            if not all(FACTOR.fullmatch(factor) for factor in name.split("-")):
                raise ValueError(name)
            names.append(name)
    return tuple(names)


def pieces(text: str, separator: str) -> Iterator[str]:
    """The pieces between those separators that stand in no braces."""
    start, depth = 0, 0
    for index, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == separator and depth <= 0:
            yield text[start:index]
            start = index + 1
    yield text[start:]


def items(group: str) -> Iterator[str]:
    """The items of one pair of braces, ranges written out."""
    for item in group.split(","):
        found = re.fullmatch(r"(\d*)-(\d*)", item.strip())
        if found is None or not (found[1] or found[2]):
            yield item.strip()
            continue
        first = int(found[1] or LOWEST_MINOR)
        last = int(found[2] or HIGHEST_MINOR)
        step = 1 if first <= last else -1
        yield from map(str, range(first, last + step, step))


def split_condition(line: str) -> tuple[str, str]:
    """The factors that a line begins with, and the rest; no factors where it is for every environment."""
    colon = re.search(r":(\s|$)", line)
    if colon is None:
        return "", line
    before = line[: colon.start()].strip()
    try:
        return (before, line[colon.start() + 1 :].strip()) if expanded(before) else ("", line)
    except ValueError:
        return "", line


def holds(condition: str, factors: frozenset[str]) -> bool:
    """Whether a condition holds for an environment with these factors."""
    return not condition or any(
        all((factor.removeprefix("!") in factors) != factor.startswith("!") for factor in name.split("-"))
        for name in expanded(condition)
    )


def factors_of(name: str, platform: str) -> frozenset[str]:
    return frozenset((*name.split("-"), PLATFORM_FACTORS[platform]))


def asks_for_platform(condition: str) -> bool:
    factors = {factor.removeprefix("!") for name in expanded(condition) for factor in name.split("-")}
    return not factors.isdisjoint(PLATFORM_FACTORS.values())


def python_of(factor: str) -> str | None:
    """The Python that a factor, or the value of `base_python`, stands for, as we write it; None where it is none."""
    if VERSION.fullmatch(factor):
        return factor
    found = PYTHON.fullmatch(factor)
    if found is None:
        return None
    name = "" if found["name"] in ("py", "cpython") else found["name"]
    version = ".".join(filter(None, (found["major"], found["minor"])))
    return f"{name}{version}{found['threads']}" or None


def split_name(name: str) -> tuple[str | None, tuple[str, ...]]:
    """The Python of an environment, and its other factors."""
    factors = name.split("-")
    python = next((factor for factor in factors if python_of(factor)), None)
    rest = tuple(factor for factor in factors if factor != python)
    return (python_of(python) if python else None), rest
