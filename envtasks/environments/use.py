"""Holding the directory of an environment while something runs in it: a part of every run, so that it must be quick."""

from __future__ import annotations

import os

if os.name != "nt":
    import fcntl


class Use:
    """That a directory is not taken away until this ends; without a file, nothing keeps it."""

    def __init__(self, file: int | None = None) -> None:
        self.file = file

    def end(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None


def use(directory: str) -> Use | None:
    """Hold a directory; None where another process takes it away just now.

    Where the system has no shared locks, such as Windows, or the disk has none, nothing is held; Windows itself takes no
    directory away in which a program runs.
    """
    try:
        file = os.open(directory, os.O_RDONLY)
    except OSError:
        # It is not there, or the system opens no directories.
        return Use()
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file), os.stat(directory)):
            return Use(file)
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        os.close(file)
        return Use()
    os.close(file)
    return None


def is_alone(file: int) -> bool:
    """Lock an open directory for us alone; False where others hold it, True where the disk has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
