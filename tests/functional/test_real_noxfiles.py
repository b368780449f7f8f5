"""The noxfiles of well-known projects, ported: they list the same as in nox, and their sessions come to the same."""

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
from typing import Any, NamedTuple

import pytest
from filelock import FileLock
from outside import INDEX
from tool import run, world

from envtasks.migrate.noxfile import migrate_noxfile

pytestmark = pytest.mark.real

NOX = "nox==2026.10.20"
#: What distributions are prepared with; pip does that before it hands one out.
BACKENDS = (
    "hatchling",
    "hatch-vcs",
    "hatch-fancy-pypi-readme",
    "flit-core",
    "setuptools>=80",
    "setuptools-scm",
    "scikit-build-core",
)

#: Projects with a noxfile in their source distribution. Left out are those whose noxfile asks the network when it is
#: read (iminuit) or whose distribution is prepared with a compiler at hand (cryptography, rpds-py).
PROJECTS = {
    "antsibull-changelog": "0.36.0",
    "antsibull-core": "3.6.0",
    "antsibull-docs": "2.28.0",
    "boost-histogram": "1.8.1",
    "check-sdist": "1.6.0",
    "cibuildwheel": "4.3.5",
    "decaylanguage": "1.1.2",
    "hist": "2.12.1",
    "jsonschema": "4.26.0",
    "jsonschema-specifications": "2025.9.1",
    "nox": "2026.10.20",
    "particle": "1.1.0",
    "plumbum": "2.0.2",
    "pybind11": "3.1.0",
    "referencing": "0.37.0",
    "scikit-build-core": "1.1.2",
    "uhi": "1.2.1",
    "vector": "1.9.0",
}

#: The Python that runs the tests is there for both.
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
#: A quick session of each of these projects, as nox spells it, and how it ends.
RUN = {
    "antsibull-core": (["formatters"], 0),
    "check-sdist": (["generate_schema"], 0),
    "cibuildwheel": (["generate_schema"], 0),
    "hist": (["build"], 0),
    "jsonschema": ([f"tests-{HERE}(no-extras)"], 0),
    "jsonschema-specifications": ([f"tests-{HERE}"], 0),
    "nox": (["cover"], 1),
    "particle": (["generate_aliases"], 0),
    "referencing": ([f"tests-{HERE}"], 0),
    "scikit-build-core": (["readme", "--", "--check"], 0),
    "uhi": (["build"], 0),
}
#: Variables that lead to the index, besides those of the installers, and what these noxfiles ask for.
NETWORK = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
WANTED = {"NO_COLOR": "1", "OTHER_ANTSIBULL_MODE": "pypi"}
#: What nox says that is no command.
REMARKS = re.compile(r"Running session|Creating virtual|Session |Command |Using Python")

#: What pip says when there is no way to the index.
UNREACHABLE = re.compile("Retrying|Could not fetch URL|NewConnectionError")


class Tools(NamedTuple):
    """nox, and the projects; ``variables`` are those that both task runners are started with."""

    nox: str
    projects: Mapping[str, Path]
    variables: Mapping[str, str]


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """The program nox, in an environment that later runs find again, and every project with an envfile beside its noxfile."""
    kept = tmp_path_factory.getbasetemp().parent / f"real-noxfiles-{HERE}"
    programs = kept / "venv" / ("Scripts" if os.name == "nt" else "bin")
    network = {name: os.environ[name] for name in NETWORK if name in os.environ}
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    variables = world(**INDEX, **network, **WANTED, PATH=path)
    with FileLock(f"{kept}.lock"):
        fetch(kept, programs, variables)
    root = tmp_path_factory.mktemp("projects")
    return Tools(str(programs / "nox"), {name: unpacked(kept, root, name) for name in PROJECTS}, variables)


