"""What README and the pages of the documentation show and claim, held against the program."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from types import ModuleType

import pytest
from pages import DOCS, PAGES, REPOSITORY, Block, blocks_of, of_tutorial

from envtasks.cli.command import VERBS, parse
from envtasks.cli.flags import COMMON
from envtasks.declare.arguments import ARGUMENT_READERS
from envtasks.declare.authoring import WrittenEnvironment
from envtasks.declare.environment import read_environment
from envtasks.declare.nox_words import in_our_words
from envtasks.declare.project import ENVFILE, SETTING_READERS
from envtasks.declare.scripts import SCRIPT_READERS
from envtasks.declare.toml import parse as parse_toml
from envtasks.errors import Key, Mistakes
from envtasks.model import Project
from envtasks.option_table import DEFAULT, TABLE, Option
from envtasks.report.document import environments_document, listing_document, plan_document
from envtasks.resolve.formatting import FIELDS
from envtasks.resolve.selection import all_sessions, select
from envtasks.run.session import Session
from envtasks.testing import Performed, Tasks, declared, declared_in, performed, planned

COMMAND_PAGE = DOCS / "command-line.md"
TESTING_PAGE = DOCS / "testing.md"
#: Stands for another platform in tests, and is nothing to rely on.
INTERNAL = {"ENVTASKS_PLATFORM_OVERRIDE"}


BLOCKS = tuple(block for page in PAGES for block in blocks_of(page))


def in_language(language: str) -> list[Block]:
    """The blocks that are read on their own; those of tutorials are done, by their own test."""
    return [block for block in BLOCKS if block.language == language and not is_test(block) and not of_tutorial(block)]


def is_test(block: Block) -> bool:
    return "def test_" in block.text and block.page == TESTING_PAGE


def commands_of(page: Path) -> Iterator[tuple[str, ...]]:
    """The words after `envtasks` in every command that a page shows, in blocks and in text that was not generated."""
    text = re.sub(r"<!-- (\w+) -->.*<!-- /\1 -->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = [line for block in blocks_of(page) if block.language == "sh" for line in block.text.splitlines()]
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines += [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", prose)]
    for line in lines:
        for command in line.split(" && "):
            program, *words = shlex.split(command) if command.startswith(("envtasks ", ".venv/")) else [command]
            if program == "envtasks" or program.endswith("/envtasks"):
                yield tuple(words)


COMMANDS = tuple(dict.fromkeys((page, words) for page in PAGES for words in commands_of(page)))


@pytest.fixture
def library() -> Project:
    return declared_in(REPOSITORY / "examples" / "library").project


@pytest.fixture
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading an envfile adds to where modules are found; that ends with the test."""
    monkeypatch.setattr(sys, "path", sys.path[:])


@pytest.mark.parametrize("block", in_language("toml"), ids=str)
def test_toml_block_is_a_project_that_can_be_planned(block: Block) -> None:
    check_project(declared(pyproject=block.text) if "tool.envtasks" in block.text else declared(block.text))


@pytest.mark.usefixtures("own_path")
@pytest.mark.parametrize("block", in_language("python"), ids=str)
def test_python_block_is_a_project_that_can_be_planned(block: Block) -> None:
    check_project(declared(envfile=block.text, pyproject='[project]\nname = "example"\nversion = "1"\n'))


def check_project(tasks: Tasks) -> None:
    settings = tasks.project.settings
    assert tasks.sessions, "the block declares nothing that could be run"
    assert len(planned(tasks, *(session.name for session in tasks.sessions)).sessions) == len(tasks.sessions)
    assert planned(tasks).sessions or settings.sessions is None
    for names in settings.aliases.values():
        assert select(names, tasks.project)


def test_tests_of_the_page_on_testing_pass(tmp_path: Path) -> None:
    """They stand in one file, beside the envfile of the page, and notice when a task changes."""
    page = tuple(blocks_of(TESTING_PAGE))
    (envfile,) = (block.text for block in page if block.language == "python" and not is_test(block))
    tests = "\n\n".join(block.text for block in page if is_test(block))
    (tmp_path / "test_tasks.py").write_text(tests, encoding="utf-8")
    (tmp_path / ENVFILE).write_text(envfile, encoding="utf-8")
    assert f"{tests.count('def test_')} passed" in run_pytest(tmp_path, "test_tasks.py")
    (tmp_path / ENVFILE).write_text(
        envfile.replace('"upload"', '"check"').replace('"3.13"', '"3.11"'), encoding="utf-8"
    )
    assert "3 failed" in run_pytest(tmp_path, "test_tasks.py")


