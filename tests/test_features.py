"""What features come to in the metadata that a backend tells."""

from __future__ import annotations

import pytest

from envtasks.environments.features import requirements_of
from envtasks.environments.interpreters import Interpreter
from envtasks.errors import EnvironmentFailed

METADATA = """\
Metadata-Version: 2.3
Name: My.Demo
Version: 1
Requires-Dist: always
Requires-Dist: old; python_version < '3.9'
Provides-Extra: web
Provides-Extra: all
Provides-Extra: round
Requires-Dist: flask[async]>=2; extra == 'web'
Requires-Dist: tomli; python_version < '3.11' and extra == 'web'
Requires-Dist: windows; extra == 'web' and sys_platform == 'win32'
Requires-Dist: my-demo[web,round]; extra == 'all'
Requires-Dist: my_demo[all]; extra == 'round'
Requires-Dist: spin; extra == 'round'
Requires-Dist: place @ file:///place.whl ; extra == 'round'

A description: with a colon.
Requires-Dist: not-this; extra == 'web'
"""


@pytest.mark.parametrize(
    ("features", "version", "expected"),
    [
        ((), "3.12.1", ()),
        (("web",), "3.12.1", ("flask[async]>=2",)),
        (("web",), "3.10.1", ("flask[async]>=2", "tomli")),
        (("all",), "3.12.1", ("spin", "place @ file:///place.whl", "flask[async]>=2")),
        (("round",), "3.12.1", ("spin", "place @ file:///place.whl", "flask[async]>=2")),
        (("web", "all"), "3.12.1", ("flask[async]>=2", "spin", "place @ file:///place.whl")),
    ],
)
def test_what_features_come_to(features: tuple[str, ...], version: str, expected: tuple[str, ...]) -> None:
    assert requirements_of(METADATA, features, Interpreter("python", "cpython", version)) == expected


@pytest.mark.parametrize(
    ("metadata", "feature", "message", "hint"),
    [
        (METADATA, "wep", "the project has no feature 'wep'", "did you mean 'web'?"),
        (METADATA, "x", "the project has no feature 'x'", "known are: all, round, web"),
        ("Name: a\n", "x", "the project has no feature 'x'", "known are: none"),
        ("Provides-Extra: x\nRequires-Dist: a b", "x", "depends on what is no requirement", ""),
    ],
)
def test_features_that_cannot_be_found(metadata: str, feature: str, message: str, hint: str) -> None:
    with pytest.raises(EnvironmentFailed, match=message) as caught:
        requirements_of(metadata, (feature,), Interpreter("python", "cpython", "3.12.1"))
    assert caught.value.hint == hint
