"""The project in environments: built once for all of them, again only where what it is made from changed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from fakes import Events, FakeInstaller, recipe
from tiny import BUILD_INPUTS, OWN, asked, tell, tiny

from envtasks.environments import backends, making, record, wheels
from envtasks.environments.freshness import stale
from envtasks.environments.interpreters import Interpreter
from envtasks.environments.packages import site_packages
from envtasks.errors import EnvironmentFailed
from envtasks.events import StageStarted
from envtasks.model import Host
from envtasks.planned import Recipe, Step

ONCE = ["requires", "editable"]
WHEEL = ["requires", "wheel"]


class Unpacking(FakeInstaller):
    """An installer that pretends, but for wheels that are named by their path."""

    def install(self, made: Recipe, interpreter: Interpreter, arguments: Sequence[str], cwd: str, /) -> None:
        super().install(made, interpreter, arguments, cwd)
        place = Path(made.directory, "lib", "python{}.{}".format(*sys.version_info[:2]), "site-packages")
        place.mkdir(parents=True, exist_ok=True)
        for word in arguments:
            _, at, path = word.partition(" @ file://")
            if at:
                with ZipFile(path) as archive:
                    archive.extractall(place)


class World:
    """A project that a tiny backend builds, and its environments."""

    def __init__(self, root: Path) -> None:
        self.root = tiny(root)
        self.installer = Unpacking()
        self.events = Events()
        self.host = Host(str(root), str(root / "home"), "linux", dict(os.environ))
        self.builders = 0
        self.builder_says: dict[str, Any] = {"variables": self.host.environ}

    def directory(self, name: str) -> str:
        return str(self.root / ".envtasks" / "envs" / name)

    def builder(self) -> Recipe:
        self.builders += 1
        says = {"build_inputs": {}, "name": "envtasks-build", **self.builder_says}
        return recipe(self.directory("envtasks-build"), installer="fake", **says)

    def recipe(self, name: str = "test", **changes: Any) -> Recipe:
        plain = recipe(
            self.directory(name),
            name=name,
            installer="fake",
            project=str(self.root),
            build_inputs=BUILD_INPUTS,
            builder=self.builder,
        )
        return plain._replace(**changes)

    def make(self, wanted: Recipe) -> list[str]:
        """Make an environment; the hooks that this took."""
        self.events.clear()
        self.installer.installed.clear()
        making.make(wanted, self.host, str(self.root), self.events)
        assert stale(wanted) is None
        return asked(self.root)

    def shell_says(self, **variables: str) -> None:
        environ = {**self.host.environ, **variables}
        self.host = self.host._replace(environ=environ)
        self.builder_says["variables"] = environ

    def remove(self, name: str) -> None:
        os.rename(self.directory(name), self.root / f".gone-{name}-{time.monotonic_ns()}")

    @property
    def stages(self) -> list[tuple[str, str, str]]:
        return [(event.environment, event.stage, event.detail) for event in self.events.of(StageStarted)]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    monkeypatch.setitem(backends.MODULES, ("virtual", "fake"), "fake_installer")
    monkeypatch.setitem(sys.modules, "fake_installer", made.installer)
    return made


def places(installed: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """What was installed, with wheels by their file names alone."""
    return [
        tuple(word.partition("file://")[0] + os.path.basename(word) if "@" in word else word for word in one)
        for one in installed
    ]


NAME = "tiny_thing-1.0-py3-none-any.whl"


def test_the_project_and_its_environment_come_in_one_call(world: World) -> None:
    assert world.make(world.recipe(requirements=("a", "b"), project_features=("web",))) == ONCE
    assert places(world.installer.installed) == [("a", "b", f"tiny_thing[web] @ {NAME}")]
    told = [(environment, stage) for environment, stage, _ in world.stages]
    assert told == [
        ("test", "create"),
        ("envtasks-build", "create"),
        ("envtasks-build", "build"),
        ("test", "dependencies"),
        ("test", "project"),
    ]


def test_an_editable_project_says_so(world: World) -> None:
    world.make(world.recipe())
    place = Path(site_packages(world.directory("test")), "tiny_thing-1.0.dist-info")
    assert '"editable": true' in (place / "direct_url.json").read_text(encoding="utf-8")


def test_a_wheel_that_is_no_editable_one_does_not(world: World) -> None:
    assert world.make(world.recipe(editable=False)) == WHEEL
    place = Path(site_packages(world.directory("test")))
    assert (place / "tiny_thing.py").exists()
    assert not (place / "tiny_thing-1.0.dist-info" / "direct_url.json").exists()


@pytest.mark.parametrize(("editable", "hooks"), [(True, ONCE), (False, WHEEL)])
def test_one_build_serves_all_environments(editable: bool, hooks: list[str], world: World) -> None:
    assert world.make(world.recipe(editable=editable)) == hooks
    for name in ("second", "third"):
        assert world.make(world.recipe(name, editable=editable)) == []
        assert places(world.installer.installed) == [(f"tiny_thing @ {NAME}",)]
    assert world.installer.created == ["{}.{}.{}".format(*sys.version_info)] * 4


def test_a_warm_run_does_not_ask_for_the_build_environment(world: World) -> None:
    world.make(world.recipe())
    asked_before = world.builders
    assert stale(world.recipe()) is None
    world.make(world.recipe())
    assert world.builders == asked_before


def touch(path: str) -> Any:
    def change(world: World) -> None:
        (world.root / path).parent.mkdir(exist_ok=True)
        (world.root / path).write_text(f"changed = {time.monotonic_ns()}\n", encoding="utf-8")

    return change


#: What changed before another environment is made; whether an editable wheel, and an ordinary one, are built again.
CHANGES: dict[str, tuple[Any, bool, bool]] = {
    "nothing": (lambda world: None, False, False),
    "a-module": (touch("tiny_thing.py"), False, True),
    "a-new-module": (touch("another.py"), True, True),
    "the-build-environment-was-removed": (lambda world: world.remove("envtasks-build"), True, True),
    "its-dependencies": (lambda world: world.builder_says.update(requirements=("a",)), True, True),
    "its-variables": (
        lambda world: world.builder_says.update(variables={**world.host.environ, "SOURCE_DATE_EPOCH": "1"}),
        True,
        True,
    ),
    "the-path-of-the-shell": (
        lambda world: world.builder_says.update(variables={**world.host.environ, "PATH": f"/x:{os.environ['PATH']}"}),
        False,
        False,
    ),
    "what-the-shell-tells-compilers": (
        lambda world: world.shell_says(CFLAGS="-O3"),
        True,
        True,
    ),
    "what-the-shell-tells-others": (
        lambda world: world.shell_says(EDITOR="ed"),
        False,
        False,
    ),
    "a-hidden-file": (touch(".hidden"), False, False),
}


@pytest.mark.parametrize("editable", [True, False])
@pytest.mark.parametrize("case", CHANGES)
def test_what_makes_another_wheel(case: str, editable: bool, world: World) -> None:
    change, *built = CHANGES[case]
    world.make(world.recipe(editable=editable))
    change(world)
    hooks = world.make(world.recipe("second", editable=editable))
    assert hooks == ((ONCE if editable else WHEEL) if built[not editable] else [])


def test_metadata_that_only_the_backend_knows_count_with_the_sources(world: World) -> None:
    inputs = {**BUILD_INPUTS, "project": {"name": "tiny-thing", "dynamic": ["version"]}}
    world.make(world.recipe(build_inputs=inputs))
    assert world.make(world.recipe("second", build_inputs=inputs)) == []
    touch("tiny_thing.py")(world)
    assert stale(world.recipe(build_inputs=inputs)) is None
    assert world.make(world.recipe("third", build_inputs=inputs)) == ONCE


def test_a_changed_source_is_installed_again(world: World) -> None:
    wanted = world.recipe(editable=False, requirements=("a",))
    world.make(wanted)
    touch("tiny_thing.py")(world)
    assert world.make(wanted) == WHEEL
    assert places(world.installer.installed) == [
        ("--force-reinstall", "--no-deps", f"tiny_thing @ {NAME}"),
        (f"tiny_thing @ {NAME}",),
    ]
    place = Path(site_packages(wanted.directory), "tiny_thing.py")
    assert place.read_text(encoding="utf-8") == (world.root / "tiny_thing.py").read_text(encoding="utf-8")


def test_a_source_that_no_wheel_holds_installs_nothing(world: World) -> None:
    wanted = world.recipe(editable=False)
    world.make(wanted)
    touch("tests.py")(world)
    assert world.make(wanted) == WHEEL
    assert world.installer.installed == []
    assert world.make(wanted) == []


def test_what_is_edited_while_it_is_built_counts_the_next_time(world: World) -> None:
    wanted = world.recipe(editable=False, post_install=(Step("echo 'new = 1' >> tiny_thing.py"),))
    making.make(wanted, world.host, str(world.root), world.events)
    needed = stale(wanted)
    assert needed is not None
    assert needed.actions == {record.PROJECT}


def test_what_a_hook_before_the_install_makes_is_built(world: World) -> None:
    wanted = world.recipe(editable=False, requirements=("a",), pre_install=(Step("echo 'made = 1' > tiny_thing.py"),))
    making.make(wanted, world.host, str(world.root), world.events)
    place = Path(site_packages(wanted.directory), "tiny_thing.py")
    assert place.read_text(encoding="utf-8") == "made = 1\n"
    assert places(world.installer.installed) == [("a",), (f"tiny_thing @ {NAME}",)]
    assert stale(wanted) is None


def test_dependencies_that_only_the_backend_knows(world: World) -> None:
    inputs = {**BUILD_INPUTS, "project": {"name": "tiny-thing", "version": "1.0", "dynamic": ["dependencies"]}}
    needs = world.root / "requirements.txt"
    needs.write_text("a\n", encoding="utf-8")
    wanted = world.recipe(build_inputs=inputs)
    world.make(wanted)
    touch("tiny_thing.py")(world)
    assert stale(wanted) is None
    os.utime(needs, (1, 1))
    assert world.make(wanted) == ONCE
    assert world.installer.installed == []
    needs.write_text("a\nb\n", encoding="utf-8")
    assert world.make(wanted) == ONCE
    assert len(world.installer.installed) == 2


def test_a_dependency_that_the_backend_drops_goes(world: World) -> None:
    inputs = {**BUILD_INPUTS, "project": {"name": "tiny-thing", "version": "1.0", "dynamic": ["dependencies"]}}
    wanted = world.recipe(build_inputs=inputs)
    (world.root / "requirements.txt").write_text("a\n", encoding="utf-8")
    world.make(wanted)
    there = Path(site_packages(wanted.directory))
    for name in ("a", "b"):
        (there / f"{name}-1.dist-info").mkdir()
        (there / f"{name}-1.dist-info" / "METADATA").write_text(f"Name: {name}\nVersion: 1\n", encoding="utf-8")
    (world.root / "requirements.txt").write_text("b\n", encoding="utf-8")
    world.make(wanted)
    assert world.installer.uninstalled == [("a",)]


FEATURES = {"metadata": ["Provides-Extra: web", "Requires-Dist: x>1; extra == 'web'", "Requires-Dist: y"]}


def test_features_of_a_project_that_is_not_installed_are_asked_from_its_backend(world: World) -> None:
    tell(world.root, **FEATURES)
    inputs = {**BUILD_INPUTS, "project": {"name": "tiny-thing", "version": "1.0", "dynamic": ["optional-dependencies"]}}
    wanted = world.recipe(
        requirements=("a",), features_only=True, project_features=("web",), build_inputs=inputs, editable=True
    )
    assert world.make(wanted) == WHEEL
    assert world.installer.installed == [("a", "x>1")]
    assert world.make(wanted._replace(name="second", directory=world.directory("second"))) == []
    assert world.installer.installed == [("a", "x>1")]
    assert world.make(wanted._replace(requirements=("a", "b"))) == []
    assert world.installer.installed == [("a", "b")]
    tell(world.root, metadata=[*FEATURES["metadata"], "Requires-Dist: z; extra == 'web'"])
    (world.root / "setup.cfg").write_text("", encoding="utf-8")
    assert world.make(wanted._replace(requirements=("a", "b"))) == WHEEL
    assert world.installer.installed == [("x>1", "z")]


def test_what_the_backend_asks_for_is_installed_once(world: World) -> None:
    tell(world.root, requires=["x>1"])
    world.make(world.recipe())
    assert world.installer.installed[0] == ("x>1",)
    touch("another.py")(world)
    assert world.make(world.recipe("second")) == ONCE
    assert places(world.installer.installed) == [(f"tiny_thing @ {NAME}",)]


def test_a_backend_without_editable_wheels_is_left_to_the_installer(world: World) -> None:
    tell(world.root, editable=False)
    for name, hooks in (("test", ["requires"]), ("second", [])):
        assert world.make(world.recipe(name, requirements=("a",), project_features=("web",))) == hooks
        assert world.installer.installed == [("a", "--editable", f"{world.root}[web]")]


def test_a_wheel_for_one_python_is_built_for_each_and_counts_sources(world: World) -> None:
    tell(world.root, tag="OWN-OWN-linux_x86_64")
    assert world.make(world.recipe()) == ONCE
    assert world.make(world.recipe("second")) == []
    touch("tiny_thing.py")(world)
    assert stale(world.recipe()) is None
    assert world.make(world.recipe("third")) == ONCE
    assert places(world.installer.installed) == [(f"tiny_thing @ tiny_thing-1.0-{OWN}-{OWN}-linux_x86_64.whl",)]


def test_a_wheel_that_is_for_no_python_here(world: World) -> None:
    tell(world.root, tag="cp27-cp27mu-linux_x86_64")
    with pytest.raises(EnvironmentFailed, match="what was built of the project is not for cpython"):
        world.make(world.recipe())
    assert asked(world.root) == ONCE * 2
    own = "{}.{}.{}".format(*sys.version_info)
    assert os.path.isdir(world.directory(f"envtasks-build.cpython{own}"))


@pytest.mark.parametrize("hook", ["requires", "editable"])
def test_a_build_that_fails_leaves_nothing_that_is_trusted(hook: str, world: World) -> None:
    tell(world.root, fails=hook)
    with pytest.raises(EnvironmentFailed, match="what it says"):
        world.make(world.recipe())
    assert [name for name in os.listdir(Path(world.directory(wheels.HOME))) if not name.startswith(".lock")] == []
    assert stale(world.recipe()) is not None
    tell(world.root)
    asked(world.root)
    assert world.make(world.recipe()) == ONCE


def test_a_build_that_fails_leaves_an_environment_as_it_was(world: World) -> None:
    wanted = world.recipe(requirements=("a",))
    world.make(wanted)
    changed = wanted._replace(requirements=("a", "b"), build_inputs={**BUILD_INPUTS, "tool": 1})
    tell(world.root, fails="editable")
    with pytest.raises(EnvironmentFailed):
        world.make(changed)
    assert stale(wanted) is None
    needed = stale(changed)
    assert needed is not None
    assert not needed.anew


@pytest.mark.parametrize("left", ["nothing", "half"])
def test_what_a_killed_build_left_is_no_wheel(left: str, world: World) -> None:
    world.make(world.recipe())
    home = Path(world.directory(wheels.HOME))
    (place,) = [one for one in home.iterdir() if one.is_dir()]
    if left == "half":
        (home / ".building-x").mkdir()
        (home / ".building-x" / NAME).write_bytes(b"half")
    (place / NAME).unlink()
    assert world.make(world.recipe("second")) == ONCE


SLOW = """
import os, time
from pathlib import Path
Path(".begun").touch()
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(0.01)
"""


def test_a_build_that_was_killed_is_built_again(world: World) -> None:
    backend = world.root / "backend" / "tiny_backend.py"
    quick = backend.read_text(encoding="utf-8")
    backend.write_text(quick.replace('    asked("editable")', f"    exec({SLOW!r})"), encoding="utf-8")
    with subprocess.Popen(racing(world, "test")) as other:
        while not (world.root / ".begun").exists():
            assert other.poll() is None
            time.sleep(0.01)
        other.kill()
    left = [one.name for one in Path(world.directory(wheels.HOME)).iterdir() if one.is_dir()]
    assert [name.startswith(wheels.UNFINISHED) for name in left] == [True]
    asked(world.root)
    backend.write_text(quick, encoding="utf-8")
    assert world.make(world.recipe()) == ONCE
    (place,) = [one for one in Path(world.directory(wheels.HOME)).iterdir() if one.is_dir()]
    assert os.listdir(place) == [NAME]


def test_only_the_wheels_that_were_used_last_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "MOST_KEPT", 2)
    contents = []
    for number in range(3):
        (world.root / "tiny_thing.py").write_text(f"this = {number}\n" * (number + 1), encoding="utf-8")
        world.make(world.recipe(editable=False))
        kept = sorted(Path(world.directory(wheels.HOME)).glob("*/*.whl"))
        contents.append(len(kept))
    assert contents == [1, 2, 2]


def test_a_project_that_the_interpreter_has_too_is_installed_all_the_same(world: World) -> None:
    world.make(world.recipe(system_packages=True))
    assert places(world.installer.installed)[0] == ("--force-reinstall", "--no-deps", f"tiny_thing @ {NAME}")


def test_no_isolation_where_the_build_environment_is_none(world: World) -> None:
    world.builder_says.update(type="none")
    tell(world.root, requires=["x"])
    assert world.make(world.recipe()) == ONCE
    assert not os.path.isdir(world.directory("envtasks-build"))


RACE = """
import os, sys
sys.path[:0] = sys.argv[2].split(os.pathsep)
from pathlib import Path
from test_workshop import World
from envtasks.environments import backends, making
world = World.__new__(World)
World.__init__.__globals__["tiny"] = lambda root: root
world.__init__(Path(sys.argv[1]))
backends.MODULES["virtual", "fake"] = "fake_installer"
sys.modules["fake_installer"] = world.installer
making.make(world.recipe(sys.argv[3]), world.host, sys.argv[1], world.events)
"""


def racing(world: World, name: str) -> list[str]:
    """The command that makes an environment in another process."""
    paths = (os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__)))
    return [sys.executable, "-c", RACE, str(world.root), os.pathsep.join(map(os.path.abspath, paths)), name]


def test_processes_that_need_it_at_once_build_it_once(world: World) -> None:
    started = [subprocess.Popen(racing(world, f"env{number}")) for number in range(4)]
    assert [one.wait() for one in started] == [0] * 4
    assert asked(world.root) == ONCE
    assert stale(world.recipe("env3")) is None
