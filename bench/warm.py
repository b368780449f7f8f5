"""A session whose environment is in sync and whose command does nothing, beside the same with nox, tox and hatch."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from harness import CHECKOUT, Contender, install, race, table, tell, use, workplace, write

PROJECTS = {
    "envtasks": {
        "pyproject.toml": """\
[tool.envtasks.envs.nothing]
detached = true
scripts = { run = "true" }
"""
    },
    "nox": {
        "noxfile.py": """\
import nox


@nox.session
def nothing(session):
    session.run("true", external=True)
"""
    },
    "tox": {
        "tox.ini": """\
[testenv:nothing]
package = skip
allowlist_externals = true
commands = true
"""
    },
    "hatch": {
        "pyproject.toml": """\
[tool.hatch.envs.nothing]
detached = true
scripts = { run = "true" }
"""
    },
}
RUNNING = {
    "envtasks": ("-s", "nothing"),
    "nox": ("-R", "-s", "nothing"),
    "tox": ("run", "-e", "nothing"),
    "hatch": ("run", "nothing:run"),
}


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    with workplace() as place:
        contenders = [contender(name, place) for name in ("envtasks", *said.peers)]
        for one in contenders:
            make(one)
        return tell(table(contenders, race(contenders, said.rounds), 0), as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    peers = tuple(name for name in PROJECTS if name != "envtasks")
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=15, help="how often each is timed")
    parser.add_argument("--peers", nargs="*", choices=peers, default=peers, help="the tools to run beside ours")
    return parser.parse_args(argv)


def contender(name: str, place: str) -> Contender:
    programs = install(os.path.join(place, f"with-{name}"), CHECKOUT if name == "envtasks" else name)
    project = write(os.path.join(place, name), PROJECTS[name])
    words = (os.path.join(programs, name), *RUNNING[name])
    return Contender(" ".join((name, *RUNNING[name])), words, project)


def make(one: Contender) -> None:
    """Make the environment: what `nox -R` is told to use again must have been made without it."""
    words = tuple(word for word in one.words if word != "-R")
    use(one._replace(words=words))


if __name__ == "__main__":
    sys.exit(main())
