"""Words as text for a shell, and the other way round."""

from __future__ import annotations

import os
from collections.abc import Sequence


def shell_words(text: str) -> list[str]:
    """The words that a shell would make of a text without running anything; ValueError for an open quote."""
    from shlex import split

    return split(text)


def shell_text(words: Sequence[str]) -> str:
    """The words as text that the shell of the platform takes apart into just these words."""
    if os.name == "nt":
        from subprocess import list2cmdline

        return list2cmdline(words)
    from shlex import join

    return join(words)
