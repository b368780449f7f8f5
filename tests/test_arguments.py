"""The arguments of tasks: from functions and from tables, and from words to values."""

from __future__ import annotations

import collections.abc
import enum
import functools
import pathlib
import sys
import typing
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envtasks.declare.arguments import ARGUMENT_READERS, TYPES, arguments
from envtasks.declare.scripts import script
from envtasks.declared import Argument, Script
from envtasks.errors import FillError, InvalidDeclarations, Key, Mistakes, ParameterError, RequestError
from envtasks.model import Host, Project
from envtasks.report.document import arguments_document
from envtasks.resolve.arguments import arguments_of, descriptions, placed
from envtasks.resolve.formatting import Context, fill
from envtasks.resolve.given import (
    Given,
    argument_texts,
    read_arguments,
    usage_line,
    usage_text,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


ResolveText = Callable[..., Project]


class Level(enum.Enum):
    """How much is checked."""

    LOW = 1
    VERY_HIGH = 2
    HIGHEST = 2  # noqa: PIE796 - another name for the same


class Empty(enum.Enum):
    """Nothing to choose from."""


NAMES = {**vars(typing), "Path": pathlib.Path, "PurePath": pathlib.PurePath, "Level": Level, "abc": collections.abc}
FUTURE = "from __future__ import annotations\n"


def task(signature: str, doc: str = "", before: str = "") -> Callable[..., Any]:
    """The function that has these parameters after the session."""
    names = {**NAMES, "Empty": Empty, "Itself": "Itself"}
    # Not to be taken as if it stood here, where annotations are texts.
    exec(compile(f"{before}def task(session, {signature}): {doc!r}\n", "envfile.py", "exec", dont_inherit=True), names)
    made: Callable[..., Any] = names["task"]
    return made


def place(name: str, kind: str = "str", **more: Any) -> Argument:
    """What must be given by its place, unless more is said."""
    return Argument(
        name, kind, required="default" not in more and not more.get("starred"), parameter=name.replace("-", "_")
    )._replace(**more)


def option(name: str, kind: str = "str", **more: Any) -> Argument:
    return place(name, kind, option=True, **more)


def switch(name: str, *, default: bool | None = False) -> Argument:
    return option(name, "bool", default=default)


LEVELS: dict[str, Any] = {
    "choices": ("low", "very-high", "highest"),
    "values": (Level.LOW, Level.VERY_HIGH, Level.VERY_HIGH),
}


@pytest.mark.parametrize("before", ["", FUTURE], ids=["annotations", "texts"])
@pytest.mark.parametrize(
    ("signature", "found"),
    [
        ("", ()),
        ("a", (place("a"),)),
        ("a: str", (place("a"),)),
        ("a: int, b: float = 1.5", (place("a", "int"), place("b", "float", default=1.5))),
        ("*, a: str", (option("a"),)),
        ("*, a_b: int = 3", (option("a-b", "int", default=3),)),
        ("a: bool", (switch("a"),)),
        ("a: bool = True, *, b: bool", (switch("a", default=True), switch("b"))),
        ("a: bool | None", (switch("a", default=None),)),
        ("a: str | None", (place("a", default=None),)),
        ("a: Optional[int] = 4", (place("a", "int", default=4),)),
        ("*, a: None | int", (option("a", "int", default=None),)),
        ("a: 'Union[str, None]'", (place("a", default=None),)),
        ("a: Annotated[int, 'positive']", (place("a", "int"),)),
        ("a: Path", (place("a", "path", made_by=pathlib.Path),)),
        ("a: PurePath", (place("a", "path", made_by=pathlib.PurePath),)),
        ("a: Literal['x', 'y']", (place("a", choices=("x", "y"), values=("x", "y")),)),
        ("*, a: Literal[1, 2] = 2", (option("a", "int", choices=("1", "2"), values=(1, 2), default=2),)),
        ("a: Level", (place("a", **LEVELS),)),
        ("*, a: Level | None = Level.LOW", (option("a", **LEVELS, default=Level.LOW),)),
        ("*a", (place("a", many=True, starred=True, frozen=True, default=()),)),
        ("*a: int", (place("a", "int", many=True, starred=True, frozen=True, default=()),)),
        ("a: list[int]", (place("a", "int", many=True),)),
        ("a: list", (place("a", many=True),)),
        ("a: List[str] = ['x']", (place("a", many=True, default=("x",)),)),
        ("a: Sequence[str] = ()", (place("a", many=True, default=()),)),
        ("a: abc.Iterable['Level']", (place("a", many=True, **LEVELS),)),
        ("a: Tuple['int', ...]", (place("a", "int", many=True, frozen=True),)),
        ("*, a: tuple[Path, ...]", (option("a", "path", many=True, frozen=True, made_by=pathlib.Path),)),
        ("*, a: list[str] | None = None", (option("a", many=True, default=None),)),
        ("a='x', b=1, c=1.5", (place("a", default="x"), place("b", "int", default=1), place("c", "float", default=1.5))),
        ("a=False, b=None", (switch("a"), place("b", default=None))),
        ("a: Any = 2", (place("a", "int", default=2),)),
        ("a=Level.LOW", (place("a", **LEVELS, default=Level.LOW),)),
        ("a=(1, 2)", (place("a", "int", many=True, frozen=True, default=(1, 2)),)),
        ("a=[], *, b=[True]", (place("a", many=True, default=()), option("b", many=True, default=(True,)))),
        ("a: list[int], b: str", (place("a", "int", many=True), place("b"))),
        ("a, b=1, *c", (place("a"), place("b", "int", default=1), place("c", many=True, starred=True, frozen=True)._replace(default=()))),
        ("from_: str", (place("from", parameter="from_"),)),
        ("_: str", (place("_", parameter="_"),)),
        ("a=1, /", ()),
        ("a, **rest", (place("a"),)),
        ("*names, **rest", ()),
        ("*names: str, **rest: str", (place("names", many=True, starred=True, frozen=True, default=()),)),
        ("taken: Undefined, also: dict, a: str", (place("a"),)),
    ],
)  # fmt: skip
def test_parameters_become_arguments(signature: str, found: tuple[Argument, ...], before: str) -> None:
    got = arguments_of(task(signature, before=before or "class Undefined: pass\n"), {"taken", "also"})
    assert got == found
    assert hash(got) == hash(found)


def test_a_default_that_tells_of_paths() -> None:
    (found,) = arguments_of(task("a=Path('x')"), ())
    assert found == place("a", "path", default=pathlib.Path("x"), made_by=type(pathlib.Path()))


class Tasks:
    def method(self, session: Any, version: str) -> None: ...

    def bare(*given: Any, version: str) -> None: ...


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (Tasks().method, ["version"]),
        (Tasks().bare, ["version"]),
        (functools.partial(task("a"), a="x"), []),
        (Tasks, []),
    ],
)
def test_what_is_no_plain_function_is_looked_at_too(function: Callable[..., Any], names: list[str]) -> None:
    assert [one.name for one in arguments_of(function, ())] == names


