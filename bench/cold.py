"""Making environments from nothing, with caches filled, beside the bare commands of uv and of virtualenv and pip."""

import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from shutil import rmtree, which
from typing import NamedTuple

from harness import CHECKOUT, Contender, Figure, Usage, install, ratios, tell, use, variables, workplace, write

DEPENDENCIES = ("pytest", "coverage", "requests")
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
dependencies = {dependencies}
scripts = {{ test = "python -c 'import pytest, coverage, requests, measured'" }}
"""
#: What each installer is compared with, the first environment of a project and each further one, and their bars.
BARS = {"uv": (1.3, 0.5), "pip": (None, 0.6)}


class Case(NamedTuple):
    """A command, and what is taken away before each run of it."""

    contender: Contender
    removed: tuple[str, ...]


def main(argv: Sequence[str] | None = None) -> int:
    said = parse(argv)
    with workplace() as place:
        figures = []
        os.environ.update(wheelhouse(os.path.join(place, "wheels")))
        os.environ["UV_CACHE_DIR"] = os.path.join(place, "cache")
        programs = install(os.path.join(place, "tools"), CHECKOUT, "virtualenv", "pip")
        for installer in said.installers:
            print(f"{installer}: {said.rounds} rounds", file=sys.stderr)
            project = write(os.path.join(place, installer), files())
            os.makedirs(os.path.join(project, "measured"))
            write(os.path.join(project, "measured"), {"__init__.py": ""})
            figures += compared(installer, cases(installer, programs, project, said.import_all), said)
        return tell(figures, as_json=said.json)


def parse(argv: Sequence[str] | None) -> Namespace:
    known = tuple(BARS)
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is timed")
    parser.add_argument("--installers", nargs="*", choices=known, default=known, help="what fills the environments")
    parser.add_argument("--import-all", action="store_true", help="end with a command that imports what was installed")
    return parser.parse_args(argv)


def files() -> dict[str, str]:
    listed = "[" + ", ".join(f'"{one}"' for one in DEPENDENCIES) + "]"
    return {"pyproject.toml": PROJECT.format(dependencies=listed), ".gitignore": ".envtasks/\n.bare/\n"}


def wheelhouse(directory: str, *more: str) -> dict[str, str]:
    """Fetch everything once, so that no index has a part in what is timed; the variables that lead installers there."""
    wanted = (*DEPENDENCIES, "hatchling", "editables", "virtualenv", "pip", "setuptools")
    words = (sys.executable, "-m", "pip", "download", "-qq", "--only-binary=:all:", "-d", directory, *wanted)
    ours = ("argcomplete", "colorlog", "filelock", "packaging", "pyproject-hooks", *more)
    subprocess.run((*words, *ours), check=True, env=variables())
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": directory, "UV_OFFLINE": "1", "UV_FIND_LINKS": directory}


def cases(installer: str, programs: str, project: str, import_all: bool) -> list[Case]:
    bare, store = os.path.join(project, ".bare"), os.path.join(project, ".envtasks")
    python = os.path.join(bare, "bin", "python")
    uv = which("uv") or os.path.join(os.path.dirname(sys.executable), "uv")
    if installer == "uv":
        make, fill = f"{uv} venv -q {bare}", f"{uv} pip install -q --python {python}"
    else:
        make, fill = f"{programs}/python -m virtualenv -q --no-download {bare}", f"{python} -m pip install -q"
    commands = [make, f"{fill} {' '.join(DEPENDENCIES)} -e ."]
    if import_all:
        commands.append(f"{python} -c 'import pytest, coverage, requests, measured'")
    ours = (os.path.join(programs, "envtasks"), *(() if import_all else ("--install-only",)), "-s", "test")
    ours = (
        which("env") or "env",
        f"ENVTASKS_INSTALLER={installer}",
        f"PATH={os.path.dirname(uv)}:{os.environ['PATH']}",
        *ours,
    )
    return [
        Case(Contender(f"bare {installer}", (which("sh") or "sh", "-ec", "; ".join(commands)), project), (bare,)),
        Case(Contender(f"envtasks, {installer}, the first", ours, project), (store,)),
        Case(
            Contender(f"envtasks, {installer}, a further one", ours, project),
            (os.path.join(store, "envs", "test"),),
        ),
    ]


def compared(installer: str, contenders: Sequence[Case], said: Namespace) -> list[Figure]:
    results = []
    for number in range(said.rounds + 1):
        # The first makes what a further one finds there, so that the order stays.
        results.append([run(case) for case in contenders])
        if number == 0:
            results.clear()
    bars = (None, None, None) if said.import_all else (None, *BARS[installer])
    return [
        Figure(one.contender.name, ratio, f"x bare {installer}", bar)
        for one, ratio, bar in zip(contenders, ratios(results, 0), bars, strict=True)
    ]


def run(case: Case) -> Usage:
    for path in case.removed:
        rmtree(path, ignore_errors=True)
    return use(case.contender)


if __name__ == "__main__":
    sys.exit(main())
