"""The types of environments that there are."""

from __future__ import annotations

from typing import Any

from envtasks.option_table import NONE, TYPE

TYPES = (TYPE.default, NONE)
#: Where other packages announce theirs: the name of an entry point is the type, its object a `Backend`.
GROUP = "envtasks.backends"


def announced() -> dict[str, Any]:
    """The entry points of installed packages that make a type of environments, by type."""
    from importlib.metadata import entry_points

    return {one.name: one for one in entry_points(group=GROUP)}
