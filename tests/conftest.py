"""What all tests share: a world without the variables of this machine, projects, hosts."""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from outside import INDEX

REPOSITORY = Path(__file__).resolve().parent.parent
if find_spec("envtasks") is None:
    sys.path.append(str(REPOSITORY))

from envtasks.model import Host, Project  # noqa: E402 - the checkout has to be found first

# A shell starts what runs in the background with interrupts ignored, and nohup does so with hang-ups; tests, and what
# they start, would never hear of them.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)):
    signal.signal(number, signal.SIG_DFL)

#: Variables that change what the tool, or a program that it starts, does.
PREFIXES = ("ENVTASKS_", "HATCH_", "PIP_", "UV_", "VIRTUALENV_", "PYTEST_ADDOPTS", "NOX", "TOX_")
NAMES = (
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "LINES",
    "NO_COLOR",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONUNBUFFERED",
    "PYTHONWARNINGS",
    "PY_COLORS",
    "TF_BUILD",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
)

MakeProject = Callable[[Mapping[str, str]], Path]
MakeHost = Callable[..., Host]
ResolveText = Callable[..., Project]


def misleading(name: str) -> bool:
    return name in NAMES or name.startswith(PREFIXES)


@pytest.fixture(autouse=True, scope="session")
def plain_world() -> Iterator[None]:
    """A world in which nothing but what a test says changes its outcome."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(misleading, tuple(os.environ)):
            patch.delenv(name)
        yield


def outside() -> Iterator[Path]:
    """Where packages lie that are in nobody's environment: those of the Python behind us, of this user, of pyenv."""
    base = {"base": sys.base_prefix, "platbase": sys.base_prefix, "installed_base": sys.base_prefix}
    for name in ("purelib", "platlib"):
        yield Path(sysconfig.get_path(name, sysconfig.get_preferred_scheme("prefix"), base))
    yield Path(sysconfig.get_path("purelib", sysconfig.get_preferred_scheme("user")))
    yield from Path.home().glob(".pyenv/versions/*/lib/python*/site-packages")


def snapshot() -> dict[str, tuple[int, int]]:
    """What tells of changes there: the names of packages, the size and time of modules and of all metadata.

    What Python compiles by itself is no change.
    """
    found: dict[str, tuple[int, int]] = {}
    for place in {*outside()}:
        for pattern in ("*", "*.dist-info/*"):
            for path in place.glob(pattern):
                status = path.lstat()
                if path.name != "__pycache__":
                    found[str(path)] = (0, 0) if path.is_dir() else (status.st_size, status.st_mtime_ns)
    return found


@pytest.fixture(autouse=True, scope="session")
def nothing_is_installed_elsewhere() -> Iterator[None]:
    """Whatever is tested, packages go into environments that tests make, and into no other Python."""
    before = snapshot()
    yield
    after = snapshot()
    changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    assert changed == []


@pytest.fixture
def index_variables() -> dict[str, str]:
    """The variables that led installers to their index before the tests began."""
    return dict(INDEX)


@pytest.fixture
def command() -> list[str]:
    """The words that start the tool, whether it is installed or only lies here."""
    start = f"import sys; sys.path.append({str(REPOSITORY)!r}); from envtasks.cli import main; raise SystemExit(main())"
    return [sys.executable, "-c", start]


@pytest.fixture
def project(tmp_path: Path) -> MakeProject:
    """Write the files of a project, given by name, and return its directory."""

    def make(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def host(tmp_path: Path) -> MakeHost:
    """A host as tests say it is; the root is the directory of the test where none is given."""

    def make(
        root: str | Path = tmp_path,
        environ: Mapping[str, str] | None = None,
        *,
        platform: str = "linux",
        home: str = "/home/person",
        verbosity: int = 0,
    ) -> Host:
        return Host(str(root), home, platform, dict(environ or {}), verbosity)

    return make


@pytest.fixture
def resolve_text(host: MakeHost) -> ResolveText:
    """The project that the text of an `envtasks.toml`, and those of other files, come to; nothing is written."""
    from envtasks.testing import declared

    def make(text: str, *, files: Mapping[str, str] | None = None, on: Host | None = None) -> Project:
        where = on or host()
        others: dict[str, Any] = {name.partition(".")[0]: content for name, content in (files or {}).items()}
        return declared(text, environ=where.environ, platform=where.platform, root=where.root, **others).project

    return make
