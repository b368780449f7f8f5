"""How much work a start of the tool is, counted in instructions against an empty Python program.

Counts can be repeated, so they have bars; times, with --peers, are told side by side and have none.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from shutil import copytree, ignore_patterns

from harness import (
    CHECKOUT,
    VALGRIND_MISSING,
    Contender,
    Figure,
    count,
    has_valgrind,
    install,
    race,
    table,
    tell,
    workplace,
    write,
)

NOTHING = {
    "pyproject.toml": """\
[tool.envtasks.envs.nothing]
detached = true
scripts = { run = "true" }
"""
}

#: The same two environments, one of them a matrix of four, as each tool wants them.
OURS = {
    "pyproject.toml": """\
[tool.envtasks]
sessions = ["lint", "test"]

[tool.envtasks.envs.test]
description = "run the tests"
detached = true
dependencies = ["pytest", "django~={matrix:django}"]
scripts = { run = "pytest {args}" }

[[tool.envtasks.envs.test.matrix]]
python = ["3.11", "3.12"]
django = ["4.2", "5.2"]

[tool.envtasks.envs.lint]
description = "check the style"
detached = true
dependencies = ["ruff"]
scripts = { run = "ruff check ." }
"""
}
PEERS = {
    "nox": {
        "noxfile.py": '''\
import nox


@nox.session(python=["3.11", "3.12"])
@nox.parametrize("django", ["4.2", "5.2"])
def test(session, django):
    """run the tests"""
    session.install("pytest", f"django~={django}")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session):
    """check the style"""
    session.install("ruff")
    session.run("ruff", "check", ".")
'''
    },
    "tox": {
        "tox.ini": """\
[tox]
env_list = lint, py3{11,12}-django{42,52}
no_package = true

[testenv]
description = run the tests
deps =
    pytest
    django42: django~=4.2
    django52: django~=5.2
commands = pytest {posargs}

[testenv:lint]
description = check the style
deps = ruff
commands = ruff check .
"""
    },
    "hatch": {
        "pyproject.toml": OURS["pyproject.toml"].partition("\n\n")[2].replace("tool.envtasks", "tool.hatch"),
    },
}
LISTING = {"nox": ("--list",), "tox": ("list",), "hatch": ("env", "show", "--ascii")}


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    with workplace() as place:
        programs = install(os.path.join(place, "envtasks"), CHECKOUT)
        figures: list[Figure] = []
        if has_valgrind():
            figures += counted(programs, place)
        else:
            print(VALGRIND_MISSING, file=sys.stderr)
        if said.peers:
            figures += raced(programs, place, said.rounds)
        return tell(figures, as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--peers", action="store_true", help="also time the listing side by side with nox, tox, hatch")
    parser.add_argument("--rounds", type=int, default=15, help="how often each is timed")
    return parser.parse_args(argv)


def counted(programs: str, place: str) -> list[Figure]:
    """The start-up of what people do most, in units of an empty Python program."""
    toml, envfile = (example(name, place) for name in ("library", "envfile"))
    nothing = write(os.path.join(place, "nothing"), NOTHING)
    tool = os.path.join(programs, "envtasks")
    unit = count((os.path.join(programs, "python"), "-c", "pass"), nothing).instructions
    warm = count((tool, "-s", "nothing"), nothing)
    return [
        Figure("envtasks --version", count((tool, "--version"), nothing).instructions / unit, "x python"),
        Figure("envtasks --list", count((tool, "--list"), toml).instructions / unit, "x python", 4.5),
        Figure("envtasks --list, an envfile", count((tool, "--list"), envfile).instructions / unit, "x python", 5.5),
        Figure("envtasks -s, nothing to make", warm.instructions / unit, "x python", 6),
        Figure("envtasks -s, nothing to make", warm.children, "processes", 1),
    ]


def example(name: str, place: str) -> str:
    """A copy of an example, so that nothing is written into the checkout."""
    source = os.path.join(CHECKOUT, "examples", name)
    return copytree(source, os.path.join(place, name), ignore=ignore_patterns(".*"))


def raced(programs: str, place: str, rounds: int) -> list[Figure]:
    """The listing of one matrix by each tool, against an empty Python program."""
    ours = write(os.path.join(place, "ours"), OURS)
    contenders = [
        Contender("python -c pass", (os.path.join(programs, "python"), "-c", "pass"), ours),
        Contender("envtasks --list", (os.path.join(programs, "envtasks"), "--list"), ours),
    ]
    for name, files in PEERS.items():
        peer = install(os.path.join(place, f"with-{name}"), name)
        project = write(os.path.join(place, name), files)
        contenders.append(
            Contender(" ".join((name, *LISTING[name])), (os.path.join(peer, name), *LISTING[name]), project)
        )
    return table(contenders, race(contenders, rounds), 0)


if __name__ == "__main__":
    sys.exit(main())
