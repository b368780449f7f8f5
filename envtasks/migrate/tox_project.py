"""What the settings of tox come to for one environment: inheritance, conditions and references resolved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from envtasks.migrate.migrated import Fate, Left
from envtasks.migrate.tox_factors import PLATFORM_FACTORS, asks_for_platform, expanded, factors_of, holds, split_name
from envtasks.migrate.tox_reading import BASE, CORE, PREFIX, Line, Section, Sections, Setting, new_name
from envtasks.model import Metadata

#: References inside references, as deep as they can sensibly go.
DEEPEST = 20
REFERENCE = re.compile(r"\{(?:\[([^\]{}]+)\])?([A-Za-z][\w-]*)(?::((?:[^{}]|\{[^{}]*\})*))?\}")
#: What tox keeps for its own work; nothing is run there.
PACKAGING = (".pkg", ".pkg_external", ".tox")
#: Where tox runs when it is not told where.
USUAL = "py"


class ToxProject:
    """The sections of one file, asked environment by environment; what is left is collected on the way.

    ``metadata`` is what the project says of itself where that is known.
    """

    def __init__(self, sections: Sections, left: Iterable[Left] = (), metadata: Metadata | None = None) -> None:
        self.sections = sections
        self.metadata = metadata
        self.left: dict[Left, None] = dict.fromkeys(left)
        self.referenced: set[str] = set()
        #: Lines that were asked for, and whether their condition held anywhere.
        self.held: dict[Line, bool] = {}
        self.own: dict[str, list[str]] = {}
        for title in sections:
            if title.startswith(PREFIX) and not title.startswith(tuple(PREFIX + name for name in PACKAGING)):
                for name in self.good(names_in(title.removeprefix(PREFIX)), sections[title].number):
                    self.own.setdefault(name, []).append(title)
        self.env_list = tuple(dict.fromkeys(self.listed())) or (USUAL,)
        self.names = tuple(dict.fromkeys((*self.env_list, *self.own)))

    def listed(self) -> Iterator[str]:
        setting = self.core("env_list")
        for line in self.lines_in(setting, USUAL, "linux", 0) if setting else ():
            yield from self.good(names_in(line.text), line.number)

    def good(self, names: Iterable[str], number: int) -> Iterator[str]:
        """The names, those left that no environment can have."""
        for name in names:
            if name.isprintable() and all(name.split("-")) and not re.search(r"[\s{}\[\]\"'\\]", name):
                yield name
            else:
                self.leave(number, f"the environment {name!a}", "its name is none; correct it")

    def leave(self, line: int, what: str, hint: str, fate: Fate = "left out") -> None:
        self.left[Left(line, what, hint, fate)] = None

    def place(self, name: str) -> int:
        """The line that names an environment first: of its section, or of the list of all."""
        setting = self.core("env_list")
        return self.sections[self.own[name][0]].number if name in self.own else setting.number if setting else 1

    def core(self, key: str) -> Setting | None:
        return self.sections[CORE].settings.get(key) if CORE in self.sections else None

    def core_flag(self, key: str) -> bool:
        setting = self.core(key)
        return setting is not None and is_true(" ".join(line.text for line in setting.lines))

    def chain(self, name: str) -> Iterator[Section]:
        """The sections that an environment takes its settings from, the nearest first."""
        waiting = [*self.own.get(name, ()), BASE]
        seen: set[str] = set()
        while waiting:
            title = waiting.pop(0)
            section = self.sections.get(title)
            if section is None or title in seen:
                continue
            seen.add(title)
            yield section
            base = section.settings.get("base")
            if base is not None:
                names = [one.strip() for line in base.lines for one in line.text.split(",")]
                waiting = [*(one if one in self.sections else PREFIX + one for one in names), *waiting]

    def setting(self, name: str, key: str, platform: str) -> Setting | None:
        """The nearest setting of which something is left once conditions are looked at."""
        for section in self.chain(name):
            found = section.settings.get(key)
            if found is not None and (not found.lines or any(self.filtered(found, name, platform))):
                return found
        return None

    def lines(self, name: str, key: str, platform: str) -> tuple[Line, ...] | None:
        """The lines of a setting, without what tox would refer to elsewhere for; None where it is not said."""
        setting = self.setting(name, key, platform)
        return None if setting is None else tuple(self.lines_in(setting, name, platform, 0))

    def filtered(self, setting: Setting, name: str, platform: str) -> Iterator[Line]:
        for line in setting.lines:
            holding = holds(line.condition, factors_of(name, platform))
            self.held[line] = self.held.get(line, False) or holding
            if holding:
                yield line

    def lines_in(self, setting: Setting, name: str, platform: str, depth: int) -> Iterator[Line]:
        for line in self.filtered(setting, name, platform):
            whole = REFERENCE.fullmatch(line.text)
            inside = None if whole is None else self.referred(whole, name, platform, depth)
            if inside is not None:
                yield from (one._replace(number=line.number) for one in inside)
                continue
            text = self.filled(line, name, platform, depth)
            if text.strip():
                yield line._replace(text=text.strip())

    def filled(self, line: Line, name: str, platform: str, depth: int) -> str:
        """The text of a line with its references replaced by what stands there."""

        def replaced(found: re.Match[str]) -> str:
            inside = self.referred(found, name, platform, depth)
            return found[0] if inside is None else " ".join(one.text for one in inside)

        text = line.text
        return REFERENCE.sub(replaced, text) if "{" in text else text

    def referred(self, found: re.Match[str], name: str, platform: str, depth: int) -> tuple[Line, ...] | None:
        """The lines that a reference stands for; None where it is a placeholder, or leads nowhere."""
        title, key, default = found[1], new_name(found[2]), found[3]
        if title is None and (default is not None or key in ("env_dir", "package_root", "base_python", "work_dir")):
            return None
        setting = self.looked_up(title, key, name, platform)
        if setting is not None and depth < DEEPEST:
            return tuple(self.lines_in(setting, name, platform, depth + 1))
        if title is None or default is None:
            return None
        return (Line(0, "", default),) if default else ()

    def looked_up(self, title: str | None, key: str, name: str, platform: str) -> Setting | None:
        if title is None:
            return self.setting(name, key, platform) or self.core(key)
        self.referenced.add(title)
        if title in self.sections and key in self.sections[title].settings:
            return self.sections[title].settings[key]
        other = title.removeprefix(PREFIX)
        return self.setting(other, key, platform) if title.startswith(PREFIX) and other in self.names else None

    def platforms(self) -> tuple[str, ...]:
        """Those that conditions tell apart, or one that stands for all."""
        conditions = (
            line.condition
            for section in self.sections.values()
            for setting in section.settings.values()
            for line in setting.lines
        )
        different = any(condition and asks_for_platform(condition) for condition in conditions)
        return tuple(PLATFORM_FACTORS) if different else ("linux",)

    def leave_idle_lines(self) -> None:
        """List the lines that no environment ever had."""
        for line, held in self.held.items():
            if not held:
                what = f"'{line.condition}: {line.text}'"
                self.leave(line.number, what, "no environment of the file has these factors; add one if it is needed")


def names_in(text: str) -> Iterator[str]:
    """The names of environments in a text, those apart that are none."""
    try:
        for name in expanded(" ".join(text.split())):
            yield from name.split()
    except ValueError:
        yield text


def is_true(text: str) -> bool:
    return text.strip().lower() in ("true", "1", "yes", "on")


def own_environment(name: str, project: ToxProject) -> bool:
    """Whether a name stands for itself, and not for a cell of a matrix over Pythons."""
    python, rest = split_name(name)
    if python is None:
        split = map(split_name, project.env_list)
        known = {factor for other, factors in split if other for factor in factors}
        # What is a variant of the others, only without a Python, stands with them.
        return name != USUAL and (name in project.own or not known.issuperset(rest))
    exact = PREFIX + name in project.own.get(name, ())
    alike = [other for other in project.names if other != name and split_name(other)[1] == rest]
    return bool(exact and rest and not alike)
