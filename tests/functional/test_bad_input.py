"""Declarations that are wrong, in TOML and in Python: what is said about them, and that nothing is run.

Every message names the file, and the key where there is one; none comes with a traceback of ours.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fakes import tree
from tool import Done, run

from envtasks.option_table import TABLE, Option

MakeProject = Callable[[Mapping[str, str]], Path]


class Bad(NamedTuple):
    """One wrong file, and what is said: parts of the message, the key and the line where they are known."""

    file: str
    content: str | bytes
    says: str
    key: str = ""
    line: int = 0


def told(done: Done, bad: Bad) -> None:
    """Check that the mistake is told as all mistakes are."""
    assert done.code == 2, done
    assert done.out == ""
    assert bad.says in done.err
    place = bad.file + (f":{bad.line}" if bad.line else "")
    assert any(line.lstrip().startswith(f"at {place}") and line.endswith(bad.key) for line in done.err.splitlines()), (
        done.err
    )
    assert os.path.join("envtasks", "cli") not in done.err
    assert os.path.join("envtasks", "declare") not in done.err
    if not bad.file.endswith(".py"):
        assert "Traceback" not in done.err
    assert len(done.err.splitlines()) <= 12


def toml(content: str | bytes, says: str, key: str = "", line: int = 0) -> Bad:
    return Bad("envtasks.toml", content, says, key, line)


def envfile(content: str | bytes, says: str, key: str = "", line: int = 0) -> Bad:
    return Bad("envfile.py", content, says, key, line)


DEEP = "x = " + "[" * 5000 + "]" * 5000
BAD: dict[str, Bad] = {
    # Text that is no TOML.
    "binary": toml(b"\x7fELF\x00\x01\x02\xff", "not UTF-8: byte 0xff at offset 7", line=1),
    "latin-1": toml('a = 1\ndescription = "\xe4"\n'.encode("latin-1"), "not UTF-8: byte 0xe4 at offset 21", line=2),
    "utf-16": toml('envs = "x"\n'.encode("utf-16"), "not UTF-8", line=1),
    "nul": toml(b"[envs.a]\n\x00", "not TOML", line=2),
    "half-a-table": toml("[envs.a\n", "not TOML", line=1),
    "no-value": toml("[envs.a]\npython =\n", "not TOML", line=2),
    "open-string": toml('[envs.a]\npython = "3\n', "not TOML", line=2),
    "open-array": toml('[envs.a]\ndependencies = ["a",\n', "not TOML"),
    "key-twice": toml('[envs.a]\npython = "3"\npython = "4"\n', "not TOML", line=3),
    "table-twice": toml("[envs.a]\n[envs.a]\n", "not TOML", line=2),
    "deep": toml(DEEP, "too deep"),
    "huge": toml(b"# " + b"x" * 20_000_000, "larger than"),
    # Wrong shapes and names.
    "setting": toml("sesions = ['a']\n", "did you mean 'sessions'?", "sesions", 1),
    "setting-type": toml("sessions = 'a'\n", "expected an array of strings, found the string 'a'", "sessions", 1),
    "aliases-type": toml("aliases = ['a']\n", "expected a table, found an array", "aliases", 1),
    "alias-type": toml("aliases.a = 'a'\n", "expected an array of strings", "aliases.a", 1),
    "envs-type": toml("envs = 3\n", "expected a table, found the number 3", "envs", 1),
    "env-type": toml("[envs]\na = 'x'\n", "expected a table, found the string 'x'", "envs.a", 2),
    "option": toml("[envs.a]\ndependancies = []\n", "did you mean 'dependencies'?", "envs.a.dependancies", 2),
    "item-type": toml(
        "[envs.a]\ndependencies = [\n  'b',\n  3,\n]\n", 'put it in quotes: "3"', "envs.a.dependencies[1]", 4
    ),
    "requirement": toml("[envs.a]\ndependencies = ['a b c']\n", "not a requirement", "envs.a.dependencies[0]", 2),
    "env-name": toml('[envs."a\\nb"]\n', "an environment cannot be named 'a\\nb'", 'envs."a\\nb"', 1),
    "env-name-empty": toml('[envs.""]\n', "an environment cannot be named ''", 'envs.""', 1),
    "env-var": toml("[envs.a.env-vars]\nA = 1\n", "expected a string, found the number 1", "envs.a.env-vars.A", 2),
    "source": toml("[envs.a]\npython-sources = ['web']\n", "unknown source of Pythons 'web'", "python-sources[0]", 2),
    "feature": Bad(
        "pyproject.toml",
        "[project]\nname = 'p'\n[tool.envtasks.envs.a]\nfeatures = ['none']\n",
        "the project has no feature 'none'",
        "tool.envtasks.envs.a.features[0]",
        4,
    ),
    "group": toml("[envs.a]\ndependency-groups = ['no']\n", "no dependency group 'no'", "dependency-groups[0]"),
    "default-script": toml(
        "[envs.a]\ndefault-script = 'tset'\nscripts.test = ''\n", "did you mean 'test'?", "envs.a.default-script", 2
    ),
    # Circles.
    "template": toml(
        "[envs.a]\ntemplate = 'b'\n[envs.b]\ntemplate = 'a'\n", "templates go in a circle: a -> b -> a", "template"
    ),
    "template-unknown": toml(
        "[envs.test]\n[envs.a]\ntemplate = 'tset'\n", "did you mean 'test'?", "envs.a.template", 3
    ),
    "scripts": toml(
        "[envs.a.scripts]\nx = 'y'\ny = ['z']\nz = 'x'\n", "scripts go in a circle: x -> y -> z -> x", "scripts.x", 2
    ),
    "sessions": toml(
        "sessions = ['lnit']\n[envs.lint.scripts]\nrun = ''\n", "unknown session 'lnit'", "sessions[0]", 1
    ),
    "alias": toml("[aliases]\nround = ['about']\nabout = ['round']\n", "round -> about -> round", "aliases.round", 2),
    "requires": toml(
        "[envs.a.scripts.x]\nrun = ''\nrequires = ['lnit']\n", "unknown session 'lnit'", "scripts.x.requires[0]", 3
    ),
    "installer": toml("installer = 'pi'\n", "did you mean 'pip'?", "installer", 1),
    "platforms": toml("[envs.a]\nplatforms = ['linx']\n", "did you mean 'linux'?", "envs.a.platforms[0]", 2),
    "python-range": toml("[envs.a]\npython = '>=foo'\n", "not a range of versions: '>=foo'", "envs.a.python", 2),
    # Scripts.
    "script-type": toml(
        "[envs.a.scripts]\nx = 3\n", "expected a string, an array of strings or a table", "scripts.x", 2
    ),
    "script-name": toml("[envs.a.scripts]\n'x y' = ''\n", "the name of a script cannot be 'x y'", 'scripts."x y"', 2),
    "script-key": toml(
        "[envs.a.scripts]\nx = { run = '', tag = [] }\n", "did you mean 'tags'?", "envs.a.scripts.x.tag", 2
    ),
    "script-run": toml("[envs.a.scripts]\nx = { tags = [] }\n", "a script needs 'run'", "envs.a.scripts.x", 2),
    "timeout": toml(
        "[envs.a.scripts]\nx = { run = '', timeout = -1 }\n", "expected a number of seconds", "scripts.x.timeout", 2
    ),
    "brace": toml("[envs.a.scripts]\nx = 'echo {'\n", "write {{ and }} for braces", "envs.a.scripts.x", 2),
    "placeholder": toml("[envs.a.scripts]\nx = ['{nope}']\n", "unknown placeholder '{nope}'", "envs.a.scripts.x", 2),
    "modifier": toml("[envs.a.scripts]\nx = '{root:up}'\n", "unknown modifier in '{root:up}'", "envs.a.scripts.x", 2),
    # Matrices and overrides.
    "matrix-table": toml("[envs.a.matrix]\npython = ['3']\n", "found a table", "envs.a.matrix", 1),
    "matrix-number": toml("[[envs.a.matrix]]\nx = [3.1]\n", 'put it in quotes: "3.1"', "envs.a.matrix[0].x[0]", 2),
    "matrix-twice": toml("[[envs.a.matrix]]\nx = ['1', '1']\n", "'1' stands here twice", "matrix[0].x[1]", 2),
    "matrix-empty": toml("[[envs.a.matrix]]\nx = []\n", "'x' has no values", "envs.a.matrix[0].x", 2),
    "matrix-py": toml("[[envs.a.matrix]]\npy = ['3']\npython = ['3']\n", "are the same variable", "matrix[0]", 1),
    "name-format": toml("[envs.a]\nmatrix-name-format = 'x'\n", "not a format for names: 'x'", "matrix-name-format", 2),
    "override-source": toml("[envs.a.overrides.platfrm]\n", "did you mean 'platform'?", "overrides.platfrm", 1),
    "override-option": toml(
        "[envs.a.overrides]\nenv.CI.pyhton = '3'\n", "did you mean 'python'?", "overrides.env.CI.pyhton", 2
    ),
    "override-pattern": toml("[envs.a.overrides.name]\n'('.python = '3'\n", "not a regular expression", '"("', 2),
    "override-value": toml(
        "[envs.a.overrides]\nenv.CI.python = { if = ['1'] }\n", "'value' is missing", "overrides.env.CI.python", 2
    ),
    # Envfiles.
    "syntax": envfile("x = 1\ndef (\n", "not Python: ", line=2),
    "indentation": envfile("def f():\nreturn 1\n", "not Python: expected an indented block", line=2),
    "null-byte": envfile(b"x = 1\n\x00\n", "not Python: "),
    "python-latin-1": envfile("x = '\xe4'\n".encode("latin-1"), "not UTF-8: byte 0xe4", line=1),
    "python-deep": envfile("x = " + "(" * 3000 + ")" * 3000, "not Python: "),
    "raises": envfile("def f():\n    1 / 0\nf()\n", "ZeroDivisionError: division by zero", line=2),
    "import": envfile("import no_such_module_here\n", "No module named 'no_such_module_here'", line=1),
    "exit": envfile("import sys\nsys.exit(3)\n", "left with sys.exit(3)", line=2),
    "exit-0": envfile("raise SystemExit\n", "left with sys.exit(None)", line=1),
    "python-option": envfile(
        "from envtasks import env\n\nenv('a', dependancies=[])\n", "did you mean 'dependencies'?", "dependancies", 3
    ),
    "python-overrides": envfile(
        "from envtasks import env\nenv('a', overrides=['oops'])\n",
        "expected a table, found the string 'oops'",
        "a.overrides[0]",
        2,
    ),
    "python-overrides-source": envfile(
        "from envtasks import env\nenv('a', overrides=[{}, {'platform': 5}])\n",
        "expected a table, found the number 5",
        "a.overrides.platform",
        2,
    ),
    "python-overrides-options": envfile(
        "from envtasks import env\nenv('a', overrides=[{'platform': {'linux': ['x']}}])\n",
        "expected a table, found an array",
        "a.overrides.platform.linux",
        2,
    ),
    "python-overrides-conditions": envfile(
        "from envtasks import env, override\n"
        "env('a', overrides=[override(platform='linux', env=[5], tags=['x'], replace=True)])\n",
        "expected a string, found the number 5",
        "a.overrides.platform.linux.set-tags.env[0]",
        2,
    ),
    "python-type": envfile(
        "from envtasks import env\n\n@env(python=3.12)\ndef a(session): ...\n", 'put it in quotes: "3.12"', "python"
    ),
    "python-setting": envfile(
        "from envtasks import options\n\noptions.sesions = ['a']\n", "did you mean 'sessions'?", "sesions", 3
    ),
    "python-setting-type": envfile(
        "from envtasks import options\noptions.sessions = 'a'\n", "put it in brackets", "sessions", 2
    ),
    "python-twice": envfile(
        "from envtasks import env\nenv('a')\nenv('a')\n", "the environment 'a' is already declared by", "a", 3
    ),
    "python-script-of-nobody": envfile(
        "from envtasks import script\n@script('tset')\ndef a(session): ...\n", "unknown environment 'tset'", "a", 2
    ),
    "python-brace": envfile(
        "from envtasks import env\nenv('a', scripts={'x': 'echo {'})\n", "write {{ and }} for braces", "a.scripts.x", 2
    ),
    "python-name": envfile(
        "from envtasks import env\nenv(3)\n", "the name of an environment is a string, not 3", line=2
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str, project: MakeProject) -> None:
    bad = BAD[case]
    root = project({})
    content = bad.content if isinstance(bad.content, bytes) else bad.content.encode()
    (root / bad.file).write_bytes(content)
    before = tree(root)
    told(run(root, "--list"), bad)
    assert {name: text for name, text in tree(root).items() if "__pycache__" not in name} == before


#: What each kind of option cannot be.
WRONG: dict[str, tuple[str, ...]] = {
    "text": ("3", "true", "['a']", "{ a = 1 }"),
    "flag": ("1", "'yes'", "[]"),
    "texts": ("'a'", "3", "[3]", "[['a']]", "{ a = 1 }"),
    "pairs": ("'a'", "['a']", "{ a = 1 }", "{ a = { b = '' } }"),
    "scripts": ("'a'", "['a']", "{ a = 1 }", "{ a = [3] }", "{ a = { run = 3 } }"),
    "matrix": ("'a'", "3", "[3]", "['a']", "{ a = ['1'] }", "[{ a = '1' }]", "[{}]"),
    "overrides": ("'a'", "['a']", "{ env = 3 }", "{ env.A = 'x' }", "{ env.A.tags = 3 }"),
}


@pytest.mark.parametrize("option", TABLE.values(), ids=list(TABLE))
def test_wrong_types_of_every_option(option: Option[Any], project: MakeProject) -> None:
    """Each in an environment of its own, told together."""
    values = [value for value in WRONG[option.kind] if not (option.name == "python" and value == "['a']")]
    text = "".join(f"[envs.e{number}]\n{option.name} = {value}\n" for number, value in enumerate(values))
    done = run(project({"envtasks.toml": text}), "--list")
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    for number in range(len(values)):
        place = f"  at envtasks.toml:{2 * number + 2}  envs.e{number}.{option.name}"
        assert any(line.startswith(place) for line in done.err.splitlines()), (values[number], done.err)


@pytest.mark.parametrize("option", TABLE.values(), ids=list(TABLE))
def test_wrong_types_of_every_keyword(option: Option[Any], project: MakeProject) -> None:
    keyword = option.name.replace("-", "_")
    text = f"from envtasks import env\n\nenv('a', {keyword}=object())\n"
    told(run(project({"envfile.py": text}), "--list"), envfile("", "found a value of type object", option.name, 3))


def test_all_mistakes_are_told_together(project: MakeProject) -> None:
    toml_text = "[envs.a]\npyhton = '3'\n[envs.b]\ntags = 'x'\n"
    done = run(project({"envtasks.toml": toml_text, "envfile.py": "from envtasks import env\nenv('c', tags='y')\n"}))
    assert done.code == 2
    assert done.err.splitlines()[-1] == "3 mistakes in 2 files; nothing was run"


def test_the_frames_of_an_envfile_are_shown_and_ours_are_not(project: MakeProject) -> None:
    root = project({"envfile.py": "import helper\n", "helper.py": "def f():\n    raise KeyError('x')\nf()\n"})
    done = run(root, "--list")
    assert done.code == 2
    assert "envfile.py" in done.err
    assert "raise KeyError('x')" in done.err
    assert os.path.join("envtasks", "declare") not in done.err


FINE: dict[str, str | bytes] = {
    "empty": "",
    "comment": "# nothing\n",
    "bom": b"\xef\xbb\xbf[envs.a.scripts]\nrun = 'true'\n",
    "crlf": b"[envs.a.scripts]\r\nrun = 'true'\r\n",
    "empty-envs": "[envs]\n",
    "empty-env": "[envs.a]\n",
    "own-name": "[envs.a.scripts]\npytest = 'pytest -q'\n",
    "braces": "[envs.a.scripts]\nx = 'echo {{}}'\n",
    "odd-names": "[envs.'a b']\nscripts.run = 'true'\n[envs.'../x']\n[envs.'*']\n",
}


@pytest.mark.parametrize("case", FINE)
def test_unusual_but_fine(case: str, project: MakeProject) -> None:
    content = FINE[case]
    root = project({})
    (root / "envtasks.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run(root, "--list")
    assert (done.code, done.err) == (0, "")


REQUESTS: dict[str, tuple[list[str], str]] = {
    "session": (["-s", "lnit"], "error: unknown session 'lnit'\n  hint: did you mean 'lint'?"),
    "family": (["-s", "lint", "tset"], "error: unknown session 'tset'\n  hint: did you mean 'test'?"),
    "word": (["lnit"], "error: unknown session 'lnit'\n  hint: did you mean 'lint'?"),
    "empty-name": ([""], "error: unknown session ''\n  hint: "),
    "far": (
        ["-s", "zzz"],
        "error: unknown session 'zzz'\n  hint: `envtasks --list` shows them; arguments stand behind `--`",
    ),
    "script": (["-s", "lint:fxi"], "error: 'lint' has no script 'fxi'\n  hint: did you mean 'fix'?"),
    "cell": (["-s", "test.6"], "error: unknown session 'test.6'\n  hint: there are: test.4, test.5"),
    "which": (
        ["-s", "many"],
        "error: 'many' does not say which script runs by default\n  hint: choose one: many:a, many:b",
    ),
    "no-scripts": (["-s", "empty"], "error: 'empty' does not say which script runs by default\n  hint: it has no"),
    "requires": (
        ["-s", "many:circle"],
        (
            "error: sessions require each other in a circle: many:circle -> many:other -> many:circle\n"
            "  at envtasks.toml:12  envs.many.scripts.circle.requires\n  hint: let one of them do without the other\n"
        ),
    ),
    "environment": (["run", "lnit:x"], "error: unknown environment 'lnit'\n  hint: did you mean 'lint'?"),
    "show": (["env", "show", "lnit"], "error: unknown environment 'lnit'\n  hint: did you mean 'lint'?"),
    "arguments": (["-s", "lint", "--", "-x"], "error: 'lint' takes no arguments\n  hint: put {args} where"),
    "unset": (["-s", "unset"], "error: unset: the environment variable 'NOT_SET_AT_ALL' is not set"),
    "directory": (["-C", "nowhere"], "error: no such directory: 'nowhere'"),
    "file": (["-f", "nowhere.toml"], "error: no such file"),
    "verb": (["env", "creat"], "error: 'env creat' is no command"),
}
ASKED = """
[envs.lint]
detached = true
scripts = { run = "ruff check", fix = "ruff format" }
[envs.test]
detached = true
matrix = [{ django = ["4", "5"] }]
scripts.run = "pytest"
[envs.many.scripts]
a = "true"
b = "true"
circle = { run = "true", requires = ["many:other"] }
other = { run = "true", requires = ["many:circle"] }
[envs.empty]
[envs.unset]
scripts.run = "echo {env:NOT_SET_AT_ALL}"
"""


@pytest.mark.parametrize("case", REQUESTS)
def test_wrong_requests(case: str, project: MakeProject) -> None:
    argv, says = REQUESTS[case]
    root = project({"envtasks.toml": ASKED})
    before = tree(root)
    done = run(root, *argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(says) or (case == "which" and says.split("\n")[0] in done.err)
    assert tree(root) == before


def test_no_project_at_all(tmp_path: Path) -> None:
    done = run(tmp_path, "-s", "x")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: no project in '{tmp_path}' or above it\n  hint: ")


@pytest.mark.parametrize("argv", [["-s"], ["--no-such-flag"], ["--color", "x"]], ids=" ".join)
def test_usage(argv: list[str], project: MakeProject) -> None:
    done = run(project({"envtasks.toml": ""}), *argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: envtasks")


def test_a_name_that_two_files_declare(project: MakeProject) -> None:
    files = {"pyproject.toml": "[tool.envtasks.envs.a]\n", "envtasks.toml": "[envs.a]\n"}
    root = project(files)
    done = run(root, "--list")
    assert done.code == 2
    assert "the environment 'a' is already declared by pyproject.toml" in done.err
    assert "  at envtasks.toml:1  envs.a\n" in done.err


def test_a_file_that_is_a_directory(project: MakeProject) -> None:
    root = project({"envtasks.toml/x": ""})
    done = run(root, "--list")
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert "envtasks.toml" in done.err


def test_a_file_that_may_not_be_read(project: MakeProject) -> None:
    root = project({"envtasks.toml": ""})
    (root / "envtasks.toml").chmod(0)
    if os.access(root / "envtasks.toml", os.R_OK):
        pytest.skip("this user may read everything")
    told(run(root, "--list"), toml("", "cannot be read: Permission denied"))
