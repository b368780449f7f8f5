"""Whatever stands in a file, what is raised is an error that a person can mend."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from differential.writing import environments_text, toml_text
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from envtasks.declare.environment import read_environment
from envtasks.declare.project import Files, read_project
from envtasks.errors import EnvtasksError, Key, Mistakes
from envtasks.model import Host
from envtasks.option_table import TABLE
from envtasks.plan.planning import Request, make_plan
from envtasks.report.document import environments_document, listing_document, plan_document
from envtasks.report.environments import ASCII
from envtasks.report.environments import environments_text as tables_text
from envtasks.report.problems import problem_text
from envtasks.resolve.project import resolve
from envtasks.resolve.selection import all_sessions, select

Take = Callable[[str, bytes], None]

VALID = """
sessions = ["test"]
aliases = { ci = ["test", "lint"] }
[envs.default]
dependencies = ["pytest>=8", "cov{env:PIN:}"]
env-vars = { A = "{root}", B = "{env:HOME}" }
[envs.test]
python = ["3.11", "3.12"]
matrix-name-format = "{variable}{value}"
scripts = { test = "pytest {args:tests}", cov = ["- test -x", "report"], deep = { run = "x", requires = ["lint"] } }
[[envs.test.matrix]]
django = ["4.2", "5.2"]
[envs.test.overrides]
platform.linux.env-vars = "A=1"
matrix.django.dependencies = [{ value = "y", if = ["5.2"] }, "z"]
name."^py3".set-scripts = [{ key = "s", value = "x", env = ["HOME"] }]
[envs.lint]
template = "default"
detached = true
scripts.run = "ruff check"
"""


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Bring a file through everything that starts nothing; whatever is raised must be ours."""
    where = Host(str(tmp_path), "/home/person", "linux", {"HOME": "/home/person", "PATH": "/bin"})

    def bring(name: str, raw: bytes) -> None:
        for other in ("pyproject.toml", "hatch.toml", "envtasks.toml"):
            (tmp_path / other).unlink(missing_ok=True)
        (tmp_path / name).write_bytes(raw)
        files = Files(*(str(tmp_path / part) for part in ("", "pyproject.toml", "envtasks.toml", "envfile.py")))
        try:
            project = resolve(read_project(files, None), where)
            document = environments_document(project, where)
            json.dumps(document)
            tables_text(document["environments"], 80, ASCII)
            sessions = tuple(all_sessions(project))
            json.dumps(listing_document(sessions, ()))
            json.dumps(plan_document(make_plan(project, Request(sessions[:5]), where)))
            select(project.settings.sessions or (), project)
        except EnvtasksError as error:
            told = problem_text(error, str(tmp_path))
            assert told.startswith("error: ")

    return bring


QUIET = settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = st.sampled_from(["pyproject.toml", "hatch.toml", "envtasks.toml"])


@QUIET
@given(name=NAMES, raw=st.binary(max_size=60))
@example("envtasks.toml", b"\xef\xbb\xbf")
@example("envtasks.toml", b'"\\u0000" = 1')
def test_any_bytes(take: Take, name: str, raw: bytes) -> None:
    take(name, raw)


TOKENS = st.sampled_from(
    [
        *(
            "[envs.a]\n",
            "[[envs.a.matrix]]\n",
            "[tool.hatch.envs.a]\n",
            "[tool.envtasks.envs.a]\n",
            "[project]\n",
            "[envs]\n",
        ),
        *(f"{name} = " for name in TABLE),
        *(
            '"a"\n',
            '["a", "b"]\n',
            "[]\n",
            "{}\n",
            "1\n",
            "true\n",
            '{ a = "b" }\n',
            '{ value = "a" }\n',
            "[{}]\n",
            '["3.12"]\n',
        ),
        *('platform.linux.python = "3"\n', 'env.HOME.dependencies = ["a"]\n', 'name."(".python = "3"\n', 'a = ["a"]\n'),
        *(
            "\n",
            '"',
            "[",
            "]",
            "{",
            "}",
            "=",
            ".",
            "#",
            "'''",
            '"""\n',
            "\\",
            "\0",
            "é",
            "1979-05-27\n",
            "nan\n",
            "0x1\n",
        ),
        *('name = "x"\n', "sessions = ", "aliases = ", "envs = ", "tool = ", "project = ", "dependency-groups = "),
    ]
)


@QUIET
@given(name=NAMES, text=st.lists(TOKENS, max_size=14).map("".join))
def test_text_that_looks_like_toml(take: Take, name: str, text: str) -> None:
    take(name, text.encode())


SLIPS = st.lists(
    st.tuples(st.integers(0, len(VALID)), st.integers(0, 12), st.one_of(TOKENS, st.text(max_size=3))),
    min_size=1,
    max_size=4,
)


@QUIET
@given(slips=SLIPS)
def test_a_valid_file_with_slips(take: Take, slips: list[tuple[int, int, str]]) -> None:
    text = VALID
    for start, length, new in slips:
        text = text[:start] + new + text[start + length :]
    take("envtasks.toml", text.encode("utf-8", "replace"))


LEAVES = st.one_of(
    st.booleans(),
    st.integers(-2, 3),
    st.floats(allow_nan=True),
    st.text(max_size=4),
    st.sampled_from(
        ["a", "{args}", "{env:X:{root}}", "{", "- a", "test", "3.12", "{matrix:v}", "virtual", "A=1", "linux"]
    ),
)
KEYS = st.one_of(
    st.sampled_from(["run", "value", "key", "if", "env", "platform", "matrix", "name", "v", "python", "py", *TABLE]),
    st.text(max_size=3),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=8
)
ENVIRONMENTS = st.dictionaries(
    st.one_of(st.sampled_from(["default", "test", "a.b"]), st.text(max_size=3)),
    st.dictionaries(st.sampled_from([*TABLE, "scripts", "overrides", "matrix", "other"]), VALUES, max_size=4),
    max_size=3,
)


@QUIET
@given(environments=ENVIRONMENTS)
def test_any_values_of_options(take: Take, environments: dict[str, dict[str, Any]]) -> None:
    text = environments_text(environments, "envs")
    take("envtasks.toml", text.encode())
    take("hatch.toml", text.encode())


@QUIET
@given(
    tables=st.dictionaries(
        st.sampled_from(["project", "tool", "dependency-groups", "build-system"]), VALUES, max_size=3
    )
)
def test_any_tables_of_a_project(take: Take, tables: dict[str, Any]) -> None:
    text = "".join(f"{name} = {toml_text(value)}\n" for name, value in tables.items())
    take("pyproject.toml", text.encode())


OBJECTS = st.one_of(
    VALUES,
    st.none(),
    st.binary(max_size=2),
    st.tuples(VALUES),
    st.sets(st.integers(0, 3)),
    st.dictionaries(st.integers(0, 3), VALUES),
)


@QUIET
@given(name=st.text(max_size=3), options=st.dictionaries(st.sampled_from([*TABLE]), OBJECTS, max_size=3))
def test_any_objects_that_python_writes(name: str, options: dict[str, Any]) -> None:
    mistakes = Mistakes()
    read_environment(name, options, Key("envfile.py"), mistakes)
    assert all(one.message and one.where.file == "envfile.py" for one in mistakes.found)
