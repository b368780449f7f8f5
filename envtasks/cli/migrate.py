"""`envtasks migrate`: what nox and tox read, written anew as what we read."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from envtasks.cli.command import Invocation
from envtasks.cli.world import absolute, current_directory
from envtasks.declare.project import ENVFILE, OWN_TOML, PYPROJECT
from envtasks.declare.toml import read_document, read_text
from envtasks.errors import RequestError
from envtasks.migrate.migrated import Left, Migrated, told
from envtasks.tuples import NamedTuple

NOXFILE = "noxfile.py"
SETUP_CFG = "setup.cfg"
#: The files of tox, in the order in which it looks for them.
TOX_FILES = ("tox.ini", SETUP_CFG, PYPROJECT, "tox.toml")
ELSEWHERE = "print it with --stdout, or name another file with -o FILE"


class Port(NamedTuple):
    """One file, what it comes to, and where that goes."""

    source: str
    target: str
    migrated: Migrated


def main(invocation: Invocation) -> int:
    flags = invocation.flags
    directory = absolute(flags.directory or ".")
    named = invocation.operands or ((flags.file,) if flags.file else (found_in(directory),))
    if flags.output_file and (len(named) > 1 or flags.stdout):
        other = "--stdout" if flags.stdout else "several files"
        raise RequestError(f"-o cannot be given with {other}", hint="port one file at a time")
    ports = [ported(os.path.join(directory, name), flags.output_file or "", directory) for name in named]
    if flags.stdout:
        sys.stdout.write("\n".join(port.migrated.text for port in ports))
    else:
        check_targets([port.target for port in ports])
    for port in ports:
        if not flags.stdout:
            write(port.target, port.migrated.text)
            print(f"wrote {shown(port.target)}", file=sys.stderr)
        tell(port.source, port.migrated.left)
    return 0


def found_in(directory: str) -> str:
    """The file of a directory that is ported when none is named."""
    for name in (NOXFILE, *TOX_FILES):
        path = os.path.join(directory, name)
        if os.path.isfile(path) and speaks_of_tox(path):
            return path
    hint = f"name one: envtasks migrate FILE; looked for: {', '.join((NOXFILE, *TOX_FILES))}"
    raise RequestError(f"no file of nox or tox in '{shown(directory)}'", hint=hint)


def speaks_of_tox(path: str) -> bool:
    """Whether a file that may be about other things is about tox as well; others are by their name."""
    name = os.path.basename(path)
    if name == PYPROJECT:
        tool = (read_document(path) or {}).get("tool", {})
        return isinstance(tool, dict) and "tox" in tool
    return name != SETUP_CFG or "[tox:tox]" in (read_text(path) or "")


def ported(source: str, output: str, directory: str) -> Port:
    text = read_text(source)
    if text is None:
        raise RequestError(f"no such file: '{shown(source)}'")
    usual, migrate = (ENVFILE, nox) if source.endswith(".py") else (OWN_TOML, tox)
    migrated = migrate(source, text)
    if migrated.text.strip() == text.strip() and not migrated.left:
        raise RequestError(f"there is nothing to port in '{shown(source)}'", hint="name a file of nox or tox")
    target = os.path.join(directory, output) if output else os.path.join(os.path.dirname(source), usual)
    return Port(source, target, migrated)


def nox(path: str, text: str) -> Migrated:
    from envtasks.migrate.noxfile import migrate_noxfile

    return migrate_noxfile(path, text)


def tox(path: str, text: str) -> Migrated:
    from envtasks.migrate.tox import migrate_tox

    return migrate_tox(path, text)


def check_targets(targets: Sequence[str]) -> None:
    """Nothing is written where one of the files cannot be."""
    for target in targets:
        if os.path.lexists(target):
            raise there_already(target)
        if targets.count(target) > 1:
            raise RequestError(f"several files would be ported to '{shown(target)}'", hint="port one file at a time")


def write(path: str, text: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    from tempfile import TemporaryDirectory

    try:
        with TemporaryDirectory(prefix=".envtasks-", dir=os.path.dirname(path)) as directory:
            unfinished = os.path.join(directory, os.path.basename(path))
            with open(unfinished, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            put(unfinished, path)
    except FileExistsError:
        raise there_already(path) from None
    except OSError as error:
        raise RequestError(f"cannot write '{shown(path)}': {error.strerror}", hint=ELSEWHERE) from None


def put(unfinished: str, path: str) -> None:
    """Give a file its name; FileExistsError where another one got it meanwhile."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:
        # Not every file system has links; there, the name is taken first.
        open(path, "x", encoding="utf-8").close()
        os.replace(unfinished, path)


def there_already(path: str) -> RequestError:
    return RequestError(f"'{shown(path)}' is there already", hint=ELSEWHERE)


def tell(source: str, left: Sequence[Left]) -> None:
    """List what a person has to look at."""
    for line in told(shown(source), left):
        print(line, file=sys.stderr)


def shown(path: str) -> str:
    """A path relative to where we are, where it lies below."""
    here = current_directory()
    return os.path.relpath(path, here) if path.startswith(here + os.sep) else path
