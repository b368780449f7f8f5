"""Tasks that misbehave: what they do to the process reaches neither the next session nor what we say."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest
from tool import Done, run, started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="closes files and sends signals as POSIX has them")

#: What the process is like, as a task finds it that comes after another.
CHECK = """
import json, os, signal, stat, sys, threading, warnings

def name_of(handler):
    return getattr(handler, "__qualname__", str(handler))

def state():
    mask = os.umask(0)
    os.umask(mask)
    return {
        "cwd": os.getcwd(),
        "environ": dict(sorted(os.environ.items())),
        "argv": [sys.argv[:2], 'x' in sys.argv],
        "path": sys.path,
        "handlers": [name_of(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "mask": mask,
        "limit": sys.getrecursionlimit(),
        "filters": [str(one) for one in warnings.filters],
        "streams": [[one.fileno(), one.closed, one.encoding, one.errors] for one in (sys.stdin, sys.stdout, sys.stderr)],
        "files": [[one.st_rdev, stat.S_IFMT(one.st_mode)] for one in map(os.fstat, (0, 1, 2))],
        "waited for": [one.name for one in threading.enumerate() if not (one.daemon or "Pool" in one.name)],
    }
"""
HEAD = """
import asyncio, builtins, concurrent.futures, io, os, signal, subprocess, sys, threading, time, warnings
from envtasks import env
from checking import json, state

class Own(BaseException):
    def __str__(self):
        raise ValueError("no text")

def endless():
    endless()

def one_by_one(number=0):
    return other(number + 1)

def other(number):
    return one_by_one(number + 1)

def check(session):
    print(f"\\n={session.name}")
    print(json.dumps(state()))
    session.run("python", "-c", "print('child')")

@env(detached=True, path="shared")
def endless_thread(session):
    threading.Thread(target=time.sleep, args=(60,)).start()
    open("thread-runs", "w").close()
"""


class Case:
    """What a task does, how its session ends, what it prints, and what is shown of it."""

    def __init__(self, body: str, outcome: str = "passed", *, printed: str = "", shown: str = "") -> None:
        self.body = body
        self.outcome = outcome
        self.printed = printed
        self.shown = shown


CASES: dict[str, Case] = {
    "nothing": Case("pass"),
    "left": Case("sys.exit(3)", "failed: the task left with 3"),
    "left_with_nothing": Case("sys.exit()"),
    "left_with_text": Case("sys.exit('so long')", "failed: the task left with so long"),
    "left_with_much": Case("sys.exit(2 ** 70)", f"failed: the task left with {2**70}"),
    "left_with_an_object": Case("sys.exit(Own())", "failed: the task left with <Own>"),
    "left_with_true": Case("sys.exit(True)", "failed: the task left with True"),
    "raised": Case("{}['a']", "failed: KeyError: 'a'", shown='File "ROOT/envfile.py", line'),
    "own_exception": Case("raise Own", "failed: Own: <Own>", shown="in own_exception"),
    "interrupt": Case("raise KeyboardInterrupt", "failed: KeyboardInterrupt", shown="in interrupt"),
    "generator_exit": Case("raise GeneratorExit('x')", "failed: GeneratorExit: x", shown="in generator_exit"),
    "group": Case(
        "raise (builtins.BaseExceptionGroup if sys.version_info >= (3, 11) else Own)('x', [ValueError('y')])",
        "failed: .*",
        shown="in group",
    ),
    "endless_calls": Case("endless()", "failed: RecursionError: .*", shown="in endless"),
    "endless_pair": Case("one_by_one()", "failed: RecursionError: .*", shown="in one_by_one"),
    "no_limit": Case("sys.setrecursionlimit(5000); endless()", "failed: RecursionError: .*", shown="in endless"),
    "own_script": Case(
        "session.script('own_script')", "failed: 'own_script' is running, and cannot run within itself: .*"
    ),
    "moved": Case("os.chdir('/')\nsession.run('pwd', external=True)", printed="/\n"),
    "moved_to_nowhere": Case("os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')"),
    "variables": Case(
        "os.environ['MORE'] = 'more'; del os.environ['HOME']\n"
        "session.run('sh', '-c', 'echo $MORE $HOME', external=True)",
        printed="more\n",
    ),
    "no_variables": Case("os.environ.clear()"),
    "words": Case("sys.argv = ['x']; sys.path[:] = []"),
    "words_changed": Case("sys.argv.append('x'); sys.path = ['/']"),
    "handlers": Case("for one in (2, 15, 1, 14, 17, 13, 10): signal.signal(one, signal.SIG_IGN)"),
    "handler": Case(
        "signal.signal(signal.SIGTERM, lambda *_: print('mine')); os.kill(os.getpid(), 15)", printed="mine\n"
    ),
    "timer": Case("signal.signal(signal.SIGALRM, lambda *_: None); signal.alarm(1)"),
    "mask": Case("os.umask(0o777)"),
    "filters": Case("warnings.simplefilter('error')"),
    "no_newline": Case("print('text', end='')", printed="text"),
    "other_stdout": Case(
        "sys.stdout = sys.stderr = io.StringIO(); print('never'); session.log('said')", shown="other_stdout: said"
    ),
    "no_stdout": Case("sys.stdout = sys.stderr = sys.stdin = None"),
    "closed_stdout": Case(
        "print('text'); sys.stdout.close(); sys.stderr.close(); session.log('said')", printed="text\n", shown=": said"
    ),
    "print_to_closed": Case("sys.stdout.close(); print('x')", "failed: ValueError: I/O operation on closed file.?"),
    "closed_files": Case("os.close(0); os.close(1); os.close(2); session.log('said')", shown=": said"),
    "closed_all_files": Case("os.closerange(0, 3); print('kept')", printed="kept\n"),
    "other_file": Case("os.dup2(os.open('/dev/null', os.O_WRONLY), 1); print('never', end='')"),
    "thread": Case("threading.Thread(target=lambda: (time.sleep(0.3), print('thread'))).start()", printed="thread\n"),
    "threads": Case(
        "for name in 'ba': threading.Thread(target=time.sleep, args=(3.5,), name=name).start()",
        shown="threads: waiting for what it started and left: thread 'a', 'b'",
    ),
    "daemon": Case("threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"),
    "pool": Case(
        "pool = builtins.kept = concurrent.futures.ThreadPoolExecutor(2)\npool.submit(print, 'pool')", printed="pool\n"
    ),
    "raising_thread": Case("threading.Thread(target=endless).start()", shown="RecursionError"),
    "loop": Case("asyncio.run(asyncio.sleep(0))"),
    "child": Case(
        "builtins.kept = subprocess.Popen(['sleep', '10'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "open('pid', 'w').write(str(builtins.kept.pid))"
    ),
    "fork": Case(
        "process = os.fork()\nprint('forked', end='\\n' if process and os.waitpid(process, 0) else '')",
        printed="forkedforked\n",
    ),
    "fork_that_raises": Case(
        "process = os.fork()\nif not process: raise ValueError('in the fork')\nos.waitpid(process, 0)",
        shown="in the fork",
    ),
    "unknown_notified": Case("session.notify('nobody')", "failed: .*'nobody'.*"),
    "unknown_script": Case("session.script('nothing')", "failed: .*'nothing'.*"),
    "no_conda": Case("session.conda_install('numpy')", "failed: conda cannot install 'numpy' here: .*"),
}


def task(name: str, body: str) -> str:
    return f'\n@env(detached=True, path="shared")\ndef {name}(session):\n{indent(body, "    ")}\n'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all of these tasks, whose environment is made."""
    root = tmp_path_factory.mktemp("project")
    tasks = [task(name, case.body) + task(f"after_{name}", "check(session)") for name, case in CASES.items()]
    (root / "checking.py").write_text(CHECK, encoding="utf-8")
    (root / "envfile.py").write_text(HEAD + "".join(tasks), encoding="utf-8")
    done = run(root, "-s", "nothing")
    assert done.code == 0, done
    return root


@pytest.fixture(scope="module")
def done(project: Path) -> Done:
    """How it went when all ran, one after the other and each with a check after it."""
    ended = run(project, "-s", *(name for case in CASES for name in (case, f"after_{case}")))
    assert ended.code == 1, ended.err
    return ended


@pytest.fixture(scope="module")
def usual(project: Path) -> str:
    """What the check says where nothing ran before."""
    alone = run(project, "-s", "after_nothing")
    assert alone.code == 0, alone.err
    return alone.out.removeprefix("\n=after_nothing\n")


def part(text: str, begin: str, end: str) -> str:
    """What stands after something begins and before something else does, or all that is left."""
    _, begun, rest = text.partition(begin)
    assert begun, text
    return rest.partition(end)[0]


@pytest.mark.parametrize("name", CASES)
def test_the_next_session_finds_all_as_it_was(name: str, done: Done, usual: str) -> None:
    assert part(done.out, f"\n=after_{name}\n", "\n=").startswith(usual)
    assert re.search(rf"(?m)^  passed +after_{name} ", done.err), done.err


@pytest.mark.parametrize("name", CASES)
def test_how_the_session_of_the_task_ends(name: str, project: Path, done: Done) -> None:
    outcome, _, reason = CASES[name].outcome.partition(": ")
    assert re.search(rf"(?m)^  {outcome} +{name} +[0-9.]+ s{'  ' if reason else ''}{reason}$", done.err), done.err
    told = part(done.err, f"==> {name}\n", f"==> after_{name}\n")
    assert CASES[name].shown.replace("ROOT", str(project)) in told
    assert os.path.join("envtasks", "run") not in told
    assert len(told.splitlines()) < 100


@pytest.mark.parametrize(("before", "name"), [*zip(CASES, [*CASES][1:], strict=False)])
def test_what_the_task_prints(before: str, name: str, done: Done, usual: str) -> None:
    """It shows before what comes after it."""
    printed = part(done.out, f"\n=after_{before}\n", f"\n=after_{name}\n")
    assert printed == usual + CASES[name].printed


def test_only_the_task_that_fails_has_frames(project: Path) -> None:
    """What went wrong with a request is its reason, and no bug of anybody."""
    assert "Traceback" not in run(project, "-s", "unknown_notified", "unknown_script", "no_conda", "left").err


def test_what_a_task_started_and_left_goes_on(project: Path) -> None:
    """As with nox, and in a shell; we do not wait for it."""
    assert run(project, "-s", "child").code == 0
    os.kill(int((project / "pid").read_text(encoding="utf-8")), signal.SIGKILL)


def test_a_signal_ends_us_although_a_thread_does_not(project: Path) -> None:
    with started(project, "-s", "endless_thread") as ours:
        until((project / "thread-runs").exists)
        ours.send_signal(signal.SIGTERM)
        _, told = ours.communicate(timeout=60)
    assert ours.returncode == 128 + signal.SIGTERM, told
    assert b"endless_thread: failed" in told
    assert b"terminated" in told


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
