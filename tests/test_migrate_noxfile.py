"""From a noxfile to an envfile: the same text in our words, and a list of what was left."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtasks.errors import InvalidDeclarations
from envtasks.migrate.migrated import Migrated
from envtasks.migrate.noxfile import migrate_noxfile

PORTED = {
    "a bare decorator": (
        """
        import nox

        @nox.session
        def lint(session):  # look at the code
            session.install("ruff")
        """,
        """
        from envtasks import env

        @env(detached=True)
        def lint(session):  # look at the code
            session.install("ruff")
        """,
    ),
    "keywords that stay": (
        """
        import nox

        @nox.session(python=["3.11", "3.12"], tags=["ci"], name="unit-tests", default=False, requires=["build-{python}"])
        def tests(session): ...
        """,
        """
        from envtasks import env

        @env(python=["3.11", "3.12"], tags=["ci"], name="unit-tests", default=False, requires=["build-{python}"], detached=True)
        def tests(session): ...
        """,
    ),
    "keywords on lines of their own": (
        """
        import nox

        @nox.session(
            python="3.12",  # the newest
            tags=["ci"],
        )
        def tests(session): ...

        @nox.session(
            python="3.12",
            # slow
            reuse_venv=True,
            allow_parallel=True,
            tags=["ci"],
            venv_params=["--system-site-packages"],
            download_python="never"
        )
        def more(session): ...
        """,
        """
        from envtasks import env

        @env(
            python="3.12",  # the newest
            tags=["ci"],
            detached=True,
        )
        def tests(session): ...

        @env(
            python="3.12",
            # slow
            detached=True,
            tags=["ci"],
            system_packages=True
        )
        def more(session): ...
        """,
    ),
    "keywords that go": (
        """
        import nox

        @nox.session(reuse_venv=True)
        def a(session): ...

        @nox.session(reuse_venv=True, download_python="auto", allow_parallel=False,)
        def b(session): ...

        @nox.session(venv_backend=None)
        def c(session): ...
        """,
        """
        from envtasks import env

        @env(detached=True)
        def a(session): ...

        @env(detached=True,)
        def b(session): ...

        @env(venv_backend=None, detached=True)
        def c(session): ...
        """,
    ),
    "backends": (
        """
        import nox

        nox.options.default_venv_backend = "uv"

        @nox.session(venv_backend="uv")
        def a(session): ...

        @nox.session(venv_backend="none")
        def b(session): ...

        @nox.session(venv_backend="virtualenv")
        def c(session): ...

        @nox.session(venv_backend="uv|venv")
        def d(session): ...
        """,
        """
        from shutil import which
        from envtasks import env, options

        options.installer = "uv"

        @env(venv_backend="uv", detached=True)
        def a(session): ...

        @env(venv_backend="none", detached=True)
        def b(session): ...

        @env(installer="pip", detached=True)
        def c(session): ...

        @env(installer="uv" if which("uv") else "pip", detached=True)
        def d(session): ...
        """,
    ),
    "a program is found with what is there": (
        """
        import shutil
        import nox
        nox.options.default_venv_backend = "uv|virtualenv"
        nox.options.force_venv_backend = "venv"
        """,
        """
        import shutil
        from envtasks import options
        options.installer = "uv" if shutil.which("uv") else "pip"
        options.installer = "pip"
        """,
    ),
    "parametrize": (
        """
        import nox

        @nox.session
        @nox.parametrize("a,b", [nox.param(1, 2, id="x"), (3, 4)])
        @nox.parametrize("c", [5])
        def tests(session, a, b, c): ...
        """,
        """
        from envtasks import env, param, parametrize

        @env(detached=True)
        @parametrize("a,b", [param(1, 2, id="x"), (3, 4)])
        @parametrize("c", [5])
        def tests(session, a, b, c): ...
        """,
    ),
    "settings": (
        """
        import nox
        nox.options.sessions = ["lint"]
        nox.options.sessions += ["tests"]
        nox.options.sessions.append("docs")
        nox.options.envdir = ".cache"
        """,
        """
        from envtasks import options
        options.sessions = ["lint"]
        options.sessions += ["tests"]
        options.sessions.append("docs")
        options.env_dir = ".cache"
        """,
    ),
    "the project": (
        """
        import nox
        PYPROJECT = nox.project.load_toml("pyproject.toml")
        PYTHONS = nox.project.python_versions(PYPROJECT)
        GROUP = nox.project.dependency_groups(PYPROJECT, "test")
        """,
        """
        from envtasks import project
        PYPROJECT = project.load_toml("pyproject.toml")
        PYTHONS = project.python_versions(PYPROJECT)
        GROUP = project.dependency_groups(PYPROJECT, "test")
        """,
    ),
    "another name for nox": (
        """
        import nox as n, os
        n.options.sessions = []
        @n.session
        def tests(session: n.Session): ...
        """,
        """
        import os
        from envtasks import Session, env, options
        options.sessions = []
        @env(detached=True)
        def tests(session: Session): ...
        """,
    ),
    "names of nox": (
        """
        from nox import Session, parametrize, session as task, session
        from nox.sessions import Session
        from nox.project import load_toml as load, python_versions

        @session
        @parametrize("a", [1])
        def tests(session: Session, a: int) -> None:
            session.run("pytest")

        @task(reuse_venv=True)
        def lint(session: Session) -> None: ...
        """,
        """
        from envtasks import Session, env, env as task, parametrize
        from envtasks.project import load_toml as load, python_versions

        @env(detached=True)
        @parametrize("a", [1])
        def tests(session: Session, a: int) -> None:
            session.run("pytest")

        @task(detached=True)
        def lint(session: Session) -> None: ...
        """,
    ),
    "other names for parts of nox": (
        """
        from nox import options as _options, session as _session
        _options.sessions = []
        _options.default_venv_backend = "uv"
        @_session(tags=["a"])
        def tests(session): ...
        """,
        """
        from envtasks import env as _session, options as _options
        _options.sessions = []
        _options.installer = "uv"
        @_session(tags=["a"], detached=True)
        def tests(session): ...
        """,
    ),
    "all names of nox": (
        """
        from nox import *
        options.sessions = ["tests"]
        @session
        def tests(session: Session): ...
        """,
        """
        from envtasks import Session, env, options, param, parametrize, project
        options.sessions = ["tests"]
        @env(detached=True)
        def tests(session: Session): ...
        """,
    ),
    "imports in two places": (
        """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        import nox
        if TYPE_CHECKING:
            from nox import Session
        from nox import Session as S

        @nox.session
        def tests(session: Session): ...
        """,
        """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        from envtasks import env
        if TYPE_CHECKING:
            from envtasks import Session
        from envtasks import Session as S

        @env(detached=True)
        def tests(session: Session): ...
        """,
    ),
    "an import twice": (
        """
        import nox
        import nox.project
        from nox import options
        options.sessions = [nox.project.load_toml()["x"]]
        """,
        """
        from envtasks import project
        from envtasks import options
        options.sessions = [project.load_toml()["x"]]
        """,
    ),
    "quoted annotations": (
        """
        import nox
        from collections.abc import Callable

        later: "nox.Session | None" = None

        def run(session: "nox.Session", then: Callable[["nox.Session"], None], text: "not Python") -> "nox.Session":
            return session
        """,
        """
        from envtasks import Session
        from collections.abc import Callable

        later: "Session | None" = None

        def run(session: "Session", then: Callable[["Session"], None], text: "not Python") -> "Session":
            return session
        """,
    ),
    "names that mean something else": (
        """
        import nox

        env = {"A": "1"}

        @nox.session
        def tests(session):
            project = nox.project.load_toml()
            options = [nox.options.sessions for options in ()]

        @nox.session
        def lint(session):
            session.log("%s", nox.project.load_toml())
        """,
        """
        import envtasks
        from envtasks import project

        env = {"A": "1"}

        @envtasks.env(detached=True)
        def tests(session):
            project = envtasks.project.load_toml()
            options = [envtasks.options.sessions for options in ()]

        @envtasks.env(detached=True)
        def lint(session):
            session.log("%s", project.load_toml())
        """,
    ),
    "a name of nox that cannot be changed": (
        """
        from nox import session

        env = {}

        @session(python="3.12")
        def tests(session): ...
        """,
        """
        from envtasks import env as session

        env = {}

        @session(python="3.12", detached=True)
        def tests(session): ...
        """,
    ),
    "what is no nox": (
        """
        import nox

        def unrelated(nox):
            return nox.session, [nox.param for nox in ()], lambda nox: nox.options

        class Nox:
            nox = None
        text = "nox.session"
        other.nox.session()
        """,
        """

        def unrelated(nox):
            return nox.session, [nox.param for nox in ()], lambda nox: nox.options

        class Nox:
            nox = None
        text = "nox.session"
        other.nox.session()
        """,
    ),
    "sessions in a loop": (
        """
        import functools
        import nox

        for name in ("a", "b"):
            @nox.session(name=name)
            def task(session, name=name): ...

        def plain(session): ...

        nox.session(python=False)(plain)
        nox.session(functools.partial(plain), name="partial")
        nox.session((plain))
        quick = functools.partial(nox.session, reuse_venv=True, tags=["quick"])
        """,
        """
        import functools
        from envtasks import env

        for name in ("a", "b"):
            @env(name=name, detached=True)
            def task(session, name=name): ...

        def plain(session): ...

        env(python=False, detached=True)(plain)
        env(functools.partial(plain), name="partial", detached=True)
        env((plain), detached=True)
        quick = functools.partial(env, detached=True, tags=["quick"])
        """,
    ),
    "a function that makes sessions": (
        """
        import nox

        def session(default=True, **kwargs):
            def make(function):
                return nox.session(python="3.12", **kwargs)(function)
            return make

        @session(reuse_venv=True, tags=["a"])
        def a(session): ...

        @session(reuse_venv=True, allow_parallel=True)
        def b(session): ...
        """,
        """
        from envtasks import env

        def session(default=True, **kwargs):
            def make(function):
                return env(python="3.12", **kwargs, detached=True)(function)
            return make

        @session(tags=["a"])
        def a(session): ...

        @session()
        def b(session): ...
        """,
    ),
    "tables of keywords": (
        """
        import nox

        SHARED = {
            "reuse_venv": (True),
            "python": ("3.12"),
            "venv_params": ["--system-site-packages"],
        }
        MORE = dict(tags=["a"], venv_backend="venv", reuse_venv=True)

        @nox.session(**SHARED)
        def a(session): ...

        @nox.session(**SHARED, name="c")
        @nox.session(**MORE)
        def b(session): ...
        """,
        """
        from envtasks import env

        SHARED = {
            "python": ("3.12"),
            "system_packages": True,
        }
        MORE = dict(tags=["a"], installer="pip")

        @env(**SHARED, detached=True)
        def a(session): ...

        @env(**SHARED, name="c", detached=True)
        @env(**MORE, detached=True)
        def b(session): ...
        """,
    ),
    "conditions": (
        """
        import os
        import nox

        if "CI" in os.environ:
            nox.options.sessions = ["tests"]
            nox.options.error_on_missing_interpreters = True
        else:
            nox.options.stop_on_first_error = True
        if os.name == "nt": nox.options.reuse_venv = "yes"
        """,
        """
        import os
        from envtasks import options

        if "CI" in os.environ:
            options.sessions = ["tests"]
        else:
            pass
        if os.name == "nt": pass
        """,
    ),
    "a session without an environment": (
        """
        import nox
        from nox.virtualenv import PassthroughEnv as Plain

        def install(session):
            if isinstance(session.virtualenv, nox.virtualenv.PassthroughEnv):
                return
            print(not isinstance(session.virtualenv, nox.virtualenv.PassthroughEnv))
        """,
        """
        from nox.virtualenv import PassthroughEnv as Plain

        def install(session):
            if session.venv_backend == "none":
                return
            print(not (session.venv_backend == "none"))
        """,
    ),
    "a script": (
        """
        #!/usr/bin/env -S uv run --script

        # Some licence.

        # /// script
        # dependencies = ["nox>=2025.2.9", "packaging"]
        # ///

        import nox

        @nox.session
        def tests(session): ...


        if __name__ == "__main__":
            nox.main()
        """,
        """
        # Some licence.

        from envtasks import env

        @env(detached=True)
        def tests(session): ...
        """,
    ),
    "other characters": (
        """
        import nox

        @nox.session(name="prüfen · 🙄", reuse_venv=True)  # größer
        def tests(session: "nox.Session"): "ä"; nox.options.sessions = ["ü"]; ...
        """,
        """
        from envtasks import Session, env, options

        @env(name="prüfen · 🙄", detached=True)  # größer
        def tests(session: "Session"): "ä"; options.sessions = ["ü"]; ...
        """,
    ),
    "an envfile": (
        """
        from envtasks import env

        @env
        def tests(session): ...
        """,
        """
        from envtasks import env

        @env
        def tests(session): ...
        """,
    ),
}


def migrated(text: str) -> Migrated:
    return migrate_noxfile("noxfile.py", dedent(text).lstrip("\n"))


@pytest.mark.parametrize(("before", "after"), PORTED.values(), ids=list(PORTED))
def test_the_text_stays_but_for_the_words(before: str, after: str) -> None:
    ported = migrated(before).text
    assert ported == dedent(after).strip("\n") + "\n"
    compile(ported, "envfile.py", "exec")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\f\n"])
def test_lines_end_in_any_way(end: str) -> None:
    lines = ("x = 'ä'", "import nox", "@nox.session", "def tests(session: nox.Session): ...", "")
    ported = migrate_noxfile("noxfile.py", end.join(lines)).text
    expected = (
        "x = 'ä'",
        "from envtasks import Session, env",
        "@env(detached=True)",
        "def tests(session: Session): ...",
    )
    assert [line for line in ported.split("\n") if line.strip()] == list(expected)


LEFT = {
    "nothing": ("import nox\n@nox.session\ndef tests(session): session.run('true')", []),
    "keywords": (
        """
        import nox
        @nox.session(reuse_venv=True,
                     download_python="auto")
        def tests(session): ...
        """,
        [
            (2, "'reuse_venv'", "environments are used again"),
            (3, "'download_python'", "missing Pythons are installed"),
        ],
    ),
    "parameters of environments": (
        """
        import nox
        @nox.session(venv_params=["--system-site-packages", "--seeder=x"])
        def a(session): ...
        @nox.session(venv_params=PARAMS)
        def b(session): ...
        """,
        [
            (2, """'venv_params' ["--system-site-packages", "--seeder=x"]""", "only --system-site-packages"),
            (4, "'venv_params' PARAMS", "only --system-site-packages"),
        ],
    ),
    "backends": (
        """
        import nox
        nox.options.default_venv_backend = "conda|virtualenv"
        nox.options.force_venv_backend = CHOICE
        @nox.session(venv_backend="mamba")
        def a(session): session.conda_install("x")
        @nox.session(venv_backend=BACKEND)
        def b(session): ...
        """,
        [
            (2, """'nox.options.default_venv_backend' "conda|virtualenv\"""", 'options.installer is "pip" or "uv"'),
            (3, "'nox.options.force_venv_backend' CHOICE", 'options.installer is "pip" or "uv"'),
            (4, "'venv_backend' 'mamba'", "there are virtual environments only"),
            (5, "'session.conda_install'", "environments here are virtual ones"),
            (6, "'venv_backend' is worked out", "it may come to 'uv', 'virtualenv', 'venv' or 'none'"),
        ],
    ),
    "settings": (
        """
        import nox
        nox.needs_version = ">=2024.4.15"
        nox.options.reuse_existing_virtualenvs = True
        nox.options.error_on_external_run: bool = True
        nox.options.tags = ["ci"]
        nox.options.nothing = 1
        print(nox.options.pythons, nox.options)
        """,
        [
            (2, "'nox.needs_version'", "options.requires_envtasks"),
            (3, "'nox.options.reuse_existing_virtualenvs'", "environments are used again"),
            (4, "'nox.options.error_on_external_run'", 'pass external="error"'),
            (5, "'nox.options.tags'", "give -t"),
            (6, "'nox.options.nothing'", "say it on the command line"),
            (7, "'nox.options.pythons' is looked at", "options.sessions says what runs"),
            (7, "'nox.options' as a whole", "set each of them"),
        ],
    ),
    "what starts nox": (
        """
        #!/usr/bin/env nox
        # /// script
        # dependencies = ["nox"]
        # ///
        import nox
        if __name__ == "__main__":
            nox.main()
        """,
        [
            (1, "the line '#!/usr/bin/env nox'", "run it with the command `envtasks`"),
            (2, "the block of script metadata", "run it with the command `envtasks`"),
            (7, "'nox.main()'", "run it with the command `envtasks`"),
        ],
    ),
    "what a script needs": (
        '# /// script\n# dependencies = ["nox", "tomlkit", "rich>=1"]\n# ///\n',
        [(1, "the block of script metadata", "install tomlkit, rich>=1 where envtasks is installed")],
    ),
    "parts without a counterpart": (
        """
        import nox
        from nox.logger import logger
        nox.registry.get()
        try: ...
        except nox.command.CommandFailed: ...
        """,
        [
            (2, "'nox.logger.logger'", "it has no counterpart; nox is still imported for it"),
            (3, "'nox.registry.get'", "it has no counterpart; nox is still imported for it"),
        ],
    ),
    "declarations that are made": (
        """
        import nox
        decorate = nox.session
        @nox.session(**OPTIONS)
        def tests(session): ...
        """,
        [
            (2, "'nox.session' is passed on", "say detached=True where it is called"),
            (3, "'**OPTIONS' is passed on", "take out of them what env does not know: reuse_venv"),
        ],
    ),
    "extensions": (
        """
        import nox_uv
        from nox_poetry import session
        from toolbox.nox.tasks import *
        """,
        [
            (1, "'nox_uv' extends nox", "declare it with env"),
            (2, "'nox_poetry' extends nox", "declare it with env"),
            (3, "'toolbox.nox.tasks' extends nox", "declare it with env"),
        ],
    ),
    "parameters": (
        """
        import nox
        @nox.session
        @nox.parametrize(["a", "b"], [(1, 2)])
        @nox.parametrize("c, d", [(1, 2)])
        def tests(session, a, b, c, d, fast=False, *, e=1): ...
        @nox.session
        @nox.parametrize(NAMES, VALUES)
        def more(session, z): ...
        @nox.session
        @wrapped
        def wrapped(session, z): ...
        @nox.session(name="a")
        @nox.session(name="b")
        def both(session, a=1): ...
        def helper(session, x): ...
        """,
        [
            (5, "the parameter 'fast' of 'tests'", "it becomes an argument of the task: envtasks -s tests -- ..."),
            (5, "the parameter 'e' of 'tests'", "it becomes an argument of the task: envtasks -s tests -- ..."),
            (14, "the parameter 'a' of 'both'", "it becomes an argument of the task: envtasks -s both -- ..."),
        ],
    ),
    "what a session is asked": (
        """
        import nox
        def one(session):
            session._runner.global_config
            session.virtualenv.reused
            session.virtualenv.location
            session.brew()
        def two(s: "nox.Session"):
            s.brew()
            other.brew()
        """,
        [
            (3, "'session._runner'", "the insides of nox"),
            (4, "'session.virtualenv.reused'", "it has location, bin, venv_backend, "),
            (6, "'session.brew'", "a session has no such member here"),
            (8, "'session.brew'", "a session has no such member here"),
        ],
    ),
    "sessions of any name": (
        """
        import nox
        from nox import Session as S
        @nox.session
        def a(s):
            s.conda_install()
            s.nope()
            s.chdir("x")
            open("y")
        def b(x): x.nope()
        nox.session(b, name="b")
        def c(path, x: S): x.nope(path.nope())
        def d(x): x.nope()
        """,
        [
            (5, "'session.conda_install'", "environments here are virtual ones"),
            (6, "'session.nope'", "a session has no such member here"),
            (7, "'session.chdir'", "it moves the programs that are run"),
            (9, "'session.nope'", "a session has no such member here"),
            (11, "'session.nope'", "a session has no such member here"),
        ],
    ),
    "names of variants": (
        """
        import nox
        @nox.session(python=["3.11", "3.12"])
        def a(session): session.log(session.name)
        @nox.session
        @nox.parametrize("x", [1, 2])
        def b(s: nox.Session, x): s.log(s.name)
        @nox.session(python="3.12", tags=["x"])
        def c(session): session.log(session.name)
        @nox.session
        def d(session): session.log(session.name)
        """,
        [
            (3, "'session.name'", "names of variants are written otherwise here"),
            (6, "'session.name'", "names of variants are written otherwise here"),
        ],
    ),
    "another directory": (
        """
        def moved(session):
            session.chdir("docs")
            shutil.rmtree("_build")
        def moves_only(session):
            with session.cd("docs"):
                session.run("make", os.environ.get("X"), os.getenv("Y"))
        def also_moved(session):
            with session.cd("docs"):
                print(Path("x"), os.path.exists("_build"))
        """,
        [
            (2, "'session.chdir'", "it moves the programs that are run"),
            (8, "'session.cd'", "it moves the programs that are run"),
        ],
    ),
    "texts": (
        '''
        """Not noxfile.py nor .nox."""
        def f(session):
            """Nor NOXSESSION."""
            session.run("black", "noxfile.py", "src")
            session.run("coverage", "combine", f".nox/{x}/tmp")
            session.run("nox", "-s", "lint")
            session.run("python", "-m", "nox")
            session.install("nox")
            os.environ["NOXSESSION"] or os.environ["NOX_CURRENT_SESSION"]
        ''',
        [
            (4, "the text 'noxfile.py' speaks of 'noxfile'", "is envfile.py meant?"),
            (5, "the text '.nox/' speaks of '.nox'", "environments lie in .envtasks/envs"),
            (6, "a command runs 'nox'", "let it run envtasks"),
            (7, "a command runs 'nox'", "let it run envtasks"),
            (9, "the text 'NOXSESSION' speaks of 'NOXSESSION'", "from-nox"),
            (9, "the text 'NOX_CURRENT_SESSION' speaks of 'NOX_CURRENT_SESSION'", "from-nox"),
        ],
    ),
}


