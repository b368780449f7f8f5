"""What fuzzing found: inputs that something fell over, each of them a mistake that is told."""

from pathlib import Path

import pytest

from envtasks.declare.project import find_project, read_project
from envtasks.errors import InvalidDeclarations
from envtasks.model import Host
from envtasks.report.problems import problem_text
from envtasks.resolve.project import resolve


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.hatch.envs.a]\ntemplate = []", "expected a string, found an array"),
        ("[tool.hatch.envs.a]\ntemplate = {}", "expected a string, found a table"),
        (
            "[tool.envtasks.envs.a]\nmatrix = [{ v = ['1'] }]\noverrides.name.'['.python = '3.11'",
            "not a regular expression: unterminated character set",
        ),
        *(
            (f"[tool.{tool}.envs.a]\nmatrix = [{{ v = ['1'] }}]\n{option} = '{text}'", "not a format for names")
            for tool in ("hatch", "envtasks")
            for option in ("matrix-name-format", "overrides.platform.linux.matrix-name-format")
            for text in ("{value}{root}", "{value}{0}", "{value", "{value}}", "{value}{value:>99999999}", "{value}{}")
        ),
    ],
)
def test_what_was_found_is_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    host = Host(str(tmp_path), "/home/person", "linux", {})
    with pytest.raises(InvalidDeclarations) as told:
        resolve(read_project(find_project(str(tmp_path)), None), host)
    assert problem_text(told.value, str(tmp_path)).startswith(f"error: {message}")