@pytest.mark.parametrize("before", ["", FUTURE], ids=["annotations", "texts"])
@pytest.mark.parametrize(
    ("signature", "message"),
    [
        ("a: dict[str, int]", "no words can give the parameter 'a' of 'task' its type, 'dict[str, int]'"),
        ("a: bytes", "no words can give the parameter 'a' of 'task' its type, 'bytes'"),
        ("*, a: int | str = 1", "no words can give the parameter 'a' of 'task' its type, 'int | str'"),
        ("a: list[bool]", "no words can give the parameter 'a' of 'task' its type, 'list[bool]'"),
        ("a: list[list[int]]", "no words can give the parameter 'a' of 'task' its type, 'list[list[int]]'"),
        ("a: list[int | None]", "no words can give the parameter 'a' of 'task' its type, 'list[int | None]'"),
        ("a: tuple[int, str]", "no words can give the parameter 'a' of 'task' its type, 'tuple[int, str]'"),
        ("a: None", "no words can give the parameter 'a' of 'task' its type, 'None'"),
        ("a: Empty", "no words can give the parameter 'a' of 'task' its type, "),
        ("*a: bool", "no words can give the parameter 'a' of 'task' its type, 'bool'"),
        ("*a: list[str]", "no words can give the parameter 'a' of 'task' its type, 'list[str]'"),
        ("a: Literal['x', 1]", "no words can give the parameter 'a' of 'task' its type, "),
        ("a: Literal[True]", "no words can give the parameter 'a' of 'task' its type, "),
        ("a: 'Missing'", "the type 'Missing' of the parameter 'a' of 'task' cannot be told: name 'Missing' is not "),
        ("a: 'list[Missing]'", "the type 'list[Missing]' of the parameter 'a' of 'task' cannot be told: "),
        ("a: Itself", "the type 'Itself' of the parameter 'a' of 'task' cannot be told: maximum recursion depth"),
        ("a: '1 +'", "the type '1 +' of the parameter 'a' of 'task' cannot be told: "),
        ("a: list[str], *b", "'b' takes several values, and so does 'a', in the function 'task'"),
        ("a: list[str] = (), b: str = ''", "'b' can never be given: 'a' before it takes every word, in "),
        ("a: str | None, b: str", "'b' must be given, and 'a' before it need not be, in the function 'task'"),
        ("*, a: bool, no_a: str", "two arguments would be typed '--no-a', in the function 'task'"),
        ("a, a_", "two arguments would be typed 'a', in the function 'task'"),
    ],
)
def test_what_no_words_can_give_is_told(signature: str, message: str, before: str) -> None:
    function = task(signature, before=before)
    with pytest.raises(ParameterError) as raised:
        arguments_of(function, ())
    assert raised.value.message.startswith(message)
    assert raised.value.hint


