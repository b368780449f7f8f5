"""Which backends there are: one row each, loaded only when an environment of that type is made."""

from __future__ import annotations

#: From the type of an environment to the module that makes it; the module satisfies `protocol.Backend`.
BACKENDS = {"virtual": "envtasks.environments.virtual"}
