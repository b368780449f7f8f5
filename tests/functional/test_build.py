"""`envtasks build`, and the project in real environments: with real backends from the index, and one that needs none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

import pytest
from tiny import asked, tell, tiny
from tool import Done, run, world

HATCHLING = """\
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"
    [tool.hatch.build.targets.wheel]
    packages = ["src/demo"]
"""
FLIT = """\
    [build-system]
    requires = ["flit_core>=3.4"]
    build-backend = "flit_core.buildapi"
    [tool.flit.module]
    name = "demo"
"""
SETUPTOOLS = """\
    [build-system]
    requires = ["setuptools>=64"]
    build-backend = "setuptools.build_meta"
"""
PROJECT = """\
    [project]
    name = "demo"
    version = "1.0"
    description = "A demonstration"
    [tool.envtasks.envs.test]
    scripts.where = "python -c 'import demo; print(demo.__file__)'"
    [tool.envtasks.envs.plain]
    dev-mode = false
    scripts.where = "python -c 'import demo; print(demo.__file__, demo.this)'"
    [tool.envtasks.envs.envtasks-build.env-vars]
    SOURCE_DATE_EPOCH = "1580601600"
"""
LEGACY = "from setuptools import setup; setup(name='demo', version='1.0', package_dir={'': 'src'}, packages=['demo'])\n"
EXTENSION = """\
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "demo_fast", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_demo_fast(void) { return PyModule_Create(&module); }
"""


@pytest.fixture
def online(tmp_path_factory: pytest.TempPathFactory, index_variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a world that has the backends, fetched once; tests skip where they cannot be."""
    place = tmp_path_factory.getbasetemp() / "backends"
    if not place.exists():
        wanted = ("hatchling", "editables", "flit_core", "setuptools")
        words = [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", f"{place}.part", *wanted]
        variables = {**os.environ, **index_variables}
        fetched = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
        if fetched.returncode:
            pytest.skip(f"build backends cannot be fetched: {fetched.stderr.strip()[-200:]}")
        Path(f"{place}.part").rename(place)
    links = str(place)
    return world(PIP_NO_INDEX="1", PIP_FIND_LINKS=links, UV_OFFLINE="1", UV_FIND_LINKS=links)


def demo(root: Path, build_system: str, *, legacy: bool = False) -> Path:
    (root / "src" / "demo").mkdir(parents=True)
    (root / "src" / "demo" / "__init__.py").write_text('"""Demo."""\nthis = 1\n', encoding="utf-8")
    text = dedent(PROJECT).partition("[tool.envtasks")[1:] if legacy else (build_system, PROJECT)
    (root / "pyproject.toml").write_text(
        "\n".join(line.strip() for line in "".join(text).splitlines()), encoding="utf-8"
    )
    if legacy:
        (root / "setup.py").write_text(LEGACY, encoding="utf-8")
    (root / ".gitignore").write_text(".envtasks/\n", encoding="utf-8")
    return root


def good(done: Done) -> Done:
    assert done.code == 0, done.err
    return done


def digests(paths: list[Path]) -> dict[str, str]:
    return {one.name: sha256(one.read_bytes()).hexdigest() for one in paths}


@pytest.mark.real
@pytest.mark.parametrize("build_system", [HATCHLING, FLIT, SETUPTOOLS], ids=["hatchling", "flit", "setuptools"])
def test_two_builds_are_the_same_to_the_byte(build_system: str, tmp_path: Path, online: Mapping[str, str]) -> None:
    root = demo(tmp_path / "project", build_system)
    seen = []
    for number, place in enumerate(("one", "two")):
        done = good(run(root, "build", "-o", str(tmp_path / place), variables=online))
        paths = [Path(line) for line in done.out.splitlines()]
        assert [one.name for one in paths] == ["demo-1.0.tar.gz", paths[1].name]
        assert paths[1].name.endswith("-none-any.whl")
        seen.append(digests(paths))
        # Nothing in what is built may come from when it was.
        os.utime(root / "src" / "demo" / "__init__.py", (2_000_000_000 + number, 2_000_000_000 + number))
    assert seen[0] == seen[1]


@pytest.mark.real
@pytest.mark.parametrize("installer", ["pip", "uv"])
@pytest.mark.parametrize(
    ("build_system", "legacy"),
    [(HATCHLING, False), (FLIT, False), (SETUPTOOLS, False), ("", True)],
    ids=["hatchling", "flit", "setuptools", "setup.py"],
)
def test_everybody_calls_the_project_editable(
    build_system: str, legacy: bool, installer: str, tmp_path: Path, online: Mapping[str, str]
) -> None:
    if installer == "uv" and uv() is None:
        pytest.skip("uv is not on this machine")
    root = demo(tmp_path / "project", build_system, legacy=legacy)
    variables = {**online, "ENVTASKS_INSTALLER": installer}
    done = good(run(root, "-s", "test:where", variables=variables))
    assert done.out.strip() == str(root / "src" / "demo" / "__init__.py")
    assert "editable" in done.err
    python = root / ".envtasks" / "envs" / "test" / "bin" / "python"
    words = [sys.executable, "-m", "pip", "--python", str(python), "list", "--format", "json", "-v"]
    listed = json.loads(subprocess.run(words, capture_output=True, check=True, text=True, env=dict(online)).stdout)
    (found,) = [one for one in listed if one["name"] == "demo"]
    assert found["editable_project_location"] == str(root)
    assert "editable" not in good(run(root, "-s", "test:where", variables=variables)).err
    if uv() is not None:
        words = [uv() or "", "pip", "list", "--python", str(python), "--format", "json"]
        listed = json.loads(subprocess.run(words, capture_output=True, check=True, text=True).stdout)
        assert [one["editable_project_location"] for one in listed if one["name"] == "demo"] == [str(root)]


def uv() -> str | None:
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    return beside if os.path.exists(beside) else shutil.which("uv")


@pytest.mark.real
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_an_ordinary_wheel_follows_the_sources(installer: str, tmp_path: Path, online: Mapping[str, str]) -> None:
    if installer == "uv" and uv() is None:
        pytest.skip("uv is not on this machine")
    root = demo(tmp_path / "project", FLIT)
    variables = {**online, "ENVTASKS_INSTALLER": installer}
    for this in ("1", "2"):
        (root / "src" / "demo" / "__init__.py").write_text(f'"""Demo."""\nthis = {this}\n', encoding="utf-8")
        place, value = good(run(root, "-s", "plain:where", variables=variables)).out.split()
        assert value == this
        assert place.startswith(str(root / ".envtasks"))
    (root / "notes.txt").write_text("no source of the wheel", encoding="utf-8")
    done = good(run(root, "-s", "plain:where", variables=variables))
    assert "building the project" in done.err
    assert "installing the project" not in done.err


@pytest.mark.real
def test_an_extension_is_built_for_each_python(tmp_path: Path, online: Mapping[str, str]) -> None:
    if shutil.which("cc") is None:
        pytest.skip("there is no compiler on this machine")
    root = demo(tmp_path / "project", SETUPTOOLS)
    (root / "demo_fast.c").write_text(EXTENSION, encoding="utf-8")
    extension = "\n[[tool.setuptools.ext-modules]]\nname = 'demo_fast'\nsources = ['demo_fast.c']\n"
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(
            extension + "[tool.envtasks.envs.each]\ndev-mode = false\nscripts.fast = 'python -c \"import demo_fast\"'\n"
        )
        file.write("python = ['3.11', '3.12']\n")
    done = run(root, "-s", "each:fast", variables=online)
    if "no Python for" in done.err:
        pytest.skip("there are not two Pythons on this machine")
    good(done)
    kept = sorted(one.name for one in (root / ".envtasks" / "envs" / ".wheels").glob("*/*.whl"))
    assert [name.split("-")[2] for name in kept] == ["cp311", "cp312"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose backend needs nothing, in a place where something else has been built before."""
    root = tiny(tmp_path / "project")
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.envtasks.envs.here]\nbuilder = true\ndetached = true\n")
        file.write("[tool.envtasks.envs.other]\ndetached = true\n")
    (root / "dist").mkdir()
    for name in ("tiny_thing-0.9.tar.gz", "Tiny.Thing-0.9-py3-none-any.whl", "other-1.0.tar.gz", "tiny_thing-0.9.txt"):
        (root / "dist" / name).write_text("", encoding="utf-8")
    return root


SDIST, WHEEL = "tiny_thing-1.0.tar.gz", "tiny_thing-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("argv", "printed"),
    [
        ([], [f"dist/{SDIST}", f"dist/{WHEEL}"]),
        (["-t", "wheel", "sdist"], [f"dist/{SDIST}", f"dist/{WHEEL}"]),
        (["-t", "wheel"], [f"dist/{WHEEL}"]),
        (["sdist"], [f"dist/{SDIST}"]),
        (["-t", "sdist", "-o", "deep/er"], [f"deep/er/{SDIST}"]),
        (["-e", "here", "sdist"], [f"dist/{SDIST}"]),
        (["--no-isolation"], [f"dist/{SDIST}", f"dist/{WHEEL}"]),
    ],
    ids=" ".join,
)
def test_what_is_built_and_where(argv: list[str], printed: list[str], project: Path) -> None:
    done = good(run(project, "build", *argv))
    assert done.out.splitlines() == printed
    assert all((project / one).is_file() for one in printed)
    assert (project / "dist" / "tiny_thing-0.9.tar.gz").exists()
    assert (project / ".envtasks").exists() is (argv != ["--no-isolation"])
    assert not [one.name for one in (project / "dist").iterdir() if one.name.startswith(".")]


def test_the_place_may_come_from_a_variable(project: Path, tmp_path: Path) -> None:
    place = tmp_path / "there"
    done = good(run(project, "build", "sdist", variables=world(ENVTASKS_BUILD_LOCATION=str(place))))
    assert done.out.splitlines() == [str(place / SDIST)]


def test_clean_takes_away_what_was_built_of_this_project(project: Path) -> None:
    good(run(project, "build", "--clean", "-t", "sdist"))
    assert sorted(one.name for one in (project / "dist").iterdir()) == ["other-1.0.tar.gz", "tiny_thing-0.9.txt", SDIST]


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (["whel"], 2, "unknown target 'whel'"),
        (["-e", "nowhere"], 2, "unknown environment 'nowhere'"),
        (["-e", "other"], 2, "'other' is no environment for builds"),
        (["-o", "pyproject.toml"], 3, "pyproject.toml"),
    ],
)
def test_what_cannot_be_built(argv: list[str], code: int, message: str, project: Path) -> None:
    done = run(project, "build", *argv)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_failing_build_says_all_and_prints_no_path(project: Path) -> None:
    tell(project, fails="wheel")
    done = run(project, "build")
    assert (done.code, done.out.splitlines()) == (3, [f"dist/{SDIST}"])
    assert "failed with exit code 7\nwhat it says\nand why" in done.err


def test_without_isolation_what_is_missing_is_told_before_anything_starts(project: Path) -> None:
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    wanted = "requires = ['no-such-thing-anywhere>1', 'pytest', 'other; python_version<\"3\"']"
    (project / "pyproject.toml").write_text(text.replace("requires = []", wanted), encoding="utf-8")
    done = run(project, "build", "--no-isolation")
    assert (done.code, done.out) == (2, "")
    assert "not there to build with: no-such-thing-anywhere>1\n" in done.err
    assert asked(project) == []


def test_a_directory_that_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "envtasks.toml").write_text("", encoding="utf-8")
    done = run(tmp_path, "build")
    assert (done.code, done.out) == (2, "")
    assert "there is no project here to be built" in done.err


def test_a_project_is_built_as_hatch_is_told(tmp_path: Path) -> None:
    root = tiny(tmp_path / "project")
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.hatch.envs.test]\n[tool.hatch.envs.hatch-build]\npath = 'there'\nskip-install = false\n")
    done = good(run(root, "build", "-t", "sdist", variables=world(HATCH_BUILD_LOCATION="out")))
    assert done.out.splitlines() == [f"out/{SDIST}"]
    assert (root / "there" / "pyvenv.cfg").exists()


@pytest.mark.parametrize(
    ("argv", "printed"),
    [
        (["env", "show", "envtasks-build"], "envtasks-build"),
        (["env", "find", "envtasks-build"], "/.envtasks/envs/envtasks-build"),
        (["env", "show", "--json", "envtasks-build"], '"builder": true'),
        (["run", "-e", "envtasks-build", "python", "-c", "import sys; print(sys.prefix)"], "/envtasks-build"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_the_build_environment_can_be_looked_into(argv: list[str], printed: str, project: Path) -> None:
    good(run(project, "build", "sdist"))
    assert printed in good(run(project, *argv)).out


def test_the_build_environment_is_listed_nowhere(project: Path) -> None:
    good(run(project, "build", "sdist"))
    assert "envtasks-build" not in good(run(project, "--list")).out
