"""The parameters of a function, as its code object tells them: `inspect` knows more, and is slow to import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from envtasks.declared import Texts

#: What `__code__.co_flags` says of a function that takes any number of positional arguments, and of keywords.
TAKES_MORE, TAKES_KEYWORDS = 0x04, 0x08


def within(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function that a decorator passes everything on to, as `functools.wraps` tells; most are that themselves."""
    met = set()
    while takes_keywords(function) and not parameters(function) and not bound(function) and id(function) not in met:
        met.add(id(function))
        function = getattr(function, "__wrapped__", function)
    return function


def takes_keywords(function: Callable[..., Any]) -> bool:
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & TAKES_KEYWORDS)


def takes_session(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    return code is None or bool(code.co_argcount > bound(function) or code.co_flags & TAKES_MORE)


def bound(function: Callable[..., Any]) -> int:
    """How many arguments a function was given already: a method has its object."""
    return int(getattr(function, "__self__", None) is not None)


def parameters(function: Callable[..., Any]) -> Texts:
    """The parameters after the first that can be given by name; none where nothing is known of them."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ()
    names: Texts = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names[max(min(bound(function) + 1, code.co_argcount), code.co_posonlyargcount) :]


def required_by_place(function: Callable[..., Any]) -> Texts:
    """The parameters after the first that have no default and cannot be given by name."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ()
    places: Texts = code.co_varnames[bound(function) + 1 : code.co_posonlyargcount]
    return tuple(name for name in places if name not in with_default(function))


def with_default(function: Callable[..., Any]) -> Texts:
    """The positional parameters that have a default."""
    code, defaults = getattr(function, "__code__", None), getattr(function, "__defaults__", None)
    if code is None or not defaults:
        return ()
    names: Texts = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    return names
