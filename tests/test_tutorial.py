"""The tutorials are done as a reader does them: written, run, and compared with what they show."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from outside import INDEX
from pages import PROJECT, TUTORIALS, UNREACHABLE, Block, Done, alike, blocks_of, performed, refreshed, steps_of

NEEDS_SHELL = pytest.mark.skipif(shutil.which("sh") is None, reason="the commands of the pages are those of a shell")
PAGE = """\
Write `one.toml`:

```toml
a = 1
```

This stands in no file:

```python
never = "written"
```

Say more. Add to
`one.toml`:

```toml
b = 2
```

```sh
cat one.toml; ls; pwd; echo 0.25 s; exit 3
```

```text
something else
0.01 s
```

```sh
echo again after 3 s
```

```text
again after 4 s
```
"""

COMMANDS = [block for page in TUTORIALS for block, _ in steps_of(page) if block.language == "sh"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Mapping[Block, Done]]:
    """What a page comes to, by the blocks of its commands; it is done once."""

    @cache
    def page_done(page: Path) -> Mapping[Block, Done]:
        root = tmp_path_factory.mktemp(page.stem).resolve()
        variables = {**os.environ, "NO_COLOR": "1", "PIP_RETRIES": "1", **INDEX}
        return {one.commands: one for one in performed(page, root, variables)}

    return page_done


@pytest.mark.real
@NEEDS_SHELL
@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_commands_print_what_the_page_shows(block: Block, done: Callable[[Path], Mapping[Block, Done]]) -> None:
    one = done(block.page)[block]
    if block.needs_index and UNREACHABLE.search(one.printed):
        pytest.skip(f"the package index is not reachable: {one.printed.strip().splitlines()[-1]}")
    if one.shown is None:
        assert one.exit_code == 0, one.printed
    else:
        assert alike(one.printed) == alike(one.shown.text)


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.name)
def test_everything_shown_is_printed_by_a_command(page: Path) -> None:
    shown = [block for block in blocks_of(page) if block.language == "text"]
    assert [after for _, after in steps_of(page) if after is not None] == shown


@NEEDS_SHELL
def test_a_page_is_done_in_its_order_and_refreshed_where_it_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    first, second = results = list(performed(page, tmp_path, os.environ))
    printed = f"a = 1\n\n\nb = 2\none.toml\n{PROJECT}\n0.25 s\n"
    assert (first.exit_code, first.printed) == (3, printed)
    assert alike(second.printed) == alike("again after 4 s\n")
    assert refreshed(page, results) == PAGE.replace("something else\n0.01 s\n", printed)
