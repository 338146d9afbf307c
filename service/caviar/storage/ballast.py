"""A file that is there to be given up: when the disk is full, what it held lets deletes and checkpoints work."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

SIZE = 16 << 20
"""Bytes. A smaller one where the disk is small: a hundredth of what is free."""
ROOM = 2
"""It is made again when so many times its size are free."""

log = logging.getLogger(__name__)


class Ballast:
    """Beside a SQLite file. `keep` may be called as often as one likes."""

    def __init__(self, database: Path, size: int = SIZE, free: Callable[[Path], int] | None = None) -> None:
        self.path = database.with_name(f"{database.name}.ballast")
        self._size = size
        self._free = free or (lambda folder: shutil.disk_usage(folder).free)

    def keep(self) -> None:
        """Makes it where there is plenty of room."""
        if self.path.exists():
            return
        free = self._free(self.path.parent)
        size = min(self._size, free // 100)
        if size > 0 and free > ROOM * self._size // (self._size // size):
            self._make(size)

    def give_up(self) -> bool:
        """Frees its room. Whether there was one."""
        try:
            self.path.unlink()
        except OSError:
            return False
        log.warning("the disk is full: %s was given up, so that deleting works", self.path)
        return True

    def _make(self, size: int) -> None:
        try:
            with self.path.open("xb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            self.path.unlink(missing_ok=True)
