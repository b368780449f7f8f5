"""The benchmarks can be started and read their instruments right; nothing is measured here."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import pytest

BENCH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench")

PROFILE = """\
version: 1
creator: callgrind-3.19.0
pid: 42
cmd:  python -c pass

events: Ir
summary: 35642028

fl=(1) /lib/ld.so
fn=(1) totals: 7
12 1000

totals: {total}
"""


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Loads a script of the benchmarks by name."""
    monkeypatch.syspath_prepend(BENCH)
    return import_module


@pytest.mark.parametrize(
    ("name", "argv", "expected"),
    [
        ("startup", [], {"json": False, "peers": False, "rounds": 15}),
        ("startup", ["--json", "--peers", "--rounds", "3"], {"json": True, "peers": True, "rounds": 3}),
        ("tasks", [], {"json": False}),
        ("tasks", ["--json"], {"json": True}),
        ("scale", [], {"json": False, "sizes": (100, 1_000, 10_000), "rounds": 5}),
        ("scale", ["--sizes", "10", "20", "--rounds", "0"], {"json": False, "sizes": [10, 20], "rounds": 0}),
        ("warm", [], {"json": False, "peers": ("nox", "tox", "hatch"), "rounds": 15}),
        ("warm", ["--peers", "nox", "--json"], {"json": True, "peers": ["nox"], "rounds": 15}),
        ("warm", ["--peers"], {"json": False, "peers": [], "rounds": 15}),
        ("wheels", [], {"json": False, "rounds": 5}),
        ("notice", [], {"json": False, "rounds": 7, "sizes": (10, 1_000)}),
        ("cold", [], {"json": False, "rounds": 7, "installers": ("uv", "pip"), "import_all": False}),
        (
            "cold",
            ["--installers", "pip", "--import-all", "--rounds", "1"],
            {"json": False, "rounds": 1, "installers": ["pip"], "import_all": True},
        ),
    ],
)
def test_arguments(bench: Any, name: str, argv: list[str], expected: dict[str, Any]) -> None:
    assert vars(bench(name).parse(argv)) == expected


def test_an_unknown_peer_is_refused(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench("warm").parse(["--peers", "make"])
    assert "make" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("profile", "instructions"),
    [
        (PROFILE.format(total="35642028"), 35642028),
        (PROFILE.format(total="35642028 17 4"), 35642028),
        (PROFILE.format(total="1000") + PROFILE.format(total="234"), 1234),
    ],
    ids=["one part", "more events than instructions", "two parts"],
)
def test_instructions_are_those_of_the_totals(bench: Any, profile: str, instructions: int) -> None:
    assert bench("harness").instructions_of(profile) == instructions


def test_a_profile_that_was_cut_off_is_refused(bench: Any) -> None:
    with pytest.raises(ValueError, match="no totals"):
        bench("harness").instructions_of(PROFILE.partition("\ntotals:")[0])


def test_ratios_are_medians_of_ratios_inside_rounds(bench: Any) -> None:
    harness = bench("harness")
    rounds = [
        [harness.Usage(wall, cpu, 1000) for wall, cpu in pairs]
        for pairs in ([(1.0, 1.0), (2.0, 4.0)], [(10.0, 1.0), (30.0, 5.0)], [(2.0, 1.0), (8.0, 90.0)])
    ]
    assert harness.ratios(rounds, 0) == [1.0, 3.0]
    assert harness.ratios(rounds, 0, lambda usage: usage.cpu) == [1.0, 5.0]


@pytest.mark.parametrize(("value", "bar", "code"), [(1.0, None, 0), (1.0, 1.0, 0), (1.1, 1.0, 1)])
@pytest.mark.parametrize("as_json", [True, False])
def test_a_missed_bar_gives_the_exit_code(
    bench: Any, capsys: pytest.CaptureFixture[str], value: float, bar: float | None, code: int, as_json: bool
) -> None:
    harness = bench("harness")
    assert harness.tell([harness.Figure("listing", value, "x python", bar)], as_json=as_json) == code
    said = capsys.readouterr().out
    assert "listing" in said
    assert ("NO" in said) is (code == 1 and not as_json)
    assert ('"good": false' in said) is (code == 1 and as_json)


@pytest.mark.parametrize(("python", "good"), [(150, True), (151, False)])
def test_a_python_session_has_its_bar(bench: Any, python: int, good: bool) -> None:
    counted = bench("harness").Counted
    figures = bench("tasks").figures(counted(100, 1), counted(python, 1), counted(1000, 1))
    assert all(figure.good for figure in figures) is good


@pytest.mark.parametrize("cells", [1, 15, 100, 120, 1_000, 10_000])
def test_the_matrix_has_the_size_that_is_said(bench: Any, cells: int) -> None:
    first, second = bench("scale").axes(cells)
    assert len(first) * len(second) == cells


def test_both_projects_have_one_matrix(bench: Any) -> None:
    scale = bench("scale")
    for value in (value for axis in scale.axes(100) for value in axis):
        assert f"'{value}'" in scale.our_project(100)["pyproject.toml"]
        assert f"'{value}'" in scale.nox_project(100)["noxfile.py"]


def test_measured_programs_see_nothing_that_leads_them_elsewhere(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "ENVTASKS_ENV_DIR", "NOXSESSION", "TOXENV", "CI", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_INDEX_URL", "kept")
    seen = bench("harness").variables(PYTHONHASHSEED="0")
    assert seen["PIP_INDEX_URL"] == "kept"
    assert [name for name in seen if name.startswith(("PYTHON", "ENVTASKS", "NOX", "TOX", "CI", "VIRTUAL_ENV"))] == [
        "PYTHONHASHSEED"
    ]
