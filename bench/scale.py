"""How the listing of a matrix grows with its environments, beside `nox --list` with as many sessions."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from statistics import median

from harness import (
    CHECKOUT,
    VALGRIND_MISSING,
    Contender,
    Figure,
    count,
    has_valgrind,
    install,
    race,
    ratios,
    tell,
    workplace,
    write,
)

SIZES = (100, 1_000, 10_000)


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    with workplace() as place:
        ours = install(os.path.join(place, "envtasks"), CHECKOUT)
        nox = install(os.path.join(place, "with-nox"), "nox") if said.rounds else ""
        counts: dict[int, int] = {}
        figures: list[Figure] = []
        if not has_valgrind():
            print(VALGRIND_MISSING, file=sys.stderr)
        for cells in said.sizes:
            project = write(os.path.join(place, f"ours-{cells}"), our_project(cells))
            if has_valgrind():
                counts[cells] = count((os.path.join(ours, "envtasks"), "--list"), project).instructions
            if said.rounds:
                peer = write(os.path.join(place, f"nox-{cells}"), nox_project(cells))
                figures += raced(cells, ours, project, nox, peer, said.rounds)
        if has_valgrind():
            unit = count((os.path.join(ours, "python"), "-c", "pass"), place).instructions
            figures += [Figure(f"{cells} environments", counts[cells] / unit, "x python") for cells in counts]
        figures += growth(counts)
        return tell(figures, as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="how many environments")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed; 0 for none")
    return parser.parse_args(argv)


def axes(cells: int) -> tuple[list[str], list[str]]:
    """The values of two variables that make a matrix of so many cells."""
    tens = 1
    while tens * tens * 10 <= cells and cells % (tens * 10) == 0:
        tens *= 10
    return [f"a{number}" for number in range(tens)], [f"b{number}" for number in range(cells // tens)]


def our_project(cells: int) -> Mapping[str, str]:
    first, second = axes(cells)
    text = f"""\
[tool.envtasks.envs.test]
description = "run the tests"
detached = true
dependencies = ["pytest"]
env-vars = {{ FIRST = "{{matrix:first}}" }}
scripts = {{ run = "pytest {{args}}" }}

[[tool.envtasks.envs.test.matrix]]
first = {first}
second = {second}
"""
    return {"pyproject.toml": text}


def nox_project(cells: int) -> Mapping[str, str]:
    first, second = axes(cells)
    text = f'''\
import nox


@nox.session
@nox.parametrize("first", {first})
@nox.parametrize("second", {second})
def test(session, first, second):
    """run the tests"""
    session.install("pytest")
    session.run("pytest", *session.posargs, env={{"FIRST": first}})
'''
    return {"noxfile.py": text}


def raced(cells: int, ours: str, project: str, nox: str, peer: str, rounds: int) -> list[Figure]:
    contenders = [
        Contender("nox --list", (os.path.join(nox, "nox"), "--list"), peer),
        Contender("envtasks --list", (os.path.join(ours, "envtasks"), "--list"), project),
    ]
    results = race(contenders, rounds)
    megabytes = median(used[1].kilobytes for used in results) / 1024
    return [
        Figure(f"{cells} environments, clock", ratios(results, 0)[1], "x nox --list", 0.8),
        Figure(f"{cells} environments, memory", megabytes, "MiB", 100),
        Figure(f"{cells} environments, memory", ratios(results, 0, lambda used: used.kilobytes)[1], "x nox --list"),
    ]


def growth(counts: Mapping[int, int]) -> list[Figure]:
    """Instructions for ten times the environments; more than twelve times as many would be a quadratic part."""
    return [
        Figure(f"from {cells} to {10 * cells} environments", counts[10 * cells] / counts[cells], "x instructions", 12)
        for cells in counts
        if 10 * cells in counts
    ]


if __name__ == "__main__":
    sys.exit(main())