@pytest.mark.parametrize(("text", "left"), LEFT.values(), ids=list(LEFT))
def test_what_is_left_is_told(text: str, left: list[tuple[int, str, str]]) -> None:
    told = migrated(text).left
    assert [(one.line, one.what) for one in told] == [(line, what) for line, what, _ in left]
    for one, (_, _, hint) in zip(told, left, strict=True):
        assert hint in one.hint


@pytest.mark.parametrize(
    ("statement", "fate", "text"),
    [
        ("nox.needs_version = '2025'", "left out", "needs_version"),
        ("print(nox.needs_version)", "stays", "needs_version"),
        ("nox.options.reuse_venv = 'yes'", "left out", "reuse_venv"),
        ("print(nox.options.reuse_venv)", "stays", "reuse_venv"),
        ("nox.main()", "left out", "main"),
        ("x = nox.main()", "stays", "main"),
        ("nox.session(f, venv_params=['--x'])", "left out", "venv_params"),
        ("nox.session(f, venv_params=['--x', '--system-site-packages'])", "changed", "system_packages"),
        ("nox.session(f, venv_backend='conda')", "left out", "venv_backend"),
        ("nox.session(f, venv_backend=B)", "stays", "venv_backend"),
    ],
)
def test_what_became_of_it_is_told(statement: str, fate: str, text: str) -> None:
    result = migrated(f"import nox\n{statement}\n")
    assert [one.fate for one in result.left] == [fate]
    assert (text in result.text) == (fate != "left out")


