"""What lies on disk is what was declared, and nothing is done twice: each change, and the exact commands that mend it.

After each of them the environment is looked at from inside, and a further run starts nothing but the user's command.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from trust import UV, Own, Trial, exact, own_python

from envtasks.environments.interpreters import own_executable
from envtasks.environments.record import MARK, PARTS

pytest_plugins = ["trials"]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the paths of programs are those of POSIX")

Change = Callable[[Trial], None]
COMMAND = "$ python -I 'ROOT/check.py'"
RUNS = "$ echo around"


class Row(NamedTuple):
    """What an environment is before, what changes, and what must happen: the reason told, the commands, what is there.

    ``part`` is the part of the record that it is about.
    """

    part: str
    before: str
    change: Change
    says: str
    actions: tuple[str, ...]
    has: str
    built: bool = False


def declared(options: str) -> Change:
    return lambda trial: trial.declare(options)


def edited(name: str, before: str, after: str) -> Change:
    """A text in a file of the project becomes another one."""

    def change(trial: Trial) -> None:
        text = (trial.root / name).read_text(encoding="utf-8")
        assert before in text
        trial.write(name, text.replace(before, after))

    return change


def recorded(**parts: object) -> Change:
    def change(trial: Trial) -> None:
        (trial.directory / MARK).write_text(json.dumps({**trial.record, **parts}), encoding="utf-8")

    return change


def taken(pattern: str) -> Change:
    """What this matches in the site-packages is gone."""

    def change(trial: Trial) -> None:
        found = [*trial.packages.glob(pattern)]
        assert found
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def moved(trial: Trial) -> None:
    trial.root = trial.root.rename(trial.top / "elsewhere")


def configured(trial: Trial) -> None:
    """Somebody lets the environment see the packages of its interpreter."""
    path = trial.directory / "pyvenv.cfg"
    text = path.read_text(encoding="utf-8")
    assert "include-system-site-packages = false" in text
    path.write_text(text.replace("= false", "= true"), encoding="utf-8")


ALONE = "detached = true\n"
ONE = f'{ALONE}dependencies = ["one"]\n'
ANEW = "making the environment: "
UPDATE = "updating the environment: "
HOOKED = 'pre-install-commands = ["- pip install --no-such -r more.txt"]'
BUILD = ("create@build", "hook get_requires_for_build_editable", "hook build_editable")
WHEEL = "WHEELS/demo-1.0-py3-none-any.whl"
AGAIN = f"install --force-reinstall --no-deps demo @ {WHEEL}"

ROWS: dict[str, Row] = {
    "requirement-more": Row(
        "requirements",
        ONE,
        declared(f'{ALONE}dependencies = ["one", "three"]\n'),
        f"{UPDATE}dependencies changed (+ three)",
        ("install one three",),
        "one-1.0 three-1.0",
    ),
    "requirement-less": Row(
        "requirements",
        f'{ALONE}dependencies = ["one", "two"]\n',
        declared(ONE),
        f"{UPDATE}dependencies changed (- two)",
        ("uninstall three two",),
        "one-1.0",
    ),
    "requirement-other": Row(
        "requirements",
        ONE,
        declared(f'{ALONE}dependencies = ["two"]\n'),
        f"{UPDATE}dependencies changed (+ two, - one)",
        ("install two", "uninstall one"),
        "three-1.0 two-1.0",
    ),
    "requirement-of-an-address": Row(
        "requirements",
        f'{ALONE}dependencies = ["one @ file://{{env:PIP_FIND_LINKS}}/one-1.0-py3-none-any.whl"]\n',
        declared(f'{ALONE}dependencies = ["three"]\n'),
        f"{ANEW}dependencies changed (+ three, - one @ file://FOUND/one-1.0-py3-none-any.whl)",
        ("create", "install three"),
        "three-1.0",
    ),
    "extra-dependencies": Row(
        "requirements",
        ONE,
        declared(f'{ONE}extra-dependencies = ["three"]\n'),
        f"{UPDATE}dependencies changed (+ three)",
        ("install one three",),
        "one-1.0 three-1.0",
    ),
    "dependency-groups": Row(
        "requirements",
        ONE,
        declared(f'{ONE}dependency-groups = ["group"]\n'),
        f"{UPDATE}dependencies changed (+ two)",
        ("install one two",),
        "one-1.0 three-1.0 two-1.0",
        built=True,
    ),
    "features-without-project": Row(
        "requirements",
        ONE,
        declared(f'{ONE}features = ["more"]\n'),
        f"{UPDATE}dependencies changed (+ three)",
        ("install one three",),
        "one-1.0 three-1.0",
        built=True,
    ),
    "group-edited": Row(
        "requirements",
        f'{ONE}dependency-groups = ["group"]\n',
        edited("pyproject.toml", 'group = ["two"]', 'group = ["three"]'),
        f"{UPDATE}dependencies changed (+ three, - two)",
        ("install one three", "uninstall two"),
        "one-1.0 three-1.0",
        built=True,
    ),
    "python": Row(
        "python",
        f'{ONE}python = "self"\n',
        declared(f'{ONE}python = "{own_executable()}"\n'),
        f"{ANEW}Python changed (from self to BASE)",
        ("create", "install one"),
        "one-1.0",
    ),
    "system-packages": Row(
        "system_packages",
        ONE,
        declared(f"{ONE}system-packages = true\n"),
        f"{ANEW}'system-packages' changed",
        ("create --system-site-packages", "install one"),
        "one-1.0",
    ),
    "index-variables": Row(
        "index_variables",
        ONE,
        declared(f'{ONE}env-vars.PIP_FIND_LINKS = "{{env:PIP_FIND_LINKS}}/"\n'),
        f"{UPDATE}'index-variables' changed",
        ("install one",),
        "one-1.0",
    ),
    "constraints": Row(
        "input_files",
        f'{ONE}env-vars.PIP_CONSTRAINT = "constraints.txt"\n',
        lambda trial: trial.write("constraints.txt", "one<2\nthree<2\n"),
        f"{UPDATE}'ROOT/constraints.txt' changed",
        ("install one",),
        "one-1.0",
    ),
    "constraints-of-uv": Row(
        "input_files",
        f'{ONE}env-vars.UV_CONSTRAINT = "constraints.txt"\n',
        lambda trial: trial.write("constraints.txt", "one<2\nthree<2\n"),
        f"{UPDATE}'ROOT/constraints.txt' changed",
        ("install one",),
        "one-1.0",
    ),
    "list-of-a-hook": Row(
        "input_files",
        'pre-install-commands = ["echo install -r more.txt"]\n',
        lambda trial: trial.write("more.txt", "three\n"),
        f"{UPDATE}'ROOT/more.txt' changed",
        ("$ echo install -r more.txt", AGAIN, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "pip": Row(
        "pip",
        ONE,
        lambda trial: trial.write(
            "envtasks.toml",
            f"[envs.t]\n{ONE}scripts.more = 'pip list'\nscripts.t = \"python -I '{{root}}/check.py'\"\n",
        ),
        f"{UPDATE}its commands ask for pip",
        ("install one pip",),
        "one-1.0 PIP",
    ),
    "project": Row(
        "project",
        "skip-install = true\n",
        declared(""),
        f"{UPDATE}'skip-install' changed, the project changed (+ one, + three)",
        (*BUILD, AGAIN, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "no-project": Row(
        "project",
        "",
        declared("skip-install = true\n"),
        f"{ANEW}the project is not to be installed any more, the project changed (- one, - three)",
        ("create",),
        "",
        built=True,
    ),
    "features": Row(
        "project_features",
        "",
        declared('features = ["more"]\n'),
        f"{UPDATE}'features' changed",
        (AGAIN, f"install demo[more] @ {WHEEL}"),
        "demo-1.0 one-1.0 three-1.0",
        built=True,
    ),
    "no-features": Row(
        "project_features",
        'features = ["more"]\n',
        declared(""),
        f"{UPDATE}'features' changed",
        (AGAIN, f"install demo @ {WHEEL}", "uninstall three"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "dev-mode": Row(
        "editable",
        "",
        declared("dev-mode = false\n"),
        f"{UPDATE}'dev-mode' changed",
        ("hook get_requires_for_build_wheel", "hook build_wheel", AGAIN, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "version": Row(
        "build_inputs",
        "",
        edited("pyproject.toml", 'version = "1.0"', 'version = "2.0"'),
        f"{UPDATE}the project changed",
        (*BUILD[1:], AGAIN.replace("1.0", "2.0"), f"install demo @ {WHEEL.replace('1.0', '2.0')}"),
        "demo-2.0 one-1.0",
        built=True,
    ),
    "entry-points": Row(
        "build_inputs",
        "",
        edited("pyproject.toml", 'demo = "demo:main"', 'other = "demo:main"'),
        f"{UPDATE}the project changed",
        (*BUILD[1:], AGAIN, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "dependency-of-the-project": Row(
        "build_inputs",
        "",
        edited("pyproject.toml", 'dependencies = ["one"]', 'dependencies = ["two"]'),
        f"{UPDATE}the project changed (+ two, - one)",
        (*BUILD[1:], AGAIN, f"install demo @ {WHEEL}", "uninstall one"),
        "demo-1.0 three-1.0 two-1.0",
        built=True,
    ),
    "requires-python": Row(
        "requires_python",
        "",
        edited("pyproject.toml", "[dependency-groups]", 'requires-python = ">=3.8"\n[dependency-groups]'),
        f"{ANEW}'requires-python' changed, the project changed",
        ("create", *BUILD, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "sources": Row(
        "sources",
        "dev-mode = false\n",
        lambda trial: trial.write("demo.py", "def main():\n    print('another')\n"),
        f"{UPDATE}'sources' changed",
        ("hook get_requires_for_build_wheel", "hook build_wheel", AGAIN, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "pre-install": Row(
        "pre_install",
        "",
        declared('pre-install-commands = ["echo around"]\n'),
        f"{UPDATE}'pre-install-commands' changed",
        (RUNS, AGAIN, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "post-install": Row(
        "post_install",
        "",
        declared('post-install-commands = ["echo around"]\n'),
        f"{UPDATE}'post-install-commands' changed",
        (AGAIN, f"install demo @ {WHEEL}", RUNS),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "hooks-come-with-the-project": Row(
        "build_inputs",
        'post-install-commands = ["echo around"]\n',
        edited("pyproject.toml", 'demo = "demo:main"', 'other = "demo:main"'),
        f"{UPDATE}the project changed",
        (*BUILD[1:], AGAIN, f"install demo @ {WHEEL}", RUNS),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "schema": Row(
        "schema",
        ONE,
        recorded(schema=1),
        f"{ANEW}it was made by another version of envtasks",
        ("create", "install one"),
        "one-1.0",
    ),
    "moved": Row("directory", ONE, moved, f"{ANEW}the directory was moved", ("create", "install one"), "one-1.0"),
    "package-taken": Row(
        "packages",
        ONE,
        taken("one*"),
        f"{UPDATE}packages were removed or replaced (one-1.0)",
        ("install one",),
        "one-1.0",
    ),
    "module-taken": Row(
        "modules",
        ONE,
        taken("one.py"),
        f"{ANEW}files of packages were removed (one.py)",
        ("create", "install one"),
        "one-1.0",
    ),
    "project-taken": Row(
        "packages",
        "",
        taken("demo*"),
        f"{UPDATE}packages were removed or replaced (demo-1.0)",
        (AGAIN, f"install demo @ {WHEEL}"),
        "demo-1.0 one-1.0",
        built=True,
    ),
    "pyvenv-cfg": Row(
        "config_fingerprint",
        ONE,
        configured,
        f"{ANEW}its pyvenv.cfg was replaced",
        ("create", "install one"),
        "one-1.0",
    ),
}


def told(trial: Trial, lines: list[str]) -> list[str]:
    return [trial.named(line.replace(f"file://{trial.wheels}", "file://FOUND")) for line in lines]


@pytest.mark.parametrize("case", ROWS)
def test_what_changed_and_what_happens(case: str, made: Callable[..., Trial]) -> None:
    row = ROWS[case]
    trial = made(row.before, built=row.built)
    row.change(trial)
    done, commands = trial.watched()
    assert done.code == 0, done.err
    assert told(trial, done.ours)[:1] == [f"t: {row.says}"]
    assert commands == [*(exact(trial.installer, action) for action in row.actions), COMMAND]
    assert ["PIP" if name.startswith("pip-") else name for name in done.out.splitlines()[-1].split()] == row.has.split()
    in_sync(trial)


def in_sync(trial: Trial) -> None:
    """A run starts nothing but the user's command, and tells nothing of environments."""
    done, commands = trial.watched()
    assert (done.code, done.ours) == (0, [])
    assert commands == [COMMAND]