def fetch(kept: Path, programs: Path, variables: Mapping[str, str]) -> None:
    """Install nox and download the projects, unless that was done before."""
    asked = [f"{name}=={version}" for name, version in PROJECTS.items()]
    mark = kept / "done"
    if mark.exists() and mark.read_text(encoding="utf-8").split() == [NOX, *asked]:
        return
    shutil.rmtree(kept, ignore_errors=True)
    work([sys.executable, "-m", "venv", str(kept / "venv")], variables)
    pip = [str(programs / "python"), "-m", "pip", "--quiet"]
    work([*pip, "install", NOX, "uv", *BACKENDS], variables)
    taking = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", "-d", str(kept)]
    work([*pip, "download", *taking, *asked], variables)
    mark.write_text("\n".join((NOX, *asked)), encoding="utf-8")


def work(words: list[str], variables: Mapping[str, str]) -> None:
    done = subprocess.run(words, env=dict(variables), capture_output=True, text=True, check=False)
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"the package index is not reachable: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def unpacked(kept: Path, root: Path, name: str) -> Path:
    """A project with its noxfile and what that comes to."""
    stem = f"{name.replace('-', '_')}-{PROJECTS[name]}"
    with tarfile.open(kept / f"{stem}.tar.gz") as archive:
        archive.extractall(root, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # type: ignore[arg-type]
    project = root / stem
    text = (project / "noxfile.py").read_text(encoding="utf-8")
    (project / "envfile.py").write_text(migrate_noxfile("noxfile.py", text).text, encoding="utf-8")
    return project


def nox(tools: Tools, project: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tools.nox, "-f", "noxfile.py", *argv],
        cwd=tools.projects[project],
        env=dict(tools.variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def listed_by_nox(tools: Tools, project: str) -> list[dict[str, Any]]:
    """What nox says of every session; only those that it would run are in its JSON, unless all are named."""
    lines = re.findall(
        r"^([*-]) (\S.*?)(?: \[[^\]]*\])?(?: -> .*)?$", nox(tools, project, "--list").stdout, re.MULTILINE
    )
    done = nox(tools, project, "--list", "--json", "-s", *(name for _, name in lines))
    assert done.returncode == 0, done.stderr
    found = {one["session"]: one for one in json.loads(done.stdout)}
    return [{**found[name], "selected": mark == "*"} for mark, name in lines]


@pytest.mark.parametrize("project", PROJECTS)
def test_a_ported_noxfile_lists_the_same(tools: Tools, project: str) -> None:
    theirs = listed_by_nox(tools, project)
    done = run(tools.projects[project], "--list", "--json", "-f", "envfile.py", variables=tools.variables)
    assert done.code == 0, done.err
    ours = json.loads(done.out)
    assert [told(one) for one in ours] == [told(one) for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert other["session"] in (one["session"], *one["signatures"])
        assert {name: one["call_spec"].get(name) for name in other["call_spec"]} == texts(other["call_spec"])


def told(session: Mapping[str, Any]) -> list[Any]:
    """What both tell alike of a session; one without an environment has no Python, which may be told as false or null."""
    return [session["name"], session["description"], session["python"] or None, session["tags"], session["selected"]]


def texts(call_spec: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in call_spec.items()}


@pytest.mark.parametrize("project", RUN)
def test_a_ported_session_comes_to_the_same(tools: Tools, project: str) -> None:
    names, code = RUN[project]
    theirs = nox(tools, project, "-s", *names)
    assert theirs.returncode == code, theirs.stderr
    ours = run(tools.projects[project], "-f", "envfile.py", "-s", *names, variables=tools.variables)
    assert ours.code == code, ours.err
    said = [line.removeprefix("nox > ") for line in theirs.stderr.splitlines() if line.startswith("nox > ")]
    commands = [re.sub(r"^(uv|python -m) pip ", "", line) for line in said if not REMARKS.match(line)]
    prefix = f"{tools.projects[project]}{os.sep}"
    assert [line.replace(prefix, "") for line in commands] == [
        line.removeprefix("$ ").replace(prefix, "") for line in ours.err.splitlines() if line.startswith("$ ")
    ]
