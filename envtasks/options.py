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
    placeholders; ``shapes``: it shapes the directory, so that a change of it is a reason to act on
    the directory; ``overridable``: overrides may name it by a plain value of its kind, not only by
    a table with ``value``; ``inherited``: a template hands it on; ``consumed``: it has done its work, or went into
    another option, once environments are resolved.
    """

    __slots__ = ("consumed", "default", "doc", "filled", "inherited", "kind", "name", "overridable", "shapes")

    def __init__(
        self,
        name: str,
        kind: Kind,
        default: T,
        doc: str,
        *,
        filled: bool = False,
        shapes: bool = False,
        overridable: bool = True,
        inherited: bool = True,
        consumed: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.default = default
        self.doc = doc
        self.filled = filled
        self.shapes = shapes
        self.overridable = overridable
        self.inherited = inherited
        self.consumed = consumed

    def __repr__(self) -> str:
        return f"Option({self.name!r})"


TYPE: Option[str] = Option("type", "text", "virtual", "Which backend makes the environment.", shapes=True)
TEMPLATE: Option[str] = Option(
    "template",
    "text",
    "default",
    "The environment whose options this one inherits; its own name means none.",
    overridable=False,
    inherited=False,
    consumed=True,
)
DETACHED: Option[bool] = Option(
    "detached",
    "flag",
    False,
    "Inherit nothing and, unless said otherwise, do not install the project.",
    overridable=False,
    inherited=False,
    consumed=True,
)
DESCRIPTION: Option[str] = Option(
    "description",
    "text",
    "",
    "What the environment is for; shown in listings.",
    overridable=False,
)
DEPENDENCIES: Option[Texts] = Option(
    "dependencies",
    "texts",
    (),
    "Requirements (PEP 508) to install.",
    filled=True,
    shapes=True,
)
EXTRA_DEPENDENCIES: Option[Texts] = Option(
    "extra-dependencies",
    "texts",
    (),
    "Requirements to install next to those of `dependencies`, which may be inherited.",
    filled=True,
    shapes=True,
    consumed=True,
)
DEPENDENCY_GROUPS: Option[Texts] = Option(
    "dependency-groups",
    "texts",
    (),
    "Dependency groups (PEP 735) of the project to install.",
    shapes=True,
)
FEATURES: Option[Texts] = Option(
    "features",
    "texts",
    (),
    "Optional dependencies of the project to install it with.",
    shapes=True,
)
DEV_MODE: Option[bool] = Option(
    "dev-mode",
    "flag",
    True,
    "Install the project editable, so that it is always as on disk.",
    shapes=True,
)
SKIP_INSTALL: Option[bool] = Option(
    "skip-install",
    "flag",
    False,
    "Do not install the project. True where there is no project to install.",
    shapes=True,
)
BUILDER: Option[bool] = Option("builder", "flag", False, "Whether builds of the project may happen here.")
ENV_VARS: Option[Pairs] = Option(
    "env-vars",
    "pairs",
    (),
    "Environment variables to set for commands and installs.",
    filled=True,
)
ENV_INCLUDE: Option[Texts] = Option(
    "env-include",
    "texts",
    (),
    "Patterns of the variables that commands see; none given means all. What programs need to start always stays.",
)
ENV_EXCLUDE: Option[Texts] = Option(
    "env-exclude",
    "texts",
    (),
    "Patterns of variables that commands do not see; wins over `env-include`.",
)
SCRIPTS: Option[Mapping[str, Script]] = Option("scripts", "scripts", {}, "Named chains of commands.", filled=True)
EXTRA_SCRIPTS: Option[Mapping[str, Script]] = Option(
    "extra-scripts",
    "scripts",
    {},
    "Scripts next to those of `scripts`, which win.",
    overridable=False,
    filled=True,
    consumed=True,
)
PRE_INSTALL_COMMANDS: Option[Texts] = Option(
    "pre-install-commands",
    "texts",
    (),
    "Commands to run before the project is installed.",
    filled=True,
    shapes=True,
)
POST_INSTALL_COMMANDS: Option[Texts] = Option(
    "post-install-commands",
    "texts",
    (),
    "Commands to run after the project was installed.",
    filled=True,
    shapes=True,
)
PYTHON: Option[str | None] = Option(
    "python",
    "text",
    None,
    "The Python to use: a version, a range, a program, an absolute path or `self`. An array is short for a matrix.",
    filled=True,
    shapes=True,
)
PLATFORMS: Option[Texts] = Option(
    "platforms",
    "texts",
    (),
    "Where the environment can exist: `linux`, `macos`, `windows`; none given means everywhere.",
)
MATRIX: Option[tuple[MatrixEntry, ...] | None] = Option(
    "matrix",
    "matrix",
    None,
    "Tables of variables; each combination is an environment.",
    overridable=False,
    inherited=False,
    consumed=True,
)
MATRIX_NAME_FORMAT: Option[str] = Option(
    "matrix-name-format",
    "text",
    "{value}",
    "How a variable appears in the names of generated environments: `{variable}` and `{value}`.",
    consumed=True,
)
OVERRIDES: Option[tuple[Override, ...]] = Option(
    "overrides",
    "overrides",
    (),
    "Changes of options under conditions: `SOURCE.CONDITION.OPTION`.",
    overridable=False,
    consumed=True,
)
PATH: Option[str | None] = Option(
    "path",
    "text",
    None,
    "Where the environment lies, instead of the usual place; relative to the project.",
    filled=True,
)
SYSTEM_PACKAGES: Option[bool] = Option(
    "system-packages",
    "flag",
    False,
    "Let the environment see the packages of its interpreter.",
    shapes=True,
)
PYTHON_SOURCES: Option[Texts] = Option(
    "python-sources",
    "texts",
    ("external", "internal"),
    "Where Pythons are looked for, in order: `external` (on this machine), `internal` (installed by envtasks).",
)
INSTALLER: Option[str] = Option("installer", "text", "pip", "What fills the environment.", shapes=True)
UV_PATH: Option[str | None] = Option("uv-path", "text", None, "The uv program to use; implies it as installer.")
DEFAULT_SCRIPT: Option[str | None] = Option(
    "default-script",
    "text",
    None,
    "The script that runs when the environment alone is named.",
)
DEFAULT: Option[bool] = Option(
    "default",
    "flag",
    False,
    "Whether a bare `envtasks` runs it. True for environments declared by a Python function.",
    inherited=False,
)
TAGS: Option[Texts] = Option("tags", "texts", (), "Words to select sessions by.")

TABLE: dict[str, Option[Any]] = {row.name: row for row in tuple(globals().values()) if isinstance(row, Option)}
