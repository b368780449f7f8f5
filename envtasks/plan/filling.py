"""Filling every placeholder of an environment and of its scripts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from envtasks.declare.metadata import build_requires
from envtasks.declared import Argument, Function, Pairs, Texts
from envtasks.environments.location import locate, store
from envtasks.environments.types import TYPES, announced
from envtasks.errors import EnvironmentFailed, FillError, RequestError, nearest
from envtasks.model import Environment, Host, Metadata, Project
from envtasks.names import normalized
from envtasks.option_table import (
    BUILDER,
    DEPENDENCIES,
    DEPENDENCY_GROUPS,
    DEV_MODE,
    ENV_EXCLUDE,
    ENV_INCLUDE,
    ENV_VARS,
    FEATURES,
    INSTALLER,
    INSTALLERS,
    NONE,
    PATH,
    POST_INSTALL_COMMANDS,
    PRE_INSTALL_COMMANDS,
    PYTHON,
    PYTHON_SOURCES,
    SCRIPTS,
    SKIP_INSTALL,
    SYSTEM_PACKAGES,
    TEMPLATE,
    TYPE,
    UV_PATH,
    Option,
)
from envtasks.plan.variables import activated, visible_variables
from envtasks.planned import Call, Recipe, Step
from envtasks.quoting import shell_text, shell_words
from envtasks.requirements import requirement_error
from envtasks.resolve.checks import unknown_part
from envtasks.resolve.formatting import Context, fill
from envtasks.resolve.given import argument_texts, read_arguments
from envtasks.resolve.reserved import build_environment, build_environment_name
from envtasks.resolve.scripts import IGNORE, Command, asks_for_pip, expand, expand_command, words
from envtasks.tuples import NamedTuple

T = TypeVar("T")

#: What tells installers where packages come from.
INDEX_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_CONSTRAINT",
    "PIP_NO_INDEX",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_CONSTRAINT",
    "UV_NO_INDEX",
)


#: Those of them that name files.
CONSTRAINT_VARIABLES = ("PIP_CONSTRAINT", "UV_CONSTRAINT")
#: The options of installers that name a file of requirements, as they stand in a command.
READ_BY_COMMAND = r"""\s(?:-r|-c|--requirements?|--constraints?)[\s=]*("[^"]+"|'[^']+'|[^\s"'|&;<>]+)"""


class Filled(NamedTuple):
    """An environment with its placeholders filled, and the context in which its commands are."""

    environment: Environment
    directory: str
    python: str | None
    path: str | None
    dependencies: Texts
    env_vars: Pairs
    variables: Mapping[str, str]
    context: Context

    def script(self, name: str, words: Texts | None = (), title: str = "") -> tuple[Step | Call, ...]:
        """The commands of a script that is given these words; FillError where a placeholder has no value.

        With None it is only shown, and what must be given stands there as its placeholder. RequestError, which calls
        it by the ``title``, for words that its arguments do not take.
        """
        context = self.context_for(name, words, title or f"{self.environment.name}:{name}")
        return self.steps(expand(name, self.environment[SCRIPTS]), context, shown=words is None)

    def context_for(self, name: str, words: Texts | None, title: str) -> Context:
        """The context of the commands of a script that is given these words."""
        declared = self.environment[SCRIPTS][name].args
        given = argument_values(declared, words, title) if declared else {}
        return self.context._replace(arguments=shell_text(words) if words else None, given=given)

    def steps(self, commands: Iterable[Command], context: Context, *, shown: bool = False) -> tuple[Step | Call, ...]:
        return tuple(self.step(command, context, shown=shown) for command in commands)

    def step(self, command: Command, context: Context, *, shown: bool) -> Step | Call:
        """One command, filled; that of scripts with arguments with the words that stand behind their names."""
        for name, text in command.inside:
            words = None if shown else words_in(text, name, context)
            context = self.context_for(name, words, f"{self.environment.name}:{name}")
        return call(command, command.function, context) if command.function else step(command, context)

    def install_commands(self, option: Option[Texts]) -> tuple[Step, ...]:
        """The commands of an option that stand around an install."""
        environment = self.environment
        steps = [
            step for text in environment[option] for step in located(environment, option, self.install_command, text)
        ]
        for step in steps:
            if isinstance(step, Call):
                raise FillError(
                    f"'{step.run}' is a Python function, and {option.name} can only run commands",
                    where=environment.origin(option),
                    hint="let a command do it, or the task that needs it",
                )
        return tuple(step for step in steps if isinstance(step, Step))

    def install_command(self, text: str) -> tuple[Step | Call, ...]:
        """What stands after the name of a script becomes its arguments."""
        scripts = self.environment[SCRIPTS]
        ignore, first, rest = words(text)
        if first not in scripts:
            return self.steps(expand_command(text, scripts), self.context)
        commands = (one._replace(ignore_exit_code=ignore or one.ignore_exit_code) for one in expand(first, scripts))
        if scripts[first].args:
            context = self.context_for(first, words_in(rest, first, self.context), f"{self.environment.name}:{first}")
        else:
            context = self.context._replace(arguments=fill(rest, self.context) if rest else None)
        return self.steps(commands, context)


