"""What makes environments: the table, and the entry points of other packages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from fakes import recipe

from envtasks.environments import backends, types
from envtasks.environments.backends import MODULES, backend_of
from envtasks.environments.index_variables import for_uv
from envtasks.errors import EnvironmentFailed
from envtasks.model import Host, Project
from envtasks.option_table import INSTALLERS
from envtasks.plan.planning import recipes_of

EXAMPLE = Path(__file__).parent.parent / "examples" / "backend"


@pytest.mark.parametrize("installer", INSTALLERS)
def test_every_installer_has_a_module(installer: str) -> None:
    backend = backend_of(recipe(installer=installer))
    assert backend is import_module(MODULES["virtual", installer])
    for name in ("check", "create", "install", "uninstall"):
        assert callable(getattr(backend, name))


def announce(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = EntryPoint("mine", value, types.GROUP)
    for module in (types, backends):
        monkeypatch.setattr(module, "announced", lambda: {"mine": entry})


def test_another_package_announces_a_type(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "json")
    found: object = backend_of(recipe(type="mine"))
    assert found is import_module("json")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("mine", "the backend 'mine' cannot be loaded: No module named 'not_there_at_all'"),
        ("gone", "the backend 'gone' cannot be loaded: 'gone'"),
    ],
)
def test_a_backend_that_cannot_be_loaded(kind: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "not_there_at_all")
    with pytest.raises(EnvironmentFailed) as raised:
        backend_of(recipe(type=kind))
    assert raised.value.message == message


def test_an_unknown_type_is_told_with_those_there_are(
    resolve_text: Callable[..., Project], host: Callable[..., Host]
) -> None:
    _, (mistake,) = recipes_of(["t"], resolve_text('[envs.t]\ntype = "virtula"'), host())
    assert (mistake.message, mistake.hint) == ("t: unknown type 'virtula'", "did you mean 'virtual'?")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, {}),
        ({"PIP_INDEX_URL": "u"}, {"UV_DEFAULT_INDEX": "u"}),
        ({"PIP_INDEX_URL": "u", "UV_DEFAULT_INDEX": "v"}, {}),
        ({"PIP_INDEX_URL": "u", "UV_INDEX_URL": "v"}, {}),
        ({"PIP_EXTRA_INDEX_URL": "u v"}, {"UV_INDEX": "u v"}),
        ({"PIP_FIND_LINKS": "u  v", "PIP_NO_INDEX": "1"}, {"UV_FIND_LINKS": "u,v", "UV_NO_INDEX": "1"}),
        ({"PIP_CONSTRAINT": "c.txt", "PIP_NO_INDEX": ""}, {"UV_CONSTRAINT": "c.txt"}),
    ],
)
def test_what_pip_goes_by_in_the_words_of_uv(variables: dict[str, str], told: dict[str, str]) -> None:
    assert dict(for_uv(variables).values()) == told


def test_the_example_is_a_backend(tmp_path: Path) -> None:
    """Type checkers take its module for one."""
    code = (
        "from envtasks.environments.backends import Backend\nimport envtasks_stdlib\nmade: Backend = envtasks_stdlib\n"
    )
    checked = tmp_path / "checked.py"
    checked.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(checked)],
        env={"MYPYPATH": os.pathsep.join((str(EXAMPLE / "src"), str(EXAMPLE.parent.parent))), "PATH": os.defpath},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named mypy" in done.stderr:
        pytest.skip("mypy is not installed")
    assert done.returncode == 0, done.stdout
