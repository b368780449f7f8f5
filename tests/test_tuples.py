"""Our named tuples, against those of `typing`."""

from __future__ import annotations

import typing
from copy import copy
from pickle import dumps, loads
from typing import Any

import pytest

from envtasks.tuples import NamedTuple


class Theirs(typing.NamedTuple):
    name: str
    size: int = 1
    parts: tuple[str, ...] = ()

    @property
    def double(self) -> int:
        return self.size * 2


class Ours(NamedTuple):
    name: str
    size: int = 1
    parts: tuple[str, ...] = ()

    @property
    def double(self) -> int:
        return self.size * 2


def made(kind: type[Any], *values: Any, **named: Any) -> Any:
    return kind(*values, **named)


@pytest.mark.parametrize(
    ("values", "named"),
    [(("a",), {}), (("a", 2), {"parts": ("b",)}), (("a", 2, ()), {}), ((), {"size": 3, "name": "a"})],
)
def test_are_made_and_read_the_same(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, theirs = made(Ours, *values, **named), made(Theirs, *values, **named)
    assert tuple(ours) == tuple(theirs)
    assert (ours.name, ours.size, ours.parts, ours.double) == (theirs.name, theirs.size, theirs.parts, theirs.double)
    assert ours._asdict() == theirs._asdict()
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert tuple(ours._replace(size=9)) == tuple(theirs._replace(size=9))
    assert hash(ours) == hash(theirs)


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), (("a", 1, (), 4), {}), (("a",), {"name": "b"}), (("a",), {"other": 1}), ((), {"size": 1})],
)
def test_are_refused_the_same(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            made(kind, *values, **named)


def test_their_fields() -> None:
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults


def test_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        made(Ours, "a").name = "b"
    with pytest.raises(AttributeError):
        made(Ours, "a").other = "b"


def test_copies_are_equal() -> None:
    one = Ours("a", parts=("b",))
    for again in (copy(one), loads(dumps(one))):
        assert again == one
        assert type(again) is Ours
