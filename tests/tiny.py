"""A build backend that needs nothing but Python, and a project that it builds; what it does is told in `.tiny.json`.

It writes each hook that it is asked for into `.asked`, a file that is no source.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BACKEND = """\
import json, os, sys, zipfile

def told():
    with open(".tiny.json") as file:
        return json.load(file)

def asked(hook):
    with open(".asked", "a") as file:
        file.write(hook + "\\n")
    if told().get("fails") == hook:
        print("what it says", flush=True)
        print("and why", file=sys.stderr)
        raise SystemExit(7)
    if told().get("leaves") == hook:
        os._exit(0)

def get_requires_for_build_wheel(config_settings=None):
    asked("requires")
    return told().get("requires", [])

get_requires_for_build_editable = get_requires_for_build_wheel

def metadata():
    lines = ["Metadata-Version: 2.1", "Name: tiny-thing", "Version: " + told().get("version", "1.0")]
    lines += told().get("metadata", [])
    if os.path.exists("requirements.txt"):
        with open("requirements.txt") as file:
            lines += ["Requires-Dist: " + line.strip() for line in file]
    return "\\n".join(lines) + "\\n"

def wheel(directory, files):
    tag = told().get("tag", "py3-none-any").replace("OWN", "cp%d%d" % sys.version_info[:2])
    base = "tiny_thing-" + told().get("version", "1.0")
    files = {**files, base + ".dist-info/METADATA": metadata(), base + ".dist-info/WHEEL": "Tag: " + tag}
    record = "".join("%s,%s,\\n" % (name, hash_of(text)) for name, text in files.items())
    name = "%s-%s.whl" % (base, tag)
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in {**files, base + ".dist-info/RECORD": record}.items():
            archive.writestr(path, text)
    return told().get("lies", name)

def hash_of(text):
    import hashlib
    return "sha256=" + hashlib.sha256(text.encode()).hexdigest()

def build_wheel(directory, config_settings=None, metadata_directory=None):
    asked("wheel")
    with open("tiny_thing.py") as file:
        return wheel(directory, {"tiny_thing.py": file.read()})

def build_editable(directory, config_settings=None, metadata_directory=None):
    asked("editable")
    return wheel(directory, {"tiny_thing.pth": os.getcwd()})

def build_sdist(directory, config_settings=None):
    asked("sdist")
    name = "tiny_thing-1.0.tar.gz"
    with open(os.path.join(directory, name), "w") as file:
        file.write("not much")
    return name

if not told().get("editable", True):
    del build_editable
"""
PYPROJECT = """\
[build-system]
requires = []
build-backend = "tiny_backend"
backend-path = ["backend"]

[project]
name = "tiny-thing"
version = "1.0"
"""
#: The parts of it that wheels are made from, as they are read.
BUILD_INPUTS: dict[str, Any] = {
    "build-system": {"requires": [], "build-backend": "tiny_backend", "backend-path": ["backend"]},
    "project": {"name": "tiny-thing", "version": "1.0"},
}


def tiny(root: Path, **told: Any) -> Path:
    """A project that is built by the backend in it."""
    (root / "backend").mkdir(parents=True, exist_ok=True)
    (root / "backend" / "tiny_backend.py").write_text(BACKEND, encoding="utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (root / "tiny_thing.py").write_text("this = 1\n", encoding="utf-8")
    tell(root, **told)
    return root


def tell(root: Path, **told: Any) -> None:
    """Say what the backend does from now on."""
    (root / ".tiny.json").write_text(json.dumps(told), encoding="utf-8")


def asked(root: Path) -> list[str]:
    """The hooks that were asked for since the last time."""
    file = root / ".asked"
    found = file.read_text(encoding="utf-8").split() if file.exists() else []
    file.unlink(missing_ok=True)
    return found


OWN = "cp{}{}".format(*sys.version_info[:2])
