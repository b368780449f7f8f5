"""The sessions that were asked for and those they require, in order, everything filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from envtasks.declared import Function, Script
from envtasks.errors import InvalidDeclarations, RequestError
from envtasks.model import Environment, Host, Project
from envtasks.option_table import SCRIPTS
from envtasks.plan.planning import Request, make_plan, plan_command
from envtasks.planned import Call, Plan, Step
from envtasks.quoting import shell_text
from envtasks.resolve.selection import select

Resolve = Callable[..., Project]
MakeHost = Callable[..., Host]
PlanText = Callable[..., Plan]


@pytest.fixture
def plan(resolve_text: Resolve, host: MakeHost) -> PlanText:
    def make(text: str, *names: str, arguments: tuple[str, ...] = (), **world: str) -> Plan:
        where = host(environ={"PATH": "/bin"}, **world)
        project = resolve_text(text, on=where)
        return make_plan(project, Request(select(names, project), arguments), where)

    return make


CHAIN = """
    [envs.build]
    scripts = { build = "make", clean = { run = "rm", tags = ["x"] } }
    [envs.test.scripts]
    test = { run = "pytest", requires = ["build", "prepare"], timeout = 5 }
    [envs.default.scripts]
    prepare = { run = "prep", requires = ["build:clean"] }
    [envs.docs.scripts]
    docs = { run = "docs", requires = ["build"] }
"""


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["build"], ["build"]),
        (["test"], ["build", "build:clean", "default", "test"]),
        (["docs", "test"], ["build", "docs", "build:clean", "default", "test"]),
        (["test", "build"], ["build", "build:clean", "default", "test"]),
        ([], []),
    ],
)
def test_what_is_required_comes_first(plan: PlanText, names: list[str], order: list[str]) -> None:
    assert [work.name for work in plan(CHAIN, *names).sessions] == order


def test_a_work_says_what_it_waits_for(plan: PlanText) -> None:
    works = {work.id: work for work in plan(CHAIN, "test").sessions}
    assert works["test:test"].after == ("build:build", "default:prepare")
    assert works["build:build"].after == ()
    assert works["build:build"].steps == (Step("make"),)
    assert works["test:test"].steps == (Step("pytest", timeout=5.0),)


def test_scripts_inside_keep_their_time_and_what_they_require(plan: PlanText) -> None:
    text = """
        [envs.default.scripts]
        build = "make"
        lint = "ruff"
        leaf = { run = "x", timeout = 3, requires = ["build"] }
        plain = "y"
        outer = { run = ["leaf -q", "plain", "leaf"], timeout = 9, requires = ["lint"] }
    """
    found = plan(text, "outer").sessions
    assert [work.id for work in found] == ["default:lint", "default:build", "default:outer"]
    assert found[-1].after == ("default:lint", "default:build")
    assert found[-1].steps == (Step("x -q", timeout=3.0), Step("y", timeout=9.0), Step("x", timeout=3.0))


def test_a_long_chain_is_no_circle(plan: PlanText) -> None:
    scripts = "\n".join(f's{number} = {{ run = "x", requires = ["s{number + 1}"] }}' for number in range(1500))
    found = plan(f'[envs.default.scripts]\n{scripts}\ns1500 = "last"', "s0")
    assert [work.ref.script_name for work in found.sessions][:2] == ["s1500", "s1499"]
    assert len(found.sessions) == 1501


@pytest.mark.parametrize(
    ("scripts", "circle"),
    [
        ('a = { run = "", requires = ["a"] }', "default:a -> default:a"),
        (
            (
                'a = { run = "", requires = ["b"] }\nb = { run = "", requires = ["c", "b2"] }\nc = ""\n'
                'b2 = { run = "", requires = ["b"] }'
            ),
            "default:b -> default:b2 -> default:b",
        ),
    ],
)
def test_sessions_that_require_each_other_are_told(plan: PlanText, scripts: str, circle: str) -> None:
    with pytest.raises(RequestError, match=f"in a circle: {circle}$") as raised:
        plan(f"[envs.default.scripts]\n{scripts}", "a")
    first = circle.partition(" ")[0].replace(":", ".scripts.")
    assert str(raised.value.where) == f"envs.{first}.requires"


def test_what_is_required_must_be_there(plan: PlanText) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        plan('[envs.default.scripts]\na = { run = "", requires = ["bild"] }\nbuild = ""', "a")
    ((message, where, hint),) = raised.value.mistakes
    assert (message, str(where)) == ("unknown session 'bild'", "envs.default.scripts.a.requires[0]")
    assert hint == "did you mean 'build'?"


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("test.py3.11-5", ["build.py3.11:build"]),
        ("test.py3.12-4", ["build.py3.12:build"]),
        ("test.py3.13", ["build.py3.11:build", "build.py3.12:build"]),
        ("plain", ["build.py3.11:build", "build.py3.12:build"]),
    ],
)
def test_variants_require_those_that_agree_with_them(plan: PlanText, name: str, after: list[str]) -> None:
    text = """
        [envs.build]
        python = ["3.11", "3.12"]
        scripts.build = "make"
        [envs.test]
        matrix = [{ django = ["4", "5"], python = ["3.11", "3.12"] }, { python = ["3.13"] }]
        scripts.test = { run = "pytest", requires = ["build"] }
        [envs.plain]
        scripts.plain = { run = "x", requires = ["build"] }
    """
    assert list(plan(text, name).sessions[-1].after) == after


ARGUMENTS = """
    [envs.default.scripts]
    hears = { run = "pytest {args:-x}", requires = ["quiet", "asks"] }
    asks = "ask {args:nobody}"
    inside = "hears"
    quiet = "true"
    still = "true"
