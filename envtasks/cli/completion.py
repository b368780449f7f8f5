"""`envtasks completion`, which prints code for a shell, and the answers to what that code then asks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from envtasks.cli.candidates import SHELLS, SOURCES, Candidate, Question, arguments
from envtasks.cli.command import VERBS, Invocation, parse, split_verb, split_verbatim, verb_position
from envtasks.cli.flags import COMMON, Flag
from envtasks.declared import Texts
from envtasks.errors import RequestError, nearest

#: tcsh can neither redirect in there nor set variables, but tells the command line in one of its own.
TCSH = "complete envtasks 'p@*@`env _ARGCOMPLETE=1 _ARGCOMPLETE_SHELL=tcsh _ARGCOMPLETE_SUPPRESS_SPACE=1 envtasks`@' ;"
#: Where the code of other shells wants the answer, and where it listens to what goes wrong.
ANSWERS, COMPLAINTS = 8, 9
FLAGS_OF_ARGPARSE = (
    Flag(("-h", "--help"), "on", "show the flags and leave"),
    Flag(("--version",), "on", "show the version and leave"),
)


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
    own, passed = own_and_passed(after, flags, verbatim=VERBS[verb].verbatim)
    flag, wanted, operands = taken_apart([*before, *own], flags)
    question = Question(prefix, asked(words[: len(words) - wanted], environ))
    if passed is not None:
        return fitting(prefix, arguments(question, passed))
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


def own_and_passed(
    after: Sequence[str], flags: Sequence[Flag], *, verbatim: bool
) -> tuple[Sequence[str], Sequence[str] | None]:
    """What we parse of the words after a verb, and what belongs to somebody else; None where that has not begun."""
    if verbatim:
        own, rest = split_verbatim(after, flags)
        return own, rest[1:] if rest else None
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
