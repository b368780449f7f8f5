"""Asking both sides: Hatch through its oracle, ourselves in process; and what counts as the same answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from envtasks.declare.project import find_project, read_project
from envtasks.declare.toml import read_document
from envtasks.errors import FillError, InvalidDeclarations
from envtasks.model import Environment, Host, Project
from envtasks.names import normalized
from envtasks.option_table import SCRIPTS
from envtasks.plan.filling import fill_environment
from envtasks.plan.variables import ALWAYS_INCLUDED
from envtasks.quoting import shell_text
from envtasks.report.document import environment_document
from envtasks.resolve.project import resolve

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
WORDS = ("-x", "a b")

Answer = dict[str, Any]


class Oracle:
    """Hatch, in a process of its own."""

    def __init__(self, python: Path, home: Path) -> None:
        self.process = subprocess.Popen(
            [python, HERE / "oracle.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=home,
            env={"PATH": os.defpath, "HOME": str(home)},
        )

    def ask(self, host: Host) -> Answer:
        question = {
            "root": host.root,
            "platform": host.platform,
            "environ": dict(host.environ),
            "verbosity": host.verbosity,
            "arguments": shell_text(WORDS),
            "always": ALWAYS_INCLUDED,
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: Answer = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        self.process.communicate(timeout=30)


def hatch_python(index: Mapping[str, str]) -> tuple[Path | None, str]:
    """An interpreter that has the pinned Hatch, made once; or None and why there is none."""
    from filelock import FileLock

    document = read_document(str(REPOSITORY / "pyproject.toml")) or {}
    (requirement,) = document["dependency-groups"]["differential"]
    version = "{}.{}".format(*sys.version_info)
    directory = REPOSITORY / ".envtasks" / "differential" / f"{requirement.replace('==', '-')}-py{version}"
    directory.parent.mkdir(parents=True, exist_ok=True)
    python = directory / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    complete = directory / "complete"
    with FileLock(f"{directory}.lock"):
        if not complete.exists():
            environ = {**os.environ, **index}
            for command in (
                [sys.executable, "-m", "virtualenv", "--clear", "--quiet", str(directory)],
                [str(python), "-m", "pip", "install", "--quiet", "--retries", "1", requirement],
            ):
                done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
                if done.returncode:
                    return None, f"{requirement} cannot be installed: {done.stderr.strip()[-300:]}"
            complete.touch()
    return python, ""


def ours(host: Host) -> Answer:
    """Our answer, in the shape of the oracle's."""
    try:
        project = resolve(read_project(find_project(host.root), None), host)
    except InvalidDeclarations as error:
        return {"error": "; ".join(f"{one.message} at {one.where}" for one in error.mistakes)}
    return {
        "environments": [one(environment, project, host) for environment in project.environments.values()],
        "roots": {name: list(names) for name, names in project.roots.items()},
    }


def one(environment: Environment, project: Project, host: Host) -> Answer:
    shown = environment_document(environment, project, host)
    if shown["error"] is None:
        try:
            filled = fill_environment(environment, project, host)
            shown["steps"] = {
                name: [(step.ignore_exit_code, step.run) for step in filled.script(name, WORDS)]
                for name in environment[SCRIPTS]
            }
        except FillError as error:
            return {**shown, "error": error.message}
    return shown


def command(text: str | tuple[bool, str]) -> tuple[bool, str]:
    """Whether its exit code is ignored, and what runs; a hyphen with nothing behind it ignores nothing's exit code."""
    if isinstance(text, tuple):
        return text
    return f"{text} ".startswith("- "), text.removeprefix("-" if text == "-" else "- ").strip()


def requirement(text: str) -> str:
    try:
        return str(Requirement(text))
    except InvalidRequirement:
        return text


def command_table(table: Mapping[str, list[Any]]) -> Any:
    return {name: list(map(command, texts)) for name, texts in table.items()}


#: What is compared, and what of it counts. Scripts stand in the order that each tool lists them in.
FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": str,
    "root": lambda root: root,
    "matrix": lambda cell: list(cell.items()),
    "type": str,
    "python": lambda text: text,
    "path": lambda text: text,
    "platforms": lambda names: [name.lower() for name in names],
    "description": str.strip,
    "dependencies": lambda texts: list(map(requirement, texts)),
    "features": lambda names: sorted({normalized(name) for name in names}),
    "dependency-groups": lambda names: sorted({normalized(name) for name in names}),
    "dev-mode": bool,
    "skip-install": bool,
    "builder": bool,
    "env-vars": dict,
    "env-include": list,
    "env-exclude": list,
    "scripts": command_table,
    "steps": command_table,
    "pre-install-commands": lambda texts: list(map(command, texts)),
    "post-install-commands": lambda texts: list(map(command, texts)),
    "system-packages": bool,
    "python-sources": list,
    "installer": str,
    "uv-path": lambda text: text,
}


def differences(hatch: Answer, own: Answer) -> list[str]:
    """Where the two answers are not the same, in words; texts of errors are each tool's own."""
    if "error" in hatch or "error" in own:
        return refusals(hatch, own)
    theirs = {one["name"]: one for one in hatch["environments"]}
    mine = {one["name"]: one for one in own["environments"]}
    if list(theirs) != list(mine):
        return [f"environments: Hatch has {list(theirs)}, we have {list(mine)}"]
    found = []
    if hatch["roots"] != own["roots"]:
        found.append(f"roots: Hatch has {hatch['roots']}, we have {own['roots']}")
    for name, their in theirs.items():
        found += environment_differences(name, their, mine[name])
    return found


def refusals(hatch: Answer, own: Answer) -> list[str]:
    """We find at once what Hatch finds when it looks at an environment; both must find something."""
    if "error" in hatch:
        return [] if "error" in own else [f"only Hatch refuses: {hatch['error']}"]
    if any(one["error"] for one in hatch["environments"]):
        return []
    return [f"only we refuse: {own['error']}"]


def environment_differences(name: str, their: Answer, mine: Answer) -> list[str]:
    if their["error"] or mine["error"]:
        if their["error"] and mine["error"]:
            return []
        return [f"{name}: Hatch's error is {their['error']!r}, ours {mine['error']!r}"]
    return [
        f"{name}: {field}: Hatch has {their[field]!r}, we have {mine[field]!r}"
        for field, counts in FIELDS.items()
        if counts(their[field]) != counts(mine[field])
    ]
