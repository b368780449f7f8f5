"""`parametrize` and `param`, with nox as the judge of what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from nox._parametrize import Param as NoxParam
from nox._parametrize import parametrize_decorator

from envtasks.declare.declarations import POINTS
from envtasks.declare.parametrizing import Param, param, parametrize
from envtasks.declared import Point, Value
from envtasks.errors import InvalidDeclarations
from envtasks.resolve.spellings import spellings
from envtasks.testing import declared, performed


class Thing:
    def __str__(self) -> str:
        return "thing"


def call() -> None: ...


def decorated(*decorators: Callable[[Any], Any]) -> Any:
    """A function with these decorators, the last one next to it."""

    def task() -> None: ...

    decorated: Any = task
    for one in reversed(decorators):
        decorated = one(decorated)
    return decorated


def points(*decorators: Callable[[Any], Any]) -> tuple[Point, ...]:
    found: tuple[Point, ...] = getattr(decorated(*decorators), POINTS)
    return found


CASES: list[list[tuple[Any, ...]]] = [
    [("a", ["1", "2"])],
    [("a", "1")],
    [("a", 5)],
    [("a", (1, None, True, 2.5, "x y"))],
    [("a", range(2))],
    [("a,b", [(1, 2), (3, 4)])],
    [("a , b", [[1, "x"]])],
    [(["a", "b"], [(1, 2)])],
    [(("a",), [1, 2])],
    [("a", [1, 2], ["one", "two"])],
    [("a", [1, 2], ["one"])],
    [("a", [1, 2], [None, "two"])],
    [("a", [1, 2], None, [["x"], ["y", "z"]])],
    [("a", [1]), ("b", [2, 3])],
    [("a", [1, 2]), ("b", [3, 4])],
    [("a", [1], ["one"]), ("b", [2, 3]), ("c", ["x"], None, [["t"]])],
    [("a", [("tuple", 1)]), ("b", [])],
    [("python", ["3.11", "3.12"]), ("a", ["1"])],
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_calls_are_those_of_nox_in_its_order(case: list[tuple[Any, ...]]) -> None:
    ours = points(*(parametrize(*arguments) for arguments in case))
    theirs = decorated(*(parametrize_decorator(*arguments) for arguments in case)).parametrize
    assert [point.spelled for point in ours] == [str(one) for one in theirs]
    assert [list(point.tags) for point in ours] == [one.tags for one in theirs]
    assert [given(point) for point in ours] == [one.call_spec for one in theirs]


def given(point: Point) -> dict[str, Any]:
    return {name: value.given if isinstance(value, Value) else value for name, value in point.variables}


def test_params_are_those_of_nox() -> None:
    def rows(one: Callable[..., Any]) -> list[Any]:
        return [one(1, "x", id="old", tags=["slow"]), (2, "y"), one(3, "z")]

    ours = points(parametrize("a,b", rows(param)))
    theirs = decorated(parametrize_decorator("a,b", rows(NoxParam))).parametrize
    assert [point.spelled for point in ours] == [str(one) for one in theirs] == ["old", "a=2, b='y'", "a=3, b='z'"]
    assert [list(point.tags) for point in ours] == [one.tags for one in theirs]


def test_a_single_param() -> None:
    assert points(parametrize("a,b", param(1, 2))) == points(parametrize("a,b", [(1, 2)]))
    assert points(parametrize("a", param(1))) == points(parametrize("a", [1]))


@pytest.mark.parametrize(
    ("decorators", "names"),
    [
        ([parametrize("a", [1, 2], ["one"])], ["one", ""]),
        ([parametrize("a", [1]), parametrize("b", [2])], [""]),
        ([parametrize("a", [1], ["one"]), parametrize("b", [2])], ["2-one"]),
        ([parametrize("a", [1]), parametrize("b,c", [(2, 3)], ["x"])], ["x-1"]),
    ],
)
def test_an_id_stands_in_names(decorators: list[Callable[[Any], Any]], names: list[str]) -> None:
    assert [point.name for point in points(*decorators)] == names


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (1, "1"),
        (None, "None"),
        ("", "''"),
        ([], "[]"),
        (Thing(), "thing"),
        (Thing, "Thing"),
        (call, "call"),
    ],
)
def test_values_have_a_text(value: Any, text: str) -> None:
    (point,) = points(parametrize("a", [value]))
    assert point.variables == (("a", text),)
    assert given(point) == {"a": value}


def ones() -> Iterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a,b", [(1, 2), (3,)]), r"'a', 'b' cannot be \(3,\)"),
        (("a", [Param(1, 2)]), r"'a' cannot be \(1, 2\)"),
        (("a,b", [1, 2]), r"'a', 'b' cannot be \[1, 2\]"),
        (("a,b", 3), "'a', 'b' cannot be 3"),
        (("", [1]), "no variable is named"),
        (("a", ones(), ["x", "y"]), "there are 2 ids for 1 values"),
        (("a", [1], None, [["x"], ["y"]]), "there are 2 lists of tags for 1 values"),
    ],
)
def test_values_that_do_not_match(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InvalidDeclarations, match=message) as raised:
        parametrize(*arguments)
    (mistake,) = raised.value.mistakes
    assert mistake.where.file == __file__


@pytest.mark.parametrize(
    ("decorators", "names"),
    [
        ([parametrize("a", [1, "1", 2])], ["1", "'1'", ""]),
        ([parametrize("a", [None, "None"], ["none"])], ["none", ""]),
        ([parametrize("a,b", [(1, "x"), ("1", "x"), (1, "y")])], ["1-'x'", "'1'-'x'", ""]),
        ([parametrize("a", [1, "1"]), parametrize("b", [2])], ["2-1", "2-'1'"]),
        ([parametrize("a", [1, 1])], ["", ""]),
        ([parametrize("a", [lambda: 1, lambda: 2])], ["", ""]),
    ],
)
def test_values_that_are_written_alike_have_names(decorators: list[Callable[[Any], Any]], names: list[str]) -> None:
    assert [point.name for point in points(*decorators)] == names


LISTED = {
    "written alike": ('@env\n@parametrize("x", [1, "1"])', ["t.1", "t.'1'"], ["t(x=1)", "t(x='1')"]),
    "lines": ('@env\n@parametrize("x", [param("a\\nb", id="one"), 2])', ["t.one", "t.2"], ["t(one)", "t(x=2)"]),
    "several lines": (
        '@env\n@parametrize("x", ["a\\nb"], ["one"])\n@parametrize("y", [1, 2])',
        ["t.1-one", "t.2-one"],
        ["t(y=1, one)", "t(y=2, one)"],
    ),
    "no values": ('@env\n@parametrize("x", [])', [], []),
    "Pythons that repeat": (
        '@env(python=["3.13", "3.12", "3.13"])',
        ["t.py3.13", "t.py3.12"],
        ["t-3.13", "t-3.12"],
    ),
    "no Python": ("@env(python=[])", [], []),
    "no Python for values": ('@env(python=[])\n@parametrize("x", [1])', [], []),
}


@pytest.mark.parametrize("case", LISTED)
def test_what_nox_users_parametrize_is_listed(case: str) -> None:
    decorators, names, spelled = LISTED[case]
    tasks = declared(
        envfile=f"from envtasks import *\n{decorators}\ndef t(session, **values): session.log(repr(values))\n"
    )
    assert [one.name for one in tasks.sessions] == names
    assert [spellings(one)[0] for one in tasks.sessions] == spelled
    for name in (*names, *spelled):
        assert performed(tasks, name).passed


def test_each_gets_the_value_that_its_name_tells() -> None:
    tasks = declared(
        envfile="""
        from envtasks import env, param, parametrize

        @env(python=False)
        @parametrize("x", [1, "1", param("a\\nb", id="lines")])
        def t(session, x):
            session.log(repr(x))
        """
    )
    names = ("t.1", "t.'1'", "t(x=1)", "t(x='1')", "t(lines)")
    said = [performed(tasks, name).said for name in names]
    assert said == [("1",), ("'1'",), ("1",), ("'1'",), (r"'a\nb'",)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('"x", ["a\\nb"]', "cannot be part of a name"),
        ('"x", [1], ["a\\nb"]', "cannot be part of a name"),
        ('"x", [1, 1]', "'1' stands here twice"),
        ('"x", [len, len]', "'len' stands here twice"),
        ('"x", [lambda: 1, lambda: 2]', "'<lambda>' stands here twice"),
    ],
)
def test_what_has_no_name_is_told(arguments: str, message: str) -> None:
    envfile = f"from envtasks import env, parametrize\n@env\n@parametrize({arguments})\ndef t(session, x): ..."
    with pytest.raises(InvalidDeclarations, match=message):
        declared(envfile=envfile)
