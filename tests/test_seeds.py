"""What the documentation of environments promises: its configurations, each with the result that its text tells.

They are the pages that this tool was made to read: environment configuration, virtual environments, and a guide
to the isolation of builds. Every one is read through each of the four places that it can stand in.
"""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from envtasks.declare.project import find_project, read_project
from envtasks.model import Host, Project
from envtasks.plan.filling import fill_environment
from envtasks.plan.planning import Request, make_plan
from envtasks.report.document import environments_document
from envtasks.resolve.project import resolve
from envtasks.resolve.selection import select

Fields = Mapping[str, Any]


class Block(NamedTuple):
    """One configuration; ``expected`` are all environments but an undeclared `default`, with what is said of them."""

    name: str
    text: str
    expected: Mapping[str, Fields]
    environ: Mapping[str, str] = {}
    platform: str = "linux"


HOME = "/home/person"
PROJECT = """
[project]
name = "My.Project"
version = "1"
[project.optional-dependencies]
server = []
grpc = []
oauth = []
kerberos = []
"""
#: Where a configuration can stand: the file, and what its tables begin with.
DOORS = {
    "Hatch's table": ("pyproject.toml", "tool.hatch.envs"),
    "our table": ("pyproject.toml", "tool.envtasks.envs"),
    "Hatch's file": ("hatch.toml", "envs"),
    "our file": ("envtasks.toml", "envs"),
}

FOUR = {
    "dependencies": ["coverage[toml]", "pytest", "pytest-cov", "pytest-mock"],
}
COVERAGE = "pytest --cov-config=pyproject.toml --cov=pkg --cov=tests"
CHECKS = ["flake8 .", "black --check --diff .", "isort --check-only --diff ."]
TWO_VERSIONS = '[[envs.test.matrix]]\nversion = ["42", "3.14"]\n'

