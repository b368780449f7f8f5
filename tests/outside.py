"""What the tests take from the world that they are started in."""

from __future__ import annotations

import os

#: What installers need to reach their index from here, as it was before the tests began.
INDEX = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
