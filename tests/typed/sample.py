"""An envfile that type checkers have nothing to say about: every public name, and every keyword, of which they know."""

from pathlib import Path
from typing import Literal

from typing_extensions import assert_type

from envtasks import Session, env, options, override, param, parametrize, project, script, testing
from envtasks.run.session import Captured, CommandFailed

options.sessions = ["lint", "test"]
options.aliases = {"all": ["lint", "test"]}
options.env_dir = ".environments"
options.installer = "uv"
options.requires_envtasks = ">=0.1"

PYPROJECT = project.load_toml("pyproject.toml", missing_ok=True)
PYTHONS = project.python_versions({"project": {"requires-python": ">=3.11"}}, max_version="3.12")
GROUP = project.dependency_groups({"dependency-groups": {"test": ["pytest"]}}, "test")
assert_type(PYTHONS, list[str])


@env
def bare(session: Session) -> None:
    """Do next to nothing."""
    session.log("%s in %d", session.name, 3, exc_info=True)
    session.warn("that %(much)s", {"much": "is much"})
    session.debug(session)


@env(
    name="everything",
    template="default",
    detached=True,
    description="All there is",
    dependencies=["pytest", *GROUP],
    extra_dependencies=["rich"],
    dependency_groups=["test"],
    features=["cli"],
    dev_mode=False,
    skip_install=True,
    env_vars={"A": "1"},
    env_include=["B*"],
    env_exclude=["C"],
    scripts={"lint": "ruff check", "all": ["lint", "- true"], "cov": {"run": "coverage", "timeout": 3, "tags": ["ci"]}},
    extra_scripts={"more": "true"},
    pre_install_commands=["true"],
    post_install_commands=["true"],
    python=PYTHONS,
    platforms=["linux"],
    matrix=[{"django": ["4.2", "5.2"], "exclude": [{"django": "4.2"}], "include": [{"django": "6", "id": "new"}]}],
    matrix_name_format="{variable}-{value}",
    overrides=[override(platform="linux", env_vars={"D": "1"}), override(matrix={"django": ["5.2"]}, tags=["new"])],
    path=".env",
    system_packages=False,
    python_sources=["external"],
    installer="pip",
    default_script="everything",
    default=False,
    tags=("ci",),
    requires=["bare", "build-{python}"],
)
def everything(session: Session, django: str) -> int:
    """Take and give what there is."""
    assert_type(session.name, str)
    assert_type(session.posargs, list[str])
    assert_type(session.matrix, dict[str, str])
    assert_type(session.python, str | Literal[False] | None)
    assert_type(session.env, dict[str, str | None])
    assert_type(session.env_dir, Path)
    assert_type(session.cache_dir, Path)
    assert_type(session.bin, str)
    assert_type(session.bin_paths, list[str] | None)
    assert_type(session.virtualenv.location, str)
    assert_type(session.venv_backend, str)
    assert_type(session.invoked_from, str)
    assert_type(session.interactive, bool)
    assert_type(session.parallel, bool)
    assert_type(session.create_tmp(), str)
    with session.chdir(session.cache_dir / "x"), session.cd("y") as inside:
        assert_type(inside, Session)
    return len(django)


@everything.script
def runs(session: Session) -> None:
    """Run programs in every way."""
    assert_type(session.run("a", Path("b"), env={"A": "1", "B": None}, include_outer_env=False), bool | None)
    assert_type(session.run("a", silent=True, success_codes=(0, 1), stderr=-3, log=False), str)
    assert_type(session.run("a", capture=True, cwd=Path(), timeout=3), Captured)
    assert_type(session.run("a", silent=session.interactive), str | bool | Captured | None)
    assert_type(session.run_install("a", external="error", interrupt_timeout=None), bool | None)
    assert_type(session.run_always("a", silent=True, terminate_timeout=1), str)
    assert_type(session.run_install("a", capture=True).stdout, str)
    assert_type(session.install_and_run_script("tool.py", "a", silent=True), str)
    with Path("log").open("w", encoding="utf-8") as file:
        session.run("a", stdout=file, external=True)
    try:
        session.run("a")
    except CommandFailed as error:
        assert_type(error.return_code, int | None)
    session.install("a", Path("b"), env={"PIP_INDEX_URL": "x"}, silent=False, success_codes=[0], stdout=None)
    session.notify("lint", ["a"])
    session.notify("lint")
    session.script("runs", "a")


@everything.script(name="other", tags=["slow"], requires=["lint"], env_vars={"A": "1"}, cwd="x", timeout=3)
def other_name(session: Session) -> None:
    if not session.posargs:
        session.skip("nothing to do")
    session.error("there is no such thing as", session.posargs)
    session.log("never")  # type: ignore[unreachable]


@env(venv_backend="none")
@parametrize("database", ["sqlite", "postgres"], ids=["small", None], tags=[["quick"], None])
@parametrize(["first", "second"], [(1, 2), param(3, 4, id="more", tags=["slow"])])
def points(session: Session, database: str, first: int, second: int, *, dry_run: bool = False) -> None:
    """Be called with much."""


lint = env("lint", dependencies=["ruff"], scripts={"check": "ruff check ."})


@lint.script
def fix(session: Session) -> None: ...


@script("default", name="seed-all", description="Fill the database")
def seed(session: Session, amount: int = 3) -> None: ...


def test_everything() -> None:
    tasks = testing.declared(toml="[envs.a.scripts]\nrun = 'true'")
    assert_type(testing.planned(tasks, "a"), testing.Plan)
    assert_type(testing.performed(tasks, "a", answers={"true": 3}).passed, bool)
