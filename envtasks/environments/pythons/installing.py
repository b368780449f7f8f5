"""Installing Pythons, whole or not at all, and taking them away again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import time
from typing import Any

from envtasks.environments.location import digest
from envtasks.environments.pythons.asking import ask
from envtasks.environments.pythons.distributions import EXTRA, Distribution, verified
from envtasks.environments.pythons.downloading import Progress, download, shown
from envtasks.environments.pythons.internal import MARK, OF_UV, Installed, builds, installed, pythons_directory, read
from envtasks.environments.pythons.places import matches
from envtasks.environments.pythons.spec import Wish, why_not, wish_for
from envtasks.environments.starting import start
from envtasks.errors import EnvironmentFailed, InterpreterMissing
from envtasks.model import Host

#: How long one waits for another process before it is told.
SILENT_SECONDS = 1.0
#: Below the directory of Pythons: what is locked while one is installed, what arrived, and what is unpacked of it.
LOCKS, ARRIVED, UNPACKED = ".locks", ".downloads", ".unpacked"
#: How the names of directories begin in which something is deleted, and after how long nobody is at it any more.
REMOVED = ".removed-"
LEFT_SECONDS = 3600
#: Where archives have their interpreter.
PROGRAMS = (
    ("bin", "python3"),
    ("*", "bin", "python3"),
    ("*", "install", "bin", "python3"),
    ("*", "bin", "pypy*"),
    ("python.exe",),
    ("*", "python.exe"),
    ("*", "install", "python.exe"),
    ("*", "pypy.exe"),
)

#: How archives begin that only newer Pythons take apart by themselves.
ZSTANDARD = b"\x28\xb5\x2f\xfd"

#: Told what is done, in words.
Say = Callable[[str], None]


def newer(found: Installed, distribution: Distribution) -> bool:
    """Whether a distribution is newer than the Python that is installed, or from elsewhere than its source is now."""
    if not distribution.version:
        return found.source != shown(distribution.source)
    wanted = Installed("", "", found.implementation, distribution.version)
    return (wanted.numbers, builds(distribution.build)) > (found.numbers, builds(found.build))


def matching(wish: Wish, host: Host) -> tuple[Installed, ...]:
    """Those that are installed and wanted, the newest first."""
    found = installed(pythons_directory(host))
    return tuple(one for one in found if wish.admits(one.implementation, one.numbers, one.free_threaded))


def install(distribution: Distribution, host: Host, say: Say, progress: Progress) -> Installed:
    """Have a distribution installed, which it may be already; another process that is at it is waited for.

    Raises EnvironmentFailed, and then leaves nothing but what was downloaded, with which the next attempt goes on.
    """
    place = pythons_directory(host)
    wish = wish_for(distribution.name)
    with told_as_failures(), locked(place, distribution.name, say):
        there = next((one for one in matching(wish, host) if not newer(one, distribution)), None)
        if there is not None:
            return there
        sweep(place)
        distribution = verified(distribution)
        say(f"downloading {distribution.name} from {shown(distribution.source)}")
        key = digest(distribution.source)
        archive = os.path.join(place, ARRIVED, f"{key}-{distribution.archive}")
        os.makedirs(os.path.dirname(archive), exist_ok=True)
        download(distribution.source, archive, distribution.sha256, progress)
        unpacked = os.path.join(place, UNPACKED, f"{distribution.name}-{key}")
        discard(unpacked, place)
        try:
            unpack(archive, unpacked)
            made = checked(unpacked, distribution, wish, host)
            target = os.path.join(place, f"{made.implementation}-{made.version}-{key}")
            if os.path.lexists(target) and read(target) is None:
                raise EnvironmentFailed(f"'{target}' holds something else", hint="move it away, and try again")
            discard(target, place)
            os.rename(unpacked, target)
        finally:
            discard(unpacked, place)
            discard(archive, place)
    return made._replace(directory=target, program=os.path.join(target, os.path.relpath(made.program, unpacked)))


def checked(unpacked: str, distribution: Distribution, wish: Wish, host: Host) -> Installed:
    """What was unpacked, once it answered and is what it should be; the mark is put in."""
    import json

    program = next((path for parts in PROGRAMS for path in matches(unpacked, *parts)), None)
    if program is None:
        raise EnvironmentFailed(f"'{distribution.archive}' holds no Python")
    try:
        found = ask(program, host.environ)
    except InterpreterMissing as error:
        raise EnvironmentFailed(f"the Python in '{distribution.archive}' is of no use: {error.message}") from None
    reason = why_not(found.implementation, found.version, wish, "")
    if reason:
        raise EnvironmentFailed(f"the Python in '{distribution.archive}' is another one: {reason}")
    source = shown(distribution.source)
    made = Installed(unpacked, program, found.implementation, found.version, source, distribution.build)
    written = {**made._asdict(), "program": os.path.relpath(program, unpacked), "sha256": distribution.sha256}
    del written["directory"]
    with open(os.path.join(unpacked, MARK), "w", encoding="utf-8") as file:
        json.dump(written, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return made


def unpack(archive: str, directory: str) -> None:
    """Take an archive apart; EnvironmentFailed where it is none."""
    from lzma import LZMAError
    from zipfile import BadZipFile, ZipFile, is_zipfile
    from zlib import error as ZlibError  # noqa: N812 - it is an exception

    os.makedirs(directory)
    tarfile, *more = tar_reader(archive)
    try:
        if is_zipfile(archive):
            with ZipFile(archive) as zipped:
                zipped.extractall(directory)
            return
        with tarfile.open(archive) as tar:
            # Older patch releases of Python lack the filter that keeps members inside.
            tar.extractall(directory, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    except (tarfile.TarError, BadZipFile, EOFError, LZMAError, ZlibError, ValueError, *more) as error:
        raise EnvironmentFailed(f"'{os.path.basename(archive)}' cannot be unpacked: {first_line(error)}") from None


def first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0].rstrip(":")


def tar_reader(archive: str) -> tuple[Any, ...]:
    """The module that opens an archive, and the errors that it has besides those of `tarfile`."""
    import tarfile

    with open(archive, "rb") as file:
        is_zstandard = file.read(len(ZSTANDARD)) == ZSTANDARD
    if not is_zstandard:
        return (tarfile,)
    try:
        if hasattr(tarfile.TarFile, "zstopen"):
            from compression.zstd import ZstdError  # type: ignore[import-not-found,unused-ignore]

            return tarfile, ZstdError
        from backports import zstd
        from backports.zstd import tarfile as with_zstandard
    except ImportError:
        hint = f"install the extra '{EXTRA}'"
        raise EnvironmentFailed(f"'{os.path.basename(archive)}' is packed with zstd", hint=hint) from None
    return with_zstandard, zstd.ZstdError


def remove(found: Installed, host: Host, say: Say) -> None:
    """Take a Python away; only what bears our mark, or uv put into our directory."""
    place = pythons_directory(host)
    with told_as_failures(), locked(place, found.name, say):
        if found.source == "uv" or read(found.directory) is not None:
            discard(found.directory, place)


def sweep(place: str) -> None:
    """Delete what processes left that were killed while they deleted or unpacked something."""
    for path in (*matches(place, f"{REMOVED}*"), *matches(place, UNPACKED, "*")):
        with suppress(OSError):
            if time() - os.path.getmtime(path) > LEFT_SECONDS:
                discard(path, place)


def discard(path: str, place: str) -> None:
    """Delete a file or directory of ours below this place; it is gone at once, whatever happens on the way."""
    from tempfile import TemporaryDirectory

    if os.path.lexists(path):
        with TemporaryDirectory(prefix=REMOVED, dir=place, ignore_cleanup_errors=True) as trash:
            os.rename(path, os.path.join(trash, "removed"))


@contextmanager
def locked(place: str, name: str, say: Say) -> Iterator[None]:
    """Inside, no other process installs or removes what has this name."""
    from filelock import FileLock, Timeout

    os.makedirs(os.path.join(place, LOCKS), exist_ok=True)
    lock = FileLock(os.path.join(place, LOCKS, f"{name}.lock"))
    try:
        lock.acquire(timeout=SILENT_SECONDS)
    except Timeout:
        say(f"waiting for another process that installs or removes {name}")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def told_as_failures() -> Iterator[None]:
    """Inside, what the disk refuses is an EnvironmentFailed."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFailed(f"{error.strerror or error}: '{error.filename}'") from None


def install_with_uv(uv: str, request: str, host: Host, say: Say, *, update: bool = False) -> None:
    """Have uv install what is requested into our directory; EnvironmentFailed with what it says where it does not."""
    place = os.path.join(pythons_directory(host), OF_UV)
    words: Sequence[str] = [uv, "python", "install", "--install-dir", place, "--no-bin"]
    with told_as_failures(), locked(pythons_directory(host), "uv", say):
        os.makedirs(place, exist_ok=True)
        say(f"having uv install {request}")
        start("uv", [*words, *(["--upgrade"] if update else []), request], host.environ, place)