def test_annotations_that_cannot_be_had_are_told() -> None:
    class Late:
        __code__ = task("a").__code__
        __globals__: typing.ClassVar[dict[str, Any]] = {}
        __name__ = "late"

        @property
        def __annotations__(self) -> Any:  # type: ignore[override]
            raise NameError("no Missing")

        __call__ = task("a")

    with pytest.raises(ParameterError, match="the types of the parameters of 'late' cannot be told: no Missing"):
        arguments_of(Late(), ())


GOOGLE = """Release it.

    Args:
        version: The version,
            as it is tagged.
        dry_run (bool): Change nothing.

        *more (str): What else: all.
        bare

    Returns:
        nothing: at all

    Args:
        late: said later
    """


@pytest.mark.parametrize(
    ("doc", "found"),
    [
        ("", {}),
        ("Args: are none.", {}),
        ("Args:\nother: no", {}),
        (
            GOOGLE,
            {
                "version": "The version, as it is tagged.",
                "dry_run": "Change nothing.",
                "more": "What else: all.",
                "bare": "",
                "late": "said later",
            },
        ),
    ],
)
def test_a_docstring_describes_arguments(doc: str, found: dict[str, str]) -> None:
    assert descriptions(doc) == found


def test_descriptions_reach_the_arguments() -> None:
    found = arguments_of(task("version: str, *more: str, dry_run: bool, other=1", GOOGLE), ())
    assert {one.name: one.description for one in found} == {
        "version": "The version, as it is tagged.",
        "more": "What else: all.",
        "dry-run": "Change nothing.",
        "other": "",
    }


RELEASE = arguments_of(
    task(
        "version: str, paths: list[Path] = ('src',), *, level: Level = Level.LOW, n: int = 3, tag: list[str], x: bool"
    ),
    (),
)
SUPPLIED = {"level": Level.LOW, "n": 3, "paths": [pathlib.Path("src")], "tag": ["t"], "version": "1", "x": False}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("1 --tag t", {}),
        ("--tag t 1", {}),
        ("1 --tag=t --tag --u", None),
        ("1 --tag=t --tag=--u", {"tag": ["t", "--u"]}),
        ("1 a --tag t b", {"paths": [pathlib.Path("a"), pathlib.Path("b")]}),
        ("--x 1 --tag t", {"x": True}),
        ("1 --x --tag t --no-x", {"x": False}),
        ("-1 - --tag t", {"version": "-1", "paths": [pathlib.Path("-")]}),
        ("-1.5e3 --tag t", {"version": "-1.5e3"}),
        ("1 --tag t --n 4 --n -5", {"n": -5}),
        ("1 --tag t --level VERY_HIGH", {"level": Level.VERY_HIGH}),
        ("1 --tag t --level=very-high", {"level": Level.VERY_HIGH}),
        ("1 --tag t --level highest", {"level": Level.HIGHEST}),
        ("= --tag t", {"version": "="}),
    ],
)
def test_words_become_values(words: str, values: dict[str, Any] | None) -> None:
    if values is None:
        with pytest.raises(RequestError):
            read_arguments(RELEASE, words.split(), "release")
    else:
        assert read_arguments(RELEASE, words.split(), "release").values == {**SUPPLIED, **values}


def test_sentences_are_no_options() -> None:
    assert read_arguments(RELEASE, ["- a b=c", "--tag", "-t u"], "r").typed == {
        "tag": ("-t u",),
        "version": ("- a b=c",),
    }


def test_what_follows_a_further_end_is_left() -> None:
    found = read_arguments(RELEASE, ["1", "--tag", "t", "--", "-k", "--", "x"], "release")
    assert found.rest == ("-k", "--", "x")
    assert found.values == SUPPLIED


