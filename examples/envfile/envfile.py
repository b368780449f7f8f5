"""Tasks of measures: its tests with every tomli that it supports, and the checks of its sources."""

from envtasks import Session, env, options, script

options.sessions = ["lint", "test"]
options.aliases = {"ci": ["lint", "test:cov"]}

env("default", default=False, scripts={"error": ["- exit 1", "exit 3", "exit 0"]})


@script("default")
def read(session: Session) -> None:
    """Convert a quantity."""
    text, unit = session.posargs or ["1.5 h", "min"]
    code = "import sys, measures; print(measures.parse(sys.argv[1]).to(sys.argv[2]))"
    session.run("python", "-c", code, text, unit, log=False)


@env(
    template="test",
    dependencies=["coverage>=7.6", "pytest>=8", "tomli~={matrix:tomli}.0"],
    env_vars={"COVERAGE_FILE": "{root}/.coverage.{env_name}"},
    matrix=[{"python": ["3.11", "3.12"], "tomli": ["1", "2"]}],
    tags=["ci"],
)
def test(session: Session, tomli: str) -> None:
    """Run the tests."""
    session.log("Python %s with tomli %s", session.python, tomli)
    session.run("pytest", *session.posargs)


@test.script
def cov(session: Session) -> None:
    """Run the tests and show what they do not reach."""
    session.run("coverage", "run", "--source=measures", "-m", "pytest", *session.posargs)
    session.run("coverage", "report", "--show-missing")


lint = env(
    "lint",
    detached=True,
    description="Check style and format",
    dependencies=["ruff>=0.8"],
    default_script="check",
    scripts={"check": {"run": ["ruff check src tests", "ruff format --check src tests"], "tags": ["ci", "quick"]}},
)


@lint.script
def fix(session: Session) -> None:
    """Mend what can be mended."""
    paths = session.posargs or ["src", "tests"]
    session.run("ruff", "check", "--fix", *paths)
    session.run("ruff", "format", *paths)
