"""Telling everybody who asks that a project is installed editable (PEP 610), whoever installed its wheel."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from hashlib import sha256

from envtasks.environments.packages import site_packages
from envtasks.environments.wheels import url_of
from envtasks.errors import EnvironmentFailed

ADDRESS = "direct_url.json"


def mark_editable(directory: str, metadata_directory: str, root: str) -> None:
    """Have an installed project say that it is editable and lies there.

    The directory is that of the environment; EnvironmentFailed where the project is not in it.
    """
    place = os.path.join(site_packages(directory), metadata_directory)
    record = os.path.join(place, "RECORD")
    told = json.dumps({"dir_info": {"editable": True}, "url": url_of(root)}, sort_keys=True)
    try:
        with open(record, encoding="utf-8", newline="") as file:
            lines = file.read().splitlines()
        own = f"{metadata_directory}/{ADDRESS},"
        seal = urlsafe_b64encode(sha256(told.encode()).digest()).decode().rstrip("=")
        lines = [line for line in lines if not line.startswith(own)] + [f"{own}sha256={seal},{len(told.encode())}"]
        put(os.path.join(place, ADDRESS), told)
        put(record, "".join(f"{line}\n" for line in lines))
    except FileNotFoundError as error:
        raise EnvironmentFailed(f"the project was installed, and left no '{error.filename}'") from None


def put(path: str, text: str) -> None:
    """Replace a file: installers let several environments share one, so that it must never be written into."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(temporary, path)