def test_no_arguments_take_no_words() -> None:
    assert read_arguments((), ("--", "x"), "t") == Given(rest=("x",))
    with pytest.raises(RequestError, match="'t' has no argument for 'x'"):
        read_arguments((), ("x",), "t")


def test_a_list_that_stands_in_is_never_shared() -> None:
    (paths,) = arguments_of(task("paths: list[str] = ['a']"), ())
    first, second = (read_arguments((paths,), (), "t").values["paths"] for _ in range(2))
    first.append("b")
    assert second == ["a"]


@pytest.mark.parametrize(
    ("signature", "words", "values"),
    [
        ("a, b=1, *c", "x", {"a": "x", "b": 1}),
        ("a, b=1, *c: int", "x 2 3 4", {"a": "x", "b": 2, "*": (3, 4)}),
        ("a: list[str], b: str", "x y z", {"a": ["x", "y"], "b": "z"}),
        ("a: list[str] | None", "", {"a": None}),
        ("*, a: tuple[int, ...] = (1,)", "", {"a": (1,)}),
        ("*, a: tuple[int, ...] = (1,)", "--a 2 --a 3", {"a": (2, 3)}),
        ("a: bool | None", "", {"a": None}),
        ("a: bool | None", "--no-a", {"a": False}),
        ("a: Literal[1, 2]", "2", {"a": 2}),
        ("dry_run: bool, log_to: Path | None", "--dry-run x/", {"dry_run": True, "log_to": pathlib.Path("x")}),
    ],
)
def test_values_go_by_the_names_of_parameters(signature: str, words: str, values: dict[str, Any]) -> None:
    found = read_arguments(arguments_of(task(signature), ()), words.split(), "t")
    assert {**found.values, **({"*": found.extra} if found.extra else {})} == values


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("", "'release' needs 'version', '--tag'", "usage: envtasks -s release -- "),
        ("1", "'release' needs '--tag'", "usage: "),
        ("1 --tga t", "'release' has no option '--tga'", "did you mean '--tag'?"),
        ("1 --lev low --tag t", "'release' has no option '--lev'", "did you mean '--level'?"),
        ("1 --help", "'release' has no option '--help'", "did you mean"),
        ("1 -h", "'release' has no option '-h'", "usage: "),
        ("1 --zzz=a --tag t", "'release' has no option '--zzz'", "usage: "),
        ("1 --tag", "'--tag' needs a value", "write --tag=VALUE where the value begins with '-'"),
        ("1 --tag --x", "'--tag' needs a value", "write --tag=VALUE"),
        ("1 --x=yes --tag t", "'--x' takes no value", "write --x alone"),
        ("1 --no-x=yes --tag t", "'--no-x' takes no value", "write --no-x alone"),
        ("1 --tag t --n x", "'--n' of 'release' is an integer, and not 'x'", ""),
        ("1 --tag t --n 1.5", "'--n' of 'release' is an integer, and not '1.5'", ""),
        (
            "1 --tag t --level lwo",
            "'--level' of 'release' is one of low, very-high, highest, and not 'lwo'",
            "did you mean 'low'?",
        ),
    ],
)
def test_words_that_do_not_fit_are_told(words: str, message: str, hint: str) -> None:
    with pytest.raises(RequestError) as raised:
        read_arguments(RELEASE, words.split(), "release")
    assert raised.value.message == message
    assert raised.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("signature", "words", "message"),
    [
        ("a", "1 2", "'t' has no argument for '2'"),
        ("a: float", "x", "'a' of 't' is a number, and not 'x'"),
        ("a: Literal['Low']", "low", "'a' of 't' is one of Low, and not 'low'"),
        ("a: list[str], b: str", "x", "'t' needs 'b'"),
        ("a, b, c", "x", "'t' needs 'b', 'c'"),
        ("*a: int", "1 x", "'a' of 't' is an integer, and not 'x'"),
    ],
)
def test_what_stands_at_a_wrong_place_is_told(signature: str, words: str, message: str) -> None:
    with pytest.raises(RequestError) as raised:
        read_arguments(arguments_of(task(signature), ()), words.split(), "t")
    assert raised.value.message == message


class Sheet(type(pathlib.PurePath())):  # type: ignore[misc]
    """A path to what only has the name of a table."""

    def __new__(cls, name: str) -> Any:
        if name == "odd":
            raise LookupError
        if not name.endswith(".csv"):
            raise ValueError("no table")
        return super().__new__(cls, name)


