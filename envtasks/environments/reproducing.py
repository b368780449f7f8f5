"""Source distributions that are the same whenever they are built, also where their backend writes down the time."""

from __future__ import annotations

import gzip
import os
import tarfile
from collections.abc import Mapping
from io import BytesIO

#: Seconds of the time that is to stand for now (reproducible-builds.org).
VARIABLE = "SOURCE_DATE_EPOCH"
#: Where a gzip header has its time.
TIME = slice(4, 8)
LATEST = 2**32 - 1


def settle(path: str, variables: Mapping[str, str]) -> None:
    """Take what is later than `SOURCE_DATE_EPOCH` out of an archive; one that has nothing of that stays as it is."""
    epoch = variables.get(VARIABLE, "")
    if not (epoch.isascii() and epoch.isdecimal() and path.endswith(".tar.gz")):
        return
    try:
        with open(path, "rb") as file:
            packed = file.read()
        settled = repacked(packed, int(epoch))
    except (OSError, tarfile.TarError, EOFError):
        # It is the backend's affair what it calls so.
        return
    if settled != packed:
        with open(f"{path}.settled", "wb") as other:
            other.write(settled)
        os.replace(other.name, path)


def repacked(packed: bytes, epoch: int) -> bytes:
    with tarfile.open(fileobj=BytesIO(packed), mode="r:gz") as archive:
        members = archive.getmembers()
        late = [one for one in members if one.mtime > epoch]
        if not late and int.from_bytes(packed[TIME], "little") <= epoch:
            return packed
        inside = BytesIO()
        with tarfile.open(fileobj=inside, mode="w", format=tarfile.PAX_FORMAT) as settled:
            for one in members:
                one.mtime = min(int(one.mtime), epoch)
                one.uid = one.gid = 0
                one.uname = one.gname = ""
                one.pax_headers = {name: value for name, value in one.pax_headers.items() if name != "mtime"}
                settled.addfile(one, archive.extractfile(one) if one.isreg() else None)
    return gzip.compress(inside.getvalue(), mtime=min(epoch, LATEST))
