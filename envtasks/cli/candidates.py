"""What the words of a command line may become: names of the project, paths, arguments of tasks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from envtasks.cli.command import Invocation
from envtasks.cli.world import World, look
from envtasks.declare.arguments import spellings as spellings_of_argument
from envtasks.declare.nox_words import BACKENDS
from envtasks.declared import Argument
from envtasks.errors import EnvtasksError
from envtasks.model import SessionRef
from envtasks.option_table import DESCRIPTION, SCRIPTS
from envtasks.resolve.given import END
from envtasks.resolve.selection import all_sessions, default_script, environments_of, split_name
from envtasks.resolve.signatures import arguments_for
from envtasks.resolve.spellings import spellings
from envtasks.tuples import NamedTuple

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
#: What is no word in an expression of `-k`.
OPERATORS = ("and", "or", "not")


class Candidate(NamedTuple):
    """What a word may become, and what shells show beside it."""

    text: str
    help: str = ""


class Question(NamedTuple):
    """The word to complete, and the command line before it; None where that is wrong already."""

    prefix: str
    invocation: Invocation | None

    @property
    def world(self) -> World | None:
        """The project that is meant; None where there is none, or something is wrong with it."""
        try:
            return look(self.invocation.flags) if self.invocation else None
        except EnvtasksError:
            return None


def sessions(question: Question) -> Iterator[Candidate]:
    """The names that a listing shows and those that stand for several; what else is a name where these do not fit."""
    if (world := question.world) is None:
        return
    usual = {session.name: session.description for session in all_sessions(world.project)}
    for session in all_sessions(world.project):
        usual.setdefault(session.family, session.description)
    for alias, names in world.project.settings.aliases.items():
        usual.setdefault(alias, " ".join(names))
    others = ((name, session.description) for session in all_sessions(world.project) for name in spellings(session))
    yield from preferred(usual, others, question.prefix)


def preferred(usual: Mapping[str, str], other: Iterable[tuple[str, str]], prefix: str) -> Iterator[Candidate]:
    """The usual names if any of them fits, else the others."""
    fits = any(name.startswith(prefix) for name in usual)
    return (Candidate(*pair) for pair in (usual.items() if fits else other))


def tags(question: Question) -> Iterator[Candidate]:
    world = question.world
    for session in all_sessions(world.project) if world else ():
        yield from map(Candidate, session.tags)


def keywords(question: Question) -> Iterator[Candidate]:
    """The expression with its last word completed: after a word comes what joins it with the next."""
    if (world := question.world) is None:
        return
    begin = max(question.prefix.rfind(char) for char in " (") + 1
    before = question.prefix[:begin]
    if before.split()[-1:] not in ([], *([word] for word in OPERATORS)) and not before.endswith("("):
        words: Iterable[str] = ("and", "or")
    else:
        words = (word for session in all_sessions(world.project) for word in words_of(session))
    yield from (Candidate(before + word) for word in words)


def words_of(session: SessionRef) -> Iterator[str]:
    """Names and tags, those that are one word of an expression."""
    environment = session.environment
    names = (environment.family, environment.name, *(() if session.default else (session.script_name,)), *session.tags)
    return (name for name in names if not re.search(r"[\s()'\"]", name) and name not in OPERATORS)


def environments(question: Question) -> Iterator[Candidate]:
    world = question.world
    for name, one in world.project.environments.items() if world else ():
        yield Candidate(one.family, one[DESCRIPTION])
        yield Candidate(name, one[DESCRIPTION])


def scripts(question: Question) -> Iterator[Candidate]:
    """Scripts of the environment that is used where none is named, and of all others with its name."""
    if (world := question.world) is None or question.invocation is None:
        return
    from envtasks.cli.run import active

    usual: dict[str, str] = {}
    for environment in environments_of(question.invocation.flags.env or active(world), world.project):
        usual.update((name, script.description) for name, script in environment[SCRIPTS].items())
    found = tuple(all_sessions(world.project))
    usual.update((f"{one.environment.family}:{one.script_name}", one.description) for one in found)
    yield from preferred(usual, ((session.id, session.description) for session in found), question.prefix)


def pythons(question: Question) -> Iterator[Candidate]:
    from envtasks.cli.python import known_names

    return map(Candidate, known_names(question.invocation)) if question.invocation else iter(())


def directories(question: Question) -> Iterator[Candidate]:
    return (path for path in files(question) if path.text.endswith("/"))


def files(question: Question) -> Iterator[Candidate]:
    """What lies in the directory that the prefix names; hidden is what begins with a dot, if the prefix does not."""
    place, _, begin = question.prefix.rpartition("/")
    place = question.prefix[: len(question.prefix) - len(begin)]
    try:
        with os.scandir(os.path.expanduser(place) or ".") as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError:
        return
    for name, is_directory in found:
        if begin.startswith(".") or not name.startswith("."):
            yield Candidate(f"{place}{name}{'/' if is_directory else ''}")


def arguments(question: Question, before: Sequence[str]) -> Iterable[Candidate]:
    """What may be passed to the sessions that are named, after these words: what they declare to take, else files."""
    if question.invocation and question.invocation.verb and before[:1] == [END]:
        before = before[1:]
    declared = {one.name: one for session in asked_for(question) for one in arguments_for(session)}
    if not declared or END in before:
        return files(question)
    options = {spelling: one for one in declared.values() for spelling in spellings_of_argument(one)}
    wanted, places = taken(before, options)
    if wanted is not None:
        return values_of(wanted, question)
    name, equals, value = question.prefix.partition("=")
    if equals and name in options:
        found = values_of(options[name], question._replace(prefix=value))
        return (Candidate(f"{name}={one.text}", one.help) for one in found)
    if question.prefix.startswith("-"):
        return (Candidate(spelling, one.description) for spelling, one in options.items())
    alone = [one for one in declared.values() if not one.option]
    following = alone[places : places + 1] or [one for one in alone[-1:] if one.many]
    return (candidate for one in following for candidate in values_of(one, question))


def asked_for(question: Question) -> tuple[SessionRef, ...]:
    """The sessions that the command line before the word would run."""
    world, invocation = question.world, question.invocation
    if world is None or invocation is None:
        return ()
    try:
        if invocation.verb:
            return scripts_asked_for(invocation, world)
        from envtasks.cli.sessions import chosen

        return chosen(invocation, world)
    except EnvtasksError:
        return ()


def scripts_asked_for(invocation: Invocation, world: World) -> tuple[SessionRef, ...]:
    from envtasks.cli.run import active

    where, name = split_name(invocation.operands[0], invocation.flags.env or active(world), world.project)
    found = (one for one in environments_of(where, world.project) if name in one[SCRIPTS])
    return tuple(SessionRef(one, name, name == default_script(one)) for one in found)


def taken(words: Sequence[str], options: Mapping[str, Argument]) -> tuple[Argument | None, int]:
    """The option that takes the next word, and how many words stand at a place of their own."""
    wanted, places = None, 0
    for word in words:
        if wanted is not None:
            wanted = None
        elif word in options:
            wanted = options[word] if options[word].type != "bool" else None
        else:
            places += not word.startswith("-")
    return wanted, places


def values_of(argument: Argument, question: Question) -> Iterable[Candidate]:
    return files(question) if argument.type == "path" else (Candidate(choice) for choice in argument.choices)


#: What may stand for the words that flags and usages have for values.
SOURCES: dict[str, Callable[[Question], Iterable[Candidate]]] = {
    "NAME": sessions,
    "TAG": tags,
    "EXPR": keywords,
    "ENV": environments,
    "ENV:SCRIPT-OR-COMMAND": scripts,
    "DIR": directories,
    "PYTHON": pythons,
    "PYTHON|all": pythons,
    "FILE": files,
    "SHELL": lambda _: map(Candidate, SHELLS),
    "BACKEND": lambda _: map(Candidate, BACKENDS),
}
