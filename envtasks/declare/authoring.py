"""What an `envfile.py` declares with: `env`, `script` and `options`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from envtasks.declare import collecting
from envtasks.declare.callers import caller
from envtasks.declare.declarations import POINTS, Parametrized, Several, WrittenTask
from envtasks.declare.nox_words import in_our_words
from envtasks.declared import Function
from envtasks.errors import Key

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from envtasks.declare.keywords import EnvironmentKeywords, ScriptKeywords

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")


class WrittenEnvironment:
    """An environment as an envfile wrote it: raw options, not yet checked.

    As a decorator it gives the environment the function as its default script, and its name where it has none yet.
    """

    def __init__(self, name: str | None, options: dict[str, Any], where: Key) -> None:
        self.name = name
        self.options = options
        self.where = where
        self.tasks: dict[str, WrittenTask] = {}
        #: The name of the function that declared it.
        self.own = ""
        if name is not None:
            collecting.current.environments.append(self)

    def __call__(self, function: Callable[P, R]) -> Task[P, R]:
        if isinstance(function, Task):
            # Several environments may stand above one function; the lowest was there first.
            written = collecting.current.environments
            if self in written:
                written.remove(self)
                written.append(self)
            function = function.function
        if self.name is None:
            self.name = function.__name__
            self.where = self.where._replace(keys=(self.name,))
            collecting.current.environments.append(self)
        self.script(function)
        self.own = function.__name__
        self.options.setdefault("default-script", self.own)
        return Task(function, self)

    @overload
    def script(self, function: F, /) -> F: ...
    @overload
    def script(self, /, **keywords: Unpack[ScriptKeywords]) -> Callable[[F], F]: ...
    def script(self, function: F | None = None, /, **keywords: Any) -> F | Callable[[F], F]:
        """Add a function to the environment as a script of its own, named after the function or by ``name``.

        The other keywords are what a script table of TOML says beside `run`.
        """
        if function is None:
            return lambda function: self.script(function, **keywords)
        name, task = task_of(function, keywords)
        if name in self.tasks or name in self.scripts:
            hint = "rename the function, or say name=" if name in self.tasks else "take it out of scripts="
            tell(f"'{self.name}' already has a script '{name}'", place(task.function.call), hint)
        self.tasks[name] = task
        return function

    @property
    def scripts(self) -> Mapping[str, Any]:
        """Those that are no functions; what is no table is left for the checks to tell."""
        written = self.options.get("scripts", {})
        return written if isinstance(written, Mapping) else {}

    def raw(self) -> dict[str, Any]:
        """The options in the spelling of TOML, the functions among the scripts, their points in the matrix."""
        options = dict(self.options)
        options.setdefault("default", True)
        if isinstance(options.get("overrides"), (list, tuple)):
            options["overrides"] = Several(options["overrides"])
        own = self.tasks.get(self.own)
        if own is not None and hasattr(own.function.call, POINTS):
            options["matrix"] = Parametrized(options.get("matrix"), getattr(own.function.call, POINTS))
        if self.tasks and isinstance(options.get("scripts", {}), Mapping):
            options["scripts"] = {
                **self.scripts,
                **self.tasks,
                **({self.own: own._replace(declares=True)} if own else {}),
            }
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

    @overload
    def script(self, function: F, /) -> F: ...
    @overload
    def script(self, /, **keywords: Unpack[ScriptKeywords]) -> Callable[[F], F]: ...
    def script(self, function: F | None = None, /, **keywords: Any) -> F | Callable[[F], F]:
        """Add a function to the same environment, as `script` of an environment does."""
        return self.environment.script(function, **keywords) if function else self.environment.script(**keywords)


class Options:
    """The settings of the project, assigned as attributes: `options.sessions = ["lint", "test"]`."""

    sessions: list[str]
    aliases: dict[str, list[str]]
    env_dir: str
    installer: str
    requires_envtasks: str

    # Type checkers would take them for leave to assign anything.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            collecting.current.settings[name.replace("_", "-")] = (value, caller(name))

        def __getattr__(self, name: str) -> Any:
            try:
                return collecting.current.settings[name.replace("_", "-")][0]
            except KeyError:
                raise AttributeError(f"'{name}' was not set") from None


options = Options()


@overload
def env(function: Callable[P, R], /, **options: Unpack[EnvironmentKeywords]) -> Task[P, R]: ...
@overload
def env(name: str | None = None, /, **options: Unpack[EnvironmentKeywords]) -> WrittenEnvironment: ...
def env(named: Callable[P, R] | str | None = None, /, **options: Any) -> Task[P, R] | WrittenEnvironment:
    """Declare an environment.

    As a decorator, `@env` or `@env(option=...)`, the function is the default script and gives the name, unless
    `name=` does. As a call, `lint = env("lint", option=...)`, it has the scripts it is given, and those that
    `@lint.script` adds. Every option of a TOML environment is a keyword, with `_` for `-`; `py` and `venv_backend` are
    understood as nox does.
    """
    name = options.pop("name", None)
    if callable(named):
        if isinstance(named, Task) and not options and name is None:
            tell(f"'{named.__name__}' is the task of an environment already", caller(named.__name__))
        where = place(named)
        return WrittenEnvironment(name, translated(options, where), where)(named)
    where = caller(*(one for one in (named,) if isinstance(one, str)))
    for one in (named, name):
        if one is not None and not isinstance(one, str):
            tell(f"the name of an environment is a string, not {one!r}", where)
            return WrittenEnvironment(None, {}, where)
    if None not in (named, name) and named != name:
        tell(f"the environment has two names, {named!r} and {name!r}", where, "keep one of them")
    title = named if named is not None else name
    where = where if title is None else where._replace(keys=(title,))
    return WrittenEnvironment(title, translated(options, where), where)


def translated(options: Mapping[str, Any], where: Key) -> dict[str, Any]:
    return in_our_words(options, where, collecting.current.mistakes)


def script(environment: str, /, **keywords: Unpack[ScriptKeywords]) -> Callable[[F], F]:
    """Add the decorated function as a script to an environment that was declared elsewhere, in TOML say.

    It is named after the function, or by ``name``; the other keywords are what a script table of TOML says
    beside `run`.
    """
    named: object = environment
    if not isinstance(named, str):
        tell("the name of the environment is missing", caller("script"), 'write @script("NAME")')

    def add(function: F) -> F:
        name, task = task_of(function, dict(keywords))
        if isinstance(named, str):
            collecting.current.scripts.append((named, name, task, place(task.function.call)))
        return function

    return add


def task_of(function: Callable[..., Any], keywords: Mapping[str, Any]) -> tuple[str, WrittenTask]:
    """The name of a script, and the script."""
    function = function.function if isinstance(function, Task) else function
    where = place(function)
    title = where.keys[-1]
    made = Function(function, str(title), where.file, where.line or 0, function.__doc__ or "")
    settings = {name.replace("_", "-"): value for name, value in keywords.items()}
    return settings.pop("name", made.name), WrittenTask(made, settings)


def place(function: Callable[..., Any]) -> Key:
    """Where a function is defined; what is no plain function is told of, where it is declared."""
    code = getattr(function.function if isinstance(function, Task) else function, "__code__", None)
    if code is None:
        where = caller(getattr(function, "__name__", type(function).__name__), above=1)
        tell(f"a task is a function, and {function!r} is none", where, "write it with def, and call the other there")
        return where
    return Key(code.co_filename, (function.__name__,), code.co_firstlineno)


def tell(message: str, where: Key, hint: str = "") -> None:
    collecting.current.mistakes.add(message, where, hint)
