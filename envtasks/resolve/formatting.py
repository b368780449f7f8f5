"""Filling placeholders: `{root}`, `{env:NAME:default}`, `{matrix:variable}`, `{args}` and the others.

The syntax is that of `str.format`, with a modifier after the first colon instead of a format. A default is
looked at only when it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from string import Formatter

from envtasks.errors import FillError, nearest
from envtasks.model import Host
from envtasks.tuples import NamedTuple

#: Placeholders inside placeholders, as deep as Hatch goes.
DEEPEST = 10


class Context(NamedTuple):
    """What placeholders may refer to.

    ``environ`` is what `{env:...}` sees; ``arguments`` is shell text, or None where none were given; ``given`` has for
    each declared argument of a script the shell text that `{arg:NAME}` becomes.
    """

    host: Host
    environ: Mapping[str, str]
    env_name: str = ""
    env_type: str = ""
    variant: Mapping[str, str] = {}
    arguments: str | None = None
    given: Mapping[str, str] = {}


class Field(NamedTuple):
    """One placeholder: its name and the text after the first colon."""

    name: str
    modifier: str

    def __str__(self) -> str:
        return f"{{{self.name}:{self.modifier}}}" if self.modifier else f"{{{self.name}}}"


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[str | Field, ...]:
    """The literal texts and placeholders of a text; FillError when it cannot be read."""
    parts: list[str | Field] = []
    try:
        for literal, name, modifier, conversion in Formatter().parse(text):
            if literal:
                parts.append(literal)
            if name is not None:
                if conversion is not None:
                    raise FillError(f"a placeholder cannot be converted with '!' in {text!r}", hint=BRACES_HINT)
                parts.append(Field(name, modifier or ""))
    except ValueError:
        raise FillError(f"a brace has no partner in {text!r}", hint=BRACES_HINT) from None
    for part in parts:
        if isinstance(part, Field) and part.name not in FIELDS:
            raise FillError(f"unknown placeholder '{part}' in {text!r}", hint=BRACES_HINT)
    return tuple(parts)


BRACES_HINT = "write {{ and }} for braces that are meant as such"


def fill(text: str, context: Context, depth: int = 0) -> str:
    """The text with its placeholders filled; FillError when one has no value."""
    if "{" not in text and "}" not in text:
        return text
    if depth >= DEEPEST:
        raise FillError(f"more than {DEEPEST} placeholders inside each other", hint="use fewer defaults of defaults")
    return "".join(FIELDS[part.name](part, context, depth) if isinstance(part, Field) else part for part in parse(text))


def check(text: str, depth: int = 0) -> None:
    """Raise FillError for what is wrong with a text whatever the context is."""
    if "{" not in text and "}" not in text:
        return
    if depth >= DEEPEST:
        fill(text, Context(Host("", "", "", {}), {}), depth)
    for part in parse(text):
        if isinstance(part, Field):
            for piece in split(part.modifier):
                check(piece, depth + 1)
            checker = CHECKS.get(part.name)
            if checker is not None and "{" not in part.modifier:
                checker(part)


def split(modifier: str) -> list[str]:
    """The pieces between those colons that are in no placeholder of their own."""
    pieces, start, nesting = [], 0, 0
    for index, char in enumerate(modifier):
        if char == "{":
            nesting += 1
        elif char == "}":
            nesting -= 1
        elif char == ":" and nesting == 0:
            pieces.append(modifier[start:index])
            start = index + 1
    pieces.append(modifier[start:])
    return pieces


def value_or_default(
    field: Field, values: Mapping[str, str], context: Context, depth: int, missing: Callable[[str], str]
) -> str:
    """The value of `NAME`, or of `NAME:DEFAULT` where there is none; the default may hold colons.

    ``missing`` says of a name that it has no value.
    """
    named_checked(field)
    spelled = split(field.modifier)[0]
    name = fill(spelled, context, depth + 1)
    value = values.get(name)
    if value is not None:
        return value
    if len(field.modifier) == len(spelled):
        near = nearest(name, tuple(values)) if field.name == "matrix" else ""
        raise FillError(missing(name), hint=near or f"give a default: {{{field.name}:{name}:DEFAULT}}")
    return fill(field.modifier[len(spelled) + 1 :], context, depth + 1)


def named_checked(field: Field) -> None:
    if not field.modifier:
        spelled = f"{{{field.name}"
        raise FillError(
            f"'{field}' needs the name of a variable", hint=f"write {spelled}:NAME}} or {spelled}:NAME:DEFAULT}}"
        )


def path_checked(field: Field) -> tuple[int, str]:
    """How many parents to go up, and the last modifier: `uri`, `real` or nothing."""
    modifiers = field.modifier.split(":") if field.modifier else []
    parents = 0
    while parents < len(modifiers) and modifiers[parents] == "parent":
        parents += 1
    rest = modifiers[parents:]
    if len(rest) > 1 or (rest and rest[0] not in ("uri", "real", "")):
        raise FillError(
            f"unknown modifier in '{field}'", hint="a path takes any number of 'parent', then one of 'uri' and 'real'"
        )
    return parents, rest[0] if rest else ""


def fill_path(path: str, field: Field, context: Context, depth: int) -> str:
    parents, last = path_checked(Field(field.name, fill(field.modifier, context, depth + 1)))
    for _ in range(parents):
        path = os.path.dirname(path)
    if last == "real":
        return os.path.realpath(path)
    if last == "uri":
        slashed = path.replace(os.sep, "/").replace(" ", "%20")
        return f"file://{slashed}" if slashed.startswith("/") else f"file:///{slashed}"
    return path


def fill_root(field: Field, context: Context, depth: int) -> str:
    return fill_path(context.host.root, field, context, depth)


def fill_home(field: Field, context: Context, depth: int) -> str:
    return fill_path(context.host.home, field, context, depth)


def fill_env(field: Field, context: Context, depth: int) -> str:
    return value_or_default(
        field, context.environ, context, depth, lambda name: f"the environment variable '{name}' is not set"
    )


def fill_matrix(field: Field, context: Context, depth: int) -> str:
    return value_or_default(
        field, context.variant, context, depth, lambda name: f"'{context.env_name}' has no matrix variable '{name}'"
    )


def fill_args(field: Field, context: Context, depth: int) -> str:
    if context.arguments is not None:
        return context.arguments
    return fill(field.modifier, context, depth + 1)


def fill_arg(field: Field, context: Context, depth: int) -> str:
    argument_checked(field)
    name = fill(field.modifier, context, depth + 1)
    if name not in context.given:
        reason, hint = no_argument(name, tuple(context.given))
        raise FillError(reason, hint=hint)
    return context.given[name]


def no_argument(name: str, known: tuple[str, ...]) -> tuple[str, str]:
    """That a script has no argument of this name, and what to do."""
    return f"the script has no argument '{name}'", nearest(name, known) or "declare it in the 'args' of the script"


def argument_checked(field: Field) -> None:
    if not field.modifier:
        raise FillError(f"'{field}' needs the name of an argument", hint="write {arg:NAME}")
    if len(split(field.modifier)) > 1:
        raise FillError(f"'{field}' can hold a name only", hint="a default stands with the argument, in 'args'")


def fill_verbosity(field: Field, context: Context, depth: int) -> str:
    adjust = verbosity_checked(Field(field.name, fill(field.modifier, context, depth + 1)))
    if adjust is None:
        return str(context.host.verbosity)
    level = max(-3, min(3, context.host.verbosity + adjust))
    return "" if level == 0 else "-" + ("v" * level or "q" * -level)


def verbosity_checked(field: Field) -> int | None:
    """How much to add for `{verbosity:flag:N}`; None for a plain `{verbosity}`."""
    kind, _, adjust = field.modifier.partition(":")
    if not kind:
        return None
    try:
        if kind == "flag":
            return int(adjust or 0)
    except ValueError:
        pass
    raise FillError(f"unknown modifier in '{field}'", hint="write {verbosity}, {verbosity:flag} or {verbosity:flag:N}")


FIELDS: dict[str, Callable[[Field, Context, int], str]] = {
    "root": fill_root,
    "home": fill_home,
    "/": lambda _field, _context, _depth: os.sep,
    ";": lambda _field, _context, _depth: os.pathsep,
    "env": fill_env,
    "matrix": fill_matrix,
    "args": fill_args,
    "arg": fill_arg,
    "verbosity": fill_verbosity,
    "env_name": lambda _field, context, _depth: context.env_name,
    "env_type": lambda _field, context, _depth: context.env_type,
}

#: What can be said of a placeholder without knowing the context.
CHECKS: dict[str, Callable[[Field], object]] = {
    "root": path_checked,
    "home": path_checked,
    "env": named_checked,
    "matrix": named_checked,
    "arg": argument_checked,
    "verbosity": verbosity_checked,
}


def takes_arguments(text: str) -> bool:
    """Whether `{args}` stands in the text, also as a default of something else."""
    return "{args" in text and any(field.name == "args" for field in fields(text))


def fields(text: str) -> Iterator[Field]:
    """Every placeholder of a text, those in modifiers included."""
    if "{" in text:
        for part in parse(text):
            if isinstance(part, Field):
                yield part
                yield from fields(part.modifier)
