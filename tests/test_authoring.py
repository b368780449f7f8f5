"""What `@env`, `env(...)`, `@script` and `options` write."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from envtasks.declare import collecting
from envtasks.declare.authoring import env, options, script
from envtasks.declare.collecting import Collection
from envtasks.declare.declarations import Given, Parametrized, Several, Written, WrittenTask
from envtasks.declare.environment import read_environment
from envtasks.declare.keywords import EnvironmentKeywords, ScriptKeywords
from envtasks.declare.overriding import override
from envtasks.declare.parametrizing import param, parametrize
from envtasks.declare.scripts import TASK_READERS, scripts
from envtasks.declared import Function, Point
from envtasks.errors import Key, Mistakes
from envtasks.option_table import TABLE


@pytest.fixture(autouse=True)
def collection() -> Iterator[Collection]:
    """What the test declares; the collection that stood before stands again after it."""
    before = collecting.current
    yield collecting.start()
    collecting.current = before


def written() -> Written:
    return collecting.current.written("")


def told() -> list[str]:
    return [mistake.message for mistake in written().mistakes]


def raw(name: str = "test") -> dict[str, Any]:
    return {one: dict(options) for one, options, _ in written().environments}[name]


def function_of(one: WrittenTask) -> Function:
    return one.function


def test_a_decorated_function_is_the_default_script_of_its_environment() -> None:
    @env
    def test(session: object) -> str:
        """Run the tests."""
        return f"ran with {session}"

    assert test("x") == "ran with x"
    assert (test.__name__, test.__doc__) == ("test", "Run the tests.")
    options = raw()
    assert options["default-script"] == "test"
    assert options["default"] is True
    function = function_of(options["scripts"]["test"])
    assert function.call("y") == "ran with y"
    assert (function.name, function.doc) == ("test", "Run the tests.")
    assert function.file == __file__


def test_keywords_are_the_options_of_toml() -> None:
    @env(python="3.12", env_vars={"A": "1"}, matrix_name_format="{value}", default=False)
    def test() -> None: ...

    options = raw()
    del options["scripts"], options["default-script"]
    assert options == {"python": "3.12", "env-vars": {"A": "1"}, "matrix-name-format": "{value}", "default": False}


def test_a_decorated_function_takes_more_scripts() -> None:
    @env
    def test() -> None: ...

    @test.script
    def cov() -> str:
        return "covered"

    assert cov() == "covered"
    assert list(raw()["scripts"]) == ["test", "cov"]
    assert raw()["default-script"] == "test"


def test_a_function_may_stand_below_several_environments() -> None:
    @env(detached=True)
    @env(name="test-slow", tags=["slow"])
    @env("test-old")
    def test(session: object) -> str:
        return f"ran with {session}"

    assert test("x") == "ran with x"
    environments = {name: options for name, options, _ in written().environments}
    assert list(environments) == ["test-old", "test-slow", "test"]
    assert {name: options["default-script"] for name, options in environments.items()} == dict.fromkeys(
        environments, "test"
    )


def test_a_name_may_differ_from_that_of_the_function() -> None:
    @env("unit", default_script="other")
    def test() -> None: ...

    assert [name for name, _, _ in written().environments] == ["unit"]
    assert raw("unit")["default-script"] == "other"
    assert list(raw("unit")["scripts"]) == ["test"]


def test_a_call_declares_an_environment_without_a_function() -> None:
    lint = env("lint", scripts={"check": "ruff check"})
    assert raw("lint") == {"scripts": {"check": "ruff check"}, "default": True}

    @lint.script
    def fix() -> str:
        return "fixed"

    assert fix() == "fixed"
    scripts = raw("lint")["scripts"]
    assert list(scripts) == ["check", "fix"]
    assert function_of(scripts["fix"]).name == "fix"


@pytest.mark.parametrize(
    ("keywords", "options"),
    [
        ({"python": ["3.11", "3.12"]}, {"python": ["3.11", "3.12"]}),
        ({"py": "3.12"}, {"python": "3.12"}),
        ({"python": False}, {"type": "none"}),
        ({"python": None, "tags": None}, {}),
        ({"venv_backend": "virtualenv"}, {"installer": "pip"}),
        ({"venv_backend": "venv"}, {"installer": "pip"}),
        ({"venv_backend": "uv"}, {"installer": "uv"}),
        ({"venv_backend": "uv|virtualenv"}, {}),
        ({"venv_backend": "conda|uv"}, {"installer": "uv"}),
        ({"venv_backend": "none"}, {"type": "none"}),
        ({"venv_backend": None}, {}),
        ({"requires": ["build-{python}"]}, {"requires": ["build-{python}"]}),
    ],
)
def test_keywords_of_nox(keywords: dict[str, Any], options: dict[str, Any]) -> None:
    env("test", **keywords)
    assert raw() == {**options, "default": True}


@pytest.mark.parametrize(
    ("keywords", "message", "hint"),
    [
        ({"reuse_venv": True}, "'reuse_venv' is no option", "leave it out: environments are used again"),
        ({"download_python": "auto"}, "'download_python' is no option", "leave it out: Pythons are looked for"),
        ({"venv_params": ["--x"]}, "'venv_params' is no option", "leave it out; for --system-site-packages"),
        ({"allow_parallel": True}, "'allow_parallel' is no option", "leave it out"),
        ({"py": "3", "python": "4"}, "'python' and 'py' say different things of 'python'", "keep one of them"),
        (
            {"python": False, "type": "virtual"},
            "'type' and 'python' say different things of 'type'",
            "keep one of them",
        ),
        (
            {"venv_backend": "uv", "installer": "pip"},
            "'installer' and 'venv_backend' say different things of 'installer'",
            "keep one of them",
        ),
        ({"venv_backend": "conda"}, "no environments are made with 'conda'", "known are: virtualenv, venv, uv, none"),
        ({"venv_backend": 3}, "no environments are made with 3", "known are:"),
    ],
)
def test_keywords_of_nox_that_say_nothing_here(keywords: dict[str, Any], message: str, hint: str) -> None:
    env("test", **keywords)
    (mistake,) = written().mistakes
    assert mistake.message == message
    assert mistake.hint.startswith(hint)
    assert mistake.where.file == __file__


def test_the_name_as_a_keyword() -> None:
    @env(name="type-check")
    def types() -> None: ...

    assert raw("type-check")["default-script"] == "types"
    env("a", name="b")
    env(name=3)  # type: ignore[call-overload]
    assert told() == ["the environment has two names, 'a' and 'b'", "the name of an environment is a string, not 3"]


def test_a_function_declares_one_environment() -> None:
    @env
    def test() -> None: ...

    env(test)
    assert told() == ["'test' is the task of an environment already"]


def test_a_call_with_a_function_takes_the_keywords_too() -> None:
    def test() -> None: ...

    env(test, name="unit", tags=["slow"])
    assert raw("unit")["tags"] == ["slow"]
    assert raw("unit")["default-script"] == "test"


def test_two_scripts_of_one_name_are_told_of() -> None:
    lint = env("lint", scripts={"fix": "ruff"})

    @lint.script
    def fix() -> None: ...

    @env
    def test() -> None: ...

    @test.script
    def cov() -> None: ...

    @test.script(name="cov")
    def again() -> None: ...

    assert told() == ["'lint' already has a script 'fix'", "'test' already has a script 'cov'"]


def test_a_task_is_a_plain_function() -> None:
    env("a").script(partial(print, 1))
    assert told()[0].startswith("a task is a function, and functools.partial(")


def test_scripts_say_what_a_table_would() -> None:
    @env
    def test() -> None: ...

    @test.script(name="cov-all", requires=["lint"], timeout=3)
    def cov() -> str:
        return "covered"

    assert cov() == "covered"
    task = raw()["scripts"]["cov-all"]
    assert (task.function.name, task.settings) == ("cov", {"requires": ["lint"], "timeout": 3})


POINTS = (Point((("a", "1"),), "", "a='1'"), Point((("a", "2"),), "old", "old"))


def test_points_become_the_matrix() -> None:
    """Whichever of the two decorators comes first."""

    @env(matrix=[{"b": ["x"]}])
    @parametrize("a", ["1", param("2", id="old")])
    def test() -> None: ...

    @parametrize("a", ["1", param("2", id="old")])
    @env
    def other() -> None: ...

    assert raw()["matrix"] == Parametrized([{"b": ["x"]}], POINTS)
    assert raw("other")["matrix"] == Parametrized(None, POINTS)


def test_points_belong_to_the_function_that_declares_the_environment() -> None:
    @env
    @parametrize("a", ["1"])
    def test() -> None: ...

    @parametrize("a", ["1"])
    @test.script
    def more() -> None: ...

    @parametrize("a", ["1"])
    @script("default")
    def seed() -> None: ...

    mistakes = Mistakes()
    for tasks in (raw()["scripts"], {name: task for _, name, task, _ in written().scripts}):
        scripts(tasks, Key("envfile.py"), mistakes)
    assert [mistake.message for mistake in mistakes.found] == [
        f"'{name}' is one more script of its environment, and cannot be parametrized" for name in ("more", "seed")
    ]


@pytest.mark.parametrize(
    ("matrix", "names", "twice"),
    [
        (None, ["a"], []),
        (None, ["a", "a"], ["a"]),
        ([{"a": ["x"]}], ["a"], ["a"]),
        ([{"py": ["3"]}], ["python"], ["python"]),
    ],
)
def test_a_variable_is_said_once(matrix: Any, names: list[str], twice: list[str]) -> None:
    decorated: Any = lambda session: None  # noqa: E731 - any function will do
    for name in names:
        decorated = parametrize(name, ["3.12"])(decorated)
    env("test", matrix=matrix)(decorated)
    mistakes = Mistakes()
    read_environment("test", raw(), Key("envfile.py"), mistakes)
    assert [one.message for one in mistakes.found] == [f"the variable '{name}' is said twice" for name in twice]


def test_type_checkers_see_the_options_of_the_table() -> None:
    options = {name.replace("-", "_") for name in TABLE}
    assert set(EnvironmentKeywords.__annotations__) == options | {"name", "py", "venv_backend"}
    assert set(ScriptKeywords.__annotations__) == {name.replace("-", "_") for name in TASK_READERS} | {"name"}


def test_a_decorator_that_never_meets_a_function_declares_nothing() -> None:
    env(python="3.12")
    assert written().environments == ()


def test_places_are_those_of_the_envfile() -> None:
    env("lint")

    @env
    def test() -> None: ...

    options.sessions = ["lint"]
    places = {name: where for name, _, where in written().environments}
    settings = written().settings
    assert {where.file for where in places.values()} == {__file__}
    assert (settings["sessions"][1].line or 0) > (places["test"].line or 0) > (places["lint"].line or 0)


def test_scripts_join_environments_that_were_declared_elsewhere() -> None:
    @script("docs", name="serve-all", tags=["web"], env_vars={"A": "1"})
    def serve() -> str:
        """Show them."""
        return "served"

    assert serve() == "served"
    ((environment, name, task, where),) = written().scripts
    assert (environment, name) == ("docs", "serve-all")
    assert (task.function.doc, task.settings) == ("Show them.", {"tags": ["web"], "env-vars": {"A": "1"}})
    assert str(where) == "serve"


def test_settings_can_be_read_back() -> None:
    options.env_dir = "somewhere"
    assert options.env_dir == "somewhere"
    assert written().settings["env-dir"][0] == "somewhere"
    with pytest.raises(AttributeError, match="'installer' was not set"):
        _ = options.installer


def test_scripts_that_are_no_table_are_left_for_the_checks_to_tell() -> None:
    @env(scripts="ruff check")  # type: ignore[call-overload, untyped-decorator]
    def test() -> None: ...

    assert raw()["scripts"] == "ruff check"


def test_several_overrides_are_left_as_they_were_written() -> None:
    written_ones: Any = [override(platform="linux", dependencies=["a"]), "oops"]
    env("test", overrides=written_ones)
    assert raw()["overrides"] == Several(written_ones)


@pytest.mark.parametrize(
    ("given", "table"),
    [
        (
            {"platform": ["linux", "macos"]},
            {"platform": {"linux": {"python": [{"value": "3"}]}, "macos": {"python": [{"value": "3"}]}}},
        ),
        ({"platform": "linux", "env": "CI"}, {"platform": {"linux": {"python": [{"value": "3", "env": ["CI"]}]}}}),
        ({"env": ["CI", "X"]}, {"env": {"CI": {"python": [{"value": "3", "env": ["CI", "X"]}]}}}),
        ({"env": {"CI": "1"}}, {"env": {"CI": {"python": [{"value": "3", "env": ["CI=1"]}]}}}),
        ({"matrix": {"v": []}}, {"matrix": {"v": {"python": [{"value": "3"}]}}}),
        (
            {"matrix": {"v": ["1", "2"]}, "platform": "linux", "env": {"CI": "1"}},
            {"matrix": {"v": {"python": [{"value": "3", "if": ["1", "2"], "platform": ["linux"], "env": ["CI=1"]}]}}},
        ),
        ({"matrix": {"v": "12"}}, {"matrix": {"v": {"python": [{"value": "3", "if": ["12"]}]}}}),
        ({"name": "^1", "platform": "linux"}, {"name": {"^1": {"python": [{"value": "3", "platform": ["linux"]}]}}}),
        ({"name": "^1", "replace": True}, {"name": {"^1": {"set-python": [{"value": "3"}]}}}),
        (
            {"name": "^1", "replace": True, "env": "CI"},
            {"name": {"^1": {"set-python": Given([{"value": "3"}], {"env": ["CI"]})}}},
        ),
    ],
)
def test_an_override_is_conditions_and_options(given: dict[str, Any], table: dict[str, Any]) -> None:
    assert override(**given, python="3") == table


def test_options_that_need_the_form_of_a_table_get_it() -> None:
    assert override(platform="linux", description="d", extra_scripts={"s": "x"}) == {
        "platform": {"linux": {"description": [{"value": "d"}], "extra-scripts": [{"value": {"s": "x"}}]}}
    }


def test_tables_and_arrays_of_an_override_are_choices() -> None:
    assert override(name="1", env_vars={"A": "1"}, dependencies=("a", "b"), dev_mode=False) == {
        "name": {
            "1": {
                "env-vars": [{"key": "A", "value": "1"}],
                "dependencies": [{"value": "a"}, {"value": "b"}],
                "dev-mode": [{"value": False}],
            }
        }
    }


@pytest.mark.parametrize(
    "given", [{}, {"matrix": {}}, {"matrix": {"a": [], "b": []}}, {"matrix": {"a": []}, "name": "1"}]
)
def test_an_override_needs_one_source(given: dict[str, Any]) -> None:
    assert override(**given, python="3") == {}
    assert told() == ["override needs a condition"]


def test_an_override_takes_the_keywords_of_an_environment() -> None:
    assert override(platform="linux", py="3.12", venv_backend="uv", tags=["x"]) == {
        "platform": {
            "linux": {
                "python": [{"value": "3.12"}],
                "installer": [{"value": "uv"}],
                "tags": [{"value": "x"}],
            }
        }
    }


def test_what_cannot_be_a_name_is_told() -> None:
    env(5)  # type: ignore[call-overload]

    @script  # type: ignore[arg-type]
    def seed() -> None: ...

    assert told() == ["the name of an environment is a string, not 5", "the name of the environment is missing"]
