"""Write the reference tables of these pages from the tables of the program.

    python docs/generate.py            bring the pages up to date
    python docs/generate.py --check    only tell which of them are not; exit code 1 then

A table stands between two comments, `<!-- NAME -->` and `<!-- /NAME -->`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from envtasks.cli.command import VERBS
from envtasks.cli.flags import COMMON, Flag
from envtasks.declare.toml import parse
from envtasks.environments.record import PARTS
from envtasks.option_table import TABLE, Option

DOCS = Path(__file__).parent

#: What may be written for each kind of option.
KINDS = {
    "text": "string",
    "flag": "true or false",
    "texts": "array of strings",
    "pairs": "table of strings",
    "scripts": "table of scripts",
    "matrix": "array of tables",
    "overrides": "table",
}


def options() -> Iterator[str]:
    """Every option of an environment, in the order of the option table."""
    yield from heads("option", "value", "default", "`{}`", "directory", "what it does")
    shaping = {option for _, options in PARTS.values() for option in options}
    for option in TABLE.values():
        yield row(
            f"`{option.name}`",
            KINDS[option.kind],
            default(option),
            "yes" if option.filled else "",
            "yes" if option in shaping else "",
            option.doc,
        )


def examples() -> Iterator[str]:
    """Every option with a value, as a TOML table and as a keyword of `env`."""
    yield from heads("option", "in TOML", "in Python")
    for option in TABLE.values():
        value = parse(f"value = {option.example}", option.name)["value"]
        keyword = f"{option.name.replace('-', '_')}={python_source(value)}"
        yield row(f"`{option.name}`", f"`{option.name} = {option.example}`", f"`{keyword}`")


def python_source(value: Any) -> str:
    """A value of TOML as Python writes it, with the quotes of this project."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{python_source(key)}: {python_source(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(python_source, value)) + "]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def default(option: Option[Any]) -> str:
    value = option.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str) and value:
        return f"`{value}`"
    return f"`[{', '.join(map(repr, value))}]`".replace("'", '"') if isinstance(value, tuple) and value else ""


def verbs() -> Iterator[str]:
    yield from heads("command", "what it does")
    for name, verb in VERBS.items():
        words = ("envtasks", name, "[flags]", verb.operands)
        yield row(f"`{' '.join(word for word in words if word)}`", verb.help)


def flags() -> Iterator[str]:
    """Every flag, with the commands that take it."""
    yield from heads("flag", "commands", "variable", "what it does")
    taken: dict[Flag, list[str]] = {flag: ["all"] for flag in COMMON}
    for name, verb in VERBS.items():
        for flag in verb.flags:
            taken.setdefault(flag, []).append(f"`{f'envtasks {name}'.strip()}`")
    for flag, commands in taken.items():
        names = ", ".join(f"`{spelled(one, flag)}`" for one in flag.names)
        yield row(names, ", ".join(commands), f"`{flag.variable}`", flag.help)


def spelled(name: str, flag: Flag) -> str:
    if flag.takes == "on-off":
        name = name.replace("--", "--[no-]", 1)
    more = " ..." if flag.takes == "texts" else ""
    return f"{name} {flag.metavar}{more}".strip()


def heads(*titles: str) -> Iterator[str]:
    yield row(*titles)
    yield row(*("---" for _ in titles))


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


#: The page and the name of each generated table.
TABLES: dict[tuple[str, str], Callable[[], Iterable[str]]] = {
    ("environments.md", "options"): options,
    ("environments.md", "examples"): examples,
    ("command-line.md", "verbs"): verbs,
    ("command-line.md", "flags"): flags,
}


def fresh(page: str, text: str) -> str:
    """The text of a page with its tables as they are today; ValueError where a comment is missing."""
    for (of, name), table in TABLES.items():
        if of == page:
            begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
            before, found, rest = text.partition(begin)
            _, found_end, after = rest.partition(end)
            if not (found and found_end):
                raise ValueError(f"{page} lacks {begin} or {end}")
            text = "\n".join((before + begin, "", *table(), "", end + after))
    return text


def main(arguments: list[str]) -> int:
    code = 0
    for page in dict.fromkeys(page for page, _ in TABLES):
        path = DOCS / page
        text = path.read_text(encoding="utf-8")
        if (now := fresh(page, text)) != text:
            if "--check" in arguments:
                print(f"{page} is not up to date; run: python docs/generate.py")
                code = 1
            else:
                path.write_text(now, encoding="utf-8", newline="\n")
                print(f"wrote {page}")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
