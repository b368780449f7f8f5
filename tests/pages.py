"""The pages of the documentation in blocks, and how those of a tutorial are done as their reader does them.

Run as a program, it writes into the tutorials what their commands print now.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
DOCS = REPOSITORY / "docs"
PAGES = (REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
#: The pages that a reader does from the first block to the last, in one directory that is empty at first.
TUTORIALS = (DOCS / "envfile.md",)
#: As the installed command does it, and wherever this lies.
START = """\
import sys
sys.path[:] = [*filter(None, sys.path), {repository!r}]
from envtasks.cli import main
raise SystemExit(main())
"""
#: What differs from run to run, and what stands for it where a page is compared.
LIKE = (
    (re.compile(r" *\b\d+(\.\d+)? ?s\b"), " 0.00 s"),
    (re.compile(r"\b\d+\.\d+\.\d+\b"), "1.2.3"),
)
#: The Python that a machine has; the pages show the same one everywhere.
PYTHON = re.compile(r"[\d.]+ from /\S*/python[\d.]*")
#: Where the directory of a tutorial lies on its page.
PROJECT = "/home/you/dice"
#: What installers say where there is no way to the index.
UNREACHABLE = re.compile(r"Retrying|Could not fetch URL|NewConnectionError|No matching distribution found|dns error")


class Block(NamedTuple):
    """A fenced block of a page; ``line`` is that of its first line of text, ``lead`` the paragraph before it."""

    page: Path
    line: int
    language: str
    text: str
    lead: str = ""

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def file(self) -> str:
        """The file that the block is the text of, or is added to: the last one that the paragraph names."""
        names = re.findall(r"`([\w./-]+\.(?:py|toml))`", self.lead) if self.lead.endswith(":") else []
        return names[-1] if names and self.language in ("python", "toml") else ""

    @property
    def is_addition(self) -> bool:
        sentence = re.split(r"\.\s", self.lead)[-1]
        return re.search(r"\badd\b", sentence, re.IGNORECASE) is not None

    @property
    def is_done(self) -> bool:
        """Whether it is something to write, to run or to see printed; other code only shows how things look."""
        return self.language in ("sh", "text") or bool(self.file)

    @property
    def needs_index(self) -> bool:
        return "package index" in self.lead


class Done(NamedTuple):
    """What the commands of a block printed, as on a terminal; ``shown`` is what the page says, if it does."""

    commands: Block
    shown: Block | None
    exit_code: int
    printed: str


def blocks_of(page: Path) -> Iterator[Block]:
    text, end = page.read_text(encoding="utf-8"), 0
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        lead = text[end : found.start()].rstrip("\n").rpartition("\n\n")[2]
        yield Block(page, text.count("\n", 0, found.start(2)) + 1, found[1], found[2], lead.strip())
        end = found.end()


def of_tutorial(block: Block) -> bool:
    """Whether a reader does what the block shows; others are read on their own."""
    return block.page in TUTORIALS and block.is_done


def steps_of(page: Path) -> Iterator[tuple[Block, Block | None]]:
    """The blocks that a reader does, each with the one that shows what is printed, where that follows."""
    blocks = [block for block in blocks_of(page) if block.is_done]
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        shown = after if after is not None and after.language == "text" and block.language == "sh" else None
        if block.language != "text":
            yield block, shown


def performed(page: Path, root: Path, variables: Mapping[str, str]) -> Iterator[Done]:
    """Do what a page says, in a directory that is empty so far."""
    programs = root / "bin"
    programs.mkdir()
    program = programs / "envtasks"
    start = START.format(repository=str(REPOSITORY))
    program.write_text(f"#!{sys.executable}\n{start}", encoding="utf-8")
    program.chmod(0o755)
    project = root / Path(PROJECT).name
    project.mkdir()
    path = os.pathsep.join((str(programs), variables["PATH"]))
    for block, shown in steps_of(page):
        if block.file:
            write(project / block.file, block.text, at_end=block.is_addition)
        else:
            # On a terminal, too, both streams come as they are written.
            done = subprocess.run(
                ["sh", "-c", block.text],
                cwd=project,
                env={**variables, "PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                timeout=300,
                check=False,
            )
            printed = PYTHON.sub("3.12.4 from /usr/bin/python3.12", done.stdout.replace(str(project), PROJECT))
            yield Done(block, shown, done.returncode, printed)


def write(path: Path, text: str, *, at_end: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = f"{path.read_text(encoding='utf-8')}\n\n" if at_end else ""
    path.write_text(before + text, encoding="utf-8")


def alike(text: str) -> str:
    """The text with all that differs from run to run made the same."""
    for pattern, same in LIKE:
        text = pattern.sub(same, text)
    return text


def refreshed(page: Path, done: Iterable[Done]) -> str:
    """The text of a page with what its commands print now, where that is not like what it shows."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    for one in reversed(list(done)):
        if one.shown is not None and alike(one.printed) != alike(one.shown.text):
            first = one.shown.line - 1
            lines[first : first + one.shown.text.count("\n")] = [one.printed]
    return "".join(lines)


if __name__ == "__main__":
    for tutorial in TUTORIALS:
        with TemporaryDirectory() as directory:
            world = {**os.environ, "NO_COLOR": "1"}
            text = refreshed(tutorial, performed(tutorial, Path(directory).resolve(), world))
        tutorial.write_text(text, encoding="utf-8")
