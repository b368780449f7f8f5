"""Where the project is built for the environments that install it: once for each state of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from tempfile import TemporaryDirectory
from typing import Any

from envtasks.declared import Texts
from envtasks.environments import building, record, wheels
from envtasks.environments.features import requirements_of
from envtasks.environments.installed import is_installed
from envtasks.environments.interpreters import Interpreter
from envtasks.environments.location import python_of, safe
from envtasks.environments.locks import locked
from envtasks.environments.removal import remove_oldest
from envtasks.environments.sources import shaping_editable, sources
from envtasks.environments.use import Use
from envtasks.errors import EnvironmentFailed
from envtasks.events import Emit, StageStarted
from envtasks.option_table import NONE
from envtasks.planned import Recipe

#: What stands in the place of metadata that were asked for.
METADATA = "metadata"
#: What is not the same in every shell although nobody changed it.
PASSED_OVER = ("PATH", "VIRTUAL_ENV", "ENVTASKS_ENV_ACTIVE", "HATCH_ENV_ACTIVE")

#: What variables begin with by which a shell tells backends and compilers what to make; the others are no reason to
#: build again.
SHAPING = (
    "ARCHFLAGS",
    "CARGO_",
    "CC",
    "CFLAGS",
    "CMAKE_",
    "CXX",
    "HATCH_BUILD_",
    "LDFLAGS",
    "MATURIN_",
    "PBR_",
    "SETUPTOOLS_SCM_",
    "SKBUILD_",
    "SOURCE_DATE_EPOCH",
)


class Workshop:
    """Wheels of the project of a recipe, for its environment and for all others.

    ``ready`` makes an environment true and holds it; ``install`` puts requirements into one that is.
    """

    def __init__(
        self,
        recipe: Recipe,
        shaped_by: str | None,
        environ: Mapping[str, str],
        ready: Callable[[Recipe], Use],
        install: Callable[[Recipe, Texts], None],
        emit: Emit,
    ) -> None:
        self.recipe = recipe
        self.root = recipe.project or ""
        self.home = os.path.join(recipe.store, wheels.HOME)
        self.kind: building.Kind = "editable" if recipe.editable else "wheel"
        self.shaped_by = shaped_by
        self.environ = environ
        self.ready = ready
        self.install = install
        self.emit = emit

    def wheel(self, builder: Recipe, interpreter: Interpreter) -> str | None:
        """The wheel for an interpreter; None where the backend has no editable ones.

        One that is for this interpreter alone is built with it, in an environment of its own.
        """
        path = self.made_in(builder)
        if path is None or wheels.fits(path, interpreter):
            return path
        if builder.type != NONE:
            path = self.made_in(for_interpreter(builder, interpreter))
        if path is None or wheels.fits(path, interpreter):
            return path
        raise EnvironmentFailed(
            f"what was built of the project is not for {interpreter.implementation} {interpreter.version}:"
            f" '{os.path.basename(path)}'"
        )

    def features(self, builder: Recipe, interpreter: Interpreter) -> Texts:
        """What the features of the recipe come to for an interpreter, as the backend tells."""
        with locked(os.path.join(self.home, ".lock"), builder.name, self.emit):
            held = Use() if builder.type == NONE else self.ready(builder)
            try:
                place = wheels.place_of(self.home, METADATA, self.inputs(builder))
                metadata = wheels.noted(place, METADATA)
                if metadata is None:
                    metadata = self.metadata(builder)
                    wheels.note(place, METADATA, metadata)
            finally:
                held.end()
        return requirements_of(metadata, self.recipe.project_features, interpreter)

    def metadata(self, builder: Recipe) -> str:
        self.emit(StageStarted(builder.name, "build", METADATA))
        backend = self.backend(builder)
        self.add(builder, building.requires(backend, "wheel"))
        with TemporaryDirectory() as temporary, open(building.metadata(backend, temporary), encoding="utf-8") as file:
            return file.read()

    def made_in(self, builder: Recipe) -> str | None:
        """What was kept of a build in this environment, or is built now."""
        with locked(os.path.join(self.home, ".lock"), builder.name, self.emit):
            held = Use() if builder.type == NONE else self.ready(builder)
            try:
                return self.kept_or_built(builder)
            finally:
                held.end()

    def kept_or_built(self, builder: Recipe) -> str | None:
        inputs = self.inputs(builder)
        place = self.place(inputs)
        if wheels.noted(place, wheels.UNSUPPORTED) is not None:
            return None
        if wheels.noted(place, wheels.SOURCES_COUNT) is not None:
            place = self.place(inputs, sources(self.root))
        return wheels.kept(place) or self.built(builder, inputs)

    def built(self, builder: Recipe, inputs: Any) -> str | None:
        self.emit(StageStarted(builder.name, "build", self.kind))
        backend = self.backend(builder)
        self.add(builder, building.requires(backend, self.kind))
        place = self.place(inputs)
        # Before the build, so that what is edited meanwhile counts as a change.
        with_sources = self.place(inputs, sources(self.root))

        def place_for(made: str) -> str:
            if self.kind == "wheel" or wheels.is_pure(made):
                return place
            wheels.note(place, wheels.SOURCES_COUNT)
            return with_sources

        remove_oldest(self.home, wheels.UNFINISHED, wheels.MOST_KEPT - 1)
        try:
            return wheels.keep(self.home, lambda directory: building.build(backend, self.kind, directory), place_for)
        except building.Unsupported as error:
            if self.kind == "wheel":
                raise
            wheels.note(place, wheels.UNSUPPORTED, error.message)
            return None

    def backend(self, builder: Recipe) -> building.BuildSystem:
        python = sys.executable if builder.type == NONE else python_of(builder.directory)
        return building.build_system_of(self.root, self.recipe.build_inputs, python, builder.variables)

    def add(self, builder: Recipe, requirements: Texts) -> None:
        """Install what the backend asks for on top of what the project says."""
        if requirements and builder.type != NONE and not is_installed(builder, requirements, self.root):
            self.install(builder, requirements)

    def inputs(self, builder: Recipe) -> Any:
        """Everything that this build is made from; the sources where they count."""
        said = {
            name: value
            for name, value in builder.variables.items()
            if self.environ.get(name) != value or name.startswith(SHAPING)
        }
        return {
            "project": self.root,
            "build_inputs": self.recipe.build_inputs,
            "sources": shaping_editable(self.root, self.recipe.build_inputs)
            if self.recipe.editable
            else self.shaped_by,
            "builder": record.parts(builder),
            "variables": {name: value for name, value in said.items() if name not in PASSED_OVER},
            "made": None if builder.type == NONE else made_at(builder.directory),
        }

    def place(self, *made_from: Any) -> str:
        return wheels.place_of(self.home, self.kind, *made_from)


def for_interpreter(builder: Recipe, interpreter: Interpreter) -> Recipe:
    """The environment to build in for one interpreter alone, beside the usual one."""
    suffix = f"{interpreter.implementation}{interpreter.version}"
    name = f"{builder.name}.{suffix}"
    directory = os.path.join(
        os.path.dirname(builder.directory), safe(f"{os.path.basename(builder.directory)}.{suffix}")
    )
    return builder._replace(name=name, directory=directory, python=interpreter.path)


def made_at(directory: str) -> Any:
    """What tells an environment from one that was made in its place, with whatever versions there were by then."""
    return record.fingerprint(os.path.join(directory, "pyvenv.cfg"))
