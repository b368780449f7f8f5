"""Named tuples that are cheap to declare: those of `typing` would be a sixth of every start.

For type checkers they are those of `typing`. Annotations are never evaluated, so a module that declares some begins
with `from __future__ import annotations`.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["NamedTuple"]


class Declaring(type):
    """Makes each annotation of a class a field; the class is made once and for all, as later changes of it are slow."""

    _fields: tuple[str, ...]
    _field_defaults: dict[str, Any]

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Declaring:
        fields = tuple(body.get("__annotations__", ()))
        body["_fields"] = body["__match_args__"] = fields
        body["_field_defaults"] = {field: body[field] for field in fields if field in body}
        body["__slots__"] = ()
        body.update((field, property(itemgetter(index))) for index, field in enumerate(fields))
        return super().__new__(cls, name, bases, body)


class Named(tuple[Any, ...], metaclass=Declaring):
    __slots__ = ()

    def __new__(cls, *values: Any, **named: Any) -> Self:
        if named or len(values) != len(cls._fields):
            values += rest(cls, len(values), named)
        return tuple.__new__(cls, values)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(type(self)._fields, self, strict=True))

    def _replace(self, **changes: Any) -> Self:
        return type(self)(**{**self._asdict(), **changes})


def rest(cls: Declaring, count: int, named: dict[str, Any]) -> tuple[Any, ...]:
    """The values of all but the first fields: those that are named, else defaults."""
    missing, values = cls._fields[count:], {**cls._field_defaults, **named}
    if count > len(cls._fields) or not named.keys() <= set(missing) <= values.keys():
        raise TypeError(f"{cls.__name__} is made of: {', '.join(cls._fields)}")
    return tuple([values[field] for field in missing])


if TYPE_CHECKING:
    from typing import NamedTuple
else:
    NamedTuple = Named
