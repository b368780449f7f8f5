"""How names of projects, features and dependency groups compare."""

import re


def normalized(name: str) -> str:
    """A name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
