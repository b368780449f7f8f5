"""Making environments true to their recipes, stage by stage."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from errno import ENOSPC
from functools import partial
from time import monotonic

from envtasks.declared import Texts
from envtasks.environments import record, uv
from envtasks.environments.backends import backend_of
from envtasks.environments.editables import mark_editable
from envtasks.environments.freshness import Need, stale
from envtasks.environments.index_variables import for_uv
from envtasks.environments.installed import with_installed
from envtasks.environments.interpreters import Interpreter, find
from envtasks.environments.location import config_of, is_within, python_of
from envtasks.environments.locks import lock_of, locked, turn_of, unused
from envtasks.environments.orphans import orphans
from envtasks.environments.packages import modules, packages, programs, site_packages
from envtasks.environments.pythons.providing import Provider
from envtasks.environments.removal import check_place, refusal, remove
from envtasks.environments.sources import DEPENDENCIES, is_dynamic, shaping
from envtasks.environments.use import Use, use
from envtasks.environments.wheels import brackets, content_of, metadata_directory, requirement_of
from envtasks.environments.workshop import Workshop
from envtasks.errors import EnvironmentFailed, InstallerFailed
from envtasks.events import (
    Emit,
    EnvironmentNoted,
    EnvironmentReady,
    EnvironmentStarted,
    StageStarted,
)
from envtasks.model import Host
from envtasks.planned import Recipe, Step
from envtasks.process import NotStarted, run_shell


def make(recipe: Recipe, host: Host, cwd: str, emit: Emit, *, anew: str = "") -> None:
    """Do what is needed so that `stale` has nothing more to say; nothing where another process just did it.

    ``anew`` is a reason to make it anew whatever lies there. Raises EnvironmentFailed, with the output of the program
    that failed. What was begun is then marked as unfinished, and made anew the next time.
    """
    make_for_use(recipe, host, cwd, emit, anew=anew).end()


def make_for_use(recipe: Recipe, host: Host, cwd: str, emit: Emit, *, anew: str = "") -> Use:
    """Make it as `make` does, and hold the directory before anybody else can take it away."""
    with told_as_failures(recipe.directory):
        # What another process does there shows only under the lock; but where there never was one, nothing is
        # written before a place is refused.
        if refusal(recipe.directory, host, cwd) and not os.path.exists(lock_of(recipe)):
            check_place(recipe.directory, host, cwd)
        prepare_store(recipe.store, host, emit)
        with locked(turn_of(recipe), recipe.name, emit):
            while not is_made(recipe, host, cwd, emit, anew):
                pass
            return use(recipe.directory) or Use()


def is_made(recipe: Recipe, host: Host, cwd: str, emit: Emit, anew: str) -> bool:
    """Make the environment true; False where it turned out on the way that it must be taken away after all."""
    needed = need_of(recipe, anew)
    alone = needed is not None and record.ANEW in needed.actions
    active = host.environ.get("VIRTUAL_ENV", "")
    with unused(recipe, emit, active) if alone else nullcontext(), locked(lock_of(recipe), recipe.name, emit):
        check_place(recipe.directory, host, cwd)
        needed = need_of(recipe, anew)
        if needed is None:
            return True
        if record.ANEW in needed.actions and not alone:
            return False
        Making(recipe, host, cwd, emit).perform(needed)
        return True


def need_of(recipe: Recipe, anew: str) -> Need | None:
    return Need(frozenset([record.ANEW]), anew) if anew else stale(recipe)


@contextmanager
def told_as_failures(place: str) -> Iterator[None]:
    """Inside, what the disk refuses is an EnvironmentFailed; it names a ``place`` where the disk names no file."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFailed(f"{error.strerror}: '{error.filename or place}'") from None
    except InstallerFailed as error:
        if os.strerror(ENOSPC) in error.message:
            error.hint = f"make room for '{place}'"
        raise


def prepare_store(store: str, host: Host, emit: Emit) -> None:
    """Keep the store out of version control where it lies in the project and holds nothing else.

    Build backends go by the `.gitignore` of the project, which is the person's own: they are told once.
    """
    built = os.path.exists(os.path.join(host.root, "pyproject.toml"))
    if built and not os.path.isdir(store) and is_within(store, host.root) and not ignores(host.root, store):
        top = os.path.relpath(store, host.root).partition(os.sep)[0]
        emit(
            EnvironmentNoted(f"put '{top}/' into the .gitignore of the project, or what builds it may take that along")
        )
    os.makedirs(store, exist_ok=True)
    if is_within(store, host.root) and store != host.root:
        ignore = os.path.join(store, ".gitignore")
        if not os.path.exists(ignore) and not any(not name.startswith(".") for name in os.listdir(store)):
            with open(ignore, "w", encoding="utf-8") as file:
                file.write("*\n")


def ignores(root: str, store: str) -> bool:
    """Whether the `.gitignore` of a project names a directory on the way to the store."""
    way = os.path.relpath(store, root).split(os.sep)
    try:
        with open(os.path.join(root, ".gitignore"), encoding="utf-8", errors="replace") as file:
            lines = [line.strip().strip("/") for line in file]
    except OSError:
        return False
    return any("/".join(way[: length + 1]) in lines or way[length] in lines for length in range(len(way)))


