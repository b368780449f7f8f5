"""One environment of tox as options of ours: what it has on one platform, before it is put together with others."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import Any

from envtasks.declared import Texts
from envtasks.migrate import tox_text
from envtasks.migrate.tox_factors import PLATFORM_FACTORS, python_of, split_name
from envtasks.migrate.tox_project import DEEPEST, ToxProject, is_true, names_in
from envtasks.migrate.tox_reading import Line
from envtasks.names import normalized
from envtasks.requirements import requirement_error
from envtasks.tuples import NamedTuple

PIP = "python -m pip install"
#: What is installed where tox would build the project.
EDITABLE = ("editable", "editable-legacy")
#: Options of pip that a line of `deps` may begin with, and what they are called.
FILE = re.compile(r"(?:-r|--requirement)[\s=]*(.+)")
CONSTRAINT = re.compile(r"(?:-c|--constraint)[\s=]*(.+)")
EDIT = re.compile(r"(?:-e|--editable)[\s=]*(.+)")
PROJECT = re.compile(r"(?:\{root\}|\.)/?(?:\[(.*)\])?")
NAMED_ADDRESS = re.compile(r"(.+?)#egg=([\w.-]+)(.*)")
VARIABLE = re.compile(r"\{env:([^:{}]+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")


class Settings(NamedTuple):
    """The options of one environment; ``options`` holds those that are said: texts, tuples, flags, dicts.

    ``requires`` are names of tox's.
    """

    options: dict[str, Any]
    commands: Texts
    cwd: str
    requires: Texts = ()


def settings_of(name: str, project: ToxProject, platform: str) -> Settings:
    return Gathering(name, project, platform).settings()


class Gathering:
    """One environment on one platform."""

    def __init__(self, name: str, project: ToxProject, platform: str) -> None:
        self.name = name
        self.project = project
        self.platform = platform
        self.options: dict[str, Any] = {}
        self.installs: list[str] = []
        self.constraints: list[str] = []

    def settings(self) -> Settings:
        self.describe()
        self.install()
        self.dependencies()
        self.variables()
        self.say("tags", self.entries("labels"))
        metadata = self.project.metadata
        self.say("dependency-groups", self.known("dependency_groups", metadata.groups if metadata else None))
        # tox looks at extras only where it installs the project.
        if not self.options["skip-install"]:
            features = (
                *self.options.pop("features", ()),
                *self.known("extras", metadata.features if metadata else None),
            )
            self.say("features", features)
        commands = tuple(self.commands())
        if self.installs and not self.options["skip-install"]:
            self.options["pre-install-commands"] = tuple(self.installs)
        elif self.installs:
            commands = (*self.installs, *commands)
        return Settings(self.options, commands, self.directory(), tuple(self.depends()))

    def lines(self, key: str) -> tuple[Line, ...]:
        return self.project.lines(self.name, key, self.platform) or ()

    def text(self, key: str) -> str:
        return " ".join(line.text for line in self.lines(key))

    def flag(self, key: str) -> bool:
        return is_true(self.text(key))

    def entries(self, key: str) -> Iterator[str]:
        """The items of a setting, one on each line or with commas between them."""
        for line in self.lines(key):
            yield from (item.strip() for item in line.text.split(",") if item.strip())

    def say(self, option: str, texts: Iterable[str]) -> None:
        found = tuple(dict.fromkeys(texts))
        if found:
            self.options[option] = found

    def known(self, key: str, names: Container[str] | None) -> Iterator[str]:
        """The extras or groups of a setting that the project has; pip only warns of others."""
        for line in self.lines(key):
            for name in filter(None, map(str.strip, line.text.split(","))):
                if names is None or normalized(name) in names:
                    yield name
                else:
                    self.project.leave(line.number, f"'{name}' in '{key}'", "the project has nothing of that name")

    def value(self, line: Line) -> str:
        return tox_text.value(line.text, self.note(line))

    def note(self, line: Line) -> tox_text.Note:
        return lambda what, hint, fate: self.project.leave(line.number, what, hint, fate)

    def describe(self) -> None:
        description = " ".join(tox_text.prose(self.text("description")).split())
        if description:
            self.options["description"] = description
        python = split_name(self.name)[0] or self.base_python()
        if python:
            self.options["python"] = python
        pattern = self.text("platform")
        if pattern:
            self.options["platforms"] = tuple(self.platforms(pattern))
        if self.flag("system_site_packages"):
            self.options["system-packages"] = True
        for line in self.lines("env_dir"):
            self.options["path"] = relative(self.value(line))

    def base_python(self) -> str | None:
        """The Python to use; any Python 3 goes without saying."""
        lines = self.lines("base_python")
        first, *others = [*self.entries("base_python"), ""]
        if "{" in first or "}" in first:
            return self.value(lines[0]._replace(text=first))
        if others[:-1]:
            self.project.leave(lines[0].number, "further Pythons in 'base_python'", "only the first is used")
        if first in ("", "python", "python3", "py", "py3"):
            return None
        return python_of(first.replace("python", "py", 1) if first.startswith("python") else first) or first

    def platforms(self, pattern: str) -> Iterator[str]:
        for platform, factor in PLATFORM_FACTORS.items():
            try:
                if re.match(pattern, factor):
                    yield platform
            except re.error:
                self.project.leave(self.lines("platform")[0].number, f"the platform '{pattern}'", "set 'platforms'")
                return

    def install(self) -> None:
        """Whether, and how, the project itself is installed."""
        package = self.text("package")
        skips = self.project.core_flag("no_package") or self.flag("skip_install") or package == "skip"
        self.options["skip-install"] = skips
        self.options["dev-mode"] = self.flag("use_develop") or package in EDITABLE
        if package == "external":
            number = self.lines("package")[0].number
            self.project.leave(number, "an external package", "the project itself is installed", "changed")

    def dependencies(self) -> None:
        found: list[str] = []
        for line in self.lines("deps"):
            text = self.with_own_variables(line.text)
            requirement = self.dependency(self.value(line._replace(text=text)), line) if text.strip() else None
            if requirement:
                found.append(requirement)
        if found:
            self.options["dependencies"] = tuple(dict.fromkeys(found))
        for line in self.lines("constraints"):
            self.constraints.append(located(self.value(line).removeprefix("-c").strip()))

    def dependency(self, text: str, line: Line) -> str | None:
        """The requirement of a line; what is none is put where it belongs."""
        if (found := CONSTRAINT.fullmatch(text)) is not None:
            self.constraints.append(located(found[1]))
        elif (found := FILE.fullmatch(text)) is not None:
            self.install_with_pip("-r ", found[1], line)
        else:
            edited = EDIT.fullmatch(text)
            inner = edited[1] if edited else text
            own = PROJECT.fullmatch(inner)
            if own is not None and not self.options["skip-install"]:
                self.options["features"] = (
                    *self.options.get("features", ()),
                    *filter(None, map(str.strip, (own[1] or "").split(","))),
                )
                if edited:
                    self.options["dev-mode"] = True
            elif (named := NAMED_ADDRESS.fullmatch(inner)) is not None:
                return self.addressed(f"{named[2]} @ {named[1]}{named[3]}", line)
            elif re.fullmatch(r"\{env:[^:{}]+:\}", text):
                hint = "a requirement cannot be empty; give the variable a default, or add what it is to hold by an override"
                self.project.leave(line.number, f"'{line.text}' among the dependencies", hint)
            elif not edited and ("{" in text or requirement_error(text) is None):
                return text
            else:
                self.install_with_pip("-e " if edited else "", inner, line)
        return None

    def addressed(self, requirement: str, line: Line) -> str | None:
        """A requirement made of an address and its name, if it is one."""
        if "{" not in requirement and requirement_error(requirement) is not None:
            self.install_with_pip("", line.text, line)
            return None
        return requirement

    def install_with_pip(self, option: str, what: str, line: Line) -> None:
        """Call pip for what is no requirement: before the project is installed, or else first thing in the script."""
        if self.options["skip-install"]:
            when, words = "in every run", f"-q {option}{shell_word(located(what) if is_path(what) else what)}"
        else:
            when, words = "once", option + shell_word(relative(what))
        self.installs.append(f"{PIP} {words}")
        hint = f"pip is called for it, {when}; its lines could stand in 'dependencies', or in a group of pyproject.toml"
        self.project.leave(line.number, f"'{line.text}' is no requirement", hint, "changed")

    def variables(self) -> None:
        found: dict[str, str] = {}
        for line in self.lines("set_env"):
            name, equals, text = line.text.partition("=")
            marked = re.search(r";\s*(?:sys_platform|platform_\w+|python_version|os_name)\b.*", text)
            if line.text.startswith("file|") or (name.strip() == "file" and equals):
                self.project.leave(line.number, f"variables from a file: '{line.text}'", "write them into 'env-vars'")
                continue
            if not equals or "{" in name or not name.strip():
                self.project.leave(line.number, f"'{line.text}' in 'set_env'", "write NAME = VALUE into 'env-vars'")
                continue
            if marked is not None:
                self.project.leave(line.number, f"the condition of '{line.text}'", "set the variable by an override")
                text = text[: marked.start()]
            # Those of one table do not see each other.
            text = self.with_own_variables(text.strip(), but=name.strip())
            found[name.strip()] = self.value(line._replace(text=text))
        if self.constraints:
            found.setdefault("PIP_CONSTRAINT", " ".join(dict.fromkeys(self.constraints)))
        if self.flag("pip_pre"):
            found.setdefault("PIP_PRE", "1")
        if found:
            self.options["env-vars"] = found

    def with_own_variables(self, text: str, *, but: str = "", depth: int = 0) -> str:
        """The text with those variables filled in that the environment sets itself."""

        def replaced(found: re.Match[str]) -> str:
            if found[1] == but or found[1] not in own or depth == DEEPEST:
                return found[0]
            return self.with_own_variables(own[found[1]], but=found[1], depth=depth + 1)

        if "{env:" not in text:
            return text
        pairs = (line.text.partition("=") for line in self.lines("set_env"))
        own = {name.strip(): value.strip() for name, _, value in pairs}
        return VARIABLE.sub(replaced, text)

    def commands(self) -> Iterator[str]:
        ignored = self.flag("ignore_outcome")
        for key in ("commands_pre", "commands", "commands_post"):
            for line in self.lines(key):
                yield tox_text.step(line.text, self.note(line), ignored=ignored)

    def directory(self) -> str:
        """Where commands run: tox goes there from wherever one is, and it is the root where nothing is said."""
        where = "".join(relative(self.value(line)) for line in self.lines("change_dir"))
        return "." if where in ("", "{root}") else where

    def depends(self) -> Iterator[str]:
        for line in self.lines("depends"):
            yield from names_in(line.text)


def relative(path: str) -> str:
    """A path below the project without the project's own."""
    return path.removeprefix("{root}/").removeprefix("{root}{/}") or "."


def is_path(text: str) -> bool:
    return "://" not in text


def located(path: str) -> str:
    """A path that is right wherever one is."""
    return path if path.startswith(("/", "{")) or not is_path(path) else "{root}/" + path.removeprefix("./")


def shell_word(text: str) -> str:
    """A path for the shell, which may hold spaces where placeholders are."""
    return text if re.fullmatch(r"[\w@%+=:,./-]*", text) else f'"{text}"'
