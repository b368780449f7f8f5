"""The expression of `-k`: which sessions it means, by the words in their names and tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn, Union

from envtasks.declared import Texts
from envtasks.errors import RequestError, nearest
from envtasks.model import SessionRef
from envtasks.resolve.spellings import spellings
from envtasks.tuples import NamedTuple

#: A word in quotes, which has its first character in front; a parenthesis; or any other word.
TOKEN = re.compile(r"""(?P<quote>["'])(?P<quoted>.*?)(?P=quote)(?=[\s()]|$)|[()]|[^\s()"'][^\s()]*""")
#: Words that name a version: their numbers are not part of longer ones.
VERSION = re.compile(r"\d+(\.\d+)*|.*\d\.\d+", re.DOTALL)
#: Between the parts of a name: all but letters, digits, and the dots of a version.
PARTS = re.compile(r"[^\w.]|(?<=\D)\.")
NESTED_AT_MOST = 100


class Word(NamedTuple):
    """A word, in lower case, and whether it is the name of a version or ends in one."""

    text: str
    version: bool

    def found_in(self, texts: Iterable[str]) -> bool:
        if not self.version:
            return any(self.text in text for text in texts)
        before = r"(?<!\d)(?<!\d\.)" if self.text[0].isdigit() else ""
        pattern = re.compile(before + re.escape(self.text) + r"(?!\d)(?!\.\d)")
        return any(pattern.search(text) for text in texts)


class Not(NamedTuple):
    """What does not match."""

    part: Expression


class All(NamedTuple):
    """What matches all parts."""

    parts: tuple[Expression, ...]


class Either(NamedTuple):
    """What matches one of the parts, or more."""

    parts: tuple[Expression, ...]


Expression = Union[Word, Not, All, Either]  # noqa: UP007 - made at run time, of names that are not there yet


class Token(NamedTuple):
    """A piece of the expression; ``kind`` is a keyword, a parenthesis, `word`, or empty at the end."""

    kind: str
    text: str
    start: int


def read_keywords(text: str) -> Expression:
    """What an expression says; RequestError, with the place, where it says nothing."""
    tokens = Tokens(text)
    expression = either(tokens, 0)
    if tokens.first.kind:
        tokens.refuse("expected 'and' or 'or'")
    return expression


def matches(expression: Expression, texts: Texts) -> bool:
    """Whether the expression is true of these texts, which are in lower case."""
    if isinstance(expression, Word):
        return expression.found_in(texts)
    if isinstance(expression, Not):
        return not matches(expression.part, texts)
    if isinstance(expression, All):
        return all(matches(part, texts) for part in expression.parts)
    return any(matches(part, texts) for part in expression.parts)


def matching(expression: Expression, sessions: Iterable[SessionRef]) -> tuple[SessionRef, ...]:
    """The sessions that the expression means."""
    return tuple(session for session in sessions if matches(expression, texts_of(session)))


def texts_of(session: SessionRef) -> Texts:
    """What the words of an expression are looked for in."""
    return tuple(text.casefold() for text in (session.name, session.family, *spellings(session), *session.tags))


def words_of(expression: Expression) -> tuple[Word, ...]:
    """The words that the expression looks for, but for those that must not be there."""
    if isinstance(expression, Word):
        return (expression,)
    if isinstance(expression, Not):
        return ()
    return tuple(word for part in expression.parts for word in words_of(part))


def nothing_matches(text: str, sessions: Iterable[SessionRef]) -> RequestError:
    """That an expression means none of the sessions, with what may have been meant by a word that is nowhere."""
    texts = tuple(dict.fromkeys(text for session in sessions for text in texts_of(session)))
    hint = "`envtasks --list` shows names and tags"
    for word in words_of(read_keywords(text)):
        if not word.found_in(texts):
            known = tuple(dict.fromkeys((*texts, *(part for text in texts for part in PARTS.split(text)))))
            hint = nearest(word.text, known) or f"no name and no tag has '{word.text}'; {hint}"
            break
    return RequestError(f"no session matches -k '{text}'", hint=hint)


class Tokens:
    """The tokens of an expression, of which the first has not been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.first = self.read()

    def read(self) -> Token:
        """The token that comes next."""
        start = len(self.text) - len(self.text[self.position :].lstrip())
        found = TOKEN.match(self.text, start)
        if start == len(self.text):
            return Token("", "", start)
        if found is None:
            refuse(self.text, start, "this quote has no end, or text follows it", "a quoted word stands by itself")
        self.position = found.end()
        if found["quote"]:
            return Token("word", found["quoted"], start)
        word = found[0]
        return Token(word if word in ("(", ")", "and", "or", "not") else "word", word, start)

    def accept(self, kind: str) -> bool:
        """Go on to the next token if this one is of the kind."""
        if self.first.kind != kind:
            return False
        self.first = self.read()
        return True

    def refuse(self, message: str, hint: str = "") -> NoReturn:
        refuse(self.text, self.first.start, message, hint)


def refuse(text: str, position: int, message: str, hint: str) -> NoReturn:
    shown = "".join(char if char.isprintable() else " " for char in text)
    raise RequestError(
        f"-k: {message}\n  {shown}\n  {' ' * position}^",
        hint=hint or "words with 'and', 'or', 'not' and parentheses; in quotes what holds blanks or parentheses",
    )


def either(tokens: Tokens, depth: int) -> Expression:
    parts = [every(tokens, depth)]
    while tokens.accept("or"):
        parts.append(every(tokens, depth))
    return Either(tuple(parts)) if len(parts) > 1 else parts[0]


def every(tokens: Tokens, depth: int) -> Expression:
    parts = [negated(tokens, depth)]
    while tokens.accept("and"):
        parts.append(negated(tokens, depth))
    return All(tuple(parts)) if len(parts) > 1 else parts[0]


def negated(tokens: Tokens, depth: int) -> Expression:
    times = 0
    while tokens.accept("not"):
        times += 1
    part = single(tokens, depth)
    return Not(part) if times % 2 else part


def single(tokens: Tokens, depth: int) -> Expression:
    """A word, or an expression in parentheses."""
    word, begin = tokens.first.text, tokens.first.start
    if tokens.accept("word"):
        if not word:
            refuse(tokens.text, begin, "an empty word matches everything", "leave it out")
        return Word(word.casefold(), VERSION.fullmatch(word) is not None)
    if not tokens.accept("("):
        tokens.refuse("expected a word")
    if depth == NESTED_AT_MOST:
        refuse(tokens.text, begin, "too many parentheses within each other", "")
    inner = either(tokens, depth + 1)
    if not tokens.accept(")"):
        tokens.refuse("expected ')'")
    return inner
