"""What the record of an environment holds, and how it is compared."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import recipe

from envtasks.environments import record
from envtasks.environments.record import ANEW, INSTALL, PROJECT, REMOVE
from envtasks.model import Host, Project
from envtasks.option_table import TYPE, Option
from envtasks.plan.filling import fill_environment, recipe_of
from envtasks.planned import Recipe, Step

DIFFERENCES: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "type": ({"type": "other"}, (ANEW,), "'type' changed"),
    "directory": ({"directory": "/elsewhere/test"}, (ANEW,), "the directory was moved"),
    "python": ({"python": "3.12"}, (ANEW,), "Python changed (from self to 3.12)"),
    "any-python": ({"python": None}, (ANEW,), "Python changed (from self to any)"),
    "requires-python": ({"requires_python": ">=3.9"}, (ANEW,), "'requires-python' changed"),
    "system-packages": ({"system_packages": True}, (ANEW,), "'system-packages' changed"),
    "installer": ({"installer": "uv"}, (ANEW,), "'installer' or 'uv-path' changed"),
    "new-requirement": ({"requirements": ("a", "b", "c")}, (INSTALL,), "dependencies changed (+ c)"),
    "gone-requirement": ({"requirements": ("a",)}, (REMOVE,), "dependencies changed (- b)"),
    "other-requirement": ({"requirements": ("a", "c")}, (INSTALL, REMOVE), "dependencies changed (+ c, - b)"),
    "other-order": ({"requirements": ("b", "a")}, (INSTALL,), "dependencies changed (their order)"),
    "index": ({"index_variables": (("PIP_NO_INDEX", "1"),)}, (INSTALL,), "'index-variables' changed"),
    "project": ({"project": "/p"}, (PROJECT,), "'skip-install' changed"),
    "features": ({"project_features": ("web",)}, (PROJECT, REMOVE), "'features' changed"),
    "a-constraint": ({"input_files": (__file__,)}, (INSTALL, PROJECT), f"'{__file__}' changed"),
    "not-editable": ({"editable": False}, (PROJECT,), "'dev-mode' changed"),
    "build-inputs": ({"build_inputs": {"project": {"name": "b"}}}, (PROJECT, REMOVE), "the project changed"),
    "pre-install": ({"pre_install": (Step("make"),)}, (PROJECT,), "'pre-install-commands' changed"),
    "post-install": ({"post_install": (Step("make"),)}, (PROJECT,), "'post-install-commands' changed"),
    "ignored-hook": (
        {"post_install": (Step("make", ignore_exit_code=True),)},
        (PROJECT,),
        "'post-install-commands' changed",
    ),
}


@pytest.mark.parametrize("case", DIFFERENCES)
def test_difference(case: str) -> None:
    changes, actions, reason = DIFFERENCES[case]
    before = recipe(requirements=("a", "b"))
    assert list(record.differences(record.parts(before), before._replace(**changes))) == [(actions, reason)]


def test_every_part_has_an_action() -> None:
    assert set(record.parts(recipe())) == set(record.PARTS)


#: An environment can only be of one type.
SAID = [(part, option) for part, (_, options) in record.PARTS.items() for option in options if option is not TYPE]


@pytest.mark.parametrize(("part", "option"), SAID, ids=str)
def test_a_part_comes_from_its_options(
    part: str, option: Option[Any], resolve_text: Callable[..., Project], host: Callable[..., Host]
) -> None:
    pyproject = """
        [project]
        name = "demo"
        optional-dependencies = { server = ["a"], grpc = ["b"] }
        [dependency-groups]
        test = ["c"]
    """
    without = "[envs.t]\n" + ("skip-install = true\n" if part == "requirements" else "")
    seen = []
    for text in (without, f"{without}{option.name} = {option.example}\n"):
        project = resolve_text(text, files={"pyproject.toml": pyproject})
        made = recipe_of(fill_environment(project.environments["t"], project, host()), project, host())
        seen.append(record.parts(made)[part])
    assert seen[0] != seen[1]


def test_parts_survive_json() -> None:
    parts = record.parts(recipe(requirements=("a",), build_inputs={"project": {"dynamic": ("version",)}}))
    assert json.loads(json.dumps(parts)) == parts


def test_what_does_not_shape_the_directory_is_no_difference() -> None:
    before = recipe()
    after = before._replace(name="other", variables={"A": "1"}, uv_path="/bin/uv")
    assert list(record.differences(record.parts(before), after)) == []


def made_with(part: str, hook: Step) -> Recipe:
    changes: dict[str, Any] = {part: (hook,)}
    return recipe(**changes)


@pytest.mark.parametrize(
    "changes", [{"run": "y"}, {"ignore_exit_code": True}, {"env_vars": (("A", "2"),)}, {"cwd": "/b"}]
)
@pytest.mark.parametrize("part", ["pre_install", "post_install"])
def test_all_of_a_command_around_an_install_is_recorded(part: str, changes: dict[str, Any]) -> None:
    hook = Step("x", env_vars=(("A", "1"),), cwd="/a")
    before, after = (made_with(part, one) for one in (hook, hook._replace(**changes)))
    found = json.loads(json.dumps(record.parts(before)))
    assert list(record.differences(found, before)) == []
    assert [actions for actions, _ in record.differences(found, after)] == [(PROJECT,)]


def test_where_packages_come_from_is_recorded_without_giving_it_away() -> None:
    before = recipe(index_variables=(("UV_INDEX", "a"), ("PIP_INDEX_URL", "https://me:password@example.org")))
    assert "password" not in json.dumps(record.parts(before))
    turned = before._replace(index_variables=before.index_variables[::-1])
    assert list(record.differences(record.parts(before), turned)) == []
    other = before._replace(index_variables=(("UV_INDEX", "a"), ("PIP_INDEX_URL", "https://me:other@example.org")))
    assert list(record.differences(record.parts(before), other)) == [((INSTALL,), "'index-variables' changed")]


def test_an_older_schema_is_made_anew() -> None:
    found = {**record.parts(recipe()), "schema": 0}
    assert list(record.differences(found, recipe())) == [((ANEW,), "it was made by another version of envtasks")]


def test_a_pip_of_its_own_is_asked_for_but_never_taken_away() -> None:
    without, having = recipe(), recipe(pip=True)
    assert list(record.differences(record.parts(without), having)) == [((INSTALL,), "its commands ask for pip")]
    assert list(record.differences(record.parts(having), without)) == []


def whole(**changes: object) -> dict[str, object]:
    interpreter = {"path": "/p", "implementation": "cpython", "version": "3.12.1"}
    return {
        **record.parts(recipe(requirements=("ä",))),
        "name": "test",
        "packages": ["a-1"],
        "interpreter": interpreter,
        "ready": True,
        **changes,
    }


def test_written_is_read_back(tmp_path: Path) -> None:
    record.write(str(tmp_path), whole())
    assert record.read(str(tmp_path)) == whole()
    assert os.listdir(tmp_path) == [record.MARK]


@pytest.mark.parametrize(
    "changes",
    [
        {"interpreter": None},
        {"interpreter": {"path": "/p"}},
        {"interpreter": {"path": 1, "implementation": "cpython", "version": "3.12.1"}},
        {"interpreter": {"path": "/p", "implementation": "cpython", "version": [3, 12]}},
        {"ready": False},
        {"requirements": None},
        {"requirements": 5},
        {"installed": 5},
        {"installed": [{}]},
        {"requirements": "a"},
        {"requirements": ["a", {}]},
        {"pip": "yes"},
        {"name": None},
    ],
    ids=str,
)
def test_a_record_that_lacks_something_is_none(changes: dict[str, object], tmp_path: Path) -> None:
    record.write(str(tmp_path), whole(**changes))
    assert record.read(str(tmp_path)) is None


def test_a_record_of_another_version_is_none(tmp_path: Path) -> None:
    content = whole()
    del content["sources"]
    record.write(str(tmp_path), content)
    assert record.read(str(tmp_path)) is None


@pytest.mark.parametrize(
    "content",
    [b"", b'{"ready": tr', b"[]", b"null", b'{"ready": false}', b'{"ready": 1}', b"\xff\xfe\x00", b"[" * 100_000],
    ids=["empty", "cut", "array", "null", "unfinished", "not-true", "binary", "deep"],
)
def test_a_record_that_cannot_be_trusted_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / record.MARK).write_bytes(content)
    assert record.read(str(tmp_path)) is None
    assert record.is_ours(str(tmp_path))


def test_a_directory_without_a_record(tmp_path: Path) -> None:
    assert record.read(str(tmp_path)) is None
    assert not record.is_ours(str(tmp_path))


def test_a_record_that_is_a_directory_is_no_mark(tmp_path: Path) -> None:
    (tmp_path / record.MARK).mkdir()
    assert record.read(str(tmp_path)) is None
    assert not record.is_ours(str(tmp_path))


def test_a_fingerprint_follows_links(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("1", encoding="utf-8")
    (tmp_path / "link").symlink_to("file")
    before = record.fingerprint(str(tmp_path / "link"))
    assert before == record.fingerprint(str(tmp_path / "file"))
    (tmp_path / "file").write_text("22", encoding="utf-8")
    assert record.fingerprint(str(tmp_path / "link")) != before


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ({"dependencies": ["a", "b"]}, {"dependencies": ["b", "c"]}, "the project changed (+ c, - a)"),
        ({"dependencies": ["a"]}, {"dependencies": ["a", "b"]}, "the project changed (+ b)"),
        ({"version": "1"}, {"version": "2"}, "the project changed"),
        (
            {"optional-dependencies": {"x": ["a", "b"]}},
            {"optional-dependencies": {"x": ["b"]}},
            "the project changed (- a)",
        ),
    ],
)
def test_a_dependency_that_the_project_dropped_does_not_stay(
    before: dict[str, object], after: dict[str, object], reason: str
) -> None:
    made = record.parts(recipe("/p/env", project="/p", build_inputs={"project": before}))
    wanted = recipe("/p/env", project="/p", build_inputs={"project": after})
    assert list(record.differences({**made, "name": wanted.name}, wanted)) == [((PROJECT, REMOVE), reason)]


@pytest.mark.parametrize("gone", ["a @ https://example.org/a.whl", "a@file:///a"])
def test_what_came_from_an_address_is_not_taken_out_singly(gone: str) -> None:
    before = recipe(requirements=("b", gone))
    assert list(record.differences(record.parts(before), before._replace(requirements=("b", "a")))) == [
        ((ANEW,), f"dependencies changed (+ a, - {gone})")
    ]


def test_a_project_that_is_not_to_be_there_any_more() -> None:
    before = recipe(project="/p")
    assert list(record.differences(record.parts(before), before._replace(project=None))) == [
        ((ANEW,), "the project is not to be installed any more")
    ]


def test_the_content_of_files_counts(tmp_path: Path) -> None:
    file = tmp_path / "constraints.txt"
    wanted = recipe(input_files=(str(file),))
    found = record.parts(wanted)
    file.write_text("a<2")
    assert list(record.differences(found, wanted)) == [((INSTALL, PROJECT), f"'{file}' changed")]
    found = record.parts(wanted)
    os.utime(file, (1, 1))
    assert list(record.differences(found, wanted)) == []
    file.unlink()
    assert list(record.differences(found, wanted)) == [((INSTALL, PROJECT), f"'{file}' changed")]
