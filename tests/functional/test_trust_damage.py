"""Damaged environments are made anew, only the right Python runs, and files of the project are in nobody's way."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from trust import Trial

from envtasks.environments.record import MARK

pytest_plugins = ["trials"]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the paths of programs are those of POSIX")

ONE = 'detached = true\ndependencies = ["one"]\n'
UNFINISHED = "its making was not finished"


def replaced(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def emptied(directory: Path) -> None:
    for one in directory.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()


def turned(trial: Trial) -> None:
    """Its Python is another one."""
    python = trial.directory / "bin" / "python"
    python.unlink()
    python.symlink_to("/bin/sh")


#: What happens to the directory of an environment, and what is said of it by the run that mends it.
DAMAGES: dict[str, tuple[Callable[[Trial], object], str]] = {
    "other-python": (turned, "its Python was replaced"),
    "no-pyvenv-cfg": (lambda trial: (trial.directory / "pyvenv.cfg").unlink(), "its pyvenv.cfg is gone"),
    "junk-in-pyvenv-cfg": (
        lambda trial: (trial.directory / "pyvenv.cfg").write_bytes(bytes(range(256))),
        "its pyvenv.cfg was replaced",
    ),
    "no-python": (lambda trial: (trial.directory / "bin" / "python").unlink(), "its Python is gone"),
    "no-programs": (lambda trial: shutil.rmtree(trial.directory / "bin"), "its Python is gone"),
    "empty-python": (lambda trial: replaced(trial.directory / "bin" / "python", b""), "its Python was replaced"),
    "emptied": (lambda trial: emptied(trial.directory), "there is none yet"),
    "removed": (lambda trial: shutil.rmtree(trial.directory), "there is none yet"),
    "module-deleted": (lambda trial: (trial.packages / "one.py").unlink(), "files of packages were removed (one.py)"),
    "packages-deleted": (lambda trial: shutil.rmtree(trial.packages), "packages were removed or replaced (one-1.0)"),
    "libraries-deleted": (
        lambda trial: shutil.rmtree(trial.directory / "lib"),
        "packages were removed or replaced (one-1.0)",
    ),
    "empty-record": (lambda trial: replaced(trial.directory / MARK, b""), UNFINISHED),
    "half-a-record": (
        lambda trial: replaced(trial.directory / MARK, (trial.directory / MARK).read_bytes()[:99]),
        UNFINISHED,
    ),
    "junk-in-the-record": (lambda trial: replaced(trial.directory / MARK, bytes(range(256))), UNFINISHED),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_the_first_run_mends_it(case: str, made: Callable[..., Trial]) -> None:
    damage, reason = DAMAGES[case]
    trial = made(ONE)
    damage(trial)
    done = trial.run()
    assert (done.code, done.out) == (0, "one-1.0\n"), done.err
    assert [line.partition(" the environment: ")[2] for line in done.ours] == [reason]
    again, commands = trial.watched()
    assert (again.code, len(commands)) == (0, 1)


def test_what_took_its_place_is_left_alone(trial: Trial) -> None:
    """A file, and an environment that bears no mark any more, may be somebody's: the run says what to do."""
    trial.declare(ONE)
    assert trial.run().code == 0
    (trial.directory / MARK).unlink()
    refused = trial.run()
    assert (refused.code, "delete it by hand" in refused.err) == (3, True)
    shutil.rmtree(trial.directory)
    trial.directory.write_text("mine", encoding="utf-8")
    refused = trial.run()
    assert (refused.code, "it is not a directory" in refused.err) == (3, True)
    assert trial.directory.read_text(encoding="utf-8") == "mine"
    trial.directory.unlink()
    assert trial.run().code == 0


def test_programs_are_those_of_the_environment(trial: Trial) -> None:
    """Also after everything that can be repaired was broken at once."""
    ours = sys.version_info[:2]
    trial.write("which.py", f"import sys\nprint(sys.prefix, sys.version_info[:2] == {tuple(ours)})\n")
    commands = "python which.py", "python3 which.py", "pip --version", "python3 -m pip --version"
    trial.write("envtasks.toml", f"[envs.t]\ndetached = true\nscripts.t = {list(commands)}\n")
    for damage in ("python3", "pip", "*", "nothing"):
        done = trial.run()
        assert done.code == 0, done.err
        first, second, *pips = done.out.splitlines()
        assert first == second == f"{trial.directory} True"
        assert all(f" from {trial.directory}/" in line for line in pips)
        for one in (trial.directory / "bin").glob(damage):
            one.unlink()


def test_halves_of_a_compiled_pip_are_made_again(tmp_path: Path, wheels: Path) -> None:
    """A full disk leaves them, and Python does not look."""
    trial = Trial(tmp_path / "trial", wheels, "pip")
    trial.declare(ONE)
    assert trial.run().code == 0
    compiled = [*trial.directory.parent.glob(".pip/**/__pycache__/*.pyc")]
    assert compiled
    for one in compiled:
        os.truncate(one, 20)
    trial.declare(ONE.replace("one", "three"))
    done = trial.run()
    assert (done.code, done.out) == (0, "three-1.0\n"), done.err


HIJACKERS = ("random.py", "pip.py", "virtualenv.py", "site.py", "json.py", "packaging.py", "filelock.py", "uv.py")


@pytest.mark.parametrize("built", [False, True], ids=["alone", "with-the-project"])
def test_modules_of_the_project_are_in_nobodys_way(built: bool, trial: Trial) -> None:
    for name in HIJACKERS:
        trial.write(
            name, f"open({str(trial.root / 'hijacked')!r}, 'a').write(__name__)\nraise SystemExit('hijacked')\n"
        )
    if built:
        trial.be_built()
    trial.declare('dependencies = ["one"]\n' if built else ONE)
    done = trial.run()
    assert (done.code, done.out) == (0, "demo-1.0 one-1.0\n" if built else "one-1.0\n"), done.err
    trial.declare('dependencies = ["three"]\n' if built else ONE.replace("one", "three"))
    done = trial.run()
    assert (done.code, done.out) == (0, "demo-1.0 one-1.0 three-1.0\n" if built else "three-1.0\n"), done.err
    assert not (trial.root / "hijacked").exists()
