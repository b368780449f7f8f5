"""From argv to an exit code."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from errno import EDQUOT, EFBIG, EIO, ENOSPC
from functools import partial

from envtasks.cli.flags import (
    BUILDING,
    COMMON,
    LISTING,
    MACHINE,
    MIGRATING,
    MISSING,
    PYTHONS,
    RECREATE,
    REFUSED,
    REUSING,
    RUN_IN,
    RUNNING,
    SELECTING,
    SHELL,
    SHOWING,
    UNDECLARED,
    UPDATING,
    USAGE,
    Flag,
    add_flags,
    complete,
)
from envtasks.errors import EnvtasksError, RequestError
from envtasks.tuples import NamedTuple


class Verb(NamedTuple):
    """One thing the command can do: the module that does it, loaded only then, and its flags.

    ``verbatim``: what follows its first word belongs to somebody else and is not parsed. ``notes`` end its help.
    """

    module: str
    flags: tuple[Flag, ...]
    help: str
    operands: str = ""
    verbatim: bool = False
    notes: str = ""


COMPLETION_NOTES = """\
Put this where it belongs, and begin a new shell:

  bash        ~/.bashrc                   eval "$(envtasks completion bash)"
  zsh         ~/.zshrc, after compinit    eval "$(envtasks completion zsh)"
  fish        ~/.config/fish/config.fish  envtasks completion fish | source
  tcsh        ~/.tcshrc                   eval "`envtasks completion tcsh`"
  powershell  $PROFILE                    envtasks completion powershell | Out-String | Invoke-Expression"""
#: What the words of the command line do; the empty one is the command without a verb.
VERBS = {
    "": Verb(
        "envtasks.cli.sessions",
        (*SELECTING, *RUNNING, *REUSING, LISTING, USAGE, MACHINE),
        "run or list sessions",
        operands="[NAME ...] [-- ARGS ...]",
    ),
    "run": Verb(
        "envtasks.cli.run",
        (RUN_IN, *RUNNING),
        "run a script, or any command, in an environment",
        operands="[ENV:]SCRIPT-OR-COMMAND [ARGS ...]",
        verbatim=True,
    ),
    "env show": Verb("envtasks.cli.show", (MACHINE, *SHOWING), "show the resolved environments", operands="[ENV ...]"),
    "env create": Verb(
        "envtasks.cli.create", (MISSING,), "make environments, and run nothing in them", operands="[ENV ...]"
    ),
    "env sync": Verb(
        "envtasks.cli.create",
        (RECREATE, MISSING),
        "bring environments up to date, those that are there if none is named, and run nothing in them",
        operands="[ENV ...]",
    ),
    "env find": Verb("envtasks.cli.find", (), "print the directories of environments", operands="[ENV ...]"),
    "env remove": Verb("envtasks.cli.remove", (), "remove environments", operands="[ENV ...]"),
    "env prune": Verb(
        "envtasks.cli.remove",
        (UNDECLARED,),
        "remove all environments of the project, also those that it does not declare any more",
    ),
    "shell": Verb("envtasks.cli.shell", (SHELL,), "start a shell in an environment", operands="[ENV] [-- ARGS ...]"),
    "python find": Verb(
        "envtasks.cli.python", (PYTHONS, REFUSED, MACHINE), "print the path of a Python", operands="[PYTHON]"
    ),
    "python show": Verb("envtasks.cli.python", (PYTHONS, MACHINE), "show the Pythons that envtasks installed"),
    "python install": Verb(
        "envtasks.cli.python",
        (PYTHONS, UPDATING),
        "install Pythons, those named or all there are",
        operands="PYTHON|all ...",
    ),
    "python update": Verb(
        "envtasks.cli.python",
        (PYTHONS,),
        "put newer builds in the place of the Pythons that envtasks installed",
        operands="[PYTHON ...]",
    ),
    "python remove": Verb(
        "envtasks.cli.python", (PYTHONS,), "remove Pythons that envtasks installed", operands="PYTHON|all ..."
    ),
    "build": Verb("envtasks.cli.build", BUILDING, "build source distributions and wheels of the project"),
    "migrate": Verb(
        "envtasks.cli.migrate",
        MIGRATING,
        "write a noxfile as an envfile, or the settings of tox as an envtasks.toml",
        operands="[FILE ...]",
    ),
    "completion": Verb(
        "envtasks.cli.completion",
        (),
        "print what makes a shell complete our command lines",
        operands="SHELL",
        notes=COMPLETION_NOTES,
    ),
}
NAMES_HELP = """\
NAME is a session as --list shows it, a matrix that stands for all of its environments, a pattern for environments
such as 'test.py3.1*', or an alias; none means those that the project runs by default. What follows -- goes to the
sessions:

  envtasks test -- -k parser"""
#: Exit codes of programs that a signal ended.
INTERRUPTED = 130
BROKEN_PIPE = 141
#: What goes wrong with writing to an open file, and the exit code when that file was our stdout.
UNWRITABLE = (ENOSPC, EDQUOT, EFBIG, EIO)
UNWRITTEN = 1


class Invocation(NamedTuple):
    """One command line, taken apart. ``arguments`` follow a `--`; ``operands`` do not begin with a hyphen."""

    verb: str
    flags: Namespace
    operands: tuple[str, ...]
    arguments: tuple[str, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks for and return the exit code."""
    prepare_streams()
    try:
        if "_ARGCOMPLETE" in os.environ:
            code = answer(os.environ)
        else:
            code = perform(parse(sys.argv[1:] if argv is None else argv, os.environ))
        sys.stdout.flush()
    except EnvtasksError as error:
        from envtasks.report.problems import problem_text

        complain(problem_text(error, directory()))
        code = error.exit_code
    except BrokenPipeError:
        code = BROKEN_PIPE
    except OSError as error:
        if error.errno not in UNWRITABLE or error.filename is not None:
            raise
        complain(f"error: cannot write: {error.strerror}")
        code = UNWRITTEN
    except KeyboardInterrupt as error:
        # Ours says which signal it was, and was told of with the outcomes.
        code = getattr(error, "exit_code", INTERRUPTED)
    settle_streams()
    return code