ENVIRONMENT_CONFIGURATION = (
    Block(
        "inheritance",
        """
        [envs.foo]
        type = "baz"
        skip-install = true
        [envs.bar]
        template = "foo"
        skip-install = false
        """,
        {"foo": {"type": "baz", "skip-install": True}, "bar": {"type": "baz", "skip-install": False}},
    ),
    Block(
        "matrices are not inherited",
        """
        [envs.foo]
        python = "3.11"
        matrix = [{ v = ["1"] }]
        [envs.bar]
        template = "foo"
        """,
        {"foo.1": {"root": "foo", "python": "3.11"}, "bar": {"root": None, "python": "3.11"}},
    ),
    Block(
        "self-referential",
        """
        [envs.default]
        dependencies = ["x"]
        [envs.foo]
        template = "foo"
        """,
        {"default": {"dependencies": ["x"]}, "foo": {"dependencies": [], "skip-install": False}},
    ),
    Block(
        "detached",
        """
        [envs.default]
        dependencies = ["x"]
        [envs.lint]
        detached = true
        """,
        {"default": {"skip-install": False}, "lint": {"dependencies": [], "skip-install": True}},
    ),
    Block(
        "dependencies",
        """
        [envs.test]
        dependencies = [
          "coverage[toml]",
          "pytest",
          "pytest-cov",
          "pytest-mock",
        ]
        """,
        {"test": FOUR},
    ),
    Block(
        "extra-dependencies",
        """
        [envs.default]
        dependencies = ["foo", "bar"]
        [envs.experimental]
        extra-dependencies = ["baz"]
        """,
        {
            "default": {"dependencies": ["foo", "bar"]},
            "experimental": {"dependencies": ["foo", "bar", "baz"]},
        },
    ),
    Block(
        "features",
        '[envs.nightly]\nfeatures = ["server", "grpc"]',
        {"nightly": {"features": ["server", "grpc"], "error": None}},
    ),
    Block("dev-mode", "[envs.static]\ndev-mode = false", {"static": {"dev-mode": False}}),
    Block("dev-mode by default", "[envs.other]", {"other": {"dev-mode": True, "skip-install": False}}),
    Block("skip-install", "[envs.lint]\nskip-install = true", {"lint": {"skip-install": True}}),
    Block(
        "env-vars",
        """
        [envs.docs]
        dependencies = ["mkdocs"]
        [envs.docs.env-vars]
        SOURCE_DATE_EPOCH = "1580601600"
        """,
        {"docs": {"dependencies": ["mkdocs"], "env-vars": {"SOURCE_DATE_EPOCH": "1580601600"}}},
    ),
    Block(
        "env-include and env-exclude",
        '[envs.x]\nenv-include = ["FOO*"]\nenv-exclude = ["BAR"]',
        {"x": {"env-include": ["FOO*"], "env-exclude": ["BAR"]}},
    ),
    Block(
        "a script made of another",
        """
        [envs.test]
        dependencies = ["coverage[toml]", "pytest", "pytest-cov", "pytest-mock"]
        [envs.test.scripts]
        run-coverage = "pytest --cov-config=pyproject.toml --cov=pkg --cov=tests"
        run = "run-coverage --no-cov"
        """,
        {"test": {**FOUR, "scripts": {"run-coverage": [COVERAGE], "run": [f"{COVERAGE} --no-cov"]}}},
    ),
    Block(
        "scripts as arrays",
        """
        [envs.style]
        detached = true
        dependencies = ["flake8", "black", "isort"]
        [envs.style.scripts]
        check = ["flake8 .", "black --check --diff .", "isort --check-only --diff ."]
        fmt = ["isort .", "black .", "check"]
        """,
        {
            "style": {
                "skip-install": True,
                "dependencies": ["flake8", "black", "isort"],
                "scripts": {"check": CHECKS, "fmt": ["isort .", "black .", *CHECKS]},
            }
        },
    ),
    Block(
        "ignored exit codes",
        '[envs.test.scripts]\nerror = ["- exit 1", "exit 3", "exit 0"]',
        {"test": {"scripts": {"error": ["- exit 1", "exit 3", "exit 0"]}}},
    ),
    Block(
        "scripts are inherited one by one",
        """
        [envs.default.scripts]
        a = "a1"
        b = "b1"
        [envs.x.scripts]
        b = "b2"
        """,
        {"default": {"scripts": {"a": ["a1"], "b": ["b1"]}}, "x": {"scripts": {"a": ["a1"], "b": ["b2"]}}},
    ),
    Block(
        "pre-install-commands",
        '[envs.x]\npre-install-commands = ["..."]',
        {"x": {"pre-install-commands": ["..."]}},
    ),
    Block(
        "post-install-commands may name scripts",
        '[envs.x]\npost-install-commands = ["...", "- say hello"]\nscripts.say = "echo {args}"',
        {"x": {"post-install-commands": ["...", "- echo hello"]}},
    ),
    Block("python", '[envs.x]\npython = "3.10"', {"x": {"python": "3.10"}}),
    Block(
        "platforms",
        '[envs.x]\nplatforms = ["linux", "windows", "macos"]',
        {"x": {"platforms": ["linux", "windows", "macos"]}},
    ),
    Block("all platforms", "[envs.x]", {"x": {"platforms": []}}),
    Block(
        "description",
        '[envs.x]\ndescription = """\nLorem ipsum ...\n"""',
        {"x": {"description": "Lorem ipsum ...\n"}},
    ),
    Block("type", "[envs.x]", {"x": {"type": "virtual"}}),
    Block(
        "context fields",
        """
        [envs.x]
        matrix = [{ version = ["2"] }]
        [envs.x.scripts]
        a = "{env_name} {env_type} {matrix:version:v1.0.0} {matrix:other:v1.0.0}"
        b = "{verbosity}|{verbosity:flag}|{verbosity:flag:-1}|{verbosity:flag:2}|{args:tests}"
        """,
        {"x.2": {"scripts": {"a": ["x.2 virtual 2 v1.0.0"], "b": ["0||-q|-vv|tests"]}}},
    ),
    Block(
        "matrix",
        """
        [envs.test]
        dependencies = ["pytest"]
        [[envs.test.matrix]]
        python = ["27", "38"]
        version = ["42", "3.14"]
        [[envs.test.matrix]]
        python = ["38", "39"]
        version = ["9000"]
        feature = ["foo", "bar"]
        """,
        {
            "test.py27-42": {"python": "27", "root": "test", "dependencies": ["pytest"]},
            "test.py27-3.14": {"matrix": {"python": "27", "version": "3.14"}},
            "test.py38-42": {"python": "38"},
            "test.py38-3.14": {"python": "38"},
            "test.py38-9000-foo": {"matrix": {"python": "38", "version": "9000", "feature": "foo"}},
            "test.py38-9000-bar": {"python": "38"},
            "test.py39-9000-foo": {"python": "39"},
            "test.py39-9000-bar": {"python": "39", "dependencies": ["pytest"]},
        },
    ),
    Block(
        "matrix names",
        '[[envs.test.matrix]]\nversion = ["42"]\nfeature = ["foo", "bar"]',
        {"test.42-foo": {"python": None}, "test.42-bar": {}},
    ),
    Block(
        "matrix names with Python",
        '[[envs.test.matrix]]\nversion = ["42"]\npython = ["39", "pypy3"]',
        {"test.py39-42": {"python": "39"}, "test.pypy3-42": {"python": "pypy3"}},
    ),
    Block(
        "matrix-name-format",
        """
        [envs.test]
        matrix-name-format = "{variable}_{value}"
        [[envs.test.matrix]]
        version = ["42"]
        feature = ["foo", "bar"]
        """,
        {"test.version_42-feature_foo": {}, "test.version_42-feature_bar": {}},
    ),
    Block(
        "the matrix of default",
        '[[envs.default.matrix]]\nversion = ["42"]\npython = ["39", "pypy3"]',
        {"py39-42": {"root": "default"}, "pypy3-42": {"root": "default"}},
    ),
    Block(
        "platform override, elsewhere",
        "[envs.test.overrides]\nplatform.windows.scripts = [\n  'run=pytest -m \"not io_uring\"',\n]",
        {"test": {"scripts": {}}},
    ),
    Block(
        "platform override",
        "[envs.test.overrides]\nplatform.windows.scripts = [\n  'run=pytest -m \"not io_uring\"',\n]",
        {"test": {"scripts": {"run": ['pytest -m "not io_uring"']}}},
        platform="windows",
    ),
    *(
        Block(
            f"env override, {environ or 'not set'}",
            '[envs.test.overrides]\nenv.GITHUB_ACTIONS.dev-mode = { value = false, if = ["true"] }',
            {"test": {"dev-mode": dev_mode}},
            environ=environ,
        )
        for environ, dev_mode in (
            ({}, True),
            ({"GITHUB_ACTIONS": "true"}, False),
            ({"GITHUB_ACTIONS": "false"}, True),
        )
    ),
    *(
        Block(
            f"matrix overrides, {kerberos}",
            f"""
            [envs.test.overrides]
            matrix.version.env-vars = "PRODUCT_VERSION"
            matrix.auth.features = [
              {{ value = "oauth", if = ["oauth2"] }},
              {{ value = "kerberos", if = ["{kerberos}"] }},
            ]
            [[envs.test.matrix]]
            python = ["27", "38"]
            version = ["legacy", "latest"]
            auth = ["oauth2", "{kerberos}", "noauth"]
            """,
            {
                f"test.py{python}-{version}-{auth}": {
                    "env-vars": {"PRODUCT_VERSION": version},
                    "features": features,
                    "error": None,
                }
                for python in ("27", "38")
                for version in ("legacy", "latest")
                for auth, features in (("oauth2", ["oauth"]), (kerberos, ["kerberos"]), ("noauth", []))
            },
        )
        for kerberos in ("krb5", "kerberos")
    ),
    *(
        Block(
            f"literal types, {environ or 'not in CI'}",
            """
            [envs.test.overrides]
            matrix.foo.python = "310"
            matrix.bar.skip-install = { value = true, if = ["..."] }
            env.CI.dev-mode = [
              { value = false, if = ["..."] },
              true,
            ]
            [envs.test]
            dev-mode = false
            matrix = [{ foo = ["1"] }, { bar = ["...", "2"] }]
            """,
            {
                "test.1": {"python": "310", "skip-install": False, "dev-mode": dev_mode},
                "test....": {"python": None, "skip-install": True},
                "test.2": {"skip-install": False},
            },
            environ=environ,
        )
        for environ, dev_mode in (({}, False), ({"CI": "..."}, False), ({"CI": "true"}, True))
    ),
    Block(
        "array types",
        """
        [envs.test]
        dependencies = ["base"]
        overrides.matrix.foo.dependencies = ["httpx", { value = "cryptography" }]
        matrix = [{ foo = ["1"] }, { bar = ["2"] }]
        """,
        {
            "test.1": {"dependencies": ["base", "httpx", "cryptography"]},
            "test.2": {"dependencies": ["base"]},
        },
    ),
    Block(
        "mapping types",
        """
        [envs.test]
        matrix = [{ foo = ["1"], bar = ["2"] }]
        [envs.test.overrides]
        matrix.foo.env-vars = "KEY=VALUE"
        matrix.bar.env-vars = [
          "KEY1=VALUE1",
          { key = "KEY2", value = "VALUE2" },
        ]
        """,
        {"test.1-2": {"env-vars": {"KEY": "VALUE", "KEY1": "VALUE1", "KEY2": "VALUE2"}}},
    ),
    Block(
        "mapping types without a value",
        """
        [envs.test]
        matrix = [{ foo = ["1"] }]
        overrides.matrix.foo.env-vars = ["A", { key = "B" }]
        """,
        {"test.1": {"env-vars": {"A": "1", "B": "1"}}},
    ),
    Block(
        "overwriting",
        """
        [envs.test]
        platforms = ["windows"]
        matrix = [{ foo = ["1"] }, { bar = ["2"] }]
        overrides.matrix.foo.set-platforms = ["macos", "linux"]
        """,
        {"test.1": {"platforms": ["macos", "linux"]}, "test.2": {"platforms": ["windows"]}},
    ),
    Block(
        "the order of sources",
        """
        [envs.test]
        matrix = [{ foo = ["1"] }]
        overrides.matrix.foo.env-vars = ["C=matrix"]
        overrides.env.HOME.env-vars = ["B=env", "C=env"]
        overrides.platform.linux.env-vars = ["A=platform", "B=platform", "C=platform"]
        """,
        {"test.1": {"env-vars": {"A": "platform", "B": "env", "C": "matrix"}}},
    ),
    Block(
        "allowed values",
        """
        [envs.test.overrides]
        matrix.version.python = { value = "pypy", if = ["3.14"] }
        matrix.version.env-vars = [
          { key = "KEY1", value = "VALUE1", if = ["42"] },
          { key = "KEY2", value = "VALUE2", if = ["3.14"] },
        ]
        """
        + TWO_VERSIONS,
        {
            "test.42": {"python": None, "env-vars": {"KEY1": "VALUE1"}},
            "test.3.14": {"python": "pypy", "env-vars": {"KEY2": "VALUE2"}},
        },
    ),
    *(
        Block(
            f"specific platforms, {platform}, {environ}",
            """
            [envs.test.overrides]
            env.EXPERIMENTAL.python = { value = "pypy", if = ["1"], platform = ["macos"] }
            matrix.version.env-vars = [
              { key = "KEY1", value = "VALUE1", if = ["42"], platform = ["linux"] },
              { key = "KEY2", value = "VALUE2", if = ["3.14"] },
            ]
            """
            + TWO_VERSIONS,
            {
                "test.42": {"python": python, "env-vars": first},
                "test.3.14": {"python": python, "env-vars": {"KEY2": "VALUE2"}},
            },
            environ=environ,
            platform=platform,
        )
        for platform, environ, python, first in (
            ("linux", {"EXPERIMENTAL": "1"}, None, {"KEY1": "VALUE1"}),
            ("macos", {"EXPERIMENTAL": "1"}, "pypy", {}),
            ("macos", {"EXPERIMENTAL": "0"}, None, {}),
            ("macos", {}, None, {}),
        )
    ),
    *(
        Block(
            f"required variables, {platform}, {environ}",
            """
            [envs.test.overrides]
            platform.windows.python = { value = "pypy", env = ["EXPERIMENTAL"] }
            matrix.version.env-vars = [
              { key = "KEY1", value = "VALUE1", if = ["42"], env = ["FOO", "BAR=BAZ"] },
              { key = "KEY2", value = "VALUE2", if = ["3.14"] },
            ]
            """
            + TWO_VERSIONS,
            {
                "test.42": {"python": python, "env-vars": first},
                "test.3.14": {"python": python, "env-vars": {"KEY2": "VALUE2"}},
            },
            environ=environ,
            platform=platform,
        )
        for platform, environ, python, first in (
            ("linux", {"EXPERIMENTAL": ""}, None, {}),
            ("windows", {"EXPERIMENTAL": ""}, "pypy", {}),
            ("windows", {"FOO": "", "BAR": "BAZ"}, None, {"KEY1": "VALUE1"}),
            ("windows", {"FOO": "", "BAR": "BA"}, None, {}),
            ("windows", {"BAR": "BAZ"}, None, {}),
        )
    ),
)

