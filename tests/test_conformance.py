"""Real projects with the results to reach, where the kit that holds them lies beside the repository."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parents[2] / "shared" / "conformance"


@pytest.mark.skipif(not (KIT / "check.py").exists(), reason="the conformance kit does not lie beside the repository")
@pytest.mark.parametrize("part", ["--cases", "--projects"])
def test_the_kit_finds_no_difference(command: list[str], part: str) -> None:
    done = subprocess.run(
        [sys.executable, str(KIT / "check.py"), "--command", shlex.join(command), part, "-j", "2", "--show", "20"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
