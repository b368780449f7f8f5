"""Runs that are killed at any moment leave what the next run makes good; runs at the same time all pass.

A few of each; `tests/stress/stress.py` does it by the hundred.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from crashes import OPERATIONS, ROUNDS, Workbench

pytest_plugins = ["trials"]
pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="processes are looked for in /proc")


@pytest.fixture
def bench(tmp_path: Path, wheels: Path, installer: str) -> Workbench:
    return Workbench(tmp_path, wheels, installer)


@pytest.mark.parametrize("name", OPERATIONS)
def test_killed(name: str, bench: Workbench) -> None:
    """Once between two steps of our own, and once anywhere, every other time without what we started."""
    chance = random.Random(name)
    assert bench.killed_at_step(name, chance.randrange(12))
    bench.killed_after(name, chance.uniform(0.1, 0.6), alone=chance.random() < 0.5)
    assert bench.problems == []


@pytest.mark.parametrize("kind", ROUNDS)
def test_at_the_same_time(kind: str, bench: Workbench) -> None:
    bench.round(kind, random.Random(kind))
    assert bench.problems == []
