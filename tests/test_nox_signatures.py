"""Our session beside nox's own: every public member is here, and takes what it takes there."""

from __future__ import annotations

import inspect
from inspect import Parameter
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from fakes import Events, program, python_work, recipe

from envtasks.events import CommandStarted, Result
from envtasks.run.session import Session, VirtualEnvironment
from envtasks.run.task import perform_call
from envtasks.run.tools import Tools

nox = pytest.importorskip("nox", reason="nox itself is not installed")
virtualenv = pytest.importorskip("nox.virtualenv")

#: Where we differ from nox on purpose, by member and parameter, and why. `*` stands for all that is not named.
DIFFERENT: dict[tuple[str, str], str] = {
    ("run", "interrupt_timeout"): "5 seconds and not 0.3: a test run that is interrupted has reports to write",
    ("run", "terminate_timeout"): "2 seconds and not 0.2: as above",
    ("run", "stderr"): "what is not redirected stays on stderr and does not join stdout, as in TOML",
    ("run", "include_outer_env"): "PATH stays, with the programs of the environment first",
    ("run", "log"): "the command is shown by what shows the run, not by logging",
    ("run_install", "*"): "as run",
    ("run_always", "*"): "as run",
    ("install_and_run_script", "*"): "as run",
    ("install", "external"): "taken and not needed, as in nox",
    ("install", "stdout"): "taken and not needed: an installer prints nothing unless it fails",
    ("install", "stderr"): "as above",
    ("install", "interrupt_timeout"): "taken and not needed: installers have the time that programs have",
    ("install", "terminate_timeout"): "as above",
    ("conda_install", "*"): "gives up and says why: no environment is made by conda",
    ("notify", "target"): "a name, and not an object of the runner; all sessions of that name, not the first alone",
    ("chdir", "dir"): "changes where the session's programs run, and not the directory of the process",
    ("python", "return"): "one version, never a list: each session has one",
    ("create_tmp", "return"): "a new directory in each run, as environments stay",
}
#: What `ProcessEnv` has of nox that our value lacks.
NOT_OF_ENVIRONMENTS = {"create": "environments are made before their tasks run"}
#: What nox says of the types of attributes, and what has to come of them.
TYPES: dict[str, Any] = {
    "str": str,
    "bool": bool,
    "list[str]": list,
    "list[str] | None": list,
    "dict[str, str | None]": dict,
    "pathlib.Path": Path,
    "str | Sequence[str] | bool | None": str,
    "ProcessEnv": VirtualEnvironment,
}


def public(kind: type) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_")]


def methods() -> list[str]:
    return [name for name in public(nox.Session) if isinstance(member(name), FunctionType)]


def member(name: str) -> Any:
    return inspect.getattr_static(nox.Session, name)


def parameters(function: Any) -> dict[str, Parameter]:
    return dict([*inspect.signature(function).parameters.items()][1:])


def ours(name: str) -> dict[str, Parameter]:
    """The parameters of a method of ours; what it hands on to `run` is taken by that."""
    own = parameters(getattr(Session, name))
    handed_on = name in {"run_install", "run_always", "install_and_run_script"}
    return {**parameters(Session.run), **own} if handed_on else own


