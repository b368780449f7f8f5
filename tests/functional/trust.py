"""Projects whose environments are made from wheels that lie beside them, so that nothing comes from an index.

What stands in the environment is looked at from inside: `CHECK` says which packages it has, and fails where a file of
one of them is not as its wheel had it.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import tool
from tool import Done, world

from envtasks.environments.interpreters import own_executable
from envtasks.environments.record import MARK, read

UV = shutil.which("uv", path=os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", ""))))
INSTALLERS = ("pip", "uv")

CHECK = """\
import base64, hashlib, os, sys
from importlib.metadata import distributions
assert os.path.realpath(sys.prefix) == os.path.realpath(os.environ["VIRTUAL_ENV"]), sys.prefix
names = []
for one in distributions(path=[path for path in sys.path if path.startswith(sys.prefix + os.sep)]):
    assert one.files, one
    for file in one.files:
        if file.hash:
            seen = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest()
            assert base64.urlsafe_b64encode(seen).decode().rstrip("=") == file.hash.value, file
        elif "__pycache__" not in str(file):
            assert file.locate().exists(), file
    names.append(one.metadata["Name"] + "-" + one.version)
print(*sorted(names))
"""

#: A build backend that needs nothing but Python; what it makes is what `pyproject.toml` says, which it reads as text.
BACKEND = r"""
import ast, base64, hashlib, os, re, zipfile

def said(pattern):
    with open("pyproject.toml", encoding="utf-8") as file:
        found = re.search(pattern, file.read(), re.M | re.S)
    return found[1] if found else ""

