"""Folders that belong to a process: what a killed one leaves behind is removed by the next."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caviar_workers.runner.process import kill_family

FOLDER_VARIABLE = "CAVIAR_NODE_FOLDER"
"""Where a node keeps bundles and scratch files; by default below the temporary folder."""
_LOCK = ".lock"
_COOKIE = ".cookie"


class LockedFolder:
    """A new folder below `root`, held by a file lock as long as this process lives.

    The cookie marks the processes that belong to it: whoever removes an ownerless folder ends them too.
    """

    def __init__(self, root: Path, cookie: str) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(root):
            remove_ownerless(root)
            self.path = Path(tempfile.mkdtemp(dir=root))
            self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            (self.path / _COOKIE).write_text(cookie)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One process at a time: a folder is not taken for ownerless before it is locked."""
    lock = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def remove_ownerless(root: Path) -> None:
    """Removes folders whose process has gone, and ends what that process left running."""
    for folder in root.iterdir():
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError:  # just being made, or no folder of ours
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            kill_family((folder / _COOKIE).read_text())
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass
        finally:
            os.close(lock)


def node_folder() -> Path:
    """This user's folder on this node."""
    default = Path(tempfile.gettempdir()) / f"caviar-{os.getuid()}"
    folder = Path(os.environ.get(FOLDER_VARIABLE) or default)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