def test_every_part_of_a_record_has_a_row() -> None:
    # Features that only a backend knows need one that tells them: see the tests of the workshop.
    apart = {"installer", "type", "features_only"}
    assert PARTS.keys() <= {row.part for row in ROWS.values()} | apart


@pytest.mark.skipif(UV is None, reason="uv is not installed")
@pytest.mark.parametrize(
    ("before", "after", "said_by"),
    [("pip", 'installer = "uv"', "pip"), ("pip", f'uv-path = "{UV}"', "pip"), ("uv", 'installer = "pip"', "uv")],
    ids=["uv", "uv-path", "pip"],
)
def test_another_installer(before: str, after: str, said_by: str, wheels: Path, tmp_path: Path) -> None:
    other = "uv" if before == "pip" else "pip"
    trial = Trial(tmp_path / "trial", wheels, other)
    del trial.variables["ENVTASKS_INSTALLER"]
    trial.declare(f'{ONE}installer = "{before}"\n')
    assert trial.run().code == 0
    trial.declare(f"{ONE}{after}\n")
    done, commands = trial.watched()
    assert (done.code, done.ours[:1]) == (0, [f"t: {ANEW}'installer' or 'uv-path' changed"])
    assert commands == [*(exact(other, action) for action in ("create", "install one")), COMMAND]
    in_sync(trial)


