"""What a task function takes on the command line: its parameters after the session that are no matrix variables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, ForwardRef, Literal, Union, get_args, get_origin

from envtasks.declare.arguments import faults
from envtasks.declared import Argument, Texts
from envtasks.errors import ParameterError
from envtasks.resolve.parameters import TAKES_MORE, bound, parameters, takes_keywords, with_default, within
from envtasks.tuples import NamedTuple

#: The types that one word can be, those of paths and choices apart.
PLAIN = ((str, "str"), (int, "int"), (float, "float"), (bool, "bool"))
SEVERAL = (list, tuple, Sequence, Iterable, Collection)
SUPPORTED = "use str, int, float, bool, Path, Literal or an Enum; list, Sequence or tuple[T, ...] of these; or any of them | None"
MISSING = object()


class Parameter(NamedTuple):
    """One parameter of a task function; ``annotation`` and ``default`` may be MISSING."""

    name: str
    annotation: Any = MISSING
    default: Any = MISSING
    option: bool = False
    starred: bool = False


class Typed(NamedTuple):
    """What an annotation asks for; the fields are those of an argument."""

    type: str = "str"
    choices: Texts = ()
    values: tuple[Any, ...] = ()
    made_by: Callable[[str], Any] | None = None
    many: bool = False
    frozen: bool = False
    optional: bool = False


def arguments_of(function: Callable[..., Any], taken: Collection[str]) -> tuple[Argument, ...]:
    """The arguments of a task function; ``taken`` are the parameters that get their values otherwise.

    ParameterError for a parameter that no words can fill, and for one that stands where it never gets any.
    """
    function = within(function)
    asked = [one for one in parameters_of(function) if one.name not in taken]
    if not asked:
        return ()
    told = descriptions(function.__doc__ or "")
    read = tuple(argument(one, function, told.get(one.name, "")) for one in asked)
    for one, message, hint in faults(read):
        raise ParameterError(f"{message}, in the function '{function.__name__}' ({one.parameter})", hint=hint)
    return read


def parameters_of(function: Callable[..., Any]) -> Iterator[Parameter]:
    """The parameters after the session; those of a function that only passes on what it is given count for nothing."""
    names = parameters(function)
    star = starred(function)
    if not names and star is None:
        return
    code = function.__code__
    options = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    defaults = defaults_of(function)
    annotations = annotations_of(function)
    for name in names:
        yield Parameter(name, annotations.get(name, MISSING), defaults.get(name, MISSING), option=name in options)
    if star is not None and (star in annotations or not takes_keywords(function)):
        yield Parameter(star, annotations.get(star, MISSING), starred=True)


def starred(function: Callable[..., Any]) -> str | None:
    """The name of `*names`, unless it is what takes the session."""
    code = getattr(function, "__code__", None)
    if code is None or not code.co_flags & TAKES_MORE or code.co_argcount <= bound(function):
        return None
    name: str = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
    return name


def defaults_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The parameters that have a default, with it."""
    places = zip(with_default(function), getattr(function, "__defaults__", None) or (), strict=True)
    return {**dict(places), **(getattr(function, "__kwdefaults__", None) or {})}


