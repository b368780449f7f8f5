"""Building a project with its own backend (PEP 517, PEP 660): the only module that runs hooks of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from envtasks.declare.metadata import build_requires, inside
from envtasks.declared import Texts
from envtasks.errors import EnvironmentFailed
from envtasks.process import run_program
from envtasks.tuples import NamedTuple

if TYPE_CHECKING:
    from pyproject_hooks import BuildBackendHookCaller

#: What can be built. An `editable` is a wheel that leads to the sources.
Kind = Literal["sdist", "wheel", "editable"]
#: What builds a project that does not say (PEP 517).
LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
HINT = "look at 'build-system' in pyproject.toml"


class BuildSystem(NamedTuple):
    """What builds a project, and where: the Python of an environment that has what the build requires."""

    root: str
    python: str
    variables: Mapping[str, str]
    name: str = LEGACY_BACKEND
    path: Texts = ()


class Unsupported(EnvironmentFailed):
    """A backend cannot build this."""


def build_system_of(
    root: str, build_inputs: Mapping[str, Any], python: str, variables: Mapping[str, str]
) -> BuildSystem:
    """The backend that the project names, else that of setuptools; EnvironmentFailed where it is not named right."""
    system = inside(build_inputs, "build-system")
    name, path = system.get("build-backend", LEGACY_BACKEND), system.get("backend-path", [])
    if not isinstance(name, str) or not name:
        raise EnvironmentFailed("'build-backend' is no name", hint=HINT)
    if not isinstance(path, list) or not all(isinstance(one, str) for one in path):
        raise EnvironmentFailed("'backend-path' is no array of strings", hint=HINT)
    build_requires(build_inputs)
    return BuildSystem(root, python, variables, name, tuple(path))


def requires(backend: BuildSystem, kind: Kind) -> Texts:
    """What this build needs besides what the project says, as the backend tells; EnvironmentFailed where it fails."""
    told = ask(backend, f"get_requires_for_build_{kind}", lambda hooks, name: getattr(hooks, name)())
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise EnvironmentFailed(f"the build backend '{backend.name}' tells no list of requirements: {told!r}")
    return tuple(told)


def build(backend: BuildSystem, kind: Kind, directory: str) -> str:
    """Build into a directory and give the path of what is there now.

    Raises Unsupported where the backend has no such thing, and EnvironmentFailed with all the output of a build that
    fails.
    """
    return made_in(
        directory, ask(backend, f"build_{kind}", lambda hooks, name: getattr(hooks, name)(directory)), backend
    )


def metadata(backend: BuildSystem, directory: str) -> str:
    """Have the backend write the metadata of the project into a directory; the path of its `METADATA`."""
    told = ask(backend, "prepare_metadata_for_build_wheel", lambda hooks, name: getattr(hooks, name)(directory))
    return made_in(os.path.join(directory, str(told)), "METADATA", backend)


def made_in(directory: str, name: Any, backend: BuildSystem) -> str:
    path = os.path.join(directory, str(name))
    if not isinstance(name, str) or os.path.basename(name) != name or not os.path.isfile(path):
        raise EnvironmentFailed(f"the build backend '{backend.name}' says that it made {name!r}, which is not there")
    return path


def ask(backend: BuildSystem, hook: str, call: Callable[[BuildBackendHookCaller, str], Any]) -> Any:
    from pyproject_hooks import BackendUnavailable, BuildBackendHookCaller, HookMissing, UnsupportedOperation

    def run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        variables = {**backend.variables, **(extra_environ or {})}
        finished = run_program(cmd, cwd=cwd or backend.root, variables=variables, capture="together")
        if finished.exit_code:
            raise EnvironmentFailed(
                f"{hook} of '{backend.name}' failed with exit code {finished.exit_code}\n{finished.output.rstrip()}"
            )

    with quiet():
        try:
            hooks = BuildBackendHookCaller(
                backend.root, backend.name, backend.path, runner=run, python_executable=backend.python
            )
        except ValueError as error:
            raise EnvironmentFailed(f"'backend-path' leads out of the project: {error}", hint=HINT) from None
        try:
            return call(hooks, hook)
        except HookMissing:
            raise Unsupported(f"the build backend '{backend.name}' has no {hook}") from None
        except UnsupportedOperation as error:
            raise Unsupported(
                f"the build backend '{backend.name}' refuses {hook}\n{error.traceback}".rstrip()
            ) from None
        except BackendUnavailable as error:
            raise EnvironmentFailed(
                f"the build backend '{backend.name}' cannot be loaded\n{error.traceback}".rstrip(),
                hint="is what provides it in 'requires' of 'build-system'?",
            ) from None
        except (OSError, ValueError, KeyError) as error:
            # It left without an answer, as a backend does that ends its own process.
            raise EnvironmentFailed(f"{hook} of '{backend.name}' gives no answer: {error}") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, warnings that a backend hands on are not shown as if they were ours."""
    from warnings import catch_warnings, simplefilter

    with catch_warnings():
        simplefilter("ignore")
        yield
