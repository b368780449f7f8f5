"""How shells are started: the words and variables, and the code that runs behind the files of the person."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

import pytest
from fakes import recipe

from envtasks.cli.shell import active_in, words_of
from envtasks.cli.shells import AFTER, RC, Active, family, opening, prompt_title
from envtasks.plan.variables import MISLEADING

NASTY = 'it\'s \\ "$HOME" `x` %'
ACTIVE = Active("test", "/env/bin", (("VIRTUAL_ENV", "/env"), ("NASTY", NASTY)), ("PYTHONHOME",))


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("/bin/bash", "bash"),
        ("-zsh", "zsh"),
        ("bash-5.2", "bash"),
        ("ksh93", "ksh"),
        ("C:\\Program Files\\PowerShell\\7\\pwsh.EXE", "pwsh"),
        ("/usr/bin/python3.11", "python"),
    ],
)
def test_families(program: str, name: str) -> None:
    assert family(program) == name


@pytest.mark.parametrize(
    ("program", "arguments", "words"),
    [
        ("/bin/bash", (), ("--rcfile", os.path.join(RC, "bash"), "-i")),
        ("/bin/bash", ("-i", "-c", "x"), ("--rcfile", os.path.join(RC, "bash"), "-i", "-c", "x")),
        ("/bin/bash", ("-c", "x"), ("-c", "x")),
        ("/bin/sh", (), ("-i",)),
        ("dash", ("-c", "x"), ("-c", "x")),
        ("zsh", (), ("-i",)),
        ("zsh", ("-c", "x"), ("-c", "x")),
        ("pwsh", ("-File", "x.ps1"), ("-File", "x.ps1")),
        ("cmd.exe", (), ()),
        ("nu", ("-c", "x"), ("-c", "x")),
    ],
)
def test_words(program: str, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert opening(program, arguments, ACTIVE, {}).words == words


@pytest.mark.parametrize(
    ("program", "before", "after"),
    [
        ("sh", {"ENV": "$HOME/.shrc"}, {"ENV": os.path.join(RC, "sh"), "_ENVTASKS_ENV": "$HOME/.shrc"}),
        ("sh", {}, {"ENV": os.path.join(RC, "sh")}),
        ("zsh", {"ZDOTDIR": "/z"}, {"ZDOTDIR": os.path.join(RC, "zsh"), "_ENVTASKS_ZDOTDIR": "/z"}),
        ("zsh", {}, {"ZDOTDIR": os.path.join(RC, "zsh")}),
        ("bash", {}, {}),
        ("cmd", {}, {"PROMPT": "(test) $P$G"}),
        ("cmd", {"PROMPT": "$G"}, {"PROMPT": "(test) $G"}),
        ("nu", {}, {}),
    ],
)
def test_variables(program: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    opened = opening(program, (), ACTIVE, before)
    assert {name: value for name, value in opened.variables.items() if name != AFTER} == after


def test_files_of_ours_are_there() -> None:
    assert sorted(os.listdir(RC)) == ["bash", "sh", "zsh"]
    assert sorted(os.listdir(os.path.join(RC, "zsh"))) == [".zshenv", ".zshrc"]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/usr/bin:/bin", "/env/bin:/usr/bin:/bin"),
        ("/env/bin:/bin", "/env/bin:/bin"),
        ("/x:/env/bin", "/env/bin:/x:/env/bin"),
    ],
)
def test_the_code_behind_the_files(shell: str, path: str, seen: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    code = opening(shell, (), ACTIVE, {}).variables[AFTER]
    done = subprocess.run(
        [
            shutil.which(shell) or shell,
            "-c",
            f'PS1="> "\n{code}\nprintf "%s\\n" "$PATH" "$NASTY" "${{PYTHONHOME-none}}" "$PS1"',
        ],
        env={"PATH": path, "NASTY": "theirs", "PYTHONHOME": "x"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.splitlines(), done.stderr) == ([seen, NASTY, "none", "(test) > "], "")


def test_the_code_for_powershell() -> None:
    code = opening("pwsh", (), ACTIVE, {}).words[-1]
    assert "$env:NASTY = 'it''s \\ \"$HOME\" `x` %'" in code
    assert f"$env:PATH = '/env/bin{os.pathsep}' + $env:PATH" in code
    assert "function prompt { '(test) ' + (& $_envtasks_prompt) }" in code


@pytest.mark.parametrize(
    ("title", "shown"), [("test.py3.12", "(test.py3.12) "), ("a`b`$(c)\\d", "(a_b___c__d) "), ("", "")]
)
def test_titles_have_nothing_that_a_prompt_makes_something_of(title: str, shown: str) -> None:
    assert prompt_title(ACTIVE._replace(title=title)) == shown


def test_words_of_a_process() -> None:
    if os.name == "nt":
        pytest.skip("Windows does not tell")
    words = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert words_of(process.pid) == words
        process.kill()


@pytest.mark.parametrize(
    ("changes", "programs", "variables"),
    [
        ({}, "/e/test/bin", {"VIRTUAL_ENV_PROMPT": "test", "MINE": "1"}),
        ({"PATH": "/mine:/e/test/bin:/bin"}, "/e/test/bin", {"PATH": "/mine:/e/test/bin:/bin"}),
        ({"NOT-A-NAME": "1"}, "/e/test/bin", {"VIRTUAL_ENV_PROMPT": "test", "MINE": "1"}),
    ],
)
def test_what_an_environment_changes(changes: Mapping[str, str], programs: str, variables: Mapping[str, str]) -> None:
    environ = {"PATH": "/bin", "SAME": "1"}
    made = recipe("/e/test", variables={"PATH": "/e/test/bin:/bin", "SAME": "1", "MINE": "1", **changes})
    active = active_in(made, environ)
    assert (active.title, active.programs, active.unset) == ("test", programs, MISLEADING)
    assert variables.items() <= dict(active.variables).items()
    assert not {"SAME", "NOT-A-NAME"} & dict(active.variables).keys()
    assert active_in(made, {**environ, "VIRTUAL_ENV_DISABLE_PROMPT": "1"}).title == ""


def test_the_default_environment_is_called_as_its_directory() -> None:
    assert active_in(recipe("/e/measures", name="default"), {}).title == "measures"