def annotations_of(function: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = getattr(function, "__annotations__", None) or {}
    except Exception as error:  # noqa: BLE001 - since Python 3.14 they are code that runs only now
        message = f"the types of the parameters of '{function.__name__}' cannot be told: {error}"
        raise ParameterError(message, hint=IMPORT_HINT) from None
    return found


IMPORT_HINT = "import it where the envfile runs, not under TYPE_CHECKING"


def argument(one: Parameter, function: Callable[..., Any], description: str) -> Argument:
    typed = typed_by(one, function)
    many, flag = typed.many or one.starred, typed.type == "bool"
    missing = one.default is MISSING
    default: Any = None if missing else one.default
    if missing and flag and not typed.optional:
        default = False
    elif one.starred or (many and isinstance(default, (list, tuple))):
        default = tuple(default or ())
    return Argument(
        name=one.name.strip("_").replace("_", "-") or one.name,
        type=typed.type,
        option=flag or one.option,
        required=missing and not (flag or typed.optional or one.starred),
        default=default,
        many=many,
        choices=typed.choices,
        values=typed.values,
        description=description,
        parameter=one.name,
        starred=one.starred,
        frozen=typed.frozen or one.starred,
        made_by=typed.made_by,
    )


def typed_by(one: Parameter, function: Callable[..., Any]) -> Typed:
    """What a parameter asks for: by its annotation, or by its default where it has none."""
    annotation = one.annotation
    try:
        if annotation is MISSING or evaluated(annotation, function) is Any:
            return of_default(one.default)
        typed = of_annotation(annotation, function)
    except Exception as error:  # noqa: BLE001 - an annotation is code of the envfile, and may do anything
        message = f"the type {written(annotation)} of the parameter '{one.name}' of '{function.__name__}'"
        raise ParameterError(f"{message} cannot be told: {error}", hint=IMPORT_HINT) from None
    if typed is None or (one.starred and (typed.many or typed.type == "bool")):
        message = f"no words can give the parameter '{one.name}' of '{function.__name__}' its type"
        raise ParameterError(f"{message}, {written(annotation)}", hint=SUPPORTED)
    return typed


def written(annotation: Any) -> str:
    """An annotation as it may have been written, in quotes."""
    plain = isinstance(annotation, type) and not get_origin(annotation)
    text = annotation.__qualname__ if plain else str(annotation).strip("'\"")
    return f"'{text}'"


def evaluated(annotation: Any, function: Callable[..., Any]) -> Any:
    """An annotation that is text as what it stands for where the function was written."""
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    if not isinstance(text, str):
        return text
    return evaluated(eval(text, function.__globals__), function)  # noqa: S307 - it is code of the envfile


def of_default(default: Any) -> Typed:
    """What a default tells of the parameter that has it; any text where it tells nothing."""
    several = isinstance(default, (list, tuple))
    one = next(iter(default), None) if several else default
    typed = of_type(type(one)) if not isinstance(one, (list, tuple)) else None
    if typed is None or (several and typed.type == "bool"):
        typed = Typed()
    return typed._replace(many=several, frozen=isinstance(default, tuple))


def of_annotation(annotation: Any, function: Callable[..., Any]) -> Typed | None:
    """What an annotation asks for, or None where no words can give it."""
    annotation = evaluated(annotation, function)
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return of_annotation(inside[0], function)
    if origin in {Union, UnionType}:
        kinds = [one for one in inside if one is not NoneType]
        typed = of_annotation(kinds[0], function) if len(kinds) == 1 else None
        return typed and typed._replace(optional=len(kinds) < len(inside))
    if origin is Literal:
        return of_literal(inside)
    several = origin or annotation
    if any(several is one for one in SEVERAL):
        return of_several(several, inside, function)
    return of_type(annotation) if origin is None and isinstance(annotation, type) else None


def of_several(container: Any, inside: tuple[Any, ...], function: Callable[..., Any]) -> Typed | None:
    if container is tuple and inside and inside[1:] != (...,):
        return None
    typed = of_annotation(inside[0], function) if inside else Typed()
    if typed is None or typed.many or typed.optional or typed.type == "bool":
        return None
    return typed._replace(many=True, frozen=container is tuple)


def of_literal(values: tuple[Any, ...]) -> Typed | None:
    kinds = {type(value) for value in values}
    if kinds not in ({str}, {int}):
        return None
    return Typed("int" if kinds == {int} else "str", choices=tuple(map(str, values)), values=values)


def of_type(kind: type) -> Typed | None:
    """What a class asks for; those of paths are told by their name, to do without loading `pathlib`."""
    for known, name in PLAIN:
        if kind is known:
            return Typed(name)
    if issubclass(kind, Enum):
        members = {name.lower().replace("_", "-"): member for name, member in kind.__members__.items()}
        return Typed(choices=tuple(members), values=tuple(members.values())) if members else None
    if any(one.__name__ == "PurePath" and one.__module__.startswith("pathlib") for one in kind.__mro__):
        return Typed("path", made_by=kind)
    return None


def descriptions(doc: str) -> dict[str, str]:
    """What the section `Args:` of a docstring says of each parameter."""
    found: dict[str, list[str]] = {}
    section = entry = -1
    texts: list[str] = []
    for line in doc.expandtabs().splitlines() if "Args:" in doc else ():
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if text == "Args:":
            section, entry = indent, -1
        elif section < 0 or not text:
            continue
        elif indent <= section:
            section = -1
        elif entry in {-1, indent}:
            entry = indent
            name, _, first = text.partition(":")
            texts = found.setdefault(name.partition("(")[0].strip().lstrip("*"), [])
            texts.append(first.strip())
        else:
            texts.append(text)
    return {name: " ".join(filter(None, lines)) for name, lines in found.items()}


def placed(
    function: Callable[..., Any], values: Mapping[str, Any], extra: tuple[Any, ...]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What to call a function with after the session: values by place where more follow for `*names`, else by name."""
    if not extra:
        return (), dict(values)
    function = within(function)
    code = function.__code__
    known = {**defaults_of(function), **values}
    places = code.co_varnames[bound(function) + 1 : code.co_argcount]
    return (
        (*(known[name] for name in places), *extra),
        {name: value for name, value in values.items() if name not in places},
    )
