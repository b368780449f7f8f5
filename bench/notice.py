"""Noticing that nothing changed: `env show --why` over environments that are in sync, beside `python -c pass`."""

import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from statistics import median

from harness import CHECKOUT, Contender, Figure, Usage, install, race, ratios, tell, variables, workplace, write

SIZES = (10, 1_000)
#: What an environment more may take, and how long the larger number may take together.
MOST_MILLISECONDS, MOST_SECONDS = 3.0, 3.0

#: Makes the directories of all environments of a project look as if they had been made, with ten packages in each;
#: really to make a thousand of them would take minutes and tell nothing more.
MAKE = """\
import os, sys
from envtasks.declare.project import find_project, read_project
from envtasks.environments import record
from envtasks.environments.location import config_of, python_of
from envtasks.environments.making import contents
from envtasks.model import Host
from envtasks.plan.planning import recipes_of
from envtasks.resolve.project import resolve
root = os.getcwd()
host = Host(root, os.path.expanduser("~"), "linux", dict(os.environ))
project = resolve(read_project(find_project(root), None), host)
base = os.path.realpath(sys.executable)
recipes, mistakes = recipes_of([*project.environments], project, host)
for recipe in recipes.values():
    os.makedirs(os.path.dirname(python_of(recipe.directory)))
    os.symlink(base, python_of(recipe.directory))
    for name in os.environ["PACKAGES"].split():
        place = os.path.join(recipe.directory, "lib", "python3", "site-packages")
        os.makedirs(os.path.join(place, name))
        os.makedirs(os.path.join(place, name + "-1.0.dist-info"))
    with open(config_of(recipe.directory), "w") as file:
        file.write("home = " + os.path.dirname(base))
    record.write(recipe.directory, {
        **record.parts(recipe), **contents(recipe), "name": recipe.name, "root": root, "ready": True, "wheel": None,
        "interpreter": {"path": base, "implementation": "cpython", "version": ".".join(map(str, sys.version_info[:3]))},
        "interpreter_fingerprint": record.fingerprint(base),
        "python_fingerprint": record.fingerprint(python_of(recipe.directory)),
        "config_fingerprint": record.fingerprint(config_of(recipe.directory)),
    })
"""
PACKAGES = tuple(f"package{number}" for number in range(10))


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    with workplace() as place:
        programs = install(os.path.join(place, "envtasks"), CHECKOUT)
        python = os.path.join(programs, "python")
        contenders = [Contender("python -c pass", (python, "-c", "pass"), place)]
        for size in said.sizes:
            directory = made(write(os.path.join(place, f"project-{size}"), project(size)), python)
            words = (os.path.join(programs, "envtasks"), "env", "show", "--why")
            contenders.append(Contender(f"{size} environments", words, directory))
        return tell(figures(contenders, race(contenders, said.rounds), said.sizes), as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--sizes", type=int, nargs=2, default=SIZES, metavar="N", help="how many environments")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is timed")
    return parser.parse_args(argv)


def project(size: int) -> Mapping[str, str]:
    values = [f"v{number}" for number in range(size)]
    text = f"""\
[envs.test]
detached = true
dependencies = {[*PACKAGES]}
matrix = [{{ value = {values} }}]
scripts.test = "true"
"""
    return {"envtasks.toml": text}


def made(directory: str, python: str) -> str:
    """Make all environments of a project, and see that they count as being in sync."""
    subprocess.run((python, "-c", MAKE), cwd=directory, env=variables(PACKAGES=" ".join(PACKAGES)), check=True)
    told = subprocess.run(
        (os.path.join(os.path.dirname(python), "envtasks"), "env", "show", "--why"),
        cwd=directory,
        env=variables(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if not all(line.endswith(" in sync") for line in told.splitlines()):
        raise RuntimeError(f"not all is in sync in {directory}: {told}")
    return directory


def figures(contenders: Sequence[Contender], results: Sequence[Sequence[Usage]], sizes: Sequence[int]) -> list[Figure]:
    few, many = sizes
    each = median((one[2].wall - one[1].wall) / (many - few) for one in results)
    unit = median(one[0].wall for one in results)
    return [
        *(
            Figure(f"{contender.name}, clock", ratio, "x python")
            for contender, ratio in zip(contenders[1:], ratios(results, 0)[1:], strict=True)
        ),
        Figure("one environment more, clock", each / unit, "x python"),
        Figure("one environment more, clock", 1000 * each, "ms", MOST_MILLISECONDS),
        Figure(f"{many} environments, clock", median(one[2].wall for one in results), "s", MOST_SECONDS),
    ]


if __name__ == "__main__":
    sys.exit(main())
