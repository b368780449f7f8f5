"""Archives of Pythons, and a server that sends them as well, or as badly, as servers do."""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: Says what an interpreter is asked, wherever it lies.
SAYS = """#!/bin/sh
printf '%s\\n' {implementation} {version} '{threads}' "$0"
"""
#: How many bytes are sent while the gate is closed.
FIRST = 1000
#: What is not needed of the library of an interpreter to make virtual environments.
UNNEEDED = {"test", "tests", "site-packages", "idlelib", "tkinter", "turtledemo", "__pycache__", "lib2to3"}


def says(version: str, implementation: str = "cpython", threads: str = "-") -> str:
    return SAYS.format(implementation=implementation, version=version, threads=threads)


def tar(files: dict[str, str], packing: str = "gz") -> bytes:
    """An archive of programs with these texts."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text.encode()), 0o755
            archive.addfile(member, io.BytesIO(text.encode()))
    return written.getvalue()


def zipped(files: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return written.getvalue()


def python(version: str, *, padding: int = 0, **more: str) -> bytes:
    """An archive of a Python as python-build-standalone packs it, which answers and can do nothing else."""
    filler = os.urandom(padding).hex()
    return tar({"python/bin/python3": says(version, **more), "python/lib/filler": filler})


def real_python(path: Path) -> None:
    """Pack the Python that runs the tests, as far as it is needed to make virtual environments of it."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    home = Path(sys.base_prefix)

    def needed(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        name = member.name.rpartition("/")[2]
        return None if name in UNNEEDED or name.startswith("config-") or name.endswith(".a") else member

    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(os.path.realpath(home / "bin" / version), f"python/bin/{version}")
        link = tarfile.TarInfo("python/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, version
        archive.addfile(link)
        archive.add(home / "lib" / version, f"python/lib/{version}", filter=needed)
        for library in (home / "lib").glob("libpython*.so*"):
            archive.add(library, f"python/lib/{library.name}")


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Archives:
    """What a server has, by name, and how it misbehaves.

    ``cut``: after how many bytes each of the next answers ends; ``ranges``: whether it goes on in the middle;
    ``gate`` is closed to keep those who ask waiting in the middle. ``asked``: what was asked of it, with the range. ``elsewhere``: where to go for what has another address;
    ``allowed``: who asked.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: list[int] = []
        self.ranges = True
        self.asked: list[tuple[str, str]] = []
        self.elsewhere: dict[str, str] = {}
        self.allowed: list[str | None] = []
        self.gate = threading.Event()
        self.gate.set()
        self.address = ""

    def add(self, name: str, content: bytes, *, with_sum: bool = True) -> str:
        """The source that has this content, with what its bytes come to."""
        self.files[name] = content
        return f"{self.address}/{name}" + (f"#sha256={sum_of(content)}" if with_sum else "")

    def handler(self) -> type[BaseHTTPRequestHandler]:
        archives = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                archives.answer(self)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                return

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name, wanted = request.path.lstrip("/"), request.headers.get("Range", "")
        self.asked.append((name, wanted))
        self.allowed.append(request.headers.get("Authorization"))
        if name in self.elsewhere:
            request.send_response(302)
            request.send_header("Location", self.elsewhere[name])
            request.end_headers()
            return
        content = self.files.get(name)
        if content is None:
            request.send_error(404)
            return
        found = re.fullmatch(r"bytes=(\d+)-", wanted) if self.ranges else None
        begin = int(found[1]) if found else 0
        if found and begin >= len(content):
            request.send_error(416)
            return
        request.send_response(206 if found else 200)
        if found:
            request.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        request.send_header("Content-Length", str(len(content) - begin))
        request.end_headers()
        sent = content[begin:][: self.cut.pop(0) if self.cut else None]
        request.wfile.write(sent[:FIRST])
        self.gate.wait(30)
        request.wfile.write(sent[FIRST:])


@contextmanager
def serving() -> Iterator[Archives]:
    """A server on this machine, until the end."""
    archives = Archives()
    with ThreadingHTTPServer(("127.0.0.1", 0), archives.handler()) as server:
        archives.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield archives
        finally:
            archives.gate.set()
            server.shutdown()
            thread.join()
