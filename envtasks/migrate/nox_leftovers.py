"""What stays in the functions of a noxfile as it is, and may not do here what it did there."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection, Iterator

from envtasks.declare.reading import PYTHON_VARIABLES
from envtasks.declare.toml import read_text
from envtasks.errors import EnvtasksError
from envtasks.migrate.nox_words import DIRECTORIES, MOVED, MOVING, NAMED, RUNNING, SESSION_MEMBERS
from envtasks.migrate.porting import Porting
from envtasks.migrate.references import FUNCTIONS, Function, parameters
from envtasks.run.session import Session, VirtualEnvironment

#: Texts that speak of nox: its file, its directory, its variables.
SPOKEN = re.compile(r"\bnoxfile\b|(?:^|[/\\])\.nox\b|\bNOX(?:SESSION|PYTHON|_[A-Z]+)\w*")
#: Calls that go by the current directory of the process.
LOOKING = re.compile(r"(open|(pathlib\.)?Path|(shutil|glob)\.\w+|os\.(?!environ|getenv)\w+(\.\w+)?)$")
#: What a session says its environment is.
KIND = VirtualEnvironment
MEMBERS = frozenset(dir(Session)) | {"env", "invoked_from"}


def leave_uses(porting: Porting, tasks: Collection[Function], typed: Collection[ast.arg]) -> None:
    """List what functions do with their session that is done otherwise here.

    ``tasks`` are the functions that are declared as sessions, ``typed`` the parameters that are annotated with nox's class.
    """
    for function in functions(porting.tree):
        for name in session_names(function, typed, is_task=function in tasks):
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
                    leave_member(porting, node)
                    if node.attr == "name" and has_variants(function):
                        porting.leave(node, "'session.name'", NAMED)
                    if node.attr in MOVING and looks_itself(function):
                        porting.leave(node, f"'session.{node.attr}'", MOVED)


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            yield node


def session_names(function: Function, typed: Collection[ast.arg], *, is_task: bool) -> Iterator[str]:
    """The parameters of a function that hold a session: the first one of a task, and those that tell it."""
    for place, one in enumerate(parameters(function.args)):
        told = one in typed or (one.annotation is not None and "Session" in ast.unparse(one.annotation))
        if told or one.arg == "session" or (is_task and place == 0):
            yield one.arg


def has_variants(function: Function) -> bool:
    """Whether several sessions are made of a function, as far as its decorators tell."""
    calls = [decorator for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    pythons = [one.value for call in calls for one in call.keywords if one.arg in PYTHON_VARIABLES]
    return any(not isinstance(value, ast.Constant) for value in pythons) or any(
        ast.unparse(call.func).split(".")[-1] == "parametrize" for call in calls
    )


def looks_itself(function: Function) -> bool:
    """Whether a function opens files or looks at directories without a program to do so."""
    called = (ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(LOOKING.match(name) for name in called)


def leave_member(porting: Porting, node: ast.Attribute) -> None:
    parent = porting.parent(node)
    if node.attr in SESSION_MEMBERS:
        porting.leave(node, f"'session.{node.attr}'", SESSION_MEMBERS[node.attr])
    elif node.attr not in MEMBERS:
        porting.leave(node, f"'session.{node.attr}'", "a session has no such member here")
    elif node.attr == "virtualenv" and isinstance(parent, ast.Attribute) and not hasattr(KIND, parent.attr):
        porting.leave(node, f"'session.virtualenv.{parent.attr}'", f"it has {', '.join(KIND._fields)}")


def leave_parameters(porting: Porting, function: Function, known: Collection[ast.expr]) -> None:
    """List the parameters of a task that no parametrize gives a value: they are read from the command line here.

    ``known`` are the decorators that declare it; where there is one more, nobody can tell what it gives a value.
    """
    names: set[str] = set()
    for decorator in function.decorator_list:
        if decorator not in known:
            said = parametrized(decorator)
            if said is None:
                return
            names |= said
    own = [*function.args.posonlyargs, *function.args.args][1:] + function.args.kwonlyargs
    for one in own:
        if one.arg not in names:
            hint = f"it becomes an argument of the task: envtasks -s {function.name} -- ..."
            porting.leave(one, f"the parameter '{one.arg}' of '{function.name}'", hint, "changed")


def parametrized(decorator: ast.expr) -> set[str] | None:
    """The names that a decorator gives values; None where that is worked out."""
    if not isinstance(decorator, ast.Call) or ast.unparse(decorator.func).split(".")[-1] != "parametrize":
        return None
    try:
        said = ast.literal_eval(decorator.args[0]) if decorator.args else None
    except ValueError:
        return None
    if isinstance(said, str):
        return {name.strip() for name in said.split(",")}
    return set(said) if isinstance(said, (list, tuple)) else None


def leave_texts(porting: Porting) -> None:
    """List the texts that name files, variables and commands of nox."""
    for node in ast.walk(porting.tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        if isinstance(porting.parent(node), ast.Expr):
            continue  # a docstring
        found = SPOKEN.search(node.value)
        if found:
            name = found[0].strip("/\\")
            porting.leave(node, f"the text {shortened(node.value)} speaks of '{name}'", spoken_hint(name))
        elif node.value == "nox" and is_run(porting, node):
            porting.leave(node, "a command runs 'nox'", "let it run envtasks")


def spoken_hint(name: str) -> str:
    if name == "noxfile":
        return "is envfile.py meant?"
    return DIRECTORIES if name == ".nox" else "its counterpart stands in the documentation: from-nox"


def shortened(text: str, most: int = 40) -> str:
    return repr(text if len(text) <= most else f"{text[:most]}...")


def is_run(porting: Porting, node: ast.Constant) -> bool:
    """Whether the text is the program that a session runs."""
    call = porting.parent(node)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in RUNNING:
        return False
    before = [one.value for one in call.args[: call.args.index(node)] if isinstance(one, ast.Constant)]
    return not before or before[-1:] == ["-m"]


def leave_imports(porting: Porting, directory: str) -> None:
    """List the imports of what extends nox, and of files beside this one that use it as well."""
    for node in ast.walk(porting.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                leave_import(porting, node, directory, (alias.name,))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inside = (f"{node.module}.{alias.name}" for alias in node.names)
            leave_import(porting, node, directory, (node.module, *inside))


def leave_import(porting: Porting, node: ast.stmt, directory: str, names: tuple[str, ...]) -> None:
    """List an import of a module, and of what may be modules in it."""
    for name in names:
        if uses_nox(os.path.join(directory, *name.split("."))):
            file = f"{name.replace('.', '/')}.py"
            porting.leave(node, f"'{name}' uses nox as well", f"port it too: envtasks migrate {file} -o ANOTHER.py")
    here = os.path.join(directory, names[0].partition(".")[0])
    if extends_nox(names[0]) and not (os.path.exists(here) or os.path.exists(f"{here}.py")):
        hint = "what it declares is declared for nox only; declare it with env"
        porting.leave(node, f"'{names[0]}' extends nox", hint)


def extends_nox(name: str) -> bool:
    first, *others = name.split(".")
    return first.startswith("nox_") or "nox" in others


def uses_nox(stem: str) -> bool:
    """Whether there is a module at this place that imports nox."""
    try:
        text = read_text(f"{stem}.py") or read_text(os.path.join(stem, "__init__.py")) or ""
    except EnvtasksError:
        return False
    return re.search(r"^\s*(import|from) nox\b", text, re.MULTILINE) is not None
