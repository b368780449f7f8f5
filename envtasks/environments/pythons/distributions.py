"""The Pythons that can be had: where their archives are, and what their bytes must come to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from envtasks.environments.pythons.downloading import read_text, shown
from envtasks.environments.pythons.spec import Version, Wish, distribution_name, may_satisfy, version_of, wish_for
from envtasks.errors import EnvironmentFailed, InterpreterMissing, RequestError
from envtasks.model import Host
from envtasks.tuples import NamedTuple

#: Before the name of a distribution, in capitals and with `_` for `.`: where its archive is.
SOURCE = "ENVTASKS_PYTHON_SOURCE_"
CPU_VARIANT = "ENVTASKS_PYTHON_VARIANT_CPU"
#: The older name of the same.
LINUX_VARIANT = "ENVTASKS_PYTHON_VARIANT_LINUX"
GIL_VARIANT = "ENVTASKS_PYTHON_VARIANT_GIL"
WINDOWS_VARIANT = "ENVTASKS_PYTHON_VARIANT_WINDOWS"
#: Which processors a CPython of Linux is built for. The list has the sums of those that run on all of them.
PROCESSORS = ("v1", "v2", "v3", "v4")
FREE_THREADED = "freethreaded"
#: The file beside archives that are not in the list which has their sums.
SUMS = "SHA256SUMS"
#: Minor versions that are asked for when none is named.
MINORS = range(40, 6, -1)
#: What tells builds of one version apart, in the names of archives.
BUILD = re.compile(r"\+(\d{8})-|-v(\d+(?:\.\d+)+)-")
EXTRA = "envtasks[pythons]"


class Distribution(NamedTuple):
    """An archive that holds a Python.

    ``version`` is empty where only its interpreter can tell; ``sha256`` where nobody said what its bytes come to.
    """

    name: str
    source: str
    sha256: str = ""
    version: str = ""

    @property
    def archive(self) -> str:
        return os.path.basename(unquote(self.source.partition("?")[0]))

    @property
    def build(self) -> str:
        found = BUILD.search(self.archive)
        return (found[1] or found[2]) if found else ""


def named(text: str, host: Host) -> Wish:
    """The wish for a distribution that a person names; RequestError where no distribution is called like that."""
    wish = wish_for(text)
    if not wish.distribution:
        hint = "name a version, such as 3.13, 3.13t, 3.13.1 or pypy3.11"
        raise RequestError(f"'{text}' names no Python that could be installed", hint=hint)
    if gil_variant(host.environ) and wish.implementation == "cpython":
        wish = wish._replace(free_threaded=True)
    return wish


def newest(wish: Wish, requires_python: str, host: Host) -> Distribution | None:
    """The newest distribution that is wanted, or None where there is none.

    Raises InterpreterMissing where the list of distributions is not there.
    """
    if wish.program:
        return None
    if wish.distribution:
        found = distribution(wish, host)
        return found if found and may_be(found, wish.version, requires_python) else None
    unlisted: InterpreterMissing | None = None
    for minor in MINORS:
        version = (3, minor)
        if not wish.admits(wish.implementation or "cpython", version, wish.free_threaded):
            continue
        try:
            found = distribution(wish._replace(version=version, range=""), host)
        except InterpreterMissing as error:
            # A person may have named a source for another version.
            unlisted = error
        else:
            if found and may_be(found, version, wish.range, requires_python):
                return found
    if unlisted is not None:
        raise unlisted
    return None


def may_be(found: Distribution, version: Version, *ranges: str) -> bool:
    """Whether it is in the ranges that are asked for, as far as its version is known."""
    known = version_of(found.version.rstrip("t")) or version
    return all(may_satisfy(known, one) for one in ranges)


def distribution(wish: Wish, host: Host) -> Distribution | None:
    """The distribution of one version: of the source that a person names, else of the list."""
    name = wish.distribution
    for version in (wish.version, wish.version[:2]):
        variable = variable_of(distribution_name(wish.implementation, version, wish.free_threaded))
        said = host.environ.get(variable)
        if said:
            source, _, fragment = said.partition("#")
            return Distribution(name, source, sum_in(fragment, variable))
    return listed(wish, host)


def variable_of(name: str) -> str:
    return SOURCE + name.upper().replace(".", "_")


def sum_in(fragment: str, variable: str) -> str:
    if not fragment:
        return ""
    found = re.fullmatch(r"sha256=([0-9a-fA-F]{64})", fragment)
    if found is None:
        raise RequestError(f"{variable} has an unknown '#{fragment}'", hint="write #sha256= and 64 digits, or nothing")
    return found[1].lower()


def listed(wish: Wish, host: Host) -> Distribution | None:
    """The newest archive of a version in the list of `pbs_installer`, as the variants say."""
    try:
        from pbs_installer import get_download_link
    except ImportError:
        hint = f"install the extra '{EXTRA}', or have uv do it: ENVTASKS_INSTALLER=uv"
        raise InterpreterMissing("the list of Pythons that can be installed is not there", hint=hint) from None
    request = ".".join(map(str, wish.version)) + ("t" if wish.free_threaded else "")
    try:
        version, (source, sha256) = get_download_link(
            request,
            implementation="pypy" if wish.implementation == "pypy" else "cpython",
            free_threaded=wish.free_threaded,
        )
    except ValueError:
        return None
    told = f"{version.major}.{version.minor}.{version.micro}{'t' if version.freethreaded else ''}"
    found = Distribution(wish.distribution, source, sha256 or "", told)
    return found if wish.implementation == "pypy" else variant(found, host.environ)


def variant(found: Distribution, environ: Mapping[str, str]) -> Distribution:
    """The same version as the variables of variants, and the C library of the system, ask for it."""
    source = found.source
    processor = processor_variant(environ)
    linkage = environ.get(WINDOWS_VARIANT, "").lower()
    if linkage not in ("", "shared"):
        raise RequestError(f"{WINDOWS_VARIANT}={linkage!r} is not distributed", hint="known is: shared")
    if processor not in ("", "v1"):
        source = source.replace("-x86_64-unknown-linux-", f"-x86_64_{processor}-unknown-linux-")
    if not has_glibc():
        source = source.replace("-unknown-linux-gnu", "-unknown-linux-musl")
    return found if source == found.source else found._replace(source=source, sha256="")


def has_glibc() -> bool:
    """Whether the C library is the one that most archives for Linux are made for; it matters nowhere else."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):
        return False


