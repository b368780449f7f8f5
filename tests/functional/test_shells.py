"""Completion in real shells: the code that the command prints, and what it gives when a key is pressed."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from tool import START, run, world

pytest.importorskip("argcomplete", reason="argcomplete is not installed")

MakeProject = Callable[[Mapping[str, str]], Path]

TOML = """
aliases = { everything = ["lint", "test"] }
[envs.lint]
detached = true
description = "Look: at the code"
tags = ["quick", "on its own"]
scripts = { run = "ruff", "it's" = "x" }
[envs.test]
detached = true
matrix = [{ django = ["4", "5"] }]
scripts = { test = "pytest", cov = "cov" }
[envs.parted]
detached = true
matrix = [{ python = ["3.12"], size = ["big"] }]
scripts.run = { run = "echo {arg:kind}", args = { kind = { option = true, choices = ["fast", "slow"] } } }
"""
ENVFILE = """
import os, sys
from envtasks import env

print("noise")
print("noise", file=sys.stderr)
os.write(1, b"noise")
for number in (1, 2, 8, 9):
    os.system(f"echo noise >&{number}")

@env(detached=True)
def made(session): ...
"""
FILES = {"envtasks.toml": TOML, "envfile.py": ENVFILE, "deep/er/file": ""}
#: Asks as bash does when the key is pressed, and prints what it would offer.
ASK = """
eval "$(envtasks completion bash)" || exit 3
COMP_LINE=$1 COMP_POINT=${#1}
_python_argcomplete envtasks
printf '%s\\n' "${COMPREPLY[@]}"
"""
#: Words put before a completed line, so that it is shown and not run.
SHOW = "\x01show \n"
SECONDS = 60


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def variables(project: MakeProject, tmp_path: Path) -> dict[str, str]:
    """Those of a world in which `envtasks` is a command, and `show` prints its arguments."""
    project(FILES)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, code in (("envtasks", START), ("show", "import json, sys; print(json.dumps(sys.argv[1:]), flush=True)")):
        (programs / f"the-{name}.py").write_text(code, encoding="utf-8")
        (programs / name).write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{programs}/the-{name}.py" "$@"\n', encoding="utf-8"
        )
        (programs / name).chmod(0o755)
    return world(PATH=f"{programs}{os.pathsep}{os.environ['PATH']}", HOME=str(tmp_path), INPUTRC=os.devnull)


@needs("bash")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("envtasks en", ["env"]),
        ("envtasks env s", ["show", "sync"]),
        ("envtasks -s l", ["lint", r"lint:it\'s"]),
        ("envtasks -s lint:", [r"it\'s"]),
        ("envtasks -s 'lint:i", [r"lint:it'\''s"]),
        ("envtasks -s test.4:", ["cov"]),
        ("envtasks -s m", ["made"]),
        ("envtasks ev", ["everything"]),
        ("envtasks -t o", [r"on\ its\ own"]),
        ('envtasks -k "not li', ["not lint"]),
        ("envtasks --color=al", ["always"]),
        ("envtasks --list-s", ["--list-sessions"]),
        ("envtasks -C de", ["deep/"]),
        ("envtasks -C deep/", ["deep/er/"]),
        ("envtasks run lint:r", ["run"]),
        ("envtasks run lint:run envf", ["envfile.py"]),
        ("envtasks -s nothing-like-it", []),
        ("envtasks 'unfinished", []),
        ("envtasks completion f", ["fish"]),
        ("envtasks parted -- --k", ["--kind"]),
        ("envtasks parted -- --kind s", ["slow"]),
        ("envtasks -s 'parted-3.12(", [r"parted-3.12(size='\''big'\'')"]),
    ],
)
def test_bash_offers(variables: dict[str, str], tmp_path: Path, line: str, offered: list[str]) -> None:
    words = ["bash", "--norc", "--noprofile", "-c", ASK, "bash", line]
    done = subprocess.run(
        words, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    # Outside of a real completion bash says that it cannot leave out the space.
    assert [one.rstrip() for one in done.stdout.splitlines()] == (offered or [""])
    assert not done.stderr


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("envtasks lin", ["lint", "lint:it's"]),
        ("envtasks -t ", ["quick", "on its own"]),
        ("envtasks env show te", ["test", "test.4", "test.5"]),
    ],
)
def test_tcsh_would_be_offered(variables: dict[str, str], tmp_path: Path, line: str, offered: list[str]) -> None:
    told = run(tmp_path, "completion", "tcsh").out.split("`")[1]
    done = subprocess.run(
        ["sh", "-c", told],
        cwd=tmp_path,
        env={**variables, "COMMAND_LINE": line},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == offered
    assert not done.stderr


def test_nobody_listens(variables: dict[str, str], tmp_path: Path) -> None:
    asked = {**variables, "_ARGCOMPLETE": "1", "COMP_LINE": "envtasks ", "COMP_POINT": "9"}
    done = run(tmp_path, variables=asked)
    assert (done.out, done.code) == ("", 2)
    assert done.err.startswith("error: _ARGCOMPLETE is set, and the answer for a shell cannot be written: ")


@needs("fish")
@pytest.mark.parametrize(
    ("line", "offered"),
    [("envtasks -s lin", ["lint\tLook: at the code", "lint:it's"]), ("envtasks -C de", ["deep/"])],
)
def test_fish_offers(variables: dict[str, str], tmp_path: Path, line: str, offered: list[str]) -> None:
    code = "envtasks completion fish | source; complete --do-complete $argv[1]"
    done = subprocess.run(
        ["fish", "--no-config", "-c", code, line],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [one.rstrip("\t") for one in done.stdout.splitlines()] == offered


class Shell:
    """A shell on a terminal, at which keys are pressed."""

    def __init__(self, words: list[str], directory: Path, variables: Mapping[str, str]) -> None:
        self.terminal, other = os.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            words,
            cwd=directory,
            env={**variables, "TERM": "dumb", "PS1": "", "PROMPT": ""},
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)

    def press(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def wait_for(self, text: str) -> str:
        """What was printed up to and with a line that begins like this, since the last one."""
        end = time.monotonic() + SECONDS
        while (begin := self.text.find(f"\n{text}")) < 0 or "\n" not in self.text[begin + 1 :]:
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                pytest.fail(f"the shell did not print {text!r} but {self.text!r}")
            self.text += os.read(self.terminal, 1 << 16).decode().replace("\r", "")
        line, _, self.text = self.text[begin + 1 :].partition("\n")
        return line

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


INTERACTIVE = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'; eval \"$(envtasks completion bash)\"",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        'unsetopt prompt_sp zle_bracketed_paste 2>/dev/null; autoload -U compinit; compinit -u; eval "$(envtasks completion zsh)"',
    ),
}


@pytest.fixture(params=[pytest.param(name, marks=needs(name)) for name in INTERACTIVE])
def shell(request: pytest.FixtureRequest, variables: dict[str, str], tmp_path: Path) -> Iterator[Shell]:
    words, code = INTERACTIVE[request.param]
    shell = Shell(words, tmp_path, variables)
    shell.press(f"{code}; echo re''ady\n")
    shell.wait_for("ready")
    yield shell
    shell.close()


def test_keys(shell: Shell) -> None:
    for typed, words in (
        ("envtasks compl\tzs\t", ["completion", "zsh"]),
        ("envtasks -s ma\t", ["-s", "made"]),
        ("envtasks -s test.4:\t", ["-s", "test.4:cov"]),
        ("envtasks -s lint:\t", ["-s", "lint:it's"]),
        ("envtasks -t on\t", ["-t", "on its own"]),
        ("envtasks -C de\ter\t", ["-C", "deep/er/"]),
        ("envtasks --color=al\t", ["--color=always"]),
        ("envtasks parted -- --kind sl\t", ["parted", "--", "--kind", "slow"]),
        ("envtasks parted -- --kind=sl\t", ["parted", "--", "--kind=slow"]),
        ("envtasks -s 'parted-3.12(\t", ["-s", "parted-3.12(size='big')"]),
        ("envtasks -s parted-3.12\\(\t", ["-s", "parted-3.12(size='big')"]),
    ):
        shell.press(typed + SHOW)
        assert json.loads(shell.wait_for("[")) == ["envtasks", *words]
