"""What type checkers find in an envfile before it is run: each line says what is wrong with it."""

from envtasks import Session, env, options, param, parametrize, script

options.sessions = "lint"  # error: [assignment]
options.alias = {}  # error: [attr-defined]


@env(pyhton="3.12")  # error: [call-overload]
def misspelt(session: Session) -> None: ...


@env(dependencies="pytest")  # fine: a text is a sequence of texts, and only the reader can tell
def text(session: Session) -> None: ...


@env(detached="yes")  # error: [call-overload]
def flag(session: Session) -> None: ...


@env(env_vars={"A": 1})  # error: [dict-item]
def number(session: Session) -> None: ...


@env(python=3.12)  # error: [call-overload]
def version(session: Session) -> None: ...


@env(scripts={"a": 3})  # error: [dict-item]
def numbered(session: Session) -> None: ...


@script("default", timeout="3")  # error: [arg-type]
def slow(session: Session) -> None: ...


@parametrize(3, [1])  # error: [arg-type]
def points(session: Session) -> None: ...


param(1, tag="slow")  # error: [call-arg]


@env
def task(session: Session) -> None:
    session.runs("a")  # error: [attr-defined]
    session.run("a", shell=True)  # error: [call-overload]
    session.run(["a"])  # error: [call-overload]
    session.run("a", 3)  # error: [call-overload]
    session.run("a", success_codes=3)  # error: [call-overload]
    session.run("a", external="warn")  # error: [call-overload]
    assert session.run("a", silent=True).returncode  # error: [attr-defined]
    session.run("a", silent=True, capture=True).strip()  # error: [union-attr]
    session.run("a").strip()  # error: [union-attr]
    code: int = session.run("a", capture=True).stdout  # error: [assignment]
    session.run_install("a", env=["A=1"])  # error: [call-overload]
    session.install(3)  # error: [arg-type]
    session.install("a", python="3.12")  # error: [call-arg]
    session.notify(3)  # error: [arg-type]
    session.posargs = ["a"]  # error: [misc]
    session.name = "a"  # error: [misc]
    session.env["A"] = 1  # error: [assignment]
    session.env_dir + "/x"  # error: [operator]
    session.python.split(".")  # error: [union-attr]
    session.chdir(3)  # error: [arg-type]
    session.skip("now")
    session.log(code)  # error: [unreachable]


task("session")  # error: [arg-type]
task(3, 4)  # error: [call-arg]
