"""`envtasks shell`, on a terminal and without one: shells as they are, with files of a person that get in the way."""

from __future__ import annotations

import os
import re
import select
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from tool import START, run, started, world

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")

MakeProject = Callable[[Mapping[str, str]], Path]

SECONDS = 60
TOML = """
[envs.test]
detached = true
env-vars = { GREETING = "it's $HOME", SHADOWED = "ours" }
[envs.default]
skip-install = true
[envs.both]
detached = true
matrix = [{ size = ["1", "2"] }]
[envs.elsewhere]
detached = true
platforms = ["windows"]
[envs.around]
detached = true
type = "none"
"""
#: What files of a person do that gets in the way: other programs come first, a variable is another one.
POSIX = """
export PATH="$HOME/decoys:$PATH" SHADOWED=theirs THEIRS=read
PS1='their prompt> '
"""
FISH = """
set -gx PATH $HOME/decoys $PATH
set -gx SHADOWED theirs
set -gx THEIRS read
function fish_prompt
    printf 'their prompt> '
end
"""
HOME = {
    ".bashrc": POSIX + "PROMPT_COMMAND='PS1=\"their prompt> \";'\n",
    ".shrc": POSIX,
    ".zshenv": "export PATH=$HOME/decoys:$PATH SHADOWED=theirs THEIRS=read\n",
    ".zshrc": POSIX + "precmd() { PROMPT='their prompt> ' }\n",
    ".config/fish/config.fish": FISH,
}
ESCAPES = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]")
PROMPT = r"their prompt> "
DECOY = "#!/bin/sh\necho decoy\n"


def needs(shell: str) -> object:
    return pytest.param(
        shell, marks=pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")
    )