def test_tests_of_tasks_are_kept_apart_as_the_page_says(tmp_path: Path) -> None:
    (settings,) = (block.text for block in blocks_of(TESTING_PAGE) if block.language == "text")
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    for path in ("test_tasks.py", "tests/test_project.py"):
        (tmp_path / path).write_text("def test_nothing(): ...\n", encoding="utf-8")
    assert "tests/test_project.py" in (found := run_pytest(tmp_path, "-v"))
    assert "test_tasks.py" not in found
    assert "test_tasks.py" in run_pytest(tmp_path, "-v", "test_tasks.py")


def run_pytest(root: Path, *words: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    ).stdout


@pytest.mark.parametrize("option", TABLE.values(), ids=lambda option: option.name)
def test_example_of_an_option_is_read_alike_from_toml_and_from_python(option: Option[object]) -> None:
    cells = re.search(
        rf"^\| `{option.name}` \| `(.*)` \| `(.*)` \|$", (DOCS / "environments.md").read_text(), re.MULTILINE
    )
    assert cells is not None, "the example of the option is not on the page"
    raw = parse_toml(cells[1], "example")
    keywords = eval(f"dict({cells[2]})", {})
    mistakes = Mistakes()
    written = WrittenEnvironment(
        "example", in_our_words(keywords, Key("envfile.py"), mistakes), Key("envfile.py")
    ).raw()
    if option is not DEFAULT:
        del written[DEFAULT.name]
    declarations = [read_environment("example", options, Key("example"), mistakes) for options in (raw, written)]
    assert (mistakes.found, declarations[0]) == ([], declarations[1])
    assert set(declarations[0].options if declarations[0] else ()) >= {option.name}


def test_blocks_say_what_they_are() -> None:
    assert {block.language for block in BLOCKS} <= {"toml", "python", "sh", "text"}
    assert len(in_language("toml")) >= 10
    assert len(in_language("python")) >= 3


@pytest.mark.parametrize(("page", "words"), COMMANDS, ids=lambda value: getattr(value, "name", None) or " ".join(value))
def test_command_is_one_that_we_take(page: Path, words: tuple[str, ...]) -> None:
    assert parse(words, {}).verb in VERBS, page.name


def test_there_are_commands_of_every_verb() -> None:
    shown = {parse(words, {}).verb for page, words in COMMANDS if page == COMMAND_PAGE}
    assert shown == set(VERBS)


@pytest.mark.parametrize(
    ("page", "words"),
    [(page, words) for page, words in COMMANDS if page in (COMMAND_PAGE, PAGES[0])],
    ids=lambda value: getattr(value, "name", None) or " ".join(value),
)
def test_sessions_of_commands_are_those_of_the_example(page: Path, words: tuple[str, ...], library: Project) -> None:
    invocation = parse(words, {})
    flags = invocation.flags
    names = (
        *(getattr(flags, "sessions", None) or ()),
        *(invocation.operands if invocation.verb in ("", "env show") else ()),
    )
    if names:
        assert select(names, library)
    if getattr(flags, "tags", None):
        tags = {tag for session in all_sessions(library) for tag in session.tags}
        assert set(flags.tags) <= tags, page.name


@pytest.mark.usefixtures("own_path")
def test_readme_declares_the_same_environments_twice() -> None:
    texts = {block.language: block.text for block in blocks_of(PAGES[0])}
    toml, python = declared(pyproject=texts["toml"]).project, declared(envfile=texts["python"]).project
    names = ["default", "test.py3.11-1", "test.py3.11-2", "test.py3.12-1", "test.py3.12-2", "lint"]
    assert list(toml.environments) == list(python.environments) == names
    assert toml.settings == python.settings


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_tables_are_fresh(generate: ModuleType) -> None:
    pages = sorted({page for page, _ in generate.TABLES})
    stale = [page for page in pages if generate.fresh(page, text_of(page)) != text_of(page)]
    assert not stale, "run: python docs/generate.py"