def argument_values(declared: tuple[Argument, ...], words: Texts | None, title: str) -> dict[str, str]:
    """What `{arg:NAME}` becomes for these words; its placeholder where there is nobody who could give any."""
    if words is None:
        return {one.name: f"{{arg:{one.name}}}" for one in declared}
    return argument_texts(declared, read_arguments(declared, words, title))


def words_in(text: str, name: str, context: Context) -> Texts:
    """The words that stand behind the name of a script or a function in a command."""
    try:
        return tuple(shell_words(fill(text, context)))
    except ValueError as error:
        raise FillError(f"the arguments of '{name}' cannot be read, {error}: {text}") from None


def call(command: Command, function: Function, context: Context) -> Call:
    """The call of a function with the words that stand behind its name; what they come to is not looked at yet.

    A task begins at the root of the project, as in nox, wherever the person is.
    """
    around = filled_step(command, "", context)
    words, directory = words_in(command.text, function.name, context), around.cwd or context.host.root
    return Call(function, words, around.ignore_exit_code, around.env_vars, directory, around.timeout)


def step(command: Command, context: Context) -> Step:
    """One command, filled; a hyphen counts also where only white space, or what filled a placeholder, put it first."""
    text, ignore = fill(command.text, context).strip(), command.ignore_exit_code
    if not ignore and text.startswith(IGNORE):
        text, ignore = text.removeprefix(IGNORE).strip(), True
    return filled_step(command._replace(ignore_exit_code=ignore), text, context)


def filled_step(command: Command, text: str, context: Context) -> Step:
    """A step with this text, and what the script of the command asks for."""
    return Step(
        text,
        command.ignore_exit_code,
        tuple((name, fill(value, context)) for name, value in command.env_vars),
        os.path.normpath(os.path.join(context.host.root, fill(command.cwd, context))) if command.cwd else "",
        command.timeout,
    )


def fill_environment(environment: Environment, project: Project, host: Host) -> Filled:
    """The environment with nothing left to fill but its scripts; FillError where a placeholder has no value."""
    if environment[TYPE] not in TYPES:
        check_known(TYPE, environment, (*TYPES, *announced()))
    check_known(INSTALLER, environment, INSTALLERS)
    context = Context(host, host.environ, environment.name, environment[TYPE], dict(environment.variant))
    env_vars = tuple(
        (name, fill_option(ENV_VARS, value, environment, context)) for name, value in environment[ENV_VARS]
    )
    check_parts(environment, project)
    check_surroundings(environment)
    path = filled_or_none(PATH, environment, context)
    directory = locate(environment.name, path, project, host)
    visible = visible_variables(host.environ, environment[ENV_INCLUDE], environment[ENV_EXCLUDE]) | dict(env_vars)
    return Filled(
        environment=environment,
        directory=directory,
        python=filled_or_none(PYTHON, environment, context),
        path=path,
        dependencies=requirements(environment, context._replace(environ=visible)),
        env_vars=env_vars,
        variables=(variables := activated(visible, environment, directory, project)),
        context=context._replace(environ=variables),
    )


