"""The command line: the only place that knows argv, the environment, the cwd, the terminal and exit codes."""

from __future__ import annotations

# For shells that complete every program which says so: PYTHON_ARGCOMPLETE_OK
import gc


def main() -> int:
    """The entry point of the command; returns the exit code.

    Collecting garbage while modules load costs a twentieth of the start-up and finds nothing; it goes on
    again before anybody else's code runs. The interpreter collects twice more while it ends, which costs as
    much again: what is frozen is spared.
    """
    gc.disable()
    try:
        from envtasks.cli.command import main as start

        return start()
    finally:
        if hasattr(gc, "freeze"):  # PyPy has none
            gc.freeze()
