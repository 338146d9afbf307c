"""A server's data folder: one server at a time, and a file that says where it is."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from caviar.client.discovery import SERVER_FILE, read_server_file
from caviar.domain.errors import Conflict

LOCK_FILE = "lock"


def prepare(folder: Path) -> None:
    """Makes what is missing, for its owner's eyes only: tokens, code and results lie in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "logs").mkdir(mode=0o700, exist_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Raises Conflict when a server runs on this folder. The lock ends with the process, however that ends."""
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _in_use(folder) from error
        yield
    finally:
        os.close(descriptor)


def _in_use(folder: Path) -> Conflict:
    record = read_server_file(folder)
    where = f"at {record['url']}" if record else "and is starting or stopping"
    return Conflict(
        f"a Caviar server already runs on {folder}, {where}",
        hint="use it, stop it, or choose another folder with --data-dir",
        code="data_dir_in_use",
    )


@contextmanager
def announced(folder: Path) -> Iterator["Announcement"]:
    """The file goes when the server does, even if it was never written."""
    announcement = Announcement(folder / SERVER_FILE)
    announcement.withdraw()
    try:
        yield announcement
    finally:
        announcement.withdraw()


class Announcement:
    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, url: str, pid: int, started: datetime) -> None:
        """Atomic: a reader sees all of it or nothing."""
        fresh = self._path.with_name(f"{SERVER_FILE}.{pid}")
        fresh.write_text(json.dumps({"url": url, "pid": pid, "started": started.isoformat()}), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(self._path)

    def withdraw(self) -> None:
        self._path.unlink(missing_ok=True)