def check_known(option: Option[str], environment: Environment, known: Texts) -> None:
    name = environment[option]
    if name not in known:
        hint = nearest(name, known) or f"known are: {', '.join(known)}"
        raise FillError(f"unknown {option.name} '{name}'", where=environment.origin(option), hint=hint)


def check_parts(environment: Environment, project: Project) -> None:
    parts: tuple[Option[Texts], ...] = (FEATURES, DEPENDENCY_GROUPS)
    for option in parts:
        for name in environment[option]:
            reason, hint = unknown_part(option, name, project.metadata)
            if reason:
                raise FillError(reason, where=environment.origin(option), hint=hint)


def check_surroundings(environment: Environment) -> None:
    """What has no environment of its own has none to install into."""
    wanted: tuple[Option[Texts], ...] = (DEPENDENCIES, DEPENDENCY_GROUPS, FEATURES)
    for option in wanted:
        if environment[TYPE] == NONE and environment[option]:
            raise FillError(
                f"there is nothing to install {option.name} into: the type is '{NONE}'",
                where=environment.origin(option),
                hint="leave out one of them; what is inherited is not with detached = true",
            )


def located(environment: Environment, option: Option[Any], fill_one: Callable[[str], T], text: str) -> T:
    """What filling a text of an option gives; what is wrong with it is told where the option is from."""
    try:
        return fill_one(text)
    except FillError as error:
        where = error.where or environment.origin(option)
        raise FillError(error.message, where=where, hint=error.hint) from None


def fill_option(option: Option[Any], text: str, environment: Environment, context: Context) -> str:
    return located(environment, option, lambda text: fill(text, context), text)


def filled_or_none(option: Option[str | None], environment: Environment, context: Context) -> str | None:
    text = environment[option]
    return None if text is None else fill_option(option, text, environment, context) or None


def requirements(environment: Environment, context: Context) -> Texts:
    texts = environment[DEPENDENCIES]
    filled = tuple(fill_option(DEPENDENCIES, text, environment, context) for text in texts)
    for text, requirement in zip(texts, filled, strict=True):
        reason = requirement_error(requirement) if text != requirement else None
        if reason:
            raise FillError(f"not a requirement: {reason}", where=environment.origin(DEPENDENCIES))
    return filled


def recipe_of(filled: Filled, project: Project, host: Host) -> Recipe:
    """What the environment must be on disk."""
    environment, metadata = filled.environment, project.metadata
    index_variables = tuple(pair for pair in filled.env_vars if pair[0] in INDEX_VARIABLES)
    installs = not environment[SKIP_INSTALL] and environment[TYPE] != NONE and not is_for_builds(environment, project)
    builds = environment[BUILDER] and environment[TYPE] != NONE and can_be_built(metadata)
    features = tuple(dict.fromkeys(normalized(name) for name in environment[FEATURES]))
    asks = not installs and not is_for_builds(environment, project) and must_be_asked(features, metadata)
    # What a person says now, for environments that leave it open, is not questioned.
    said = "" if filled.python else host.environ.get("ENVTASKS_PYTHON", "")
    pre_install = filled.install_commands(PRE_INSTALL_COMMANDS) if installs else ()
    post_install = filled.install_commands(POST_INSTALL_COMMANDS) if installs else ()
    return Recipe(
        name=environment.name,
        type=environment[TYPE],
        directory=filled.directory,
        store=store(project, host),
        python=filled.python or said or None,
        python_sources=PYTHON_SOURCES.default if said else environment[PYTHON_SOURCES],
        requires_python=metadata.requires_python if (installs or builds) and not said else "",
        system_packages=environment[SYSTEM_PACKAGES],
        installer=installer_of(environment, project, host),
        uv_path=uv_path_of(environment, host),
        requirements=(
            *(build_requires(metadata.build_inputs) if builds else ()),
            *filled.dependencies,
            *group_requirements(environment[DEPENDENCY_GROUPS], project),
            *(() if installs else feature_requirements(features, project)),
        ),
        project=host.root if installs or asks else None,
        project_features=features if installs or asks else (),
        editable=environment[DEV_MODE] or asks,
        build_inputs=metadata.build_inputs if installs or asks else {},
        pre_install=pre_install,
        post_install=post_install,
        index_variables=index_variables,
        variables=filled.variables,
        pip=any(map(asks_for_pip, texts_of_commands(environment))),
        input_files=tuple(input_files(index_variables, (*pre_install, *post_install), host.root)),
        builder=Builder(project, host) if installs or asks else None,
        features_only=asks,
    )


