"""What makes and what fills environments, by name; the modules behind are loaded only when something is made."""

from __future__ import annotations

from envtasks.option_table import NONE

TYPES = ("virtual", NONE)