def complain(text: str) -> None:
    """Tell a person, if there is one who can be told."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        return


def settle_streams() -> None:
    """Give up what can no longer be written: the interpreter would try once more, and make its exit code of it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def directory() -> str:
    """Where we are, for showing paths shorter; where that was deleted, they stay as they are."""
    try:
        return os.getcwd()
    except OSError:
        return os.devnull


def prepare_streams() -> None:
    """Closed streams swallow what is printed; characters that a terminal lacks are escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - lives as long as we do
        else:
            stream.reconfigure(errors="backslashreplace")


def perform(invocation: Invocation) -> int:
    from importlib import import_module

    code: int = import_module(VERBS[invocation.verb].module).main(invocation)
    return code


def answer(environ: Mapping[str, str]) -> int:
    """Answer a shell that asks for completion, and do nothing else."""
    from importlib import import_module

    code: int = import_module(VERBS["completion"].module).answer(environ)
    return code


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Invocation:
    """Take a command line apart; RequestError, or SystemExit of argparse, where that cannot be done."""
    before, verb, after = split_verb(argv)
    chosen = VERBS[verb]
    flags = (*COMMON, *chosen.flags)
    parser = parser_of(verb)
    if chosen.verbatim:
        own, operands = split_verbatim(after, flags)
        arguments: list[str] = []
    else:
        cut = after.index("--") if "--" in after else len(after)
        own, arguments = after[:cut], after[cut + 1 :]
        parser.add_argument("operands", nargs="*", metavar=chosen.operands, help=SUPPRESS)
    said = parser.parse_args([*before, *own])
    if not verb and said.operands:
        said.sessions = [*getattr(said, "sessions", ()), *said.operands]
    complete(said, flags, environ)
    return Invocation(verb, said, tuple(operands if chosen.verbatim else said.operands), tuple(arguments))


def split_verb(argv: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """The flags before the verb, the verb, and what follows it; without a verb, everything follows it."""
    position = verb_position(argv)
    if position is None:
        return [], "", list(argv)
    words = tuple(argv[position : position + 2])
    for length in (2, 1):
        verb = " ".join(words[:length])
        if verb and verb in VERBS:
            return list(argv[:position]), verb, list(argv[position + length :])
    groups = {verb.split()[0] for verb in VERBS if " " in verb}
    if words and words[0] in groups:
        known = ", ".join(verb for verb in VERBS if verb.startswith(f"{words[0]} "))
        raise RequestError(f"'{' '.join(words)}' is no command", hint=f"known are: {known}")
    return [], "", list(argv)


def verb_position(argv: Sequence[str]) -> int | None:
    """Where a verb stands if there is one; None where a flag comes first that takes the words after it for names."""
    position = 0
    while position < len(argv) and argv[position].startswith("-") and argv[position] != "--":
        if any(argv[position] in flag.names for flag in (*SELECTING, USAGE)):
            return None
        position += 2 if takes_value(argv[position], COMMON) else 1
    return position


def split_verbatim(words: Sequence[str], flags: Sequence[Flag]) -> tuple[list[str], list[str]]:
    """Our flags, and the first word that is none with everything after it."""
    position = 0
    while position < len(words) and words[position].startswith("-") and words[position] != "--":
        position += 2 if takes_value(words[position], flags) else 1
    rest = list(words[position:])
    return list(words[:position]), rest[1:] if rest[:1] == ["--"] else rest


def takes_value(word: str, flags: Sequence[Flag]) -> bool:
    """Whether the next word belongs to this flag."""
    return "=" not in word and any(word in flag.names and flag.takes == "text" for flag in flags)


def parser_of(verb: str) -> ArgumentParser:
    from envtasks.version import __version__

    chosen = VERBS[verb]
    parser = ArgumentParser(
        prog=f"envtasks {verb}".rstrip(),
        description=chosen.help,
        usage=f"envtasks {verb} [flags] {chosen.operands}".replace("  ", " "),
        epilog=chosen.notes if verb else root_epilog(),
        allow_abbrev=False,
        formatter_class=partial(RawDescriptionHelpFormatter, width=help_width()),
    )
    parser.add_argument("--version", action="version", version=f"envtasks {__version__}")
    add_flags(parser, (*COMMON, *chosen.flags))
    return parser


def root_epilog() -> str:
    lines = [f"  envtasks {name} {verb.operands}\n      {verb.help}" for name, verb in VERBS.items() if name]
    return "\n".join((NAMES_HELP, "", "commands:", *lines))


def help_width() -> int:
    """Said to argparse because it would load `shutil`, and three compressors with it, to find out by itself."""
    try:
        return min(os.get_terminal_size().columns, 120) - 2
    except (OSError, ValueError):
        return 98
