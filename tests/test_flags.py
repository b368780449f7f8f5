"""The flags: how they are spelled, and where else their values may come from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

import pytest

from envtasks.cli.command import VERBS
from envtasks.cli.flags import COMMON, Flag, add_flags, complete
from envtasks.errors import RequestError

ON = Flag(("--plain",), "on", "")
ON_OFF = Flag(("--either-way",), "on-off", "")
COUNT = Flag(("-l", "--louder"), "count", "")
TEXT = Flag(("-d", "--dir-name"), "text", "", "DIR")
CHOICE = Flag(("--when",), "text", "", "WHEN", ("always", "never"))
TEXTS = Flag(("-s", "--several"), "texts", "", "NAME")
SHORT = Flag(("-W", "--always"), "short", "", value="always", of="when")
ALL = (ON, ON_OFF, COUNT, TEXT, CHOICE, SHORT, TEXTS)


def parsed(*argv: str, environ: dict[str, str] | None = None) -> dict[str, Any]:
    parser = ArgumentParser(exit_on_error=False)
    add_flags(parser, ALL)
    said = parser.parse_args(argv, Namespace())
    complete(said, ALL, environ or {})
    return vars(said)


def test_what_is_not_said() -> None:
    assert parsed() == {
        "plain": False,
        "either_way": None,
        "louder": 0,
        "dir_name": None,
        "when": None,
        "several": None,
    }


@pytest.mark.parametrize(
    ("argv", "name", "value"),
    [
        (["--plain"], "plain", True),
        (["--either-way"], "either_way", True),
        (["--no-either-way"], "either_way", False),
        (["-ll", "--louder"], "louder", 3),
        (["-d", "a b"], "dir_name", "a b"),
        (["--when", "never"], "when", "never"),
        (["-W"], "when", "always"),
        (["-W", "--when", "never"], "when", "never"),
        (["--when=never", "--always"], "when", "always"),
        (["-s", "a", "b", "-s", "c"], "several", ["a", "b", "c"]),
    ],
)
def test_what_is_said(argv: list[str], name: str, value: object) -> None:
    assert parsed(*argv)[name] == value


def test_a_short_flag_wins_over_the_variable_of_the_long_one() -> None:
    assert parsed("-W", environ={"ENVTASKS_WHEN": "never"})["when"] == "always"


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("PLAIN", "1", "plain", True),
        ("PLAIN", "TRUE", "plain", True),
        ("PLAIN", "off", "plain", False),
        ("PLAIN", "", "plain", False),
        ("EITHER_WAY", "yes", "either_way", True),
        ("EITHER_WAY", "no", "either_way", False),
        ("LOUDER", "2", "louder", 2),
        ("LOUDER", "", "louder", 0),
        ("DIR_NAME", "a b", "dir_name", "a b"),
        ("DIR_NAME", "", "dir_name", None),
        ("WHEN", "always", "when", "always"),
        ("WHEN", "", "when", None),
        ("SEVERAL", "a,b c", "several", ["a", "b", "c"]),
        ("SEVERAL", "", "several", None),
    ],
)
def test_what_a_variable_says(variable: str, text: str, name: str, value: object) -> None:
    assert parsed(environ={f"ENVTASKS_{variable}": text})[name] == value


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("PLAIN", "perhaps", "ENVTASKS_PLAIN='perhaps' is neither true nor false"),
        ("EITHER_WAY", "2", "ENVTASKS_EITHER_WAY='2' is neither true nor false"),
        ("LOUDER", "very", "ENVTASKS_LOUDER='very' is no number"),
        ("LOUDER", "-1", "ENVTASKS_LOUDER='-1' is no number"),
        ("WHEN", "often", "ENVTASKS_WHEN='often' is none of: always, never"),
    ],
)
def test_what_a_variable_cannot_say(variable: str, text: str, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        parsed(environ={f"ENVTASKS_{variable}": text})
    assert caught.value.message == message


def test_the_command_line_comes_before_variables() -> None:
    environ = {"ENVTASKS_WHEN": "nonsense", "ENVTASKS_EITHER_WAY": "1", "ENVTASKS_SEVERAL": "a"}
    values = parsed("--when", "never", "--no-either-way", "-s", "b", environ=environ)
    assert (values["when"], values["either_way"], values["several"]) == ("never", False, ["b"])


@pytest.mark.parametrize("verb", VERBS)
def test_the_flags_of_a_verb_do_not_collide(verb: str) -> None:
    names = [name for flag in (*COMMON, *VERBS[verb].flags) for name in flag.names]
    assert len(names) == len(set(names))
    assert all(flag.help for flag in (*COMMON, *VERBS[verb].flags))
