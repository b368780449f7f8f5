"""The verb `migrate`: what it reads, what it writes, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from tool import START, run, watched, world

from envtasks.cli.migrate import write
from envtasks.errors import RequestError

MakeProject = Callable[[Mapping[str, str]], Path]

NOXFILE = """
    import nox

    nox.options.reuse_existing_virtualenvs = True

    @nox.session(tags=["quick"])
    @nox.parametrize("greeting", ["hello", nox.param("good day", id="polite")])
    def greet(session: nox.Session, greeting: str) -> None:
        \"\"\"Say something.\"\"\"
        session.run("python", "-c", f"print('{greeting}', {session.posargs})")
"""
ENVFILE = dedent(
    """
    from envtasks import Session, env, param, parametrize


    @env(tags=["quick"], detached=True)
    @parametrize("greeting", ["hello", param("good day", id="polite")])
    def greet(session: Session, greeting: str) -> None:
        \"\"\"Say something.\"\"\"
        session.run("python", "-c", f"print('{greeting}', {session.posargs})")
    """
).lstrip()
LEFT = "noxfile.py:4: left out: 'nox.options.reuse_existing_virtualenvs': environments are used again"
TOX = "[tox]\nenv_list = lint\n[testenv:lint]\nskip_install = true\ncommands = ruff check\n"


def test_a_noxfile_is_written_anew(project: MakeProject) -> None:
    root = project({"noxfile.py": NOXFILE})
    done = run(root, "migrate")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"wrote envfile.py\n{LEFT}")
    assert (root / "envfile.py").read_text(encoding="utf-8") == ENVFILE
    assert sorted(os.listdir(root)) == ["envfile.py", "noxfile.py"]
    assert (root / "noxfile.py").read_text(encoding="utf-8") == dedent(NOXFILE)


def test_what_is_written_runs(project: MakeProject) -> None:
    root = project({"noxfile.py": NOXFILE})
    assert run(root, "migrate").code == 0
    done = run(root, "-s", "greet(polite)", "--", "you")
    assert (done.code, done.out) == (0, "good day ['you']\n"), done.err


def test_what_is_written_reads_the_project_from_wherever_one_is(project: MakeProject) -> None:
    noxfile = """
        import nox
        NAME = nox.project.load_toml()["project"]["name"]
        @nox.session(name=NAME, python=False)
        def task(session): session.log("%s", nox.project.load_toml("pyproject.toml")["project"])
    """
    root = project({"noxfile.py": noxfile, "pyproject.toml": '[project]\nname = "here"\n', "deep/file": ""})
    assert run(root, "migrate").code == 0
    done = run(root / "deep", "-s", "here")
    assert done.code == 0, done.err


def test_what_comes_from_tox_runs_at_the_root_from_wherever_one_is(project: MakeProject) -> None:
    where = "python -c 'import os; print(os.getcwd())'"
    tox = f"""
        [tox]
        env_list = here, there
        [testenv]
        skip_install = true
        passenv = CI
        commands = {where}
        [testenv:there]
        changedir = deep/er
        passenv = CI
    """
    root = project({"tox.ini": tox, "deep/er/file": ""})
    done = run(root, "migrate")
    assert "tox.ini:6: left out: 'pass_env' (and in line 10): " in done.err
    done = run(root / "deep", "-fb", "none")
    assert (done.code, done.out.split()) == (0, [str(root), str(root / "deep" / "er")]), done.err


def test_a_noxfile_is_printed(project: MakeProject) -> None:
    root = project({"noxfile.py": NOXFILE, "envfile.py": "mine"})
    done, seen = watched(root, "migrate", "noxfile.py", "--stdout")
    assert (done.code, done.out) == (0, ENVFILE)
    assert done.err.startswith(LEFT)
    assert seen == []


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["migrate", "-o", "tasks.py"], ["noxfile.py", "tasks.py"]),
        (["migrate", "noxfile.py", "--output-file", "deep/tasks.py"], ["deep/tasks.py", "noxfile.py"]),
        (["-f", "noxfile.py", "migrate"], ["envfile.py", "noxfile.py"]),
    ],
)
def test_where_it_is_written(project: MakeProject, words: list[str], files: list[str]) -> None:
    root = project({"noxfile.py": NOXFILE})
    (root / "deep").mkdir()
    assert run(root, *words).code == 0
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*.py")) == files


def test_another_directory(project: MakeProject) -> None:
    root = project({"here/file": "", "there/noxfile.py": NOXFILE})
    done = run(root / "here", "-C", "../there", "migrate")
    assert done.code == 0
    assert f"wrote {root / 'there' / 'envfile.py'}" in done.err
    assert (root / "there" / "envfile.py").read_text(encoding="utf-8") == ENVFILE


@pytest.mark.parametrize(
    ("files", "written", "said"),
    [
        ({"noxfile.py": NOXFILE, "tox.ini": TOX}, "envfile.py", "@env"),
        ({"tox.ini": TOX, "pyproject.toml": "[tool.other]\n"}, "envtasks.toml", "ruff check"),
        ({"tox.toml": '[env.lint]\ncommands = [["ruff", "check"]]\n'}, "envtasks.toml", "ruff check"),
        (
            {"setup.cfg": "[x]\n", "pyproject.toml": '[tool.tox.env.lint]\ncommands = [["ruff", "check"]]\n'},
            "envtasks.toml",
            "ruff check",
        ),
        (
            {"setup.cfg": "[tox:tox]\nenv_list = lint\n[testenv]\ncommands = ruff check\n"},
            "envtasks.toml",
            "ruff check",
        ),
    ],
)
def test_the_file_is_found(project: MakeProject, files: Mapping[str, str], written: str, said: str) -> None:
    root = project(files)
    done = run(root, "migrate")
    assert done.code == 0, done.err
    assert sorted(os.listdir(root)) == sorted((*files, written))
    assert said in (root / written).read_text(encoding="utf-8")


def test_several_files(project: MakeProject) -> None:
    root = project({"noxfile.py": NOXFILE, "tox.ini": TOX})
    done = run(root, "migrate", "noxfile.py", "tox.ini")
    assert done.code == 0, done.err
    assert sorted(os.listdir(root)) == ["envfile.py", "envtasks.toml", "noxfile.py", "tox.ini"]


@pytest.mark.parametrize(
    ("files", "words", "message"),
    [
        ({}, [], "error: no file of nox or tox in"),
        ({"setup.cfg": "[x]\n", "pyproject.toml": "[tool.x]\n"}, [], "error: no file of nox or tox in"),
        ({}, ["noxfile.py"], "error: no such file: 'noxfile.py'"),
        ({"noxfile.py/x": ""}, ["noxfile.py"], "error: cannot be read: Is a directory"),
        ({"noxfile.py": "def"}, [], "error: not Python: invalid syntax\n  at noxfile.py:1"),
        ({"other.py": "import os\n"}, ["other.py"], "error: there is nothing to port in 'other.py'"),
        ({"noxfile.py": NOXFILE, "envfile.py": "mine"}, [], "error: 'envfile.py' is there already"),
        ({"noxfile.py": NOXFILE, "x": "mine"}, ["-o", "x"], "error: 'x' is there already"),
        ({"noxfile.py": NOXFILE}, ["-o", "no/x"], "error: cannot write 'no/x': No such file or directory"),
        ({"noxfile.py": NOXFILE}, ["-o", "x", "--stdout"], "error: -o cannot be given with --stdout"),
        (
            {"a.py": NOXFILE, "b.py": NOXFILE},
            ["a.py", "b.py", "-o", "x"],
            "error: -o cannot be given with several files",
        ),
        ({"a.py": NOXFILE, "b.py": NOXFILE}, ["a.py", "b.py"], "error: several files would be ported to 'envfile.py'"),
        ({"a.py": NOXFILE, "b.py": "import ("}, ["a.py", "b.py"], "error: not Python"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_written(
    project: MakeProject, files: Mapping[str, str], words: list[str], message: str
) -> None:
    root = project(files)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    done = run(root, "migrate", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_link_that_leads_nowhere_is_no_place_to_write(project: MakeProject) -> None:
    root = project({"noxfile.py": NOXFILE})
    (root / "envfile.py").symlink_to("elsewhere.py")
    done = run(root, "migrate")
    assert (done.code, "is there already" in done.err) == (2, True)
    assert not (root / "elsewhere.py").exists()


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    target = tmp_path / "envfile.py"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(RequestError, match="is there already"):
        write(str(target), "ours")
    assert (os.listdir(tmp_path), target.read_text(encoding="utf-8")) == (["envfile.py"], "mine")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_device_is_told(project: MakeProject) -> None:
    root = project({"noxfile.py": NOXFILE})
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", START, "migrate", "--stdout"],
            cwd=root,
            env=world(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, b"error: cannot write: No space left on device" in done.stderr) == (1, True)
