"""Four environments with a project that is not editable, from nothing, beside the same with nox."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from shutil import rmtree

from cold import Case, run, wheelhouse
from harness import CHECKOUT, Contender, Figure, install, ratios, tell, workplace, write

NUMBERS = ("1", "2", "3", "4")
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "measured"
version = "1.0"

[tool.hatch.build.targets.wheel]
packages = ["measured"]

[tool.envtasks.envs.test]
dev-mode = false
matrix = [{{ number = {numbers} }}]
scripts = {{ test = "python -c 'import measured'" }}
"""
NOXFILE = """\
import nox


@nox.session
@nox.parametrize("number", {numbers})
def test(session, number):
    session.install(".")
    session.run("python", "-c", "import measured")
"""
BAR = 0.5


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    with workplace() as place:
        os.environ.update(wheelhouse(os.path.join(place, "wheels"), "nox"))
        programs = install(os.path.join(place, "tools"), CHECKOUT, "nox")
        numbers = "[" + ", ".join(f'"{one}"' for one in NUMBERS) + "]"
        files = {"pyproject.toml": PROJECT, "noxfile.py": NOXFILE}
        project = write(place, {name: text.format(numbers=numbers) for name, text in files.items()})
        os.makedirs(os.path.join(project, "measured"))
        write(os.path.join(project, "measured"), {"__init__.py": ""})
        write(project, {".gitignore": ".envtasks/\n.nox/\ntools/\nwheels/\n"})
        nox, ours = (os.path.join(programs, name) for name in ("nox", "envtasks"))
        cases = [
            Case(Contender("nox", (nox, "-s", "test"), project), (os.path.join(project, ".nox"),)),
            Case(Contender("envtasks", (ours, "-s", "test"), project), (os.path.join(project, ".envtasks"),)),
        ]
        results = [[run(case) for case in cases] for _ in range(said.rounds + 1)][1:]
        for case in cases:
            rmtree(case.removed[0], ignore_errors=True)
        figures = [Figure(f"{len(NUMBERS)} environments with a wheel", ratios(results, 0)[1], "x nox", BAR)]
        return tell(figures, as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