VIRTUAL_ENVIRONMENTS = (
    Block("type virtual", '[envs.x]\ntype = "virtual"', {"x": {"type": "virtual", "error": None}}),
    Block(
        "the options of virtual environments, by default",
        "[envs.x]",
        {
            "x": {
                "python": None,
                "python-sources": ["external", "internal"],
                "path": None,
                "system-packages": False,
                "installer": "pip",
            }
        },
    ),
    Block(
        "the options of virtual environments",
        """
        [envs.x]
        python = "/usr/bin/python3"
        python-sources = ["internal"]
        path = ".venv"
        system-packages = true
        installer = "uv"
        [envs.y]
        template = "x"
        """,
        {
            name: {
                "python": "/usr/bin/python3",
                "python-sources": ["internal"],
                "path": ".venv",
                "system-packages": True,
                "installer": "uv",
                "error": None,
            }
            for name in ("x", "y")
        },
    ),
)


def build(text: str, name: str, **fields: Any) -> Block:
    """Options of the environment that builds happen in."""
    return Block(name, f"[envs.hatch-build]\n{text}", {"hatch-build": {**fields, "error": None}})


def build_variables(name: str, environ: Mapping[str, str] | None = None, **variables: str) -> Block:
    """Variables of the environment that builds happen in, as written; HOME is filled."""
    text = "".join(f'{key} = "{value}"\n' for key, value in variables.items())
    filled = {key: value.replace("{env:HOME}", HOME) for key, value in variables.items()}
    return Block(
        name,
        f"[envs.hatch-build.env-vars]\n{text}",
        {"hatch-build": {"env-vars": filled, "error": None}},
        environ or {},
    )


