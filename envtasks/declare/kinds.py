"""How the values of each kind of option are read, those of overrides apart."""

from __future__ import annotations

from envtasks.declare.matrices import matrix
from envtasks.declare.reading import Reader, flag, pairs, text, texts
from envtasks.declare.scripts import scripts

READERS: dict[str, Reader] = {
    "text": text,
    "flag": flag,
    "texts": texts,
    "pairs": pairs,
    "scripts": scripts,
    "matrix": matrix,
}
