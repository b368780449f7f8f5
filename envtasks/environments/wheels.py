"""The wheels that are kept beside the environments, so that each state of a project is built once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

from envtasks.declared import Texts
from envtasks.environments.interpreters import Interpreter
from envtasks.errors import EnvironmentFailed

#: Beside the environments; what is in it is named by everything that it was made from.
HOME = ".wheels"
EXTENSION = ".whl"
#: What a directory begins with in which something is made.
UNFINISHED = ".building-"
#: As many wheels are kept for as many states of projects, backends and Pythons.
MOST_KEPT = 24
#: Stands where a wheel would, of which the next one depends on the sources too.
SOURCES_COUNT = "the-sources-count"
#: Stands where a wheel would that the backend cannot build, and says why.
UNSUPPORTED = "unsupported"


def place_of(home: str, kind: str, *made_from: Any) -> str:
    """The directory of the wheel that is made from all this, which must be what JSON can say."""
    import json
    from hashlib import sha256

    told = json.dumps(made_from, sort_keys=True, default=str)
    return os.path.join(home, f"{kind}-{sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}")


def kept(place: str) -> str | None:
    """The path of the wheel in a place, which counts as used, or None."""
    try:
        names = sorted(name for name in os.listdir(place) if name.endswith(EXTENSION))
        os.utime(place)
    except OSError:
        return None
    return os.path.join(place, names[0]) if names else None


def keep(home: str, make: Callable[[str], str], place_for: Callable[[str], str]) -> str:
    """Have something made in a directory of its own below ``home`` and put it in its place, whole; the path it has there.

    ``make`` is given the directory and gives the path of what it made, for which ``place_for`` says the place.
    """
    os.makedirs(home, exist_ok=True)
    with TemporaryDirectory(prefix=UNFINISHED, dir=home) as temporary:
        made = make(temporary)
        place = place_for(made)
        os.makedirs(place, exist_ok=True)
        path = os.path.join(place, os.path.basename(made))
        os.replace(made, path)
    return path


def note(place: str, name: str, text: str = "") -> None:
    """Leave a note in a place."""
    os.makedirs(place, exist_ok=True)
    path = os.path.join(place, name)
    with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, path)


def noted(place: str, name: str) -> str | None:
    """What a note in a place says, or None where there is none."""
    try:
        with open(os.path.join(place, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def tag_of(path: str) -> tuple[str, str, str]:
    """The Pythons, ABIs and platforms that the name of a wheel says it is for."""
    python, abi, platform = os.path.basename(path).removesuffix(EXTENSION).split("-")[-3:]
    return python, abi, platform


def is_pure(path: str) -> bool:
    _, abi, platform = tag_of(path)
    return abi == "none" and platform == "any"


def fits(path: str, interpreter: Interpreter) -> bool:
    """Whether a wheel that was built on this machine is for this interpreter."""
    pythons, abis, _ = tag_of(path)
    return any(admits(python, abi, interpreter) for python in pythons.split(".") for abi in abis.split("."))


def admits(python: str, abi: str, interpreter: Interpreter) -> bool:
    found = re.fullmatch(r"(py|cp|pp)(\d)(\d*)", python)
    if found is None:
        return False
    major, minor = (int(part) for part in interpreter.version.rstrip("t").split(".")[:2])
    least = int(found[3] or 0)
    if found[1] == "py":
        return abi == "none" and major == int(found[2]) and minor >= least
    own = {"cpython": "cp", "pypy": "pp"}.get(interpreter.implementation)
    threads = "t" if interpreter.version.endswith("t") else ""
    if own != found[1] or major != int(found[2]):
        return False
    if abi == "abi3":
        return minor >= least and not threads
    if minor != least:
        return False
    return abi == "none" or own == "pp" or abi == f"cp{major}{minor}{threads}"


def metadata_directory(path: str) -> str:
    """The name of the directory in a wheel that tells of it; EnvironmentFailed where it is no wheel."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as wheel:
            names = {name.partition("/")[0] for name in wheel.namelist() if name.endswith(".dist-info/METADATA")}
    except BadZipFile:
        names = set()
    if len(names) != 1:
        raise EnvironmentFailed(f"what was built is no wheel: '{path}'")
    return names.pop()


def content_of(path: str) -> str:
    """What tells a wheel from one that would install something else; when it was built does not count."""
    from hashlib import sha256
    from zipfile import ZipFile

    record = f"{metadata_directory(path)}/RECORD"
    with ZipFile(path) as wheel:
        files = sorted((one.filename, one.CRC, one.file_size) for one in wheel.infolist() if one.filename != record)
    return sha256(repr(files).encode()).hexdigest()


def requirement_of(path: str, features: Texts = ()) -> str:
    """What an installer is asked for so that it installs this very wheel."""
    return f"{os.path.basename(path).partition('-')[0]}{brackets(features)} @ {url_of(path)}"


def brackets(features: Texts) -> str:
    """The features of a project as they stand behind its name."""
    return f"[{','.join(features)}]" if features else ""


def url_of(path: str) -> str:
    from urllib.parse import quote

    return "file:///" + quote(path.replace(os.sep, "/").lstrip("/"), safe="/:", errors="surrogateescape")
