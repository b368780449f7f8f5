"""The command on small projects with real environments."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from fakes import tree
from tool import Done, run, started, watched, world

from envtasks.environments.record import MARK

MakeProject = Callable[[Mapping[str, str]], Path]

SHOW = "import json, sys\nprint(json.dumps(sys.argv[1:]))\n"
WHERE = "import os, sys\nprint(os.path.realpath(sys.prefix))\nprint(os.getcwd())\nprint(os.environ.get('MINE'))\n"

TOML = """
sessions = ["lint", "test:fast"]

[envs.default.scripts]
show = "python '{root}/show.py' {args}"
where = { run = "python '{root}/where.py'", cwd = "deep", env-vars = { MINE = "mine" } }
three = ["- exit 1", "exit 3", "exit 0"]
slow = { run = ["sleep 60", "echo never"], timeout = 0.3 }
nowhere = { run = "true", cwd = "not-there" }
build = { run = "echo build", description = "Build it" }
check = { run = "echo check", requires = ["build"] }
broken = { run = "exit 4", requires = ["build"] }
after-broken = { run = "echo never", requires = ["broken"] }

[envs.lint]
detached = true
path = ".envtasks/envs/shared"
description = "Look at the code"
tags = ["quick"]
scripts.run = "echo lint"

[envs.test]
detached = true
path = ".envtasks/envs/shared"
tags = ["ci"]
matrix = [{ django = ["4", "5"] }]

[envs.test.scripts]
fast = { run = "echo fast {matrix:django}", tags = ["quick"] }
run = "echo test {matrix:django} {args:none}"

[envs.elsewhere]
detached = true
platforms = ["windows"]
scripts.run = "echo never"

[envs.gone]
detached = true
python = "99.1"
scripts.run = "echo never"
"""
ENVFILE = '''
"""What we do here."""
from envtasks import env, script

@env(tags=["py"], detached=True)
def task(session):
    """Show the arguments.

    And more.
    """
    session.run("python", "show.py", *session.posargs)

@script("default")
def raising(session):
    raise ZeroDivisionError("by hand")
'''
FILES = {"envtasks.toml": TOML, "envfile.py": ENVFILE, "show.py": SHOW, "where.py": WHERE, "deep/file": ""}


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose environments are made."""
    root = write(tmp_path_factory.mktemp("shared") / "the project", FILES)
    done = run(root, "-s", "build", "lint", "task")
    assert (done.code, len(done.ours)) == (0, 3), done
    return root


def test_list(shared: Path) -> None:
    done = run(shared, "--list")
    assert done == Done(
        0,
        dedent(
            f"""\
            What we do here.

            Sessions defined in {shared}/envtasks.toml, {shared}/envfile.py:

            - default:show
            - default:where
            - default:three
            - default:slow
            - default:nowhere
            - default:build -> Build it
            - default:check
            - default:broken
            - default:after-broken
            - default:raising
            * lint [quick] -> Look at the code
            * test.4:fast [quick]
            - test.4 [ci]
            * test.5:fast [quick]
            - test.5 [ci]
            - elsewhere
            - gone
            - task [py] -> Show the arguments.

            sessions marked with * are selected, sessions marked with - are skipped.
            """
        ),
        "",
    )


def test_list_as_json(shared: Path) -> None:
    done = run(shared, "--list", "--json")
    assert (done.code, done.err) == (0, "")
    sessions = {one["id"]: one for one in json.loads(done.out)}
    assert sessions["test.5:fast"] == {
        "session": "test.5:fast",
        "name": "test:fast",
        "description": "",
        "python": None,
        "tags": ["quick"],
        "call_spec": {"django": "5"},
        "id": "test.5:fast",
        "environment": "test.5",
        "script": "fast",
        "default": False,
        "selected": True,
        "requires": [],
        "signatures": ["test:fast(django='5')"],
        "args": [],
    }


@pytest.mark.parametrize(
    "argv",
    [
        ["--list"],
        ["--list", "--json"],
        ["--dry-run", "-s", "gone", "test", "task"],
        ["--dry-run", "--json", "-s", "check"],
        ["run", "--dry-run", "echo", "a"],
        ["--why"],
        ["--why", "--json", "-s", "check"],
        ["run", "--why", "echo", "a"],
        ["env", "show", "--why"],
        ["env", "show"],
        ["env", "show", "--json"],
        ["--help"],
        ["--version"],
    ],
    ids=" ".join,
)
def test_looking_starts_and_writes_nothing(argv: list[str], project: MakeProject) -> None:
    root = project(FILES)
    before = tree(root)
    done, seen = watched(root, *argv)
    assert (done.code, seen) == (0, [])
    assert {name: text for name, text in tree(root).items() if "__pycache__" not in name} == before


