"""Finding the files of a project and reading both front doors into one set of declarations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from envtasks.declare.declarations import Declaration, Declarations, Written, WrittenTask
from envtasks.declare.environment import read_environment
from envtasks.declare.hatch import defaults_of, read_hatch, with_our_defaults
from envtasks.declare.metadata import read_metadata
from envtasks.declare.reading import Reader, table, text, texts
from envtasks.declare.scripts import script
from envtasks.declare.toml import read_document
from envtasks.errors import Key, Mistakes, RequestError, nearest
from envtasks.model import Settings
from envtasks.option_table import INSTALLERS, SCRIPTS, TEMPLATE
from envtasks.tuples import NamedTuple
from envtasks.version import __version__

PYPROJECT = "pyproject.toml"
OWN_TOML = "envtasks.toml"
ENVFILE = "envfile.py"
HATCH_TOML = "hatch.toml"


class Files(NamedTuple):
    """The files of a project; the named ones need not exist. ``only`` is the one that a person chose, if any."""

    root: str
    pyproject: str
    own_toml: str
    envfile: str
    hatch_toml: str = ""
    only: str = ""

    def declares(self, path: str) -> bool:
        """Whether declarations are read from this file; where another one was chosen, they are not."""
        return not self.only or path == self.only


def find_project(start: str) -> Files:
    """The project that a directory belongs to: the nearest one upwards that holds a file of ours."""
    directory = os.path.abspath(start)
    while True:
        files = Files(
            directory, *(os.path.join(directory, name) for name in (PYPROJECT, OWN_TOML, ENVFILE, HATCH_TOML))
        )
        if any(map(os.path.exists, files[1:-1])):
            return files
        parent = os.path.dirname(directory)
        if parent == directory:
            raise RequestError(
                f"no project in '{start}' or above it",
                hint=f"write {OWN_TOML}, {ENVFILE} or {PYPROJECT} with [tool.envtasks]",
            )
        directory = parent


def project_of(file: str) -> Files:
    """The project that one file, named by hand, stands for.

    The others beside it declare nothing; `pyproject.toml` still says what the project is.
    """
    path = os.path.abspath(file)
    if not os.path.isfile(path):
        raise RequestError(f"no such file: '{file}'")
    root, name = os.path.split(path)
    own = path if name not in (PYPROJECT, HATCH_TOML) and not name.endswith(".py") else ""
    envfile = path if name.endswith(".py") else ""
    return Files(root, os.path.join(root, PYPROJECT), own, envfile, os.path.join(root, HATCH_TOML), only=path)


def read_project(
    files: Files,
    written: Written | None,
    *,
    read_document: Callable[[str], Mapping[str, Any] | None] = read_document,
) -> Declarations:
    """Everything that a project declares; ``written`` is what its envfile wrote, where it has one.

    ``read_document`` gives the tables of a TOML file of ours, None where there is no such file.

    What is wrong with single declarations is collected in the result, for `resolve` to tell together with
    what it finds; a file that cannot be read at all raises at once.
    """
    mistakes = Mistakes()
    document = read_document(files.pyproject) or {}
    reading = Reading(mistakes)
    declaring = document if files.declares(files.pyproject) else {}
    tool = table(declaring.get("tool", {}), Key(files.pyproject, ("tool",)), mistakes) or {}
    if "envtasks" in tool:
        reading.read_table(tool["envtasks"], Key(files.pyproject, ("tool", "envtasks")))
    own = read_document(files.own_toml) if files.own_toml else None
    if own is not None:
        reading.read_table(own, Key(files.own_toml))
    if not reading.said_environments:
        reading.read_hatch(files, declaring)
    if written is not None:
        reading.read_written(files.envfile, written)
    reading.environments.setdefault(
        TEMPLATE.default, Declaration(TEMPLATE.default, Key(files.pyproject, ("tool", "envtasks", "envs")), {}, {})
    )
    first = {TEMPLATE.default: reading.environments[TEMPLATE.default]}
    return Declarations(
        environments={**first, **reading.environments},
        settings=reading.settings(),
        metadata=read_metadata(files.root, document, Key(files.pyproject), mistakes),
        doc=reading.doc,
        files=tuple(dict.fromkeys(reading.files)),
        notes=tuple(reading.notes),
        hatch=reading.hatch,
        mistakes=tuple(mistakes.found),
        setting_keys=reading.said_at,
    )


def own_version(raw: Any, key: Key, mistakes: Mistakes) -> str | None:
    """A range of versions (PEP 440) that ours must be in."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    wanted = text(raw, key, mistakes)
    try:
        if wanted is not None and not SpecifierSet(wanted).contains(__version__, prereleases=True):
            mistakes.add(
                f"this project requires envtasks {wanted}, and this is {__version__}", key, "install that version"
            )
    except InvalidSpecifier:
        mistakes.add(f"not a range of versions: {wanted!r}", key, "write one such as '>=0.1'")
    return wanted


