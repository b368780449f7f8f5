"""Placeholders and commands of tox as ours: other names, and quotes where a shell would read more than tox does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from envtasks.migrate.migrated import Fate
from envtasks.tuples import NamedTuple

#: Tells of something that a person has to look at: what it is, what to do, and what became of it.
Note = Callable[[str, str, Fate], None]


class Filled(NamedTuple):
    """A placeholder, as we write it, and whether it stands in quotes."""

    text: str
    quoted: bool = False


Part = str | Filled
Word = tuple[Part, ...]

#: Where an environment lies when its commands run, and where it lies for everything else.
ACTIVE, USUAL = "{env:VIRTUAL_ENV}", "{root}/.envtasks/envs/{env_name}"
#: What the placeholders of tox are called here, in commands and elsewhere alike.
SAME = {
    "/": "{/}",
    ":": "{;}",
    "env_name": "{env_name}",
    "envname": "{env_name}",
    "home": "{home}",
    "homedir": "{home}",
    "package_root": "{root}",
    "setupdir": "{root}",
    "temp_dir": "{root}/.envtasks/tmp",
    "tox_root": "{root}",
    "toxinidir": "{root}",
    "toxworkdir": "{root}/.envtasks",
    "work_dir": "{root}/.envtasks",
}
#: What lies inside an environment.
INSIDE = {
    "env_bin_dir": "/bin",
    "env_dir": "",
    "env_log_dir": "/log",
    "env_tmp_dir": "/tmp",  # noqa: S108 - that of an environment
    "envbindir": "/bin",
    "envdir": "",
    "envlogdir": "/log",
    "envtmpdir": "/tmp",  # noqa: S108 - as above
}
SITE_PACKAGES = """$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"""
#: What only commands can be told, since the shell finds it out.
IN_COMMANDS = {
    "base_python": "python",
    "basepython": "python",
    "env_python": "python",
    "env_site_packages_dir": SITE_PACKAGES,
    "envpython": "python",
    "envsitepackagesdir": SITE_PACKAGES,
}
#: How placeholders begin that are never several words.
ONE_WORD = ("{root", "{home", "{/", "{;", "{env_name", ACTIVE)
#: Words that a shell takes as they are.
PLAIN = re.compile(r"[\w@%+=:,./-]*", re.ASCII)


def parts_of(text: str) -> Iterator[tuple[bool, str]]:
    """The literal texts, and what stands between braces; a brace without a partner is literal."""
    position, literal = 0, ""
    while position < len(text):
        if text.startswith("\\", position) and text[position + 1 : position + 2] in tuple("{}[]:"):
            literal += text[position + 1]
            position += 2
            continue
        inner = "posargs" if text.startswith("[]", position) else braced(text, position)
        if inner is None:
            literal += text[position]
            position += 1
            continue
        if literal:
            yield False, literal
        yield True, inner
        position += 2 if text[position] == "[" else len(inner) + 2
        literal = ""
    if literal:
        yield False, literal


def braced(text: str, position: int) -> str | None:
    """What stands between the brace at a position and its partner."""
    depth = 0
    for index in range(position, len(text) if text[position] == "{" else 0):
        if text[index - 1] != "\\" or index == position:
            depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return text[position + 1 : index]
    return None


def value(text: str, note: Note) -> str:
    """A text that is no command, with our placeholders."""
    pieces = []
    for inside, part in parts_of(text):
        filled = placeholder(part, note, in_command=False) if inside else None
        pieces.append(filled.text if filled else literal(f"{{{part}}}" if inside else part))
    return "".join(pieces)


def prose(text: str) -> str:
    """A description, which is shown as it is; `{env_name}` is left for who knows the name."""
    known = {**dict.fromkeys(IN_COMMANDS, "python"), "/": "/", "env_name": "{env_name}", "envname": "{env_name}"}
    known.update(env_dir=USUAL, envdir=USUAL)
    pieces = (known.get(part, f"{{{part}}}") if inside else part for inside, part in parts_of(text))
    return re.sub(r"\{(tox_root|toxinidir|root)\}/", "", "".join(pieces))


def literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def placeholder(inner: str, note: Note, *, in_command: bool) -> Filled | None:
    """Our placeholder for what stands between braces in tox; None where it means nothing to tox either."""
    name, colon, rest = inner.partition(":") if inner != ":" else (":", "", "")
    if name == "posargs":
        # A default may go on in further lines, each of which is another command.
        lines = (command(line, note) for line in rest.split("\n"))
        default = " && ".join(filter(None, lines)) if in_command else value(rest, note)
        return Filled(f"{{args:{default}}}" if default else "{args}")
    if name == "env" and colon:
        variable, _, raw = rest.partition(":")
        variable = value(variable, note)
        default = around(raw, note) if in_command else value(raw, note)
        return Filled(f"{{env:{variable}:{default}}}")
    if name == "tty" and colon:
        note("{tty}", "write what the program is to be given, or leave it to the program", "changed")
        return Filled(value(rest.partition(":")[2], note))
    if name == "glob" and colon and in_command:
        return Filled(literal(rest.partition(":")[0]))
    if name == "py_dot_ver":
        note("{py_dot_ver}", "it is the variable python of the matrix now", "changed")
        return Filled("{matrix:python}")
    if name in SAME:
        return Filled(SAME[name])
    if name in INSIDE:
        if INSIDE[name] not in ("", "/bin"):
            note(f"{{{name}}}", "the directory is neither made nor emptied before a run", "changed")
        return Filled((ACTIVE if in_command else USUAL) + INSIDE[name])
    if in_command and name in IN_COMMANDS:
        return Filled(IN_COMMANDS[name])
    if re.fullmatch(r"[a-z][a-z_]+", name) and not colon:
        note(f"the placeholder {{{name}}}", "write what it should be", "stays")
    if re.fullmatch(r"\[[^\]{}]+\][A-Za-z][\w-]*", inner):
        note(f"the reference {{{inner}}}", "it leads nowhere; write what it should be", "stays")
    return None


def around(text: str, note: Note) -> str:
    """A piece of a command, with the white space around it."""
    inner = text.strip()
    start = text.index(inner) if inner else 0
    return text[:start] + command(inner, note) + text[start + len(inner) :]


def command(text: str, note: Note) -> str:
    """A command of tox for a shell: the same words, with the quotes that they need."""
    return " ".join(spelled(word) for word in words(text, note))


def words(text: str, note: Note) -> Iterator[Word]:
    """The words that tox takes a command apart into."""
    word: list[Part] = []
    begun, quote, escaped = False, "", False
    for inside, part in parts_of(text):
        filled = placeholder(part, note, in_command=True) if inside else None
        if filled is not None:
            word, begun = [*word, filled._replace(quoted=bool(quote))], True
            continue
        for char in f"{{{part}}}" if inside else part:
            if escaped:
                # Inside quotes a backslash is one, save before what would end them.
                word.append(char if not quote or char in ('"', "\\") else f"\\{char}")
                escaped = False
            elif char == "\\" and quote != "'":
                escaped = begun = True
            elif quote:
                if char == quote:
                    quote = ""
                else:
                    word.append(char)
            elif char in "\"'":
                quote, begun = char, True
            elif not char.isspace():
                word, begun = [*word, char], True
            elif begun:
                yield tuple(word)
                word, begun = [], False
    if begun:
        yield tuple(word)


def spelled(word: Word) -> str:
    """A word for the shell: as it is where it can be, else in quotes; what may be several words stays outside of them."""
    if not word:
        return '""'
    pieces: list[str] = []
    run: list[Part] = []
    for part in (*word, Filled("")):
        if isinstance(part, str) or part.quoted or part.text.startswith(ONE_WORD):
            run.append(part)
            continue
        pieces += [spelled_run(run)] if run else []
        pieces.append(part.text)
        run = []
    return "".join(pieces)


def spelled_run(run: Sequence[Part]) -> str:
    plain = "".join(part for part in run if isinstance(part, str))
    inner = "".join(literal(part) if isinstance(part, str) else part.text for part in run)
    placeholders = [part.text for part in run if isinstance(part, Filled)]
    # Of the operators that a shell has, tox has only the negation as well.
    quoted = any(isinstance(part, Filled) and part.quoted for part in run)
    if not quoted and (PLAIN.fullmatch(plain) or plain == "!"):
        return inner
    if not re.search(r"[\"$`\\!]", plain):
        return f'"{inner}"'
    if "'" not in plain and not any("{args" in text or "$(" in text for text in placeholders):
        return f"'{inner}'"
    escaped = (re.sub(r"([\"$`\\])", r"\\\1", literal(part)) if isinstance(part, str) else part.text for part in run)
    return f'"{"".join(escaped)}"'


def step(text: str, note: Note, *, ignored: bool = False) -> str:
    """One line of `commands`; its leading hyphen, or ``ignored``, says that its exit code does not count."""
    hyphen = text.startswith("-")
    line = command(text.removeprefix("-").strip(), note)
    return f"- {line}" if hyphen or ignored else line
