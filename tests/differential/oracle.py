"""Hatch's own classes, asked in process: one JSON object per line in, one out.

Run by an interpreter that has Hatch, never by the tests' own. A question names a project directory, the
platform, the variables, the verbosity and the arguments for scripts; the answer has the environments as
`envtasks env show --json` would print them, from Hatch. Deliberate differences that are a matter of one
function are put into Hatch here, each in a function of its own, so that everything around them is compared.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from typing import Any

# asked for by name, because where types are checked there need not be a Hatch
hatch_environment: Any = import_module("hatch.env.plugin.interface")
hatch_config: Any = import_module("hatch.project.config")
hatch_overrides: Any = import_module("hatch.project.env")
hatch_platform: Any = import_module("hatch.utils.platform")
PluginManager: Any = import_module("hatch.plugin.manager").PluginManager
Project: Any = import_module("hatch.project.core").Project
parse_script_command: Any = import_module("hatch.project.utils").parse_script_command
Path: Any = import_module("hatch.utils.fs").Path

populate = hatch_config._populate_default_env_values


def unshared_and_honoured(name: str, data: dict[str, Any], config: Any, seen: Any, active: Any) -> None:
    """Deviations `no-sharing` and `detached`: own copies, and an explicit `skip-install` that counts."""
    said = data.get("skip-install") if data.get("detached") else None
    populate(name, data, config, seen, active)
    if said is not None:
        data["skip-install"] = said
    data.update({key: deepcopy(value) for key, value in data.items()})


def with_hyphen(*, commands: list[str], args: str, ignore_exit_code: bool) -> Iterator[str]:
    """Deviation `hyphen`: kept in front of all that a reference comes to, arguments or not."""
    for command in commands:
        text = f"{command} {args}" if args else command
        yield f"- {text}" if ignore_exit_code and not text.startswith("- ") else text


hatch_config._populate_default_env_values = unshared_and_honoured
hatch_environment.format_script_commands = with_hyphen


def install_commands(environment: Any, commands: tuple[str, ...]) -> Iterator[str]:
    """Deviations `hyphen` and `install-args`: a command that is no script does not get its own tail as arguments."""
    formatted = environment.metadata.context.format
    for command in commands:
        first, tail, ignore = parse_script_command(command)
        with environment.apply_context():
            if first not in environment.scripts:
                yield formatted(command, args=None).strip()
                continue
            arguments = formatted(tail) if tail else None
            for one in environment.scripts[first]:
                text = f"- {one}" if ignore and not one.startswith("- ") else one
                yield formatted(text, args=arguments).strip()


def with_always_included(environment: Any, always: list[str]) -> None:
    """Chapter 0.15: `env-include` never takes away what programs need to start."""
    if environment.env_include:
        environment.__dict__["env_include"] = (*environment.env_include, *always)


def filled(environment: Any, option: str) -> str | None:
    """Chapter 0.17: `python` and `path` may hold placeholders."""
    with environment.metadata.context.apply_context(environment.context):
        return environment.metadata.context.format(environment.config.get(option) or "") or None


class Abort(Exception):
    """Hatch wanted to leave."""


class Application:
    """As much of Hatch's application as environments ask for."""

    platform = hatch_platform.Platform()
    env = "default"

    def __init__(self, root: str, verbosity: int, plugins: Any) -> None:
        self.verbosity = verbosity
        self.data_dir = Path(root) / ".hatch"
        self.project = Project(Path(root), locate=False)
        self.project._plugin_manager = plugins
        self.project.set_app(self)

    def get_env_directory(self, environment_type: str) -> Any:
        return self.data_dir / environment_type

    def abort(self, text: str = "", **_: Any) -> None:
        raise Abort(text)


def answer(question: dict[str, Any], plugins: Any) -> dict[str, Any]:
    os.environ.clear()
    os.environ.update(question["environ"])
    hatch_platform.get_platform_name = lambda: question["platform"]
    hatch_overrides.get_platform_name = lambda: question["platform"]
    project = Application(question["root"], question["verbosity"], plugins).project
    try:
        environments = project.config.envs
        project.config.finalize_env_overrides(plugins.environment.get("virtual").get_option_types())
    except Exception as error:  # noqa: BLE001 - whatever Hatch raises is its answer
        return {"error": f"{type(error).__name__}: {error}"}
    roots = {name: root for root, data in project.config.matrices.items() for name in data["envs"]}
    return {
        "environments": [one(name, roots.get(name), project, question) for name in environments],
        "roots": {root: list(data["envs"]) for root, data in project.config.matrices.items()},
    }


def one(name: str, root: str | None, project: Any, question: dict[str, Any]) -> dict[str, Any]:
    variables = project.config.matrix_variables.get(name, {})
    shown: dict[str, Any] = {"name": name, "root": root, "matrix": variables, "error": None}
    try:
        return {**shown, **options(project.get_environment(name), question)}
    except Exception as error:  # noqa: BLE001 - as above
        return {**shown, "error": f"{type(error).__name__}: {error}"}


def options(environment: Any, question: dict[str, Any]) -> dict[str, Any]:
    config = environment.config
    with_always_included(environment, question["always"])
    env_vars = dict(environment.env_vars)
    del env_vars["HATCH_ENV_ACTIVE"]
    own = {key: config["env-vars"][key] for key in config.get("env-vars", {})}
    return {
        "type": environment.PLUGIN_NAME,
        "python": filled(environment, "python"),
        "path": filled(environment, "path"),
        "platforms": environment.platforms,
        "description": environment.description,
        "dependencies": list(environment.environment_dependencies),
        "features": list(environment.features),
        "dependency-groups": list(environment.dependency_groups),
        "dev-mode": environment.dev_mode,
        "skip-install": environment.skip_install,
        "builder": environment.builder,
        "env-vars": {key: env_vars[key] for key in own},
        "env-include": config.get("env-include", []),
        "env-exclude": list(environment.env_exclude),
        "scripts": {name: list(environment.resolve_commands([name])) for name in environment.scripts},
        "steps": {
            name: list(environment.resolve_commands([f"{name} {question['arguments']}"]))
            for name in environment.scripts
        },
        "pre-install-commands": list(install_commands(environment, environment.pre_install_commands)),
        "post-install-commands": list(install_commands(environment, environment.post_install_commands)),
        "system-packages": config.get("system-packages", False),
        "python-sources": config.get("python-sources", ["external", "internal"]),
        "installer": config.get("installer", "pip") or "pip",
        "uv-path": config.get("uv-path") or None,
    }


def main() -> None:
    plugins = PluginManager()
    out = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        try:
            told = answer(json.loads(line), plugins)
        except Exception as error:  # noqa: BLE001 - told, so that the question is not lost
            told = {"error": f"the oracle failed: {type(error).__name__}: {error}"}
        out.write(json.dumps(told) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
