"""Putting data on stdout."""

from __future__ import annotations

import sys
from typing import Any


def print_json(value: Any) -> None:
    from json import dump

    dump(value, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