def install(recipe: Recipe, arguments: Sequence[str], cwd: str, emit: Emit) -> None:
    """Put something more into an environment that is ready, and remember it; relative paths are taken from ``cwd``.

    Raises EnvironmentFailed where the installer fails. An install that is cut off leaves the environment unfinished.
    """
    with told_as_failures(recipe.directory), locked(lock_of(recipe), recipe.name, emit):
        found = record.read(recipe.directory)
        if found is None:
            raise EnvironmentFailed(f"'{recipe.name}' is not ready")
        record.write(recipe.directory, {"ready": False})
        try:
            backend_of(recipe).install(recipe, Interpreter(**found["interpreter"]), arguments, cwd)
        except EnvironmentFailed:
            record.write(recipe.directory, found)
            raise
        found = {**found, **contents(recipe)}
        record.write(recipe.directory, with_installed(found, recipe, arguments, cwd))


def contents(recipe: Recipe) -> dict[str, list[str]]:
    """What is installed by now, as the record tells it."""
    place = site_packages(recipe.directory)
    return {"packages": packages(place), "modules": modules(place), "programs": programs(recipe.directory)}


class Making:
    """One environment while it is made."""

    def __init__(self, recipe: Recipe, host: Host, cwd: str, emit: Emit) -> None:
        self.recipe = recipe
        self.host = host
        self.cwd = cwd
        self.emit = emit
        self.keeps_pip = False
        self.tasks_asked_for: list[str] = []
        self.anew = False
        self.changed: set[str] = set()
        self.sources: str | None = None
        self.wheel: str | None = None
        self.features: Texts = ()
        self.asked: Texts = ()
        self.before: record.Record = {}
        self.dropped = False

    def perform(self, need: Need) -> None:
        recipe = self.recipe
        started = monotonic()
        self.anew = need.anew
        backend_of(recipe).check(recipe)
        interpreter = self.found_interpreter() if need.anew else self.recorded_interpreter()
        self.emit(EnvironmentStarted(recipe.name, need.reason, need.anew))
        if recipe.installer == "uv":
            for name, (ours, _) in for_uv(recipe.variables).items():
                self.emit(EnvironmentNoted(f"uv is told of {name} as {ours}"))
        if need.anew:
            self.create(interpreter)
            actions = {record.INSTALL, record.PROJECT}
        else:
            actions = set(need.actions)
        if record.PROJECT in actions and recipe.project is not None:
            alone = actions == {record.PROJECT} and self.changed == {"sources"}
            self.install_project(interpreter, requirements=record.INSTALL in actions, alone=alone)
        elif record.INSTALL in actions:
            self.install_requirements(interpreter)
        if record.REMOVE in actions or self.dropped:
            self.remove_orphans(interpreter)
        record.write(recipe.directory, self.finished(interpreter))
        self.emit(EnvironmentReady(recipe.name, monotonic() - started))

    def recorded_interpreter(self) -> Interpreter:
        """The interpreter of a directory that is kept; until we are done, it counts as unfinished."""
        found = record.read(self.recipe.directory) or {}
        self.keeps_pip, self.sources, self.wheel = found["pip"], found["sources"], found.get("wheel")
        self.tasks_asked_for = [word for one in found.get("installed", ()) for word in one["arguments"]]
        self.features = tuple(found["features"]) if record.is_texts(found.get("features")) else ()
        self.before = found
        self.changed = {name for name, part in record.parts(self.recipe).items() if found.get(name) != part}
        record.write(self.recipe.directory, {"ready": False})
        return Interpreter(**found["interpreter"])

    def found_interpreter(self) -> Interpreter:
        recipe, host = self.recipe, self.host
        by_uv = partial(uv.program, recipe) if recipe.installer == "uv" else None
        provide = Provider(host, partial(self.stage, "python"), by_uv)
        return find(recipe.python, recipe.requires_python, recipe.python_sources, host, provide)

    def create(self, interpreter: Interpreter) -> None:
        recipe = self.recipe
        self.stage("create", f"{interpreter.implementation} {interpreter.version} from {interpreter.path}")
        remove(recipe.directory, self.host, self.cwd)
        os.makedirs(recipe.directory)
        record.write(recipe.directory, {"ready": False})
        backend_of(recipe).create(recipe, interpreter)

    def install_requirements(self, interpreter: Interpreter) -> None:
        requirements = self.told_requirements()
        if requirements:
            backend_of(self.recipe).install(self.recipe, interpreter, requirements, self.host.root)

    def told_requirements(self) -> Texts:
        """What the environment asks for besides the project, told of as a stage."""
        requirements = (*self.recipe.requirements, *(("pip",) if self.recipe.pip else ()))
        if requirements:
            self.stage("dependencies", ", ".join(requirements))
        return requirements

    def remove_orphans(self, interpreter: Interpreter) -> None:
        """Take out what nothing asks for any more, neither the declarations nor a task that installed it."""
        recipe = self.recipe
        wanted = (*recipe.requirements, *self.features, *self.tasks_asked_for)
        names = orphans(site_packages(recipe.directory), wanted, recipe.project_features, interpreter)
        if names:
            self.stage("removal", ", ".join(names))
            backend_of(recipe).uninstall(recipe, interpreter, names)

    def install_project(self, interpreter: Interpreter, *, requirements: bool = False, alone: bool = False) -> None:
        """Install the project, with the ``requirements`` of the environment where they are to come along.

        ``alone``: nothing but its sources changed, so that the wheel that is there may still be the one.
        """
        recipe = self.recipe
        if recipe.project is None:
            return
        if requirements and recipe.pre_install:
            self.install_requirements(interpreter)
            requirements = False
        self.hooks("pre-install-commands", recipe.pre_install)
        self.sources = shaping(recipe.project, recipe.build_inputs, editable=recipe.editable)
        try:
            wheel = self.project_wheel(interpreter)
        except (EnvironmentFailed, KeyboardInterrupt):
            if self.before and not recipe.pre_install:
                # Nothing was done to it yet.
                record.write(recipe.directory, self.before)
            raise
        if recipe.features_only:
            self.install_features(interpreter, self.told_requirements() if requirements else ())
            return
        before, self.wheel = self.wheel, content_of(wheel) if wheel else None
        if alone and before is not None and before == self.wheel and not recipe.pre_install:
            return
        self.dropped = alone and is_dynamic(recipe.build_inputs, *DEPENDENCIES)
        words = self.told_requirements() if requirements else ()
        self.stage("project", "editable" if recipe.editable else "")
        if wheel is None:
            named = f"{recipe.project}{brackets(recipe.project_features)}"
            words = (*words, *(("--editable", named) if recipe.editable else (named,)))
            backend_of(recipe).install(recipe, interpreter, words, self.host.root)
        else:
            self.install_wheel(interpreter, wheel, words)
        self.hooks("post-install-commands", recipe.post_install)

    def install_wheel(self, interpreter: Interpreter, wheel: str, words: Texts) -> None:
        """Install a wheel of the project and what it depends on; installers keep one of the same version otherwise."""
        recipe, backend = self.recipe, backend_of(self.recipe)
        if not self.anew or recipe.system_packages:
            again = ("--force-reinstall", "--no-deps", requirement_of(wheel))
            backend.install(recipe, interpreter, again, self.host.root)
        words = (*words, requirement_of(wheel, recipe.project_features))
        backend.install(recipe, interpreter, words, self.host.root)
        if recipe.editable and recipe.project:
            mark_editable(recipe.directory, metadata_directory(wheel), recipe.project)

    def project_wheel(self, interpreter: Interpreter) -> str | None:
        """The wheel of the project; None where only the installer can see to it."""
        recipe = self.recipe
        if recipe.builder is None:
            return None
        if recipe.features_only:
            self.asked = self.workshop.features(recipe.builder(), interpreter)
            return None
        return self.workshop.wheel(recipe.builder(), interpreter)

    def install_features(self, interpreter: Interpreter, words: Texts) -> None:
        """Install what the features of the project come to, and nothing of the project."""
        recipe = self.recipe
        self.dropped = bool(set(self.features) - set(self.asked))
        self.features = self.asked
        self.stage("dependencies", ", ".join(self.features))
        backend_of(recipe).install(recipe, interpreter, (*words, *self.features), self.host.root)

    @property
    def workshop(self) -> Workshop:
        return Workshop(self.recipe, self.sources, self.host.environ, self.ready, self.install_more, self.emit)

    def ready(self, recipe: Recipe) -> Use:
        return make_for_use(recipe, self.host, self.cwd, self.emit)

    def install_more(self, recipe: Recipe, requirements: Texts) -> None:
        install(recipe, requirements, self.host.root, self.emit)

    def hooks(self, stage: str, steps: Sequence[Step]) -> None:
        for step in steps:
            self.stage(stage, str(step))
            variables = {**self.recipe.variables, **dict(step.env_vars)}
            try:
                finished = run_shell(step.run, cwd=step.cwd or self.host.root, variables=variables)
            except NotStarted as error:
                raise EnvironmentFailed(f"a command of {stage} {error.message}: {step.run}") from None
            if finished.exit_code and not step.ignore_exit_code:
                raise EnvironmentFailed(f"a command of {stage} failed with exit code {finished.exit_code}: {step.run}")

    def stage(self, name: str, detail: str = "") -> None:
        self.emit(StageStarted(self.recipe.name, name, detail))

    def finished(self, interpreter: Interpreter) -> record.Record:
        return {
            **record.parts(self.recipe),
            "sources": self.sources,
            "wheel": self.wheel,
            "features": list(self.features),
            "pip": self.recipe.pip or self.keeps_pip,
            "name": self.recipe.name,
            "root": self.host.root,
            **contents(self.recipe),
            "interpreter": interpreter._asdict(),
            "config_fingerprint": record.fingerprint(config_of(self.recipe.directory)),
            "interpreter_fingerprint": record.fingerprint(interpreter.path),
            "python_fingerprint": record.fingerprint(python_of(self.recipe.directory)),
            "ready": True,
        }
