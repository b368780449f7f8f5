"""Making environments ready for one run, and holding them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import Events, recipe, recorded

from envtasks.cli.preparing import Preparing
from envtasks.errors import EnvironmentFailed
from envtasks.model import Host


def test_nothing_is_made_anew_below_a_session_of_the_same_run(tmp_path: Path) -> None:
    made = recipe(tmp_path / "env")
    recorded(made)
    events = Events()
    preparing = Preparing(Host(str(tmp_path), str(tmp_path), "linux", {}), events)
    preparing.prepare(made)
    preparing.prepare(made)
    preparing.release(made)
    with pytest.raises(EnvironmentFailed, match="'other' would have to be made anew where a session runs"):
        preparing.prepare(made._replace(name="other", system_packages=True))
    preparing.release(made)
    assert events == []
