"""Finding the files of a project and joining what they declare."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from envtasks import __version__
from envtasks.declare.declarations import Declarations, Written, WrittenTask
from envtasks.declare.project import find_project, project_of, read_project
from envtasks.declared import Function, Script
from envtasks.errors import Key, RequestError

MakeProject = Callable[[Mapping[str, str]], Path]

ENVFILE = Key("envfile.py", ("x",), 3)


def call() -> None: ...


def task(name: str) -> WrittenTask:
    return WrittenTask(Function(call, name, "envfile.py", 3, ""), {"tags": ["t"]})


def joined(root: Path, written: Written | None = None) -> Declarations:
    return read_project(find_project(str(root)), written)


def messages(declarations: Declarations) -> list[tuple[str, str]]:
    return list(dict.fromkeys((str(one.where), one.message) for one in declarations.mistakes))


@pytest.mark.parametrize("name", ["pyproject.toml", "envtasks.toml", "envfile.py", "hatch.toml"])
def test_the_nearest_directory_with_a_file_of_ours_is_the_project(project: MakeProject, name: str) -> None:
    root = project({f"outer/{name}": "", "outer/inner/deep/x": "", "pyproject.toml": ""})
    assert find_project(str(root / "outer" / "inner" / "deep")).root == str(root / "outer")


def test_the_inner_project_wins(project: MakeProject) -> None:
    root = project({"envtasks.toml": "", "inner/pyproject.toml": ""})
    assert find_project(str(root / "inner")).root == str(root / "inner")
    files = find_project(str(root))
    assert files[1:4] == tuple(str(root / name) for name in ("pyproject.toml", "envtasks.toml", "envfile.py"))


def test_a_directory_outside_of_any_project_is_told() -> None:
    with pytest.raises(RequestError, match="no project in '/'") as raised:
        find_project("/")
    assert "envtasks.toml" in raised.value.hint


@pytest.mark.parametrize(
    ("name", "own", "envfile"),
    [("pyproject.toml", "", ""), ("other.toml", "other.toml", ""), ("tasks.py", "", "tasks.py")],
)
def test_a_file_named_by_hand_leaves_the_others_out(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, name: str, own: str, envfile: str
) -> None:
    root = project({name: "", "envtasks.toml": "", "envfile.py": ""})
    monkeypatch.chdir(root)
    files = project_of(name)
    assert files.root == str(root)
    assert files.pyproject == str(root / "pyproject.toml")
    assert (os.path.basename(files.own_toml), os.path.basename(files.envfile)) == (own, envfile)


@pytest.mark.parametrize("name", ["none.toml", "."])
def test_a_file_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(RequestError, match="no such file: "):
        project_of(name)


def test_all_files_make_one_set_of_declarations(project: MakeProject) -> None:
    root = project(
        {
            "pyproject.toml": '[tool.envtasks]\nsessions = ["one"]\n[tool.envtasks.envs.one]\npython = "3.12"',
            "envtasks.toml": 'aliases = { all = ["one", "two"] }\n[envs.two]\n[envs.default]\ndescription = "x"',
        }
    )
    written = Written(
        "What to do.",
        (("three", {"python": "3.13"}, ENVFILE),),
        (("two", "seed", task("seed"), ENVFILE),),
        {"installer": ("uv", ENVFILE)},
    )
    found = joined(root, written)
    assert not found.mistakes
    assert list(found.environments) == ["default", "one", "two", "three"]
    assert found.environments["default"].options == {"description": "x"}
    assert found.environments["two"].options == {
        "scripts": {"seed": Script(function=task("seed").function, tags=("t",))}
    }
    assert found.environments["three"].where == ENVFILE
    assert found.settings.sessions == ("one",)
    assert found.settings.aliases == {"all": ("one", "two")}
    assert found.settings.installer == "uv"
    assert found.doc == "What to do."
    assert [os.path.basename(file) for file in found.files] == ["pyproject.toml", "envtasks.toml", "envfile.py"]
    assert not found.hatch


def test_the_default_environment_is_always_there(project: MakeProject) -> None:
    found = joined(project({"pyproject.toml": ""}))
    assert list(found.environments) == ["default"]
    assert str(found.environments["default"].where) == "tool.envtasks.envs"


@pytest.mark.parametrize("name", ["default", "test"])
def test_a_function_joins_an_environment(project: MakeProject, name: str) -> None:
    root = project({"envtasks.toml": '[envs.test.scripts]\nunit = "pytest"'})
    found = joined(root, Written("", (), ((name, "seed", task("seed"), ENVFILE),), {}))
    assert not found.mistakes
    assert list(found.environments[name].options["scripts"]) == [*(["unit"] if name == "test" else []), "seed"]


@pytest.mark.parametrize(
    ("written", "key", "message"),
    [
        (
            Written("", (("test", {}, ENVFILE),), (), {}),
            "x",
            "the environment 'test' is already declared by envtasks.toml",
        ),
        (
            Written("", (("one", {}, ENVFILE), ("one", {}, ENVFILE._replace(line=9))), (), {}),
            "x",
            "the environment 'one' is already declared by envfile.py:3",
        ),
        (Written("", (("one", 5, ENVFILE),), (), {}), "x", "expected a table, found the number 5"),  # type: ignore[arg-type]
        (Written("", (("one", {"pyton": "3"}, ENVFILE),), (), {}), "x.pyton", "unknown option 'pyton'"),
        (
            Written("", (("one", {"env-vars": {1: "a"}}, ENVFILE),), (), {}),
            "x.env-vars",
            "expected keys that are strings, found the number 1",
        ),
        (Written("", (), (("tset", "seed", task("seed"), ENVFILE),), {}), "x", "unknown environment 'tset'"),
        (
            Written("", (), (("test", "unit", task("unit"), ENVFILE),), {}),
            "x",
            "'test' already has a script 'unit'",
        ),
        (Written("", (), (), {"sesions": ([], ENVFILE)}), "x", "unknown setting 'sesions'"),
        (
            Written("", (), (), {"sessions": ([], ENVFILE)}),
            "x",
            "'sessions' was already set by envtasks.toml",
        ),
        (Written("", (), (), {"env-dir": (5, ENVFILE)}), "x", "expected a string, found the number 5"),
    ],
)
def test_what_files_say_against_each_other_is_told(
    project: MakeProject, written: Written, key: str, message: str
) -> None:
    root = project({"envtasks.toml": 'sessions = []\n[envs.test.scripts]\nunit = "pytest"'})
    ((where, text),) = messages(joined(root, written))
    assert (where, text.replace(str(root) + os.sep, "")) == (key, message)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("tset", "did you mean 'test'?"),
        ("nowhere", "declare it with env('nowhere'), or join one of these: test, default"),
    ],
)
def test_a_function_that_joins_nothing_is_told_what_it_may_join(project: MakeProject, name: str, hint: str) -> None:
    (mistake,) = joined(
        project({"envtasks.toml": "[envs.test]"}), Written("", (), ((name, "seed", task("seed"), ENVFILE),), {})
    ).mistakes
    assert (mistake.message, mistake.hint) == (f"unknown environment '{name}'", hint)


def test_the_same_environment_in_two_toml_files_is_told(project: MakeProject) -> None:
    root = project({"pyproject.toml": "[tool.envtasks.envs.test]", "envtasks.toml": "[envs.test]"})
    ((where, message),) = messages(joined(root))
    assert where == "envs.test"
    assert message == "the environment 'test' is already declared by pyproject.toml"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("envs = 5", "envs", "expected a table, found the number 5"),
        ("[envs]\nfoo = 9000", "envs.foo", "expected a table, found the number 9000"),
        ("sessions = 'test'", "sessions", "expected an array of strings, found the string 'test'"),
        ("aliases = 5", "aliases", "expected a table, found the number 5"),
        ("aliases.ci = 'test'", "aliases.ci", "expected an array of strings, found the string 'test'"),
        ("installer = 5", "installer", "expected a string, found the number 5"),
        ("requires-envtasks = 5", "requires-envtasks", "expected a string, found the number 5"),
        ("requires-envtasks = 'x'", "requires-envtasks", "not a range of versions: 'x'"),
        (
            "requires-envtasks = '>=999'",
            "requires-envtasks",
            f"this project requires envtasks >=999, and this is {__version__}",
        ),
        ("environments = {}", "environments", "unknown setting 'environments'"),
    ],
)
def test_a_wrong_setting_is_told(project: MakeProject, text: str, key: str, message: str) -> None:
    assert messages(joined(project({"envtasks.toml": text}))) == [(key, message)]


@pytest.mark.parametrize(
    ("text", "key"), [("tool = 5", "tool"), ("[tool]\nenvtasks = 5", "tool.envtasks"), ("project = 5", "project")]
)
def test_a_wrong_table_of_pyproject_is_told(project: MakeProject, text: str, key: str) -> None:
    assert messages(joined(project({"pyproject.toml": text}))) == [(key, "expected a table, found the number 5")]


def test_a_version_that_fits_is_required_in_peace(project: MakeProject) -> None:
    found = joined(project({"envtasks.toml": f"requires-envtasks = '>={__version__}'"}))
    assert not found.mistakes
    assert found.settings.requires_envtasks == f">={__version__}"


@pytest.mark.parametrize(
    ("name", "environments"),
    [
        ("pyproject.toml", ["default", "pyproject"]),
        ("envtasks.toml", ["default", "own"]),
        ("hatch.toml", ["default", "hatch"]),
        ("ci.toml", ["default", "ci"]),
        ("tasks.py", ["default"]),
    ],
)
def test_a_file_that_is_named_declares_alone(name: str, environments: list[str], tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "demo"\n[tool.envtasks.envs.pyproject]',
        "envtasks.toml": "[envs.own]",
        "hatch.toml": "[envs.hatch]",
        "ci.toml": "[envs.ci]",
        "tasks.py": "",
    }
    for one, text in files.items():
        (tmp_path / one).write_text(text, encoding="utf-8")
    found = read_project(project_of(str(tmp_path / name)), None)
    assert list(found.environments) == environments
    assert found.metadata.name == "demo"
    assert not found.mistakes
