"""From the files of tox to an envtasks.toml: the text, what is left, and what tox itself says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tox_oracle import HAS_TOX, differences, of_ours, of_tox, our_names_of

from envtasks.declare.project import find_project, read_project
from envtasks.declare.toml import parse
from envtasks.errors import EnvtasksError
from envtasks.migrate.migrated import Left, Migrated, told
from envtasks.migrate.tox import migrate_tox, our_names, read_tox
from envtasks.migrate.tox_factors import PLATFORM_FACTORS, expanded, factors_of, holds, python_of
from envtasks.migrate.tox_roots import roots_of
from envtasks.migrate.tox_text import step
from envtasks.model import Host, Project
from envtasks.option_table import DEPENDENCIES, ENV_VARS, SCRIPTS
from envtasks.resolve.project import resolve
from envtasks.resolve.scripts import expand

Resolve = Callable[..., Project]
MakeHost = Callable[..., Host]

needs_tox = pytest.mark.skipif(not HAS_TOX, reason="tox is not installed beside these tests")


def migrated(text: str, name: str = "tox.ini") -> Migrated:
    return migrate_tox(os.path.join("nowhere", name), dedent(text).lstrip("\n"))


MIGRATED = {
    "one environment": (
        """
        [tox]
        envlist = py
        [testenv]
        usedevelop = true
        deps =
            pytest  # the runner
            coverage[toml]>=7
        commands = pytest {posargs:tests}
        """,
        """
        sessions = ["test"]

        [envs.test]
        dependencies = ["pytest", "coverage[toml]>=7"]
        scripts.test = { run = "pytest {args:tests}", cwd = "." }
        """,
    ),
    "Pythons alone": (
        """
        [tox]
        env_list = py{311-312}, pypy3
        [testenv]
        package = editable
        commands = python -m unittest
        """,
        """
        sessions = ["test"]

        [envs.test]
        python = ["3.11", "3.12", "pypy3"]
        scripts.test = { run = "python -m unittest", cwd = "." }
        """,
    ),
    "a matrix with conditions": (
        """
        [tox]
        envlist =
            py{310,311}-django42
            py{311,312}-django{51,main}-{sqlite,postgres}
            lint
        skipsdist = true

        [testenv]
        description = run the tests under {envname}
        deps =
            django42: Django>=4.2,<5
            django51: Django>=5.1,<5.2
            py311-django51: typing-extensions
            postgres: psycopg
            pytest
        setenv =
            DB = sqlite
            postgres: DB = postgres
        commands =
            postgres: createdb
            pytest {posargs}
            sqlite: coverage report
            !sqlite: coverage xml

        [testenv:lint]
        basepython = python3
        deps = ruff
        commands = ruff check .
        setenv =
        """,
        """
        sessions = ["test", "lint"]

        [envs.default]
        skip-install = true

        [envs.test]
        description = "run the tests under test"
        matrix = [
            { python = ["3.10", "3.11"], django = ["django42"] },
            { python = ["3.11", "3.12"], django = ["django51", "djangomain"], variant = ["sqlite", "postgres"] },
        ]
        dependencies = ["pytest"]
        env-vars = { DB = "sqlite" }

        [envs.test.overrides]
        matrix.django.dependencies = [
            { value = "Django>=4.2,<5", if = ["django42"] },
            { value = "Django>=5.1,<5.2", if = ["django51"] },
        ]
        matrix.variant.dependencies = [{ value = "psycopg", if = ["postgres"] }]
        matrix.variant.env-vars = [{ key = "DB", value = "postgres", if = ["postgres"] }]
        matrix.variant.scripts = [
            { key = "for-postgres", value = "createdb", if = ["postgres"] },
            { key = "by-variant", value = "coverage report", if = ["sqlite"] },
        ]
        name.'^py3\\.11-(django51-sqlite|django51-postgres)$'.dependencies = [{ value = "typing-extensions" }]

        [envs.test.scripts]
        test = { run = ["for-postgres", "pytest {args}", "by-variant"], cwd = "." }
        for-postgres = []
        by-variant = "coverage xml"

        [envs.lint]
        description = "run the tests under lint"
        dependencies = ["ruff"]
        scripts.lint = { run = "ruff check .", cwd = "." }
        """,
    ),
    "what environments share": (
        """
        [tox]
        envlist = py, cov, docs
        [testenv]
        setenv = A = 1
        deps = pytest
        extras = test
        commands = pytest
        [testenv:cov]
        description = with coverage
        deps =
            {[testenv]deps}
            coverage
        commands = coverage run -m pytest
        [testenv:docs]
        skip_install = true
        deps = sphinx
        changedir = docs
        commands = sphinx-build . _build
        """,
        """
        sessions = ["test", "cov", "docs"]

        [envs.default]
        dependencies = ["pytest"]
        features = ["test"]
        dev-mode = false
        env-vars = { A = "1" }

        [envs.test]
        scripts.test = { run = "pytest", cwd = "." }

        [envs.cov]
        description = "with coverage"
        extra-dependencies = ["coverage"]
        scripts.cov = { run = "coverage run -m pytest", cwd = "." }

        [envs.docs]
        dependencies = ["sphinx"]
        features = []
        skip-install = true
        scripts.docs = { run = "sphinx-build . _build", cwd = "docs" }
        """,
    ),
    "files, constraints, addresses": (
        """
        [testenv]
        usedevelop = true
        pip_pre = true
        deps =
            -r {toxinidir}/requirements.txt
            -c constraints.txt
            -e .[test]
            git+https://git.invalid/one.git@main#egg=one
            https://git.invalid/two.zip
        commands = pytest
        [testenv:plain]
        skip_install = true
        deps = -rrequirements.txt
        """,
        """
        sessions = ["test"]

        [envs.test]
        dependencies = ["one @ git+https://git.invalid/one.git@main"]
        features = ["test"]
        env-vars = { PIP_CONSTRAINT = "{root}/constraints.txt", PIP_PRE = "1" }
        pre-install-commands = [
            "python -m pip install -r requirements.txt",
            "python -m pip install https://git.invalid/two.zip",
        ]
        scripts.test = { run = "pytest", cwd = "." }

        [envs.plain]
        skip-install = true
        env-vars = { PIP_PRE = "1" }
        scripts.plain = { run = ['python -m pip install -q -r "{root}/requirements.txt"', "pytest"], cwd = "." }
        """,
    ),
    "platforms": (
        """
        [tox]
        env_list = py311, win
        no_package = true
        [testenv]
        deps =
            win32: colorama
            darwin, linux: uvloop
        commands =
            win32: chcp 65001
            pytest
        [testenv:win]
        platform = win32
        deps =
        """,
        """
        sessions = ["test", "win"]

        [envs.default]
        skip-install = true

        [envs.test]
        python = "3.11"

        [envs.test.overrides]
        platform.linux.dependencies = [{ value = "uvloop" }]
        platform.macos.dependencies = [{ value = "uvloop" }]
        platform.windows.dependencies = [{ value = "colorama" }]
        platform.windows.scripts = [{ key = "on-windows", value = "chcp 65001" }]

        [envs.test.scripts]
        test = { run = ["on-windows", "pytest"], cwd = "." }
        on-windows = []

        [envs.win]
        platforms = ["windows"]

        [envs.win.overrides]
        platform.windows.scripts = [{ key = "on-windows", value = "chcp 65001" }]

        [envs.win.scripts]
        win = { run = ["on-windows", "pytest"], cwd = "." }
        on-windows = []
        """,
    ),
    "labels, order, outcomes": (
        """
        [tox]
        envlist = py{311,312}, report
        skipsdist = true
        labels =
            ci = py{311,312}, report
            newest = py312
        [testenv]
        labels = slow
        commands = - pytest
        [testenv:report]
        labels =
        depends = py{311,312}
        ignore_outcome = true
        commands_pre = coverage combine
        commands = coverage report
        commands_post = -coverage erase
        """,
        """
        sessions = ["test", "report"]

        [aliases]
        ci = ["test", "report"]
        newest = ["test.py3.12"]

        [envs.default]
        skip-install = true

        [envs.test]
        python = ["3.11", "3.12"]
        tags = ["slow"]
        scripts.test = { run = "- pytest", cwd = "." }

        [envs.report]
        scripts.report.run = ["- coverage combine", "- coverage report", "- coverage erase"]
        scripts.report.requires = ["test"]
        scripts.report.cwd = "."
        """,
    ),
    "variants without a Python, a command for each": (
        """
        [tox]
        envlist = py{311,312}-{old,new}, {old,new}, docs
        [testenv]
        usedevelop = true
        deps =
            old: attrs<20
            new: attrs
        commands =
            py311: coverage run -m pytest
            !py311: pytest
        [testenv:docs]
        deps =
        commands = mkdocs build
        """,
        """
        sessions = ["test", "docs"]

        [envs.test]
        matrix = [{ python = ["3.11", "3.12"], variant = ["old", "new"] }, { variant = ["old", "new"] }]

        [envs.test.overrides]
        matrix.variant.dependencies = [{ value = "attrs<20", if = ["old"] }, { value = "attrs", if = ["new"] }]
        matrix.python.scripts = [{ key = "by-python", value = "coverage run -m pytest", if = ["3.11"] }]

        [envs.test.scripts]
        test = { run = "by-python", cwd = "." }
        by-python = "pytest"

        [envs.docs]
        scripts.docs = { run = "mkdocs build", cwd = "." }
        """,
    ),
    "sections for several": (
        """
        [tox]
        envlist = py{310,311}-{unit,lint}, py39-freeze
        [testenv]
        skip_install = true
        commands = pytest
        [testenv:py{310,311}-lint]
        commands = ruff check
        [testenv:py39-freeze]
        commands = freeze
        """,
        """
        sessions = ["test", "lint", "py39-freeze"]

        [envs.default]
        skip-install = true

        [envs.test]
        matrix = [{ python = ["3.10", "3.11"], variant = ["unit"] }]
        scripts.test = { run = "pytest", cwd = "." }

        [envs.lint]
        python = ["3.10", "3.11"]
        scripts.lint = { run = "ruff check", cwd = "." }

        [envs.py39-freeze]
        python = "3.9"
        scripts.py39-freeze = { run = "freeze", cwd = "." }
        """,
    ),
}


@pytest.mark.parametrize(("text", "written"), MIGRATED.values(), ids=MIGRATED)
def test_what_is_written(text: str, written: str) -> None:
    assert migrated(text).text == dedent(written).lstrip("\n")


@pytest.mark.parametrize("text", [text for text, _ in MIGRATED.values()], ids=MIGRATED)
@pytest.mark.parametrize("platform", ["linux", "macos", "windows"])
def test_what_is_written_is_read(text: str, platform: str, resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text(migrated(text).text, files={"pyproject.toml": PYPROJECT}, on=host(platform=platform))
    assert set(our_names(roots_of(read_tox("nowhere/tox.ini", dedent(text)))).values()) <= set(project.environments)


PYPROJECT = '[project]\nname = "a"\nversion = "1"\n[project.optional-dependencies]\ntest = []\n'


@needs_tox
@pytest.mark.parametrize("text", [text for text, _ in MIGRATED.values()], ids=MIGRATED)
def test_tox_says_the_same(text: str, tmp_path: Path) -> None:
    agree(tmp_path / "tox.ini", dedent(text))


def agree(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    project = file.with_name("pyproject.toml")
    if project != file:
        project.write_text(PYPROJECT, encoding="utf-8")
    names = our_names_of(file)
    ours = of_ours(file.parent, migrate_tox(str(file), text).text, names)
    theirs = of_tox(file)
    assert theirs
    found = {name: differences(theirs[name], ours[name], theirs[name]._fields) for name in theirs if name in ours}
    assert not {name: what for name, what in found.items() if what}


TOML = {
    "tox.toml": """
        env_list = ["3.12", { product = [["py311"], { prefix = "dj", start = 4, stop = 5 }], exclude = ["py311-dj4"] }, "lint"]
        [env_run_base]
        package = "editable"
        deps = ["pytest>=8", "coverage"]
        set_env = { A = "1", B = { replace = "env", name = "HOME_OF_B", default = "two" } }
        commands = [
            ["pytest", "-m", "not slow", { replace = "posargs", default = ["tests", "-x"], extend = true }],
            { replace = "if", condition = "factor.dj5", then = [["coverage", "report"]], extend = true },
        ]
        [env.lint]
        skip_install = true
        deps = [{ replace = "ref", of = ["env_run_base", "deps"], extend = true }, "ruff"]
        commands = [["ruff", "check", "{tox_root}/src"], ["python", "-c", "print('a', \\"b\\")"]]
        """,
    "pyproject.toml": """
        [project]
        name = "a"
        version = "1"
        [project.optional-dependencies]
        test = ["hypothesis"]
        [tool.tox]
        env_list = ["py311", "docs"]
        [tool.tox.env_run_base]
        deps = ["pytest"]
        extras = ["test"]
        commands = [["pytest"]]
        [tool.tox.env.docs]
        deps = ["sphinx", { replace = "ref", of = ["tool", "tox", "env_run_base", "deps"], extend = true }]
        use_develop = true
        change_dir = "docs"
        commands = [["sphinx-build", ".", "{env_tmp_dir}"]]
        """,
}


@needs_tox
@pytest.mark.parametrize(("name", "text"), TOML.items(), ids=TOML)
def test_tox_says_the_same_of_toml(name: str, text: str, tmp_path: Path) -> None:
    agree(tmp_path / name, dedent(text))


def test_toml_is_read_like_an_ini_file() -> None:
    result = migrated(TOML["tox.toml"], "tox.toml")
    assert parse(result.text, "envtasks.toml") == {
        "sessions": ["test", "lint"],
        "envs": {
            "default": {"dependencies": ["pytest>=8", "coverage"], "env-vars": {"A": "1", "B": "{env:HOME_OF_B:two}"}},
            "test": {
                "matrix": [{"python": ["3.12"]}, {"python": ["3.11"], "dj": ["dj5"]}],
                "overrides": {"matrix": {"dj": {"scripts": [{"key": "for-dj", "value": "coverage report"}]}}},
                "scripts": {
                    "test": {"run": ['pytest -m "not slow" {args:tests -x}', "for-dj"], "cwd": "."},
                    "for-dj": [],
                },
            },
            "lint": {
                "extra-dependencies": ["ruff"],
                "skip-install": True,
                "scripts": {
                    "lint": {"run": ["ruff check {root}/src", 'python -c "print(\'a\', \\"b\\")"'], "cwd": "."}
                },
            },
        },
    }


@pytest.mark.parametrize(
    ("table", "run", "lines"),
    [
        ('default = [["b", "c d"], ["e"]], extend = true', ["a", 'b "c d"', "e"], [2]),
        ('default = [["b", { replace = "env", name = "B", default = "c" }]]', ["a", "b {env:B:c}"], [2]),
        ("extend = true", "a", [2]),
        ('default = ["b", "c d"]', ["a", '{args:b "c d"}'], []),
    ],
)
def test_arguments_between_commands(table: str, run: object, lines: list[int]) -> None:
    result = migrated(f'[env.lint]\ncommands = [["a"], {{ replace = "posargs", {table} }}]\n', "tox.toml")
    assert parse(result.text, "envtasks.toml")["envs"]["lint"]["scripts"]["lint"]["run"] == run
    assert [one.line for one in result.left] == lines


@pytest.mark.parametrize(
    "text",
    [
        '[env.a]\ncommands = [["a", { replace = "posargs", default = 3 }, { replace = "posargs", default = [["b"]] }]]',
        '[env.a]\ncommands = [["a", { replace = "ref", of = 3 }, { replace = "ref" }, { replace = "ref", of = ["tool"] }]]',
        '[env.a]\ncommands = { replace = "ref", of = ["tool", "x"] }\n[tool]\nx = [{ replace = "ref", of = ["tool", "x"] }]',
        'env_list = [{ prefix = "py3", start = "a" }, { product = [["py"]], exclude = 3 }]\nenv.a.commands = []',
        '[env.a]\ndeps = [{ replace = "posargs", default = ["pytest"], extend = true }]\nset_env.A = { replace = "posargs" }',
    ],
)
def test_odd_toml_ends_in_something_that_is_toml(text: str) -> None:
    assert parse(migrated(text, "tox.toml").text, "envtasks.toml")["envs"]


INI = """
    [tox]
    envlist = py311
    [testenv]
    usedevelop = true
    commands = pytest
    """
LEGACY = f"""
    [tool.tox]
    legacy_tox_ini = '''{INI}passenv = CI
    '''
    """


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tox.ini", INI),
        ("setup.cfg", f"{INI.replace('[tox]', '[tox:tox]')}[metadata]\n    name = a"),
        ("pyproject.toml", LEGACY),
    ],
    ids=["tox.ini", "setup.cfg", "pyproject.toml"],
)
def test_the_same_stands_in_other_files(name: str, text: str) -> None:
    assert parse(migrated(text, name).text, "envtasks.toml") == {
        "sessions": ["test"],
        "envs": {"test": {"python": "3.11", "scripts": {"test": {"run": "pytest", "cwd": "."}}}},
    }


def test_lines_of_a_string_are_those_of_its_file() -> None:
    text = dedent(LEGACY).lstrip("\n")
    (left,) = migrated(LEGACY, "pyproject.toml").left
    assert (left.what, text.splitlines()[left.line - 1]) == ("'pass_env'", "passenv = CI")


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("passenv = CI", "'pass_env'", "not needed"),
        ("whitelist_externals = make", "'allowlist_externals'", "not needed"),
        ("recreate = true", "'recreate'", "not needed"),
        ("download = true", "'download'", "not needed"),
        ("parallel_show_output = true", "'parallel_show_output'", "not needed"),
        ("install_command = pip install {packages}", "'install_command'", "PIP_INDEX_URL"),
        ("ignore_errors = true", "'ignore_errors'", "the first failing command"),
        ("commands_post = coverage erase", "'commands_post'", "only where"),
        ("depends = lint", "'depends'", "runs before it"),
        ("teapot = short and stout", "'teapot'", "no setting of tox"),
        ("deps = -r requirements.txt", "'-r requirements.txt' is no requirement", "pip is called for it, once"),
        ("deps = {env:EXTRA:}", "'{env:EXTRA:}' among the dependencies", "cannot be empty"),
        ("setenv = file|.env", "variables from a file: 'file|.env'", "write them into 'env-vars'"),
        ("setenv = A = {envsitepackagesdir}", "the placeholder {envsitepackagesdir}", "write what it should be"),
        ("setenv = A = 1 ; sys_platform == 'win32'", "the condition of", "by an override"),
        ("commands = {[x]y}", "the reference {[x]y}", "it leads nowhere"),
        ("deps = a{[testenv]y}", "the reference {[testenv]y}", "it leads nowhere"),
        ("commands = x {envtmpdir}", "{envtmpdir}", "neither made nor emptied"),
        ("commands = x {tty:--color}", "{tty}", "leave it to the program"),
        ("deps = nothing: pytest", "'nothing: pytest'", "no environment of the file has these factors"),
        ("basepython = python3.11, python3.10", "further Pythons in 'base_python'", "only the first"),
        ("platform = (", "the platform '('", "set 'platforms'"),
        ("[testenv:.pkg]\npass_env = X", "[testenv:.pkg]", "not needed"),
        ("[flake8]\nmax-line-length = 100", "[flake8]", "of another tool"),
    ],
    ids=lambda value: value.partition("\n")[0],
)
def test_what_is_left_is_told_with_its_line(line: str, what: str, hint: str) -> None:
    result = migrate_tox("nowhere/tox.ini", f"[testenv]\nskip_install = false\n{line}\n")
    found = [one for one in result.left if one.what.startswith(what) and hint in one.hint]
    assert [one.line for one in found] == [3], result.left


@pytest.mark.parametrize(
    ("line", "fate", "text"),
    [
        ("passenv = CI", "left out", "CI"),
        ("commands_post = coverage erase", "changed", "coverage erase"),
        ("commands = x {[x]y}", "stays", "{[x]y}"),
        ("setenv = A = 1 ; sys_platform == 'win32'", "left out", "sys_platform"),
        ("deps = -r requirements.txt", "changed", "requirements.txt"),
    ],
)
def test_what_became_of_a_line_is_told(line: str, fate: str, text: str) -> None:
    result = migrate_tox("nowhere/tox.ini", f"[testenv]\n{line}\n")
    assert [one.fate for one in result.left] == [fate]
    assert (text in result.text.replace("{{", "{").replace("}}", "}")) == (fate != "left out")


def test_what_is_the_same_in_several_lines_is_told_once() -> None:
    left = [
        Left(2, "'a'", "do b", "left out"),
        Left(4, "'a'", "do b", "left out"),
        Left(5, "'a'", "do c", "left out"),
        Left(7, "'d'", "do b", "stays"),
        Left(8, "'a'", "do b", "left out"),
        Left(9, "'d'", "do b", "stays"),
    ]
    assert list(told("tox.ini", left)) == [
        "tox.ini:2: left out: 'a' (and in lines 4, 8): do b",
        "tox.ini:5: left out: 'a': do c",
        "tox.ini:7: stays: 'd' (and in line 9): do b",
    ]


def test_two_names_for_one_environment_are_told() -> None:
    result = migrated("[tox]\nenvlist = py311, 3.11, 3.12\n[testenv]\ncommands = pytest\n")
    assert 'python = ["3.11", "3.12"]' in result.text
    assert [(one.line, one.what) for one in result.left] == [(2, "the environment '3.11'")]


def test_values_of_a_file_that_are_referred_to_are_not_left() -> None:
    text = """
        [testenv]
        commands = ruff check {[vars]paths}
        [vars]
        paths = src
            tests
        """
    result = migrated(text)
    assert 'run = "ruff check src tests"' in result.text
    assert result.left == ()


@pytest.mark.parametrize(
    ("command", "ours"),
    [
        ("pytest {posargs}", "pytest {args}"),
        ("pytest []", "pytest {args}"),
        ("pytest {posargs:-n 4 {toxinidir}/tests}", "pytest {args:-n 4 {root}/tests}"),
        ("- rm {envdir}/x", "- rm {env:VIRTUAL_ENV}/x"),
        ("-rm x", "- rm x"),
        ("! grep x y", "! grep x y"),
        ("{envpython} -m x", "python -m x"),
        ("{envbindir}/x", "{env:VIRTUAL_ENV}/bin/x"),
        ("x {env:A} {env:B:c d}", "x {env:A:} {env:B:c d}"),
        ("x{env:A: --y}", "x{env:A: --y}"),
        ("x {/} {:} {envname} {homedir}", "x {/} {;} {env_name} {home}"),
        ("coverage report --include=*/x/*", 'coverage report "--include=*/x/*"'),
        ("pip install .[dev]", 'pip install ".[dev]"'),
        ("x > y", 'x ">" y'),
        ("x ~ ; $A", 'x "~" ";" \'$A\''),
        ('x -m "not slow"', 'x -m "not slow"'),
        ("python -c 'print(\"{}\".format(1))'", "python -c 'print(\"{{}}\".format(1))'"),
        ("python -c \"print('a')\"", "python -c \"print('a')\""),
        ('x "it\'s $5"', 'x "it\'s \\$5"'),
        ("bash -c 'x {posargs}; y'", 'bash -c "x {args}; y"'),
        (r"x \{a\} \#", 'x "{{a}}" "#"'),
        ("x {unknown:a}", 'x "{{unknown:a}}"'),
        ("x {glob:*.py}", "x *.py"),
        ("twine check {envtmpdir}/*", 'twine check "{env:VIRTUAL_ENV}/tmp/*"'),
        ("x 'a", "x a"),
        ("x '' b", 'x "" b'),
        ("x {[]", 'x "{{"{args}'),
        ('x "{toxinidir}" {toxinidir} "{toxinidir}/a b"', 'x "{root}" {root} "{root}/a b"'),
        ('x --a="b {env:C}"{env:D}', 'x "--a=b {env:C:}"{env:D:}'),
    ],
)
def test_commands_keep_their_words(command: str, ours: str) -> None:
    assert step(command, lambda _what, _hint, _fate: None) == ours


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("py", ("py",)),
        ("py{310,311}-{a,b}, c", ("py310-a", "py310-b", "py311-a", "py311-b", "c")),
        ("py3{9-11}", ("py39", "py310", "py311")),
        ("py3{14-}", ("py314", "py315")),
        ("py3{-12}", ("py311", "py312")),
        ("py310{,-cov}", ("py310", "py310-cov")),
        ("!a,b-!c", ("!a", "b-!c")),
        ("", ()),
    ],
)
def test_expressions_of_names(expression: str, names: tuple[str, ...]) -> None:
    assert expanded(expression) == names


@pytest.mark.parametrize(
    ("factor", "python"),
    [
        ("py310", "3.10"),
        ("py3", "3"),
        ("py27", "2.7"),
        ("3.13", "3.13"),
        ("3.13t", "3.13t"),
        ("py314t", "3.14t"),
        ("pypy3", "pypy3"),
        ("pypy310", "pypy3.10"),
        ("cpython312", "3.12"),
        ("py", None),
        ("python", None),
        ("pytest", None),
        ("lint", None),
    ],
)
def test_pythons_of_factors(factor: str, python: str | None) -> None:
    assert python_of(factor) == python


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("tox.ini", "[metadata]\nname = a", "no environments of tox or Hatch"),
        ("tox.ini", "", "no environments of tox or Hatch"),
        ("tox.ini", "[testenv]\nnonsense", "expected '[SECTION]' or 'KEY = VALUE'"),
        ("tox.ini", "a = 1", "expected '[SECTION]' or 'KEY = VALUE'"),
        ("pyproject.toml", "[project]", "no environments of tox or Hatch"),
        ("tox.toml", "env_list = [", "not TOML"),
        ("pyproject.toml", "tool = 3", "no environments of tox or Hatch"),
    ],
)
def test_what_is_no_file_of_tox(name: str, text: str, message: str) -> None:
    with pytest.raises(EnvtasksError, match=re.escape(message)):
        migrate_tox(f"nowhere/{name}", text)


@pytest.mark.parametrize(
    "text",
    [
        "[testenv]\ndeps = {[testenv]deps}\n x",
        "[testenv]\ndeps = {[a]b}\n[a]\nb = {[c]d}\n[c]\nd = {[a]b}",
        "[testenv]\nset_env =\n A = {env:B}\n B = {env:A}",
        "[testenv]\ncommands = {posargs:{",
        "[testenv]\nbase = testenv:a\n[testenv:a]\nbase = testenv",
        "[tox]\nenvlist = {\n[testenv]\ncommands = }{",
        "[tox]\nenvlist = {envlist}\n[testenv]\ncommands = \\",
        "[testenv:]\n[testenv:a b]\ncommands = x",
    ],
)
def test_odd_files_end_in_something_that_is_toml(text: str) -> None:
    assert parse(migrate_tox("nowhere/tox.ini", text).text, "envtasks.toml")["envs"]


FACTORS = ("a1", "a2", "b", "c")
ASKED = (*FACTORS, "py310", "py311", "linux", "darwin", "win32")
conditions = st.lists(
    st.lists(st.sampled_from([*ASKED, *(f"!{one}" for one in ASKED)]), min_size=1, max_size=2).map("-".join),
    min_size=1,
    max_size=2,
).map(",".join)
cells = st.tuples(
    st.sampled_from(["py310", "py311"]), st.lists(st.sampled_from(FACTORS), max_size=2, unique=True).map(tuple)
).map(lambda cell: "-".join((cell[0], *cell[1])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    names=st.lists(cells, min_size=1, max_size=6, unique=True),
    asked=st.lists(conditions, min_size=1, max_size=4),
)
def test_every_environment_has_what_its_factors_give(
    names: list[str], asked: list[str], resolve_text: Resolve, host: MakeHost
) -> None:
    numbered = list(enumerate(asked))
    text = "\n".join(
        [
            "[tox]",
            f"envlist = {','.join(names)}",
            "[testenv]",
            "deps =",
            *(f"  {condition}: dep{number}" for number, condition in numbered),
            "setenv =",
            "  V = no",
            *(f"  {condition}: V = {number}" for number, condition in numbered),
            "commands =",
            *(f"  {condition}: run {number}" for number, condition in numbered),
            "  end",
        ]
    )
    ours = our_names(roots_of(read_tox("nowhere/tox.ini", text)))
    written = migrate_tox("nowhere/tox.ini", text).text
    for platform in PLATFORM_FACTORS:
        project = resolve_text(written, on=host(platform=platform))
        for name in names:
            environment = project.environments[ours[name]]
            requirements, variables = environment[DEPENDENCIES], environment[ENV_VARS]
            held = [number for number, one in numbered if holds(one, factors_of(name, platform))]
            assert sorted(requirements) == [f"dep{number}" for number in held]
            assert dict(variables)["V"] == (str(held[-1]) if held else "no")
            commands = " && ".join(command.text for command in expand("test", environment[SCRIPTS]))
            assert commands.split(" && ") == [*(f"run {number}" for number in held), "end"]


HATCH = """
    [tool.hatch.envs.default]
    dependencies = ["pytest"]
    scripts.test = "pytest {args}"
    [tool.hatch.envs.default.env-vars]
    A = "1"
    [[tool.hatch.envs.matrix.matrix]]
    python = ["3.11", "3.12"]
    [tool.hatch.envs.matrix.overrides]
    matrix.python.dependencies = [{ value = "x", if = ["3.11"] }]
    name.'^py3\\.12$'.env-vars = "B=2"
    [tool.hatch.envs.docs]
    template = "docs"
    detached = true
    [tool.hatch.envs.docs.scripts]
    build = ["mkdocs build", "- echo done"]
    [tool.hatch.envs.hatch-test]
    extra-dependencies = ["y"]
    """


def test_tables_of_hatch_keep_their_meaning(tmp_path: Path, host: MakeHost) -> None:
    projects = []
    for name, text in (("theirs", dedent(HATCH)), ("ours", migrated(HATCH, "pyproject.toml").text)):
        root = tmp_path / name
        root.mkdir()
        (root / ("pyproject.toml" if name == "theirs" else "envtasks.toml")).write_text(text, encoding="utf-8")
        projects.append(resolve(read_project(find_project(str(root)), None), host(root)))
    theirs, ours = (
        {name: dict(one.values) | {"variant": one.variant} for name, one in project.environments.items()}
        for project in projects
    )
    assert ours == theirs


def test_what_only_hatch_knows_is_left() -> None:
    text = """
        [tool.hatch.env]
        requires = ["plugin"]
        [tool.hatch.envs.a]
        type = "docker"
        teapot = 1
        workspace.members = []
        overrides.platform.plan9.path = "x"
        overrides.weather.rain.path = "x"
        overrides.env.CI.teapot = 1
        overrides.env.CI.reset-dependencies = ["x"]
        """
    result = migrated(text, "pyproject.toml")
    assert [(one.line, one.what) for one in result.left] == [
        (1, "'env'"),
        (4, "the type 'docker' of 'a'"),
        (5, "'teapot' of 'a'"),
        (6, "'workspace' of 'a'"),
        (7, "the platform 'plan9'"),
        (8, "overrides by 'weather'"),
        (9, "'teapot' in an override"),
    ]
    assert parse(result.text, "envtasks.toml") == {
        "envs": {"a": {"overrides": {"env": {"CI": {"set-dependencies": ["x"]}}}}}
    }


def test_the_page_shows_what_is_written() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "from-tox.md").read_text(encoding="utf-8")
    (before, after, shown) = re.findall(r"```(?:text|toml)\n(.*?)```", page, re.DOTALL)
    result = migrate_tox("nowhere/tox.ini", before)
    assert result.text == after
    assert list(told("tox.ini", result.left)) == shown.splitlines()[1:]
