"""What an installed project says of itself once it is marked as editable."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from envtasks.environments.editables import mark_editable
from envtasks.environments.packages import site_packages
from envtasks.errors import EnvironmentFailed

NAME = "a_b-1.0.dist-info"
RECORD = "a.pth,sha256=x,1\na_b-1.0.dist-info/METADATA,sha256=y,2\na_b-1.0.dist-info/RECORD,,\n"
DIRECT = "a_b-1.0.dist-info/direct_url.json,sha256=old,3\n"


def environment(root: Path, record: str = RECORD) -> Path:
    (root / "lib" / "python{}.{}".format(*sys.version_info[:2]) / "site-packages" / NAME).mkdir(parents=True)
    place = Path(site_packages(str(root)), NAME)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: a-b\nVersion: 1.0\n", encoding="utf-8")
    (place / "RECORD").write_text(record, encoding="utf-8")
    return place


@pytest.mark.parametrize("record", [RECORD, RECORD + DIRECT, DIRECT + RECORD, RECORD.replace("\n", "\r\n")])
def test_a_project_says_that_it_is_editable(record: str, tmp_path: Path) -> None:
    place = environment(tmp_path / "env", record)
    mark_editable(str(tmp_path / "env"), NAME, "/pro ject")
    told = (place / "direct_url.json").read_text(encoding="utf-8")
    assert json.loads(told) == {"dir_info": {"editable": True}, "url": "file:///pro%20ject"}
    files = PathDistribution(place).files or []
    assert sorted(map(str, files)) == ["a.pth", *(f"{NAME}/{one}" for one in ("METADATA", "RECORD", "direct_url.json"))]
    (entry,) = [one for one in files if one.name == "direct_url.json"]
    assert entry.size == len(told.encode())
    assert entry.hash is not None
    assert entry.hash.value != "old"


def test_marking_twice_changes_nothing(tmp_path: Path) -> None:
    place = environment(tmp_path / "env")
    for _ in range(2):
        mark_editable(str(tmp_path / "env"), NAME, "/p")
        record = (place / "RECORD").read_text(encoding="utf-8")
        assert record.count("direct_url.json") == 1
    assert sorted(os.listdir(place)) == ["METADATA", "RECORD", "direct_url.json"]


def test_files_that_environments_share_are_not_written_into(tmp_path: Path) -> None:
    place = environment(tmp_path / "env")
    os.link(place / "RECORD", tmp_path / "shared")
    mark_editable(str(tmp_path / "env"), NAME, "/p")
    assert (tmp_path / "shared").read_text(encoding="utf-8") == RECORD


def test_a_project_that_is_not_there(tmp_path: Path) -> None:
    environment(tmp_path / "env")
    with pytest.raises(EnvironmentFailed, match=r"other-1\.0\.dist-info"):
        mark_editable(str(tmp_path / "env"), "other-1.0.dist-info", "/p")
