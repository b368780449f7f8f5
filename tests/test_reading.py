"""One environment, from its raw table to the values of its options."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from envtasks.declare.declarations import WrittenTask
from envtasks.declare.environment import read_environment
from envtasks.declared import Choice, Function, MatrixEntry, Override, Point, Script
from envtasks.errors import Key, Mistakes
from envtasks.option_table import TABLE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def entry(**variables: tuple[str, ...]) -> MatrixEntry:
    """One table of a matrix with these variables."""
    return MatrixEntry(tuple(tuple(Point(((name, value),)) for value in values) for name, values in variables.items()))


def read(raw: Any, name: str = "test", *, strict: bool = True) -> tuple[dict[str, Any], Mistakes]:
    mistakes = Mistakes(strict=strict)
    declaration = read_environment(name, raw, Key("envtasks.toml"), mistakes)
    return dict(declaration.options) if declaration else {}, mistakes


def read_text(text: str) -> tuple[dict[str, Any], Mistakes]:
    return read(tomllib.loads(text))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", {}),
        ('type = "virtual"', {"type": "virtual"}),
        ('description = ""', {"description": ""}),
        ("dependencies = []", {"dependencies": ()}),
        ('dependencies = ["a", "b>1"]', {"dependencies": ("a", "b>1")}),
        ("dev-mode = false", {"dev-mode": False}),
        ('env-vars = { B = "2", A = "" }', {"env-vars": (("B", "2"), ("A", ""))}),
        ('python = "3.12"', {"python": "3.12"}),
        ('python = ""', {"python": None}),
        ('path = ""', {"path": None}),
        ("detached = true", {"detached": True, "skip-install": True}),
        ("detached = true\nskip-install = false", {"detached": True, "skip-install": False}),
        ("detached = false", {"detached": False}),
        ("matrix = []", {"matrix": ()}),
        ('[[matrix]]\nv = ["1", "2"]\nw = ["x"]', {"matrix": (entry(v=("1", "2"), w=("x",)),)}),
        ('matrix-name-format = "{variable}_{value}"', {"matrix-name-format": "{variable}_{value}"}),
        ('matrix-name-format = "{value:>3}{value}"', {"matrix-name-format": "{value:>3}{value}"}),
        ('tags = ["ci"]\ndefault = true', {"tags": ("ci",), "default": True}),
    ],
)
def test_what_is_written_becomes_the_value_of_an_option(text: str, options: dict[str, Any]) -> None:
    found, mistakes = read_text(text)
    assert not mistakes.found
    assert found == options
    assert list(found) == list(options)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ('s = "pytest"', Script(("pytest",))),
        ('s = ["a", "- b"]', Script(("a", "- b"))),
        ("s = []", Script()),
        ('s = { run = "pytest" }', Script(("pytest",))),
        (
            's = { run = ["a", "b"], description = "d", tags = ["t"], requires = ["lint"], cwd = "docs", timeout = 2 }',
            Script(("a", "b"), description="d", tags=("t",), requires=("lint",), cwd="docs", timeout=2.0),
        ),
        (
            's = { run = "a", env-vars = { A = "1" }, timeout = 0.5 }',
            Script(("a",), env_vars=(("A", "1"),), timeout=0.5),
        ),
    ],
)
def test_scripts_are_strings_arrays_or_tables(text: str, script: Script) -> None:
    for option in ("scripts", "extra-scripts"):
        found, mistakes = read({option: tomllib.loads(text)})
        assert not mistakes.found
        assert found == {option: {"s": script}}


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('python = ["3.11", "3.12"]', {"matrix": (entry(python=("3.11", "3.12")),)}),
        ('python = ["3.12"]\nmatrix = []', {"matrix": (entry(python=("3.12",)),)}),
        (
            'python = ["3.11", "3.12"]\n[[matrix]]\nv = ["1"]\n[[matrix]]\npy = ["3.9"]',
            {"matrix": (entry(python=("3.11", "3.12"), v=("1",)), entry(py=("3.9",)))},
        ),
    ],
    ids=["alone", "beside an empty matrix", "into the entries without a Python"],
)
def test_an_array_of_pythons_is_short_for_a_matrix(text: str, options: dict[str, Any]) -> None:
    found, mistakes = read_text(text)
    assert not mistakes.found
    assert found == options


ARRAY = "expected an array of strings, found "
TEXT = "expected a string, found "

WRONG_TYPES = [
    *((f"{name} = 5", name, ARRAY + "the number 5") for name, row in TABLE.items() if row.kind == "texts"),
    *((f'{name} = "x"', name, ARRAY + "the string 'x'") for name, row in TABLE.items() if row.kind == "texts"),
    *((f"{name} = [3]", f"{name}[0]", TEXT + "the number 3") for name, row in TABLE.items() if row.kind == "texts"),
    *(
        (f"{name} = 1", name, "expected true or false, found the number 1")
        for name, r in TABLE.items()
        if r.kind == "flag"
    ),
    *(
        (f"{name} = true", name, TEXT + "true")
        for name, row in TABLE.items()
        if row.kind == "text" and name != "python"
    ),
    *(
        (f"{name} = []", name, "expected a table, found an array")
        for name, r in TABLE.items()
        if r.kind in ("pairs", "scripts", "overrides")
    ),
]


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        *WRONG_TYPES,
        ("python = 3.12", "python", "expected a string or an array of strings, found the number 3.12"),
        ("python = [3.12]", "python[0]", TEXT + "the number 3.12"),
        ("matrix = [{ python = [] }]", "matrix[0].python", "the matrix variable 'python' has no values"),
        ('matrix = [{ py = ["3.12", "3.12"] }]', "matrix[0].py[1]", "'3.12' stands here twice"),
        ('python = ["3.12", ""]', "python[1]", "a value of a matrix variable cannot be empty"),
        ("description = {}", "description", TEXT + "a table"),
        ("description = 1979-05-27", "description", TEXT + "a value of type date"),
        ('type = ""', "type", "the type cannot be empty"),
        ("env-vars.A = 1", "env-vars.A", TEXT + "the number 1"),
        ("env-vars.A = false", "env-vars.A", TEXT + "false"),
        ('env-vars = "A=1"', "env-vars", "expected a table, found the string 'A=1'"),
        ("scripts.s = 5", "scripts.s", "expected a string, an array of strings or a table, found the number 5"),
        ("scripts.s = [5]", "scripts.s[0]", TEXT + "the number 5"),
        ('scripts."a b" = "x"', 'scripts."a b"', "the name of a script cannot be 'a b'"),
        ('scripts."" = "x"', 'scripts.""', "the name of a script cannot be ''"),
        ("scripts.s = {}", "scripts.s", "a script needs 'run'"),
        ("scripts.s = { run = 1 }", "scripts.s.run", ARRAY + "the number 1"),
        (
            'scripts.s = { run = "a", timeout = 0 }',
            "scripts.s.timeout",
            "expected a number of seconds, found the number 0",
        ),
        ('scripts.s = { run = "a", timeout = 1e30 }', "scripts.s.timeout", "more than 1000000 seconds"),
        ('scripts.s = { run = "a", timeout = inf }', "scripts.s.timeout", "more than 1000000 seconds"),
        ('tags = ["a\\u0000"]', "tags[0]", "no program can be given the text 'a\\x00'"),
        ('python = "\\u0000"', "python", "no program can be given the text '\\x00'"),
        ('scripts.s = "\\u0000"', "scripts.s", "no program can be given the text '\\x00'"),
        ('scripts.s = { run = "\\u0000" }', "scripts.s.run", "no program can be given the text '\\x00'"),
        ('env-vars."A=B" = "1"', 'env-vars."A=B"', "a variable cannot be named 'A=B'"),
        ('env-vars."" = "1"', 'env-vars.""', "a variable cannot be named ''"),
        (
            'scripts.s = { run = "a", env-vars = { "=" = "1" } }',
            'scripts.s.env-vars."="',
            "a variable cannot be named '='",
        ),
        ('scripts."a\\nb" = "x"', 'scripts."a\\nb"', "the name of a script cannot be 'a\\nb'"),
        ('matrix = [{ v = ["1\\u2028"] }]', "matrix[0].v[0]", "'1\\u2028' cannot be part of a name"),
        ('matrix = [{ "v\\r" = ["1"] }]', 'matrix[0]."v\\r"', "a matrix variable cannot be named 'v\\r'"),
        ('overrides.env.CI.env-vars = "=1"', "overrides.env.CI.env-vars[0]", "a variable cannot be named ''"),
        ('overrides.env.CI.scripts = ["a b=1"]', "overrides.env.CI.scripts[0]", "the name of a script cannot be 'a b'"),
        ('overrides.env.CI.tags = ["\\u0000"]', "overrides.env.CI.tags[0]", "no program can be given the text '\\x00'"),
        ('python = ">=foo"', "python", "not a range of versions: '>=foo'"),
        ('python = ["3.12", "==3.11.", "~=3.9"]', "python[1]", "not a range of versions: '==3.11.'"),
        ('matrix = [{ py = [">3.9", "<"] }]', "matrix[0].py[1]", "not a range of versions: '<'"),
        ('overrides.env.CI.python = "!3"', "overrides.env.CI.python[0]", "not a range of versions: '!3'"),
        ('platforms = ["Linux", "linx"]', "platforms[1]", "unknown platform 'linx'"),
        ('overrides.env.CI.platforms = ["win"]', "overrides.env.CI.platforms[0]", "unknown platform 'win'"),
        ('scripts.s = { run = "a", timeout = true }', "scripts.s.timeout", "expected a number of seconds, found true"),
        (
            'scripts.s = { run = "a", timeout = nan }',
            "scripts.s.timeout",
            "expected a number of seconds, found the number nan",
        ),
        ('scripts.s = { run = "a", cwd = 1 }', "scripts.s.cwd", TEXT + "the number 1"),
        ('scripts.s = { run = "a", runs = 1 }', "scripts.s.runs", "unknown key of a script 'runs'"),
        ("matrix = 5", "matrix", "expected an array of tables, found the number 5"),
        ('matrix = { v = ["1"] }', "matrix", "expected an array of tables, found a table"),
        ('matrix = ["1"]', "matrix[0]", "expected a table, found the string '1'"),
        ("matrix = [{}]", "matrix[0]", "a table of a matrix needs at least one variable"),
        ('matrix = [{ "" = ["1"] }]', 'matrix[0].""', "the name of a matrix variable cannot be empty"),
        ('matrix = [{ v = "1" }]', "matrix[0].v", ARRAY + "the string '1'"),
        ("matrix = [{ v = [] }]", "matrix[0].v", "the matrix variable 'v' has no values"),
        ('matrix = [{ v = ["1"], exclude = [{ v = "2" }] }]', "matrix[0].exclude[0].v", "unknown value of 'v' '2'"),
        (
            'matrix = [{ v = ["1"], exclude = [{ w = "1" }] }]',
            "matrix[0].exclude[0].w",
            "unknown variable of this matrix 'w'",
        ),
        (
            'matrix = [{ v = ["1"], exclude = [{}] }]',
            "matrix[0].exclude[0]",
            "a cell of a matrix needs at least one variable",
        ),
        ('matrix = [{ v = ["1"], exclude = [{ v = ["1"] }] }]', "matrix[0].exclude[0].v", TEXT + "an array"),
        (
            'matrix = [{ include = [{ v = "" }] }]',
            "matrix[0].include[0].v",
            "a value of a matrix variable cannot be empty",
        ),
        (
            'matrix = [{ include = [{ id = "x" }] }]',
            "matrix[0].include[0]",
            "a cell of a matrix needs at least one variable",
        ),
        ('matrix = [{ include = [{ v = "1" }, 3] }]', "matrix[0].include[1]", "expected a table, found the number 3"),
        ('matrix = [{ include = [{ py = "<" }] }]', "matrix[0].include[0].py", "not a range of versions: '<'"),
        ('matrix = [{ include = [{ v = "1", tags = "x" }] }]', "matrix[0].include[0].tags", ARRAY + "the string 'x'"),
        ("matrix = [{ v = [3.12] }]", "matrix[0].v[0]", TEXT + "the number 3.12"),
        ('matrix = [{ v = ["1", ""] }]', "matrix[0].v[1]", "a value of a matrix variable cannot be empty"),
        ('matrix = [{ v = ["1", "1"] }]', "matrix[0].v[1]", "'1' stands here twice"),
        ('matrix = [{ py = ["1"], python = ["2"] }]', "matrix[0]", "'py' and 'python' are the same variable"),
        ('matrix-name-format = "{variable}"', "matrix-name-format", "not a format for names: '{variable}'"),
        ('matrix-name-format = "{value}{other}"', "matrix-name-format", "not a format for names: '{value}{other}'"),
        ('matrix-name-format = "{value}{"', "matrix-name-format", "not a format for names: '{value}{'"),
        ('matrix-name-format = "{value}{value.x}"', "matrix-name-format", "not a format for names: '{value}{value.x}'"),
        ('matrix-name-format = "{value}{0}"', "matrix-name-format", "not a format for names: '{value}{0}'"),
        ('dependancies = ["a"]', "dependancies", "unknown option 'dependancies'"),
    ],
)
def test_a_wrong_value_is_told_at_its_key(text: str, key: str, message: str) -> None:
    _, mistakes = read_text(text)
    assert [(str(one.where), one.message) for one in mistakes.found] == [(key, message)]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("matrix = [{ v = [3.12] }]", 'put it in quotes: "3.12"'),
        ('dependencies = "a"', 'put it in brackets: ["a"]'),
        ("description = true", ""),
        ('dependancies = ["a"]', "did you mean 'dependencies'?"),
        ('matrix = { v = ["1"] }', "write [[...matrix]] for each table; in Python, a list of them"),
        ("scripts.s = {}", 'add run = "COMMAND" or run = ["COMMAND", ...]'),
    ],
)
def test_a_hint_shows_what_to_write(text: str, hint: str) -> None:
    _, mistakes = read_text(text)
    assert [one.hint for one in mistakes.found] == [hint]


def test_all_mistakes_of_an_environment_are_found_at_once() -> None:
    _, mistakes = read_text('type = 1\nfeatures = "x"\nenv-vars = { A = 1, B = 2 }\n[[matrix]]\nv = [1, 2]')
    assert [str(one.where) for one in mistakes.found] == [
        "type",
        "features",
        "env-vars.A",
        "env-vars.B",
        "matrix[0].v[0]",
        "matrix[0].v[1]",
    ]


def test_a_matrix_entry_that_is_wrong_does_not_hide_the_others() -> None:
    _, mistakes = read_text('matrix = [5, { v = 5, w = ["1", "1"] }]')
    assert [str(one.where) for one in mistakes.found] == ["matrix[0]", "matrix[1].v", "matrix[1].w[1]"]


def test_what_is_unknown_is_passed_over_where_it_may_be_a_plugins() -> None:
    found, mistakes = read(
        {
            "workspace": {},
            "python": "3.12",
            "scripts": {"s": {"run": "a", "theirs": 1}},
            "overrides": {"other": {}, "env": {"CI": {"theirs": {"value": 1}}}},
        },
        strict=False,
    )
    assert not mistakes.found
    assert found == {"python": "3.12", "scripts": {"s": Script(("a",))}, "overrides": ()}
    assert [str(key) for key in mistakes.passed_over] == [
        "workspace",
        "scripts.s.theirs",
        "overrides.other",
        "overrides.env.CI.theirs",
    ]


@pytest.mark.parametrize("raw", [5, "x", ["a"], None, True])
def test_an_environment_is_a_table(raw: object) -> None:
    found, mistakes = read(raw)
    assert not found
    assert [one.message.partition(",")[0] for one in mistakes.found] == ["expected a table"]


@pytest.mark.parametrize("name", ["", "a\nb", "a\x00", "a\x7f"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    _, mistakes = read({}, name)
    assert [one.message for one in mistakes.found] == [f"an environment cannot be named {name!r}"]


@pytest.mark.parametrize("name", ["test", "a.b", "a b", "..", "é", "a/b", "a:b"])
def test_any_other_name_may_be_given(name: str) -> None:
    assert not read({}, name)[1].found


@pytest.mark.parametrize("raw", [None, 3.5, object()], ids=["None", "number", "object"])
def test_values_that_only_python_can_write_are_described(raw: object) -> None:
    _, mistakes = read({"description": raw})
    shown = {type(None): "nothing", float: "the number 3.5"}.get(type(raw), "a value of type object")
    assert [one.message for one in mistakes.found] == [f"expected a string, found {shown}"]


def test_tuples_and_scripts_come_from_python() -> None:
    function = Function(read, "s", "envfile.py", 1, "")
    task = WrittenTask(function, {"tags": ("t",), "env-vars": {"A": "1"}, "timeout": 3})
    found, mistakes = read({"dependencies": ("a",), "scripts": {"s": task}, "matrix": ({"v": ("1",)},)})
    assert not mistakes.found
    script = Script(function=function, tags=("t",), env_vars=(("A", "1"),), timeout=3.0)
    assert found == {"dependencies": ("a",), "scripts": {"s": script}, "matrix": (entry(v=("1",)),)}


@pytest.mark.parametrize("name", ["run", "args", "tag"])
def test_what_cannot_be_said_of_a_function(name: str) -> None:
    task = WrittenTask(Function(read, "s", "envfile.py", 1, ""), {name: "x"})
    _, mistakes = read({"scripts": {"s": task}})
    assert [(str(one.where), one.message) for one in mistakes.found] == [
        (f"scripts.s.{name}", f"unknown key of a script '{name}'")
    ]


def choices(option: str, *given: Choice, replace: bool = False) -> tuple[Override, ...]:
    where = Key("envtasks.toml", ("overrides", "env", "CI", f"set-{option}" if replace else option))
    return (Override("env", "CI", option, replace, given, where),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('dependencies = ["a", ""]', choices("dependencies", Choice("a"), Choice(""))),
        ("dependencies = []", choices("dependencies")),
        ('set-dependencies = ["a"]', choices("dependencies", Choice("a"), replace=True)),
        (
            'dependencies = [{ value = "a", if = ["1"], platform = ["linux"], env = ["X=1"] }, "b"]',
            choices("dependencies", Choice("a", "", ("1",), ("linux",), ("X=1",)), Choice("b")),
        ),
        ('env-vars = "A=b=c"', choices("env-vars", Choice("b=c", "A"))),
        ('env-vars = ["A", "B="]', choices("env-vars", Choice(None, "A"), Choice("", "B"))),
        (
            'env-vars = [{ key = "A", value = "" }, { key = "B", if = ["x"] }]',
            choices("env-vars", Choice("", "A"), Choice(None, "B", ("x",))),
        ),
        ('scripts = "s=pytest -x"', choices("scripts", Choice("pytest -x", "s"))),
        ('python = "3.12"', choices("python", Choice("3.12"))),
        (
            'python = ["3.12", { value = "3.13", if = ["1"] }]',
            choices("python", Choice("3.12"), Choice("3.13", "", ("1",))),
        ),
        ("dev-mode = false", choices("dev-mode", Choice(value=False))),
        (
            'skip-install = [{ value = false, if = ["x"] }, true, false]',
            choices("skip-install", Choice(False, "", ("x",)), Choice(value=True), Choice(value=False)),
        ),
        ("set-dev-mode = true", choices("dev-mode", Choice(value=True), replace=True)),
        ('path = { value = "" }', choices("path", Choice(""))),
        ('description = { value = "x" }', choices("description", Choice("x"))),
        ('extra-scripts = { value = { q = "Q" } }', choices("extra-scripts", Choice({"q": Script(("Q",))}))),
        ('matrix-name-format = "L{value}"', choices("matrix-name-format", Choice("L{value}"))),
        ('type = "virtual"', choices("type", Choice("virtual"))),
    ],
)
def test_overrides_offer_choices(text: str, expected: tuple[Override, ...]) -> None:
    found, mistakes = read({"overrides": {"env": {"CI": tomllib.loads(text)}}})
    assert not mistakes.found
    assert found == {"overrides": expected}


def test_overrides_are_ordered_by_their_source() -> None:
    text = """
        name."^1".python = "a"
        matrix.w.python = "b"
        matrix.v.python = "c"
        env.CI.python = "d"
        platform.linux.python = "e"
    """
    found, mistakes = read({"overrides": tomllib.loads(text)})
    assert not mistakes.found
    assert [(one.source, one.condition) for one in found["overrides"]] == [
        ("platform", "linux"),
        ("env", "CI"),
        ("matrix", "w"),
        ("matrix", "v"),
        ("name", "^1"),
    ]


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("overrides = 5", "overrides", "expected a table, found the number 5"),
        ("overrides.env = 5", "overrides.env", "expected a table, found the number 5"),
        ("overrides.env.CI = 5", "overrides.env.CI", "expected a table, found the number 5"),
        ("overrides.enf.CI = {}", "overrides.enf", "unknown source of overrides 'enf'"),
        ('overrides.env.CI.pyton = "x"', "overrides.env.CI.pyton", "unknown option 'pyton'"),
        ('overrides.env.CI.reset-path = "x"', "overrides.env.CI.reset-path", "unknown option 'reset-path'"),
        ('overrides.env.CI.set-set-path = "x"', "overrides.env.CI.set-set-path", "unknown option 'set-path'"),
        ('overrides.name."(".python = "x"', 'overrides.name."("', "not a regular expression: "),
        (
            'overrides.env.CI.dependencies = "a"',
            "overrides.env.CI.dependencies",
            "expected an array of strings and tables, found the string 'a'",
        ),
        (
            "overrides.env.CI.dependencies = [1]",
            "overrides.env.CI.dependencies[0]",
            "expected a string or a table, found the number 1",
        ),
        ('overrides.env.CI.dependencies = [{ if = ["x"] }]', "overrides.env.CI.dependencies[0]", "'value' is missing"),
        (
            "overrides.env.CI.dependencies = [{ value = 1 }]",
            "overrides.env.CI.dependencies[0].value",
            TEXT + "the number 1",
        ),
        (
            'overrides.env.CI.dependencies = [{ value = "" }]',
            "overrides.env.CI.dependencies[0].value",
            "'value' cannot be empty",
        ),
        (
            'overrides.env.CI.env-vars = { A = "b" }',
            "overrides.env.CI.env-vars",
            "expected a string or an array of strings and tables, found a table",
        ),
        ('overrides.env.CI.env-vars = [{ value = "b" }]', "overrides.env.CI.env-vars[0]", "'key' is missing"),
        ("overrides.env.CI.env-vars = [{ key = 1 }]", "overrides.env.CI.env-vars[0].key", TEXT + "the number 1"),
        ('overrides.env.CI.env-vars = [{ key = "" }]', "overrides.env.CI.env-vars[0].key", "'key' cannot be empty"),
        (
            'overrides.env.CI.env-vars = [{ key = "A", value = 1 }]',
            "overrides.env.CI.env-vars[0].value",
            TEXT + "the number 1",
        ),
        ("overrides.env.CI.python = 3", "overrides.env.CI.python", TEXT + "the number 3"),
        ('overrides.env.CI.python = ["3", 3]', "overrides.env.CI.python[1]", TEXT + "the number 3"),
        ('overrides.env.CI.python = { if = ["x"] }', "overrides.env.CI.python", "'value' is missing"),
        ("overrides.env.CI.dev-mode = 1", "overrides.env.CI.dev-mode", "expected true or false, found the number 1"),
        ('overrides.env.CI.python = { value = "3", if = "x" }', "overrides.env.CI.python.if", ARRAY + "the string 'x'"),
        (
            'overrides.env.CI.python = { value = "3", platform = [1] }',
            "overrides.env.CI.python.platform[0]",
            TEXT + "the number 1",
        ),
        ('overrides.env.CI.python = { value = "3", env = true }', "overrides.env.CI.python.env", ARRAY + "true"),
        (
            'overrides.env.CI.python = { value = "3", when = [] }',
            "overrides.env.CI.python.when",
            "unknown key of an override 'when'",
        ),
        (
            'overrides.env.CI.description = "x"',
            "overrides.env.CI.description",
            "expected a table with 'value', found the string 'x'",
        ),
        ("overrides.env.CI.description = {}", "overrides.env.CI.description", "'value' is missing"),
        (
            "overrides.env.CI.extra-scripts = { value = 1 }",
            "overrides.env.CI.extra-scripts.value",
            "expected a table, found the number 1",
        ),
        (
            'overrides.env.CI.matrix-name-format = "x"',
            "overrides.env.CI.matrix-name-format",
            "not a format for names: 'x'",
        ),
        (
            "overrides.platform.windows.env-vars = 1",
            "overrides.platform.windows.env-vars",
            "expected a string or an array of strings and tables, found the number 1",
        ),
    ],
)
def test_a_wrong_override_is_told_also_where_it_does_not_apply(text: str, key: str, message: str) -> None:
    _, mistakes = read_text(text)
    assert [str(one.where) for one in mistakes.found] == [key]
    assert mistakes.found[0].message.startswith(message)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"python": "\ud800"}, r"no program can be given the text '\ud800'"),
        ({"tags": ["a" * 50 + "\0"]}, f"no program can be given the text '{'a' * 40}...'"),
        ({"python": 10**5000}, "expected a string or an array of strings, found a huge number"),
        ({"scripts": {"s": {"run": "a", "timeout": 10**5000}}}, "more than 1000000 seconds"),
        ({"scripts": {"s": {"run": "a", "timeout": -(10**5000)}}}, "expected a number of seconds, found a huge number"),
    ],
)
def test_values_that_only_python_can_write(raw: dict[str, Any], message: str) -> None:
    _, mistakes = read(raw)
    assert [one.message for one in mistakes.found] == [message]


@pytest.mark.parametrize(
    "python", [">=3.9", ">=3.9,<4", "~=3.10", "==3.*", ">={env:LEAST}", "3", "/usr/bin/python", "self"]
)
def test_pythons_that_may_be_searched_for(python: str) -> None:
    found, mistakes = read({"python": python})
    assert (found, mistakes.found) == ({"python": python}, [])


@pytest.mark.parametrize(
    ("text", "key", "name", "hint"),
    [
        ('overrides.platform.linx.python = "3"', "overrides.platform.linx", "linx", "did you mean 'linux'?"),
        ('overrides.platform.Linux.python = "3"', "overrides.platform.Linux", "Linux", "did you mean 'linux'?"),
        (
            'overrides.platform.zzz.tags = ["a"]',
            "overrides.platform.zzz",
            "zzz",
            "known are: linux, macos, windows",
        ),
        (
            'overrides.env.CI.python = { value = "3", platform = ["macos", "darwin"] }',
            "overrides.env.CI.python.platform[1]",
            "darwin",
            "known are: linux, macos, windows",
        ),
        (
            'overrides.env.CI.tags = ["a", { value = "b", platform = ["window"] }]',
            "overrides.env.CI.tags[1].platform[0]",
            "window",
            "did you mean 'windows'?",
        ),
    ],
)
def test_conditions_by_unknown_platforms_are_told(text: str, key: str, name: str, hint: str) -> None:
    _, mistakes = read_text(text)
    assert [(one.message, str(one.where), one.hint) for one in mistakes.found] == [
        (f"unknown platform '{name}'", key, hint)
    ]


def test_conditions_by_platforms_of_other_tools_are_passed_over() -> None:
    written = {"platform": {"Linux": {"python": "3"}}, "env": {"CI": {"python": {"value": "3", "platform": ["Sun"]}}}}
    found, mistakes = read({"overrides": written}, strict=False)
    assert [(one.condition, one.choices[0].platforms) for one in found["overrides"]] == [
        ("Linux", None),
        ("CI", ("Sun",)),
    ]
    assert (mistakes.found, [str(one) for one in mistakes.passed_over]) == (
        [],
        ["overrides.platform.Linux", "overrides.env.CI.python.platform[0]"],
    )


def test_platforms_of_other_tools_are_passed_over() -> None:
    found, mistakes = read({"platforms": ["linux", "solaris"]}, strict=False)
    assert found == {"platforms": ("linux", "solaris")}
    assert (mistakes.found, [str(one) for one in mistakes.passed_over]) == ([], ["platforms[1]"])
