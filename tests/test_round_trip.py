"""What was resolved, written as TOML without templates, matrices and overrides and read again, is the same."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from differential.strategies import PYPROJECT, Example, examples, files_of
from differential.writing import environments_text
from hypothesis import HealthCheck, assume, given, settings

from envtasks.declare.project import find_project, read_project
from envtasks.declared import Script
from envtasks.errors import InvalidDeclarations
from envtasks.model import Environment, Host, Project
from envtasks.option_table import TABLE, TEMPLATE
from envtasks.report.document import environments_document
from envtasks.resolve.project import resolve

#: One environment that says everything that an environment can say, scripts with options of their own included.
EVERYTHING = """
[tool.envtasks.envs.default]
description = "a"
dependencies = ["a", "b{env:PIN:}"]
extra-dependencies = ["c"]
dependency-groups = ["test"]
features = ["server"]
dev-mode = false
skip-install = true
builder = true
env-vars = { A = "1", B = "{root}" }
env-include = ["A*"]
env-exclude = ["B*"]
scripts = { x = "- y {args:1}", y = [], z = { run = ["a"], description = "d", tags = ["t"], requires = ["default:x"] } }
extra-scripts = { w = { run = "b", env-vars = { C = "{env_name}" }, cwd = "{root}/x", timeout = 1.5 } }
pre-install-commands = ["x 1"]
post-install-commands = ["- x"]
python = "3.11"
platforms = ["linux"]
path = "{env_name}"
system-packages = true
python-sources = ["internal"]
installer = "uv"
uv-path = "/opt/uv"
default-script = "x"
default = true
tags = ["u"]
requires = ["z"]
"""


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round-trip")


def read(files: Mapping[str, str], host: Host) -> Project:
    for name, text in files.items():
        (Path(host.root) / name).write_text(text, encoding="utf-8")
    return resolve(read_project(find_project(host.root), None), host)


def written(environment: Environment) -> dict[str, Any]:
    """The options of an environment as they are written in TOML."""
    options = {name: plain(TABLE[name].kind, value) for name, value in environment.values.items()}
    return {TEMPLATE.name: environment.name, **options}


def plain(kind: str, value: Any) -> Any:
    if value is None:
        return ""
    if kind == "pairs":
        return dict(value)
    if kind == "scripts":
        return {name: plain_script(script) for name, script in value.items()}
    return value


def plain_script(script: Script) -> Any:
    said = {name: value for name, value in script._asdict().items() if value != Script._field_defaults[name]}
    said.pop("commands", None)
    if not said:
        return script.commands
    if "env_vars" in said:
        said["env_vars"] = dict(said["env_vars"])
    return {"run": script.commands, **{name.replace("_", "-"): value for name, value in said.items()}}


def there_and_back(project: Project, host: Host) -> Project:
    """The project read from what was written of it, its environments in the matrix that they came from."""
    text = environments_text({name: written(one) for name, one in project.environments.items()}, "tool.envtasks.envs")
    again = read({"pyproject.toml": f"{PYPROJECT}{text}", "hatch.toml": ""}, host)
    placed = {
        name: Environment(
            name, one.root, one.variant, again.environments[name].values, one.where, again.environments[name].origins
        )
        for name, one in project.environments.items()
    }
    return again._replace(environments=placed)


@settings(max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(example=examples())
def test_what_is_written_is_read_as_it_was(root: Path, example: Example) -> None:
    host = Host(str(root), example.environ["HOME"], example.platform, example.environ, example.verbosity)
    try:
        project = read(files_of(example), host)
    except InvalidDeclarations:
        assume(condition=False)
    again = there_and_back(project, host)
    assert again.environments == project.environments
    assert environments_document(again, host) == environments_document(project, host)


def test_every_option_is_written_and_read(root: Path) -> None:
    host = Host(str(root), "/home/person", "linux", {"PIN": "==1"})
    project = read({"pyproject.toml": PYPROJECT + EVERYTHING, "hatch.toml": ""}, host)
    again = there_and_back(project, host)
    assert again.environments == project.environments
    assert environments_document(again, host) == environments_document(project, host)
    said = set(project.environments["default"].values)
    assert said == {option.name for option in TABLE.values() if not option.consumed}
