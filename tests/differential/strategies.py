"""Configurations of environments as people could write them, and worlds to resolve them in.

What is left out on purpose, because there we differ from Hatch in a way that is no matter of one value:

- `self-name`: a script whose first word is its own name; unit tests hold what we make of it;
- the same, where the value of a condition becomes the script;
- `required-twice`: one variable with two values under `env` of an override, where Hatch forgets the first and we
  hold to what is documented, that all must be so;
- `lazy-default`: a default that has no value itself, which Hatch refuses even where it is not needed;
- `set-prefix`: option names that hold `set-` anywhere but in front;
- `types`: values of a wrong type, which we refuse everywhere and Hatch where it looks;
- `out-of-scope`: workspaces, sources, lockers, collectors, plugin types, Hatch's reserved environments;
- names of environments that a matrix of another root generates too, where Hatch mixes the two;
- `python` as an array, which is no feature of Hatch; installers that Hatch does not know and takes for pip;
- variables that an active environment changes (PATH, VIRTUAL_ENV), and HOME in `env-vars` or `env-exclude`,
  which changes what Hatch takes for the home directory.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from differential.writing import environments_text
from envtasks.option_table import TABLE
from envtasks.resolve.scripts import words

Table = dict[str, Any]

NAMES = ("default", "test", "lint", "docs", "a-b", "c.d", "Upper", "two words")
VARIABLES = ("FOO", "BAR", "BAZ", "V1", "CI", "PIN", "UNSET")
VALUES = ("", "1", "true", "u v", "a:b", "==1.0", "{x}", "=")
SCRIPTS = ("all", "run", "check", "fmt", "cov", "x", "y-z")
MATRIX_VARIABLES = ("python", "py", "version", "feature", "v")
MATRIX_VALUES = ("42", "3.14", "9000", "foo", "bar", "u v")
PYTHONS = ("3.9", "3.12", "27", "pypy3", "python3.11", "py")
PLATFORMS = ("linux", "macos", "windows")
FEATURES = ("server", "grpc", "Some_Thing")
GROUPS = ("test", "docs")

PYPROJECT = """\
[project]
name = "demo"
version = "1"
[project.optional-dependencies]
server = ["uvicorn"]
grpc = ["grpcio"]
some-thing = []
[dependency-groups]
test = ["pytest"]
docs = ["mkdocs", { include-group = "test" }]
"""


class Example(NamedTuple):
    """A configuration, and the world it is resolved in; ``own_file``: it stands in hatch.toml."""

    envs: dict[str, Table]
    platform: str
    environ: dict[str, str]
    verbosity: int
    own_file: bool = False


def some(*choices: Any) -> SearchStrategy[Any]:
    return st.sampled_from(choices)


def few(strategy: SearchStrategy[Any], most: int = 3, least: int = 0) -> SearchStrategy[list[Any]]:
    return st.lists(strategy, min_size=least, max_size=most)


PLAIN_FIELDS = (
    "{root}",
    "{root:}",
    "{root:parent}",
    "{root:parent:parent}",
    "{root:uri}",
    "{root:real}",
    "{root:parent:uri}",
    "{home}",
    "{home:uri}",
    "{/}",
    "{/:x}",
    "{;}",
    "{env_name}",
    "{env_name:x}",
    "{env_type}",
    "{verbosity}",
    "{verbosity:}",
    "{verbosity:flag}",
    "{verbosity:flag:}",
    "{verbosity:flag:-2}",
    "{verbosity:flag:1}",
    "{verbosity:flag:9}",
    "{args}",
    "{args:}",
    "{args:DEFAULT}",
    "{args:-k 'a:b' tests}",
    "{env:HOME}",
    *(f"{{env:{name}:}}" for name in VARIABLES),
    *(f"{{env:{name}:d:e}}" for name in VARIABLES[:2]),
    *(f"{{matrix:{name}:{name}0}}" for name in MATRIX_VARIABLES),
    "{matrix:none:}",
)
#: Fields that may have no value; Hatch then refuses the environment, and so do we.
DARING_FIELDS = (
    *(f"{{env:{name}}}" for name in VARIABLES),
    *(f"{{matrix:{name}}}" for name in MATRIX_VARIABLES),
)
LITERALS = ("", " ", "a", "-x", "--flag=", "{{", "}}", "${{X}}", "ü", " && ", "'q q'", ":", "=", "tests/")


def defaults(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    """Fields whose defaults hold other fields."""
    heads = some("args", *(f"env:{name}" for name in VARIABLES), *(f"matrix:{name}" for name in MATRIX_VARIABLES))
    return st.builds("{{{}:{}}}".format, heads, inner)


FIELD = st.recursive(
    some(*PLAIN_FIELDS), lambda inner: defaults(st.builds("{}{}".format, inner, some("", "/x"))), max_leaves=4
)
PIECE = st.one_of(some(*LITERALS), some(*LITERALS), FIELD, FIELD, some(*DARING_FIELDS).filter(bool))
SAFE_PIECE = st.one_of(some(*LITERALS), FIELD)
#: Few texts are daring, or hardly an environment would have values to compare.
FORMATTED = st.one_of(*[few(SAFE_PIECE)] * 9, few(PIECE)).map("".join)

PROGRAM = some("pytest", "echo", "ruff check", "python -m x", "exit 3", "cmd  two", "tab\there", "multi\nline")
COMMAND = st.builds("{}{}{}".format, some("", "", "", "- ", "  ", "  - ", "-  ", "- - ", "-"), PROGRAM, FORMATTED)
ANYTHING = st.one_of(COMMAND, COMMAND, COMMAND, FORMATTED.filter(lambda text: not text.lstrip().startswith("-")))


@st.composite
def commands(draw: DrawFn, name: str = "") -> str:
    """A command, or a reference to a script: nearly always to one further down, so that circles are rare."""
    if draw(some(True, False, False)):
        below = SCRIPTS[SCRIPTS.index(name) + 1 :] if name else SCRIPTS
        if draw(st.integers(0, 60)) == 33:
            below = tuple(one for one in SCRIPTS if one != name)
        if below:
            hyphen, script = draw(some("", "", "- ", "-  ")), draw(some(*below))
            tail = draw(
                st.one_of(st.just(""), st.just(" "), st.builds(" {}{}".format, some("-v", "two  words"), FORMATTED))
            )
            return f"{hyphen}{script}{tail}"
    text: str = draw(ANYTHING)
    return f"plain {text}" if words(text).first == name else text


def script_bodies(name: str = "") -> SearchStrategy[Any]:
    return st.one_of(commands(name), few(commands(name)))


@st.composite
def script_tables(draw: DrawFn) -> Table:
    names = draw(st.lists(some(*SCRIPTS), unique=True, max_size=4))
    return {name: draw(script_bodies(name)) for name in names}


REQUIREMENT = st.one_of(
    some(
        "pytest",
        "Foo_Bar>=1.0",
        "coverage[toml]~=7.4",
        "x; python_version < '3'",
        "pkg @ {root:uri}",
        "pin{env:PIN:}",
        "pin=={matrix:version:1.0}",
        "pin{env:UNSET:==2.0}",
        "a-{matrix:feature:b}",
        "deep{env:UNSET:{env:PIN:{matrix:none:>=3}}}",
        "name{args:>1}",
        "{env_name}",
    ),
    some("a", "b", "c"),
)
PATTERN = some("FOO*", "V?", "[ABC]*", "BAR", "PIN", "X")
PLATFORM = some(*PLATFORMS, "Linux")
PATH_TEXT = some(".venv", "x/y", "/tmp/v", "", ".venv/{env_name}", "{matrix:version:v}", "{env:FOO:d}")
PYTHON_TEXT = some("3.11", "310", "pypy3", "/usr/bin/python3", "", "{matrix:version:3.12}", "{env:V1:3.8}")
NAME_FORMAT = some("{value}", "{variable}_{value}", "{variable}-{value}", "V{value}", "{value}{value}")

#: What may stand for each option.
WHOLE: dict[str, SearchStrategy[Any]] = {
    "type": some(*["virtual"] * 20, "strange"),
    "description": some("Some text", " padded ", "", "two\nlines {not filled}"),
    "dependencies": few(REQUIREMENT),
    "extra-dependencies": few(REQUIREMENT),
    "dependency-groups": few(some(*GROUPS), 2),
    "features": few(some(*FEATURES), 2),
    "dev-mode": st.booleans(),
    "skip-install": st.booleans(),
    "builder": st.booleans(),
    "env-vars": st.dictionaries(some(*VARIABLES, "NEW"), FORMATTED, max_size=3),
    "env-include": few(PATTERN, 2),
    "env-exclude": few(PATTERN, 2),
    "scripts": script_tables(),
    "extra-scripts": script_tables(),
    "pre-install-commands": few(commands(), 2),
    "post-install-commands": few(commands(), 2),
    "python": PYTHON_TEXT,
    "platforms": few(PLATFORM, 2),
    "matrix-name-format": NAME_FORMAT,
    "path": PATH_TEXT,
    "system-packages": st.booleans(),
    "python-sources": few(some("external", "internal"), 2),
    "installer": some("pip", "uv", "uv"),
    "uv-path": some("/opt/uv", "uv", ""),
}
#: What may stand in arrays that overrides add.
ITEM: dict[str, SearchStrategy[str]] = {
    "dependencies": REQUIREMENT,
    "extra-dependencies": REQUIREMENT,
    "dependency-groups": some(*GROUPS),
    "features": some(*FEATURES),
    "env-include": PATTERN,
    "env-exclude": PATTERN,
    "pre-install-commands": commands(),
    "post-install-commands": commands(),
    "platforms": PLATFORM,
    "python-sources": some("external", "internal"),
}


@st.composite
def conditioned(draw: DrawFn, entry: Table) -> Table:
    """A table of an override with some conditions."""
    for key in draw(st.lists(some("if", "platform", "env"), unique=True, max_size=2)):
        entry[key] = draw(st.lists(CONDITION_VALUES[key], max_size=3, unique_by=lambda text: text.partition("=")[0]))
    return entry


CONDITION_VALUES: dict[str, SearchStrategy[str]] = {
    "if": some(*MATRIX_VALUES, *PYTHONS, *PLATFORMS, *VALUES),
    "platform": some(*PLATFORMS, "Linux"),
    "env": some(*VARIABLES, *(f"{name}={value}" for name in VARIABLES for value in VALUES[:3]), "HOME"),
}


@st.composite
def override_values(draw: DrawFn, option: str) -> Any:
    row = TABLE[option]
    if not row.overridable:
        whole = {
            "matrix": few(matrix_entries(), 2),
            "template": some("lint", "none"),
            "detached": st.booleans(),
            **WHOLE,
        }
        return draw(conditioned({"value": draw(whole[option])}))
    if row.kind == "texts":
        items = draw(few(st.tuples(ITEM[option], st.booleans())))
        return [draw(conditioned({"value": value})) if table else value for value, table in items]
    if row.kind in {"pairs", "scripts"}:
        return draw(mapping_values(row.kind))
    form = draw(st.integers(0, 2))
    if form == 0:
        return draw(WHOLE[option])
    if form == 1:
        return draw(conditioned({"value": draw(WHOLE[option])}))
    items = draw(few(st.tuples(WHOLE[option], st.booleans())))
    return [draw(conditioned({"value": value})) if table else value for value, table in items]


@st.composite
def mapping_values(draw: DrawFn, kind: str) -> Any:
    def key_and_value() -> tuple[str, str | None]:
        key = draw(some(*(SCRIPTS if kind == "scripts" else VARIABLES)))
        value = draw(st.one_of(st.none(), commands(key) if kind == "scripts" else FORMATTED))
        return key, value

    def spelled(key: str, value: str | None) -> str:
        return key if value is None else f"{key}={value}"

    if draw(some(True, False, False)):
        return spelled(*key_and_value())
    items: list[Any] = []
    for table in draw(few(st.booleans())):
        key, value = key_and_value()
        entry = {"key": key} if value is None else {"key": key, "value": value}
        items.append(draw(conditioned(entry)) if table else spelled(key, value))
    return items


CONDITIONS: dict[str, SearchStrategy[str]] = {
    "platform": some(*PLATFORMS, "Linux"),
    "env": some(*VARIABLES),
    "matrix": some(*MATRIX_VARIABLES),
    "name": some("^42$", "py3", "3\\.1", ".*", "-", "foo|bar", "u v"),
}
#: Those that only a table with `value` can name are there for what they do, which mostly is nothing.
OVERRIDABLE = (*WHOLE, "matrix", "template", "detached")


@st.composite
def overrides(draw: DrawFn) -> Table:
    table: Table = {}
    for _ in range(draw(st.integers(1, 4))):
        source = draw(some(*CONDITIONS))
        options = table.setdefault(source, {}).setdefault(draw(CONDITIONS[source]), {})
        option = draw(some(*OVERRIDABLE))
        prefix = draw(some("", "", "set-"))
        options[prefix + option] = draw(override_values(option))
    return table


@st.composite
def matrix_entries(draw: DrawFn) -> Table:
    names = draw(st.lists(some(*MATRIX_VARIABLES), unique=True, min_size=1, max_size=3))
    if "py" in names and "python" in names:
        names.remove("py")
    return {name: draw(matrix_values(name)) for name in names}


def matrix_values(name: str) -> SearchStrategy[list[str]]:
    return st.lists(
        some(*(PYTHONS if name in {"py", "python"} else MATRIX_VALUES)), unique=True, min_size=1, max_size=2
    )


@st.composite
def environments(draw: DrawFn, name: str, names: tuple[str, ...]) -> Table:
    table: Table = {}
    lineage = draw(some("", "", "", "template", "self", "detached"))
    if lineage == "template":
        # rarely one that inherits from here again, or is not there
        above = names[: names.index(name)] or names
        table["template"] = draw(some(*above, *above, *above, *above, *names))
    elif lineage == "self":
        table["template"] = name
    elif lineage == "detached":
        table["detached"] = draw(some(True, True, False))
    for option in draw(
        st.lists(some(*WHOLE, "scripts", "scripts", "dependencies", "env-vars"), unique=True, max_size=6)
    ):
        table[option] = draw(WHOLE[option])
    if draw(some(True, False, False)):
        table["matrix"] = draw(few(matrix_entries(), 2))
    if draw(some(True, True, False)):
        table["overrides"] = draw(overrides())
    keys = draw(st.permutations(list(table))) if draw(st.booleans()) else list(table)
    return {key: table[key] for key in keys}


@st.composite
def examples(draw: DrawFn) -> Example:
    names = tuple(draw(st.lists(some(*NAMES), unique=True, min_size=1, max_size=3)))
    environ = draw(st.dictionaries(some(*VARIABLES[:-1]), some(*VALUES), max_size=4))
    return Example(
        envs={name: draw(environments(name, names)) for name in names},
        platform=draw(some(*PLATFORMS)),
        environ={"PATH": "/usr/bin:/bin", "HOME": "/home/person", **environ},
        verbosity=draw(some(0, 0, 0, 1, -2)),
        own_file=draw(some(True, *[False] * 9)),
    )


def files_of(example: Example) -> dict[str, str]:
    """The files of a project with this configuration in Hatch's tables."""
    if example.own_file:
        return {"pyproject.toml": PYPROJECT, "hatch.toml": environments_text(example.envs, "envs")}
    return {"pyproject.toml": PYPROJECT + environments_text(example.envs, "tool.hatch.envs"), "hatch.toml": ""}
