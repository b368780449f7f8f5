"""The values that everything else is about: read this first.

All of them are frozen: one may be shared, compared, and shown at any time. They are named tuples and not
dataclasses because `dataclasses` imports `inspect`, which alone costs more than reading a project.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from envtasks.declared import Pairs, Script, Texts
from envtasks.errors import Key
from envtasks.option_table import DESCRIPTION, PYTHON, REQUIRES, SCRIPTS, TAGS, Option
from envtasks.tuples import NamedTuple

T = TypeVar("T")


class Host(NamedTuple):
    """What resolving may know of the world; only the command line makes one from the real world."""

    root: str
    home: str
    platform: str
    environ: Mapping[str, str]
    verbosity: int = 0


class Environment:
    """One environment as declared, after inheritance, matrix and overrides; placeholders are still in it.

    ``environment[OPTION]`` is the value of an option, or its default. ``variant`` is its cell of the matrix.
    ``where`` is the place of its declaration, and ``origins`` has for each option the places that had a say in it,
    the declaration and then overrides; ``script_places`` has for each script the one place that it is from. They
    have no part in equality; nor has ``spelled``, which is what nox writes for the cell
    behind the name of a session.
    """

    __slots__ = ("name", "origins", "root", "script_places", "spelled", "values", "variant", "where")

    name: str
    root: str | None
    variant: Pairs
    values: Mapping[str, Any]
    where: Key
    origins: Mapping[str, tuple[Key, ...]]
    script_places: Mapping[str, Key]
    spelled: str

    def __init__(
        self,
        name: str,
        root: str | None,
        variant: Pairs,
        values: Mapping[str, Any],
        where: Key,
        origins: Mapping[str, tuple[Key, ...]],
        script_places: Mapping[str, Key] = {},
        spelled: str = "",
    ) -> None:
        freeze = object.__setattr__
        freeze(self, "name", name)
        freeze(self, "root", root)
        freeze(self, "variant", variant)
        freeze(self, "values", values)
        freeze(self, "where", where)
        freeze(self, "origins", origins)
        freeze(self, "script_places", script_places)
        freeze(self, "spelled", spelled)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an environment is frozen: '{name}' cannot be set")

    def __getitem__(self, option: Option[T]) -> T:
        value: T = self.values.get(option.name, option.default)
        return value

    def origin(self, option: Option[Any]) -> Key:
        """Where the value of an option comes from, as far as one place can tell."""
        return (self.where, *self.origins.get(option.name, ()))[-1]

    def origin_of_script(self, name: str) -> Key:
        """Where a script comes from."""
        return self.script_places.get(name) or self.origin(SCRIPTS).child(name)

    def with_values(self, values: Mapping[str, Any]) -> Environment:
        """The same environment with these options instead."""
        return Environment(
            self.name, self.root, self.variant, values, self.where, self.origins, self.script_places, self.spelled
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Environment):
            return NotImplemented
        return self.identity == other.identity

    def __hash__(self) -> int:
        return hash((self.name, self.root, self.variant))

    @property
    def identity(self) -> tuple[object, ...]:
        """Everything but where it was declared."""
        return (self.name, self.root, self.variant, dict(self.values))

    def __repr__(self) -> str:
        return f"Environment({self.name!r}, {dict(self.values)!r})"

    @property
    def family(self) -> str:
        """The declared name: the root that a matrix generated this from, else its own."""
        return self.root or self.name


class Settings(NamedTuple):
    """What a project says next to its environments."""

    sessions: Texts | None = None
    aliases: Mapping[str, Texts] = {}
    env_dir: str = ""
    installer: str = ""
    requires_envtasks: str = ""


class Metadata(NamedTuple):
    """What the project says of itself (PEP 621, PEP 735), as far as environments need it.

    ``features`` and ``groups`` are None where they are not known. ``build_inputs`` is what an installed
    project depends on besides its sources.
    """

    name: str
    installable: bool = False
    requires_python: str = ""
    features: Mapping[str, Texts] | None = {}
    groups: Mapping[str, Texts] | None = {}
    build_inputs: Mapping[str, Any] = {}


class Project(NamedTuple):
    """Everything that was declared, resolved for one host.

    ``environments`` is in declaration order; ``roots`` has the names that each matrix generated; ``hatch`` says
    that they were declared in Hatch's tables.
    """

    metadata: Metadata
    settings: Settings
    doc: str
    environments: Mapping[str, Environment]
    roots: Mapping[str, Texts]
    hatch: bool = False


class SessionRef(NamedTuple):
    """A session as it is named and listed: one script of one environment."""

    environment: Environment
    script_name: str
    default: bool

    @property
    def id(self) -> str:
        """`ENV:SCRIPT`, for machines; always both."""
        return f"{self.environment.name}:{self.script_name}"

    @property
    def name(self) -> str:
        """What a person types and reads: the environment alone where its default script is meant."""
        return self.environment.name if self.default else self.id

    @property
    def family(self) -> str:
        """The name that all variants share."""
        return self.environment.family if self.default else f"{self.environment.family}:{self.script_name}"

    @property
    def script(self) -> Script:
        script: Script = self.environment[SCRIPTS][self.script_name]
        return script

    @property
    def description(self) -> str:
        script = self.script
        text = script.description or (script.function.doc if script.function else "")
        if not text and self.default:
            text = self.environment[DESCRIPTION]
        return text.strip().partition("\n")[0].strip()

    @property
    def tags(self) -> Texts:
        """Those of its script; those of the environment are for the session that stands for it."""
        return tuple(dict.fromkeys((self.environment[TAGS] if self.default else ()) + self.script.tags))

    @property
    def requires(self) -> Texts:
        """The names of the sessions that must have passed before, as they were declared."""
        return (self.environment[REQUIRES] if self.default else ()) + self.script.requires

    @property
    def python(self) -> str | None:
        return self.environment[PYTHON]
