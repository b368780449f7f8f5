"""Disks that are full or cannot be written to: one message, no traceback, and all is well once there is space."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tool import Done
from trust import Trial, wheel

pytest_plugins = ["trials"]
LARGE = 'detached = true\ndependencies = ["one", "large"]\n'
SIZES = ("64k", "2m", "8m", "16m")


class Disk:
    """A file system in memory, where the environments of a project lie."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True)
        self.mounted = False

    def mount(self, options: str) -> None:
        words = ["mount", *(() if self.mounted else ("-t", "tmpfs")), "-o", options, "envtasks", str(self.place)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount")
        if done.returncode:
            pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
        self.mounted = True

    def remount(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.place)], check=True)

    def end(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.place)], check=True)


@pytest.fixture
def disk(trial: Trial) -> Iterator[Disk]:
    (trial.directory.parent / ".pip").unlink()
    trial.directory.parent.rmdir()
    made = Disk(trial.root / ".envtasks" / "disk")
    trial.variables["ENVTASKS_ENV_DIR"] = str(made.place)
    yield made
    made.end()


def told(done: Done, reason: str) -> None:
    """Check that a run says once what went wrong, where, and why."""
    assert done.code == 3, done
    assert "Traceback" not in done.err
    assert done.out == ""
    assert len(re.findall(": broken: ", done.err)) == 1
    assert reason in done.err, done.err
    assert re.search(r"['\" ]/\S+", done.err.partition(": broken: ")[2]), done.err


@pytest.mark.parametrize("size", SIZES)
def test_a_full_disk(size: str, trial: Trial, disk: Disk, tmp_path: Path) -> None:
    parts = {f"large/part{number}.py": f"text = {'x' * 100_000!r}\n" for number in range(200)}
    own = tmp_path / "wheels"
    own.mkdir()
    for name, files in (("large", {"large/__init__.py": "", **parts}), ("one", None)):
        wheel(own, name, files=files)
    trial.variables["PIP_FIND_LINKS"] = str(own)
    trial.declare(LARGE)
    disk.mount(f"size={size}")
    told(trial.run(), "No space left on device")
    told(trial.run(), "No space left on device")
    disk.remount("size=200m")
    done = trial.run()
    assert (done.code, done.out) == (0, "large-1.0 one-1.0\n"), done.err
    assert len(done.ours) == 1
    again = trial.run()
    assert (again.code, again.ours) == (0, [])


def test_a_disk_that_cannot_be_written_to(trial: Trial, disk: Disk) -> None:
    """What is there runs; what would have to be made or changed is told."""
    trial.declare('detached = true\ndependencies = ["one"]\n')
    disk.mount("size=100m,ro")
    told(trial.run(), "Read-only file system")
    disk.remount("rw")
    assert trial.run().code == 0
    disk.remount("ro")
    done = trial.run()
    assert (done.code, done.out, done.ours) == (0, "one-1.0\n", [])
    trial.declare('detached = true\ndependencies = ["three"]\n')
    told(trial.run(), "Read-only file system")
    disk.remount("rw")
    done = trial.run()
    assert (done.code, done.out) == (0, "three-1.0\n"), done.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_directory_that_may_not_be_written_to(trial: Trial) -> None:
    trial.declare('detached = true\ndependencies = ["one"]\n')
    place = trial.directory.parent
    place.chmod(0o555)
    try:
        told(trial.run(), "Permission denied")
    finally:
        place.chmod(0o755)
    assert trial.run().code == 0