class Holding:
    """A session, held while its task runs."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.installed: list[tuple[str, ...]] = []
        program(top / "env" / "bin" / "own", "true")
        program(top / "env" / "bin" / "python", "true")

    def __call__(self, task: Any) -> Result:
        made = recipe(self.top / "env", python="3.12", variables={"PATH": str(self.top / "env" / "bin")})
        planned = python_work(task, self.top / "env", "a")._replace(recipe=made)
        assert planned.call is not None
        self.events = Events()
        return perform_call(planned, planned.call, self.events, str(self.top), self.tools)

    @property
    def tools(self) -> Tools:
        def install(_: object, arguments: Any, __: str, announce: Any) -> None:
            announce()
            self.installed.append(tuple(arguments))

        passed = Result(python_work(print, "/"), "passed")
        return Tools(install, lambda name, words, *, inherited=False: None, lambda name, words: passed)


@pytest.fixture
def holding(tmp_path: Path) -> Holding:
    return Holding(tmp_path)


def test_every_member_is_here() -> None:
    here = {*public(Session), "env", "invoked_from"}
    assert [name for name in public(nox.Session) if name not in here] == []


@pytest.mark.parametrize("name", methods())
def test_every_parameter_is_taken(name: str) -> None:
    here = ours(name)
    kinds = {parameter.kind for parameter in here.values()}
    for place, (title, wanted) in enumerate(parameters(member(name)).items()):
        if wanted.kind in {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}:
            assert wanted.kind in kinds, title
        elif wanted.kind is Parameter.POSITIONAL_OR_KEYWORD:
            assert [*parameters(getattr(Session, name))][place] == title
        elif title not in here:
            assert Parameter.VAR_KEYWORD in kinds, title


@pytest.mark.parametrize("name", methods())
def test_nothing_more_is_asked_for(name: str) -> None:
    theirs = parameters(member(name))
    for title, parameter in parameters(getattr(Session, name)).items():
        if parameter.default is Parameter.empty and parameter.kind is not Parameter.VAR_KEYWORD:
            there = theirs.get(title)
            positional = parameter.kind is Parameter.VAR_POSITIONAL or (there is None and "args" in theirs)
            assert positional or (there is not None and there.default is Parameter.empty), title


@pytest.mark.parametrize("name", methods())
def test_what_is_not_said_means_the_same(name: str) -> None:
    for title, parameter in ours(name).items():
        there = parameters(member(name)).get(title)
        if there is not None and (name, title) not in DIFFERENT and (name, "*") not in DIFFERENT:
            assert parameter.default == there.default, title


def test_each_difference_is_one_of_a_member_that_is_there() -> None:
    for name, title in DIFFERENT:
        assert name in public(nox.Session)
        known = {"return", "*"} if isinstance(member(name), property) else {*parameters(member(name)), "return", "*"}
        assert title in known, (name, title)


@pytest.mark.parametrize("name", [name for name in public(nox.Session) if isinstance(member(name), property)])
def test_attributes_have_the_types_that_they_have_there(name: str, holding: Holding) -> None:
    wanted = TYPES[member(name).fget.__annotations__["return"]]
    seen: list[object] = []
    assert holding(lambda session: seen.append(getattr(session, name))).outcome == "passed"
    assert isinstance(seen[0], wanted)


def test_environments_have_the_attributes_that_they_have_there() -> None:
    there = {*public(virtualenv.ProcessEnv), *virtualenv.ProcessEnv.__annotations__, "env"}
    assert {name for name in there if not hasattr(VirtualEnvironment, name)} == {*NOT_OF_ENVIRONMENTS}


#: A call of each method that takes keywords, but for them.
CALLS: dict[str, tuple[Any, ...]] = {
    "run": ("own", Path("a")),
    "run_install": ("own",),
    "run_always": ("own",),
    "install_and_run_script": ("tool.py",),
    "install": ("a", Path("b")),
    "notify": ("lint",),
    "log": ("a %s", 1),
    "warn": ("a",),
    "debug": ("a",),
    "chdir": (".",),
    "cd": (Path(),),
    "create_tmp": (),
}


def test_each_method_is_called() -> None:
    assert {*CALLS, "error", "skip", "conda_install"} == {*methods()}


@pytest.mark.parametrize("name", CALLS)
def test_all_that_may_be_said_there_may_be_said_here(name: str, holding: Holding) -> None:
    """Each keyword with the value that it has there when it is not said."""
    said = {
        title: parameter.default
        for title, parameter in parameters(member(name)).items()
        if parameter.default is not Parameter.empty
    }
    (holding.top / "tool.py").write_text("# /// script\n# dependencies = ['c']\n# ///\n", encoding="utf-8")
    result = holding(lambda session: getattr(session, name)(*CALLS[name], **said))
    assert (result.outcome, result.reason) == ("passed", "")


def test_conda_is_refused_whatever_is_said(holding: Holding) -> None:
    def task(session: Session) -> None:
        session.conda_install("numpy", channel="conda-forge", auto_offline=False, silent=True)

    result = holding(task)
    assert result.outcome == "failed"
    assert result.reason.startswith("conda cannot install 'numpy' here")


@pytest.mark.parametrize(
    ("settings", "announced"), [({}, 1), ({"silent": False}, 1), ({"silent": True}, 0), ({"log": False}, 0)], ids=str
)
def test_what_an_install_shows(settings: dict[str, bool], announced: int, holding: Holding) -> None:
    assert holding(lambda session: session.install("a", **settings)).outcome == "passed"
    assert holding.installed == [("a",)]
    assert len(holding.events.of(CommandStarted)) == announced
