"""Reading the arguments of a script: `args`, a table with one entry for each; and what is wrong with their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envtasks.declare.reading import MOST_SHOWN, Reader, expected, flag, table, text
from envtasks.declared import Argument, Texts
from envtasks.errors import Key, Mistakes, is_bare, nearest

#: What an argument can be; a `bool` is an option that is on or off.
TYPES = ("str", "int", "float", "bool", "path")


def arguments(raw: Any, key: Key, mistakes: Mistakes) -> tuple[Argument, ...] | None:
    entries = table(raw, key, mistakes)
    if entries is None:
        return None
    before = len(mistakes)
    read = [argument(name, value, key.child(name), mistakes) for name, value in entries.items()]
    found = tuple(one for one in read if one is not None)
    for one, message, hint in faults(found):
        mistakes.add(message, key.child(one.name), hint)
    return found if len(mistakes) == before else None


def argument(name: str, raw: Any, key: Key, mistakes: Mistakes) -> Argument | None:
    """One argument, from its table or from its type alone."""
    before = len(mistakes)
    if not is_bare(name) or not name[0].isalpha():
        mistakes.add(f"an argument cannot be named {name!r}", key, "use letters, digits and '-', a letter first")
    if isinstance(raw, str):
        said = {"type": type_name(raw, key, mistakes)}
    elif isinstance(raw, Mapping):
        said = argument_table(raw, key, mistakes)
    else:
        expected("a string or a table", raw, key, mistakes)
    if len(mistakes) > before:
        return None
    found = flag_of(name, said, key, mistakes) if said.get("type") == "bool" else words_of(name, said, key, mistakes)
    return found if len(mistakes) == before else None


def argument_table(raw: Mapping[str, Any], key: Key, mistakes: Mistakes) -> dict[str, Any]:
    """What a table says, its type as well where only its default tells that."""
    said: dict[str, Any] = {}
    for name, value in (table(raw, key, mistakes) or {}).items():
        if name not in ARGUMENT_READERS:
            mistakes.unknown("key of an argument", name, tuple(ARGUMENT_READERS), key.child(name))
        else:
            said[name] = ARGUMENT_READERS[name](value, key.child(name), mistakes)
    default = said.get("default")
    if isinstance(default, (list, tuple)) and not {"type", "many"} & said.keys():
        said["many"] = True
        default = default[0] if default else None
    if "type" not in said:
        said["type"] = type(default).__name__ if isinstance(default, (bool, int, float)) else "str"
    return said


def type_name(raw: Any, key: Key, mistakes: Mistakes) -> str | None:
    name = text(raw, key, mistakes)
    if name is not None and name not in TYPES:
        mistakes.add(f"unknown type '{name}'", key, nearest(name, TYPES) or f"known are: {', '.join(TYPES)}")
    return name


def choices(raw: Any, key: Key, mistakes: Mistakes) -> Any:
    """Any values, to be read once their type is known."""
    if not isinstance(raw, (list, tuple)):
        expected("an array", raw, key, mistakes)
    elif not raw:
        mistakes.add("there is nothing to choose from", key, "leave it out where anything may be given")
    return raw


ARGUMENT_READERS: dict[str, Reader] = {
    "type": type_name,
    "description": text,
    "option": flag,
    "required": flag,
    "default": lambda raw, _key, _mistakes: raw,
    "choices": choices,
    "many": flag,
}


def flag_of(name: str, said: Mapping[str, Any], key: Key, mistakes: Mistakes) -> Argument:
    """An option that is on or off."""
    for other, only in (("option", True), ("required", False), ("many", False), ("choices", None)):
        if other in said and said[other] != only:
            mistakes.add(f"'{name}' is on or off, and can say nothing of '{other}'", key.child(other), "leave it out")
    default = flag(said.get("default", False), key.child("default"), mistakes)
    return Argument(name, "bool", option=True, default=default, description=said.get("description", ""), parameter=name)


def words_of(name: str, said: Mapping[str, Any], key: Key, mistakes: Mistakes) -> Argument:
    """An argument that is typed as a word, or as several."""
    kind, many = said["type"], said.get("many", False)
    values = read_choices(kind, said.get("choices", ()), key.child("choices"), mistakes)
    required = said.get("required", "default" not in said)
    if required and "default" in said:
        mistakes.add("what has a default is not required", key.child("required"), "keep one of them")
    return Argument(
        name=name,
        type=kind,
        option=said.get("option", False),
        required=required,
        default=default_of(kind, said, values, key.child("default"), mistakes),
        many=many,
        choices=tuple(map(str, values)),
        values=values,
        description=said.get("description", ""),
        parameter=name,
    )


def read_choices(kind: str, raw: Iterable[Any], key: Key, mistakes: Mistakes) -> tuple[Any, ...]:
    found: list[Any] = []
    for index, item in enumerate(raw):
        value = value_of(kind, item, key.child(index), mistakes)
        if value in ("", *found):
            message = f"{value!r} stands here twice" if value else "a choice cannot be empty"
            mistakes.add(message, key.child(index), "remove one of them" if value else "")
        elif value is not None:
            found.append(value)
    return tuple(found)


def default_of(kind: str, said: Mapping[str, Any], values: tuple[Any, ...], key: Key, mistakes: Mistakes) -> Any:
    """The default, of the type of the argument and among its choices; of several values a tuple."""
    if "default" not in said:
        return () if said.get("many") and "required" in said and not said["required"] else None
    raw = said["default"]
    if not said.get("many"):
        if isinstance(raw, (list, tuple)):
            expected(NAMED[kind], raw, key, mistakes)
            return None
        return one_default(kind, raw, values, key, mistakes)
    if not isinstance(raw, (list, tuple)):
        expected("an array", raw, key, mistakes)
        return None
    return tuple(one_default(kind, item, values, key.child(index), mistakes) for index, item in enumerate(raw))


def one_default(kind: str, raw: Any, values: tuple[Any, ...], key: Key, mistakes: Mistakes) -> Any:
    value = value_of(kind, raw, key, mistakes)
    if value is not None and values and value not in values:
        known = tuple(map(str, values))
        hint = nearest(str(value), known) or f"there are: {', '.join(known)}"
        mistakes.add(f"{value!r} is none of the choices", key, hint)
    return value


def value_of(kind: str, raw: Any, key: Key, mistakes: Mistakes) -> Any:
    """A value of this type, as TOML or Python writes it, or None."""
    if kind in {"str", "path"}:
        return text(raw, key, mistakes)
    number = isinstance(raw, (int, float)) and not isinstance(raw, bool) and abs(raw) <= MOST_SHOWN
    if not number or (kind == "int" and isinstance(raw, float)):
        expected(NAMED[kind], raw, key, mistakes)
        return None
    return float(raw) if kind == "float" else raw


#: What stands for a value of each type in messages.
NAMED = {"str": "a string", "int": "an integer", "float": "a number", "path": "a path"}


def faults(found: Iterable[Argument]) -> Iterator[tuple[Argument, str, str]]:
    """What is wrong with arguments next to each other: which one, what, and what to do."""
    spelled: set[str] = set()
    before: Argument | None = None
    several: Argument | None = None
    for one in found:
        names = {one.name, *spellings(one)}
        if spelled & names:
            twice = min(spelled & names)
            yield one, f"two arguments would be typed '{twice}'", "rename one of them"
        spelled |= names
        if one.option:
            continue
        if several is not None and one.many:
            yield one, f"'{one.name}' takes several values, and so does '{several.name}'", OPTION_HINT
        elif before is not None and one.required and not before.required:
            yield one, f"'{one.name}' must be given, and '{before.name}' before it need not be", ORDER_HINT
        elif several is not None and not one.required:
            yield one, f"'{one.name}' can never be given: '{several.name}' before it takes every word", OPTION_HINT
        several = one if one.many else several
        before = one


OPTION_HINT = "make one of them an option"
ORDER_HINT = "let it stand first, give it a default, or make it an option"


def spellings(one: Argument) -> Texts:
    """What is typed for an option; nothing for what is told by its place."""
    if one.type == "bool":
        return f"--{one.name}", f"--no-{one.name}"
    return (f"--{one.name}",) if one.option else ()