def test_another_type(wheels: Path, tmp_path: Path) -> None:
    """A backend of another package, which here is pip under another name."""
    info = tmp_path / "plugins" / "other-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[envtasks.backends]\nother = envtasks.environments.pip\n")
    trial = Trial(tmp_path / "trial", wheels, "pip")
    trial.variables["PYTHONPATH"] = str(tmp_path / "plugins")
    trial.declare(ONE)
    assert trial.run().code == 0
    trial.declare(f'{ONE}type = "other"\n')
    done, commands = trial.watched()
    assert (done.code, done.ours[:1]) == (0, [f"t: {ANEW}'type' changed"])
    assert commands == [*(exact("pip", action) for action in ("create", "install one")), COMMAND]
    in_sync(trial)


def test_what_does_not_shape_the_directory_starts_nothing(made: Callable[..., Trial]) -> None:
    trial = made(ONE)
    trial.declare(f'{ONE}description = "more"\ntags = ["x"]\nenv-vars.MINE = "1"\nextra-scripts.other = "true"\n')
    (trial.root / "check.py").touch()
    trial.variables["PIP_EXTRA_INDEX_URL"] = trial.variables["PIP_CONSTRAINT"] = "what the machine says"
    in_sync(trial)


def upgraded(python: Own) -> None:
    """What an upgrade does: another file under the same name."""
    other = python.program.with_name("other")
    other.write_bytes(python.program.read_bytes() + b"\0")
    other.chmod(0o755)
    other.replace(python.program)


GONE: dict[str, tuple[Callable[[Own], object], str]] = {
    "upgraded": (upgraded, "its Python was replaced"),
    "gone": (lambda python: python.program.unlink(), "its Python is gone"),
    "uninstalled": (lambda python: shutil.rmtree(python.prefix), "its Python is gone"),
}


@pytest.mark.parametrize("case", GONE)
def test_an_interpreter_that_was_replaced_or_removed(case: str, trial: Trial) -> None:
    change, reason = GONE[case]
    python = own_python(trial.top / "python")
    trial.declare(f'{ONE}python = "{python.program}"\n')
    made = trial.run()
    assert made.code == 0, made.err
    change(python)
    if case == "upgraded":
        done = trial.run()
        assert (done.code, done.ours[:1]) == (0, [f"t: {ANEW}{reason}"]), done.err
    else:
        refused = trial.run()
        assert (refused.code, refused.out) == (1, ""), refused.err
        assert f"there is no Python at '{python.program}'" in refused.err
        trial.declare(ONE)
        done = trial.run()
        assert (done.code, done.ours[:1]) == (0, [f"t: {ANEW}{reason}"]), done.err
    in_sync(trial)