ISOLATION = (
    build('type = "virtual"', "type of builds", type="virtual"),
    build('path = ".venv/build"', "path of builds", path=".venv/build"),
    build("system-packages = false", "no system packages", **{"system-packages": False}),
    build("system-packages = true", "system packages", **{"system-packages": True}),
    build('python = "3.11"', "a Python for builds", python="3.11"),
    build('python = "self"', "the Python that runs this", python="self"),
    Block(
        "several Pythons for builds",
        '[envs.hatch-build]\npython = ["3.9", "3.10", "3.11"]',
        {f"hatch-build.py{version}": {"python": version, "root": "hatch-build"} for version in ("3.9", "3.10", "3.11")},
    ),
    build(
        "system-packages = false\nskip-install = false\ndev-mode = false",
        "strict isolation",
        **{"system-packages": False, "skip-install": False, "dev-mode": False},
    ),
    build(
        'system-packages = true\ndependencies = ["cython>=3.0.0", "numpy>=1.24.0"]',
        "partial isolation",
        **{"system-packages": True, "dependencies": ["cython>=3.0.0", "numpy>=1.24.0"]},
    ),
    build("detached = true\nskip-install = true", "detached builds", **{"skip-install": True, "dependencies": []}),
    build_variables(
        "reproducible builds",
        SOURCE_DATE_EPOCH="1580601600",
        PYTHONHASHSEED="0",
        PYTHONDONTWRITEBYTECODE="1",
    ),
    build(
        'dependencies = ["setuptools==68.0.0", "wheel==0.41.0"]',
        "pinned dependencies",
        dependencies=["setuptools==68.0.0", "wheel==0.41.0"],
    ),
    build_variables("constraints", PIP_CONSTRAINT="constraints.txt", UV_CONSTRAINT="constraints.txt"),
    Block(
        "development",
        """
        [envs.dev]
        system-packages = true
        dev-mode = true
        skip-install = false
        dependencies = ["pytest>=7.0", "black>=23.0", "ruff>=0.1.0"]
        """,
        {
            "dev": {
                "system-packages": True,
                "dev-mode": True,
                "skip-install": False,
                "dependencies": ["pytest>=7.0", "black>=23.0", "ruff>=0.1.0"],
            }
        },
    ),
    build(
        'system-packages = false\ndev-mode = false\ninstaller = "pip"\ndependencies = ["cython==3.0.0", "numpy==1.24.3"]',
        "production",
        installer="pip",
        dependencies=["cython==3.0.0", "numpy==1.24.3"],
        **{"system-packages": False, "dev-mode": False},
    ),
    build_variables(
        "caches",
        PIP_CACHE_DIR="{env:HOME}/.cache/pip",
        UV_CACHE_DIR="{env:HOME}/.cache/uv",
        PIP_NO_CACHE_DIR="0",
        UV_NO_CACHE="0",
    ),
    build_variables(
        "offline",
        PIP_INDEX_URL="file:///local/pypi/simple",
        UV_INDEX_URL="file:///local/pypi/simple",
        PIP_NO_INDEX="1",
        UV_OFFLINE="1",
    ),
    build_variables(
        "private indexes",
        PIP_INDEX_URL="https://user:pass@private.example/simple/",
        PIP_TRUSTED_HOST="private.example",
        PIP_EXTRA_INDEX_URL="https://backup.example/simple/",
    ),
    build_variables("what pip insists on", PIP_REQUIRE_VIRTUALENV="1", PIP_DISABLE_PIP_VERSION_CHECK="1"),
    build_variables("a proxy", HTTP_PROXY="http://proxy.example.com:8080", HTTPS_PROXY="http://proxy.example.com:8080"),
    Block(
        "the complete example",
        """
        [envs.hatch-build]
        type = "virtual"
        system-packages = false
        dev-mode = false
        skip-install = false
        detached = false
        python = "3.11"
        dependencies = ["setuptools==68.0.0", "wheel==0.41.0"]
        installer = "pip"
        [envs.hatch-build.env-vars]
        SOURCE_DATE_EPOCH = "1580601600"
        PYTHONHASHSEED = "0"
        PIP_INDEX_URL = "https://index.example/simple/"
        PIP_TRUSTED_HOST = ""
        PIP_REQUIRE_VIRTUALENV = "1"
        PIP_CACHE_DIR = "/tmp/pip-cache"
        PIP_NO_CACHE_DIR = "0"
        PIP_DISABLE_PIP_VERSION_CHECK = "1"
        """,
        {
            "hatch-build": {
                "type": "virtual",
                "system-packages": False,
                "dev-mode": False,
                "skip-install": False,
                "python": "3.11",
                "dependencies": ["setuptools==68.0.0", "wheel==0.41.0"],
                "installer": "pip",
                "env-vars": {
                    "SOURCE_DATE_EPOCH": "1580601600",
                    "PYTHONHASHSEED": "0",
                    "PIP_INDEX_URL": "https://index.example/simple/",
                    "PIP_TRUSTED_HOST": "",
                    "PIP_REQUIRE_VIRTUALENV": "1",
                    "PIP_CACHE_DIR": "/tmp/pip-cache",
                    "PIP_NO_CACHE_DIR": "0",
                    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                },
                "error": None,
            }
        },
    ),
)

