"""What nox's documentation teaches, written once and run by both: the same sessions end the same, and print the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from tool import Done, run, world

pytestmark = [
    pytest.mark.skipif(find_spec("nox") is None, reason="nox itself is not installed"),
    pytest.mark.skipif(os.name == "nt", reason="the examples use a POSIX shell"),
]

#: What stands above the examples, which then only use names that both have.
NOX = """
import nox
from nox import Session, options, param, parametrize, project
from nox.command import CommandFailed

task = nox.session
"""
OURS = """
from functools import partial
from envtasks import Session, env, options, param, parametrize, project
from envtasks.run.session import CommandFailed

task = partial(env, detached=True)
"""
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
COMMON = f"""
import argparse, os, sys
from pathlib import Path

PYTHON = {PYTHON!r}

def show(session, *words, **settings):
    return session.run("python", "-c", "import sys; print(*sys.argv[1:])", *words, external=True, **settings)

def say(*words):
    print(*words, flush=True)
"""
#: A tool that can be installed without a network.
WHEEL = "demo-1.0-py3-none-any.whl"
OUTCOMES = {
    "success": ("passed",),
    "skipped": ("skipped",),
    "failed": ("failed", "broken"),
    "aborted": ("failed", "cancelled"),
}


class Example(NamedTuple):
    """The body of an envfile or noxfile, and the words after the command."""

    text: str
    words: tuple[str, ...] = ()
    files: Mapping[str, str] = MappingProxyType({})


EXAMPLES: dict[str, Example] = {
    "a program": Example(
        """
        @task(python=False)
        def hello(session):
            show(session, "hello", "a b", "$HOME", "*")
        """
    ),
    "install, then run": Example(
        f"""
        @task()
        def tests(session: Session) -> None:
            session.install("./{WHEEL}")
            session.run("python", "-m", "demo")
            session.run("demo", "again")
        """
    ),
    "install by a file, with variables": Example(
        """
        @task()
        def tests(session):
            session.install("-r", "requirements.txt", "--no-deps", env={"PIP_NO_INDEX": "1"}, silent=True)
            session.run("demo", "x")
        """,
        files={"requirements.txt": f"./{WHEEL}\n"},
    ),
    "an install that fails": Example(
        """
        @task()
        def tests(session):
            session.install("./no-such-thing.whl")
            show(session, "never")

        @task(python=False)
        def lint(session):
            show(session, "lint")
        """
    ),
    "several sessions, in the order of the file": Example(
        """
        @task(python=False)
        def tests(session):
            show(session, "tests")

        @task(python=False)
        def lint(session):
            show(session, "lint")
        """
    ),
    "sessions by name": Example(
        """
        @task(python=False)
        def first(session):
            show(session, "first")

        @task(python=False, name="second-one")
        def second(session):
            show(session, "second")

        @task(python=False, default=False)
        def third(session):
            show(session, "third")
        """,
        ("-s", "third", "second-one"),
    ),
    "not all run by default": Example(
        """
        @task(python=False)
        def first(session):
            show(session, "first")

        @task(python=False, default=False)
        def second(session):
            show(session, "second")
        """
    ),
    "those that the options name": Example(
        """
        options.sessions = ["second", "first"]

        @task(python=False)
        def first(session):
            show(session, "first")

        @task(python=False)
        def second(session):
            show(session, "second")

        @task(python=False)
        def third(session):
            show(session, "third")
        """
    ),
    "tags": Example(
        """
        @task(python=False, tags=["style", "fix"])
        def black(session):
            show(session, "black")

        @task(python=False, tags=["style"])
        def flake8(session):
            show(session, "flake8")

        @task(python=False, tags=["test"])
        def tests(session):
            show(session, "tests")
        """,
        ("-t", "fix", "test"),
    ),
    "keywords": Example(
        """
        @task(python=False, tags=["quick"])
        def unit(session):
            show(session, "unit")

        @task(python=False)
        def slow_tests(session):
            show(session, "slow")

        @task(python=False)
        def docs(session):
            show(session, "docs")
        """,
        ("-k", "quick or (tests and not docs)"),
    ),
    "arguments": Example(
        """
        @task(python=False)
        def tests(session):
            show(session, "pytest", *(session.posargs or ["tests"]))

        @task(python=False)
        def more(session):
            if "--now" in session.posargs:
                session.posargs.remove("--now")
                say("now")
            show(session, *session.posargs)
        """,
        ("--", "-k", "a or b", "--now"),
    ),
    "no arguments": Example(
        """
        @task(python=False)
        def tests(session):
            show(session, *(session.posargs or ["tests"]))
        """
    ),
    "arguments that a task reads itself": Example(
        """
        @task(python=False)
        def release(session):
            parser = argparse.ArgumentParser()
            parser.add_argument("version", choices=["major", "minor"])
            said = parser.parse_args(session.posargs)
            show(session, "version", said.version)
        """,
        ("-s", "release", "--", "minor"),
    ),
    "arguments that a task refuses": Example(
        """
        @task(python=False)
        def release(session):
            parser = argparse.ArgumentParser()
            parser.add_argument("version", choices=["major", "minor"])
            if session.posargs != ["minor"]:
                session.error("usage: release -- minor")
        """,
        ("-s", "release", "--", "micro"),
    ),
    "parametrized": Example(
        """
        @task(python=False)
        @parametrize("django", ["1.9", "2.0"])
        def tests(session, django):
            show(session, "django", django)
        """
    ),
    "parametrized twice": Example(
        """
        @task(python=False)
        @parametrize("django", ["1.9", "2.0"])
        @parametrize("database", ["postgres", "mysql"])
        def tests(session, django, database):
            show(session, django, database)
        """
    ),
    "parametrized with several at once": Example(
        """
        @task(python=False)
        @parametrize("python_, number", [("a", 1), param("b", 2, id="second"), ("c", None)])
        def tests(session, python_, number):
            show(session, python_, repr(number))
        """
    ),
    "ids": Example(
        """
        @task(python=False)
        @parametrize("django", ["1.9", "2.0"], ids=["old", "new"])
        def tests(session, django):
            show(session, django)
        """,
        ("-s", "tests(new)"),
    ),
    "parameters with tags": Example(
        """
        @task(python=False, tags=["all"])
        @parametrize("one", [1, 2], tags=[["odd"], ["even"]])
        @parametrize("two", [param("a", tags=["letter"]), "b"])
        def tests(session, one, two):
            show(session, str(one), two)
        """,
        ("-t", "even", "letter"),
    ),
    "one of the parameters": Example(
        """
        @task(python=False)
        @parametrize("django", ["1.9", "2.0"])
        def tests(session, django):
            show(session, "django", django)
        """,
        ("-s", "tests(django='2.0')"),
    ),
    "Pythons": Example(
        """
        @task(python=[PYTHON])
        def tests(session):
            say(session.python, type(session.bin_paths), session.venv_backend)
            session.run("python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        """,
        ("-s", f"tests-{PYTHON}"),
    ),
    "a Python and a parameter": Example(
        """
        @task(python=[PYTHON])
        @parametrize("django", ["1.9", "2.0"])
        def tests(session, django):
            show(session, session.python, django)
        """,
        ("-s", f"tests-{PYTHON}(django='1.9')"),
    ),
    "Pythons as a parameter": Example(
        """
        @task()
        @parametrize("python,dependency", [(PYTHON, "1"), (PYTHON, "2")])
        def tests(session, dependency):
            say(session.python, dependency)
        """
    ),
    "no Python at all": Example(
        """
        @task(python=False)
        def lint(session):
            say(session.python, session.bin_paths, session.venv_backend, session.virtualenv.bin_paths)
            session.run("sh", "-c", "echo shell")
        """
    ),
    "another backend": Example(
        """
        @task(venv_backend="none")
        def lint(session):
            session.run("sh", "-c", "echo shell")
            session.install("anything")
        """
    ),
    "a missing Python": Example(
        """
        @task(python="99.1")
        def tests(session):
            show(session, "never")

        @task(python=False)
        def lint(session):
            show(session, "lint")
        """
    ),
    "notify": Example(
        """
        @task(python=False)
        def tests(session):
            show(session, "tests")
            session.notify("coverage")
            session.notify("coverage")
            session.notify("lint", posargs=["-v", "a b"])

        @task(python=False)
        def lint(session):
            show(session, "lint", *session.posargs)

        @task(python=False)
        def coverage(session):
            show(session, "coverage", *session.posargs)
        """,
        ("-s", "tests", "--", "given"),
    ),
    "notify what runs anyway": Example(
        """
        @task(python=False)
        def first(session):
            session.notify("second")

        @task(python=False)
        def second(session):
            show(session, "second")
            session.notify("first")
        """
    ),
    "notify one of the parameters": Example(
        """
        @task(python=False)
        def first(session):
            session.notify("tests(number=2)")

        @task(python=False, default=False)
        @parametrize("number", [1, 2])
        def tests(session, number):
            show(session, str(number))
        """
    ),
    "notify from what failed": Example(
        """
        @task(python=False)
        def first(session):
            session.notify("second")
            session.error("no")

        @task(python=False, default=False)
        def second(session):
            show(session, "second")
        """
    ),
    "notify nobody": Example(
        """
        @task(python=False)
        def first(session):
            session.notify("nobody")
        """
    ),
    "requires": Example(
        """
        @task(python=False, requires=["build"])
        def tests(session):
            show(session, "tests")

        @task(python=False)
        def build(session):
            show(session, "build")
        """,
        ("-s", "tests"),
    ),
    "requires what fails": Example(
        """
        @task(python=False, requires=["build"])
        def tests(session):
            show(session, "tests")

        @task(python=False)
        def build(session):
            session.run("sh", "-c", "exit 3")
        """,
        ("-s", "tests"),
    ),
    "requires for each Python": Example(
        """
        @task(python=[PYTHON], requires=["build-{python}"])
        def tests(session):
            say("tests")

        @task(python=[PYTHON])
        def build(session):
            say("build")
        """,
        ("-s", "tests"),
    ),
    "what is printed silently": Example(
        """
        @task(python=False)
        def out(session):
            out = show(session, "a", "b", silent=True)
            say(repr(out), type(session.run("true")))
            say(repr(session.run("sh", "-c", "echo out; echo err >&2", silent=True)))
            say(repr(session.run("sh", "-c", "echo out; echo err >&2", silent=True, stderr=None)))
        """
    ),
    "variables": Example(
        """
        @task(python=False)
        def variables(session):
            words = "sh", "-c", "echo $ONE $TWO $THREE"
            session.env["ONE"] = "1"
            session.run(*words)
            session.run(*words, env={"ONE": None, "TWO": "2"})
            os.environ["THREE"] = "3"
            session.run(*words, env={"TWO": "two"})
            session.run(*words, include_outer_env=False, env={"TWO": "two"})

        @task(python=False)
        def later(session):
            session.run("sh", "-c", "echo $ONE")
        """
    ),
    "codes that are no failure": Example(
        """
        @task(python=False)
        def codes(session):
            say(session.run("sh", "-c", "exit 5", success_codes=[0, 5]))
            session.run("sh", "-c", "exit 6", success_codes=[0, 5])

        @task(python=False)
        def none(session):
            session.run("true", success_codes=[1])
        """
    ),
    "a failure ends its session": Example(
        """
        @task(python=False)
        def first(session):
            session.run("sh", "-c", "echo before; exit 7")
            show(session, "never")

        @task(python=False)
        def second(session):
            show(session, "second")
        """
    ),
    "stop on the first failure": Example(
        """
        @task(python=False)
        def first(session):
            session.run("false")

        @task(python=False)
        def second(session):
            show(session, "never")
        """,
        ("-x",),
    ),
    "clean up after a failure": Example(
        """
        @task(python=False)
        def tests(session):
            try:
                session.run("false")
            finally:
                show(session, "clean")

        @task(python=False)
        def caught(session):
            for words in (["false"], ["no-such-program"]):
                try:
                    session.run(*words)
                except CommandFailed:
                    show(session, "caught")
        """
    ),
    "skip and give up": Example(
        """
        @task(python=False)
        def skips(session):
            session.skip("not today")

        @task(python=False)
        def gives_up(session):
            session.error("broken")

        @task(python=False)
        def goes_on(session):
            show(session, "on")
        """
    ),
    "only skipped": Example(
        """
        @task(python=False)
        def skips(session):
            if not session.interactive:
                session.skip("a person is needed")
        """
    ),
    "an exception": Example(
        """
        @task(python=False)
        def raises(session):
            raise ValueError("why")

        @task(python=False)
        def goes_on(session):
            show(session, "on")
        """
    ),
    "another directory": Example(
        """
        @task(python=False)
        def where(session):
            with session.chdir("deep"):
                session.run("sh", "-c", "basename $PWD")
                with session.cd(Path("..") / "other"):
                    session.run("sh", "-c", "basename $PWD")
            session.run("sh", "-c", "test -d deep && echo top")
            session.chdir("deep")
            session.run("sh", "-c", "basename $PWD")

        @task(python=False)
        def later(session):
            session.run("sh", "-c", "test -d deep && echo top")
            say(session.invoked_from == os.getcwd())
        """,
        files={"deep/file": "", "other/file": ""},
    ),
    "directories to write to": Example(
        """
        @task()
        def writes(session):
            made = Path(session.create_tmp())
            say(made.is_dir(), session.create_tmp() == str(made), session.env_dir in made.parents)
            session.run("sh", "-c", "test -d $TMPDIR && echo there", external=True)
            (session.cache_dir / "kept").write_text("kept")

        @task(python=False)
        def reads(session):
            say((session.cache_dir / "kept").read_text())
        """
    ),
    "output into a file": Example(
        """
        @task(python=False)
        def writes(session):
            with open("out.txt", "w") as file:
                session.run("sh", "-c", "echo out; echo err >&2", stdout=file)
            say(Path("out.txt").read_text())
            with open("err.txt", "w") as file:
                session.run("sh", "-c", "echo out; echo err >&2", stderr=file)
            say(Path("err.txt").read_text())
        """
    ),
    "a script with what it needs": Example(
        """
        @task()
        def script(session):
            session.install_and_run_script("tool.py", "a", "b")
        """,
        files={
            "tool.py": f"# /// script\n# dependencies = ['./{WHEEL}']\n# ///\nimport demo, sys\nprint(demo, sys.argv[1:])\n".replace(
                "print(demo", "print(demo.__name__"
            )
        },
    ),
    "what the project says": Example(
        """
        PROJECT = project.load_toml("pyproject.toml")

        @task(python=project.python_versions(PROJECT, max_version="3.99")[:0] or False)
        def groups(session):
            show(session, *project.dependency_groups(PROJECT, "test"))
        """,
        files={
            "pyproject.toml": '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.9"\n'
            '[dependency-groups]\ntest = ["pytest", {include-group = "more"}]\nmore = ["coverage"]\n'
        },
    ),
    "one session calls another": Example(
        """
        def helper(session, word):
            show(session, word)

        @task(python=False)
        def lint(session):
            helper(session, "lint")

        @task(python=False)
        def both(session):
            lint(session)
            helper(session, "both")
        """
    ),
    "a function as a program": Example(
        """
        @task(python=False)
        def calls(session):
            session.run(say, "called", 3)
        """
    ),
    "an environment for development": Example(
        """
        @task(python=False)
        def dev(session):
            session.run(sys.executable, "-m", "venv", "--without-pip", "venv", external=True)
            python = Path("venv").absolute() / "bin" / "python"
            session.run(python, "-c", "import sys; print(sys.prefix != sys.base_prefix)", external=True)
        """,
    ),
    "sessions that are made in a loop": Example(
        """
        for word in ("one", "two"):

            @task(python=False, name=word)
            def made(session, word=word):
                show(session, word)
        """,
        ("-s", "two", "one"),
    ),
    "installing only": Example(
        """
        @task()
        def tests(session):
            session.run_always("python", "-c", "print('always')")
            session.run_install("python", "-c", "print('install')")
            say(session.run("python", "-c", "print('never')"))
        """,
        ("--install-only",),
    ),
    "what is outside": Example(
        """
        @task()
        def warns(session):
            session.run("sh", "-c", "echo warns")

        @task()
        def fails(session):
            session.run("sh", "-c", "echo never", external="error")
        """
    ),
    "what is said": Example(
        """
        @task(python=False)
        def says(session):
            session.log("a %s", "b")
            session.warn("c")
            session.debug("d")
        """
    ),
    "an unknown name": Example(
        """
        @task(python=False)
        def first(session):
            show(session, "never")
        """,
        ("-s", "second"),
    ),
}
#: Exit codes that are others here, and why.
OTHER_CODES = {
    "an install that fails": 3,  # an environment that could not be filled has a code of its own
    "only skipped": 1,  # nothing ran, and that is no success
    "an unknown name": 2,  # what was asked for is wrong
}


