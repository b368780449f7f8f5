"""Fetching archives from a server on this machine, which sometimes fails."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import Archives, serving, sum_of

from envtasks.environments.pythons.downloading import download, read_text, shown, url_of
from envtasks.errors import EnvironmentFailed, RequestError

CONTENT = bytes(range(256)) * 4096


class Steps(list[tuple[int, int | None]]):
    """How far a download was, each time that it was told."""

    def __call__(self, done: int, total: int | None) -> None:
        self.append((done, total))


@pytest.fixture
def archives() -> Iterator[Archives]:
    with serving() as found:
        yield found


def fetched(archives: Archives, path: Path, *, sha256: str = sum_of(CONTENT)) -> Steps:
    steps = Steps()
    archives.files["a.tar.gz"] = CONTENT
    download(f"{archives.address}/a.tar.gz", str(path), sha256, steps)
    return steps


@pytest.mark.parametrize("sha256", [sum_of(CONTENT), ""], ids=["sum", "no sum"])
def test_what_arrives_is_told_and_checked(sha256: str, archives: Archives, tmp_path: Path) -> None:
    steps = fetched(archives, tmp_path / "a", sha256=sha256)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert (steps[0], steps[-1]) == ((0, len(CONTENT)), (len(CONTENT), len(CONTENT)))
    assert steps == sorted(steps)


def test_a_connection_that_is_cut_goes_on_where_it_stopped(archives: Archives, tmp_path: Path) -> None:
    archives.cut = [1000, 300_000, 5000]
    fetched(archives, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert [wanted for _, wanted in archives.asked] == ["", "bytes=1000-", "bytes=301000-", "bytes=306000-"]


def test_a_download_that_was_given_up_goes_on_the_next_time(archives: Archives, tmp_path: Path) -> None:
    archives.cut = [1000, 0]
    with pytest.raises(EnvironmentFailed, match=r"cannot download http://.*: the connection ended after 1000 of"):
        fetched(archives, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT[:1000]
    fetched(archives, tmp_path / "a")
    assert archives.asked[-1] == ("a.tar.gz", "bytes=1000-")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_server_that_knows_no_ranges_sends_everything_again(archives: Archives, tmp_path: Path) -> None:
    archives.ranges = False
    archives.cut = [1000]
    fetched(archives, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert [wanted for _, wanted in archives.asked] == ["", "bytes=1000-"]


@pytest.mark.parametrize(
    "before", [b"x" * 1000, CONTENT, CONTENT + b"more"], ids=["other bytes", "everything", "too much"]
)
def test_what_was_there_before_counts_only_if_it_fits(before: bytes, archives: Archives, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(before)
    fetched(archives, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_without_a_sum_nothing_is_gone_on_with(archives: Archives, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT[:1000])
    fetched(archives, tmp_path / "a", sha256="")
    assert archives.asked == [("a.tar.gz", "")]


def test_other_bytes_than_were_promised_are_refused(archives: Archives, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=f"its checksum is {sum_of(CONTENT)}, and not {'0' * 64}"):
        fetched(archives, tmp_path / "a", sha256="0" * 64)
    assert not (tmp_path / "a").read_bytes()


def test_what_is_not_there(archives: Archives, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=r"cannot download http://127.0.0.1:\d+/none: 404 Not Found"):
        download(f"{archives.address}/none", str(tmp_path / "a"), "", Steps())


@pytest.mark.parametrize(
    "source", ["http://127.0.0.1:1/a", "http://[half", "http://me:secret@127.0.0.1:1/a", "http://me:secret@["]
)
def test_a_server_that_cannot_be_reached(source: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed) as caught:
        download(source, str(tmp_path / "a"), "", Steps())
    assert "secret" not in caught.value.reason


@pytest.mark.parametrize("source", ["file://{path}", "{path}"])
def test_a_file_of_this_machine(source: str, tmp_path: Path) -> None:
    (tmp_path / "odd name.tar").write_bytes(CONTENT)
    path = str(tmp_path / "odd name.tar")
    source = source.format(path=path.replace(" ", "%20") if "file:" in source else path)
    download(source, str(tmp_path / "a"), sum_of(CONTENT), Steps())
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=r"cannot download .*none: No such file"):
        download(str(tmp_path / "none"), str(tmp_path / "a"), "", Steps())


def test_what_is_no_way_to_download() -> None:
    with pytest.raises(RequestError, match=r"cannot download from 'ftp://example\.org/a'"):
        url_of("ftp://example.org/a")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("https://example.org/a/b.tar.gz", "https://example.org/a/b.tar.gz"),
        ("https://me:secret@example.org:80/a?token=1", "https://example.org:80/a"),
        ("/home/me/a.tar.gz", "/home/me/a.tar.gz"),
        ("a.tar.gz", "a.tar.gz"),
    ],
)
def test_no_password_is_shown(source: str, told: str) -> None:
    assert shown(source) == told


def test_a_password_is_told_to_the_server_that_it_is_for(archives: Archives, tmp_path: Path) -> None:
    archives.files["b"] = CONTENT
    archives.elsewhere["a"] = f"{archives.address.replace('127.0.0.1', 'localhost')}/b"
    source = f"{archives.address.replace('://', '://me:s%20cret@')}/a"
    download(source, str(tmp_path / "a"), sum_of(CONTENT), Steps())
    assert archives.allowed == [f"Basic {b64encode(b'me:s cret').decode()}", None]


def test_short_texts(archives: Archives) -> None:
    archives.files["SHA256SUMS"] = b"sums"
    assert read_text(f"{archives.address}/SHA256SUMS") == "sums"
    with pytest.raises(EnvironmentFailed, match="404"):
        read_text(f"{archives.address}/none")


def test_the_disk_may_refuse(archives: Archives, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(2)):
        fetched(archives, tmp_path / "none" / "a")
