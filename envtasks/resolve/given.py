"""From the words after `--` to the arguments of a task; what it takes, told to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from envtasks.declare.arguments import spellings
from envtasks.declared import Argument, Texts
from envtasks.errors import RequestError, nearest
from envtasks.quoting import shell_text
from envtasks.tuples import NamedTuple

#: What ends the arguments of a task; what follows is left to the programs that it starts.
END = "--"


class Given(NamedTuple):
    """What a task was given: ``values`` by the names of its parameters, ``extra`` for `*names`.

    A default stands in for what was not given. ``rest`` follows a further `--`. ``typed`` has the words of what was
    typed, by the name of the argument, just as they were.
    """

    values: Mapping[str, Any] = {}
    extra: tuple[Any, ...] = ()
    rest: Texts = ()
    typed: Mapping[str, Texts] = {}


def read_arguments(arguments: tuple[Argument, ...], words: Sequence[str], title: str) -> Given:
    """The words as values of the arguments; RequestError where they do not fit. ``title`` is what the session is called."""
    end = words.index(END) if END in words else len(words)
    flags, options, places = apart(arguments, words[:end], title)
    typed = {**options, **allotted(arguments, places, title)}
    missing = [one for one in arguments if one.required and one.name not in typed]
    if missing:
        names = ", ".join(f"'{spelled(one)}'" for one in missing)
        raise RequestError(f"'{title}' needs {names}", hint=usage_line(title, arguments))
    values, extra = {}, ()
    for one in arguments:
        if one.type == "bool":
            value: Any = flags.get(one.name, one.default)
        elif one.name in typed:
            value = several(one, tuple(converted(one, word, title) for word in typed[one.name]))
        else:
            value = default_of(one)
        if one.starred:
            extra = value
        else:
            values[one.parameter or one.name] = value
    return Given(values, extra, tuple(words[end + 1 :]), typed)


def apart(
    arguments: Iterable[Argument], words: Sequence[str], title: str
) -> tuple[dict[str, bool], dict[str, Texts], Texts]:
    """The flags, the words of the other options, both by name, and the words that are told by their place."""
    from argparse import SUPPRESS, ArgumentError, ArgumentParser

    parser = ArgumentParser(add_help=False, allow_abbrev=False, argument_default=SUPPRESS, exit_on_error=False)
    options = {one.name: one for one in arguments if one.option}
    for name, one in options.items():
        if one.type == "bool":
            parser.add_argument(f"--{name}", action="store_const", dest=name, const=True)
            parser.add_argument(f"--no-{name}", action="store_const", dest=name, const=False)
        else:
            parser.add_argument(f"--{name}", action="append", dest=name)
    try:
        found, places = parser.parse_known_args(list(words))
    except ArgumentError as error:
        raise misused(error.argument_name or "", options) from None
    for word in places:
        if is_option(word):
            raise unknown(word.partition("=")[0], tuple(arguments), title)
    read = vars(found)
    flags = {name: value for name, value in read.items() if isinstance(value, bool)}
    typed = {
        name: tuple(value if options[name].many else value[-1:]) for name, value in read.items() if name not in flags
    }
    return flags, typed, tuple(places)


def is_option(word: str) -> bool:
    """Whether a word is meant as an option: neither a number, nor the `-` that stands for a stream, nor a sentence."""
    name = word.partition("=")[0]
    if not name.startswith("-") or name == "-" or " " in name:
        return False
    try:
        float(word)
    except ValueError:
        return True
    return False


def misused(spelling: str, options: Mapping[str, Argument]) -> RequestError:
    name = spelling.rpartition("/")[2]
    one = options.get(name.removeprefix("--"))
    if one is None or one.type == "bool":
        return RequestError(f"'{name}' takes no value", hint=f"write {name} alone")
    return RequestError(f"'{name}' needs a value", hint=f"write {name}=VALUE where the value begins with '-'")


def unknown(word: str, arguments: tuple[Argument, ...], title: str) -> RequestError:
    known = tuple(spelling for one in arguments for spelling in spellings(one))
    hint = nearest(word, known) or usage_line(title, arguments)
    return RequestError(f"'{title}' has no option '{word}'", hint=hint)


def allotted(arguments: tuple[Argument, ...], words: Texts, title: str) -> dict[str, Texts]:
    """The words that each argument without an option gets: what is needed first, then what can be had."""
    found: dict[str, Texts] = {}
    places = [one for one in arguments if not one.option]
    needed = sum(one.required for one in places)
    for one in places:
        needed -= one.required
        free = max(len(words) - needed, int(one.required))
        mine, words = (words[:free], words[free:]) if one.many else (words[: min(free, 1)], words[min(free, 1) :])
        if mine:
            found[one.name] = mine
    if words:
        raise RequestError(f"'{title}' has no argument for '{words[0]}'", hint=usage_line(title, arguments))
    return found


def converted(one: Argument, word: str, title: str) -> Any:
    """The value that a word stands for."""
    if one.choices:
        return chosen(one, word, title)
    try:
        if one.type in CONVERTERS:
            return CONVERTERS[one.type](word)
    except ValueError:
        what = "an integer" if one.type == "int" else "a number"
        raise RequestError(f"'{spelled(one)}' of '{title}' is {what}, and not '{word}'") from None
    try:
        return made(one, word)
    except Exception as error:  # noqa: BLE001 - it is somebody else's class
        reason = str(error) or type(error).__name__
        raise RequestError(f"'{spelled(one)}' of '{title}' cannot be '{word}': {reason}") from None


CONVERTERS = {"int": int, "float": float}


def chosen(one: Argument, word: str, title: str) -> Any:
    """The value of a choice; the names of an enumeration in any case, with `_` or `-`."""
    found = dict(zip(one.choices, one.values or one.choices, strict=True))
    alike = word.lower().replace("_", "-")
    if word not in found and isinstance(found.get(alike), Enum):
        word = alike
    if word not in found:
        message = f"'{spelled(one)}' of '{title}' is one of {', '.join(one.choices)}, and not '{word}'"
        raise RequestError(message, hint=nearest(word, one.choices))
    return found[word]


def several(one: Argument, values: tuple[Any, ...]) -> Any:
    if not one.many:
        return values[0]
    return values if one.frozen else list(values)


def default_of(one: Argument) -> Any:
    """The value where none was given; a list is made anew for each who gets it."""
    if one.many and isinstance(one.default, tuple):
        return several(one, tuple(made(one, value) for value in one.default))
    return made(one, one.default)


def made(one: Argument, value: Any) -> Any:
    return one.made_by(value) if one.made_by is not None and isinstance(value, str) else value


def argument_texts(arguments: Iterable[Argument], given: Given) -> dict[str, str]:
    """What `{arg:NAME}` becomes, by name: text for the shell, of a flag the option itself or nothing."""
    texts = {}
    for one in arguments:
        if one.type == "bool":
            texts[one.name] = f"--{one.name}" if given.values.get(one.parameter or one.name, one.default) else ""
        else:
            texts[one.name] = shell_text(given.typed.get(one.name, default_words(one)))
    return texts


def default_words(one: Argument) -> Texts:
    """The default as it would be typed."""
    if one.default is None:
        return ()
    return tuple(word_of(one, value) for value in (one.default if one.many else (one.default,)))


def word_of(one: Argument, value: Any) -> str:
    """What would be typed for a value."""
    return next((word for word, other in zip(one.choices, one.values, strict=False) if other == value), str(value))


def spelled(one: Argument) -> str:
    return f"--{one.name}" if one.option else one.name


def usage_text(title: str, doc: str, arguments: tuple[Argument, ...]) -> str:
    """What a session is for and what it takes: the whole docstring, how to call it, and every argument."""
    from textwrap import dedent

    first, _, rest = doc.strip().partition("\n")
    said = f"{first.rstrip()}\n{dedent(rest)}".rstrip()
    told = [(shown(one), facts(one), one.description) for one in arguments]
    widths = [max(map(len, column), default=0) for column in zip(*told, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in told)
    parts = (said, usage_line(title, arguments), "\n".join(f"  {line}" for line in lines))
    return "".join(f"{part}\n" for part in "\n\n".join(filter(None, parts)).split("\n"))


def usage_line(title: str, arguments: tuple[Argument, ...]) -> str:
    """How a session is called with its arguments."""
    if not arguments:
        return f"usage: envtasks -s {title} [-- WORDS ...]"
    options = [one for one in arguments if one.option]
    places = [one for one in arguments if not one.option]
    return " ".join((f"usage: envtasks -s {title} --", *map(in_usage, (*options, *places))))


def in_usage(one: Argument) -> str:
    """An argument as a usage line has it: in brackets where it need not be given; an option is written for each value."""
    if one.option and one.many:
        return f"({shown(one)})..." if one.required else f"[{shown(one)}]..."
    return shown(one) if one.required else f"[{shown(one)}]"


def shown(one: Argument) -> str:
    """How an argument is written, with what stands for its value."""
    if one.type == "bool":
        return "/".join(spellings(one)) if one.default is not False else f"--{one.name}"
    value = one.name.upper().replace("-", "_")
    if one.option:
        return f"--{one.name} {value}"
    return f"{value} ..." if one.many else value


def facts(one: Argument) -> str:
    """What an argument can be and its default, or that it must be given."""
    return ", ".join(facts_of(one))


def facts_of(one: Argument) -> Iterator[str]:
    yield f"one of {', '.join(one.choices)}" if one.choices else one.type
    if one.many:
        yield "several"
    if one.required:
        yield "required"
    elif one.type == "bool":
        if one.default is not None:
            yield f"default: {'on' if one.default else 'off'}"
    elif one.default not in (None, ()):
        yield f"default: {shell_text(default_words(one))}"