def known_installer(raw: Any, key: Key, mistakes: Mistakes) -> str | None:
    name = text(raw, key, mistakes)
    if name and name not in INSTALLERS:
        mistakes.unknown("installer", name, INSTALLERS, key)
    return name


SETTING_READERS: dict[str, Reader] = {
    "sessions": texts,
    "aliases": lambda raw, key, mistakes: {
        name: texts(names, key.child(name), mistakes) or () for name, names in (table(raw, key, mistakes) or {}).items()
    },
    "env-dir": text,
    "installer": known_installer,
    "requires-envtasks": own_version,
}


class Reading:
    """What has been read so far of one project."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.mistakes = mistakes
        self.environments: dict[str, Declaration] = {}
        self.said: dict[str, Any] = {}
        self.said_at: dict[str, Key] = {}
        self.said_environments = False
        self.hatch = False
        self.files: list[str] = []
        self.notes: list[str] = []
        self.doc = ""

    def read_table(self, raw: Any, key: Key) -> None:
        """One of our own tables: environments and settings."""
        self.files.append(key.file)
        for name, value in (table(raw, key, self.mistakes) or {}).items():
            where = key.child(name)
            if name == "envs":
                self.said_environments = True
                for one, options in (table(value, where, self.mistakes) or {}).items():
                    self.add(read_environment(one, options, where.child(one), self.mistakes))
            else:
                self.read_setting(name, value, where)

    def read_setting(self, name: str, value: Any, where: Key) -> None:
        reader = SETTING_READERS.get(name)
        if reader is None:
            self.mistakes.unknown("setting", name, ("envs", *SETTING_READERS), where)
        elif name in self.said:
            self.mistakes.add(f"'{name}' was already set by {located(self.said_at[name])}", where, "say it in one file")
        else:
            self.said_at[name] = where
            found = reader(value, where, self.mistakes)
            if found is not None:
                self.said[name] = found

    def add(self, declaration: Declaration | None) -> None:
        if declaration is None:
            return
        other = self.environments.get(declaration.name)
        if other is not None:
            self.mistakes.add(
                f"the environment '{declaration.name}' is already declared by {located(other.where)}",
                declaration.where,
                'rename one of them; a Python function joins it with @script("NAME")',
            )
        else:
            self.environments[declaration.name] = with_our_defaults(declaration)

    def read_hatch(self, files: Files, document: Mapping[str, Any]) -> None:
        lenient = Mistakes(strict=False)
        hatch_toml = files.hatch_toml if files.declares(files.hatch_toml) else ""
        raw, key, read = read_hatch(document, files.pyproject, hatch_toml, lenient)
        for name, options in raw.items():
            self.add(read_environment(name, options, key.child(name), lenient, defaults_of(name)))
        self.mistakes.found += lenient.found
        if raw:
            self.hatch = True
            self.files += read
            if lenient.passed_over:
                self.notes.append("passed over: " + ", ".join(map(str, lenient.passed_over)))

    def read_written(self, path: str, written: Written) -> None:
        self.files.append(path)
        self.doc = written.doc
        self.mistakes.found += written.mistakes
        for name, (value, where) in written.settings.items():
            self.read_setting(name, value, where)
        for name, raw, where in written.environments:
            self.add(read_environment(name, raw, where, self.mistakes))
        for name, title, task, where in written.scripts:
            self.add_script(name, title, task, where)

    def add_script(self, name: str, title: str, task: WrittenTask, where: Key) -> None:
        """A Python function as one more script of an environment that was declared elsewhere."""
        declared = self.environments.get(name)
        if declared is None and name == TEMPLATE.default:
            declared = Declaration(name, where, {}, {})
        if declared is None:
            known = tuple(dict.fromkeys((*self.environments, TEMPLATE.default)))
            hint = nearest(name, known) or f"declare it with env({name!r}), or join one of these: {', '.join(known)}"
            self.mistakes.add(f"unknown environment '{name}'", where, hint)
            return
        scripts = declared.options.get(SCRIPTS.name, {})
        read = script(task, where, self.mistakes)
        if read is None:
            return
        if title in scripts:
            self.mistakes.add(f"'{name}' already has a script '{title}'", where, "rename the function")
            return
        self.environments[name] = declared._replace(
            options={**declared.options, SCRIPTS.name: {**scripts, title: read}},
            keys={SCRIPTS.name: declared.where.child(SCRIPTS.name), **declared.keys},
        )

    def settings(self) -> Settings:
        return Settings(**{name.replace("-", "_"): value for name, value in self.said.items()})


def located(key: Key) -> str:
    """The file and, where it is known, the line; all files of a project lie in one directory."""
    line = f":{key.line}" if key.line else ""
    return f"{os.path.basename(key.file)}{line}"
