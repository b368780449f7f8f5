"""Fetching archives: what was cut off goes on where it stopped, and nothing counts before its bytes are checked."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from envtasks.errors import EnvironmentFailed, RequestError
from envtasks.tuples import NamedTuple

SCHEMES = ("http", "https", "file")
#: Seconds without a byte after which a connection counts as cut.
PATIENCE = 60
#: How often one goes on after a connection was cut.
ATTEMPTS = 4
BLOCK = 1 << 18
PARTIAL, RANGE_UNUSABLE = 206, 416

#: Told while bytes arrive: how many there are, and how many there will be, if that is known.
Progress = Callable[[int, int | None], None]


class Answer(NamedTuple):
    """What a server sends: ``begin`` is where its bytes belong, ``total`` how many the file has, if it says so."""

    response: Any
    begin: int
    total: int | None


class Cut(Exception):
    """A connection ended before everything was there."""


def download(source: str, path: str, sha256: str, progress: Progress) -> None:
    """Have the archive in this file, whose bytes come to the sum.

    What is in the file from an attempt before is gone on with, if there is a sum to tell whether both fit together.
    Raises EnvironmentFailed, and then leaves what arrived, unless its sum is wrong.
    """
    resumed = bool(sha256) and os.path.exists(path) and os.path.getsize(path) > 0
    if not resumed:
        emptied(path)
    receive(source, path, progress, may_resume=bool(sha256))
    found = sum_of(path)
    if sha256 and found != sha256 and resumed:
        # The file was another one when it was begun.
        return download(source, emptied(path), sha256, progress)
    if sha256 and found != sha256:
        emptied(path)
        raise EnvironmentFailed(
            f"{shown(source)} is not what it should be: its checksum is {found}, and not {sha256}",
            hint="try again; if it stays like that, do not trust what is there",
        )
    return None


def emptied(path: str) -> str:
    with open(path, "wb"):
        return path


def receive(source: str, path: str, progress: Progress, *, may_resume: bool) -> None:
    """Put what a server sends into the file, going on after cuts for as long as each attempt brings something."""
    for attempt in range(1, ATTEMPTS + 1):
        before = os.path.getsize(path)
        try:
            with opened(source, before) as answer:
                store(answer, path, progress)
        except Cut as cut:
            if not may_resume:
                emptied(path)
            if attempt == ATTEMPTS or os.path.getsize(path) == before:
                raise EnvironmentFailed(f"cannot download {shown(source)}: {cut}", hint="try again") from None
        else:
            return


def store(answer: Answer, path: str, progress: Progress) -> None:
    with open(path, "r+b") as file:
        file.seek(answer.begin)
        file.truncate()
        done = answer.begin
        progress(done, answer.total)
        while block := read_block(answer.response):
            file.write(block)
            file.flush()
            done += len(block)
            progress(done, answer.total)
    if answer.total is not None and done < answer.total:
        raise Cut(f"the connection ended after {done} of {answer.total} bytes")


def read_block(response: Any) -> bytes:
    from http.client import HTTPException

    try:
        # What is there already, so that as much as possible is kept of what a cut leaves.
        block: bytes = response.read1(BLOCK)
    except (OSError, HTTPException) as error:
        raise Cut(str(error) or type(error).__name__) from None
    return block


@contextmanager
def opened(source: str, begin: int = 0) -> Iterator[Answer]:
    """What a source sends, from this byte on if it can; EnvironmentFailed, or Cut where another attempt may help."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    try:
        response = urlopen(request_for(source, begin), timeout=PATIENCE)  # noqa: S310 - of our SCHEMES
    except HTTPError as error:
        error.close()
        if error.code == RANGE_UNUSABLE and begin:
            # All of it is there already, or more than that: begin again, and the sum decides.
            with opened(source) as answer:
                yield answer
            return
        raise EnvironmentFailed(f"cannot download {shown(source)}: {error.code} {error.reason}") from None
    except ConnectionError as error:
        raise Cut(error.strerror or str(error)) from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise EnvironmentFailed(
            f"cannot download {shown(source)}: {getattr(reason, 'strerror', None) or reason}",
            hint="are you online, and does a proxy have to be named with https_proxy?",
        ) from None
    with response:
        yield answer_of(response, begin)


def request_for(source: str, begin: int) -> Any:
    """The request for a source from this byte on; who may have it is told to no other server that this one names."""
    from base64 import b64encode
    from urllib.parse import unquote
    from urllib.request import Request

    scheme, allowed, address = parted(url_of(source))
    request = Request(scheme + address, headers={"User-Agent": "envtasks", "Accept-Encoding": "identity"})  # noqa: S310
    if begin:
        request.add_header("Range", f"bytes={begin}-")
    if allowed:
        told = b64encode(unquote(allowed).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {told}")
    return request


def answer_of(response: Any, begin: int) -> Answer:
    length = response.headers.get("Content-Length") or ""
    size = int(length) if length.isdecimal() else None
    ranged = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range") or "")
    if response.status == PARTIAL and ranged and int(ranged[1]) == begin:
        return Answer(response, begin, None if size is None else begin + size)
    return Answer(response, 0, size)


def url_of(source: str) -> str:
    """The source as an address; what has no scheme is a path."""
    scheme, separator, _ = source.partition("://")
    if not separator:
        from urllib.request import pathname2url

        return f"file://{pathname2url(os.path.abspath(source))}"
    if scheme.lower() not in SCHEMES:
        raise RequestError(f"cannot download from '{shown(source)}'", hint=f"known are: {', '.join(SCHEMES)}")
    return source


def shown(source: str) -> str:
    """A source for people to read: without what may be a password."""
    scheme, _, address = parted(source)
    return scheme + address.partition("?")[0] if scheme else source


def parted(source: str) -> tuple[str, str, str]:
    """A source as its scheme, who may have it, and the rest; a path is only rest."""
    found = re.fullmatch(r"([\w+.-]+://)(?:([^/@]*)@)?(.*)", source)
    return (found[1], found[2] or "", found[3]) if found else ("", "", source)


def read_text(source: str) -> str:
    """A short text; EnvironmentFailed where there is none."""
    try:
        with opened(source) as answer:
            return b"".join(iter(lambda: read_block(answer.response), b"")).decode("utf-8", "replace")
    except Cut as cut:
        raise EnvironmentFailed(f"cannot download {shown(source)}: {cut}", hint="try again") from None


def sum_of(path: str) -> str:
    from hashlib import sha256

    found = sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
