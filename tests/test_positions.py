from __future__ import annotations

from pathlib import Path

import pytest

from envtasks.declare.positions import line_of
from envtasks.errors import Key

TEXT = '''# a comment with [a.table] in it
title = "x"
[envs.test]
python = "3.12"  # envs.lint
dependencies = [
  "a", # one
  'b',

  """c
  d""", """e""""",
  {value = "x", if = ["1",
    "2"]},
]
env-vars.A = "1"
env-vars . "B C" = 'it"s'
"quo\\"ted" = 1
scripts = { one = "a", two = { run = ["b",
"c"] }, }
number = 1_000.5
day = 1979-05-27T07:32:00Z
text = """
[envs.hidden]
python = "no"
\\""" still
"""
raw = \'\'\'
[envs.hidden]\'\'\'
[[envs.test.matrix]]
v = ["1", "2"]
[[envs.test.matrix]]
v = ["3"]
[envs.test.matrix.deep]
x = 1
[ envs . "a.b" ]
x = { }
y = [ ]
[envs.test.overrides]
env.CI.dependencies = ["z"]
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("title",), 2),
        (("envs",), 3),
        (("envs", "test"), 3),
        (("envs", "test", "python"), 4),
        (("envs", "test", "dependencies"), 5),
        (("envs", "test", "dependencies", 0), 6),
        (("envs", "test", "dependencies", 1), 7),
        (("envs", "test", "dependencies", 2), 9),
        (("envs", "test", "dependencies", 3), 10),
        (("envs", "test", "dependencies", 4, "value"), 11),
        (("envs", "test", "dependencies", 4, "if", 1), 12),
        (("envs", "test", "env-vars"), 14),
        (("envs", "test", "env-vars", "A"), 14),
        (("envs", "test", "env-vars", "B C"), 15),
        (("envs", "test", 'quo"ted'), 16),
        (("envs", "test", "scripts", "one"), 17),
        (("envs", "test", "scripts", "two", "run", 1), 18),
        (("envs", "test", "number"), 19),
        (("envs", "test", "day"), 20),
        (("envs", "test", "text"), 21),
        (("envs", "test", "raw"), 26),
        (("envs", "test", "matrix", 0), 28),
        (("envs", "test", "matrix", 0, "v", 1), 29),
        (("envs", "test", "matrix", 1, "v"), 31),
        (("envs", "test", "matrix", 1, "deep", "x"), 33),
        (("envs", "a.b", "x"), 35),
        (("envs", "a.b", "y"), 36),
        (("envs", "test", "overrides", "env", "CI", "dependencies", 0), 38),
        (("envs", "test", "python", "deeper"), 4),
        (("envs", "none"), 3),
        (("envs", "test", "matrix", 7, "v"), 28),
        (("none",), None),
        ((), None),
    ],
    ids=str,
)
def test_the_line_of_a_key(tmp_path: Path, keys: tuple[str | int, ...], line: int | None) -> None:
    path = tmp_path / "envtasks.toml"
    path.write_text(TEXT)
    assert line_of(Key(str(path), keys)) == line


@pytest.mark.parametrize(
    ("name", "raw", "line"),
    [
        ("envfile.py", b"", 7),
        ("none.toml", None, None),
        ("empty.toml", b"", None),
        ("comment.toml", b"# only this", None),
        ("broken.toml", b"a = '\xff'", None),
        ("cut.toml", b"a = [1, {b = 'x", 1),
        ("odd.toml", b"a : 1\nb = 2", 1),
    ],
)
def test_files_that_hold_no_such_key(tmp_path: Path, name: str, raw: bytes | None, line: int | None) -> None:
    path = tmp_path / name
    if raw is not None:
        path.write_bytes(raw)
    assert line_of(Key(str(path), ("a", "b"), 7)) == line


@pytest.mark.parametrize(("key", "line"), [("a", 1), ("b", 2), ("c", None)])
def test_arrays_beyond_all_measure_hide_what_follows(tmp_path: Path, key: str, line: int | None) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(f"a = 1\nb = {'[' * 5000}{']' * 5000}\nc = 1\n")
    assert line_of(Key(str(path), (key,))) == line
