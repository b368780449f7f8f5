"""What the tests of real environments share: wheels, both installers, projects to be filled by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust import INSTALLERS, UV, Trial, carry_pip, wheelhouse


@pytest.fixture(params=INSTALLERS)
def installer(request: pytest.FixtureRequest) -> str:
    """Each of the installers that are here."""
    if request.param == "uv" and UV is None:
        pytest.skip("uv is not installed")
    return str(request.param)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of wheels, those of `wheelhouse` and a pip."""
    made = wheelhouse(tmp_path_factory.mktemp("made") / "wheels")
    carry_pip(made)
    return made


@pytest.fixture
def trial(tmp_path: Path, wheels: Path, installer: str) -> Trial:
    """A project with nothing declared yet."""
    made = Trial(tmp_path / "trial", wheels, installer)
    made.share_pip(wheels.parent / "pip")
    return made
