"""Several processes at one environment at the same time: everybody gets what was asked for, or is told why not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest
from tool import run, started

MakeProject = Callable[[Mapping[str, str]], Path]

#: How often each case is gone through; more of them find what is rare.
ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
SECONDS = 120
TOML = """
[envs.test]
detached = true
dependencies = ["tiny @ {root:uri}/tiny-1-py3-none-any.whl"]
scripts.test = "python -c 'import time, tiny; time.sleep(0.05); import tiny.late; print(tiny.__file__)'"
"""
WHEEL = "tiny-1-py3-none-any.whl"
RUN, RECREATE, SYNC = ("-s", "test"), ("-N", "-s", "test"), ("env", "sync", "test", "--recreate")
REMOVE, PRUNE = ("env", "remove", "test"), ("env", "prune")
#: Whether the environment is there before, and what four processes do then.
CASES = {
    "fresh": (False, (RUN, RUN, RUN, RUN)),
    "existing": (True, (RUN, RUN, RUN, RUN)),
    "recreate": (True, (RECREATE, RUN, SYNC, RUN)),
    "remove": (True, (REMOVE, RUN, RUN, RUN)),
    "everything": (True, (PRUNE, RECREATE, RUN, RUN)),
}
REFUSED = re.compile(r"test: not removed: .* (runs in it|is making it): ")


def write_wheel(path: Path) -> None:
    """A package that needs no index, and of which something is loaded late."""
    files = {
        "tiny/__init__.py": "",
        "tiny/late.py": "",
        "tiny-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1\n",
        "tiny-1.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny-1.dist-info/RECORD": "",
    }
    with ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)


@pytest.mark.parametrize("case", CASES)
def test_four_processes(case: str, project: MakeProject) -> None:
    root = project({"envtasks.toml": TOML})
    write_wheel(root / WHEEL)
    there, commands = CASES[case]
    for _ in range(ROUNDS):
        done = run(root, *(SYNC if there else PRUNE))
        assert done.code == 0, done
        processes = [(argv, started(root, *argv)) for argv in commands]
        for argv, process in processes:
            out, err = (text.decode() for text in process.communicate(timeout=SECONDS))
            if argv in (REMOVE, PRUNE) and process.returncode:
                assert (process.returncode, bool(REFUSED.match(err))) == (3, True), err
            else:
                assert process.returncode == 0, (argv, out, err)
            if argv in (RUN, RECREATE):
                assert out.strip().startswith(os.fspath(root / ".envtasks")), (argv, out, err)
        done = run(root, *RUN)
        assert done.code == 0, done
    kept = {name for name in os.listdir(root / ".envtasks" / "envs") if not name.startswith(".")}
    assert kept == {"test"}
    assert not [name for name in os.listdir(root / ".envtasks" / "envs") if name.startswith(".removed-")]