"""


def commands(found: Plan) -> dict[str, list[str]]:
    return {work.ref.script_name: [step.run for step in work.steps] for work in found.sessions}


def test_arguments_reach_only_what_was_asked_for(plan: PlanText) -> None:
    found = plan(ARGUMENTS, "hears", arguments=("a b",))
    assert commands(found) == {"quiet": ["true"], "asks": ["ask nobody"], "hears": ["pytest 'a b'"]}
    assert {work.ref.script_name: work.arguments for work in found.sessions} == {
        "quiet": (),
        "asks": (),
        "hears": ("a b",),
    }
    assert not found.notes


def test_an_empty_argument_is_one(plan: PlanText) -> None:
    assert commands(plan(ARGUMENTS, "asks", arguments=("",))) == {"asks": ["ask ''"]}
    assert commands(plan(ARGUMENTS, "asks")) == {"asks": ["ask nobody"]}


def test_those_that_take_no_arguments_are_told_of(plan: PlanText) -> None:
    found = plan(ARGUMENTS, "inside", "still", "quiet", arguments=("x",))
    assert found.notes == ("no {args} in: default:still, default:quiet; the arguments do not reach them",)
    assert commands(found)["inside"] == ["pytest x"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["still"], "'default:still' takes no arguments"),
        (["still", "quiet"], "'default:still', 'default:quiet' take no arguments"),
    ],
)
def test_arguments_that_nobody_takes_are_refused(plan: PlanText, names: list[str], message: str) -> None:
    with pytest.raises(RequestError) as raised:
        plan(ARGUMENTS, *names, arguments=("x",))
    assert raised.value.message == message
    assert "{args}" in raised.value.hint


def call() -> None: ...


def with_function(project: Project, task: Callable[..., None] = call, name: str = "default") -> Project:
    """The project with a function as the script `seed` of one environment."""
    function = Script(function=Function(task, "seed", "envfile.py", 1, ""))
    one = project.environments[name]
    declared: Mapping[str, Script] = one[SCRIPTS]
    scripts = {**declared, "seed": function}
    environment = Environment(one.name, one.root, one.variant, {**one.values, "scripts": scripts}, one.where, {})
    return project._replace(environments={name: environment})


def work_root(host: MakeHost) -> str:
    return host().root


def test_functions_take_the_words_as_they_are(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(resolve_text(""))
    given = ("a b", "$x", "")
    (work,) = make_plan(project, Request(select(["seed"], project), given), host()).sessions
    assert work.call == Call(Function(call, "seed", "envfile.py", 1, ""), given, cwd=work_root(host), left=given)
    assert work.arguments == given


def test_functions_in_a_chain_get_what_stands_behind_their_name(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(resolve_text('[envs.default.scripts]\nall = ["- seed \'{env_name} 1\' {args:-q}", "x"]'))
    for given, words in ((), ("default 1", "-q")), (("a b",), ("default 1", "a b")):
        request = Request(select(["all"], project), given)
        (work,) = make_plan(project, request, host()).sessions
        assert work.call is None
        assert [(step.run, step.ignore_exit_code) for step in work.steps] == [
            (shell_text(("seed", *words)), True),
            ("x", False),
        ]
        assert [step.left for step in work.steps if isinstance(step, Call)] == [words]


def test_arguments_that_cannot_be_taken_apart(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(resolve_text('[envs.default.scripts]\nall = "seed \'open"'))
    with pytest.raises(InvalidDeclarations, match="the arguments of 'seed' cannot be read, No closing quotation"):
        make_plan(project, Request(select(["all"], project)), host())


def test_what_stands_around_an_install_is_no_function(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(
        resolve_text(
            '[envs.default]\npost-install-commands = ["seed"]',
            files={"pyproject.toml": '[project]\nname = "p"\nversion = "1"'},
        )
    )
    with pytest.raises(InvalidDeclarations, match="'seed' is a Python function, and post-install-commands can only"):
        make_plan(project, Request(select(["seed"], project)), host())


@pytest.mark.parametrize(
    ("platforms", "platform", "reason"),
    [
        ("[]", "linux", ""),
        ('["linux"]', "linux", ""),
        ('["Windows", "Linux"]', "linux", ""),
        ('["windows", "macos"]', "linux", "is for windows, macos, and this is linux"),
    ],
)
def test_sessions_for_other_platforms_say_why(plan: PlanText, platforms: str, platform: str, reason: str) -> None:
    text = f'[envs.default]\nplatforms = {platforms}\nscripts.a = "x"'
    assert plan(text, "a", platform=platform).sessions[0].unsupported == reason


def test_everything_that_cannot_be_filled_is_told_at_once(plan: PlanText) -> None:
    text = """
        [envs.a]
        scripts = { a = "{env:A}", other = "{env:C}" }
        [envs.b]
        env-vars.X = "{env:B}"
        scripts = { b = "x", c = "y" }
        [envs.c]
        type = "docker"
        scripts.c = "x"
        [envs.fine]
        scripts.fine = "x"
    """
    with pytest.raises(InvalidDeclarations) as raised:
        plan(text, "a", "b", "b:c", "c", "fine")
    assert [(one.message, str(one.where)) for one in raised.value.mistakes] == [
        ("a: the environment variable 'A' is not set", "envs.a.scripts.a"),
        ("b: the environment variable 'B' is not set", "envs.b.env-vars"),
        ("c: unknown type 'docker'", "envs.c.type"),
    ]
    assert len(plan(text, "fine").sessions) == 1, "what is not asked for need not be filled"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('python = "{env:NONE}"', "envs.t.python"),
        ('path = "{env:NONE}"', "envs.t.path"),
        ('dependencies = ["{env:NONE}"]', "envs.t.dependencies"),
        ('extra-dependencies = ["{env:NONE}"]', "envs.t.extra-dependencies"),
        ('skip-install = false\npost-install-commands = ["{env:NONE}"]', "envs.t.post-install-commands"),
        ('skip-install = false\npre-install-commands = ["own {env:NONE}"]', "envs.t.pre-install-commands"),
        ('overrides.platform.linux.env-vars = "A={env:NONE}"', "envs.t.overrides.platform.linux.env-vars"),
        ('scripts.t = "{env:NONE}"', "envs.t.scripts.t"),
        ('extra-scripts.extra = "{env:NONE}"', "envs.t.extra-scripts.extra"),
        ('overrides.platform.linux.scripts = "t={env:NONE}"', "envs.t.overrides.platform.linux.scripts"),
        ('scripts.other = "x"', "envs.default.scripts.inherited"),
    ],
)
def test_what_cannot_be_filled_is_told_where_it_was_said(plan: PlanText, text: str, key: str) -> None:
    name = key.rpartition(".")[2]
    below = '[envs.default.scripts]\nt = "x"\nown = "own"\ninherited = "{env:NONE}"'
    with pytest.raises(InvalidDeclarations) as raised:
        plan(f"[envs.t]\n{text}\n{below}", f"t:{name if name in ('extra', 'inherited') else 't'}")
    assert [str(one.where) for one in raised.value.mistakes] == [key]


@pytest.mark.parametrize("said", ["env-vars.X = '{env:NONE}'", "python = '{matrix:v}'", "scripts.t = '{env:NONE}'"])
def test_what_is_for_another_platform_need_not_be_filled(plan: PlanText, said: str) -> None:
    text = f"[envs.t]\nplatforms = ['windows']\n{said}\n[envs.default.scripts]\nt = 'x'\nu = 'y'"
    skipped, fine = plan(text, "t:t", "u").sessions
    assert (skipped.unsupported, skipped.steps) == ("is for windows, and this is linux", ())
    assert (fine.unsupported, fine.steps) == ("", (Step("y"),))
    with pytest.raises(InvalidDeclarations):
        plan(text, "t:t", platform="windows")


def test_environments_are_filled_once(plan: PlanText) -> None:
    one, other = plan('[envs.t.scripts]\na = "x"\nb = "y"', "t:a", "t:b").sessions
    assert one.recipe is other.recipe


def test_a_command_of_a_person_is_never_filled(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text('[envs.t]\nmatrix = [{ v = ["1", "2"] }]\nscripts.t = { run = "x", timeout = 5 }')
    found = plan_command(project, select(["t"], project), "echo '{root}' {", host())
    assert [work.steps for work in found.sessions] == [(Step("echo '{root}' {"),)] * 2
    assert [work.recipe.pip for work in found.sessions] == [False, False]
    assert [work.recipe.pip for work in plan_command(project, select(["t"], project), "pip list", host()).sessions] == [
        True,
        True,
    ]


def test_a_command_in_an_environment_that_cannot_be_filled_is_told(resolve_text: Resolve, host: MakeHost) -> None:
    project = resolve_text('[envs.t]\npath = "{env:NONE}"\nscripts.t = "x"')
    with pytest.raises(InvalidDeclarations, match="t: the environment variable 'NONE' is not set"):
        plan_command(project, select(["t"], project), "true", host())


def test_a_plan_knows_its_root(plan: PlanText, host: MakeHost) -> None:
    assert plan('[envs.default.scripts]\na = "x"', "a").root == host().root


@pytest.mark.parametrize(
    ("text", "names", "disputes"),
    [
        ('[envs.a]\npath = "x"\nscripts.a = "1"\n[envs.b]\npath = "x"\nscripts.b = "2"', ["a", "b"], ""),
        (
            '[envs.a]\npath = "x"\nscripts.a = "1"\n[envs.b]\npath = "./x"\npython = "3.12"\nscripts.b = "2"',
            ["a", "b"],
            "a, b",
        ),
        (
            '[envs.a]\npath = "x"\nscripts.a = "1"\n[envs.b]\npath = "./x"\npython = "3.12"\nscripts.b = "2"',
            ["b"],
            "",
        ),
        (
            '[envs.a]\npath = "x"\nscripts.a = "1"\n[envs.b]\npath = "x"\npython-sources = ["external"]\nscripts.b = "pip"',
            ["a", "b"],
            "",
        ),
        ('[envs.m]\npath = "x"\npython = ["3.11", "3.12"]\nscripts.m = "1"', ["m"], "m.py3.11, m.py3.12"),
        ('[envs.m]\npath = "x-{env_name}"\npython = ["3.11", "3.12"]\nscripts.m = "1"', ["m"], ""),
    ],
    ids=["the same", "not the same", "only one", "not on disk", "a matrix", "a matrix with a placeholder"],
)
def test_environments_that_differ_in_one_directory_are_told_of(
    plan: PlanText, text: str, names: list[str], disputes: str
) -> None:
    notes = plan(text, *names).notes
    assert bool(notes) is bool(disputes)
    assert all(note.startswith(f"{disputes} lie in one directory, ") for note in notes)


def test_a_command_in_environments_that_share_a_directory_is_told_of_too(
    resolve_text: Callable[..., Project], host: Callable[..., Host]
) -> None:
    text = '[envs.m]\npath = "x"\npython = ["3.11", "3.12"]\nscripts.m = "1"'
    project = resolve_text(text)
    sessions = select(["m"], project)
    (note,) = plan_command(project, sessions, "true", host()).notes
    assert note.startswith("m.py3.11, m.py3.12 lie in one directory, ")


def release(session: object, version: str, *, dry_run: bool = False) -> None: ...


def of_cell(session: object, django: str, count: int = 1, *words: str) -> None: ...


def test_words_become_the_arguments_of_a_function(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(resolve_text(""), release)
    given = ("1.2", "--dry-run", "--", "-x", "a b")
    (work,) = make_plan(project, Request(select(["seed"], project), given), host()).sessions
    assert work.call is not None
    assert (work.call.words, work.call.left) == (given, ("-x", "a b"))
    assert (work.call.positionals, work.call.keywords) == ((), {"version": "1.2", "dry_run": True})


def test_places_before_starred_words_are_filled_by_place(resolve_text: Resolve, host: MakeHost) -> None:
    project = with_function(resolve_text('[envs.default]\nmatrix = [{ django = ["5"] }]'), of_cell, "5")
    (work,) = make_plan(project, Request(select(["seed"], project), ("3", "a", "b")), host()).sessions
    assert work.call is not None
    assert (work.call.positionals, work.call.keywords) == (("5", 3, "a", "b"), {})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "'seed' needs 'version'"),
        (("1", "2"), "'default:seed' has no argument for '2'"),
        (("1", "--dry"), "'default:seed' has no option '--dry'"),
    ],
)
def test_words_that_a_function_does_not_take(
    resolve_text: Resolve, host: MakeHost, words: tuple[str, ...], message: str
) -> None:
    """Told before anything starts, for a whole session and for a part of one."""
    project = with_function(resolve_text('[envs.default.scripts]\nall = "seed {args}"'), release)
    with pytest.raises(RequestError) as raised:
        make_plan(project, Request(select(["seed"], project), words), host())
    assert raised.value.message.replace("default:", "") == message.replace("default:", "")
    with pytest.raises(RequestError):
        make_plan(project, Request(select(["all"], project), words), host())


def test_the_arguments_of_a_script(plan: PlanText) -> None:
    text = """
        [envs.default.scripts.release]
        run = ["build {arg:version} {arg:dry-run}", "upload {arg:paths} -- {args}"]
        args = { version = "str", dry-run = "bool", paths = { many = true, default = ["a b", "c"] } }
    """
    found = plan(text, "release", arguments=("1 2", "--dry-run"))
    assert commands(found) == {"release": ["build '1 2' --dry-run", "upload 'a b' c -- '1 2' --dry-run"]}
    found = plan(text, "release", arguments=("1", "x", "y"))
    assert commands(found) == {"release": ["build 1", "upload x y -- 1 x y"]}
    with pytest.raises(RequestError, match="'default' needs 'version'"):
        plan(text, "release")


INSIDE = """
    [envs.default.scripts.greet]
    run = "echo {arg:name} {arg:mark} {args}"
    args = { name = "str", mark = { default = "!", option = true } }
    [envs.default.scripts.twice]
    run = ["greet 'a b' --mark {arg:mark}", "- greet {arg:other}"]
    args = { mark = { default = "?" }, other = { default = "you" } }
    [envs.default.scripts]
    chain = ["greet alice", "twice", "- twice x '{env_name} y'", "greet {args:nobody}"]
    wrong = "greet"
