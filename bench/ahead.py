"""Six environments from nothing, with a command of a second in each, beside the same without making any ahead."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from shutil import rmtree

from cold import Case, run, wheelhouse
from harness import CHECKOUT, Contender, Figure, install, ratios, tell, workplace, write

PROJECT = """\
sessions = ["wait"]

[envs.wait]
dependencies = ["six", "iniconfig", "packaging", "pluggy"]
matrix = [{ number = ["1", "2", "3", "4", "5", "6"] }]
scripts.wait = "sleep 1"
"""
BAR = 0.75


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    with workplace() as place:
        os.environ.update(wheelhouse(os.path.join(place, "wheels"), "six", "iniconfig", "packaging", "pluggy"))
        ours = os.path.join(install(os.path.join(place, "tools"), CHECKOUT), "envtasks")
        project = write(os.path.join(place, "project"), {"envtasks.toml": PROJECT})
        store = (os.path.join(project, ".envtasks"),)
        cases = [
            Case(Contender("one after the other", (ours, "--no-ahead"), project), store),
            Case(Contender("ahead", (ours,), project), store),
        ]
        results = [[run(case) for case in cases] for _ in range(said.rounds + 1)][1:]
        rmtree(store[0], ignore_errors=True)
        figures = [Figure("6 environments made ahead", ratios(results, 0)[1], "x one after the other", BAR)]
        return tell(figures, as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
