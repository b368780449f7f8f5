"""tox.ini, setup.cfg, tox.toml and pyproject.toml as envtasks.toml."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from envtasks.declare.metadata import LEGACY_FILES, read_metadata
from envtasks.declare.toml import parse, read_document
from envtasks.errors import EnvtasksError, Key, Mistakes
from envtasks.migrate.hatch import hatch_tables, migrate_hatch
from envtasks.migrate.migrated import Left, Migrated
from envtasks.migrate.toml_text import Dotted, document, table_text
from envtasks.migrate.tox_leftovers import leftovers
from envtasks.migrate.tox_merging import UNSAID, Merged, Point, merged
from envtasks.migrate.tox_project import ToxProject, names_in
from envtasks.migrate.tox_reading import BASE, CORE, PREFIX, read_ini
from envtasks.migrate.tox_roots import Root, roots_of
from envtasks.migrate.tox_settings import Settings, settings_of
from envtasks.migrate.tox_toml import read_toml
from envtasks.model import Metadata

#: Where pyproject.toml keeps what tox is told.
TOOL = ("tool", "tox")
#: Options that environments are most likely to share, which `default` then holds.
SHARED = (
    "dependencies",
    "dependency-groups",
    "features",
    "dev-mode",
    "skip-install",
    "env-vars",
    "pre-install-commands",
    "platforms",
    "system-packages",
)
#: The order in which options are written; what is not here comes after it.
ORDER = ("description", "python", "matrix", "platforms", "tags", *SHARED[:3], "extra-dependencies", *SHARED[3:])


def migrate_tox(path: str, text: str) -> Migrated:
    """The environments of a file of tox, or those of Hatch in pyproject.toml, as the text of an envtasks.toml.

    Raises EnvtasksError where the file cannot be read, or holds none.
    """
    name = os.path.basename(path)
    if name.endswith(".toml") and name != "tox.toml":
        tables = parse(text, path)
        if not at(tables, TOOL) and hatch_tables(name, tables):
            return migrate_hatch(path, text)
    project = read_tox(path, text)
    platforms = project.platforms()
    roots = roots_of(project)
    found = {
        root.name: {
            Point(cell, platform): settings_of(cell.tox, project, platform)
            for platform in platforms
            for cell in root.cells
        }
        for root in roots
    }
    ours = our_names(roots)
    for one in project.names:
        if one not in ours:
            project.leave(
                project.place(one),
                f"the environment '{one}'",
                "another one of the file has the same Python and factors",
            )
    written = Writing(project, roots, found).text()
    project.leave_idle_lines()
    project.left.update(dict.fromkeys(leftovers(project, shared=name == "setup.cfg")))
    return Migrated(written, tuple(sorted(project.left)))


def read_tox(path: str, text: str) -> ToxProject:
    """What a file of tox says; EnvtasksError where it cannot be read, or says nothing."""
    name = os.path.basename(path)
    left: tuple[Left, ...] = ()
    if name.endswith(".toml"):
        tables = parse(text, path)
        where = () if name == "tox.toml" else TOOL
        own = at(tables, where)
        legacy = own.get("legacy_tox_ini")
        if isinstance(legacy, str) and not set(own) - {"legacy_tox_ini"}:
            sections = read_ini(path, lowered(legacy, text))
        elif own:
            sections, left = read_toml(tables, where, text)
        else:
            raise nothing(path)
    else:
        sections = read_ini(path, text)
    if not any(title in (CORE, BASE) or title.startswith(PREFIX) for title in sections):
        raise nothing(path)
    return ToxProject(sections, left, metadata_beside(path))


def our_names(roots: Iterable[Root]) -> dict[str, str]:
    """What the environments of tox are called here."""
    return {cell.tox: f"{root.name}.{cell.name}" if cell.name else root.name for root in roots for cell in root.cells}


def lowered(inner: str, text: str) -> str:
    """The text of a string in a file, with as many empty lines before it as there are lines above it in the file."""
    before, _, after = text.partition("legacy_tox_ini")
    return "\n" * (before.count("\n") + after.lstrip(" =\"'").startswith(("\n", "\r"))) + inner


def at(tables: Mapping[str, Any], keys: Iterable[str]) -> Mapping[str, Any]:
    found: Any = tables
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def nothing(path: str) -> EnvtasksError:
    return EnvtasksError(
        "no environments of tox or Hatch", where=Key(path), hint="name a tox.ini, setup.cfg, tox.toml or pyproject.toml"
    )


def metadata_beside(path: str) -> Metadata | None:
    """What the project says of itself in the files next to this one, or None where there are none."""
    root = os.path.dirname(os.path.abspath(path))
    pyproject = os.path.join(root, "pyproject.toml")
    tables = read_document(pyproject)
    if tables is None and not any(os.path.exists(os.path.join(root, name)) for name in LEGACY_FILES):
        return None
    return read_metadata(root, tables or {}, Key(pyproject), Mistakes())


class Writing:
    """The text of one envtasks.toml."""

    def __init__(
        self, project: ToxProject, roots: tuple[Root, ...], found: Mapping[str, Mapping[Point, Settings]]
    ) -> None:
        self.project = project
        self.roots = roots
        self.found = found
        self.merged = {root.name: merged(root, found[root.name]) for root in roots}
        self.ids = our_names(roots)
        #: Where envtasks sees no project to install, it has to be told that there is one.
        recognized = project.metadata is None or project.metadata.installable
        self.unsaid = {**UNSAID, "skip-install": not recognized}
        if all(one.options.get("skip-install") for one in self.merged.values()):
            for one in self.merged.values():
                one.options.pop("dev-mode", None)
                one.options.pop("features", None)

    def text(self) -> str:
        head: dict[str, Any] = {"sessions": self.collapsed(self.project.env_list)}
        blocks = [table_text((), head)]
        aliases = dict(self.aliases())
        if aliases:
            blocks.append(table_text(("aliases",), aliases))
        shared = self.shared()
        if shared:
            blocks.append(table_text(("envs", "default"), ordered(shared)))
        for root in self.roots:
            blocks += self.environment(root, shared)
        return document(blocks)

    def collapsed(self, names: Iterable[str], *, within: str = "") -> list[str]:
        """Our names for environments of tox; a root stands for all that it makes."""
        asked = [name for name in dict.fromkeys(names) if name in self.ids]
        ours: dict[str, None] = {}
        for name in asked:
            root = next(one for one in self.roots if any(cell.tox == name for cell in one.cells))
            whole = all(cell.tox in asked for cell in root.cells)
            ours[root.name if whole else self.ids[name]] = None
        return [name for name in ours if name.partition(".")[0] != within and name != within]

    def aliases(self) -> Iterator[tuple[str, list[str]]]:
        setting = self.project.core("labels")
        for line in setting.lines if setting else ():
            name, _, names = line.text.partition("=")
            from_list = self.project.lines_in(
                setting._replace(lines=(line._replace(text=names),)),  # type: ignore[union-attr]
                self.project.env_list[0],
                "linux",
                0,
            )
            stands_for = self.collapsed(one for part in from_list for one in names_in(part.text))
            label = name.strip()
            if stands_for == [label]:
                continue
            if label in self.merged or not stands_for:
                hint = "give it a name that no environment has" if stands_for else "it names no environment of the file"
                self.project.leave(line.number, f"the label '{label}'", hint)
            else:
                yield label, stands_for

    def shared(self) -> dict[str, Any]:
        """What more than half of the environments have in common."""
        found: dict[str, Any] = {}
        for option in SHARED if len(self.roots) > 1 else ():
            values = [one.options[option] for one in self.merged.values() if option in one.options]
            common = max(values, key=lambda value: sum(map(holder(option, value), values)), default=None)
            having = sum(map(holder(option, common), values)) if values else 0
            if having * 2 > len(self.roots) and common != self.unsaid.get(option):
                found[option] = common
        return found

    def environment(self, root: Root, shared: Mapping[str, Any]) -> Iterator[str]:
        """The blocks of one environment: its options, its overrides, its scripts."""
        ours = self.merged[root.name]
        options = dict(ours.options)
        for option, value in shared.items():
            said = options.get(option, self.unsaid.get(option, {} if isinstance(value, dict) else []))
            options[option] = said
            if said == value:
                del options[option]
            elif option == "dependencies" and all(one in said for one in value):
                del options[option]
                options["extra-dependencies"] = [one for one in said if one not in value]
        options = {
            name: value
            for name, value in options.items()
            if name in shared or value not in (self.unsaid.get(name), [], {})
        }
        if root.matrix:
            only = list(root.matrix[0]) == ["python"] and len(root.matrix) == 1
            options["python" if only else "matrix"] = root.matrix[0]["python"] if only else list(root.matrix)
        elif root.python:
            options["python"] = root.python
        scripts = self.scripts(root, ours)
        simple = len(scripts) == 1
        if options or simple or not ours.overrides:
            plain = {**ordered(options), **({"scripts": Dotted(scripts)} if simple else {})}
            yield table_text(("envs", root.name), plain) if plain else ""
        if ours.overrides:
            yield table_text(("envs", root.name, "overrides"), ours.overrides)
        if not simple:
            yield table_text(("envs", root.name, "scripts"), scripts)

    def scripts(self, root: Root, ours: Merged) -> dict[str, Any]:
        scripts: dict[str, Any] = {
            name: commands[0] if len(commands) == 1 else list(commands) for name, commands in ours.scripts.items()
        }
        found = self.found[root.name].values()
        directories = Counter(settings.cwd for settings in found)
        required = [name for settings in found for name in settings.requires]
        keys: dict[str, Any] = {"requires": self.collapsed(required, within=root.name)}
        keys["cwd"] = directories.most_common(1)[0][0] if scripts[root.name] else ""
        if len(directories) > 1:
            self.project.leave(
                1, f"the different directories of '{root.name}'", f"all run in '{keys['cwd']}'", "changed"
            )
        said = {name: value for name, value in keys.items() if value}
        if said:
            scripts[root.name] = {"run": scripts[root.name], **said}
        if "default-script" not in ours.options and len(scripts) > 1:
            # The script that is named like its environment comes first in listings.
            scripts = {root.name: scripts.pop(root.name), **scripts}
        return scripts


def holder(option: str, common: Any) -> Callable[[Any], bool]:
    """Tells of a value whether it is, or begins as, the one that several have; what is added to an array needs no other."""
    if option == "dependencies":
        return lambda value: all(one in value for one in common)
    return lambda value: bool(value == common)


def ordered(options: Mapping[str, Any]) -> dict[str, Any]:
    places = {name: place for place, name in enumerate(ORDER)}
    return dict(sorted(options.items(), key=lambda one: places.get(one[0], len(places))))
