"""Kills runs at every step of theirs and at hundreds of moments, and lets runs get in each other's way.

    python tests/stress/stress.py --kills 200 --rounds 50 --seed 1

After each of them the next run has to pass, to say what it made good, and to leave nothing to be done. The exit code
is 1 where something of that is not true; what happened then is printed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "functional")]

from crashes import OPERATIONS, ROUNDS, Workbench  # noqa: E402 - the checkout has to be found first
from trust import INSTALLERS, UV, wheelhouse  # noqa: E402 - as above

#: Where to stop, as an operation may come to have more steps.
MOST_STEPS = 200


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="how many random moments for each installer")
    parser.add_argument("--rounds", type=int, default=50, help="how many rounds of four processes for each installer")
    parser.add_argument("--no-steps", action="store_true", help="do not kill at every step as well")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="what chooses the moments")
    parser.add_argument("--installers", nargs="*", choices=INSTALLERS, default=INSTALLERS, help="what fills them")
    said = parser.parse_args(argv)
    say(f"seed {said.seed}")
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="trust-") as directory:
        top = Path(directory).resolve()
        wheels = wheelhouse(top / "wheels")
        for installer in said.installers:
            if installer == "uv" and UV is None:
                say("uv is not installed")
                continue
            bench = Workbench(top / installer, wheels, installer)
            chance = random.Random(said.seed)
            if not said.no_steps:
                at_every_step(bench)
            at_any_moment(bench, said.kills, chance)
            at_once(bench, said.rounds, chance)
            problems += [f"{installer}: {one}" for one in bench.problems]
    say("\n".join(problems))
    return 1 if problems else 0


def at_every_step(bench: Workbench) -> None:
    for name in OPERATIONS:
        steps = next((step for step in range(MOST_STEPS) if not bench.killed_at_step(name, step)), MOST_STEPS)
        tell(bench, f"{name}: killed at each of {steps} steps")


def at_any_moment(bench: Workbench, kills: int, chance: random.Random) -> None:
    names = [*OPERATIONS]
    for number, name in enumerate(names):
        longest = bench.seconds(name)
        times = share(kills, number, len(names))
        for _ in range(times):
            bench.killed_after(name, chance.uniform(0, longest), alone=chance.random() < 0.5)
        tell(bench, f"{name}: killed at {times} moments within {longest:.2f} s")


def at_once(bench: Workbench, rounds: int, chance: random.Random) -> None:
    for number, kind in enumerate(ROUNDS):
        times = share(rounds, number, len(ROUNDS))
        for _ in range(times):
            bench.round(kind, chance)
        tell(bench, f"{kind}: {times} rounds of {len(ROUNDS[kind])} processes")


def share(whole: int, number: int, of: int) -> int:
    """How much falls to one of several, so that together they have all."""
    return (whole + of - 1 - number) // of


def tell(bench: Workbench, what: str) -> None:
    say(f"{bench.installer}  {what}; so far {bench.rebuilt} had to be made good, {len(bench.problems)} problems")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
