"""What the benchmarks share: places to install tools in, counting instructions, timing side by side."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from shutil import which
from statistics import median
from typing import NamedTuple

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: Variables that would lead a tool to another Python, to another place, or to other work.
LEFT_OUT = ("PYTHON", "ENVTASKS_", "HATCH_", "NOX", "TOX", "VIRTUALENV", "VIRTUAL_ENV", "CI", "NO_COLOR", "FORCE_COLOR")
#: Sets and dictionaries in the same order every time, so that counts can be repeated.
REPEATABLE = {"PYTHONHASHSEED": "0"}
VALGRIND_MISSING = "valgrind is not installed: instructions cannot be counted"


class Figure(NamedTuple):
    """Something measured, and where it may not be above something, its bar."""

    name: str
    value: float
    unit: str
    bar: float | None = None

    @property
    def good(self) -> bool:
        return self.bar is None or self.value <= self.bar

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"  at most {self.bar:g}: {'yes' if self.good else 'NO'}"
        return f"{self.name:<48} {self.value:>9.3f} {self.unit:<18}{bar}".rstrip()


class Counted(NamedTuple):
    """The instructions of one process, and how many others it started."""

    instructions: int
    children: int


class Contender(NamedTuple):
    """One command to be timed against others."""

    name: str
    words: tuple[str, ...]
    cwd: str


class Usage(NamedTuple):
    """What one run took: seconds on the clock, seconds of processors, the memory of its largest process."""

    wall: float
    cpu: float
    kilobytes: int


def variables(**more: str) -> dict[str, str]:
    """The variables that measured programs see."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


def install(directory: str, *requirements: str) -> str:
    """A fresh virtual environment with nothing but these and what they need, compiled; its directory of programs.

    There is no pip and no setuptools in it, because what they add to the start of every Python is not ours.
    """
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", directory), check=True, env=variables())
    programs = os.path.join(directory, "Scripts" if os.name == "nt" else "bin")
    command = (sys.executable, "-m", "pip", "--python", os.path.join(programs, "python"), "install", "-qq")
    subprocess.run((*command, "--compile", *requirements), check=True, env=variables())
    return programs


def write(directory: str, files: Mapping[str, str]) -> str:
    """A project made of these files; its directory."""
    os.makedirs(directory, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)
    return directory


@contextmanager
def workplace() -> Iterator[str]:
    """A directory for everything that is made, what tools keep outside of projects included."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        os.environ["XDG_DATA_HOME"] = os.path.join(directory, "data")
        yield os.path.realpath(directory)


def has_valgrind() -> bool:
    return which("valgrind") is not None


def count(words: Sequence[str], cwd: str) -> Counted:
    """Run a command under callgrind; what its own process did, and how many processes it started.

    The command runs once before, so that nothing is measured that happens only the first time.
    """
    subprocess.run(words, cwd=cwd, env=variables(**REPEATABLE), check=True, capture_output=True)
    with tempfile.TemporaryDirectory(prefix="count-") as directory:
        place = os.path.join(directory, "%p")
        tool = ("valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={place}")
        quiet = (f"--log-file={os.path.join(directory, 'log')}",)
        process = subprocess.Popen(
            (*tool, *quiet, *words),
            cwd=cwd,
            env=variables(**REPEATABLE),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        _, said = process.communicate()
        if process.returncode:
            raise RuntimeError(f"exit code {process.returncode} from {' '.join(words)}: {said.decode()}")
        written = {int(name): os.path.join(directory, name) for name in os.listdir(directory) if name.isdecimal()}
        with open(written[process.pid], encoding="utf-8", errors="replace") as file:
            return Counted(instructions_of(file.read()), len(written) - 1)


def instructions_of(profile: str) -> int:
    """The instructions that a profile of callgrind says were executed: those of its parts together."""
    totals = [line for line in profile.splitlines() if line.startswith("totals:")]
    if not totals:
        raise ValueError("the profile of callgrind has no totals; did the program end as it should?")
    return sum(int(line.removeprefix("totals:").split()[0]) for line in totals)


#: Starts a command and prints what it took. A program of its own, because the peak memory of a process begins
#: with that of the one that started it, and this one is smaller than all that is measured.
WITNESS = """\
import os, sys
from time import perf_counter
nowhere = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
nowhere += [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
started = perf_counter()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=nowhere)
_, status, used = os.wait4(process, 0)
print(perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def use(contender: Contender) -> Usage:
    """Run a command once, to its end."""
    witness = (sys.executable, "-I", "-S", "-c", WITNESS, *contender.words)
    told = subprocess.run(witness, cwd=contender.cwd, env=variables(), check=True, capture_output=True, text=True)
    wall, cpu, memory, code = told.stdout.split()
    if code != "0":
        raise RuntimeError(f"exit code {code} from {' '.join(contender.words)} in {contender.cwd}")
    return Usage(float(wall), float(cpu), int(memory) // (1024 if sys.platform == "darwin" else 1))


def race(contenders: Sequence[Contender], rounds: int) -> list[list[Usage]]:
    """Every contender once in each round, another one first each time; the first round, a warm-up, is left out."""
    results: list[list[Usage]] = []
    for number in range(rounds + 1):
        first = number % len(contenders)
        order = [*range(first, len(contenders)), *range(first)]
        used = {index: use(contenders[index]) for index in order}
        results.append([used[index] for index in range(len(contenders))])
    return results[1:]


def ratios(
    results: Sequence[Sequence[Usage]], yardstick: int, measure: Callable[[Usage], float] = lambda usage: usage.wall
) -> list[float]:
    """For each contender, the median over the rounds of its ratio to the yardstick in the same round."""
    return [
        median(measure(one[index]) / measure(one[yardstick]) for one in results) for index in range(len(results[0]))
    ]


def table(contenders: Sequence[Contender], results: Sequence[Sequence[Usage]], yardstick: int) -> list[Figure]:
    """Time on the clock and on processors of each contender, against the yardstick."""
    walls = ratios(results, yardstick)
    cpus = ratios(results, yardstick, lambda usage: usage.cpu)
    against = f"x {contenders[yardstick].name}"
    return [
        figure
        for contender, wall, cpu in zip(contenders, walls, cpus, strict=True)
        for figure in (
            Figure(f"{contender.name}, clock", wall, against),
            Figure(f"{contender.name}, processors", cpu, against),
        )
    ]


def tell(figures: Sequence[Figure], *, as_json: bool) -> int:
    """Print the figures; the exit code is 1 where one is above its bar."""
    if as_json:
        rows = [{**figure._asdict(), "good": figure.good} for figure in figures]
        version = ".".join(map(str, sys.version_info[:3]))
        print(json.dumps({"python": version, "figures": rows}, indent=1))
    else:
        print("\n".join(map(str, figures)))
    return 0 if all(figure.good for figure in figures) else 1