"""


def test_scripts_with_arguments_in_a_chain_read_what_stands_behind_their_name(plan: PlanText) -> None:
    (work,) = plan(INSIDE, "chain").sessions
    assert [str(step) for step in work.steps] == [
        "echo alice '!' alice",
        "echo 'a b' '?' 'a b' --mark '?'",
        "- echo you '!' you",
        "- echo 'a b' x 'a b' --mark x",
        "- echo 'default y' '!' 'default y'",
        "echo nobody '!' nobody",
    ]
    assert str(plan(INSIDE, "chain", arguments=("me",)).sessions[0].steps[-1]) == "echo me '!' me"
    with pytest.raises(RequestError, match="'default:greet' needs 'name'"):
        plan(INSIDE, "wrong")


REQUIRING = """
    [envs.build]
    python = ["3.11", "3.12"]
    scripts.build = "make"
    [envs.test]
    python = ["3.11", "3.12"]
    scripts.test = "pytest"
    scripts.cov = "cov"
    requires = ["build-{python}"]
    [envs.docs.scripts]
    docs = { run = "docs", requires = ["build.*"] }
"""


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["test"], ["build.py3.11", "test.py3.11", "build.py3.12", "test.py3.12"]),
        (["test-3.12"], ["build.py3.12", "test.py3.12"]),
        (["test.py3.12:cov"], ["test.py3.12:cov"]),
        (["docs"], ["build.py3.11", "build.py3.12", "docs"]),
    ],
)
def test_names_in_requires(plan: PlanText, names: list[str], order: list[str]) -> None:
    assert [work.name for work in plan(REQUIRING, *names).sessions] == order


def test_names_with_variables_are_checked_for_every_environment(plan: PlanText) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        plan(f'{REQUIRING}\n[envs.lint]\nrequires = ["build-{{python}}"]\nscripts.lint = "x"', "docs")
    (mistake,) = raised.value.mistakes
    assert (mistake.message, str(mistake.where)) == (
        "'lint' has no variable 'python' for the name 'build-{python}'",
        "envs.lint.requires[0]",
    )


def test_an_environment_of_no_type_is_the_surrounding_one(plan: PlanText) -> None:
    (work,) = plan('[envs.a]\ntype = "none"\nscripts.a = "x"', "a").sessions
    assert work.recipe.type == "none"
    assert "VIRTUAL_ENV" not in work.recipe.variables
    assert work.recipe.variables["PATH"] == "/bin"
    with pytest.raises(InvalidDeclarations, match="there is nothing to install dependencies into"):
        plan('[envs.a]\ntype = "none"\ndependencies = ["x"]\nscripts.a = "x"', "a")
