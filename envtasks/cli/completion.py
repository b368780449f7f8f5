"""`envtasks completion`, which prints code for a shell, and the answers to what that code then asks."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TextIO

from envtasks.cli.command import VERBS, Invocation, parse, split_verb, split_verbatim, verb_position
from envtasks.cli.flags import COMMON, Flag
from envtasks.cli.world import World, look
from envtasks.declared import Texts
from envtasks.errors import EnvtasksError, RequestError, nearest
from envtasks.model import SessionRef
from envtasks.option_table import DESCRIPTION, SCRIPTS
from envtasks.resolve.selection import all_sessions, environments_of

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
#: tcsh can neither redirect in there nor set variables, but tells the command line in one of its own.
TCSH = "complete envtasks 'p@*@`env _ARGCOMPLETE=1 _ARGCOMPLETE_SHELL=tcsh _ARGCOMPLETE_SUPPRESS_SPACE=1 envtasks`@' ;"
#: Where the code of other shells wants the answer, and where it listens to what goes wrong.
ANSWERS, COMPLAINTS = 8, 9
#: What is no word in an expression of `-k`.
OPERATORS = ("and", "or", "not")
FLAGS_OF_ARGPARSE = (
    Flag(("-h", "--help"), "on", "show the flags and leave"),
    Flag(("--version",), "on", "show the version and leave"),
)


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


def main(invocation: Invocation) -> int:
    if len(invocation.operands) != 1:
        raise RequestError("name one shell", hint=f"known are: {', '.join(SHELLS)}")
    shell = invocation.operands[0]
    if shell not in SHELLS:
        raise RequestError(f"unknown shell '{shell}'", hint=nearest(shell, SHELLS) or f"known are: {', '.join(SHELLS)}")
    if shell == "tcsh":
        print(TCSH)
    else:
        from argcomplete.shell_integration import shellcode

        # Files are among the answers where one may stand; a shell would offer them everywhere.
        print(shellcode(["envtasks"], use_defaults=False, shell=shell).strip())
    return 0


def answer(environ: Mapping[str, str]) -> int:
    """Answer the code that a shell runs when the key for completion is pressed; nothing else is ever printed."""
    from argcomplete.finders import CompletionFinder
    from argcomplete.lexers import split_line

    tcsh = environ.get("_ARGCOMPLETE_SHELL") == "tcsh"
    with answers(environ, 1 if tcsh else ANSWERS) as stream:
        line = environ["COMMAND_LINE" if tcsh else "COMP_LINE"]
        quote, prefix, _, words, break_at = split_line(line, int(environ.get("COMP_POINT") or len(line)))
        found = candidates(words[int(environ["_ARGCOMPLETE"]) :], prefix, environ)
        quoted = CompletionFinder().quote_completions([one.text for one in found], quote, break_at)
        stream.write(told(quoted, found, environ))
    return 0


def answers(environ: Mapping[str, str], number: int) -> TextIO:
    """Where the answer goes, and nothing else: from now on it is closed to an envfile and to programs that it starts."""
    file = environ.get("_ARGCOMPLETE_STDOUT_FILENAME")
    try:
        place = os.open(file, os.O_WRONLY | os.O_TRUNC) if file else os.dup(number)
    except OSError as error:
        reason = f"_ARGCOMPLETE is set, and the answer for a shell cannot be written: {error.strerror}"
        raise RequestError(reason, hint="unset it to run sessions") from None
    nowhere = os.open(os.devnull, os.O_RDWR)
    heard = {2, COMPLAINTS} if "_ARC_DEBUG" in environ else set()
    for silent in {0, 1, 2, ANSWERS, COMPLAINTS} - heard - {place, nowhere}:
        os.dup2(nowhere, silent)
    return open(place, "w", encoding="utf-8", errors="surrogateescape", newline="")


def told(quoted: Sequence[str], found: Sequence[Candidate], environ: Mapping[str, str]) -> str:
    """The answer as the shell wants it, which may show what each candidate is."""
    shell, between = environ.get("_ARGCOMPLETE_SHELL"), environ.get("_ARGCOMPLETE_DFS")
    if shell == "zsh":
        between = ":"
    helps = (" ".join(one.help.split()) for one in found) if between else ()
    lines = [f"{text}{between}{help_}" for text, help_ in zip(quoted, helps, strict=True)] if between else quoted
    return environ.get("_ARGCOMPLETE_IFS", "\n" if shell == "tcsh" else "\013").join(lines)


def candidates(words: Sequence[str], prefix: str, environ: Mapping[str, str]) -> list[Candidate]:
    """What the word that begins with the prefix may become, after these words."""
    position = verb_position(words)
    try:
        before, verb, after = split_verb(words)
    except RequestError:
        return fitting(prefix, next_words(words[position:]))
    flags = (*COMMON, *VERBS[verb].flags, *FLAGS_OF_ARGPARSE)
    own, arguments = own_and_arguments(after, flags, verbatim=VERBS[verb].verbatim)
    flag, wanted, operands = taken_apart([*before, *own], flags)
    question = Question(prefix, asked(words[: len(words) - wanted], environ))
    if arguments is not None:
        return fitting(prefix, files(question))
    name, equals, value = prefix.partition("=")
    if equals and not wanted and (given := named(name, flags)) and takes_words(given):
        inner = question._replace(prefix=value)
        return [Candidate(f"{name}={one.text}", one.help) for one in fitting(value, values(given, inner))]
    if flag is not None and (wanted or not prefix.startswith("-")):
        return fitting(prefix, values(flag, question), without=words)
    if prefix.startswith("-"):
        return fitting(prefix, spellings(flags))
    verbs = () if position is None else next_words(words[position:])
    return fitting(prefix, (*verbs, *operand(verb, operands, question)), without=operands)


def fitting(prefix: str, found: Iterable[Candidate], without: Sequence[str] = ()) -> list[Candidate]:
    """Those that begin with the prefix, each once, but for those that stand there already."""
    unique: dict[str, Candidate] = {}
    for one in found:
        if one.text.startswith(prefix) and one.text not in without:
            unique.setdefault(one.text, one)
    return list(unique.values())


def asked(words: Sequence[str], environ: Mapping[str, str]) -> Invocation | None:
    try:
        return parse(words, environ)
    except (RequestError, SystemExit):
        return None


def own_and_arguments(
    after: Sequence[str], flags: Sequence[Flag], *, verbatim: bool
) -> tuple[Sequence[str], Sequence[str] | None]:
    """What we parse of the words after a verb, and what belongs to somebody else; None where that has not begun."""
    if verbatim:
        own, rest = split_verbatim(after, flags)
        return own, rest or None
    if "--" in after:
        cut = after.index("--")
        return after[:cut], after[cut + 1 :]
    return after, None


def taken_apart(words: Sequence[str], flags: Sequence[Flag]) -> tuple[Flag | None, bool, Texts]:
    """The flag that would take the next word, whether it lacks its value, and the operands."""
    flag, wanted = None, False
    operands = []
    for word in words:
        if word.startswith("-"):
            flag = named(word, flags)
            flag = flag if flag and takes_words(flag) else None
            wanted = flag is not None
        elif flag is None:
            operands.append(word)
        else:
            flag, wanted = (flag if flag.takes == "texts" else None), False
    return flag, wanted, tuple(operands)


def named(word: str, flags: Sequence[Flag]) -> Flag | None:
    return next((flag for flag in flags if word in flag.names), None)


def takes_words(flag: Flag) -> bool:
    return flag.takes in ("text", "texts")


def next_words(words: Sequence[str]) -> Iterator[Candidate]:
    """How verbs that begin with these words go on."""
    for name, verb in VERBS.items():
        parts = name.split()
        if len(parts) > len(words) and parts[: len(words)] == list(words):
            yield Candidate(parts[len(words)], verb.help)


def spellings(flags: Sequence[Flag]) -> Iterator[Candidate]:
    for flag in flags:
        for name in flag.names:
            yield Candidate(name, flag.help)
            if flag.takes == "on-off":
                yield Candidate(name.replace("--", "--no-", 1), flag.help)


def values(flag: Flag, question: Question) -> Iterable[Candidate]:
    if flag.choices:
        return map(Candidate, flag.choices)
    return SOURCES[flag.metavar](question) if flag.metavar in SOURCES else ()


def operand(verb: str, operands: Texts, question: Question) -> Iterable[Candidate]:
    """What may stand as the next operand: the usage of the verb names it, and says whether there may be more."""
    name, *more = VERBS[verb].operands.replace("[", "").replace("]", "").split() or [""]
    return SOURCES[name](question) if name in SOURCES and (not operands or more[:1] == ["..."]) else ()


def sessions(question: Question) -> Iterator[Candidate]:
    """The names that a listing shows and those that stand for several; what else is a name where these do not fit."""
    if (world := question.world) is None:
        return
    usual = {session.name: session.description for session in all_sessions(world.project)}
    for session in all_sessions(world.project):
        usual.setdefault(session.family, session.description)
    for alias, names in world.project.settings.aliases.items():
        usual.setdefault(alias, " ".join(names))
    yield from preferred(usual, spelled_otherwise(world), question.prefix)


def spelled_otherwise(world: World) -> Iterator[tuple[str, str]]:
    for session in all_sessions(world.project):
        yield session.id, session.description


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


#: What may stand for the words that flags and usages have for values.
SOURCES: dict[str, Callable[[Question], Iterable[Candidate]]] = {
    "NAME": sessions,
    "TAG": tags,
    "EXPR": keywords,
    "ENV": environments,
    "ENV:SCRIPT-OR-COMMAND": scripts,
    "DIR": directories,
    "FILE": files,
    "SHELL": lambda _: map(Candidate, SHELLS),
}
