"""Scripts made of scripts."""

from __future__ import annotations

import pytest

from envtasks.declared import Function, Script
from envtasks.errors import FillError
from envtasks.resolve.scripts import DEEPEST, MOST_COMMANDS, Command, Words, expand, expand_command, words


def scripts(**written: str | list[str]) -> dict[str, Script]:
    return {name: Script((one,) if isinstance(one, str) else tuple(one)) for name, one in written.items()}


def shown(commands: tuple[Command, ...]) -> list[str]:
    return [f"- {one.text}" if one.ignore_exit_code else one.text for one in commands]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("a", (False, "a", "")),
        ("a b  c", (False, "a", "b  c")),
        ("- a b", (True, "a", "b")),
        ("-a", (False, "-a", "")),
        ("-", (False, "-", "")),
        ("- - a", (True, "-", "a")),
        ("  a", (False, "", " a")),
        ("-  a", (True, "", "a")),
        ("a\tb", (False, "a\tb", "")),
        ("", (False, "", "")),
    ],
)
def test_only_single_spaces_separate(text: str, taken: tuple[bool, str, str]) -> None:
    assert words(text) == Words(*taken)


TABLE = scripts(
    a="echo A {args:DEF}",
    b="a bee",
    c=["b cee", "echo C"],
    d="- c",
    e=["- a one", "a two"],
    f="- a",
    g="- a {args}",
    h="a {args:GG}",
    n="- f extra",
    own="own -q",
    ownchain=["own", "- own x"],
    chain="a && b",
    lead="  a",
    tab="a\tb",
    nothing=[],
    blank="",
    usesnothing=["nothing", "a"],
    prefix="-a",
    twice="- - a",
)


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("a", ["echo A {args:DEF}"]),
        ("b", ["echo A {args:DEF} bee"]),
        ("c", ["echo A {args:DEF} bee cee", "echo C"]),
        ("d", ["- echo A {args:DEF} bee cee", "- echo C"]),
        ("e", ["- echo A {args:DEF} one", "echo A {args:DEF} two"]),
        ("f", ["- echo A {args:DEF}"]),
        ("g", ["- echo A {args:DEF} {args}"]),
        ("h", ["echo A {args:DEF} {args:GG}"]),
        ("n", ["- echo A {args:DEF} extra"]),
        ("own", ["own -q"]),
        ("ownchain", ["own -q", "- own -q x"]),
        ("chain", ["echo A {args:DEF} && b"]),
        ("lead", ["  a"]),
        ("tab", ["a\tb"]),
        ("nothing", []),
        ("blank", [""]),
        ("usesnothing", ["echo A {args:DEF}"]),
        ("prefix", ["-a"]),
        ("twice", ["- - a"]),
    ],
)
def test_scripts_become_flat_lists(name: str, commands: list[str]) -> None:
    assert shown(expand(name, TABLE)) == commands


def test_a_hyphen_inside_stays() -> None:
    table = scripts(foo="command3", baz=["command5", "- bar", "foo", "command1"], bar=["command4", "- foo", "command2"])
    assert shown(expand("baz", table)) == [
        "command5",
        "- command4",
        "- command3",
        "- command2",
        "command3",
        "command1",
    ]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("- b x", ["- echo A {args:DEF} bee x"]),
        ("other b", ["other b"]),
        ("- other", ["- other"]),
        ("own y", ["own -q y"]),
    ],
)
def test_a_command_may_name_a_script(text: str, commands: list[str]) -> None:
    assert shown(expand_command(text, TABLE)) == commands


@pytest.mark.parametrize(
    ("table", "name", "circle"),
    [
        (scripts(a="b", b="a"), "a", "a -> b -> a"),
        (scripts(a="- b x", b="c", c="b"), "a", "b -> c -> b"),
        (scripts(a=["a", "b"], b="a"), "a", "a -> b -> a"),
    ],
)
def test_a_circle_is_told_with_its_way(table: dict[str, Script], name: str, circle: str) -> None:
    with pytest.raises(FillError, match=f"scripts go in a circle: {circle}$"):
        expand(name, table)


def test_scripts_inside_scripts_have_an_end() -> None:
    table = scripts(**{f"s{number}": f"s{number + 1}" for number in range(DEEPEST)}, **{f"s{DEEPEST}": "end"})
    assert shown(expand("s1", table)) == ["end"]
    with pytest.raises(FillError, match=f"more than {DEEPEST} scripts inside each other, beginning with 's0'"):
        expand("s0", table)


def test_commands_have_an_end() -> None:
    table = scripts(a=["x"] * 100, b=["a"] * 100, c=["b", "x"])
    assert len(expand("b", table)) == MOST_COMMANDS
    with pytest.raises(FillError, match=f"'c' comes to more than {MOST_COMMANDS} commands"):
        expand("c", table)


def call() -> None: ...


def test_a_function_can_be_part_of_a_chain() -> None:
    seed = Function(call, "seed", "envfile.py", 1, "")
    table = {
        **scripts(chain=["- seed --fast {args}", "x"], around="chain y"),
        "seed": Script(function=seed, env_vars=(("A", "1"),)),
    }
    given = (("A", "1"),)
    assert expand("seed", table) == (Command("", env_vars=given, function=seed),)
    assert expand("chain", table) == (Command("--fast {args}", True, given, function=seed), Command("x"))
    assert expand("around", table) == (Command("--fast {args} y", True, given, function=seed), Command("x y"))


def test_commands_carry_what_their_script_asks_for() -> None:
    table = {
        "leaf": Script(("x",), env_vars=(("A", "leaf"),), cwd="inner"),
        "plain": Script(("y",)),
        "outer": Script(("leaf", "plain"), env_vars=(("A", "outer"), ("B", "1")), cwd="docs"),
    }
    assert expand("outer", table) == (
        Command("x", env_vars=(("A", "outer"), ("B", "1"), ("A", "leaf")), cwd="inner"),
        Command("y", env_vars=(("A", "outer"), ("B", "1")), cwd="docs"),
    )