def must_be_asked(features: Texts, metadata: Metadata) -> bool:
    """Whether only the backend of the project knows what features come to."""
    return bool(features) and metadata.features is None and can_be_built(metadata)


def can_be_built(metadata: Metadata) -> bool:
    return metadata.installable or "build-system" in metadata.build_inputs


class Builder:
    """Gives the recipe of the environment that a project is built in to whoever turns out to need it."""

    def __init__(self, project: Project, host: Host) -> None:
        self.of = project, host

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Builder) and self.of == other.of

    def __hash__(self) -> int:
        return hash(self.of[0].metadata.name)

    def __call__(self) -> Recipe:
        """Fill it; EnvironmentFailed where that cannot be done."""
        project, host = self.of
        try:
            return recipe_of(fill_environment(build_environment(project), project, host), project, host)
        except FillError as error:
            raise EnvironmentFailed(error.message, where=error.where, hint=error.hint) from None


def is_for_builds(environment: Environment, project: Project) -> bool:
    """Whether this is where the project is built, so that the project itself cannot be in it."""
    return environment.family == build_environment_name(project)


def input_files(index_variables: Pairs, steps: Iterable[Step], root: str) -> Iterator[str]:
    """The files that installs read besides the declarations: constraints, and lists of requirements of the hooks."""
    for name, value in index_variables:
        if name in CONSTRAINT_VARIABLES:
            yield from (os.path.join(root, one) for one in value.split() if "://" not in one)
    for step in steps:
        if " install " in step.run:
            for found in re.finditer(READ_BY_COMMAND, step.run):
                yield os.path.join(step.cwd or root, found[1].strip("\"'"))


def texts_of_commands(environment: Environment) -> Iterator[str]:
    for script in environment[SCRIPTS].values():
        yield from script.commands
    yield from environment[PRE_INSTALL_COMMANDS]
    yield from environment[POST_INSTALL_COMMANDS]


def installer_of(environment: Environment, project: Project, host: Host) -> str:
    """What the person asks for now, else uv where one is named, else what the environment or the project says."""
    asked = host.environ.get("ENVTASKS_INSTALLER")
    said = environment.values.get(INSTALLER.name) or usual_installer(environment, project)
    name = asked or said or project.settings.installer or INSTALLER.default
    if name not in INSTALLERS:
        hint = nearest(name, INSTALLERS) or f"known are: {', '.join(INSTALLERS)}"
        raise RequestError(f"ENVTASKS_INSTALLER names an unknown installer '{name}'", hint=hint)
    return "uv" if uv_path_of(environment, host) and not asked else name


def usual_installer(environment: Environment, project: Project) -> Any:
    """What the environment for builds, which inherits from none, takes over from the one that the others are like."""
    usual = project.environments.get(TEMPLATE.default) if is_for_builds(environment, project) else None
    return usual.values.get(INSTALLER.name) if usual else None


def uv_path_of(environment: Environment, host: Host) -> str | None:
    return host.environ.get("ENVTASKS_ENV_TYPE_VIRTUAL_UV_PATH") or environment[UV_PATH]


def group_requirements(groups: Texts, project: Project) -> Texts:
    known = project.metadata.groups or {}
    return tuple(requirement for group in groups for requirement in known.get(normalized(group), ()))


def feature_requirements(features: Texts, project: Project, seen: Texts = ()) -> Texts:
    """What features come to without the project; those that name other features of the project are followed."""
    known = project.metadata.features or {}
    found: list[str] = []
    for feature in features:
        if feature in seen:
            continue
        for requirement in known.get(feature, ()):
            name, bracket, rest = requirement.partition("[")
            if bracket and normalized(name.strip()) == normalized(project.metadata.name):
                inner = tuple(normalized(one.strip()) for one in rest.partition("]")[0].split(","))
                found += feature_requirements(inner, project, (*seen, feature))
            else:
                found.append(requirement)
    return tuple(found)
