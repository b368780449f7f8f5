"""Where packages come from, as variables tell pip and uv."""

from __future__ import annotations

from collections.abc import Mapping

#: The variable of uv for one of pip, an older name of it, and whether uv separates with commas what pip does with blanks.
OF_UV = {
    "PIP_INDEX_URL": ("UV_DEFAULT_INDEX", "UV_INDEX_URL", False),
    "PIP_EXTRA_INDEX_URL": ("UV_INDEX", "UV_EXTRA_INDEX_URL", False),
    "PIP_CONSTRAINT": ("UV_CONSTRAINT", "", False),
    "PIP_NO_INDEX": ("UV_NO_INDEX", "", False),
    "PIP_FIND_LINKS": ("UV_FIND_LINKS", "", True),
}


def for_uv(variables: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What pip would go by, in the words of uv: by the name of pip's variable, that of uv's and its value.

    Nothing for a variable that is set for uv itself, under either of its names.
    """
    return {
        name: (ours, ",".join(variables[name].split()) if commas else variables[name])
        for name, (ours, older, commas) in OF_UV.items()
        if variables.get(name) and not variables.get(ours) and not variables.get(older)
    }
