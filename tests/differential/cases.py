"""What comparing with Hatch found, and what it must keep finding: small configurations with their answers.

`expected` are fields of environments, by name; where there is an `error`, both tools refuse.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Case(NamedTuple):
    name: str
    text: str
    expected: Mapping[str, Mapping[str, Any]]
    platform: str = "linux"
    environ: Mapping[str, str] = {}


def nested(depth: int) -> str:
    """Defaults of defaults."""
    return "{env:UNSET:" * depth + "bottom" + "}" * depth


CASES = (
    Case(
        "an empty python takes back the inherited one",
        """
        [tool.hatch.envs.default]
        python = "3.11"
        path = ".venv"
        [tool.hatch.envs.a]
        python = ""
        path = ""
        """,
        {"default": {"python": "3.11", "path": ".venv"}, "a": {"python": None, "path": None}},
    ),
    Case(
        "what an override adds to python-sources stands alone",
        'tool.hatch.envs.a.overrides.platform.linux.python-sources = ["external"]',
        {"a": {"python-sources": ["external"]}, "default": {"python-sources": ["external", "internal"]}},
    ),
    Case(
        "an override adds to python-sources that were said",
        """
        [tool.hatch.envs.a]
        python-sources = ["internal"]
        overrides.platform.linux.python-sources = ["external"]
        """,
        {"a": {"python-sources": ["internal", "external"]}},
    ),
    Case(
        "a matrix may come from a platform",
        'tool.hatch.envs.a.overrides.platform.macos.matrix = { value = [{ v = ["1", "2"] }] }',
        {"default": {"root": None}, "a.1": {"root": "a", "matrix": {"v": "1"}}, "a.2": {"root": "a"}},
        platform="macos",
    ),
    Case(
        "a matrix may come from a variable, and take all environments away",
        'tool.hatch.envs.a.overrides.env.CI.set-matrix = { value = [], if = ["1"] }',
        {"default": {}},
        environ={"CI": "1"},
    ),
    Case(
        "white space before a hyphen does not hide it",
        'tool.hatch.envs.a.scripts = { x = "  - exit 3", y = "x", z = "- x", w = "x tail" }',
        {"a": {"scripts": {"x": ["- exit 3"], "y": ["- exit 3"], "z": ["- - exit 3"], "w": ["- exit 3 tail"]}}},
    ),
    Case(
        "a placeholder that is empty uncovers a hyphen",
        'tool.hatch.envs.a.scripts.x = "{env:UNSET:} - exit 3"',
        {"a": {"scripts": {"x": ["- exit 3"]}}},
    ),
    Case(
        "arguments of an install command that come to nothing are still arguments",
        """
        [tool.hatch.envs.a]
        pre-install-commands = ["say {args}", "say {env:UNSET:}", "say", "say x {args:y}", "- say x"]
        scripts.say = "echo <{args:DEFAULT}>"
        """,
        {
            "a": {
                "pre-install-commands": [
                    "echo <>",
                    "echo <>",
                    "echo <DEFAULT>",
                    "echo <x y>",
                    "- echo <x>",
                ]
            }
        },
    ),
    Case(
        "a mapping override without a value takes that of its condition, placeholders and all",
        """
        [tool.hatch.envs.a]
        overrides.env.FOO.env-vars = ["V", { key = "W" }]
        overrides.env.FOO.scripts = "x"
        """,
        {"a": {"env-vars": {"V": "/home/person", "W": "/home/person"}, "scripts": {"x": ["/home/person"]}}},
        environ={"FOO": "{env:HOME}"},
    ),
    Case(
        "nested defaults, as deep as they go",
        f'tool.hatch.envs.a.scripts.x = "{nested(9)}"',
        {"a": {"scripts": {"x": ["bottom"]}}},
    ),
    Case("nested defaults, too deep", f'tool.hatch.envs.a.scripts.x = "{nested(11)}"', {"a": {"error": True}}),
    Case(
        "a name is an environment's last owner's",
        'tool.hatch.envs.t.matrix = [{ v = ["1", "2"] }, { w = ["x"], v = ["2"] }, { v = ["2", "1", "3"] }]',
        {"default": {}, "t.1": {}, "t.2": {}, "t.x-2": {"matrix": {"w": "x", "v": "2"}}, "t.3": {}},
    ),
    Case(
        "overrides of every source, in their order",
        """
        [tool.hatch.envs.t]
        dependencies = ["base"]
        env-vars.W = "base"
        matrix = [{ v = ["1"], w = ["2"] }]
        [tool.hatch.envs.t.overrides]
        name."1" = { dependencies = ["n"], env-vars = "W" }
        matrix.w.dependencies = ["mw"]
        matrix.v.dependencies = ["mv"]
        env.HOME.dependencies = ["e"]
        platform.linux.dependencies = ["p"]
        """,
        {"t.1-2": {"dependencies": ["base", "p", "e", "mw", "mv", "n"], "env-vars": {"W": "1-2"}}},
    ),
    Case(
        "what overrides replace is gone, also when no condition holds",
        """
        [tool.hatch.envs.t]
        dependencies = ["a"]
        env-vars = { A = "1" }
        overrides.platform.linux.set-dependencies = [{ value = "b", if = ["macos"] }]
        overrides.platform.linux.set-env-vars = []
        """,
        {"t": {"dependencies": [], "env-vars": {}}},
    ),
    Case(
        "an explicit skip-install of a detached environment counts, also for its children",
        """
        [tool.hatch.envs.a]
        detached = true
        skip-install = false
        [tool.hatch.envs.b]
        template = "a"
        [tool.hatch.envs.c]
        detached = true
        [tool.hatch.envs.d]
        template = "c"
        """,
        {
            "a": {"skip-install": False},
            "b": {"skip-install": False},
            "c": {"skip-install": True},
            "d": {"skip-install": True},
        },
    ),
    Case(
        "the Python of a cell wins over matrix overrides and loses to name overrides",
        """
        [tool.hatch.envs.t]
        matrix = [{ py = ["3.9", "3.10"], v = ["1", "2"] }]
        overrides.matrix.v.python = "3.12"
        overrides.name."3\\\\.10-2$".python = "3.13"
        """,
        {
            "t.py3.9-1": {"python": "3.9", "matrix": {"python": "3.9", "v": "1"}},
            "t.py3.9-2": {"python": "3.9"},
            "t.py3.10-1": {"python": "3.10"},
            "t.py3.10-2": {"python": "3.13"},
        },
    ),
)

#: One wrong thing each, of an environment `t`; both tools refuse it.
REFUSED = (
    'dependencies = "a"',
    "dependencies = [1]",
    'dependencies = ["not a requirement!"]',
    'dependencies = ["{env:UNSET}"]',
    "extra-dependencies = { a = 1 }",
    'features = "server"',
    'features = [""]',
    'features = ["nope"]',
    "features = [1]",
    'dependency-groups = ["nope"]',
    'dependency-groups = ""',
    'dev-mode = "yes"',
    "skip-install = 1",
    "builder = []",
    "description = 3",
    "env-vars = []",
    "env-vars = { A = 1 }",
    'env-vars = { A = "{nope}" }',
    'env-include = "A"',
    "env-exclude = [1]",
    'scripts = "x"',
    "scripts = { x = 3 }",
    "scripts = { x = [3] }",
    'scripts = { "x y" = "z" }',
    'scripts = { x = "y", y = "x" }',
    'scripts = { x = "{" }',
    'scripts = { x = "}" }',
    'scripts = { x = "{}" }',
    'scripts = { x = "{0}" }',
    'scripts = { x = "{env}" }',
    'scripts = { x = "{matrix}" }',
    'scripts = { x = "{root:nope}" }',
    'scripts = { x = "{root:real:parent}" }',
    'scripts = { x = "{verbosity:nope}" }',
    'scripts = { x = "{verbosity:flag:1.5}" }',
    'scripts = { x = "{ENV:HOME}" }',
    'scripts = { x = "{matrix:v}" }',
    "extra-scripts = []",
    'pre-install-commands = "x"',
    "post-install-commands = [1]",
    'post-install-commands = ["{nope}"]',
    'platforms = "linux"',
    "platforms = [1]",
    'template = "nope"',
    'type = "nope"',
    "matrix = {}",
    "matrix = [[]]",
    "matrix = [{}]",
    'matrix = [{ v = "1" }]',
    "matrix = [{ v = [] }]",
    "matrix = [{ v = [1] }]",
    'matrix = [{ v = [""] }]',
    'matrix = [{ v = ["1", "1"] }]',
    'matrix = [{ "" = ["1"] }]',
    'matrix = [{ py = ["3.9"], python = ["3.9"] }]',
    'matrix-name-format = "x"',
    "matrix-name-format = 1",
    "overrides = []",
    "overrides.platform = []",
    "overrides.platform.linux = []",
    "overrides.env.HOME = 1",
    'overrides.platform.linux.dependencies = "a"',
    "overrides.platform.linux.dependencies = [1]",
    "overrides.platform.linux.dependencies = [{}]",
    'overrides.platform.linux.dependencies = [{ value = "" }]',
    "overrides.platform.linux.dependencies = [{ value = 1 }]",
    'overrides.platform.linux.dependencies = [{ value = "a", if = "linux" }]',
    'overrides.platform.linux.dependencies = [{ value = "a", platform = [1] }]',
    'overrides.platform.linux.dependencies = [{ value = "a", env = "HOME" }]',
    'overrides.platform.linux.env-vars = { A = "b" }',
    'overrides.platform.linux.env-vars = [{ value = "a" }]',
    'overrides.platform.linux.env-vars = [{ key = "" }]',
    'overrides.platform.linux.env-vars = [{ key = "a", value = 1 }]',
    "overrides.platform.linux.dev-mode = 1",
    'overrides.platform.linux.dev-mode = { if = ["linux"] }',
    "overrides.platform.linux.python = 3",
    "overrides.platform.linux.python = { value = 3 }",
    'overrides.platform.linux.description = "x"',
    "overrides.platform.linux.set-platforms = [{}]",
)
