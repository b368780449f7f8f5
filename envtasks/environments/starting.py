"""Starting the programs that make and fill environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from envtasks.errors import InstallerFailed
from envtasks.process import run_program

#: What would make an installer put things elsewhere than into the environment.
DIVERTING = (
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_PROJECT_ENVIRONMENT",
)
#: Said to installers: only ever into a virtual environment.
CONFINED = {"PIP_REQUIRE_VIRTUALENV": "1", "PIP_USER": "0"}
#: Said to those that fetch something into a directory that is named, whatever the settings of the person say.
FREE = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"}


def start(what: str, words: Sequence[str], variables: Mapping[str, str], cwd: str, *, confined: bool = True) -> str:
    """Start a program and give what it printed.

    Raises InstallerFailed with its whole output when it fails.
    """
    visible = {name: value for name, value in variables.items() if name not in DIVERTING}
    visible |= CONFINED if confined else FREE
    finished = run_program(words, cwd=cwd, variables=visible, capture="together", bound=True)
    if finished.exit_code:
        message = f"{what} failed with exit code {finished.exit_code}\n{finished.output.rstrip()}"
        raise InstallerFailed(message, finished.exit_code)
    return finished.output
