"""The tox files of well-known projects, migrated: the same environments, made of the same things, running the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest
from outside import INDEX
from tool import run, world
from tox_oracle import differences, of_ours, of_tox, our_names_of

pytestmark = pytest.mark.real

#: The first to tell what it knows in JSON.
TOX = "tox>=4.32"
#: What distributions are prepared with; pip does that before it hands one out.
BACKENDS = ("hatchling", "hatch-vcs", "flit-core", "setuptools<81", "setuptools-scm", "wheel")

#: Projects with a file of tox in their source distribution.
PROJECTS = {
    "attrs": "21.4.0",
    "django-debug-toolbar": "4.3.0",
    "django-extensions": "3.2.3",
    "django-filter": "24.3",
    "filelock": "3.13.1",
    "flask": "2.2.5",
    "freezegun": "1.5.0",
    "importlib-metadata": "8.0.0",
    "jaraco.functools": "4.0.0",
    "jinja2": "3.1.2",
    "keyring": "25.2.0",
    "pip-tools": "7.4.1",
    "platformdirs": "4.2.0",
    "pluggy": "1.5.0",
    "pylint": "3.2.0",
    "pyproject-api": "1.8.0",
    "pytest": "8.3.4",
    "pytest-asyncio": "0.23.0",
    "pytest-cov": "5.0.0",
    "pytest-django": "4.8.0",
    "pytest-xdist": "3.5.0",
    "scrapy": "2.11.0",
    "structlog": "21.5.0",
    "tox": "4.23.0",
    "tox-ini-fmt": "1.4.1",
    "virtualenv": "20.26.0",
    "webtest": "3.0.0",
    "werkzeug": "2.3.8",
    "zipp": "3.19.0",
}
#: What differs. It is told to whoever migrates that variables cannot say where the packages of an environment lie; and
#: no arguments are no words here, where tox has them as an empty one.
DIFFERENT = {
    ("platformdirs", "variables"),
    ("pyproject-api", "variables"),
    ("tox", "commands"),
    ("virtualenv", "variables"),
}

#: What pip says when there is no way to the index.
UNREACHABLE = re.compile("Retrying|Could not fetch URL|NewConnectionError|No matching distribution found")


class Tools(NamedTuple):
    """A Python that has tox, and the projects."""

    python: str
    projects: Mapping[str, Path]


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """A Python with tox that later runs find again, and every project with an envtasks.toml beside its own file."""
    kept = tmp_path_factory.getbasetemp().parent / f"real-tox-{sys.version_info[0]}.{sys.version_info[1]}"
    python = str(kept / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    asked = [f"{name}=={version}" for name, version in PROJECTS.items()]
    mark = kept / "done"
    if not mark.exists() or mark.read_text(encoding="utf-8").split() != [TOX, *asked]:
        shutil.rmtree(kept, ignore_errors=True)
        work([sys.executable, "-m", "venv", str(kept / "venv")])
        pip = [python, "-m", "pip", "--quiet"]
        work([*pip, "install", TOX, *BACKENDS])
        work([*pip, "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "-d", str(kept), *asked])
        mark.write_text("\n".join((TOX, *asked)), encoding="utf-8")
    root = tmp_path_factory.mktemp("projects")
    return Tools(python, {name: unpacked(kept, root, name) for name in PROJECTS})


def work(words: list[str]) -> None:
    done = subprocess.run(words, env=world(**INDEX), capture_output=True, text=True, check=False)
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"the package index is not reachable: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def unpacked(kept: Path, root: Path, name: str) -> Path:
    """A project, migrated by the command."""
    stem = re.compile(rf"{re.sub('[-._]', '[-._]', name)}-{re.escape(PROJECTS[name])}\.tar\.gz", re.IGNORECASE)
    (path,) = (one for one in kept.iterdir() if stem.fullmatch(one.name))
    with tarfile.open(path) as archive:
        archive.extractall(root, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # type: ignore[arg-type]
    project = root / path.name.removesuffix(".tar.gz")
    (project / "envtasks.toml").unlink(missing_ok=True)
    return project


def file_of(project: Path) -> Path:
    return next(project / name for name in ("tox.ini", "tox.toml") if (project / name).exists())


@pytest.mark.parametrize("name", PROJECTS)
def test_a_migrated_file_comes_to_the_same(tools: Tools, name: str) -> None:
    project = tools.projects[name]
    file = file_of(project)
    migrated = run(project, "migrate", file.name)
    assert migrated.code == 0, migrated.err
    listed = run(project, "--list", "--json")
    assert listed.code == 0, listed.err
    names = our_names_of(file)
    assert {one["environment"] for one in json.loads(listed.out)} == set(names.values())
    ours = of_ours(project, (project / "envtasks.toml").read_text(encoding="utf-8"), names)
    theirs = of_tox(file, tools.python)
    compared = [one for one in theirs if one in ours]
    assert compared
    fields = [field for field in theirs[compared[0]]._fields if (name, field) not in DIFFERENT]
    found = {one: differences(theirs[one], ours[one], fields) for one in compared}
    assert not {one: what for one, what in found.items() if what}


SHOW = "python -c 'import sys; print(sys.argv[1:])'"
ARGUED = f"""
    [tox]
    skipsdist = true
    [testenv]
    setenv =
        A = its {{env:B:b  c}}
        C = {{toxinidir}}{{/}}c
    commands =
        {SHOW} {{posargs:"d e" f}} end
        {SHOW} "a  b" 'c "d"' e\\ f g"h"i '' *.* ~ $HOME `x` a;b a&b a|b > < # a comment
        {SHOW} {{env:A}} "{{env:A}}" {{env:C}} \\{{\\}} {{not a placeholder}} {{}} !x -y=%z ^w (v) [u] \\#t
        - python -c "raise SystemExit(3)"
        ! python -c "raise SystemExit(3)"
        {SHOW} \\
            --one \\
            --two
    """


@pytest.mark.parametrize("arguments", [[], ["x y", "*", "it's", "$HOME"]], ids=["none", "some"])
def test_programs_are_given_the_same_words(tools: Tools, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "tox.ini").write_text(dedent(ARGUED), encoding="utf-8")
    words = [tools.python, "-m", "tox", "run", "-q", "-e", "py", *(["--", *arguments] if arguments else [])]
    theirs = subprocess.run(words, cwd=tmp_path, env=world(), capture_output=True, text=True, check=False)
    assert theirs.returncode == 0, theirs.stdout
    assert run(tmp_path, "migrate").code == 0
    ours = run(tmp_path, "-s", "test", "--", *arguments)
    assert ours.code == 0, ours.err
    lines = [line for line in theirs.stdout.splitlines() if line.startswith("[")]
    assert len(lines) == 4
    assert ours.out.splitlines() == lines
