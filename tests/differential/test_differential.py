"""The environment model beside Hatch itself, on configurations that nobody wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from outside import INDEX

from differential.asking import FIELDS, Answer, Oracle, differences, hatch_python, ours
from differential.cases import CASES, REFUSED, Case
from differential.strategies import PYPROJECT, Example, examples, files_of
from envtasks.model import Host

#: Few enough for every day, the same every day; more, and others each time, where they are asked for.
EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "300"))
EVERY_DAY = EXAMPLES <= 300

WORLD = {"HOME": "/home/person", "PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    python, reason = hatch_python(INDEX)
    if python is None:
        pytest.skip(reason)
    asked = Oracle(python, tmp_path_factory.mktemp("hatch"))
    yield asked
    asked.close()


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a project") / "demo"


def write(files: Mapping[str, str], root: Path) -> None:
    root.mkdir(exist_ok=True)
    for name in ("pyproject.toml", "hatch.toml"):
        (root / name).write_text(files.get(name, ""), encoding="utf-8")


@pytest.mark.real
@settings(
    max_examples=EXAMPLES,
    derandomize=EVERY_DAY,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(example=examples())
def test_we_answer_as_hatch_does(oracle: Oracle, root: Path, example: Example) -> None:
    files = files_of(example)
    write(files, root)
    host = Host(str(root), example.environ["HOME"], example.platform, example.environ, example.verbosity)
    assert differences(oracle.ask(host), ours(host)) == [], "\n".join(files.values())


def on(case: Case, root: Path) -> Host:
    write({"pyproject.toml": f"{dedent(case.text)}\n{PYPROJECT}"}, root)
    return Host(str(root), WORLD["HOME"], case.platform, {**WORLD, **case.environ})


def check(case: Case, answer: Answer) -> None:
    assert "error" not in answer or any("error" in expected for expected in case.expected.values()), answer
    environments = {} if "error" in answer else {one["name"]: one for one in answer["environments"]}
    for name, expected in case.expected.items():
        if "error" in expected:
            assert "error" in answer or environments[name]["error"]
        else:
            assert {field: FIELDS[field](environments[name][field]) for field in expected} == {
                field: FIELDS[field](value) for field, value in expected.items()
            }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_has_its_answer(case: Case, tmp_path: Path) -> None:
    check(case, ours(on(case, tmp_path)))


@pytest.mark.real
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hatch_answers_a_case_as_we_do(case: Case, oracle: Oracle, root: Path) -> None:
    host = on(case, root)
    hatch = oracle.ask(host)
    check(case, hatch)
    assert differences(hatch, ours(host)) == []


def refusing(line: str, root: Path) -> Host:
    write({"pyproject.toml": f"{PYPROJECT}\n[tool.hatch.envs.t]\n{line}\n"}, root)
    return Host(str(root), WORLD["HOME"], "linux", WORLD)


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_wrong_is_refused(line: str, tmp_path: Path) -> None:
    answer = ours(refusing(line, tmp_path))
    assert "error" in answer or any(one["error"] for one in answer["environments"])


@pytest.mark.real
@pytest.mark.parametrize("line", REFUSED)
def test_hatch_refuses_it_as_well(line: str, oracle: Oracle, root: Path) -> None:
    answer = oracle.ask(refusing(line, root))
    assert "error" in answer or any(one["error"] for one in answer["environments"])
