"""The option table: one row per option of an environment, and the only place where options are named.

The TOML reader, the keywords of ``@env``, inheritance, overrides, the JSON output and the reference
page are made from it. Code that acts on an option asks for it by its row: ``environment[PYTHON]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

from envtasks.declared import MatrixEntry, Override, Pairs, Script, Texts

T = TypeVar("T")

Kind = Literal["text", "flag", "texts", "pairs", "scripts", "matrix", "overrides"]


class Option(Generic[T]):
    """One option: what it holds and how it behaves.

    ``kind`` says what may be written and how overrides combine it; ``filled``: its text may hold
    placeholders; ``overridable``: overrides may name it by a plain value of its kind, not only by
    a table with ``value``; ``inherited``: a template hands it on; ``consumed``: it has done its work, or went into
    another option, once environments are resolved; ``example``: a value of it as TOML writes it, for the documentation.
    """

    __slots__ = (
        "consumed",
        "default",
        "doc",
        "example",
        "filled",
        "inherited",
        "kind",
        "name",
        "overridable",
    )

    def __init__(
        self,
        name: str,
        kind: Kind,
        default: T,
        doc: str,
        example: str,
        *,
        filled: bool = False,
        overridable: bool = True,
        inherited: bool = True,
        consumed: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.default = default
        self.doc = doc
        self.example = example
        self.filled = filled
        self.overridable = overridable
        self.inherited = inherited
        self.consumed = consumed

    def __repr__(self) -> str:
        return f"Option({self.name!r})"


#: The type of an environment that is none of its own: its commands run in what surrounds them.
NONE = "none"
TYPE: Option[str] = Option(
    "type",
    "text",
    "virtual",
    "Which backend makes the environment: `virtual`, or `none` for commands that run in what surrounds them.",
    '"virtual"',
)
TEMPLATE: Option[str] = Option(
    "template",
    "text",
    "default",
    "The environment whose options this one inherits; its own name means none.",
    '"test"',
    overridable=False,
    inherited=False,
    consumed=True,
)
DETACHED: Option[bool] = Option(
    "detached",
    "flag",
    False,
    "Inherit nothing and, unless said otherwise, do not install the project.",
    "true",
    overridable=False,
    inherited=False,
    consumed=True,
)
DESCRIPTION: Option[str] = Option(
    "description",
    "text",
    "",
    "What the environment is for; shown in listings.",
    '"Run the tests"',
    overridable=False,
)
DEPENDENCIES: Option[Texts] = Option(
    "dependencies",
    "texts",
    (),
    "Requirements (PEP 508) to install.",
    '["pytest>=8", "coverage[toml]"]',
    filled=True,
)
EXTRA_DEPENDENCIES: Option[Texts] = Option(
    "extra-dependencies",
    "texts",
    (),
    "Requirements to install next to those of `dependencies`, which may be inherited.",
    '["pytest-xdist"]',
    filled=True,
    consumed=True,
)
DEPENDENCY_GROUPS: Option[Texts] = Option(
    "dependency-groups",
    "texts",
    (),
    "Dependency groups (PEP 735) of the project to install.",
    '["test"]',
)
FEATURES: Option[Texts] = Option(
    "features",
    "texts",
    (),
    "Optional dependencies of the project to install it with.",
    '["server", "grpc"]',
)
DEV_MODE: Option[bool] = Option(
    "dev-mode",
    "flag",
    True,
    "Install the project editable, so that it is always as on disk.",
    "false",
)
SKIP_INSTALL: Option[bool] = Option(
    "skip-install",
    "flag",
    False,
    "Do not install the project. True where there is no project to install.",
    "true",
)
BUILDER: Option[bool] = Option("builder", "flag", False, "Whether builds of the project may happen here.", "true")
ENV_VARS: Option[Pairs] = Option(
    "env-vars",
    "pairs",
    (),
    "Environment variables to set for commands and installs.",
    '{ SOURCE_DATE_EPOCH = "1580601600", DATA = "{root}/data" }',
    filled=True,
)
ENV_INCLUDE: Option[Texts] = Option(
    "env-include",
    "texts",
    (),
    "Patterns of the variables that commands see; none given means all. What programs need to start always stays.",
    '["CI", "DJANGO_*"]',
)
ENV_EXCLUDE: Option[Texts] = Option(
    "env-exclude",
    "texts",
    (),
    "Patterns of variables that commands do not see; wins over `env-include`.",
    '["AWS_*"]',
)
SCRIPTS: Option[Mapping[str, Script]] = Option(
    "scripts",
    "scripts",
    {},
    "Named chains of commands.",
    '{ test = "pytest {args:tests}", check = ["ruff check .", "- ruff format --check ."] }',
    filled=True,
)
EXTRA_SCRIPTS: Option[Mapping[str, Script]] = Option(
    "extra-scripts",
    "scripts",
    {},
    "Scripts next to those of `scripts`, which win.",
    '{ shell = "python -i" }',
    overridable=False,
    filled=True,
    consumed=True,
)
PRE_INSTALL_COMMANDS: Option[Texts] = Option(
    "pre-install-commands",
    "texts",
    (),
    "Commands to run before the project is installed.",
    '["python --version"]',
    filled=True,
)
POST_INSTALL_COMMANDS: Option[Texts] = Option(
    "post-install-commands",
    "texts",
    (),
    "Commands to run after the project was installed.",
    '["- pre-commit install"]',
    filled=True,
)
PYTHON: Option[str | None] = Option(
    "python",
    "text",
    None,
    "The Python to use: a version, a range, a program, an absolute path or `self`. An array is short for a matrix.",
    '"3.12"',
    filled=True,
)
PLATFORMS: Option[Texts] = Option(
    "platforms",
    "texts",
    (),
    "Where the environment can exist: `linux`, `macos`, `windows`; none given means everywhere.",
    '["linux", "macos"]',
)
MATRIX: Option[tuple[MatrixEntry, ...] | None] = Option(
    "matrix",
    "matrix",
    None,
    "Tables of variables; each combination is an environment.",
    '[{ python = ["3.11", "3.12"], django = ["4.2", "5.2"] }]',
    overridable=False,
    inherited=False,
    consumed=True,
)
MATRIX_NAME_FORMAT: Option[str] = Option(
    "matrix-name-format",
    "text",
    "{value}",
    "How a variable appears in the names of generated environments: `{variable}` and `{value}`.",
    '"{variable}_{value}"',
    consumed=True,
)
OVERRIDES: Option[tuple[Override, ...]] = Option(
    "overrides",
    "overrides",
    (),
    "Changes of options under conditions: `SOURCE.CONDITION.OPTION`.",
    '{ matrix = { django = { dependencies = [{ value = "asgiref>=3.8", if = ["5.2"] }] } } }',
    overridable=False,
    consumed=True,
)
PATH: Option[str | None] = Option(
    "path",
    "text",
    None,
    "Where the environment lies, instead of the usual place; relative to the project.",
    '".venv"',
    filled=True,
)
SYSTEM_PACKAGES: Option[bool] = Option(
    "system-packages",
    "flag",
    False,
    "Let the environment see the packages of its interpreter.",
    "true",
)
PYTHON_SOURCES: Option[Texts] = Option(
    "python-sources",
    "texts",
    ("external", "internal"),
    "Where Pythons are looked for, in order: `external` (on this machine), `internal` (installed by envtasks).",
    '["external"]',
)
INSTALLER: Option[str] = Option("installer", "text", "pip", "What fills the environment.", '"uv"')
UV_PATH: Option[str | None] = Option(
    "uv-path", "text", None, "The uv program to use; implies it as installer.", '"/opt/uv/bin/uv"'
)
#: What may fill environments.
INSTALLERS = ("pip", "uv")
DEFAULT_SCRIPT: Option[str | None] = Option(
    "default-script",
    "text",
    None,
    "The script that runs when the environment alone is named.",
    '"check"',
)
DEFAULT: Option[bool] = Option(
    "default",
    "flag",
    False,
    "Whether a bare `envtasks` runs it. True for environments declared by a Python function.",
    "true",
    inherited=False,
)
TAGS: Option[Texts] = Option(
    "tags",
    "texts",
    (),
    "Words to select the default session of the environment by; a script table has its own.",
    '["ci", "slow"]',
)
REQUIRES: Option[Texts] = Option(
    "requires",
    "texts",
    (),
    "Sessions that must have passed before its default session runs; a script table has its own.",
    '["build", "docs-{python}"]',
    inherited=False,
)

TABLE: dict[str, Option[Any]] = {row.name: row for row in tuple(globals().values()) if isinstance(row, Option)}
