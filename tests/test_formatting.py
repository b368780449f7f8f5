"""Filling placeholders."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from envtasks.errors import FillError
from envtasks.model import Host
from envtasks.resolve.formatting import DEEPEST, Context, check, fields, fill, takes_arguments

ENVIRON = {"A": "one", "EMPTY": "", "NAME": "A", "BRACES": "{root}"}


def context(arguments: str | None = None, *, verbosity: int = 0, root: str = "/src/demo") -> Context:
    host = Host(root, "/home/a person", "linux", {}, verbosity)
    return Context(host, ENVIRON, "test.1", "virtual", {"v": "1", "python": "3.12"}, arguments)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{{}} ${{HOME}}", "{} ${HOME}"),
        ("{root}|{root:}", "/src/demo|/src/demo"),
        ("{root:parent}", "/src"),
        ("{root:parent:parent}", "/"),
        ("{root:parent:uri}", "file:///src"),
        ("{home}", "/home/a person"),
        ("{home:uri}", "file:///home/a%20person"),
        ("{/}{;}{/:foo}", f"{os.sep}{os.pathsep}{os.sep}"),
        ("{env:A}", "one"),
        ("{env:EMPTY}|{env:EMPTY:x}", "|"),
        ("{env:NONE:}", ""),
        ("{env:NONE:a:b:c}", "a:b:c"),
        ("{env:NONE::x}", ":x"),
        ("{env:NONE:{env:A}}", "one"),
        ("{env:NONE:{env:NONE2:{matrix:v}}}", "1"),
        ("{env:A:{env:NONE}}", "one"),
        ("{env:{env:NAME}}", "one"),
        ("{env:NONE:{root}{/}x}", f"/src/demo{os.sep}x"),
        ("{env:BRACES}", "{root}"),
        ("{matrix:v}", "1"),
        ("{matrix:python}", "3.12"),
        ("{matrix:none:a:b:c}", "a:b:c"),
        ("{matrix:v:{matrix:none}}", "1"),
        ("{env_name}|{env_type}|{env_type:x}", "test.1|virtual|virtual"),
        ("{verbosity}|{verbosity:}", "0|0"),
        ("{args}", ""),
        ("{args:a {root} b}", "a /src/demo b"),
        ("{args:{{}}}", "{}"),
        ("command {args: -bar > /dev/null}", "command  -bar > /dev/null"),
    ],
)
def test_placeholders_are_filled(text: str, filled: str) -> None:
    assert fill(text, context()) == filled
    check(text)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a {args} b", "a X 'y z' b"),
        ("a {args:default}", "a X 'y z'"),
        ("{args:{env:NONE}}", "X 'y z'"),
        ("command {args: -bar > /dev/null}", "command X 'y z'"),
        ("{env:NONE:{args:x}}", "X 'y z'"),
    ],
)
def test_arguments_take_the_place_of_the_default(text: str, filled: str) -> None:
    assert fill(text, context("X 'y z'")) == filled


def test_arguments_are_never_filled_themselves() -> None:
    assert fill("echo {args}", context("'{root}' {")) == "echo '{root}' {"


@pytest.mark.parametrize(
    ("verbosity", "text", "filled"),
    [
        (2, "{verbosity}", "2"),
        (-1, "{verbosity}", "-1"),
        (0, "{verbosity:flag}", ""),
        (1, "{verbosity:flag}", "-v"),
        (0, "{verbosity:flag:1}", "-v"),
        (0, "{verbosity:flag:-2}", "-qq"),
        (0, "{verbosity:flag:9000}", "-vvv"),
        (-9, "{verbosity:flag}", "-qqq"),
        (1, "{verbosity:flag:-1}", ""),
        (0, "{verbosity:flag:{matrix:v}}", "-v"),
        (0, "{verbosity:flag:}", ""),
    ],
)
def test_verbosity_as_number_and_as_flag(verbosity: int, text: str, filled: str) -> None:
    assert fill(text, context(verbosity=verbosity)) == filled


def test_a_real_path_has_no_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    root = str(tmp_path / "link")
    assert fill("{root:real}", context(root=root)) == os.path.realpath(tmp_path / "real")
    assert fill("{root:parent:parent:real}", context(root=root)) == os.path.realpath(tmp_path.parent)


def test_a_root_as_windows_has_it_makes_an_address() -> None:
    assert fill("{root:uri}", context(root="C:/a b")) == "file:///C:/a%20b"


ALWAYS_WRONG = [
    ("{", "a brace has no partner in '{'"),
    ("a }", "a brace has no partner in 'a }'"),
    ("{args:{}", "a brace has no partner in '{args:{}'"),
    ("a {} b", "unknown placeholder '{}' in 'a {} b'"),
    ("{0}", "unknown placeholder '{0}' in '{0}'"),
    ("{:}", "unknown placeholder '{}' in '{:}'"),
    ("{nope}", "unknown placeholder '{nope}' in '{nope}'"),
    ("{ENV:HOME}", "unknown placeholder '{ENV:HOME}' in '{ENV:HOME}'"),
    ("{args!r}", "a placeholder cannot be converted with '!' in '{args!r}'"),
    ("{args[0]}", "unknown placeholder '{args[0]}' in '{args[0]}'"),
    ("{root.x}", "unknown placeholder '{root.x}' in '{root.x}'"),
    ("{root:bad}", "unknown modifier in '{root:bad}'"),
    ("{root:real:parent}", "unknown modifier in '{root:real:parent}'"),
    ("{home:parent:bad}", "unknown modifier in '{home:parent:bad}'"),
    ("{env}", "'{env}' needs the name of a variable"),
    ("{env:}", "'{env}' needs the name of a variable"),
    ("{matrix}", "'{matrix}' needs the name of a variable"),
    ("{verbosity:bar}", "unknown modifier in '{verbosity:bar}'"),
    ("{verbosity:flag:-1.0}", "unknown modifier in '{verbosity:flag:-1.0}'"),
    ("{args:{nope}}", "unknown placeholder '{nope}' in '{nope}'"),
]


@pytest.mark.parametrize(("text", "message"), ALWAYS_WRONG)
def test_what_is_wrong_whatever_the_context_is(text: str, message: str) -> None:
    with pytest.raises(FillError) as checked:
        check(text)
    assert checked.value.message == message
    assert checked.value.hint
    with pytest.raises(FillError) as filled:
        fill(text, context())
    assert filled.value.message == message


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{env:NONE}", "the environment variable 'NONE' is not set", "{env:NONE:DEFAULT}"),
        ("{env:NONE:{env:NONE2}}", "the environment variable 'NONE2' is not set", "{env:NONE2:DEFAULT}"),
        ("{matrix:none}", "'test.1' has no matrix variable 'none'", "{matrix:none:DEFAULT}"),
        ("{root:{env:A}}", "unknown modifier in '{root:one}'", "uri"),
    ],
)
def test_what_is_wrong_only_here(text: str, message: str, hint: str) -> None:
    check(text)
    with pytest.raises(FillError) as raised:
        fill(text, context())
    assert raised.value.message == message
    assert hint in raised.value.hint


def nested(depth: int) -> str:
    return "{env:NONE:" * depth + "x" + "}" * depth


def test_defaults_of_defaults_have_an_end() -> None:
    assert fill(nested(DEEPEST), context()) == "x"
    for wrong in (check, lambda text: fill(text, context())):
        with pytest.raises(FillError, match="more than 10 placeholders inside each other"):
            wrong(nested(DEEPEST + 1))


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("{args}", True),
        ("a {args:x}", True),
        ("{env:X:{args}}", True),
        ("{{args}}", False),
        ("args", False),
        ("{root}", False),
        ("", False),
    ],
)
def test_who_takes_arguments(text: str, takes: bool) -> None:
    assert takes_arguments(text) is takes


def test_the_fields_of_a_text() -> None:
    assert list(map(str, fields("a {env:X:{root}} {args}"))) == ["{env:X:{root}}", "{root}", "{args}"]
    assert list(fields("plain")) == []


@pytest.mark.parametrize("text", ["echo a && b {args}", "{root:uri}"])
def test_hosts_differ_only_by_what_they_say(host: Callable[..., Host], text: str) -> None:
    one, other = (Context(host("/r", platform=platform), {}) for platform in ("linux", "windows"))
    assert fill(text, one) == fill(text, other)
