"""Everything that is checked about envtasks, on every Python that it supports."""

from __future__ import annotations

import nox

nox.needs_version = ">=2024.10"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT, max_version="3.13")


def install(session: nox.Session, *groups: str) -> None:
    """Install the project, editable, and these of its dependency groups."""
    requirements = nox.project.dependency_groups(PROJECT, *groups)
    session.install("--editable", ".", *requirements)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests."""
    install(session, "test")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types, of the tests and of this file too."""
    install(session, "dev")
    session.run("mypy", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, and see that its reference tables are up to date."""
    install(session, "docs")
    session.run("python", "docs/generate.py", "--check")
    session.run("mkdocs", "build", "--strict", "--site-dir", session.create_tmp(), *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Count the work of a start; valgrind has to be there."""
    session.install("--editable", ".")
    session.run("python", "bench/startup.py", *session.posargs)
    session.run("python", "bench/tasks.py")


@nox.session
def differential(session: nox.Session) -> None:
    """Compare the environment model with Hatch itself, on thousands of configurations that nobody wrote."""
    install(session, "test")
    session.run("pytest", "tests/differential", *session.posargs, env={"DIFFERENTIAL_EXAMPLES": "20000"})


@nox.session
def fuzz(session: nox.Session) -> None:
    """Feed the tool with what nobody would write."""
    install(session, "test")
    session.run("python", "tests/fuzz/fuzz.py", *(session.posargs or ("--inputs", "100000")))


@nox.session
def trust(session: nox.Session) -> None:
    """Kill runs and let them get in each other's way, hundreds of times, with both installers."""
    install(session, "test")
    session.install("uv")
    session.run("python", "tests/stress/stress.py", *session.posargs)
