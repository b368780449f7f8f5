"""The command where the world around it is odd."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from fakes import tree
from tool import HEAR, START, Done, run, world

MakeProject = Callable[[Mapping[str, str]], Path]

TOML = '[envs.t]\ndescription = "\N{SNOWMAN}"\nscripts.run = "echo fine"\n'
MANY = "".join(f"[envs.e{number}]\ndescription = '{'long ' * 50}'\nscripts.run = ''\n" for number in range(1000))

PATHS = [
    "a b",
    "it's",
    'say "x"',
    "ä\N{SNOWMAN}",
    "$HOME",
    "a;b",
    "a&b",
    "(a)",
    "[a]",
    "{a}",
    "*",
    "%PATH%",
    "-a",
    "#",
    "~",
]


@pytest.mark.parametrize("name", PATHS)
def test_odd_paths_of_a_project(name: str, tmp_path: Path) -> None:
    root = tmp_path / name
    root.mkdir()
    (root / "envtasks.toml").write_text(
        "[envs.t.scripts]\nrun = \"python -c 'import sys; print(sys.prefix)'\"\n", encoding="utf-8"
    )
    done = run(root, "-s", "t")
    assert done.code == 0, done.err
    assert os.path.realpath(done.out.rstrip("\n")) == os.path.realpath(root / ".envtasks" / "envs" / "t")


def test_a_directory_that_cannot_be_on_path_is_told(tmp_path: Path) -> None:
    root = tmp_path / "a:b"
    root.mkdir()
    (root / "envtasks.toml").write_text('[envs.t]\nscripts.run = "true"\n', encoding="utf-8")
    done = run(root, "-s", "t")
    assert (done.code, "Traceback" in done.err) == (3, False)
    assert "programs cannot be found in a path that has a ':'" in done.err


def shell(root: Path, text: str, *argv: str, variables: Mapping[str, str] | None = None) -> Done:
    """Run the command inside a shell text, where it stands as `"$@"`."""
    words = ["sh", "-c", text, "sh", sys.executable, "-c", START, *argv]
    finished = subprocess.run(
        words,
        cwd=root,
        env=dict(variables or world()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Done(finished.returncode, finished.stdout.decode(), finished.stderr.decode())


def test_a_reader_that_had_enough(project: MakeProject) -> None:
    done = shell(project({"envtasks.toml": MANY}), '{ "$@"; echo "code $?" >&2; } | head -1', "--list")
    assert (done.out.count("\n"), done.err) == (1, "code 141\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_no_space_for_the_output(project: MakeProject) -> None:
    done = shell(project({"envtasks.toml": TOML}), '"$@" > /dev/full', "--list")
    assert (done.code, done.out) == (1, "")
    assert done.err == "error: cannot write: No space left on device\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
@pytest.mark.parametrize("argv", [["--list"], ["-s", "t"], ["-s", "nobody"]], ids=" ".join)
def test_closed_streams(closed: str, argv: list[str], project: MakeProject) -> None:
    root = project({"envtasks.toml": TOML.replace("echo fine", "true")})
    done = shell(root, f'"$@" {closed}', *argv)
    assert done.code == (2 if "nobody" in argv else 0)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "changes",
    [
        {"HOME": None},
        {"HOME": "/dev/null/home"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": None, "PYTHONUTF8": "0"},
        {"TERM": "dumb"},
        {"TERM": None},
        {"COLUMNS": "5"},
        {"COLUMNS": "wide"},
        {"NO_COLOR": "1", "FORCE_COLOR": "1"},
        {"CI": "true"},
        {"PIP_TARGET": "elsewhere", "PIP_USER": "1"},
        {"PYTHONWARNINGS": "error"},
        {"VIRTUAL_ENV": "/nowhere"},
        {"VIRTUALENV_SYSTEM_SITE_PACKAGES": "1"},
    ],
    ids=str,
)
def test_odd_variables(changes: dict[str, str | None], project: MakeProject) -> None:
    root = project({"envtasks.toml": TOML})
    variables = world(**changes)
    for argv, out in ((["--list"], "- t -> "), (["env", "show"], "Standalone"), (["-s", "t"], "fine\n")):
        done = run(root, *argv, variables=variables)
        assert (done.code, "Traceback" in done.err) == (0, False), done
        assert out in done.out


def test_no_path_at_all(project: MakeProject) -> None:
    done = run(project({"envtasks.toml": TOML}), "-s", "t", variables=world(PATH=None))
    assert (done.code, done.out) == (0, "fine\n")


def test_a_stream_that_knows_ascii_alone(project: MakeProject) -> None:
    done = run(project({"envtasks.toml": TOML}), "--list", variables=world(PYTHONIOENCODING="ascii"))
    assert (done.code, r"- t -> \u2603" in done.out) == (0, True)


def test_the_current_directory_was_deleted(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    for argv in ('"$@"', '"$@" -s x', '"$@" -C .', '"$@" --list'):
        done = shell(tmp_path, f'mkdir -p gone && cd gone && rmdir "$PWD" && {argv}')
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ")
        assert "Traceback" not in done.err


def test_from_a_deleted_directory_to_a_project(project: MakeProject, tmp_path: Path) -> None:
    root = project({"envtasks.toml": TOML})
    for argv, code in ((["--list"], 0), (["-s", "nobody"], 2), (["-f", "none.toml"], 2)):
        done = shell(tmp_path, 'mkdir -p gone && cd gone && rmdir "$PWD" && "$@"', "-C", str(root), *argv)
        assert done.code == code, done
        assert "Traceback" not in done.err


def test_a_directory_that_may_not_be_written(project: MakeProject) -> None:
    root = project({"envtasks.toml": TOML})
    before = tree(root)
    root.chmod(0o555)
    if os.access(root, os.W_OK):
        pytest.skip("this user may write everywhere")
    try:
        assert run(root, "--list").code == 0
        done = run(root, "-s", "t")
    finally:
        root.chmod(0o755)
    assert (done.code, done.out) == (3, "")
    assert f"Permission denied: '{root}/.envtasks'" in done.err
    assert tree(root) == before


def test_a_file_where_environments_are_to_be(project: MakeProject) -> None:
    root = project({"envtasks.toml": TOML, ".envtasks": "mine"})
    before = tree(root)
    done = run(root, "-s", "t")
    assert (done.code, done.out) == (3, "")
    assert "Traceback" not in done.err
    assert ".envtasks" in done.err
    assert tree(root) == before


def test_environments_kept_elsewhere(project: MakeProject, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = project({"envtasks.toml": TOML})
    outside = tmp_path_factory.mktemp("outside")
    for argv, variables in ((["--env-dir", str(outside)], {}), ([], {"ENVTASKS_ENV_DIR": str(outside)})):
        done = run(root, *argv, "run", "t:python", "-c", "import sys; print(sys.prefix)", variables=world(**variables))
        assert os.path.realpath(done.out.rstrip()).startswith(os.path.realpath(outside))
    assert not (root / ".envtasks").exists()


def test_an_installed_command_in_a_nested_run(project: MakeProject) -> None:
    """A command that runs us again finds itself in its own environment."""
    again = f"{sys.executable} -c 'import sys; exec(sys.stdin.read())' run printenv ENVTASKS_ENV_ACTIVE < start.py"
    root = project({"envtasks.toml": f'[envs.t.scripts]\nrun = """{again}"""\n', "start.py": HEAR + START})
    done = run(root, "-s", "t")
    assert (done.code, done.out) == (0, "t\n"), done.err
