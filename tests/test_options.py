from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from envtasks.declared import Function, Script
from envtasks.errors import Key
from envtasks.model import Environment, SessionRef
from envtasks.option_table import DEPENDENCIES, DESCRIPTION, PYTHON, TABLE, TEMPLATE, Kind, Option

EMPTY: dict[str, Any] = {"text": (str, type(None)), "flag": bool, "texts": tuple, "pairs": tuple, "scripts": dict}


@pytest.mark.parametrize("option", TABLE.values(), ids=TABLE)
def test_every_row_is_whole(option: Option[object]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", option.name)
    assert option.kind in get_args(Kind)
    assert option.doc.endswith(".")
    assert option.kind in ("matrix", "overrides") or isinstance(option.default, EMPTY[option.kind])


@pytest.mark.parametrize(
    ("quality", "names"),
    [
        ("inherited", {"template", "detached", "matrix", "default", "requires"}),
        (
            "overridable",
            {"template", "detached", "description", "extra-scripts", "matrix", "overrides"},
        ),
    ],
)
def test_what_is_not(quality: str, names: set[str]) -> None:
    assert {name for name, option in TABLE.items() if not getattr(option, quality)} == names


@pytest.mark.parametrize(
    ("quality", "names"),
    [
        (
            "filled",
            {
                "dependencies",
                "extra-dependencies",
                "env-vars",
                "scripts",
                "extra-scripts",
                "pre-install-commands",
                "post-install-commands",
                "python",
                "path",
            },
        ),
        (
            "consumed",
            {
                "template",
                "detached",
                "extra-dependencies",
                "extra-scripts",
                "matrix",
                "matrix-name-format",
                "overrides",
            },
        ),
    ],
)
def test_what_is(quality: str, names: set[str]) -> None:
    assert {name for name, option in TABLE.items() if getattr(option, quality)} == names


def test_an_option_shows_its_name() -> None:
    assert repr(PYTHON) == "Option('python')"


HERE = Key("envtasks.toml", ("envs", "test"))
ELSEWHERE = Key("envfile.py")


def environment(**options: object) -> Environment:
    return Environment("test.1", "test", (("v", "1"),), options, HERE, {})


def test_an_environment_has_the_default_of_what_it_does_not_say() -> None:
    one = environment(python="3.12")
    assert one[PYTHON] == "3.12"
    assert one[DEPENDENCIES] == ()
    assert one[TEMPLATE] == "default"


def test_environments_are_equal_wherever_they_were_declared() -> None:
    one = environment(python="3.12")
    other = Environment("test.1", "test", (("v", "1"),), {"python": "3.12"}, ELSEWHERE, {"python": (ELSEWHERE,)})
    assert one == other
    assert hash(one) == hash(other)
    assert one != environment(python="3.13")
    assert one != "test.1"


def test_an_environment_is_frozen() -> None:
    with pytest.raises(AttributeError, match="frozen: 'name'"):
        environment().name = "other"


def test_an_environment_shows_what_it_says() -> None:
    assert repr(environment(python="3.12")) == "Environment('test.1', {'python': '3.12'})"
    assert environment().family == "test"
    assert Environment("lint", None, (), {}, HERE, {}).family == "lint"


def seed() -> None: ...


FUNCTION = Function(seed, "seed", "envfile.py", 3, "\n  Fill the tables.\n\n  At length.")


@pytest.mark.parametrize(
    ("script", "default", "description"),
    [
        (Script(("true",), description="its own"), True, "its own"),
        (Script(function=FUNCTION), True, "Fill the tables."),
        (Script(function=FUNCTION, description="said"), True, "said"),
        (Script(("true",)), True, "the environment's"),
        (Script(("true",)), False, ""),
    ],
    ids=["own", "docstring", "own before docstring", "environment", "nothing"],
)
def test_the_description_of_a_session(script: Script, default: bool, description: str) -> None:
    one = environment(**{DESCRIPTION.name: "the environment's\nin two lines", "scripts": {"s": script}})
    assert SessionRef(one, "s", default).description == description


def test_a_session_is_named_after_its_environment_or_its_script() -> None:
    one = environment(scripts={"s": Script(tags=("b", "a"))}, tags=("a",), python="3.12")
    default, other = SessionRef(one, "s", default=True), SessionRef(one, "s", default=False)
    assert (default.id, default.name, default.family) == ("test.1:s", "test.1", "test")
    assert (other.id, other.name, other.family) == ("test.1:s", "test.1:s", "test:s")
    assert (default.tags, other.tags) == (("a", "b"), ("b", "a"))
    assert other.python == "3.12"
    assert str(FUNCTION) == "envfile.py:seed"