@pytest.mark.parametrize(("word", "reason"), [("x.txt", "no table"), ("odd", "LookupError")])
def test_what_a_class_of_paths_refuses_is_told_in_its_words(word: str, reason: str) -> None:
    sheet = Argument("a", "path", required=True, parameter="a", made_by=Sheet)
    with pytest.raises(RequestError) as raised:
        read_arguments((sheet,), [word], "t")
    assert raised.value.message == f"'a' of 't' cannot be '{word}': {reason}"


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("a, b=1, *c: int, d: str = 'd', e: bool", "x 2 3 4 --d y --e"),
        ("a, b=1, *c", "x"),
        ("a: bool, *c", "x y"),
        ("v='v', /, b=2, *c, django", "x y z"),
    ],
)
def test_functions_are_called_as_they_were_written(signature: str, words: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def task(session, {signature}): return {{n: v for n, v in locals().items() if n != 'session'}}", namespace)
    function = namespace["task"]
    found = read_arguments(arguments_of(function, {"django"}), words.split(), "t") if "/" not in signature else Given(
        {"b": 3}, ("x", "y")
    )  # fmt: skip
    values = {**found.values, **({"django": "5"} if "django" in signature else {})}
    places, names = placed(function, values, found.extra)
    got = function(None, *places, **names)
    assert {name: value for name, value in got.items() if name in values} == values
    assert got["c"] == found.extra


TABLE = """
version = { type = "str", description = "The version." }
dry-run = "bool"
level = { type = "int", default = 3, option = true }
paths = { type = "path", many = true, default = ["src"] }
target = { choices = ["test", "live"], option = true, required = false }
"""
TABLED = (
    place("version", parameter="version", description="The version."),
    switch("dry-run")._replace(parameter="dry-run"),
    option("level", "int", default=3),
    place("paths", "path", many=True, default=("src",)),
    option("target", choices=("test", "live"), values=("test", "live"), default=None),
)


def told(text: str) -> tuple[tuple[Argument, ...] | None, Mistakes]:
    mistakes = Mistakes()
    return arguments(tomllib.loads(text), Key("envtasks.toml", ("args",)), mistakes), mistakes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        (TABLE, TABLED),
        ("a = {}", (place("a"),)),
        ("a = { default = true }", (switch("a", default=True),)),
        ("a = { default = 2 }", (place("a", "int", default=2),)),
        ("a = { default = 2.5 }", (place("a", "float", default=2.5),)),
        ("a = { type = 'float', default = 2 }", (place("a", "float", default=2.0),)),
        ("a = { default = [2] }", (place("a", "int", default=(2,), many=True),)),
        ("a = { default = [] }", (place("a", default=(), many=True),)),
        ("a = { many = true }", (place("a", many=True),)),
        ("a = { many = true, required = false }", (place("a", many=True, default=()),)),
        ("a = { type = 'int', choices = [1, 2] }", (place("a", "int", choices=("1", "2"), values=(1, 2)),)),
        ("a = { type = 'bool', required = false, many = false, option = true }", (switch("a"),)),
    ],
)
def test_tables_become_arguments(text: str, found: tuple[Argument, ...]) -> None:
    got, mistakes = told(text)
    assert mistakes.found == []
    assert got == found
    assert hash(got) == hash(found)


