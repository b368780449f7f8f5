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
