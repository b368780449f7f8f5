"""Scripts made of scripts: from what was declared to the flat list of commands."""

from __future__ import annotations

from collections.abc import Mapping

from envtasks.declared import Function, Pairs, Script, Texts
from envtasks.errors import ScriptError
from envtasks.tuples import NamedTuple

#: A script that comes to more commands than this is a slip of the keyboard.
MOST_COMMANDS = 10_000
#: Scripts inside scripts, far deeper than anyone reads.
DEEPEST = 100

IGNORE = "- "


class Command(NamedTuple):
    """One command of an expanded script, placeholders still in it, with what its script asked for.

    With a ``function``, that is called, and ``text`` is the arguments for it. ``inside`` are the scripts with arguments of
    their own that it comes from, outermost first, with what stands behind their names.
    """

    text: str
    ignore_exit_code: bool = False
    env_vars: Pairs = ()
    cwd: str = ""
    timeout: float | None = None
    function: Function | None = None
    inside: Pairs = ()


class Words(NamedTuple):
    """A command as scripts see it: only single spaces separate, and only the first word can be a script."""

    ignore_exit_code: bool
    first: str
    rest: str


def words(text: str) -> Words:
    ignore = text.startswith(IGNORE)
    first, _, rest = text.removeprefix(IGNORE).partition(" ")
    return Words(ignore, first, rest)


def asks_for_pip(text: str) -> bool:
    """Whether a command runs the pip of its environment."""
    return words(text).first in {"pip", "pip3"} or " -m pip" in text


def expand(name: str, scripts: Mapping[str, Script]) -> tuple[Command, ...]:
    """The commands that a script comes to; ScriptError for a cycle, or a chain that is too long."""
    return Expansion(scripts).of_script(name)


def expand_command(text: str, scripts: Mapping[str, Script]) -> tuple[Command, ...]:
    """The commands that one command comes to, where its first word may be a script."""
    return Expansion(scripts).of_command(text, ())


def made_of(name: str, scripts: Mapping[str, Script]) -> Texts:
    """Every script that has a part in this one, itself first."""
    met = {name: None}
    waiting = [name]
    while waiting:
        for text in scripts[waiting.pop(0)].commands:
            first = words(text).first
            if first in scripts and first not in met:
                met[first] = None
                waiting.append(first)
    return tuple(met)


class Expansion:
    """The scripts of one environment while they are expanded, each only once; so is what is wrong with them told."""

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self.scripts = scripts
        self.done: dict[str, tuple[Command, ...]] = {}
        self.failed: dict[str, ScriptError] = {}

    def of_script(self, name: str, inside: Texts = ()) -> tuple[Command, ...]:
        """``inside`` are the names of the scripts around this one, outermost first."""
        if name in self.failed:
            raise self.failed[name]
        if name in inside:
            circle = inside[inside.index(name) :]
            raise ScriptError(f"scripts go in a circle: {' -> '.join((*circle, name))}", circle)
        if len(inside) >= DEEPEST:
            raise ScriptError(
                f"more than {DEEPEST} scripts inside each other, beginning with '{inside[0]}'", inside[:1]
            )
        if name not in self.done:
            try:
                self.done[name] = self.flatten(name, self.scripts[name], (*inside, name))
            except ScriptError as error:
                self.failed[name] = error
                raise
        return self.done[name]

    def flatten(self, name: str, script: Script, inside: Texts) -> tuple[Command, ...]:
        flat = [Command("", function=script.function)] if script.function else []
        for text in script.commands:
            flat += self.of_command(text, inside)
            if len(flat) > MOST_COMMANDS:
                raise ScriptError(f"'{name}' comes to more than {MOST_COMMANDS} commands", (name,))
        if not script.env_vars and not script.cwd and script.timeout is None:
            return tuple(flat)
        return tuple(
            command._replace(
                env_vars=script.env_vars + command.env_vars,
                cwd=command.cwd or script.cwd,
                timeout=script.timeout if command.timeout is None else command.timeout,
            )
            for command in flat
        )

    def of_command(self, text: str, inside: Texts) -> tuple[Command, ...]:
        """Inside a script, its own name as first word means the program of that name."""
        ignore, first, rest = words(text)
        if first not in self.scripts or inside[-1:] == (first,):
            return (Command(text.removeprefix(IGNORE) if ignore else text, ignore),)
        commands = self.of_script(first, inside)
        if self.scripts[first].args:
            return tuple(
                command._replace(
                    inside=((first, rest), *command.inside),
                    ignore_exit_code=ignore or command.ignore_exit_code,
                )
                for command in commands
            )
        return tuple(
            command._replace(
                text=f"{command.text} {rest}".lstrip() if rest else command.text,
                ignore_exit_code=ignore or command.ignore_exit_code,
            )
            for command in commands
        )