def build(directory, files):
    name = "demo-" + said(r'^version = "(.*?)"')
    lines = ["Metadata-Version: 2.1", "Name: demo", "Version: " + name.partition("-")[2]]
    lines += ["Requires-Dist: " + one for one in ast.literal_eval(said(r"^dependencies = (\[.*?\])") or "[]")]
    lines += ["Provides-Extra: more", "Requires-Dist: three; extra == 'more'", ""]
    info = name + ".dist-info/"
    files[info + "METADATA"] = "\n".join(lines)
    files[info + "WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[info + "entry_points.txt"] = "[console_scripts]\n" + said(r"^\[project.scripts\]\n(.*)").replace('"', "")
    record = ""
    for path, text in files.items():
        seal = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += "%s,sha256=%s,%d\n" % (path, seal, len(text.encode()))
    files[info + "RECORD"] = record + info + "RECORD,,\n"
    with zipfile.ZipFile(os.path.join(directory, name + "-py3-none-any.whl"), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name + "-py3-none-any.whl"

def build_wheel(directory, config_settings=None, metadata_directory=None):
    with open("demo.py", encoding="utf-8") as file:
        return build(directory, {"demo.py": file.read()})

def build_editable(directory, config_settings=None, metadata_directory=None):
    return build(directory, {"demo.pth": os.getcwd() + "\n"})
"""
PYPROJECT = """\
[build-system]
requires = []
build-backend = "demo_backend"
backend-path = ["backend"]

[project]
name = "demo"
version = "1.0"
dependencies = ["one"]
optional-dependencies = { more = ["three"] }

[dependency-groups]
group = ["two"]

[project.scripts]
demo = "demo:main"
"""
DEMO = "def main():\n    print('demo')\n"


def wheel(
    directory: Path,
    name: str,
    version: str = "1.0",
    requires: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    *,
    metadata_first: bool = False,
) -> Path:
    """A wheel, with one module of its name unless its files are given."""
    info = f"{name}-{version}.dist-info"
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {r}" for r in requires),
    ]
    metadata = {
        f"{info}/METADATA": "\n".join((*lines, "")),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    code = dict(files) if files is not None else {f"{name}.py": f"version = {version!r}\n"}
    record = "".join(
        f"{path},sha256={seal(text)},{len(text.encode())}\n" for path, text in {**code, **metadata}.items()
    )
    metadata[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        for where, text in {**metadata, **code}.items() if metadata_first else {**code, **metadata}.items():
            archive.writestr(where, text)
    return path


def seal(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def many_files(name: str, number: int) -> dict[str, str]:
    """The files of a package that takes a while to install."""
    return {f"{name}/__init__.py": "", **{f"{name}/part{one}.py": f"number = {one}\n" for one in range(number)}}


def wheelhouse(directory: Path) -> Path:
    """Wheels for all that is asked for here: `two` needs `three`, and the metadata of `first` comes first."""
    directory.mkdir(parents=True)
    wheel(directory, "one")
    wheel(directory, "two", requires=["three"])
    wheel(directory, "three")
    wheel(directory, "slow", files=many_files("slow", 300))
    wheel(directory, "first", files=many_files("first", 300), metadata_first=True)
    return directory


def carry_pip(directory: Path) -> None:
    """Put a pip beside the other wheels, the one that virtualenv carries."""
    from virtualenv.seed.wheels.embed import get_embed_wheel

    carried = get_embed_wheel("pip", ".".join(map(str, sys.version_info[:2])))
    if carried is not None:
        shutil.copy(carried.path, directory)


class Trial:
    """A project with one environment `t`, that is filled from a directory of wheels by one of the installers."""

    def __init__(self, top: Path, wheels: Path, installer: str) -> None:
        self.top = top
        self.root = top / "project"
        self.wheels = wheels
        self.installer = installer
        self.variables = world(
            HOME=str(top / "home"),
            PIP_NO_INDEX="1",
            PIP_FIND_LINKS=str(wheels),
            ENVTASKS_INSTALLER=installer,
        )
        (top / "home").mkdir(parents=True)
        self.root.mkdir()
        self.write("check.py", CHECK)

    @property
    def directory(self) -> Path:
        return self.root / ".envtasks" / "envs" / "t"

    @property
    def packages(self) -> Path:
        return next(self.directory.glob("lib/python*/site-packages"))

    @property
    def record(self) -> dict[str, Any]:
        """What the record holds; nothing where there is none."""
        try:
            found: dict[str, Any] = json.loads((self.directory / MARK).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    @property
    def is_ready(self) -> bool:
        """Whether a whole record lies there."""
        return read(str(self.directory)) is not None

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def declare(self, options: str) -> None:
        """Declare the environment, with these options and a script that looks at it from inside."""
        self.write("envtasks.toml", f"[envs.t]\n{options}\nscripts.t = \"python -I '{{root}}/check.py'\"\n")

    def share_pip(self, place: Path) -> None:
        """Have the pip that fills environments lie where other projects of these tests have compiled it."""
        place.mkdir(exist_ok=True)
        self.directory.parent.mkdir(parents=True)
        (self.directory.parent / ".pip").symlink_to(place)

    def be_built(self) -> None:
        """Be a project that can be installed."""
        self.write("pyproject.toml", PYPROJECT)
        self.write("demo.py", DEMO)
        self.write("backend/demo_backend.py", BACKEND)

    def run(self, *argv: str, **changes: str) -> Done:
        return tool.run(self.root, *(argv or ("-s", "t")), variables={**self.variables, **changes})

    def watched(self, *argv: str) -> tuple[Done, list[str]]:
        """How it ended, and what it started, in short words."""
        done, seen = tool.watched(self.root, *(argv or ("-s", "t")), variables=self.variables)
        return done, [self.short(ast.literal_eval(one[6:])) for one in seen if one.startswith("start ")]

    def short(self, words: Sequence[str]) -> str:
        """A command with names for the paths in it; a hook of a build by its name alone."""
        if list(words[:2]) == ["/bin/sh", "-c"]:
            return f"$ {words[2]}".replace(str(self.root), "ROOT")
        if "_in_process.py" in " ".join(words):
            return f"hook {words[-2]}"
        if words[1:4] == ["-I", "-B", "-c"]:
            return "ask"
        return self.named(" ".join(words))

    def named(self, text: str) -> str:
        text = re.sub(r"file://\S*/\.wheels/\S*/", "WHEELS/", text)
        text = re.sub(r"\S*/__pip-runner__\.py", "PIP", text)
        text = re.sub(rf"{re.escape(str(self.directory.parent))}/([a-z-]+)", r"{\1}", text)
        for path, name in ((str(self.root), "ROOT"), (UV or "uv", "UV"), (sys.executable, "PYTHON")):
            text = text.replace(path, name)
        return text.replace(own_executable(), "BASE")


def exact(installer: str, action: str) -> str:
    """The command that an action in short words comes to: `create`, `install one`, for `t` or as `create@build`."""
    verb, _, rest = action.partition(" ")
    verb, _, name = verb.partition("@")
    place = {"": "{t}", "build": "{envtasks-build}"}.get(name, name)
    if verb == "create" and installer == "pip":
        options = "--no-seed --no-download --no-periodic-update --quiet"
        return " ".join(filter(None, ("PYTHON -I -m virtualenv", options, rest, "--python BASE", place)))
    if verb == "create":
        return " ".join(filter(None, ("UV venv --quiet --no-project --allow-existing --python BASE", rest, place)))
    if verb in ("install", "uninstall") and installer == "pip":
        yes = " --yes" * (verb == "uninstall")
        return f"{place}/bin/python -I PIP {verb} --quiet --disable-pip-version-check --no-input{yes} {rest}"
    if verb in ("install", "uninstall"):
        alone = " --no-index" * (verb == "install")
        return f"UV pip {verb} --quiet --python {place}/bin/python{alone} {rest}"
    return action


class Own(NamedTuple):
    """A Python that a test may damage: the program is its own, the library is the one of the Python that runs us."""

    prefix: Path

    @property
    def program(self) -> Path:
        return self.prefix / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"


def own_python(prefix: Path) -> Own:
    """A copy of the Python that runs us; its library is a link."""
    base = Path(os.path.realpath(own_executable()))
    made = Own(prefix)
    made.program.parent.mkdir(parents=True)
    shutil.copy2(base, made.program)
    (prefix / "lib").mkdir()
    for one in (base.parent.parent / "lib").iterdir():
        if one.name.startswith(("python3", "libpython")):
            (prefix / "lib" / one.name).symlink_to(one)
    return made
