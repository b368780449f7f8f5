"""What lets a noxfile run as a script: its first line, the block of metadata, and `nox.main()` at the end."""

from __future__ import annotations

import ast
import re

from envtasks.declare.toml import parse
from envtasks.errors import InvalidDeclarations
from envtasks.migrate.porting import Porting
from envtasks.migrate.references import Reference
from envtasks.project import SCRIPT_BLOCK

START = "run it with the command `envtasks`"


def leave_script(porting: Porting, text: str) -> None:
    """Take the block of metadata out where it asks for nox, and the first line that goes with it."""
    first = text.split("\n", 1)[0]
    runs = "nox" in first
    for found in SCRIPT_BLOCK.finditer(text):
        requirements = requirements_of(found["content"]) if found["type"] == "script" else []
        others = [one for one in requirements if name_of(one) != "nox"]
        if len(others) < len(requirements):
            runs = True
            hint = f"install {', '.join(others)} where envtasks is installed" if others else START
            porting.leave(text.count("\n", 0, found.start()) + 1, "the block of script metadata", hint, "left out")
            remove_lines(porting, text, found.start(), found.end())
    if runs and first.startswith("#!"):
        porting.leave(1, f"the line '{first}'", START, "left out")
        remove_lines(porting, text, 0, len(first))


def requirements_of(content: str) -> list[str]:
    lines = [line[2:] if line.startswith("# ") else line[1:] for line in content.splitlines()]
    try:
        said = parse("\n".join(lines), "").get("dependencies", [])
    except InvalidDeclarations:
        return []
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0].lower()


def remove_lines(porting: Porting, text: str, start: int, end: int) -> None:
    """Take lines out, with one empty line that follows."""
    after = re.match(r"\n{0,2}", text[end:])
    reached = end + (after.end() if after else 0)
    porting.edits.change(len(text[:start].encode()), len(text[:reached].encode()), "")


def leave_start(porting: Porting, reference: Reference) -> None:
    """Take out what runs nox when the file is run, and the condition around it where nothing else stands there."""
    call = porting.parent(reference.nodes[-1])
    statement = porting.parent(call) if isinstance(call, ast.Call) else None
    alone = isinstance(statement, ast.Expr)
    porting.leave(reference.nodes[0], f"'{'.'.join(reference.words)}()'", START, "left out" if alone else "stays")
    if not isinstance(statement, ast.Expr):
        return
    block = porting.parent(statement)
    if isinstance(block, ast.If) and block.body == [statement] and not block.orelse:
        porting.remove(block)
    else:
        porting.remove(statement)