@pytest.mark.parametrize(
    ("text", "key", "message", "hint"),
    [
        ("a = 1", "args.a", "expected a string or a table, found the number 1", ""),
        ("a = 'integer'", "args.a", "unknown type 'integer'", ""),
        ("a = 'boole'", "args.a", "unknown type 'boole'", "did you mean 'bool'?"),
        ("a = { type = 3 }", "args.a.type", "expected a string, found the number 3", ""),
        ("a = { defualt = 3 }", "args.a.defualt", "unknown key of an argument 'defualt'", "did you mean 'default'?"),
        ("a = { type = 'int', default = '3' }", "args.a.default", "expected an integer, found the string '3'", ""),
        ("a = { type = 'int', default = 1.5 }", "args.a.default", "expected an integer, found the number 1.5", ""),
        ("a = { type = 'int', default = true }", "args.a.default", "expected an integer, found true", ""),
        ("a = { type = 'float', default = nan }", "args.a.default", "expected a number, found the number nan", ""),
        ("a = { type = 'str', default = 3 }", "args.a.default", "expected a string, found the number 3", "put it in quotes"),
        ("a = { type = 'str', default = ['x'] }", "args.a.default", "expected a string, found an array", ""),
        ("a = { default = { x = 1 } }", "args.a.default", "expected a string, found a table", ""),
        ("a = { many = true, default = 'x' }", "args.a.default", "expected an array, found the string 'x'", "put it in br"),
        ("a = { many = true, default = ['x', 1] }", "args.a.default[1]", "expected a string, found the number 1", ""),
        ("a = { choices = ['x'], default = 'y' }", "args.a.default", "'y' is none of the choices", "there are: x"),
        ("a = { choices = ['live'], default = 'liev' }", "args.a.default", "'liev' is none of the choices", "did you mean"),
        ("a = { choices = [] }", "args.a.choices", "there is nothing to choose from", "leave it out"),
        ("a = { choices = 'x' }", "args.a.choices", "expected an array, found the string 'x'", "put it in brackets"),
        ("a = { choices = ['x', 'x'] }", "args.a.choices[1]", "'x' stands here twice", "remove one of them"),
        ("a = { choices = [''] }", "args.a.choices[0]", "a choice cannot be empty", ""),
        ("a = { choices = [1] }", "args.a.choices[0]", "expected a string, found the number 1", "put it in quotes"),
        ("a = { type = 'bool', many = true }", "args.a.many", "'a' is on or off, and can say nothing of 'many'", "leave"),
        ("a = { type = 'bool', option = false }", "args.a.option", "'a' is on or off, and can say nothing of ", "leave"),
        ("a = { type = 'bool', default = 'on' }", "args.a.default", "expected true or false, found the string 'on'", ""),
        ("a = { required = true, default = 'x' }", "args.a.required", "what has a default is not required", "keep one"),
        ("'a b' = 'str'", 'args."a b"', "an argument cannot be named 'a b'", "use letters"),
        ("1 = 'str'", "args.1", "an argument cannot be named '1'", "use letters"),
        ("'' = 'str'", 'args.""', "an argument cannot be named ''", "use letters"),
        ("a = { default = 'x' }\nb = 'str'", "args.b", "'b' must be given, and 'a' before it need not be", "let it stand"),
        ("a = { many = true }\nb = { many = true }", "args.b", "'b' takes several values, and so does 'a'", "make one of"),
        ("a = { many = true }\nb = { default = 'x' }", "args.b", "'b' can never be given: 'a' before it ", "make one of"),
        ("a = 'bool'\nno-a = { option = true }", "args.no-a", "two arguments would be typed '--no-a'", "rename one"),
    ],
)  # fmt: skip
def test_mistakes_in_a_table_are_told(text: str, key: str, message: str, hint: str) -> None:
    got, mistakes = told(text)
    assert got is None
    (mistake,) = mistakes.found
    assert str(mistake.where) == key
    assert mistake.message.startswith(message)
    assert mistake.hint.startswith(hint)


def test_all_mistakes_are_told_at_once() -> None:
    _, mistakes = told("a = 'x'\nb = { defualt = 1 }\nc = { type = 'int', default = 'x', description = 1 }")
    assert [str(one.where) for one in mistakes.found] == ["args.a", "args.b.defualt", "args.c.description"]


def test_a_script_holds_its_arguments() -> None:
    mistakes = Mistakes()
    read = script({"run": "x {arg:a}", "args": {"a": "int"}}, Key("f"), mistakes)
    assert read == Script(commands=("x {arg:a}",), args=(place("a", "int"),))
    assert script({"run": "x", "args": ["a"]}, Key("f"), mistakes) is None
    assert [one.message for one in mistakes.found] == ["expected a table, found an array"]


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ("1", {"version": "1", "dry-run": "", "level": "3", "paths": "src", "target": ""}),
        (
            "a;b ./x/ y$ --level 04 --dry-run --target live",
            {"version": "'a;b'", "dry-run": "--dry-run", "level": "04", "paths": "./x/ 'y$'", "target": "live"},
        ),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="shells of other systems quote otherwise")
def test_commands_get_what_was_typed_quoted(words: str, texts: dict[str, str]) -> None:
    assert argument_texts(TABLED, read_arguments(TABLED, words.split(), "release")) == texts


def test_usage_tells_all_there_is() -> None:
    doc = "Release the project.\n\n        Builds it first.\n          Always.\n    "
    assert usage_text("release", doc, TABLED).splitlines() == [
        "Release the project.",
        "",
        "Builds it first.",
        "  Always.",
        "",
        "usage: envtasks -s release -- [--dry-run] [--level LEVEL] [--target TARGET] VERSION [PATHS ...]",
        "",
        "  VERSION          str, required                The version.",
        "  --dry-run        bool, default: off",
        "  --level LEVEL    int, default: 3",
        "  PATHS ...        path, several, default: src",
        "  --target TARGET  one of test, live",
    ]


