"""Words as text for a shell, and the other way round."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from fakes import program

from envtasks.process import Finished, run_shell
from envtasks.quoting import shell_text, shell_words


@pytest.mark.parametrize("words", [["a"], ["a b", "$HOME", "it's"], ["", "*", ";", "\n"], ["ä", "--", "{}"]])
def test_shell_text_is_taken_apart_into_the_words(words: list[str], tmp_path: Path) -> None:
    shower = program(
        tmp_path / "show",
        f'exec {sys.executable} -c \'import sys; open(sys.argv[1], "w").write(repr(sys.argv[2:]))\' "$@"',
    )
    out = tmp_path / "out"
    text = shell_text([str(shower), str(out), *words])
    assert run_shell(text, cwd=os.getcwd(), variables=os.environ) == Finished(0)
    assert out.read_text(encoding="utf-8") == repr(words)


def test_an_open_quote_makes_no_words() -> None:
    assert shell_words("a 'b c' \"d\"") == ["a", "b c", "d"]
    with pytest.raises(ValueError, match="No closing quotation"):
        shell_words("a 'b")