def test_files_that_use_nox_as_well_are_told(tmp_path: Path) -> None:
    (tmp_path / "tools" / "deep").mkdir(parents=True)
    (tmp_path / "tools" / "sessions.py").write_text("import os\nfrom nox import session\n", encoding="utf-8")
    (tmp_path / "tools" / "other.py").write_text("import os  # no import nox\n", encoding="utf-8")
    (tmp_path / "tools" / "deep" / "__init__.py").write_text("def f():\n    import nox\n", encoding="utf-8")
    (tmp_path / "broken.py").write_bytes(b"\xff")
    (tmp_path / "nox_tools").mkdir()
    text = "import nox, broken\nfrom tools import other, sessions\nimport tools.deep\nfrom . import tools\nimport nox_tools.x\n"
    told = migrate_noxfile(str(tmp_path / "noxfile.py"), text).left
    assert [(one.line, one.what) for one in told] == [
        (2, "'tools.sessions' uses nox as well"),
        (3, "'tools.deep' uses nox as well"),
    ]
    assert told[0].hint == "port it too: envtasks migrate tools/sessions.py -o ANOTHER.py"


def test_parts_without_a_counterpart_are_still_imported() -> None:
    text = "import nox\nnox.logger.setup()\nnox.options.sessions = []\n"
    assert (
        migrated(text).text == "import nox\nfrom envtasks import options\nnox.logger.setup()\noptions.sessions = []\n"
    )


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("def", "not Python: invalid syntax", 1),
        ("x = 1\n(", "not Python: '(' was never closed", 2),
        ("\0", "not Py", None),
    ],
)
def test_what_is_no_python_is_told(text: str, message: str, line: int | None) -> None:
    with pytest.raises(InvalidDeclarations) as raised:
        migrate_noxfile("noxfile.py", text)
    (mistake,) = raised.value.mistakes
    assert mistake.message.startswith(message)
    assert mistake.where.line == line


