"""What may be asked for as a Python, and which versions are it; nothing here looks at the disk."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from envtasks.errors import InterpreterMissing
from envtasks.tuples import NamedTuple

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

SPEC = re.compile(
    r"(?P<implementation>python|cpython|pypy|cp|pp|py)?[-@]?(?P<version>\d+(?:\.\d+){0,2})?(?P<threads>t)?",
    re.IGNORECASE,
)
#: Patch releases of one minor version; none has ever had as many.
PATCHES = range(100)

Version = tuple[int, ...]


class Wish(NamedTuple):
    """What is asked for; an empty version means any."""

    implementation: str = ""
    version: Version = ()
    free_threaded: bool = False
    range: str = ""
    program: str = ""

    def admits(self, implementation: str, version: Version, free_threaded: bool) -> bool:
        """Whether something of which this is known may be it; a shorter version leaves the rest open."""
        if implementation != (self.implementation or "cpython") or free_threaded != self.free_threaded:
            return False
        known = min(len(version), len(self.version))
        return version[:known] == self.version[:known]

    @property
    def distribution(self) -> str:
        """The name of the distributions that are it, such as `3.13t` or `pypy3.10`; empty where it is less exact."""
        if self.range or self.program or len(self.version) < 2:
            return ""
        return distribution_name(self.implementation, self.version, self.free_threaded)


def distribution_name(implementation: str, version: Version, free_threaded: bool) -> str:
    prefix = "" if implementation in ("", "cpython") else implementation
    return f"{prefix}{'.'.join(map(str, version))}{'t' if free_threaded else ''}"


def wish_for(asked: str) -> Wish:
    asked = asked.strip()
    if not asked:
        return Wish()
    if asked[0] in "<>=!~":
        return Wish(range=asked)
    spec = SPEC.fullmatch(asked)
    if spec is None or not (spec["implementation"] or spec["version"]):
        return Wish(program=asked)
    implementation = "pypy" if (spec["implementation"] or "").lower() in ("pypy", "pp") else "cpython"
    return Wish(implementation, version_of(spec["version"] or ""), bool(spec["threads"]))


def version_of(text: str) -> Version:
    """`3.12` and `312` alike."""
    if text and "." not in text and len(text) > 1:
        text = f"{text[0]}.{text[1:]}"
    return tuple(int(part) for part in text.split(".") if part)


def why_not(implementation: str, version: str, wish: Wish, requires_python: str) -> str | None:
    """Why an interpreter that says this of itself is not the one that is asked for, or None."""
    plain = version.rstrip("t")
    if not wish.program and not wish.admits(implementation, version_of(plain), version.endswith("t")):
        return f"it is {implementation} {version}"
    for what, specifier in (("the environment", wish.range), ("requires-python", requires_python)):
        if specifier and not satisfies(plain, specifier):
            return f"it is {version}, and {what} asks for {specifier}"
    return None


def satisfies(version: str, specifier: str) -> bool:
    return specifiers(specifier).contains(version, prereleases=True)


def may_satisfy(version: Version, specifier: str) -> bool:
    """Whether some version that begins like this is in the range; InterpreterMissing where it is none."""
    if not specifier or len(version) < 2:
        return True
    if len(version) > 2:
        return satisfies(".".join(map(str, version)), specifier)
    minor = ".".join(map(str, version))
    return any(satisfies(f"{minor}.{patch}", specifier) for patch in PATCHES)


@lru_cache(maxsize=8)
def specifiers(text: str) -> SpecifierSet:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        raise InterpreterMissing(f"not a range of versions: '{text}'") from None