@pytest.mark.parametrize(
    ("signature", "line"),
    [
        ("", "usage: envtasks -s t [-- WORDS ...]"),
        ("a, *b", "usage: envtasks -s t -- A [B ...]"),
        ("*, a_b: list[int], c: bool = True", "usage: envtasks -s t -- (--a-b A_B)... [--c/--no-c]"),
        ("a: Level = Level.LOW", "usage: envtasks -s t -- [A]"),
    ],
)
def test_usage_on_one_line(signature: str, line: str) -> None:
    found = arguments_of(task(signature), ())
    assert usage_line("t", found) == line
    assert usage_text("t", "", found).splitlines()[0] == line


def test_defaults_are_shown_as_they_are_typed() -> None:
    found = arguments_of(task("a=Level.VERY_HIGH, b=1.5, *, c: bool = True, d: bool | None = None, e=()"), ())
    assert [line.split("  ")[-1].strip() for line in usage_text("t", "", found).splitlines()[2:]] == [
        "one of low, very-high, highest, default: very-high",
        "float, default: 1.5",
        "bool, default: on",
        "bool",
        "str, several",
    ]


def test_arguments_as_json() -> None:
    signature = "a: Path = Path('x'), *, b: Level = Level.LOW, c: list[int] = (1,), d=float('nan'), e: bool, f: Level"
    keys = ("name", "type", "option", "required", "default", "many", "choices", "description")
    levels = ["low", "very-high", "highest"]
    assert [tuple(one.values()) for one in arguments_document(arguments_of(task(signature), ()))] == [
        ("a", "path", False, False, "x", False, [], ""),
        ("b", "str", True, False, "low", False, levels, ""),
        ("c", "int", True, False, [1], True, [], ""),
        ("d", "float", True, False, "nan", False, [], ""),
        ("e", "bool", True, False, False, False, [], ""),
        ("f", "str", True, True, None, False, levels, ""),
    ]
    assert {tuple(one) for one in arguments_document(TABLED)} == {keys}


WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": WORD,
    "path": WORD,
    "int": st.integers(),
    "float": st.floats(allow_nan=False),
    "bool": st.booleans(),
}


@st.composite
def sessions_typed(draw: st.DrawFn) -> tuple[tuple[Argument, ...], list[str], dict[str, Any]]:
    """Any arguments, in an order that both doors accept, the words of a person, and what these stand for."""
    kinds = draw(st.lists(st.sampled_from(TYPES), max_size=6))
    several = draw(st.integers(0, 6))
    declared, places, options, values = [], [], [], {}
    for index, kind in enumerate(kinds):
        name = f"a{index}"
        many = draw(st.booleans()) if kind != "bool" else False
        by_place = kind != "bool" and (index == several or not many) and draw(st.booleans())
        value = draw(st.lists(VALUES[kind], min_size=1, max_size=3) if many else VALUES[kind])
        words = [str(one) for one in (value if many else [value])]
        if by_place and any(word.startswith("-") for word in words) and kind in {"str", "path"}:
            by_place = False
        one = Argument(name, kind, option=not by_place, required=kind != "bool", many=many, parameter=name)
        declared.append(one)
        values[name] = value
        if kind == "bool":
            options.append([f"--{name}" if value else f"--no-{name}"])
        elif by_place:
            places.append(words)
        elif draw(st.booleans()) and not any(word.startswith("-") for word in words):
            options += [[f"--{name}", word] for word in words]
        else:
            options += [[f"--{name}={word}"] for word in words]
    # Options may stand anywhere; those of one name, and what is told by its place, keep their order.
    order = draw(st.permutations([0] * len(options) + [1] * sum(map(len, places))))
    one_by_one = [[word] for words in places for word in words]
    typed = [word for which in order for word in (one_by_one if which else options).pop(0)]
    return tuple(declared), typed, values


@settings(deadline=None, max_examples=200)
@given(made=sessions_typed())
def test_whatever_is_typed_comes_back(made: tuple[tuple[Argument, ...], list[str], dict[str, Any]]) -> None:
    declared, typed, values = made
    found = read_arguments(declared, typed, "t")
    assert found.values == values
    assert found.rest == ()