def processor_variant(environ: Mapping[str, str]) -> str:
    for name in (CPU_VARIANT, LINUX_VARIANT):
        said = environ.get(name, "").lower()
        if said and said not in PROCESSORS:
            raise RequestError(f"{name}={said!r} is unknown", hint=f"known are: {', '.join(PROCESSORS)}")
        if said:
            return said
    return ""


def gil_variant(environ: Mapping[str, str]) -> bool:
    said = environ.get(GIL_VARIANT, "").lower()
    if said not in ("", FREE_THREADED):
        raise RequestError(f"{GIL_VARIANT}={said!r} is unknown", hint=f"known is: {FREE_THREADED}")
    return bool(said)


def verified(found: Distribution) -> Distribution:
    """The distribution with its sum, which is fetched where the list has none; those of a person's own may have none.

    Raises EnvironmentFailed where there is no sum to be had for what the list leads to.
    """
    if found.sha256 or not found.version:
        return found
    beside = f"{found.source.rpartition('/')[0]}/{SUMS}"
    for line in read_text(beside).splitlines():
        sha256, _, name = line.partition(" ")
        if name.strip().lstrip("*") == found.archive and re.fullmatch(r"[0-9a-f]{64}", sha256):
            return found._replace(sha256=sha256)
    raise EnvironmentFailed(
        f"there is no checksum for '{found.archive}' in {shown(beside)}",
        hint=f"name its source and sum yourself: {variable_of(found.name)}=URL#sha256=SUM",
    )


def available(host: Host) -> Iterator[str]:
    """The names of all minor versions that can be installed, the newest first."""
    for implementation, threads in (("cpython", False), ("cpython", True), ("pypy", False)):
        for minor in MINORS:
            wish = Wish(implementation, (3, minor), threads)
            if distribution(wish, host) is not None:
                yield wish.distribution
