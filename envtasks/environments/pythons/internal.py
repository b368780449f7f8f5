"""The Pythons that envtasks installed: where they lie, and what each says of itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from envtasks.environments.location import expanded
from envtasks.environments.pythons.places import Candidate, data_directory, matches
from envtasks.environments.pythons.places import installed as described_by_directory
from envtasks.environments.pythons.spec import Version, distribution_name, version_of
from envtasks.model import Host
from envtasks.tuples import NamedTuple

#: Its presence says that a directory holds a whole Python, and is ours; it is written before the directory gets its name.
MARK = ".envtasks-python.json"
#: Below the directory of Pythons: those of uv, which keeps them in its own way.
OF_UV = ".uv"


class Installed(NamedTuple):
    """A Python that envtasks installed; ``source`` and ``build`` tell it from others of its version."""

    directory: str
    program: str
    implementation: str
    version: str
    source: str = ""
    build: str = ""

    @property
    def free_threaded(self) -> bool:
        return self.version.endswith("t")

    @property
    def numbers(self) -> Version:
        return version_of(self.version.rstrip("t"))

    @property
    def name(self) -> str:
        """The name of its minor version, such as `3.13t` or `pypy3.10`."""
        return distribution_name(self.implementation, self.numbers[:2], self.free_threaded)

    @property
    def full_name(self) -> str:
        return distribution_name(self.implementation, self.numbers, self.free_threaded)

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.program, self.implementation, self.numbers, self.free_threaded, "internal")


def pythons_directory(host: Host) -> str:
    """The directory of Pythons that envtasks installs."""
    said = host.environ.get("ENVTASKS_PYTHON_DIR")
    place = expanded(said, host) if said else os.path.join(data_directory(host), "pythons")
    return os.path.normpath(os.path.join(host.root, place))


def installed(directory: str) -> tuple[Installed, ...]:
    """The Pythons in a directory, the highest version of each kind first; what is half or not ours is none of them."""
    found = [*filter(None, map(read, matches(directory, "*"))), *of_uv(os.path.join(directory, OF_UV))]
    found.sort(key=lambda one: (one.numbers, builds(one.build)), reverse=True)
    return tuple(sorted(found, key=lambda one: (one.implementation, one.free_threaded)))


def read(directory: str) -> Installed | None:
    import json

    try:
        with open(os.path.join(directory, MARK), encoding="utf-8") as file:
            written = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    return written_down(directory, written)


def written_down(directory: str, written: Any) -> Installed | None:
    keys = ("program", *Installed._fields[2:])
    if not isinstance(written, dict) or not all(isinstance(written.get(key), str) for key in keys):
        return None
    program = os.path.join(directory, written["program"])
    if not os.path.isfile(program) or not written["version"].rstrip("t").replace(".", "").isdecimal():
        return None
    return Installed(directory, program, *(written[key] for key in keys[1:]))


def of_uv(directory: str) -> Iterator[Installed]:
    for program in ("bin/python", "python.exe"):
        for path in matches(directory, "*", program):
            below = os.path.relpath(path, directory)
            own = os.path.join(directory, below.split(os.sep)[0])
            one = described_by_directory(path, below)
            # Links lead from minor versions to full ones, which stand beside them.
            if one is not None and not os.path.islink(own):
                version = distribution_name("", one.version, one.free_threaded)
                yield Installed(own, path, one.implementation, version, "uv")


def builds(build: str) -> Version:
    """What orders builds of the same version: `20250115` or `7.3.17`."""
    return tuple(int(part) for part in build.split(".") if part.isdecimal())
