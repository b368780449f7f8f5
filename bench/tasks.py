"""How much work a Python session is next to the same one in TOML, counted in instructions.

Both run one program once, in an environment that is there.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from harness import CHECKOUT, VALGRIND_MISSING, Counted, Figure, count, has_valgrind, install, tell, workplace, write

TOML = {
    "envtasks.toml": """\
[envs.nothing]
detached = true
default = true
scripts = { run = "true" }
"""
}
PYTHON = {
    "envfile.py": """\
from envtasks import Session, env


@env(detached=True)
def nothing(session: Session) -> None:
    session.run("true", external=True)
"""
}
#: The same with what the session offers besides.
MORE = {
    "envfile.py": """\
from envtasks import Session, env


@env(detached=True)
def nothing(session: Session) -> None:
    session.log("in %s", session.env_dir)
    with session.chdir(session.cache_dir):
        session.run("true", external=True, silent=True, env={"A": "1"})
"""
}


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    if not has_valgrind():
        print(VALGRIND_MISSING, file=sys.stderr)
        return tell([], as_json=said.json)
    with workplace() as place:
        tool = os.path.join(install(os.path.join(place, "envtasks"), CHECKOUT), "envtasks")
        toml, python, more = (
            counted(tool, write(os.path.join(place, name), files))
            for name, files in (("toml", TOML), ("python", PYTHON), ("more", MORE))
        )
        return tell(figures(toml, python, more), as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args(argv)


def counted(tool: str, project: str) -> Counted:
    return count((tool, "-s", "nothing"), project)


def figures(toml: Counted, python: Counted, more: Counted) -> list[Figure]:
    return [
        Figure("a session in TOML", toml.instructions / 1e6, "10^6 instructions"),
        Figure("a session in Python", python.instructions / toml.instructions, "x TOML", 1.5),
        Figure("a session in Python, with more", more.instructions / toml.instructions, "x TOML"),
        Figure("a session in Python", python.children, "processes", 1),
    ]


if __name__ == "__main__":
    sys.exit(main())