KEPT = ('python="3.12"', 'tags=["a", "b"]', "default=False", "**MORE")
GONE = ("reuse_venv=True", 'download_python="auto"', "allow_parallel=(1, 2)")


@given(
    keywords=st.permutations((*KEPT, *GONE)).flatmap(
        lambda order: st.integers(0, len(order)).map(lambda count: order[:count])
    ),
    breaks=st.lists(
        st.sampled_from([" ", "", "\n    ", "  # why {}\n    ", "\n\n    # why {}\n    "]), min_size=9, max_size=9
    ),
    comma=st.booleans(),
)
def test_keywords_go_and_stay_in_any_layout(keywords: list[str], breaks: list[str], comma: bool) -> None:
    spaces = [space.format(index) for index, space in enumerate(breaks)]
    written = "".join(f"{keyword},{space}" for keyword, space in zip(keywords, spaces, strict=False))
    if not comma and written:
        written = written[: written.rindex(",")] + written[written.rindex(",") + 1 :]
    ported = migrated(f"import nox\n@nox.session({spaces[8]}{written})\ndef tests(session): ...\n").text
    (function,) = (node for node in ast.parse(ported).body if isinstance(node, ast.FunctionDef))
    (call,) = function.decorator_list
    assert isinstance(call, ast.Call)
    found = [ast.unparse(keyword).replace("'", '"') for keyword in call.keywords]
    assert [keyword for keyword in found if keyword != "detached=True"] == [one for one in keywords if one in KEPT]
    assert found.count("detached=True") == 1
