"""Whether an environment on disk is what its recipe says: asked on every run, so that it must be quick."""

from __future__ import annotations

from collections.abc import Iterator

from envtasks.declared import Texts
from envtasks.environments import record
from envtasks.environments.location import config_of, python_of
from envtasks.environments.packages import missing, modules, programs, site_packages
from envtasks.option_table import NONE
from envtasks.planned import Recipe
from envtasks.tuples import NamedTuple


class Need(NamedTuple):
    """What must be done to a directory, as actions of `record`, and why."""

    actions: frozenset[str]
    reason: str

    @property
    def in_order(self) -> Texts:
        """The actions in the order in which they are done; what is made anew needs nothing else."""
        return tuple(action for action in record.ACTIONS if action in self.actions)[: 1 if self.anew else None]

    @property
    def anew(self) -> bool:
        return record.ANEW in self.actions

    @property
    def doing(self) -> str:
        """The actions in words."""
        return ", ".join(self.in_order)


def stale(recipe: Recipe) -> Need | None:
    """Why the directory is not what its recipe says; None where it is. Nothing is started and nothing written."""
    if recipe.type == NONE:
        return None
    found = record.read(recipe.directory)
    if found is None:
        unfinished = record.is_ours(recipe.directory)
        return Need(frozenset([record.ANEW]), "its making was not finished" if unfinished else "there is none yet")
    reason = damage(found, recipe)
    if reason:
        return Need(frozenset([record.ANEW]), reason)
    differences = [*record.differences(found, recipe), *taken_away(found, recipe)]
    if not differences:
        return None
    actions = frozenset(action for actions, _ in differences for action in actions)
    if found["name"] != recipe.name:
        return Need(actions, f"it was made for '{found['name']}'")
    return Need(actions, ", ".join(dict.fromkeys(reason for _, reason in differences)))


def taken_away(found: record.Record, recipe: Recipe) -> Iterator[tuple[Texts, str]]:
    """The packages that somebody removed or replaced, and how they come back.

    Where only files of theirs are gone, installers still hold them for installed.
    """
    place = site_packages(recipe.directory)
    gone = missing(found["packages"], place)
    if gone:
        actions = (record.INSTALL, record.PROJECT) if recipe.project else (record.INSTALL,)
        yield actions, f"packages were removed or replaced ({', '.join(gone)})"
        return
    for what, before, now in (
        ("files of packages", found.get("modules", ()), modules(place)),
        ("programs", found.get("programs", ()), programs(recipe.directory)),
    ):
        lost = sorted({*before}.difference(now))
        if lost:
            yield (record.ANEW,), f"{what} were removed ({', '.join(lost)})"


def damage(found: record.Record, recipe: Recipe) -> str:
    """What happened to the directory or to its interpreter since the record was written, or nothing."""
    interpreter = found["interpreter"]["path"]
    for what, path, before in (
        ("its pyvenv.cfg", config_of(recipe.directory), found.get("config_fingerprint")),
        ("its Python", python_of(recipe.directory), found.get("python_fingerprint")),
        ("the interpreter it was made with", interpreter, found.get("interpreter_fingerprint")),
    ):
        try:
            now = record.fingerprint(path)
        except (OSError, ValueError):  # no path can have what a record has that somebody edited
            return f"{what} is gone"
        if now != before:
            return f"{what} was replaced"
    return ""
