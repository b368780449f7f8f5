"""Feeds the tool with what nobody would write, and looks for anything but an answer or an error that a person can mend.

    python tests/fuzz/fuzz.py --inputs 100000 --seed 1

Each input goes the whole way: read, resolve, document, plan, and the text of the problem with its positions. A
finding is any exception that is no EnvtasksError, five seconds without an end, or too much memory. Findings are
kept beside each other in `.envtasks/fuzz`; the exit code is 1 where there is one.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from differential.strategies import PYPROJECT, Example, examples  # noqa: E402 - as above
from differential.writing import environments_text, toml_text  # noqa: E402 - as above
from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402 - the checkout has to be found first

from envtasks.declare.project import find_project, read_project  # noqa: E402 - as above
from envtasks.errors import EnvtasksError  # noqa: E402 - as above
from envtasks.model import Host  # noqa: E402 - as above
from envtasks.option_table import TABLE  # noqa: E402 - as above
from envtasks.plan.planning import Request, make_plan  # noqa: E402 - as above
from envtasks.report.document import environments_document, plan_document  # noqa: E402 - as above
from envtasks.report.problems import problem_text  # noqa: E402 - as above
from envtasks.resolve.project import resolve  # noqa: E402 - as above
from envtasks.resolve.selection import all_sessions  # noqa: E402 - as above

FINDINGS = REPOSITORY / ".envtasks" / "fuzz"
LONGEST = 5
MOST_MEMORY = 2 * 1024**3
VALID = 400

#: Where a configuration can stand: the file, and what its tables begin with.
DOORS = (
    ("pyproject.toml", "tool.hatch.envs"),
    ("pyproject.toml", "tool.envtasks.envs"),
    ("hatch.toml", "envs"),
    ("envtasks.toml", "envs"),
)
FILES = ("pyproject.toml", "hatch.toml", "envtasks.toml")
SETTINGS = ("sessions", "aliases", "env-dir", "installer", "requires-envtasks", "jobs", "envs")
TOKENS = (
    *(
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ",",
        ".",
        "\n",
        " ",
        "\t",
        "#",
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\r\n",
        "\ufeff",
    ),
    *("tool", "hatch", "envtasks", "envs", "default", "test", "project", "name", "dependency-groups", "build-system"),
    *("true", "false", "1", "-1.5", "nan", "inf", "1979-05-27T07:32:00Z", "0x_f", "é", "\x00", "\x7f", "\U0001f600"),
    *(
        '"x"',
        '"{"',
        '"}"',
        '"{}"',
        '"{args}"',
        '"{env:A:{matrix:b:c}}"',
        '"{root:parent:uri}"',
        '"- x"',
        '""',
        '"\\u0000"',
    ),
    *("value", "if", "platform", "env", "key", "run", "include-group", "set-dependencies", "linux", "matrix", "name"),
    *SETTINGS,
    *TABLE,
)
HARD_TEXTS = (
    *(
        "",
        " ",
        "-",
        "- ",
        "- -",
        "{",
        "}",
        "{{",
        "}}",
        "{}",
        "{0}",
        "{args!r}",
        "{args[0]}",
        "{root.x}",
        "{env:}",
        "{env::}",
    ),
    *(
        "{env:A:{env:B}}",
        "{matrix:}",
        "{matrix:python}",
        "{" * 200,
        "{env:A:" * 30 + "}" * 30,
        "{root:parent}",
        "{/}",
        "{:}",
    ),
    *(
        "a" * 5000,
        "\x00",
        "\n",
        "\r",
        "\t",
        "é",
        "\U0001f600",
        "..",
        "../..",
        "/",
        "~",
        "$HOME",
        "${HOME}",
        "%s",
        "\\",
        "'",
        '"',
    ),
    *(
        "*",
        "[",
        "(",
        "(a+)+$",
        "a{99999}",
        "(?P<n>",
        "\\",
        "pkg @ file:///x",
        ">=1",
        "x; y",
        "x[y",
        "self",
        "py",
        "3.11",
    ),
    *(
        "default",
        "test",
        "lint",
        "{value}",
        "{variable}{value}",
        "{value:>99999999}",
        "{value!r}",
        "{value.x}",
        "{value[0]}",
    ),
)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Hang(BaseException):
    """An input took too long."""


class Findings:
    """What was found, each kind once."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()

    def add(self, error: BaseException, files: dict[str, bytes]) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "envtasks" in frame.filename] or frames[-1:]
        kind = f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno} {str(error)[:60]!r}"
        self.kinds[kind] += 1
        if self.kinds[kind] == 1:
            place = FINDINGS / f"{len(self.kinds):03}"
            place.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (place / name).write_bytes(content)
            trace = "".join(traceback.format_exception(error, limit=-12))
            (place / "trace.txt").write_text(trace, encoding="utf-8", errors="replace")
            say(f"{place}: {kind}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    limit_memory()
    chance = random.Random(flags.seed)
    valid = valid_examples(flags.seed)
    texts = [path.read_text(encoding="utf-8") for path in repository_files()]
    findings, outcomes = Findings(), Counter[str]()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        for number in range(flags.inputs):
            maker = chance.choices((noise, tomlish, mutated, restructured), (1, 2, 3, 6))[0]
            files = maker(chance, valid, texts)
            outcomes[f"{maker.__name__}: {watched(Path(directory), files, findings, chance)}"] += 1
            if number % 10_000 == 9_999:
                say(f"{number + 1} inputs, {len(findings.kinds)} kinds of findings")
    say(f"{flags.inputs} inputs in {time.monotonic() - started:.0f} s")
    for outcome, count in sorted(outcomes.items()):
        say(f"{count:8} {outcome}")
    for kind, count in findings.kinds.most_common():
        say(f"{count:8} FINDING {kind}")
    return 1 if findings.kinds else 0


def limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def valid_examples(number: int) -> list[Example]:
    """Configurations that people could write, those that the tests compare with Hatch."""
    found: list[Example] = []

    @seed(number)
    @settings(
        max_examples=VALID,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(examples())
    def collect(example: Example) -> None:
        found.append(example)

    collect()
    return found


def repository_files() -> Iterator[Path]:
    yield REPOSITORY / "pyproject.toml"
    yield from sorted((REPOSITORY / "examples").rglob("*.toml"))


Files = dict[str, bytes]
Maker = Callable[[random.Random, list[Example], list[str]], Files]


def placed(chance: random.Random, content: str | bytes) -> Files:
    """The content as one of the files of a project."""
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return {chance.choice(FILES): raw}


def noise(chance: random.Random, _valid: list[Example], _texts: list[str]) -> Files:
    """Random bytes."""
    return placed(chance, chance.randbytes(chance.randrange(200)))


def tomlish(chance: random.Random, _valid: list[Example], _texts: list[str]) -> Files:
    """Words and signs of TOML in any order, or in lines that could be right."""
    if chance.random() < 0.3:
        return placed(chance, "".join(chance.choices(TOKENS, k=chance.randrange(1, 60))))
    lines = []
    for _ in range(chance.randrange(1, 8)):
        if chance.random() < 0.4:
            prefix = chance.choice(
                ("tool.hatch.envs", "tool.envtasks.envs", "envs", "tool.envtasks", "tool", "project")
            )
            name = chance.choice(("default", "test", "envs", "scripts", '""'))
            lines.append(f"[{prefix}.{name}]")
        else:
            lines.append(f"{chance.choice((*TABLE, *SETTINGS))} = {toml_text(anything(chance, 3))}")
    return placed(chance, "\n".join(lines))


def mutated(chance: random.Random, valid: list[Example], texts: list[str]) -> Files:
    """A good text with some of its characters wrong."""
    if chance.random() < 0.3:
        file, text = chance.choice(FILES), chance.choice(texts)
    else:
        file, text = as_text(chance, chance.choice(valid).envs)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(text) + 1)
        end = at + chance.choice((0, 0, 1, 1, 5, 40))
        text = text[:at] + chance.choice(("", *chance.choices(TOKENS, k=3), chance.choice(HARD_TEXTS))) + text[end:]
    return {file: text.encode("utf-8", "surrogatepass")}


def restructured(chance: random.Random, valid: list[Example], _texts: list[str]) -> Files:
    """Good TOML that says something else than it should at some place."""
    envs: Any = json.loads(json.dumps(chance.choice(valid).envs))
    for _ in range(chance.choice((1, 1, 2, 4))):
        envs = changed(chance, envs)
    file, text = as_text(chance, envs)
    if chance.random() < 0.1:
        text = f"{chance.choice(SETTINGS)} = {toml_text(anything(chance, 2))}\n{text}"
    return {file: text.encode("utf-8", "surrogatepass")}


def as_text(chance: random.Random, envs: Any) -> tuple[str, str]:
    file, prefix = chance.choice(DOORS)
    before = PYPROJECT if file == "pyproject.toml" else ""
    if isinstance(envs, dict) and all(isinstance(options, dict) for options in envs.values()):
        return file, before + environments_text(envs, prefix)
    return file, f"{prefix} = {toml_text(envs)}\n{before}"


def changed(chance: random.Random, node: Any) -> Any:
    """The node with one place in it replaced, taken away, said twice or said under another name."""
    if not isinstance(node, (dict, list)) or not node or chance.random() < 0.12:
        return anything(chance, 2)
    if isinstance(node, list):
        at = chance.randrange(len(node))
        new = chance.choice(([], [anything(chance, 1)], [node[at], node[at]], [changed(chance, node[at])]))
        return [*node[:at], *new, *node[at + 1 :]]
    key = chance.choice(list(node))
    way = chance.random()
    if way < 0.1:
        return {name: value for name, value in node.items() if name != key}
    if way < 0.2:
        return {(word(chance) if name == key else name): value for name, value in node.items()}
    if way < 0.3:
        return {**node, word(chance): anything(chance, 2)}
    return {**node, key: changed(chance, node[key])}


def anything(chance: random.Random, depth: int) -> Any:
    kinds: list[Callable[[], Any]] = [
        lambda: chance.choice(HARD_TEXTS),
        lambda: chance.choice(HARD_TEXTS),
        lambda: chance.choice((True, False, 0, 1, -1, 10**30, 1.5, float("inf"), float("nan"))),
        list,
        dict,
    ]
    if depth:
        kinds += [
            lambda: [anything(chance, depth - 1) for _ in range(chance.randrange(4))],
            lambda: {word(chance): anything(chance, depth - 1) for _ in range(chance.randrange(4))},
        ]
    return chance.choice(kinds)()


def word(chance: random.Random) -> str:
    return chance.choice((*TABLE, *HARD_TEXTS, "value", "if", "key", "platform", "env", "run", "set-python", "py", "v"))


def watched(root: Path, files: Files, findings: Findings, chance: random.Random) -> str:
    """How it ended with these files."""
    for name in FILES:
        (root / name).unlink(missing_ok=True)
    for name, content in files.items():
        (root / name).write_bytes(content)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, too_long)
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
    # what no signal gets through to ends the whole run, and says where it was
    faulthandler.dump_traceback_later(LONGEST * 4, exit=True)
    try:
        return went(root, chance)
    except (Exception, Hang) as error:  # noqa: BLE001 - anything is a finding
        findings.add(error, files)
        return "finding"
    finally:
        faulthandler.cancel_dump_traceback_later()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def too_long(*_: object) -> None:
    raise Hang(f"more than {LONGEST} s")


def went(root: Path, chance: random.Random) -> str:
    environ = {"HOME": "/home/person", "PATH": "/bin", "FOO": chance.choice(HARD_TEXTS).replace("\x00", ""), "CI": ""}
    host = Host(str(root), "/home/person", chance.choice(("linux", "macos", "windows")), environ)
    try:
        project = resolve(read_project(find_project(str(root)), None), host)
        document = environments_document(project, host)
        json.dumps(document)
        sessions = tuple(all_sessions(project))[:50]
        json.dumps(plan_document(make_plan(project, Request(sessions), host)))
    except EnvtasksError as error:
        if not problem_text(error, str(root)).startswith("error: "):
            raise AssertionError("a problem has no text") from error
        return f"refused with {error.exit_code}"
    return "answered"


if __name__ == "__main__":
    raise SystemExit(main())