def test_the_second_run_starts_nothing_but_the_command(project: MakeProject) -> None:
    root = project({"envtasks.toml": '[envs.t]\nscripts.run = "echo hello"\n'})
    first, _ = watched(root, "-s", "t")
    assert (first.code, first.out) == (0, "hello\n")
    assert first.ours == ["t: making the environment: there is none yet"]
    before = tree(root)
    second, seen = watched(root, "-s", "t")
    assert (second.code, second.out, second.ours) == (0, "hello\n", [])
    assert [line for line in seen if "/dev/null" not in line] == ["start ['/bin/sh', '-c', 'echo hello']"]
    assert tree(root) == before


@pytest.mark.parametrize(
    ("argv", "out"),
    [
        ([], "lint\nfast 4\nfast 5\n"),
        (["-s", "test"], "test 4 none\ntest 5 none\n"),
        (["-s", "test.5"], "test 5 none\n"),
        (["-s", "test.5:fast"], "fast 5\n"),
        (["-s", "test:fast"], "fast 4\nfast 5\n"),
        (["-s", "test.5", "lint", "test.5"], "test 5 none\nlint\n"),
        (["-s", "lint", "-s", "build"], "lint\nbuild\n"),
        (["-e", "lint"], "lint\n"),
        (["-t", "quick"], "lint\nfast 4\nfast 5\n"),
        (["-t", "quick", "-s", "lint"], "lint\n"),
        (["-s", "check"], "build\ncheck\n"),
        (["-s", "check", "build"], "build\ncheck\n"),
        (["-s", "test.4", "--", "a  b", "c"], "test 4 a  b c\n"),
        (["run", "test:fast"], "fast 4\nfast 5\n"),
        (["run", "build"], "build\n"),
        (["run", "test.4:run", "x", "-v"], "test 4 x -v\n"),
        (["run", "lint:echo", "a  b", "*"], "a  b *\n"),
        (["run", "echo", "{args}"], "{args}\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_runs(argv: list[str], out: str, shared: Path) -> None:
    done = run(shared, *argv)
    assert (done.code, done.out) == (0, out)


HOSTILE = [
    "a b",
    "",
    "'",
    '"',
    'it\'s "both"',
    "$HOME",
    "${HOME}",
    "$(touch pwned)",
    "`touch pwned`",
    "*",
    "?",
    "[a-z]*",
    ";",
    "; touch pwned",
    "&& touch pwned",
    "| cat",
    "> pwned",
    "a\nb",
    "a\tb",
    "\\",
    "\\n",
    "~",
    "#",
    "!",
    "%PATH%",
    "{",
    "}",
    "{}",
    "{root}",
    "{args}",
    "{env:HOME}",
    "{{x}}",
    "--",
    "-x",
    "--list",
    "a=b",
    "ä\N{SNOWMAN}",
    "\N{GRINNING FACE}",
    " leading and trailing ",
    "\x01",
]


@pytest.mark.parametrize("session", ["show", "task"], ids=["toml", "python"])
def test_arguments_arrive_as_they_were_typed(session: str, shared: Path) -> None:
    done = run(shared, "-s", session, "--", *HOSTILE)
    assert done.code == 0, done.err
    assert json.loads(done.out) == HOSTILE
    assert not (shared / "pwned").exists()


def test_arguments_of_run_arrive_as_they_were_typed(shared: Path) -> None:
    assert json.loads(run(shared, "run", "show", *HOSTILE).out) == HOSTILE
    words = ["python", "show.py", *HOSTILE]
    assert json.loads(run(shared, "run", *words).out) == HOSTILE
    assert not (shared / "pwned").exists()


def test_a_script_table(shared: Path) -> None:
    done = run(shared, "-s", "where")
    prefix, cwd, mine = done.out.splitlines()
    assert prefix.startswith(os.path.realpath(shared / ".envtasks" / "envs"))
    assert (os.path.realpath(cwd), mine) == (os.path.realpath(shared / "deep"), "mine")


def test_commands_run_where_the_person_is(shared: Path) -> None:
    assert run(shared / "deep", "run", "pwd").out.rstrip().endswith("/deep")
    assert run(shared.parent, "-C", str(shared), "run", "pwd").out.rstrip().endswith("/the project")


ENDS: dict[str, tuple[list[str], int, str]] = {
    "three": (["-s", "three"], 1, "default:three: failed after TIME: exit code 3 from: exit 3"),
    "run-three": (["run", "three"], 3, "default:three: failed after TIME: exit code 3 from: exit 3"),
    "slow": (["-s", "slow"], 1, "default:slow: failed after TIME: sleep 60: ran longer than 0.3 seconds"),
    "nowhere": (
        ["-s", "nowhere"],
        1,
        "default:nowhere: failed after TIME: true: cannot run in 'ROOT/not-there': No such file or directory",
    ),
    "elsewhere": (["-s", "elsewhere"], 1, "elsewhere: skipped: is for windows, and this is PLATFORM"),
    "raising": (["-s", "raising"], 1, "default:raising: failed after TIME: ZeroDivisionError: by hand"),
    "run-not-found": (["run", "no-such-program-here"], 127, "exit code 127 from: no-such-program-here"),
}


@pytest.mark.parametrize("case", ENDS)
def test_what_did_not_pass(case: str, shared: Path) -> None:
    argv, code, line = ENDS[case]
    done = run(shared, *argv, variables=world(ENVTASKS_PLATFORM_OVERRIDE="linux"))
    pattern = line.replace("ROOT", str(shared)).replace("PLATFORM", "linux")
    before, _, after = pattern.partition("TIME")
    assert done.code == code
    assert "never" not in done.out
    assert any((one.startswith(before) and one.endswith(after)) or pattern in one for one in done.err.splitlines())


def test_an_error_of_a_task_shows_its_own_frames_only(shared: Path) -> None:
    done = run(shared, "-s", "raising")
    assert 'raise ZeroDivisionError("by hand")' in done.err
    assert os.path.join("envtasks", "run") not in done.err


def outcomes(done: Done) -> list[tuple[str, str]]:
    """The lines of the summary: outcome and session."""
    lines = (line.split() for line in done.err.splitlines() if line.startswith("  "))
    return [(words[0], words[1]) for words in lines]


def test_what_requires_a_session_that_failed_is_cancelled(shared: Path) -> None:
    done = run(shared, "-s", "after-broken", "lint")
    assert done.code == 1
    assert outcomes(done) == [
        ("passed", "default:build"),
        ("failed", "default:broken"),
        ("cancelled", "default:after-broken"),
        ("passed", "lint"),
    ]
    assert "default:after-broken: cancelled: it requires 'default:broken', which failed" in done.err


def test_stop_on_the_first(shared: Path) -> None:
    done = run(shared, "-x", "-s", "three", "lint", "build")
    assert done.code == 1
    assert [outcome for outcome, _ in outcomes(done)] == ["failed", "cancelled", "cancelled"]


def test_without_it_the_others_still_run(shared: Path) -> None:
    done = run(shared, "-s", "three", "lint")
    assert done.code == 1
    assert [outcome for outcome, _ in outcomes(done)] == ["failed", "passed"]


MISSING: list[tuple[dict[str, str], list[str], int, str]] = [
    ({}, [], 1, "skipped"),
    ({"CI": "1"}, [], 3, "broken"),
    ({"CI": ""}, [], 1, "skipped"),
    ({}, ["--error-on-missing-interpreters"], 3, "broken"),
    ({"CI": "1"}, ["--no-error-on-missing-interpreters"], 1, "skipped"),
    ({"ENVTASKS_ERROR_ON_MISSING_INTERPRETERS": "1"}, [], 3, "broken"),
]


@pytest.mark.parametrize(("variables", "flags", "code", "outcome"), MISSING)
def test_a_missing_interpreter(
    variables: dict[str, str], flags: list[str], code: int, outcome: str, shared: Path
) -> None:
    done = run(shared, *flags, "-s", "gone", variables=world(**variables))
    assert (done.code, done.out) == (code, "")
    assert f"gone: {outcome}: no Python for '99.1'" in done.err


def test_a_skipped_session_beside_one_that_passed(shared: Path) -> None:
    done = run(shared, "-s", "gone", "lint")
    assert done.code == 0
    assert outcomes(done) == [("skipped", "gone"), ("passed", "lint")]


def test_env_show(shared: Path) -> None:
    done = run(shared, "env", "show", "test", "--json")
    environments = json.loads(done.out)["environments"]
    assert [one["name"] for one in environments] == ["test.4", "test.5"]
    assert environments[1]["scripts"]["run"] == ["echo test 5 none"]
    text = run(shared, "env", "show", "--ascii")
    assert text.code == 0
    assert "Standalone" in text.out
    assert "Matrices" in text.out


def test_colours_are_for_those_who_ask(shared: Path) -> None:
    plain = run(shared, "-s", "lint")
    coloured = run(shared, "--color", "always", "-s", "lint")
    assert "\x1b[" not in plain.err
    assert "\x1b[" in coloured.err
    assert coloured.out == "lint\n"


def test_quiet(shared: Path) -> None:
    assert run(shared, "-q", "-s", "lint") == Done(0, "lint\n", "")


def empty(path: Path) -> None:
    path.unlink()
    path.write_text("", encoding="utf-8")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


def emptied(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no-pyvenv-cfg": (lambda env: (env / "pyvenv.cfg").unlink(), "its pyvenv.cfg is gone"),
    "no-python": (lambda env: (env / "bin" / "python").unlink(), "its Python is gone"),
    "empty-python": (lambda env: empty(env / "bin" / "python"), "its Python was replaced"),
    "truncated-record": (lambda env: truncate(env / MARK), "its making was not finished"),
    "emptied": (emptied, "there is none yet"),
    "gone": (shutil.rmtree, "there is none yet"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_a_damaged_environment_is_made_anew(case: str, shared: Path) -> None:
    damage, reason = DAMAGES[case]
    damage(shared / ".envtasks" / "envs" / "shared")
    done = run(shared, "run", "lint:python", "where.py")
    assert done.code == 0
    assert done.out.splitlines()[0] == os.path.realpath(shared / ".envtasks" / "envs" / "shared")
    assert done.ours == [f"lint: making the environment: {reason}"]


def foreign(root: Path) -> Path:
    (root / "src").mkdir()
    (root / "src" / "mine.py").write_text("mine", encoding="utf-8")
    return root / "src"


def linked(root: Path) -> Path:
    (root / "kept").mkdir()
    (root / "kept" / "mine.py").write_text("mine", encoding="utf-8")
    (root / "link").symlink_to("kept")
    return root / "link"


def a_file(root: Path) -> Path:
    (root / "file").write_text("mine", encoding="utf-8")
    return root / "file"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (foreign, "it holds files that envtasks did not make"),
        (linked, "it is a symbolic link"),
        (a_file, "it is not a directory"),
        (lambda root: root, "the project is in it"),
        (lambda root: root.parent, "the project is in it"),
    ],
    ids=["foreign", "link", "file", "root", "above"],
)
def test_a_place_that_is_not_ours_is_refused_and_untouched(
    make: Callable[[Path], Path], reason: str, project: MakeProject
) -> None:
    root = project({"envtasks.toml": ""})
    path = make(root)
    (root / "envtasks.toml").write_text(f'[envs.t]\npath = {json.dumps(str(path))}\nscripts.run = "echo never"\n')
    before = tree(root)
    done = run(root, "-s", "t")
    assert (done.code, done.out) == (3, "")
    assert f"'{path}' cannot be used for an environment: {reason}" in done.err
    assert tree(root) == before


@pytest.mark.real
def test_a_changed_declaration_is_acted_upon(project: MakeProject, index_variables: dict[str, str]) -> None:
    root = project({})
    listing = "python -c 'import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))'"
    text = f'[envs.t]\ndependencies = [DEPENDENCIES]\nscripts.run = "{listing}"\n'
    steps = [
        ('"iniconfig"', "there is none yet", "iniconfig\n"),
        ('"iniconfig", "pluggy"', "dependencies changed (+ pluggy)", "iniconfig pluggy\n"),
        ('"pluggy"', "dependencies changed (- iniconfig)", "pluggy\n"),
    ]
    for dependencies, reason, out in steps:
        (root / "envtasks.toml").write_text(text.replace("DEPENDENCIES", dependencies), encoding="utf-8")
        done = run(root, "-s", "t", variables=world(**index_variables))
        assert (done.code, done.out) == (0, out), done.err
        doing = "updating" if "changed" in reason else "making"
        assert done.ours == [f"t: {doing} the environment: {reason}"]


def test_another_python_is_acted_upon(project: MakeProject) -> None:
    root = project({"envtasks.toml": '[envs.t]\nscripts.run = "echo t"\n'})
    assert run(root, "-s", "t").code == 0
    (root / "envtasks.toml").write_text('[envs.t]\npython = "self"\nscripts.run = "echo t"\n', encoding="utf-8")
    done = run(root, "-s", "t")
    assert (done.code, done.out) == (0, "t\n")
    assert done.ours == ["t: making the environment: Python changed (from any to self)"]


def test_environments_may_be_only_made_or_only_used(project: MakeProject) -> None:
    root = project({"envtasks.toml": '[envs.t]\nscripts.run = "echo ran"\n'})
    made = run(root, "-s", "t", "--install-only")
    assert (made.code, made.out, made.ours) == (0, "", ["t: making the environment: there is none yet"])
    (root / "envtasks.toml").write_text('[envs.t]\npython = "self"\nscripts.run = "echo ran"\n', encoding="utf-8")
    used = run(root, "-s", "t", "-R")
    assert (used.code, used.out, used.ours) == (0, "ran\n", [])


@pytest.mark.real
def test_a_dependency_that_does_not_exist(project: MakeProject, index_variables: dict[str, str]) -> None:
    text = '[envs.t]\ndependencies = ["iniconfig==99999"]\nscripts.run = "echo never"\n'
    root = project({"envtasks.toml": text})
    for reason in ("there is none yet", "its making was not finished"):
        done = run(root, "-s", "t", variables=world(**index_variables))
        assert (done.code, done.out) == (3, "")
        assert "No matching distribution found for iniconfig==99999" in done.err
        assert done.ours == [f"t: making the environment: {reason}"]


#: A build backend that needs nothing: wheels with one module, or with the way to it.
BACKEND = """
import os, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    return wheel(directory, "built.py", open("src/built.py").read())

def build_editable(directory, config_settings=None, metadata_directory=None):
    return wheel(directory, "built.pth", os.path.abspath("src"))

def wheel(directory, member, text):
    name = "built-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        archive.writestr(member, text)
        archive.writestr("built-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: built\\nVersion: 1.0\\n")
        archive.writestr("built-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr("built-1.0.dist-info/RECORD", "")
    return name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "built"
version = "1.0"

[tool.envtasks.envs.t]
dev-mode = DEV
post-install-commands = ["echo after >> log"]
scripts.run = "python -c 'import built; print(built.value)'"
"""


@pytest.mark.parametrize("editable", [True, False], ids=["editable", "wheel"])
def test_the_project_is_installed_and_kept_true(editable: bool, project: MakeProject) -> None:
    text = PYPROJECT.replace("DEV", str(editable).lower())
    root = project({"backend.py": BACKEND, "pyproject.toml": text, "src/built.py": "value = 1\n"})
    first = run(root, "-s", "t")
    assert (first.code, first.out) == (0, "1\n"), first.err
    (root / "src" / "built.py").write_text("value = 22\n", encoding="utf-8")
    changed = run(root, "-s", "t")
    assert (changed.code, changed.out) == (0, "22\n"), changed.err
    assert changed.ours == ([] if editable else ["t: updating the environment: 'sources' changed"])
    if editable:
        (root / "pyproject.toml").write_text(text.replace('"1.0"', '"1.1"'), encoding="utf-8")
        assert run(root, "-s", "t").ours == ["t: updating the environment: the project changed"]
    assert (root / "log").read_text(encoding="utf-8") == "after\nafter\n"


def test_an_environment_at_a_path_litters_nothing_beside_it(project: MakeProject) -> None:
    pyproject = PYPROJECT.replace("DEV", 'true\npath = "tools/venv"')
    files = {"backend.py": BACKEND, "pyproject.toml": pyproject, "src/built.py": "value = 1\n", "tools/mine.py": ""}
    root = project(files)
    first = run(root, "-s", "t")
    assert first.code == 0, first.err
    assert sorted(os.listdir(root / "tools")) == ["mine.py", "venv"]
    assert sorted(os.listdir(root / ".envtasks" / "envs")) == [
        ".gitignore",
        ".locks",
        ".pip",
        ".wheels",
        "envtasks-build",
    ]


def test_environments_inside_the_project_are_none_of_its_sources(project: MakeProject) -> None:
    settings = '[tool.envtasks]\nenv-dir = "envs"\n\n'
    other = '\n[tool.envtasks.envs.other]\ndetached = true\nscripts.run = "echo data > .coverage"\n'
    built = PYPROJECT.replace("DEV", "false").replace("echo after >> log", "echo after")
    pyproject = settings + built + other
    root = project({"backend.py": BACKEND, "pyproject.toml": pyproject, "src/built.py": "value = 1\n"})
    for session in ("t", "other", "t"):
        done = run(root, "-s", session)
        assert done.code == 0, done.err
    assert done.ours == []


def test_a_task_installs_more(project: MakeProject) -> None:
    envfile = """
        from envtasks import env

        @env(skip_install=True)
        def task(session):
            session.install(".")
            session.run("python", "-c", "import built; print(built.value)")
    """
    pyproject = PYPROJECT.partition("[tool")[0]
    root = project(
        {"backend.py": BACKEND, "pyproject.toml": pyproject, "src/built.py": "value = 1\n", "envfile.py": envfile}
    )
    done = run(root, "-s", "task")
    assert (done.code, done.out) == (0, "1\n"), done.err
    (root / "backend.py").write_text("raise ValueError('no backend today')", encoding="utf-8")
    done = run(root, "-s", "task")
    assert (done.code, done.out) == (3, "")
    assert "no backend today" in done.err


def test_nothing_is_installed_outside(project: MakeProject) -> None:
    """Files of the project do not stand in the way of our own programs."""
    names = ("random.py", "pip.py", "virtualenv.py", "site.py", "filelock.py", "sitecustomize.py")
    traps = dict.fromkeys(names, "raise SystemExit('led astray')\n")
    text = f'[envs.t]\npython = "{sys.executable}"\nscripts.run = "echo fine"\n'
    root = project({**traps, "envtasks.toml": text})
    assert run(root, "-s", "t")[:2] == (0, "fine\n")


def test_several_runs_at_once(project: MakeProject) -> None:
    root = project({"envtasks.toml": "[envs.t]\nscripts.run = \"python -c 'print(1)'\"\n"})
    several = [started(root, "-s", "t") for _ in range(3)]
    ended = [(one.communicate(timeout=180)[0], one.returncode) for one in several]
    assert ended == [(b"1\n", 0)] * 3


def test_why_an_environment_will_be_touched(project: MakeProject) -> None:
    root = project({"envtasks.toml": '[envs.t]\nscripts.t = "true"\n[envs.u]\nenv-vars.A = "{env:NOT_SET}"\n'})
    assert run(root, "-s", "t", "--why").out == "t  make anew: there is none yet\n"
    assert run(root, "-s", "t").code == 0
    assert run(root, "run", "--why", "-e", "t", "t").out == "t  in sync\n"
    (root / "envtasks.toml").write_text(
        '[envs.t]\ndependencies = ["a"]\nscripts.t = "true"\n[envs.u]\nenv-vars.A = "{env:NOT_SET}"\n'
    )
    done = run(root, "env", "show", "--why", "--json", "t")
    assert json.loads(done.out) == {
        "t": {"actions": ["install what is missing"], "reason": "dependencies changed (+ a)"}
    }
    done = run(root, "env", "show", "--why")
    assert done.code == 1
    assert done.out.splitlines()[1:] == ["t        install what is missing: dependencies changed (+ a)"]
    assert "u: the environment variable 'NOT_SET' is not set" in done.err


def test_a_task_begins_at_the_root_and_a_command_where_the_person_is(project: MakeProject) -> None:
    root = project(
        {
            "deep/er/file": "",
            "envtasks.toml": '[envs.a]\ntype = "none"\nscripts.here = "pwd"\nscripts.both = ["pwd", "where"]',
            "envfile.py": """
                import os
                from envtasks import script
                @script("a")
                def where(session):
                    print(os.getcwd(), session.run("pwd", external=True, silent=True).strip(), session.invoked_from)
                @script("a", cwd="deep")
                def deep(session):
                    print(os.getcwd())
            """,
        }
    )
    person = root / "deep" / "er"
    assert run(person, "-s", "a:here").out == f"{person}\n"
    assert run(person, "-s", "a:where").out == f"{root} {root} {person}\n"
    assert run(person, "-s", "a:both").out == f"{person}\n{root} {root} {person}\n"
    assert run(person, "-s", "a:deep").out == f"{root / 'deep'}\n"
