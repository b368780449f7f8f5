"""Archives whose backend writes down when they were built."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from envtasks.environments.reproducing import settle


def archive(path: Path, *, built: int, made: int, owner: str = "me") -> bytes:
    inside = io.BytesIO()
    with tarfile.open(fileobj=inside, mode="w") as written:
        for name, text, mode in (("a-1", None, 0o755), ("a-1/b.py", b"b = 1\n", 0o644), ("a-1/run", b"#!", 0o755)):
            one = tarfile.TarInfo(name)
            one.mtime, one.uname, one.uid, one.mode = made, owner, 1000, mode
            if text is None:
                one.type = tarfile.DIRTYPE
            else:
                one.size = len(text)
            written.addfile(one, io.BytesIO(text) if text else None)
    path.write_bytes(gzip.compress(inside.getvalue(), mtime=built))
    return path.read_bytes()


def test_two_builds_are_the_same(tmp_path: Path) -> None:
    for name, built in (("a.tar.gz", 2_000_000_001), ("b.tar.gz", 2_000_000_009)):
        archive(tmp_path / name, built=built, made=built, owner=name)
        settle(str(tmp_path / name), {"SOURCE_DATE_EPOCH": "1580601600"})
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "a.tar.gz") as read:
        members = read.getmembers()
        assert [one.name for one in members] == ["a-1", "a-1/b.py", "a-1/run"]
        assert [one.mode for one in members] == [0o755, 0o644, 0o755]
        assert {(one.mtime, one.uid, one.uname) for one in members} == {(1580601600, 0, "")}
        content = read.extractfile("a-1/b.py")
        assert content is not None
        assert content.read() == b"b = 1\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.tar.gz", "b.tar.gz"]


@pytest.mark.parametrize("epoch", [None, "", "-1", "soon", "1580601600.5"])
def test_without_a_time_nothing_is_changed(epoch: str | None, tmp_path: Path) -> None:
    before = archive(tmp_path / "a.tar.gz", built=2_000_000_001, made=2_000_000_001)
    settle(str(tmp_path / "a.tar.gz"), {} if epoch is None else {"SOURCE_DATE_EPOCH": epoch})
    assert (tmp_path / "a.tar.gz").read_bytes() == before


def test_what_is_early_enough_is_left_as_its_backend_wrote_it(tmp_path: Path) -> None:
    before = archive(tmp_path / "a.tar.gz", built=0, made=5)
    settle(str(tmp_path / "a.tar.gz"), {"SOURCE_DATE_EPOCH": "5"})
    assert (tmp_path / "a.tar.gz").read_bytes() == before


def test_a_time_far_from_now(tmp_path: Path) -> None:
    archive(tmp_path / "a.tar.gz", built=2_000_000_001, made=99_999_999_999)
    settle(str(tmp_path / "a.tar.gz"), {"SOURCE_DATE_EPOCH": "9999999999"})
    with tarfile.open(tmp_path / "a.tar.gz") as read:
        assert {one.mtime for one in read.getmembers()} == {9999999999}


@pytest.mark.parametrize("name", ["a.tar.gz", "a.whl"])
def test_what_is_no_archive_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"not much")
    settle(str(tmp_path / name), {"SOURCE_DATE_EPOCH": "1"})
    assert (tmp_path / name).read_bytes() == b"not much"
