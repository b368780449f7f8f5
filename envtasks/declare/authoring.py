"""What an `envfile.py` declares with: `env`, `script` and `options`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from envtasks.declare.callers import caller
from envtasks.declare.declarations import Parametrized, Several, Written, WrittenTask
from envtasks.declare.nox_words import in_our_words
from envtasks.declare.parametrizing import POINTS
from envtasks.declared import Function
from envtasks.errors import Key, invalid

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from envtasks.declare.keywords import EnvironmentKeywords, ScriptKeywords

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")


class Collection:
    """What an envfile has written so far; ``directory`` is where the envfile lies, or empty."""

    def __init__(self, directory: str = "") -> None:
        self.directory = directory
        self.environments: list[WrittenEnvironment] = []
        self.scripts: list[tuple[str, str, WrittenTask, Key]] = []
        self.settings: dict[str, tuple[Any, Key]] = {}

    def written(self, doc: str) -> Written:
        """All of it; InvalidDeclarations for points of a matrix that belong to none."""
        for _, _, task, where in self.scripts:
            check_points(task, where)
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
        self.tasks: dict[str, WrittenTask] = {}
        #: The name of the function that declared it.
        self.own = ""
        if name is not None:
            current.environments.append(self)

    def __call__(self, function: Callable[P, R]) -> Task[P, R]:
        if isinstance(function, Task):
            # Several environments may stand above one function; the lowest was there first.
            if self in current.environments:
                current.environments.remove(self)
                current.environments.append(self)
            function = function.function
        if self.name is None:
            self.name = function.__name__
            self.where = self.where._replace(keys=(self.name,))
            current.environments.append(self)
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
        self.tasks[name] = task
        return function

    def raw(self) -> dict[str, Any]:
        """The options in the spelling of TOML, the functions among the scripts, their points in the matrix."""
        options = dict(self.options)
        options.setdefault("default", True)
        if isinstance(options.get("overrides"), (list, tuple)):
            options["overrides"] = Several(options["overrides"])
        for name, task in self.tasks.items():
            if name != self.own:
                check_points(task, self.where)
            elif hasattr(task.function.call, POINTS):
                options["matrix"] = Parametrized(options.get("matrix"), getattr(task.function.call, POINTS))
        if self.tasks:
            written = options.get("scripts", {})
            options["scripts"] = {**written, **self.tasks} if isinstance(written, Mapping) else written
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
            current.settings[name.replace("_", "-")] = (value, caller(name))

        def __getattr__(self, name: str) -> Any:
            try:
                return current.settings[name.replace("_", "-")][0]
            except KeyError:
                raise AttributeError(f"'{name}' was not set") from None


options = Options()

#: What the envfile that is being loaded, or was loaded last, has written.
current = Collection()


def start(directory: str = "") -> Collection:
    """Begin a new collection and return it; what is declared from now on goes there."""
    global current  # noqa: PLW0603 - a decorator has no other way to say what it decorated
    current = Collection(directory)
    return current


@overload
def env(function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def env(name: str | None = None, /, **options: Unpack[EnvironmentKeywords]) -> WrittenEnvironment: ...
def env(named: Callable[P, R] | str | None = None, /, **options: Any) -> Task[P, R] | WrittenEnvironment:
    """Declare an environment.

    As a decorator, `@env` or `@env(option=...)`, the function is the default script and gives the name, unless
    `name=` does. As a call, `lint = env("lint", option=...)`, it has the scripts it is given, and those that
    `@lint.script` adds. Every option of a TOML environment is a keyword, with `_` for `-`; `py` and `venv_backend` are
    understood as nox does.
    """
    if isinstance(named, Task):
        raise TypeError(f"'{named.__name__}' is the task of an environment already")
    if callable(named):
        return WrittenEnvironment(None, {}, place(named))(named)
    name = options.pop("name", named)
    if named is not None and name != named:
        raise TypeError(f"the environment has two names, {named!r} and {name!r}")
    if name is not None and not isinstance(name, str):
        raise TypeError(f"the name of an environment is a string, not {name!r}")
    where = caller(*([name] if name else []))
    return WrittenEnvironment(name, in_our_words(options, where), where)


def script(environment: str, /, **keywords: Unpack[ScriptKeywords]) -> Callable[[F], F]:
    """Add the decorated function as a script to an environment that was declared elsewhere, in TOML say.

    It is named after the function, or by ``name``; the other keywords are what a script table of TOML says
    beside `run`.
    """
    if not isinstance(environment, str):
        raise TypeError('script needs the name of an environment: @script("NAME")')

    def add(function: F) -> F:
        name, task = task_of(function, dict(keywords))
        current.scripts.append((environment, name, task, place(function)))
        return function

    return add


def task_of(function: Callable[..., Any], keywords: Mapping[str, Any]) -> tuple[str, WrittenTask]:
    """The name of a script, and the script."""
    where = place(function)
    made = Function(function, function.__name__, where.file, where.line or 0, function.__doc__ or "")
    settings = {name.replace("_", "-"): value for name, value in keywords.items()}
    return settings.pop("name", function.__name__), WrittenTask(made, settings)


def check_points(task: WrittenTask, where: Key) -> None:
    """A matrix is that of an environment, so only the function that declares one can have points of it."""
    if hasattr(task.function.call, POINTS):
        hint = f"put @parametrize on the function of @env, and give '{task.function.name}' a parameter of that name"
        message = f"'{task.function.name}' is one more script of its environment, and cannot be parametrized"
        raise invalid(message, where, hint)


def place(function: Callable[..., Any]) -> Key:
    code = function.__code__
    return Key(code.co_filename, (function.__name__,), code.co_firstlineno)
