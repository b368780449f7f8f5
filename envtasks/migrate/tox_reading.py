"""Reading the files of tox: sections, settings and lines, whichever format they are written in.

TOML is read as if it had been written in an ini file, so that all that follows knows one form only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from envtasks.errors import EnvtasksError, Key
from envtasks.migrate.tox_factors import split_condition
from envtasks.tuples import NamedTuple


class Line(NamedTuple):
    """One line of a setting; it counts where its condition on factors holds."""

    number: int
    condition: str
    text: str


class Setting(NamedTuple):
    """What stands at one key; ``written`` is false where it is there and empty."""

    number: int
    lines: tuple[Line, ...]


class Section(NamedTuple):
    """The settings below one heading, by their names in tox 4."""

    number: int
    settings: Mapping[str, Setting]


Sections = Mapping[str, Section]

#: The settings and environments of the whole project, and those that all environments inherit.
CORE, BASE = "tox", "testenv"
#: What begins the name of the section of one environment.
PREFIX = "testenv:"

#: What tox 3 called settings that tox 4 has another name for.
NEW_NAMES = {
    "basepython": "base_python",
    "changedir": "change_dir",
    "envdir": "env_dir",
    "envlist": "env_list",
    "ignore_basepython_conflict": "ignore_base_python_conflict",
    "minversion": "min_version",
    "passenv": "pass_env",
    "setenv": "set_env",
    "setupdir": "package_root",
    "sitepackages": "system_site_packages",
    "skipsdist": "no_package",
    "toxworkdir": "work_dir",
    "usedevelop": "use_develop",
    "whitelist_externals": "allowlist_externals",
}


def read_ini(path: str, text: str) -> Sections:
    """The sections of a tox.ini or setup.cfg; EnvtasksError where it is no such file."""
    if "\0" in text:
        raise EnvtasksError("not a text", where=Key(path))
    found: dict[str, tuple[int, dict[str, list[tuple[int, str]]]]] = {}
    section: dict[str, list[tuple[int, str]]] | None = None
    value: list[tuple[int, str]] | None = None
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        stripped = raw.strip()
        if not stripped or stripped[0] in "#;":
            continue
        heading = re.match(r"\[(.+)\]", stripped)
        if raw[0].isspace() and value is not None:
            value.append((number, stripped))
        elif heading is not None:
            name = "tox" if heading[1] == "tox:tox" else heading[1]
            section, value = found.setdefault(name, (number, {}))[1], None
        else:
            key, separator, first = re.match(r"([^=:]*)([=:]?)\s*(.*)", stripped).groups()  # type: ignore[union-attr]
            if section is None or not separator:
                raise EnvtasksError("expected '[SECTION]' or 'KEY = VALUE'", where=Key(path, (), number))
            value = section[new_name(key)] = [(number, first)]
    return {name: Section(number, dict(settings_of(settings))) for name, (number, settings) in found.items()}


def new_name(key: str) -> str:
    lowered = key.strip().lower()
    return NEW_NAMES.get(lowered, lowered)


def settings_of(settings: Mapping[str, list[tuple[int, str]]]) -> Iterator[tuple[str, Setting]]:
    for name, raw in settings.items():
        lines = (Line(number, *split_condition(text)) for number, text in joined(raw) if text)
        yield name, Setting(raw[0][0], tuple(line for line in lines if line.text))


def joined(raw: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines without comments, each with those that a backslash at its end draws to it."""
    first, begun = 0, ""
    for number, text in raw:
        # What names the package of an address was no comment in tox 3.
        plain = re.sub(r"\s*(?<!\\)#(?!egg=|subdirectory=).*", "", text).replace("\\#", "#")
        first = first if begun else number
        if plain.endswith("\\"):
            begun += plain[:-1]
            continue
        if "{posargs:" in (so_far := begun + plain) and so_far.count("{") > so_far.count("}"):
            begun = f"{so_far}\n"
            continue
        yield first, (begun + plain).strip()
        begun = ""
    if begun:
        yield first, begun.strip()
