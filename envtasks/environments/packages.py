"""What is installed in an environment, as the directories in its site-packages tell."""

from __future__ import annotations

import os

from envtasks.environments.location import bin_directory
from envtasks.names import normalized

SUFFIX = ".dist-info"
#: What every environment may have of its own, asked for or not.
INSTALLERS = ("pip", "setuptools", "wheel", "uv")
#: What lies there and may go: what is compiled, what installers move out of the way, and what is of theirs.
PASSING = ("", "__pycache__", *INSTALLERS, "pkg_resources", "_distutils_hack", "distutils-precedence")


def site_packages(directory: str) -> str:
    """Where the packages of an environment lie; an empty text where there is no such place."""
    if os.name == "nt":
        return os.path.join(directory, "Lib", "site-packages")
    libraries = os.path.join(directory, "lib")
    try:
        names = sorted(name for name in os.listdir(libraries) if name.startswith(("python", "pypy")))
    except OSError:
        return ""
    return os.path.join(libraries, names[0], "site-packages") if names else ""


def packages(place: str) -> list[str]:
    """The names and versions of what is installed in a site-packages, such as `attrs-25.1.0`, in order."""
    return sorted(name.removesuffix(SUFFIX) for name in names_in(place) if name.endswith(SUFFIX))


def modules(place: str) -> list[str]:
    """What else lies in a site-packages: what can be imported, and what leads to it, in order."""
    lasting = (name for name in names_in(place) if name.partition(".")[0] not in PASSING and not name.startswith("~"))
    return sorted(name for name in lasting if not name.endswith((SUFFIX, ".egg-info")))


def programs(directory: str) -> list[str]:
    """The programs of an environment, in order; where one of them is gone, a shell would find that of another Python."""
    return sorted(name for name in names_in(bin_directory(directory)) if not name.startswith((".", "__pycache__")))


def names_in(place: str) -> list[str]:
    try:
        return os.listdir(place)
    except OSError:
        return []


def name_of(package: str) -> str:
    """The name of an installed package, as names compare."""
    return normalized(package.partition("-")[0])


def missing(before: list[str], place: str) -> list[str]:
    """What was installed and is not there any more, in that version."""
    found = set(packages(place))
    return [package for package in before if package not in found and name_of(package) not in INSTALLERS]
