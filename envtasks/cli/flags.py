"""The flags of the command line: one row each, from which the parsers and their `ENVTASKS_*` variables are made."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from envtasks.errors import RequestError
from envtasks.tuples import NamedTuple

PREFIX = "ENVTASKS_"
TRUE = ("1", "true", "yes", "on")
FALSE = ("", "0", "false", "no", "off")


class Flag(NamedTuple):
    """One flag: how it is spelled, what it takes and what it does.

    ``takes``: nothing (`on`), nothing but may be repeated (`count`), a `text`, several `texts`, or `on-off`,
    which also has a `--no-` form. One that takes nothing and is `short` for another flag gives it its `value`.
    """

    names: tuple[str, ...]
    takes: Literal["on", "on-off", "count", "text", "texts", "short"]
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    value: str = ""
    of: str = ""

    @property
    def dest(self) -> str:
        if self.of:
            return self.of
        longest = next(name for name in self.names if name.startswith("--"))
        return longest.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        return PREFIX + self.dest.upper()


COMMON = (
    Flag(("-C", "--directory"), "text", "begin to look for the project here", "DIR"),
    Flag(("-f", "--file"), "text", "read this file instead of looking for one", "FILE"),
    Flag(("-v", "--verbose"), "count", "say more; may be repeated"),
    Flag(("-q", "--quiet"), "count", "say less; may be repeated"),
    Flag(("--color",), "text", "when to colour: auto, always or never", "WHEN", ("auto", "always", "never")),
    Flag(("--env-dir", "--envdir"), "text", "where environments are kept", "DIR"),
    Flag(
        ("-db", "--default-venv-backend"),
        "text",
        "what makes environments that do not say it: virtualenv, venv, uv or none",
        "BACKEND",
    ),
    Flag(
        ("-fb", "--force-venv-backend"),
        "text",
        "what makes environments, whatever they say; with none, commands run in what surrounds them",
        "BACKEND",
    ),
)
RUN_IN = Flag(("-e", "--env"), "text", "the environment, where the command does not name one", "ENV")
MACHINE = Flag(("--json",), "on", "print what is asked for as JSON")
MISSING = Flag(
    ("--error-on-missing-interpreters",),
    "on-off",
    "fail sessions whose Python is missing instead of skipping them; the default in CI",
)
RUNNING = (
    Flag(("--dry-run",), "on", "print the plan and start nothing"),
    Flag(("--why",), "on", "tell what would be done to the environments, and why, and start nothing"),
    Flag(("--install-only",), "on", "make the environments ready and run nothing in them"),
    Flag(("-R", "--no-install"), "on", "use environments that were made before as they are, and install nothing"),
    Flag(("--ahead",), "on-off", "make environments ready while the sessions before them run; the default"),
    Flag(("-x", "--stop-on-first-error", "--fail-fast"), "on", "start nothing more once a session failed"),
    MISSING,
)
REUSING = (
    Flag(
        ("--reuse-venv",),
        "text",
        "whether environments that are there are used again (yes, always) or made anew (no, never)",
        "WHEN",
        ("yes", "no", "always", "never"),
    ),
    Flag(
        ("-r", "--reuse-existing-virtualenvs"),
        "short",
        "short for --reuse-venv yes, which is the default: against a variable that says otherwise",
        value="yes",
        of="reuse_venv",
    ),
    Flag(
        ("-N", "--no-reuse-existing-virtualenvs"),
        "short",
        "short for --reuse-venv no: make environments anew",
        value="no",
        of="reuse_venv",
    ),
)
SELECTING = (
    # Its variable is ENVTASKS_SESSIONS: commands find their own session in ENVTASKS_SESSION, and may run us again.
    Flag(("--sessions", "--session", "-s", "-e"), "texts", "run these sessions, in this order", "NAME"),
    Flag(("-t", "--tags", "--tag"), "texts", "only sessions that have one of these tags", "TAG"),
    Flag(("-k", "--keywords"), "text", "only sessions with these words: 'lint or (test and not 3.9)'", "EXPR"),
)
SHOWING = (
    Flag(("--why",), "on", "tell what the next run would do to them, and why"),
    Flag(("--origin",), "on", "tell for each value where it comes from"),
    Flag(("--ascii",), "on", "draw tables with plain characters"),
)
RECREATE = Flag(("--recreate",), "on", "make the environments anew")
UNDECLARED = Flag(("--undeclared",), "on", "only those that were made for environments no longer declared")
SHELL = Flag(("--shell",), "text", "the shell to start, by name or path, instead of the one that you are in", "SHELL")
MIGRATING = (
    Flag(("--stdout",), "on", "print what the file comes to instead of writing it"),
    Flag(("-o", "--output-file"), "text", "write to this file instead of envfile.py or envtasks.toml", "FILE"),
)
PYTHONS = Flag(("-d", "--python-dir", "--dir"), "text", "where the Pythons are that envtasks installs", "DIR")
REFUSED = Flag(("-a", "--all"), "on", "tell every Python that there is, and why each was refused")
UPDATING = Flag(("-u", "--update"), "on", "install the newest build also where an older one is there")
BUILDING = (
    Flag(("-t", "--target"), "texts", "build only these", "TARGET", ("sdist", "wheel")),
    Flag(("-o", "--build-location", "--outdir"), "text", "put what is built there instead of in dist", "DIR"),
    Flag(("-e", "--env"), "text", "build in this environment, which says builder = true", "ENV"),
    Flag(("--no-isolation",), "on", "build with the Python that runs envtasks, and with what it has"),
    Flag(("--clean",), "on", "first remove what was built of this project before"),
)
LISTING = Flag(("-l", "--list", "--list-sessions"), "on", "list the sessions and run nothing")
USAGE = Flag(
    ("--usage",), "text", "tell what this session is for and which arguments it takes, and run nothing", "NAME"
)


def add_flags(parser: ArgumentParser, flags: Sequence[Flag]) -> None:
    """What is not said stays away from the result, so that it can come from elsewhere."""
    for flag in flags:
        settings: dict[str, Any] = {"dest": flag.dest, "default": SUPPRESS, "help": flag.help}
        if flag.takes == "on":
            settings["action"] = "store_true"
        elif flag.takes == "on-off":
            from argparse import BooleanOptionalAction

            settings["action"] = BooleanOptionalAction
        elif flag.takes == "count":
            settings["action"] = "count"
        elif flag.takes == "short":
            settings |= {"action": "store_const", "const": flag.value}
        else:
            settings["metavar"] = flag.metavar
            if flag.choices:
                settings["choices"] = flag.choices
            if flag.takes == "texts":
                settings |= {"nargs": "+", "action": "extend"}
        parser.add_argument(*flag.names, **settings)


def complete(said: Namespace, flags: Sequence[Flag], environ: Mapping[str, str]) -> None:
    """Put into the parsed flags what was not said: from the environment, else what stands for "not said"."""
    for flag in flags:
        if flag.takes != "short" and not hasattr(said, flag.dest):
            setattr(said, flag.dest, from_environment(flag, environ.get(flag.variable)))


def from_environment(flag: Flag, text: str | None) -> Any:
    if flag.takes == "texts":
        return text.replace(",", " ").split() if text else None
    if flag.takes == "text":
        if text and flag.choices and text not in flag.choices:
            raise RequestError(f"{flag.variable}={text!r} is none of: {', '.join(flag.choices)}")
        return text or None
    if flag.takes == "count":
        if text and not text.isdecimal():
            raise RequestError(f"{flag.variable}={text!r} is no number")
        return int(text or 0)
    if text is None:
        return None if flag.takes == "on-off" else False
    if text.lower() not in TRUE + FALSE:
        raise RequestError(f"{flag.variable}={text!r} is neither true nor false")
    return text.lower() in TRUE