BLOCKS = (*ENVIRONMENT_CONFIGURATION, *VIRTUAL_ENVIRONMENTS, *ISOLATION)


def host_of(root: Path, block: Block) -> Host:
    return Host(str(root), HOME, block.platform, {"HOME": HOME, "PATH": "/usr/bin:/bin", **block.environ})


def read(root: Path, text: str, door: str, host: Host) -> Project:
    file, prefix = DOORS[door]
    written = dedent(text).replace("[envs.", f"[{prefix}.")
    for name in ("pyproject.toml", "hatch.toml", "envtasks.toml"):
        (root / name).unlink(missing_ok=True)
    (root / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    with (root / file).open("a", encoding="utf-8") as opened:
        opened.write(f"\n{written}")
    return resolve(read_project(find_project(str(root)), None), host)


def documents(root: Path, block: Block, door: str) -> dict[str, dict[str, Any]]:
    host = host_of(root, block)
    document = environments_document(read(root, block.text, door, host), host)
    return {one["name"]: one for one in document["environments"]}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_block_does_what_its_text_says(block: Block, door: str, tmp_path: Path) -> None:
    found = documents(tmp_path, block, door)
    undeclared = [name for name in found if name == "default" and name not in block.expected]
    assert list(found) == [*undeclared, *block.expected]
    for name, fields in block.expected.items():
        assert {field: found[name][field] for field in fields} == fields


@pytest.mark.parametrize("block", [*ENVIRONMENT_CONFIGURATION, *VIRTUAL_ENVIRONMENTS], ids=lambda block: block.name)
def test_a_block_means_the_same_wherever_it_stands(block: Block, tmp_path: Path) -> None:
    first, *others = (documents(tmp_path, block, door) for door in DOORS)
    assert all(other == first for other in others)


SELECTION = """
    [envs.test]
    dependencies = ["coverage[toml]", "pytest", "pytest-cov"]
    [envs.test.scripts]
    cov = 'pytest --cov-report=term-missing --cov-config=pyproject.toml --cov=pkg --cov=tests'
    [[envs.test.matrix]]
    python = ["27", "38"]
    version = ["42", "3.14"]
"""


@pytest.mark.parametrize("door", DOORS)
def test_a_root_selects_all_its_environments(door: str, tmp_path: Path) -> None:
    host = Host(str(tmp_path), HOME, "linux", {"HOME": HOME})
    project = read(tmp_path, SELECTION, door, host)
    plan = make_plan(project, Request(select(("test:cov",), project)), host)
    assert [work.recipe.name for work in plan.sessions] == [
        "test.py27-42",
        "test.py27-3.14",
        "test.py38-42",
        "test.py38-3.14",
    ]
    commands = {step.run for work in plan.sessions for step in work.steps}
    assert commands == {"pytest --cov-report=term-missing --cov-config=pyproject.toml --cov=pkg --cov=tests"}


@pytest.mark.parametrize("door", DOORS)
def test_the_exit_code_of_a_hyphened_command_is_ignored(door: str, tmp_path: Path) -> None:
    host = Host(str(tmp_path), HOME, "linux", {"HOME": HOME})
    project = read(tmp_path, '[envs.test.scripts]\nerror = ["- exit 1", "exit 3", "exit 0"]', door, host)
    (work,) = make_plan(project, Request(select(("test:error",), project)), host).sessions
    assert [(step.ignore_exit_code, step.run) for step in work.steps] == [
        (True, "exit 1"),
        (False, "exit 3"),
        (False, "exit 0"),
    ]


@pytest.mark.parametrize("door", DOORS)
def test_filters_take_variables_away_but_never_defined_ones(door: str, tmp_path: Path) -> None:
    text = """
        [envs.x]
        env-include = ["FOO*"]
        env-exclude = ["BAR", "FOOD"]
        env-vars = { BAR = "defined" }
    """
    environ = {"HOME": HOME, "FOO1": "1", "FOOD": "2", "BAR": "3", "OTHER": "4"}
    host = Host(str(tmp_path), HOME, "linux", environ)
    project = read(tmp_path, text, door, host)
    visible = fill_environment(project.environments["x"], project, host).variables
    assert {name: visible.get(name) for name in environ} == {
        "HOME": HOME,
        "FOO1": "1",
        "FOOD": None,
        "BAR": "defined",
        "OTHER": None,
    }


@pytest.mark.parametrize(
    ("environ", "directories"),
    [
        ({"ENVTASKS_ENV_DIR": ".envs"}, {"default": "ROOT/.envs/my-project", "lint": "ROOT/.envs/lint"}),
        ({"ENVTASKS_ENV_DIR": "~/.virtualenvs"}, {"lint": f"{HOME}/.virtualenvs/lint"}),
        ({"ENVTASKS_ENV_DIR": ".envs"}, {"placed": "ROOT/.venv", "child": "ROOT/.venv"}),
        ({"ENVTASKS_ENV_TYPE_VIRTUAL_PATH": "/x"}, {"default": "/x", "lint": "/x", "placed": "/x"}),
    ],
    ids=["inside the project", "in the home directory", "path, which is inherited", "a variable, first of all"],
)
def test_where_environments_lie(environ: Mapping[str, str], directories: Mapping[str, str], tmp_path: Path) -> None:
    text = '[envs.lint]\n[envs.placed]\npath = ".venv"\n[envs.child]\ntemplate = "placed"'
    host = Host(str(tmp_path), HOME, "linux", {"HOME": HOME, **environ})
    project = read(tmp_path, text, "Hatch's table", host)
    found = {name: fill_environment(project.environments[name], project, host).directory for name in directories}
    assert found == {name: place.replace("ROOT", str(tmp_path)) for name, place in directories.items()}


def test_elsewhere_environments_of_several_projects_do_not_meet(tmp_path: Path) -> None:
    directories = []
    for name in ("one", "two"):
        root = tmp_path / name
        root.mkdir()
        host = Host(str(root), HOME, "linux", {"HOME": HOME, "ENVTASKS_ENV_DIR": "/store"})
        project = read(root, "[envs.lint]", "Hatch's table", host)
        directories.append(Path(fill_environment(project.environments["lint"], project, host).directory))
    assert [(place.parts[:3], place.name) for place in directories] == [(("/", "store", "my-project"), "lint")] * 2
    assert directories[0] != directories[1]


def test_direct_references_of_the_project_are_none_of_our_business(tmp_path: Path) -> None:
    text = """
        [build-system]
        requires = ["hatchling==1.25.0", "cython==3.0.0", "numpy==1.24.3"]
        build-backend = "hatchling.build"
        [tool.hatch.metadata]
        allow-direct-references = true
        [envs.x]
    """
    host = Host(str(tmp_path), HOME, "linux", {"HOME": HOME})
    assert list(read(tmp_path, text, "Hatch's table", host).environments) == ["default", "x"]
