"""Quantities as people write them: read `1 h 30 min`, convert, and write them back.

The units stand in `units.toml` beside this file: one table for each dimension, each unit with
its size in the first one.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import tomli

__all__ = ["Quantity", "UnknownUnit", "parse", "units"]

PART = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[^\W\d]+)")


class UnknownUnit(ValueError):
    """A unit that stands in no table, or not in the table of the dimension at hand."""


class Quantity(NamedTuple):
    """An amount of a dimension, in the first unit of that dimension."""

    amount: float
    dimension: str

    def to(self, unit: str) -> float:
        """The amount in another unit of the same dimension."""
        return self.amount / size(unit, self.dimension)

    def __str__(self) -> str:
        """The quantity in its largest unit that leaves at least one, then the rest in smaller ones."""
        left, words = self.amount, []
        for unit, one in sorted(units()[self.dimension].items(), key=lambda item: -item[1]):
            whole = int(left / one)
            if whole:
                words.append(f"{whole} {unit}")
                left -= whole * one
        return " ".join(words) or f"0 {next(iter(units()[self.dimension]))}"


@cache
def units() -> dict[str, dict[str, float]]:
    """The units of each dimension, with their sizes."""
    return tomli.loads(files(__name__).joinpath("units.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Quantity:
    """The quantity that a text such as `1 h 30 min` or `2.5 KiB` stands for.

    Raises ValueError for what is no quantity, and UnknownUnit for a unit that is in no table or
    does not go with those before it.
    """
    position, amount, dimension = 0, 0.0, ""
    while position < len(text.rstrip()):
        part = PART.match(text, position)
        if part is None:
            raise ValueError(f"not a quantity: {text!r}")
        dimension = dimension or dimension_of(part["unit"])
        amount += float(part["number"]) * size(part["unit"], dimension)
        position = part.end()
    if not dimension:
        raise ValueError("not a quantity: the text is empty")
    return Quantity(amount, dimension)


def dimension_of(unit: str) -> str:
    for dimension, sizes in units().items():
        if unit in sizes:
            return dimension
    raise UnknownUnit(f"unknown unit: {unit!r}")


def size(unit: str, dimension: str) -> float:
    try:
        return units()[dimension][unit]
    except KeyError:
        raise UnknownUnit(f"{unit!r} is no unit of {dimension}") from None