SHELLS = [needs(shell) for shell in ("bash", "sh", "zsh", "fish")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and beside it the home directory of somebody who likes other programs."""
    top = tmp_path_factory.mktemp("shell")
    root, home = top / "project", top / "home"
    root.mkdir()
    (root / "envtasks.toml").write_text(TOML, encoding="utf-8")
    for name, text in HOME.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (home / "decoys").mkdir()
    for name in ("python", "pip"):
        (home / "decoys" / name).write_text(DECOY, encoding="utf-8")
        (home / "decoys" / name).chmod(0o755)
    done = run(root, "env", "create", "test")
    assert done.code == 0, done
    return root


def variables(root: Path, **more: str | None) -> dict[str, str]:
    return world(HOME=str(root.parent / "home"), ENV="$HOME/.shrc", TERM="dumb", **more)


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, root: Path, *argv: str, **more: str | None) -> None:
        self.seen = ""
        self.master, slave = os.openpty()
        first = "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        self.process = started(
            root, *argv, stdin=slave, stdout=slave, stderr=slave, first=first, variables=variables(root, **more)
        )
        os.close(slave)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def wait_for(self, pattern: str) -> str:
        """What was printed up to and with this, since the last one."""
        end = time.monotonic() + SECONDS
        while (found := re.search(pattern, self.seen)) is None:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if not ready:
                pytest.fail(f"{pattern!r} is not in {self.seen!r}")
            try:
                self.seen = ESCAPES.sub("", self.seen + os.read(self.master, 1 << 16).decode(errors="replace"))
            except OSError:
                pytest.fail(f"it ended, and {pattern!r} is not in {self.seen!r}")
        text, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return text

    def ask(self, question: str) -> str:
        """What the shell makes of a text in double quotes; it is at its prompt before."""
        self.type(f'echo "[{question}]"\r')
        return self.wait_for(r"\n\[[^\n]*\]\r*\n").strip().rpartition("\n")[2][1:-1]

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < end, "it did not come to pass"
            time.sleep(0.01)

    def ended(self) -> int:
        while True:
            try:
                if not os.read(self.master, 1 << 16):
                    break
            except OSError:  # nobody has the other end any more
                break
        return self.process.wait(timeout=SECONDS)


@pytest.fixture
def terminal(root: Path) -> Iterator[Callable[..., Terminal]]:
    made: list[Terminal] = []

    def start(*argv: str, **more: str | None) -> Terminal:
        made.append(Terminal(root, *argv, **more))
        return made[-1]

    yield start
    for one in made:
        one.process.kill()
        one.process.wait()
        os.close(one.master)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_is_in_the_environment_whatever_the_files_of_the_person_do(
    shell: str, root: Path, terminal: Callable[..., Terminal]
) -> None:
    opened = terminal("shell", "test", "--shell", shell)
    assert "(test) " in opened.wait_for(PROMPT)
    programs = root / ".envtasks" / "envs" / "test" / "bin"
    asked = {
        "$(command -v python)": str(programs / "python"),
        "$(command -v pip)": str(programs / "pip"),
        "$THEIRS $SHADOWED": "read ours",
        "$GREETING": "it's $HOME",
        "$VIRTUAL_ENV_PROMPT $ENVTASKS_ENV_ACTIVE": "test test",
        "$(env | grep -c _ENVTASKS_)": "0",
    }
    for question, answer in asked.items():
        assert opened.ask(question) == answer, question
        assert "(test) " in opened.wait_for(PROMPT)
    opened.type("exit 7\r")
    assert opened.ended() == 7


@pytest.mark.parametrize("shell", SHELLS)
def test_control_c_and_jobs_are_those_of_the_shell(shell: str, terminal: Callable[..., Terminal]) -> None:
    opened = terminal("shell", "test", "--shell", shell)
    opened.wait_for(PROMPT)
    own = os.tcgetpgrp(opened.master)
    for command, key in (("sleep 60", "\x03"), ("sleep 60", "\x1a"), ("fg", "\x03")):
        opened.type(f"{command}\r")
        opened.until(lambda: os.tcgetpgrp(opened.master) != own)
        opened.type(key)
        opened.wait_for(PROMPT)
    opened.type("exit 3\r")
    assert opened.ended() == 3


def test_the_terminal_is_closed(root: Path, terminal: Callable[..., Terminal]) -> None:
    opened = terminal("shell", "test", "--shell", "bash")
    opened.wait_for(PROMPT)
    os.dup2(os.open(os.devnull, os.O_RDWR), opened.master)
    assert opened.process.wait(timeout=SECONDS) == 129
    done = run(root, "env", "sync", "test", "--recreate")
    assert (done.code, "waiting" in done.err) == (0, False)


def test_the_shell_that_was_used_before_is_as_it_was(root: Path, terminal: Callable[..., Terminal]) -> None:
    """A shell in the shell reads the files of the person as ever, and so does the one around it."""
    opened = terminal("shell", "test", "--shell", "bash")
    opened.wait_for(PROMPT)
    opened.type("bash\r")
    opened.wait_for(r"\n")
    assert "(test)" not in opened.wait_for(PROMPT)
    opened.type("exit\r")
    assert "(test) " in opened.wait_for(PROMPT)
    opened.type("exit\r")
    assert opened.ended() == 0


def test_a_shell_is_started_from_another_and_is_of_the_same_kind(
    root: Path, tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    (tmp_path / "tool.py").write_text(START, encoding="utf-8")
    opened = terminal("shell", "test", "--shell", "bash", SHELL="sh")
    opened.wait_for(PROMPT)
    opened.type(f"{sys.executable} {tmp_path / 'tool.py'} shell both.1\r")
    assert "(both.1) " in opened.wait_for(PROMPT)
    assert opened.ask("$VIRTUAL_ENV_PROMPT ${0##*/}") == "both.1 bash"
    opened.wait_for(PROMPT)
    opened.type("(exit 5); exit\r")
    assert "(test) " in opened.wait_for(PROMPT)
    assert opened.ask("$? $VIRTUAL_ENV_PROMPT") == "5 test"
    opened.wait_for(PROMPT)
    opened.type("exit\r")
    assert opened.ended() == 0


def test_an_environment_with_a_shell_in_it_is_not_taken_away(root: Path, terminal: Callable[..., Terminal]) -> None:
    opened = terminal("shell", "test", "--shell", "sh")
    opened.wait_for(PROMPT)
    done = run(root, "env", "remove", "test")
    assert (done.code, done.out) == (3, "")
    who = f"process {opened.process.pid}" if os.path.exists("/proc/locks") else "another process"
    directory = root / ".envtasks" / "envs" / "test"
    assert done.err.splitlines() == [f"test: not removed: {who} runs in it: {directory}"]
    done = run(root, "run", "test:true")
    assert (done.code, done.err) == (0, "")
    opened.type("exit\r")
    assert opened.ended() == 0


@pytest.mark.parametrize(
    ("argv", "more", "title"),
    [
        (("shell",), {"SHELL": "sh"}, "(project) "),
        (("shell", "both.1"), {"SHELL": "sh"}, "(both.1) "),
        (("shell", "around"), {"SHELL": "sh"}, "(around) "),
        (("shell", "test"), {"SHELL": "sh", "VIRTUAL_ENV_DISABLE_PROMPT": "1"}, ""),
        (("shell", "test"), {"SHELL": "bash", "ENVTASKS_SHELL": "sh"}, "(test) "),
        (("shell", "test"), {"SHELL": "/no/such/shell"}, "(test) "),
    ],
    ids=["default", "variant", "no-environment", "no-prompt", "variable", "no-shell"],
)
def test_titles_of_prompts(
    argv: tuple[str, ...], more: Mapping[str, str], title: str, terminal: Callable[..., Terminal]
) -> None:
    opened = terminal(*argv, **more)
    before = opened.wait_for(PROMPT).rpartition("\n")[2].removesuffix("their prompt> ")
    assert before.lstrip("\r") == title
    assert os.path.basename(opened.ask("$0")) == "sh"
    opened.type("exit\r")
    assert opened.ended() == 0


@pytest.mark.parametrize("shell", SHELLS)
def test_without_a_terminal_a_shell_runs_what_it_is_given(shell: str, root: Path) -> None:
    code = "command -v python; echo $SHADOWED; env | grep -c _ENVTASKS_; exit 4"
    done = run(root, "shell", "test", "--shell", shell, "--", "-c", code, variables=variables(root))
    programs = root / ".envtasks" / "envs" / "test" / "bin"
    assert (done.code, done.out.splitlines(), done.err) == (4, [str(programs / "python"), "ours", "0"], "")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("shell", "test"), "error: there is no terminal for a shell\n  hint: give it something to do: "),
        (("shell", "both", "--", "-c", "true"), "error: 'both' is more than one environment\n  hint: choose one: both"),
        (("shell", "tset", "--", "-c", "true"), "error: unknown environment 'tset'\n  hint: did you mean 'test'?"),
        (("shell", "test", "sh", "--", "-c", "true"), "error: a shell is in one environment\n"),
        (("shell", "elsewhere", "--", "-c", "true"), "error: 'elsewhere' is for windows, and this is "),
        (("shell", "--shell", "hsell", "--", "-c", "true"), "error: no shell 'hsell' is on PATH\n"),
    ],
    ids=["terminal", "matrix", "unknown", "two", "platform", "shell"],
)
def test_what_cannot_be(argv: tuple[str, ...], message: str, root: Path) -> None:
    done = run(root, *argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)


def test_a_program_that_is_no_shell_gets_the_environment_alone(root: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    odd.write_text('#!/bin/sh\necho "$@" "$VIRTUAL_ENV_PROMPT" "${PATH%%:*}"\n', encoding="utf-8")
    odd.chmod(0o755)
    done = run(root, "shell", "test", "--shell", str(odd), "--", "a b", "-c")
    assert (done.code, done.out) == (0, f"a b -c test {root / '.envtasks' / 'envs' / 'test' / 'bin'}\n")


def test_a_shell_that_cannot_be_started(root: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/program\n", encoding="utf-8")
    broken.chmod(0o755)
    done = run(root, "shell", "test", "--shell", str(broken), "--", "-c", "true")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error: the shell cannot be started: ")
