from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from envtasks.declare import toml
from envtasks.declare.toml import MOST_BYTES, read_document, read_text
from envtasks.errors import EnvtasksError, InvalidDeclarations, Mistake


def written(directory: Path, raw: bytes) -> str:
    path = directory / "some.toml"
    path.write_bytes(raw)
    return str(path)


def mistake(path: str) -> Mistake:
    with pytest.raises(InvalidDeclarations) as raised:
        read_document(path)
    (one,) = raised.value.mistakes
    assert one.where.file == path
    return one


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_document(str(tmp_path / "none.toml")) is None


@pytest.mark.parametrize(
    ("raw", "tables"),
    [
        (b"", {}),
        (b"a = 1", {"a": 1}),
        (b"\xef\xbb\xbfa = 1", {"a": 1}),
        (b"[a]\r\nb = '''x\r\ny'''\r\n", {"a": {"b": "x\ny"}}),
        ("a = 'é'".encode(), {"a": "é"}),
    ],
    ids=["empty", "plain", "byte order mark", "lines of Windows", "not ASCII"],
)
def test_tables_are_read(tmp_path: Path, raw: bytes, tables: dict[str, object]) -> None:
    assert read_document(written(tmp_path, raw)) == tables


@pytest.mark.parametrize(
    ("raw", "line"),
    [(b"a = 1\nb = \nc = 1", 2), (b"a = 1\n\na = 2\n", 3), (b"a = [1,\n2", 2), (b"[a\n", 1)],
    ids=["no value", "twice", "never closed", "header"],
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path, raw: bytes, line: int) -> None:
    one = mistake(written(tmp_path, raw))
    assert one.message.startswith("not TOML: ")
    assert "(at" not in one.message
    assert one.message[len("not TOML: ")].islower()
    assert one.where.line == line


def test_what_is_not_utf_8_is_told_with_its_line_and_byte(tmp_path: Path) -> None:
    one = mistake(written(tmp_path, b"a = 1\nb = '\xe9'\n"))
    assert one.message == "not UTF-8: byte 0xe9 at offset 11"
    assert one.where.line == 2
    assert one.hint


def test_what_lies_too_deep_is_told(tmp_path: Path) -> None:
    one = mistake(written(tmp_path, b"a = " + b"[" * 100_000))
    assert one.message == "arrays or tables lie too deep in each other"


@pytest.mark.skipif(not hasattr(sys, "get_int_max_str_digits"), reason="this Python reads numbers of any length")
def test_a_number_that_is_too_long_is_told(tmp_path: Path) -> None:
    one = mistake(written(tmp_path, b"a = " + b"1" * 5000))
    assert one.message.startswith("not TOML: exceeds the limit (4300")


def test_a_directory_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EnvtasksError, match="cannot be read: ") as raised:
        read_text(str(tmp_path))
    assert raised.value.where is not None
    assert raised.value.where.file == str(tmp_path)


def test_a_huge_file_is_no_declaration(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.touch()
    os.truncate(path, MOST_BYTES + 1)
    with pytest.raises(EnvtasksError, match="larger than"):
        read_text(str(path))


def test_a_message_begins_in_lower_case() -> None:
    assert toml.lower_first("Expected 'x'") == "expected 'x'"
    assert not toml.lower_first("")
