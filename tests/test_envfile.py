from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from envtasks.declare.declarations import Written
from envtasks.declare.envfile import load
from envtasks.errors import EnvfileFailed, InvalidDeclarations

MakeProject = Callable[[Mapping[str, str]], Path]
Load = Callable[[str], Written]


@pytest.fixture
def load_text(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.setattr(sys, "path", sys.path[:])

    def make(text: str, **others: str) -> Written:
        root = project({"envfile.py": text, **others})
        return load(str(root / "envfile.py"))

    return make


def test_an_envfile_writes_environments_scripts_and_settings(load_text: Load) -> None:
    written = load_text(
        '''
        """Tasks of the project."""
        from envtasks import env, options, script

        options.sessions = ["lint"]
        lint = env("lint", scripts={"check": "ruff check"})

        @script("default")
        def seed(session): ...
        '''
    )
    assert written.doc == "Tasks of the project."
    ((name, raw, where),) = written.environments
    assert (name, raw) == ("lint", {"scripts": {"check": "ruff check"}, "default": True})
    assert (Path(where.file).name, where.line) == ("envfile.py", 6)
    ((environment, title, task, place),) = written.scripts
    assert (environment, title) == ("default", "seed")
    assert (task.function.name, task.settings) == ("seed", {})
    assert place.line == 8
    value, key = written.settings["sessions"]
    assert (value, key.line) == (["lint"], 5)


def test_an_empty_envfile_writes_nothing(load_text: Load) -> None:
    assert load_text("") == Written("", (), (), {})


def test_what_an_envfile_prints_is_no_output_of_ours(load_text: Load, capfd: pytest.CaptureFixture[str]) -> None:
    load_text("import os\nprint('loading', flush=True)\nos.system('echo started')")
    assert tuple(capfd.readouterr()) == ("", "loading\nstarted\n")


def test_each_envfile_is_read_for_itself(load_text: Load) -> None:
    load_text('from envtasks import env\nenv("one")')
    written = load_text('from envtasks import env\nenv("two")')
    assert [name for name, _, _ in written.environments] == ["two"]


def test_modules_beside_an_envfile_can_be_imported(project: MakeProject, load_text: Load) -> None:
    project({"beside_the_envfile.py": "NAME = 'from beside'"})
    written = load_text("from envtasks import env\nimport beside_the_envfile\nenv(beside_the_envfile.NAME)")
    assert [name for name, _, _ in written.environments] == ["from beside"]
    directories = list(sys.path)
    load_text("")
    assert sys.path == directories, "the directory is added once"


def test_futures_of_ours_are_not_those_of_a_person(load_text: Load) -> None:
    load_text("def f(x: int): ...\nassert f.__annotations__ == {'x': int}\n")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a = 1\ndef (:\n", 2, "not Python: "),
        ("a = 1\n  b = 2\n", 2, "not Python: unexpected indent"),
    ],
)
def test_what_is_not_python_is_told_with_its_line(load_text: Load, text: str, line: int, message: str) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        load_text(text)
    (one,) = raised.value.mistakes
    assert one.message.startswith(message)
    assert one.where.line == line
    assert one.hint


@pytest.mark.parametrize("text", ["a = '\0'", "(" * 5000, "-" * 100_000 + "1"], ids=["null byte", "brackets", "depth"])
def test_what_python_itself_cannot_read_is_told(load_text: Load, text: str) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        load_text(text)
    assert raised.value.message.startswith("not Python: ")


def test_what_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "envfile.py").write_bytes(b"a = 1\nb = '\xe9'\n")
    with pytest.raises(InvalidDeclarations) as raised:
        load(str(tmp_path / "envfile.py"))
    assert raised.value.mistakes[0].where.line == 2


@pytest.mark.parametrize(
    ("text", "line", "message", "frames"),
    [
        ("\n1 / 0\n", 2, "ZeroDivisionError: division by zero", 1),
        ("def f():\n    raise KeyError('x')\n\nf()\n", 2, "KeyError: 'x'", 2),
        ("import no_such_module_anywhere\n", 1, "ModuleNotFoundError: No module named 'no_such_module_anywhere'", 1),
        ("from envtasks import nothing\n", 1, "ImportError: cannot import name 'nothing'", 1),
    ],
)
def test_code_that_raises_is_told_with_the_frames_of_the_person(
    load_text: Load, text: str, line: int, message: str, frames: int
) -> None:
    with pytest.raises(EnvfileFailed) as raised:
        load_text(text)
    error = raised.value
    assert error.message.startswith(message)
    assert error.where is not None
    assert error.where.line == line
    assert error.trace.count('File "') == frames


@pytest.mark.parametrize("code", ["", "3", "'text'"])
def test_an_envfile_that_leaves_is_told(load_text: Load, code: str) -> None:
    with pytest.raises(EnvfileFailed, match=r"left with sys\.exit") as raised:
        load_text(f"import sys\nsys.exit({code})")
    assert raised.value.where is not None
    assert raised.value.where.line == 2
    assert not raised.value.trace


def test_an_interrupt_is_nobodys_mistake(load_text: Load) -> None:
    with pytest.raises(KeyboardInterrupt):
        load_text("raise KeyboardInterrupt")