@settings(deadline=None, max_examples=200)
@given(words=st.lists(st.one_of(WORD, st.sampled_from(["--tag", "--x", "--n=1", "--", "-", "-1", "--no-x=", "low"]))))
def test_whatever_is_typed_is_read_or_refused(words: list[str]) -> None:
    try:
        found = read_arguments(RELEASE, words, "t")
    except RequestError:
        return
    assert found.values.keys() == SUPPLIED.keys()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("x {arg:a} {arg:b}y", "x 'a b' y"),
        ("{arg:{matrix:v}}", "'a b'"),
        ("{args:{arg:a}}", "'a b'"),
    ],
)
def test_placeholders_become_what_was_given(text: str, filled: str) -> None:
    host = Host("/src", "/home/person", "linux", {})
    assert fill(text, Context(host, {}, variant={"v": "a"}, given={"a": "'a b'", "b": ""})) == filled


def test_a_placeholder_without_an_argument_is_told() -> None:
    with pytest.raises(FillError, match="the script has no argument 'c'"):
        fill("{arg:{env:C}}", Context(Host("/src", "/", "linux", {}), {"C": "c"}))


@pytest.mark.parametrize(
    ("toml", "message", "hint"),
    [
        ("scripts.s = 'x {arg:a}'", "the script has no argument 'a'", "declare it in the 'args' of the script"),
        ("dependencies = ['{arg:a}']", "the script has no argument 'a'", "declare it in the 'args' of the script"),
        ("scripts.s = { run = 'x {arg:lvel}', args.level = 'int' }", "the script has no argument 'lvel'", "did you mean"),
        ("scripts.s = { run = 'x', env-vars.A = '{arg:b}', args.a = 'int' }", "the script has no argument 'b'", "declare"),
        ("extra-scripts.s = { run = ['x', '{args:{arg:b}}'] }", "the script has no argument 'b'", "declare"),
        ("overrides.env.CI.scripts = ['s=x {arg:a}']", "the script has no argument 'a'", "declare"),
        ("scripts.s = { run = '{arg}', args.a = 'int' }", "'{arg}' needs the name of an argument", "write {arg:NAME}"),
        ("scripts.s = { run = '{arg:a:1}', args.a = 'int' }", "'{arg:a:1}' can hold a name only", "a default stands"),
    ],
)  # fmt: skip
def test_placeholders_without_an_argument_are_told_early(
    resolve_text: ResolveText, toml: str, message: str, hint: str
) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        resolve_text(f"[envs.test]\n{toml}")
    (mistake,) = raised.value.mistakes
    assert mistake.message == message
    assert mistake.hint.startswith(hint)


@pytest.mark.parametrize(
    "toml",
    [
        "scripts.s = { run = 'x {arg:a}', env-vars.A = '{arg:a}', cwd = '{arg:a}', args.a = 'str' }",
        "scripts.s = { run = '{arg:{matrix:v}}', args.a = 'str' }\nmatrix = [{ v = ['a'] }]",
        "overrides.env.CI.extra-scripts = { value = { s = { run = '{arg:a}', args.a = 'str' } } }",
    ],
)
def test_placeholders_of_declared_arguments_are_fine(resolve_text: ResolveText, toml: str) -> None:
    assert resolve_text(f"[envs.test]\n{toml}").environments


def test_python_may_say_things_that_toml_cannot() -> None:
    mistakes = Mistakes()
    raw = {
        "a": {1: 2},
        "b": {"default": None},
        "c": {"default": object()},
        "d": {"choices": ("x", 10**30)},
        "e": ("x",),
    }
    assert arguments(raw, Key("envfile.py"), mistakes) is None
    assert [one.message for one in mistakes.found] == [
        "expected keys that are strings, found the number 1",
        "expected a string, found nothing",
        "expected a string, found a value of type object",
        "expected a string, found a huge number",
        "expected a string or a table, found an array",
    ]


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.sampled_from(TYPES)),
    lambda inside: st.lists(inside, max_size=3),
    max_leaves=3,
)
TABLES = st.dictionaries(
    st.sampled_from(["a", "b-c", "no-b-c", "d", ""]),
    st.one_of(ANYTHING, st.fixed_dictionaries({}, optional=dict.fromkeys(ARGUMENT_READERS, ANYTHING))),
    max_size=3,
)


@settings(deadline=None, max_examples=300)
@given(raw=TABLES)
def test_whatever_is_declared_is_read_or_told(raw: dict[str, Any]) -> None:
    mistakes = Mistakes()
    found = arguments(raw, Key("envtasks.toml"), mistakes)
    assert (found is None) == bool(mistakes.found)
    if found is not None:
        assert [one.name for one in found] == list(raw)
        assert hash(found) == hash(arguments(raw, Key("envtasks.toml"), mistakes))
        assert len(arguments_document(found)) == len(found)
        assert argument_texts(found, Given()).keys() == raw.keys()
        assert usage_text("t", "", found)
