"""What would be done to environments, and why, as text and as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envtasks.environments.freshness import Need

#: What is said of an environment to which nothing would be done.
IN_SYNC = "in sync"

Needs = Mapping[str, "Need | None"]


def why_text(needs: Needs) -> str:
    """A line for each environment: what would be done to it, and the reason."""
    width = max(map(len, needs), default=0)
    return "".join(f"{name:<{width}}  {need_text(need)}\n" for name, need in needs.items())


def need_text(need: Need | None) -> str:
    return f"{need.doing}: {need.reason}" if need else IN_SYNC


def why_document(needs: Needs) -> dict[str, Any]:
    """By the name of the environment: null where it is in sync, else `actions`, in their order, and `reason`."""
    return {name: need_document(need) for name, need in needs.items()}


def need_document(need: Need | None) -> dict[str, Any] | None:
    return {"actions": list(need.in_order), "reason": need.reason} if need else None
