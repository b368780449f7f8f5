"""Where an envfile called one of the functions that declare."""

from __future__ import annotations

import sys

from envtasks.errors import Key


def caller(*keys: str, above: int = 0) -> Key:
    """The line that called the function which asks, or one that is further up."""
    frame = sys._getframe(2 + above)  # noqa: SLF001 - `inspect` does the same, and is slow to import
    return Key(frame.f_code.co_filename, keys, frame.f_lineno)
