"""What an `envfile.py` declares with: `env`, `script` and `options`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar, overload

from envtasks.declare.declarations import Several, Written
from envtasks.declared import Function, Script
from envtasks.errors import Key

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")


class Collection:
    """What an envfile has written so far."""

    def __init__(self) -> None:
        self.environments: list[WrittenEnvironment] = []
        self.scripts: list[tuple[str, Script, Key]] = []
        self.settings: dict[str, tuple[Any, Key]] = {}

    def written(self, doc: str) -> Written:
        environments = tuple((one.name or "", one.raw(), one.where) for one in self.environments)
        return Written(doc, environments, tuple(self.scripts), self.settings)


class WrittenEnvironment:
    """An environment as an envfile wrote it: raw options, not yet checked.

    As a decorator it gives the environment the function as its default script, and its name where it has none yet.
    """

    def __init__(self, name: str | None, options: dict[str, Any], where: Key) -> None:
        self.name = name
        self.options = options
        self.where = where
        self.functions: dict[str, Script] = {}

    def __call__(self, function: Callable[P, R]) -> Task[P, R]:
        if self.name is None:
            self.name = function.__name__
            self.where = self.where._replace(keys=(self.name,))
            current.environments.append(self)
        self.script(function)
        self.options.setdefault("default_script", function.__name__)
        return Task(function, self)

    def script(self, function: F) -> F:
        """Add a function to the environment as a script of its own, named after the function."""
        self.functions[function.__name__] = script_of(function)
        return function

    def raw(self) -> dict[str, Any]:
        """The options in the spelling of TOML, the functions among the scripts."""
        options = {name.replace("_", "-"): value for name, value in self.options.items()}
        options.setdefault("default", True)
        if isinstance(options.get("overrides"), (list, tuple)):
            options["overrides"] = Several(options["overrides"])
        if self.functions:
            written = options.get("scripts", {})
            options["scripts"] = {**written, **self.functions} if isinstance(written, Mapping) else written
        return options


class Task(Generic[P, R]):
    """A function that became the default script of an environment; it can still be called, by tests say."""

    def __init__(self, function: Callable[P, R], environment: WrittenEnvironment) -> None:
        self.function = function
        self.environment = environment
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *arguments: P.args, **keywords: P.kwargs) -> R:
        return self.function(*arguments, **keywords)

    def script(self, function: F) -> F:
        """Add a function to the same environment as a script of its own, named after the function."""
        return self.environment.script(function)


class Options:
    """The settings of the project, assigned as attributes: `options.sessions = ["lint", "test"]`."""

    sessions: list[str]
    aliases: dict[str, list[str]]
    env_dir: str
    installer: str
    requires_envtasks: str

    def __setattr__(self, name: str, value: Any) -> None:
        current.settings[name.replace("_", "-")] = (value, caller(name))

    def __getattr__(self, name: str) -> Any:
        try:
            return current.settings[name.replace("_", "-")][0]
        except KeyError:
            raise AttributeError(f"'{name}' was not set") from None


options = Options()

#: What the envfile that is being loaded has written; outside of loading, nobody reads it.
current = Collection()


def start() -> Collection:
    """Begin a new collection and return it; what is declared from now on goes there."""
    global current  # noqa: PLW0603 - a decorator has no other way to say what it decorated
    current = Collection()
    return current


@overload
def env(function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def env(name: str | None = None, /, **options: Any) -> WrittenEnvironment: ...
def env(named: Callable[P, R] | str | None = None, /, **options: Any) -> Task[P, R] | WrittenEnvironment:
    """Declare an environment.

    As a decorator, `@env` or `@env(option=...)`, the function is the default script and gives the name.
    As a call, `lint = env("lint", option=...)`, it has the scripts it is given, and those that
    `@lint.script` adds. Every option of a TOML environment is a keyword, with `_` for `-`.
    """
    if callable(named):
        return WrittenEnvironment(None, {}, place(named))(named)
    if named is not None and not isinstance(named, str):
        raise TypeError(f"the name of an environment is a string, not {named!r}")
    declared = WrittenEnvironment(named, options, caller(*([named] if named else [])))
    if named is not None:
        current.environments.append(declared)
    return declared


def script(environment: str) -> Callable[[F], F]:
    """Add the decorated function as a script to an environment that was declared elsewhere, in TOML say."""
    if not isinstance(environment, str):
        raise TypeError('script needs the name of an environment: @script("NAME")')

    def add(function: F) -> F:
        current.scripts.append((environment, script_of(function), place(function)))
        return function

    return add


def script_of(function: Callable[..., Any]) -> Script:
    where = place(function)
    return Script(function=Function(function, function.__name__, where.file, where.line or 0, function.__doc__ or ""))


def place(function: Callable[..., Any]) -> Key:
    code = function.__code__
    return Key(code.co_filename, (function.__name__,), code.co_firstlineno)


def caller(*keys: str) -> Key:
    """Where the envfile called one of the functions here."""
    frame = sys._getframe(2)  # noqa: SLF001 - `inspect` does the same, and is slow to import
    return Key(frame.f_code.co_filename, keys, frame.f_lineno)
