"""`make_plan`: the sessions that were asked for and those they require, in order, everything filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envtasks.declared import Pairs, Texts
from envtasks.environments.record import PARTS
from envtasks.errors import FillError, InvalidDeclarations, Mistake, RequestError
from envtasks.model import Environment, Host, Project, SessionRef
from envtasks.option_table import NONE, PLATFORMS, SCRIPTS
from envtasks.plan.filling import Filled, fill_environment, recipe_of
from envtasks.planned import Call, Plan, Recipe, Step, Work
from envtasks.resolve.arguments import arguments_of, placed
from envtasks.resolve.formatting import takes_arguments
from envtasks.resolve.given import Given, read_arguments
from envtasks.resolve.scripts import asks_for_pip, expand, made_of
from envtasks.resolve.selection import select
from envtasks.resolve.signatures import by_name, named
from envtasks.resolve.spellings import name_for
from envtasks.tuples import NamedTuple


class Request(NamedTuple):
    """What was asked for: sessions, and the arguments for them."""

    sessions: tuple[SessionRef, ...]
    arguments: Texts = ()


def make_plan(project: Project, request: Request, host: Host) -> Plan:
    """The plan for a request.

    Raises InvalidDeclarations for everything that cannot be filled for the sessions asked for, and
    RequestError for arguments that no session takes and for requirements that go in a circle.
    """
    notes = check_arguments(request)
    edges = required(request.sessions, project)
    asked = {session.id for session in request.sessions}
    planning = Planning(project, host)
    works = []
    for session in in_order(edges, request.sessions):
        given = request if session.id in asked else request._replace(arguments=())
        works.append(planning.work(session, given, tuple(one.id for one in edges[session.id][1])))
    planning.tell()
    return Plan(host.root, tuple(work for work in works if work is not None), notes + planning.disputes())


def plan_command(project: Project, sessions: tuple[SessionRef, ...], command: str, host: Host) -> Plan:
    """The plan for one command, typed by a person and so never filled, in the environments of these sessions."""
    planning = Planning(project, host)
    works = [planning.work(session, Request((session,)), (), (Step(command),)) for session in sessions]
    planning.tell()
    with_pip = asks_for_pip(command)
    return Plan(
        host.root,
        tuple(
            work._replace(recipe=work.recipe._replace(pip=True)) if with_pip else work
            for work in works
            if work is not None
        ),
        planning.disputes(),
    )


def recipes_of(names: Iterable[str], project: Project, host: Host) -> tuple[dict[str, Recipe], tuple[Mistake, ...]]:
    """What environments must be, by their names, and why some cannot be filled."""
    planning, recipes = Planning(project, host), {}
    for name in names:
        environment = project.environments[name]
        try:
            recipes[name] = planning.fill(environment)[1]
        except FillError as error:
            where = error.where or environment.where
            planning.mistakes[Mistake(f"{name}: {error.message}", where, error.hint)] = None
    return recipes, tuple(planning.mistakes)


class Planning:
    """The environments of one plan, each filled once, and the mistakes that showed on the way."""

    def __init__(self, project: Project, host: Host) -> None:
        self.project = project
        self.host = host
        self.filled: dict[Environment, tuple[Filled, Recipe]] = {}
        self.mistakes: dict[Mistake, None] = {}

    def work(
        self, session: SessionRef, request: Request, after: Texts, steps: tuple[Step | Call, ...] | None = None
    ) -> Work | None:
        """The work of a session, or None where it cannot be filled; ``steps`` are those of no script."""
        environment = session.environment
        reason = unsupported(environment[PLATFORMS], self.host.platform)
        try:
            filled, recipe = self.fill(environment)
            if steps is None:
                steps = steps_of(session, filled, request.arguments)
        except FillError as error:
            if not reason:
                where = error.where or environment.origin_of_script(session.script_name)
                self.mistakes[Mistake(f"{environment.name}: {error.message}", where, error.hint)] = None
                return None
            # What it needs may only be there where it can exist.
            _, recipe = self.fill(nothing_said(environment))
            steps = ()
        return Work(
            ref=session,
            recipe=recipe,
            steps=steps,
            arguments=request.arguments,
            after=after,
            unsupported=reason,
        )

    def fill(self, environment: Environment) -> tuple[Filled, Recipe]:
        if environment not in self.filled:
            filled = fill_environment(environment, self.project, self.host)
            self.filled[environment] = filled, recipe_of(filled, self.project, self.host)
        return self.filled[environment]

    def disputes(self) -> Texts:
        """Which environments lie in one directory although they are not the same."""
        by_directory: dict[str, list[Recipe]] = {}
        for environment, (_, recipe) in self.filled.items():
            if unsupported(environment[PLATFORMS], self.host.platform) or recipe.type == NONE:
                continue
            by_directory.setdefault(recipe.directory, []).append(recipe)
        return tuple(
            f"{', '.join(recipe.name for recipe in recipes)} lie in one directory, {directory}, and are not the same;"
            " each makes it over for itself"
            for directory, recipes in by_directory.items()
            if any(shape(recipe) != shape(recipes[0]) for recipe in recipes)
        )

    def tell(self) -> None:
        if self.mistakes:
            raise InvalidDeclarations(tuple(self.mistakes))


def steps_of(session: SessionRef, filled: Filled, words: Texts) -> tuple[Step | Call, ...]:
    """What a session does that is given these words; RequestError where they are not what it takes."""
    variant = session.environment.variant
    if session.script.function is None:
        steps = filled.script(session.script_name, words, session.name)
        return tuple(
            with_values(step, step.function.name, variant) if isinstance(step, Call) else step for step in steps
        )
    (step,) = filled.script(session.script_name)
    return (with_values(step._replace(words=words), session.name, variant),) if isinstance(step, Call) else ()


def with_values(call: Call, title: str, variant: Pairs) -> Call:
    """The call with what its words come to; where the function takes nothing but the session, they are left to it."""
    function = call.function.call
    declared = arguments_of(function, named(variant))
    given = read_arguments(declared, call.words, title) if declared else Given(rest=call.words)
    positionals, keywords = placed(function, {**by_name(function, variant), **given.values}, given.extra)
    return call._replace(positionals=positionals, keywords=keywords, left=given.rest)


def nothing_said(environment: Environment) -> Environment:
    """What bears the name of an environment, and its platforms, when nothing else can be said of it here."""
    values = {PLATFORMS.name: environment[PLATFORMS]}
    return Environment(environment.name, environment.root, environment.variant, values, environment.where, {})


def shape(recipe: Recipe) -> list[object]:
    """What of a recipe is on disk, by the parts of its record; a pip that is there more does not matter."""
    return [getattr(recipe, part, None) for part in PARTS if part != "pip"]


def unsupported(platforms: Texts, platform: str) -> str:
    """Why an environment for these platforms cannot exist here, or nothing."""
    if not platforms or platform in map(str.lower, platforms):
        return ""
    return f"is for {', '.join(platforms)}, and this is {platform}"


def check_arguments(request: Request) -> Texts:
    """Arguments must reach somebody; those sessions that take none are told of in a note."""
    if not request.arguments:
        return ()
    deaf = [session.name for session in request.sessions if not hears(session)]
    if len(deaf) == len(request.sessions) and deaf:
        raise RequestError(
            f"{', '.join(repr(name) for name in deaf)} take{'s' if len(deaf) == 1 else ''} no arguments",
            hint="put {args} where they should go in a command of the script",
        )
    return (f"no {{args}} in: {', '.join(deaf)}; the arguments do not reach them",) if deaf else ()


def hears(session: SessionRef) -> bool:
    script = session.script
    if script.function is not None or script.args:
        return True
    return any(takes_arguments(command.text) for command in expand(session.script_name, session.environment[SCRIPTS]))


Edges = dict[str, tuple[SessionRef, tuple[SessionRef, ...]]]


def required(sessions: Iterable[SessionRef], project: Project) -> Edges:
    """Every session that must run, by id, with those it requires."""
    edges: Edges = {}
    waiting = list(sessions)
    while waiting:
        session = waiting.pop()
        if session.id in edges:
            continue
        needs: dict[str, SessionRef] = {}
        for name in names_required(session):
            for other in same_variant(session, select([name], project)):
                needs[other.id] = other
        edges[session.id] = session, tuple(needs.values())
        waiting += needs.values()
    return edges


def names_required(session: SessionRef) -> Iterator[str]:
    """What the session requires, and what the scripts require that it is made of."""
    environment = session.environment
    scripts = environment[SCRIPTS]
    parts = (scripts[part].requires for part in made_of(session.script_name, scripts)[1:])
    for names in (session.requires, *parts):
        yield from (name_for(environment, name) for name in names)


def same_variant(session: SessionRef, others: tuple[SessionRef, ...]) -> tuple[SessionRef, ...]:
    """Of several variants, those that agree with the session in the variables they share; all where none does."""
    mine = dict(session.environment.variant)
    agreeing = tuple(
        other for other in others if all(mine.get(name, value) == value for name, value in other.environment.variant)
    )
    return agreeing or others


def in_order(edges: Edges, asked: Iterable[SessionRef]) -> list[SessionRef]:
    """What is required before what requires it, else the order that was asked for."""
    done: dict[str, SessionRef] = {}
    for session in asked:
        visit(session, edges, done)
    return list(done.values())


def visit(session: SessionRef, edges: Edges, done: dict[str, SessionRef]) -> None:
    """Put a session behind all that it requires."""
    open_ones = {session.id: iter(edges[session.id][1])}
    while open_ones:
        current = next(reversed(open_ones))
        other = next((one for one in open_ones[current] if one.id not in done), None)
        if other is None:
            del open_ones[current]
            done[current] = edges[current][0]
        elif other.id in open_ones:
            ids = tuple(open_ones)
            circle = (*ids[ids.index(other.id) :], other.id)
            first = edges[other.id][0]
            raise RequestError(
                f"sessions require each other in a circle: {' -> '.join(circle)}",
                where=first.environment.origin_of_script(first.script_name).child("requires"),
                hint="let one of them do without the other",
            )
        else:
            open_ones[other.id] = iter(edges[other.id][1])
