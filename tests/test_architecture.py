"""The floors of the package, who may do what, what start-up loads, and the size of things."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import envtasks

PACKAGE = Path(envtasks.__file__).parent
MakeProject = Callable[[Mapping[str, str]], Path]

#: The floors; what stands in a package counts as the package.
FLOORS = (
    (
        "declared",
        "ending",
        "errors",
        "events",
        "kin",
        "model",
        "names",
        "option_table",
        "planned",
        "process",
        "quoting",
        "requirements",
        "signals",
        "tuples",
        "version",
    ),
    ("declare",),
    ("resolve", "project"),
    ("plan", "environments"),
    ("run", "report", "migrate"),
    ("cli", "testing"),
)
#: The doors of the package: the public names, loaded on demand, and `python -m envtasks`.
DOORS = ("envtasks", "envtasks.__main__")


class Import(NamedTuple):
    """One import of a module of ours, and whether it stands inside a function."""

    importer: str
    imported: str
    inside: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def imported_names(node: ast.AST) -> Iterator[str]:
    """What an import statement may load: modules, and names that may be modules."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def walk(node: ast.AST, *, inside: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it stands inside a function."""
    for child in ast.iter_child_nodes(node):
        yield child, inside
        yield from walk(child, inside=inside or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def own_imports() -> Iterator[Import]:
    for name, tree in MODULES.items():
        for node, inside in walk(tree):
            for imported in imported_names(node):
                if imported in MODULES and imported not in (name, "envtasks"):
                    yield Import(name, imported, inside)


IMPORTS = tuple(own_imports())


def part_of(module: str) -> str:
    return module.split(".")[1]


def floor_of(module: str) -> int:
    return next(number for number, parts in enumerate(FLOORS) if part_of(module) in parts)


def test_every_module_has_its_floor() -> None:
    for module in MODULES:
        assert module in DOORS or floor_of(module) >= 0
    assert {part for parts in FLOORS for part in parts} == {part_of(one) for one in MODULES if one not in DOORS}


def test_imports_only_go_down_or_sideways() -> None:
    up = [one for one in IMPORTS if one.importer not in DOORS and floor_of(one.imported) > floor_of(one.importer)]
    assert not up


def reached(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in edges.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


@pytest.mark.parametrize("name_of", [str, part_of], ids=["modules", "parts"])
def test_there_is_no_cycle(name_of: Callable[[str], str]) -> None:
    edges: dict[str, set[str]] = {}
    for one in IMPORTS:
        if one.importer not in DOORS and name_of(one.importer) != name_of(one.imported):
            edges.setdefault(name_of(one.importer), set()).add(name_of(one.imported))
    assert not [name for name in edges if name in reached(name, edges)]


def test_our_own_modules_are_imported_late_only_at_the_edge() -> None:
    late = {(one.importer, one.imported) for one in IMPORTS if one.inside and one.importer != "envtasks"}
    assert not {pair for pair in late if not pair[0].startswith("envtasks.cli")}


def attributes(tree: ast.AST) -> Iterator[str]:
    """Everything that is looked up on a module, as `module.name`, also when it is imported by name."""
    for node, _ in walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        yield from imported_names(node)


def users(*names: str) -> set[str]:
    return {module for module, tree in MODULES.items() if set(names) & set(attributes(tree))}


DELETING = (
    "os.remove",
    "os.removedirs",
    "os.rmdir",
    "os.unlink",
    "shutil.rmtree",
    "shutil.move",
    "pathlib.Path",
)


#: Puts back what tasks change of the world, and gives them paths as they know them.
LENIENT = {"envtasks.run.isolation", "envtasks.run.session"}


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        (("os.environ", "os.environb", "os.getenv", "os.putenv", "sys.argv"), {"cli"}),
        (("os.chdir",), set()),
        (("os.getcwd",), {"cli"}),
        # The platform of the model can be said to be another one; what shells are protected, cannot.
        (("sys.platform",), {"cli", "process"}),
        (("subprocess", "subprocess.Popen", "os.system", "os.posix_spawn", "os.fork"), {"process", "kin", "quoting"}),
        (("asyncio", "dataclasses", "pathlib", "logging"), set()),
        (("tomllib", "tomli"), {"declare"}),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_who_may_look_at_the_world(names: tuple[str, ...], allowed: set[str]) -> None:
    assert {part_of(module) for module in users(*names) - LENIENT} <= allowed


def test_few_modules_take_things_from_the_disk() -> None:
    assert users(*DELETING) - LENIENT <= {"envtasks.environments.removal", "envtasks.run.temporary"}


#: What costs more to load than most of what we do.
SLOW = (
    "asyncio",
    "colorlog",
    "dataclasses",
    "filelock",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "packaging",
    "pathlib",
    "shutil",
    "subprocess",
    "virtualenv",
)
START = """
import sys
sys.path.append({path!r})
before = set(sys.modules)
from envtasks.cli import main
sys.argv = ["envtasks", *{arguments!r}]
code = main()
loaded = set(sys.modules) - before
print("loaded", *sorted(loaded & set({slow!r})), file=sys.stderr)
raise SystemExit(code)
"""
TOML = """
    sessions = ["test"]
    [envs.test]
    dependencies = ["pytest>=8", "coverage[toml]; python_version < '3.14'"]
    matrix = [{ python = ["3.11", "3.12"], django = ["5.2"] }]
    scripts = { test = "pytest {args:tests}", cov = ["test -x", "coverage report"] }
    overrides.platform.linux.env-vars = "A=1"
"""
ENVFILE = '''
    """Tasks."""
    from envtasks import env

    @env(dependencies=["pytest"], python=["3.11"])
    def test(session): ...
'''


@pytest.mark.parametrize(
    "files",
    [{"envtasks.toml": TOML}, {"pyproject.toml": '[project]\nname = "demo"', "envfile.py": ENVFILE}],
    ids=["TOML", "envfile"],
)
@pytest.mark.parametrize("arguments", [["--list"], ["--version"]], ids=lambda one: one[0])
def test_listing_loads_nothing_slow(project: MakeProject, files: Mapping[str, str], arguments: list[str]) -> None:
    program = START.format(path=str(PACKAGE.parent), arguments=arguments, slow=SLOW)
    # Isolated, so that what this interpreter loads at its own start is no part of it.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program]
        if sys.version_info >= (3, 11)
        else [sys.executable, "-I", "-c", program],
        cwd=project(files),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if arguments == ["--list"]:
        assert done.stderr.splitlines() == ["loaded"]
        assert "test" in done.stdout
    else:
        assert done.stdout.strip() == f"envtasks {envtasks.__version__}"


def test_importing_the_package_loads_next_to_nothing() -> None:
    program = (
        f"import sys; sys.path.append({str(PACKAGE.parent)!r}); import envtasks;"
        "print(*sorted(name for name in sys.modules if name.startswith('envtasks')))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["envtasks", "envtasks.version"]


def test_named_tuples_are_ours_and_their_annotations_are_not_evaluated() -> None:
    assert users("typing.NamedTuple", "collections.namedtuple") == {"envtasks.tuples"}
    assert users("envtasks.tuples.NamedTuple") <= users("__future__.annotations")


MOST_LINES_OF_A_FUNCTION = 45
MOST_LINES_OF_A_MODULE = 450

#: Modules that are longer, each for a reason.
LONG_MODULES: dict[str, str] = {}


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its length, its docstring left out."""
    for module, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = node.body[0]
                told = ast.get_docstring(node) is not None
                docstring = (first.end_lineno or 0) - first.lineno + 1 if told else 0
                yield f"{module}.{node.name}", (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_functions_are_short() -> None:
    assert not {name for name, lines in functions() if lines > MOST_LINES_OF_A_FUNCTION}


def test_modules_are_short() -> None:
    lengths = {module_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {name for name, lines in lengths.items() if lines > MOST_LINES_OF_A_MODULE} == set(LONG_MODULES)


def test_every_module_says_what_it_is_about() -> None:
    assert not [name for name, tree in MODULES.items() if not ast.get_docstring(tree)]


def test_the_public_names_are_there() -> None:
    for name in envtasks.__all__:
        assert getattr(envtasks, name) is not None
    with pytest.raises(AttributeError, match="module 'envtasks' has no attribute 'nothing'"):
        _ = envtasks.nothing


def test_only_the_edge_imports_the_package_itself() -> None:
    users_of_it = {
        name for name, tree in MODULES.items() for node, _ in walk(tree) if "envtasks" in set(imported_names(node))
    }
    assert {part_of(name) for name in users_of_it - set(DOORS)} <= {"cli"}


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "envtasks", "--version"], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"envtasks {envtasks.__version__}\n"
