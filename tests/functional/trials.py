"""What the tests of real environments share: wheels, both installers, projects to be filled by them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from trust import INSTALLERS, UV, Trial, carry_pip, wheelhouse

MakeTrial = Callable[..., Trial]


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


@pytest.fixture
def made(wheels: Path, installer: str) -> MakeTrial:
    """Give a project whose environment is made.

    Those that are equal are made once: what it was then is put back, in the same place.
    """

    def make(options: str, *, built: bool = False) -> Trial:
        name = hashlib.sha256(repr((installer, options, built)).encode()).hexdigest()[:8]
        top, saved = wheels.parent / name, wheels.parent / f"{name}.saved"
        shutil.rmtree(top, ignore_errors=True)
        trial = Trial(top, wheels, installer)
        if saved.exists():
            shutil.rmtree(top)
            shutil.copytree(saved, top, symlinks=True)
            return trial
        trial.share_pip(wheels.parent / "pip")
        if built:
            trial.be_built()
        trial.write("constraints.txt", "one<2\n")
        trial.write("more.txt", "")
        trial.declare(options)
        done = trial.run()
        assert done.code == 0, done.err
        shutil.copytree(top, saved, symlinks=True)
        return trial

    return make