def write(root: Path, example: Example, head: str, name: str) -> None:
    text = head + COMMON + dedent(example.text)
    for path, content in {**example.files, name: text}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    with ZipFile(root / WHEEL, "w") as wheel:
        wheel.writestr(
            "demo.py",
            "import sys\ndef main():\n    print('demo', *sys.argv[1:])\nif __name__ == '__main__':\n    main()\n",
        )
        wheel.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        wheel.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("demo-1.0.dist-info/entry_points.txt", "[console_scripts]\ndemo = demo:main\n")
        wheel.writestr("demo-1.0.dist-info/RECORD", "")


def run_nox(root: Path, *words: str) -> tuple[Done, list[tuple[tuple[str, ...], str]]]:
    """How nox ended, and its sessions, each with the names that it goes by and its result."""
    # It does what it does in CI if it finds itself there, and so do we.
    finished = subprocess.run(
        [sys.executable, "-m", "nox", "--report", "report.json", "--no-error-on-missing-interpreters", *words],
        cwd=root,
        env=world(PATH=os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    report = root / "report.json"
    sessions = json.loads(report.read_text(encoding="utf-8"))["sessions"] if report.exists() else []
    told = [((*one["signatures"], one["name"]), one["result"]) for one in sessions]
    return Done(finished.returncode, finished.stdout, finished.stderr), told


def run_ours(root: Path, *words: str) -> tuple[Done, list[tuple[tuple[str, ...], str]]]:
    """The same of ours."""
    variables = world(PATH=os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"])))
    listing = run(root, "--list", "--json", variables=variables)
    assert listing.code == 0, listing.err
    names = {one["session"]: (one["session"], *one["signatures"]) for one in json.loads(listing.out)}
    done = run(root, *words, variables=variables)
    told = re.findall(r"(?m)^  (passed|failed|skipped|broken|cancelled) +(\S+) ", done.err)
    if not told:
        told = [found[::-1] for found in re.findall(r"(?m)^(\S+): (passed|failed|skipped|broken)\b", done.err)]
    return done, [(names[name], outcome) for outcome, name in told]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_the_same_in_both(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    write(tmp_path / "theirs", example, NOX, "noxfile.py")
    write(tmp_path / "ours", example, OURS, "envfile.py")
    theirs, their_sessions = run_nox(tmp_path / "theirs", *example.words)
    ours, our_sessions = run_ours(tmp_path / "ours", *example.words)
    both = f"{theirs.err}\n{ours.err}"
    # Nox does not tell of what it did not come to.
    assert {outcome for _, outcome in our_sessions[len(their_sessions) :]} <= {"cancelled"}, both
    assert len(our_sessions) == len(their_sessions) or "-x" in example.words, both
    for (our_names, outcome), (their_names, result) in zip(our_sessions, their_sessions, strict=False):
        assert their_names[0] in our_names, both
        assert outcome in OUTCOMES[result], both
    assert ours.out == theirs.out, both
    assert ours.code == OTHER_CODES.get(name, theirs.code), both
    assert "Traceback" not in ours.err or name == "an exception"


def test_each_other_code_is_one() -> None:
    assert {*OTHER_CODES} <= {*EXAMPLES}