def test_generated_tables_have_every_option_and_flag() -> None:
    missing = [name for name in TABLE if f"| `{name}` |" not in text_of("environments.md")]
    missing += [variable for variable in flag_variables() if f"`{variable}`" not in text_of("command-line.md")]
    assert not missing


def flag_variables() -> set[str]:
    return {flag.variable for flag in (*COMMON, *(flag for verb in VERBS.values() for flag in verb.flags))}


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def keys_below(page: str, heading: str) -> set[str]:
    """The names in the first column of the tables below a heading."""
    section = re.split(r"^#+ ", text_of(page).partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return {
        name for cell in re.findall(r"^\| ([^|]*) \|", section, re.MULTILINE) for name in re.findall(r"`([^`]+)`", cell)
    }


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        ("environments.md", "Settings of the project", set(SETTING_READERS)),
        ("environments.md", "Scripts", set(SCRIPT_READERS)),
        ("environments.md", "Arguments", set(ARGUMENT_READERS)),
        ("environments.md", "Options", set(TABLE)),
    ],
)
def test_table_names_all_there_are(page: str, heading: str, names: set[str]) -> None:
    assert keys_below(page, heading) == names


def test_placeholders_are_all_there() -> None:
    shown = {re.split(r"[:}]", name[1:])[0] for name in keys_below("environments.md", "Placeholders") if name[0] == "{"}
    assert shown == set(FIELDS)


def test_json_keys_are_all_there() -> None:
    tasks = declared_in(REPOSITORY / "examples" / "library")
    plan = planned(tasks, *(session.name for session in tasks.sessions))
    (environment, *_) = environments_document(tasks.project, tasks.host)["environments"]
    options = {option.name for option in TABLE.values() if not option.consumed}
    assert keys_below("json.md", "env show") == set(environment) - options
    assert keys_below("json.md", "list") == set(listing_document(tasks.sessions, ())[0])
    assert keys_below("json.md", "dry run") == set(plan_document(plan)["sessions"][0])


def test_session_is_described_whole() -> None:
    page = text_of("envfile.md").partition("\n## Session\n")[2]
    shown = set(re.findall(r"`session\.(\w+)", page))
    assert shown == {name for name in dir(Session) if not name.startswith("_")} | {"env", "invoked_from"}


def test_what_performing_gives_is_described_whole() -> None:
    members = {name for name in dir(Performed) if not name.startswith("_")} - {"count", "index"}
    assert {key.partition("(")[0] for key in keys_below("testing.md", "What was performed")} == members


@pytest.mark.parametrize("function", [declared, declared_in, performed, planned], ids=lambda one: one.__name__)
def test_parameters_of_the_functions_for_tests_are_all_there(function: Callable[..., object]) -> None:
    calls = dict(key.rstrip(")").split("(") for key in keys_below("testing.md", "All there is"))
    assert re.findall(r"\w+", calls[function.__name__]) == list(signature(function).parameters)


def test_keywords_of_session_run_are_all_there() -> None:
    section = text_of("envfile.md").partition("\n## Session\n")[2].partition("`session.run` raises")[2]
    shown = {
        name for cell in re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }
    assert shown == set(signature(Session.run).parameters) - {"self", "args"}


def test_variables_are_those_that_the_program_knows() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "envtasks").rglob("*.py"))
    known = set(re.findall(r"\bENVTASKS_[A-Z_]*[A-Z]\b", sources)) - INTERNAL
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = set(re.findall(r"\bENVTASKS_[A-Z_]*[A-Z]\b", pages))
    assert shown - known - flag_variables() == set()
    assert known - set(re.findall(r"\bENVTASKS_[A-Z_]*[A-Z]\b", text_of("command-line.md"))) == set()


def test_floors_hold_every_module() -> None:
    floors = text_of("design.md").partition("## Floors\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| [^|]* \| ([^|]*) \|", floors, re.MULTILINE)
    shown = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    package = REPOSITORY / "envtasks"
    there = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert shown == there - {"__init__", "__main__"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_scripts_in_commands_are_there(page: Path) -> None:
    lines = "".join(block.text for block in blocks_of(page) if block.language == "sh")
    assert [name for name in re.findall(r"[\w./-]+\.py\b", lines) if not (REPOSITORY / name).exists()] == []
