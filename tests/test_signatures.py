from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from envtasks.declare.envfile import load
from envtasks.declare.project import find_project, read_project
from envtasks.declared import Value
from envtasks.errors import InvalidDeclarations, Mistake
from envtasks.model import Host
from envtasks.resolve.parameters import parameters, required_by_place, takes_session
from envtasks.resolve.project import resolve
from envtasks.resolve.signatures import by_name

Told = Callable[..., tuple[Mistake, ...]]

TOML = '[envs.old]\nmatrix = [{ py = ["3.11", "3.12"], django = ["5"] }]'


@pytest.fixture
def told(
    project: Callable[[Mapping[str, str]], Path], host: Callable[..., Host], monkeypatch: pytest.MonkeyPatch
) -> Told:
    """What is wrong with a project whose envfile says this."""
    monkeypatch.setattr(sys, "path", sys.path[:])

    def make(text: str) -> tuple[Mistake, ...]:
        text = f"from envtasks import env, script\n{text}"
        root = project({"envfile.py": text, "envtasks.toml": TOML})
        try:
            resolve(read_project(find_project(str(root)), load(str(root / "envfile.py"))), host(root))
        except InvalidDeclarations as error:
            return error.mistakes
        return ()

    return make


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("@env\ndef a(): ...", "the function 'a' has no parameter for the session", "write def a(session)"),
        ("@env\ndef a(*, session): ...", "the function 'a' has no parameter for the session", "write def a(session)"),
        *[
            (
                text,
                "calling the function 'a' would not run it: it is async, or has a 'yield'",
                "write a plain function",
            )
            for text in (
                "@env\nasync def a(session): ...",
                "@env\ndef a(session): yield",
                "@env\nasync def a(session): yield",
            )
        ],
        (
            '@env(matrix=[{"django": ["5"]}])\ndef a(session, djagno): ...',
            "the parameter 'djagno' of 'a' is no matrix variable of 'a.5'",
            "did you mean 'django'?",
        ),
        (
            '@env(matrix=[{"django": ["5"]}, {"v": ["1", "2"]}])\ndef a(session, django): ...',
            "the parameter 'django' of 'a' is no matrix variable of 'a.1'",
            "known are: v; ",
        ),
        (
            '@env(matrix=[{"django": ["5"]}])\ndef a(session, django, /): ...',
            "the function 'a' takes 'django' by its place only",
            "matrix variables arrive by name",
        ),
        (
            "@env\ndef a(session, one: dict): ...",
            "no words can give the parameter 'one' of 'a' its type, 'dict'",
            "use str, int,",
        ),
    ],
)
def test_what_a_call_would_fail_on_is_told_at_the_function(told: Told, text: str, message: str, hint: str) -> None:
    (mistake,) = told(text)
    assert mistake.message == message
    assert mistake.hint.startswith(hint)
    assert (Path(mistake.where.file).name, str(mistake.where), mistake.where.line) == ("envfile.py", "a", 2)


@pytest.mark.parametrize(
    "text",
    [
        "@env\ndef a(session): ...",
        "@env\ndef a(session, django='5', *more, other=1, **rest): ...",
        "@env\ndef a(*args, **keywords): ...",
        '@env(matrix=[{"django": ["5"]}, {"v": ["1"]}])\ndef a(session, django=None): ...',
        '@env(matrix=[{"django": ["5"], "v": ["1"]}, {"django": ["4"]}])\ndef a(session, django): ...',
        '@env(python=["3.11", "3.12"])\ndef a(session, python, py): ...',
        '@script("old")\ndef a(session, py, django, python): ...',
        "class Tasks:\n    def a(self, session): ...\nenv('a').script(Tasks().a)",
        "@env\ndef a(session):\n    async def inside(): ...\n    return [one for one in (yes for yes in [1])]",
        # What is no variable is an argument of the task.
        "@env\ndef a(session, django): ...",
        '@env(matrix=[{"django": ["5"]}])\ndef a(session, djagno: str): ...',
        '@script("old")\ndef a(session, v): ...',
        '@env(matrix=[{"django": ["5"]}])\ndef a(session, django): ...\nenv("b", template="a")',
        '@env(matrix=[{"django": ["5"]}])\ndef a(session, django): ...\n@env(template="a")\ndef b(session): ...',
    ],
)
def test_what_a_call_passes_is_fine(told: Told, text: str) -> None:
    assert told(text) == ()


def test_all_is_told_and_each_once(told: Told) -> None:
    mistakes = told(
        '@env(matrix=[{"v": ["1", "2"]}])\ndef a(session, one: dict): ...\n@env\ndef b(): ...\n'
        "@env\ndef c(session, two: dict): ..."
    )
    assert [(mistake.where.keys, mistake.message.partition(" of ")[0]) for mistake in mistakes] == [
        (("b",), "the function 'b' has no parameter for the session"),
        (("a",), "no words can give the parameter 'one'"),
        (("c",), "no words can give the parameter 'two'"),
    ]


class Tasks:
    def method(self, session: Any, django: Any) -> None: ...

    def __call__(self, session: Any, django: Any) -> None: ...


def plain(session: Any, django: Any, *rest: Any, python: Any, py: Any = None) -> None: ...


def by_place(session: Any, django: Any, v: Any = None, /, python: Any = None) -> None: ...


def starred(*session: Any, django: Any) -> None: ...


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (plain, ("django", "python", "py")),
        (by_place, ("python",)),
        (starred, ("django",)),
        (Tasks().method, ("django",)),
        (Tasks(), ()),
        (partial(plain, django="5"), ()),
    ],
)
def test_the_parameters_of_functions(function: Callable[..., None], named: tuple[str, ...]) -> None:
    assert parameters(function) == named
    assert takes_session(function)
    assert required_by_place(function) == (("django",) if function is by_place else ())


def test_variables_arrive_by_name() -> None:
    variant = (("python", "3.12"), ("django", "5"), ("v", "1"))
    assert by_name(plain, variant) == {"python": "3.12", "py": "3.12", "django": "5"}
    assert by_name(by_place, variant) == {"python": "3.12"}
    assert by_name(starred, (("django", "5"),)) == {"django": "5"}
    assert by_name(partial(plain), variant) == {}
    given = Value("5")
    given.given = 5
    assert by_name(plain, (("django", given),)) == {"django": 5}
