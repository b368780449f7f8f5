"""What tox says of a file, and what our plan for the migrated file says, in words that can be compared."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from envtasks.declare.project import find_project, read_project
from envtasks.migrate.tox import our_names, read_tox
from envtasks.migrate.tox_roots import roots_of
from envtasks.migrate.tox_text import SITE_PACKAGES
from envtasks.model import Host, Project
from envtasks.names import normalized
from envtasks.option_table import DEPENDENCY_GROUPS, ENV_VARS
from envtasks.plan.filling import group_requirements
from envtasks.plan.planning import Request, make_plan
from envtasks.planned import Work
from envtasks.resolve.project import resolve
from envtasks.resolve.selection import all_sessions

#: The oracle is version 4, of any day.
HAS_TOX = find_spec("tox") is not None
PIP = ["python", "-m", "pip", "install"]
KEYS = (
    "change_dir",
    "commands",
    "commands_post",
    "commands_pre",
    "dependency_groups",
    "deps",
    "env_dir",
    "extras",
    "package",
    "set_env",
)
#: Variables that tox sets of its own.
OF_TOX = ("PIP_", "PYTHONHASHSEED", "PYTHONIOENCODING", "TOX_", "VIRTUAL_ENV")


class Environment(NamedTuple):
    """One environment: what is installed, the words of its commands, its variables, where it runs."""

    requirements: frozenset[str]
    groups: frozenset[str]
    features: frozenset[str]
    installs: str
    commands: tuple[tuple[str, ...], ...]
    variables: dict[str, str]
    directory: str


def of_tox(file: Path, python: str = sys.executable) -> dict[str, Environment]:
    """What the tox of a Python says of each environment of a file, those apart for which it finds no interpreter."""
    words = [python, "-m", "tox", "config", "-c", str(file), "-x", "tox.requires=", "-x", "tox.min_version=4"]
    variables = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [*words, "--format", "json", "-e", "ALL", "-k", *KEYS],
        cwd=file.parent,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    # It fails for the environment that it builds in, after all others are shown.
    assert "{" in done.stdout, done.stdout + done.stderr
    found = json.loads(done.stdout[done.stdout.index("{") :])["env"]
    return {
        name: environment_of_tox(said, file.parent)
        for name, said in found.items()
        if not name.startswith(".") and not any("error" in value for value in said.values() if isinstance(value, dict))
    }


def environment_of_tox(said: dict[str, Any], root: Path) -> Environment:
    own = said["env_dir"]
    places = {
        rf"{re.escape(own)}/bin/python\b": "python",
        rf"{re.escape(own)}(?![\w.-])": "ENV",
        rf"{re.escape(str(root))}/\.tox/\.tmp": f"{root}/.envtasks/tmp",
        rf"{re.escape(str(root))}/\.tox\b": f"{root}/.envtasks",
    }
    commands = [*said["commands_pre"], *said["commands"], *said["commands_post"]]
    set_env = pairs(said["set_env"])
    deps = [text for text in said["deps"] if text and not text.startswith(("-c", "--c"))]
    features = {
        one.strip()
        for text in deps
        if is_own(text) and "[" in text
        for one in text.partition("[")[2].rstrip("]").split(",")
    }
    package = said["package"]
    installed = any(text == "-e ." or text.startswith("-e .[") for text in deps)
    return Environment(
        requirements=frozenset(plain(text, root) for text in deps if not is_own(text) or package == "skip"),
        groups=frozenset(map(normalized, said.get("dependency_groups", ()))),
        features=frozenset((*said.get("extras", ()), *features)) if package != "skip" else frozenset(),
        installs="editable" if installed and package != "skip" else package.replace("sdist", "wheel"),
        commands=tuple(tuple(shlex.split(replaced(text, places))) for text in commands),
        variables={name: replaced(value, places) for name, value in set_env.items() if not name.startswith(OF_TOX)},
        directory=os.path.relpath(replaced(said["change_dir"], places), root),
    )


def pairs(value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {name: str(text) for name, text in value.items()}
    split = (line.partition("=") for line in value)
    return {name: text for name, _, text in split}


def is_own(text: str) -> bool:
    return text.removeprefix("-e").strip().partition("[")[0] == "."


def plain(text: str, root: Path) -> str:
    """A requirement as packaging writes it; what pip is told otherwise with its paths relative."""
    try:
        return str(Requirement(text))
    except InvalidRequirement:
        words = text.replace(f"{root}/", "").split()
        joined = " ".join(words)
        found = re.fullmatch(r"(?:-r|--requirement)[\s=]*(.+)", joined)
        return f"-r {found[1]}" if found else joined


def replaced(text: str, places: dict[str, str]) -> str:
    for old, new in places.items():
        text = re.sub(old, new, text)
    return re.sub(r"ENV/lib/p\w+[\d.]+/site-packages", "SITE", text)


def our_names_of(file: Path) -> dict[str, str]:
    """What each environment of a file of tox is called once it is migrated."""
    return our_names(roots_of(read_tox(str(file), file.read_text(encoding="utf-8"))))


def of_ours(root: Path, text: str, names: Mapping[str, str]) -> dict[str, Environment]:
    """What the plan for everything in a migrated file says of each environment, by its name in tox."""
    (root / "envtasks.toml").write_text(text, encoding="utf-8")
    host = Host(str(root), os.path.expanduser("~"), "linux", {"PATH": os.environ["PATH"]})
    project = resolve(read_project(find_project(str(root)), None), host)
    sessions = tuple(session for session in all_sessions(project) if session.default)
    works = {work.recipe.name: work for work in make_plan(project, Request(sessions), host).sessions}
    return {tox_name: environment_of_ours(works[ours], project, root, tox_name) for tox_name, ours in names.items()}


def environment_of_ours(work: Work, project: Project, root: Path, tox_name: str) -> Environment:
    recipe, environment = work.recipe, work.ref.environment
    own, groups = environment[ENV_VARS], environment[DEPENDENCY_GROUPS]
    in_groups = group_requirements(groups, project)
    directories = {os.path.relpath(step.cwd, root) if step.cwd else "where one is" for step in work.steps}
    places = {re.escape(recipe.directory): "ENV"}
    if "." in recipe.name:
        places[re.escape(recipe.name)] = tox_name
    commands = [words for step in work.steps for words in words_of(step)]
    installs = [words for step in recipe.pre_install for words in words_of(step)]
    # Where the project is not installed, files of requirements are installed by the script.
    while recipe.project is None and commands and commands[0][:5] == [*PIP, "-q"]:
        installs.append([*PIP, *commands.pop(0)[5:]])
    by_pip = (" ".join(words[len(PIP) :]) for words in installs)
    return Environment(
        requirements=frozenset(plain(one, root) for one in (*recipe.requirements, *by_pip) if one not in in_groups),
        groups=frozenset(map(normalized, groups)),
        features=frozenset(recipe.project_features),
        installs="skip" if recipe.project is None else "editable" if recipe.editable else "wheel",
        commands=tuple(tuple(replaced(word, places) for word in words) for words in commands),
        variables={name: replaced(recipe.variables[name], places) for name, _ in own if not name.startswith(OF_TOX)},
        directory=" or ".join(sorted(directories)) or ".",
    )


def words_of(step: Any) -> Iterator[list[str]]:
    """The words of the commands of one line; tox does not tell of which ones the exit code is ignored."""
    words: list[str] = []
    for word in shlex.split(step.run.replace(SITE_PACKAGES, "SITE")):
        if word == "&&":
            yield words
            words = []
        else:
            words.append(word)
    yield words


def differences(theirs: Environment, ours: Environment, fields: Iterable[str]) -> list[str]:
    """The fields that two environments differ in, with both values."""
    return [
        f"{name}: tox {getattr(theirs, name)!r}, ours {getattr(ours, name)!r}"
        for name in fields
        if getattr(theirs, name) != getattr(ours, name)
    ]
