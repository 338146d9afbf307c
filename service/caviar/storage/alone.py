"""What a SQLite file needs of its surroundings: one process at a time, a disk of this machine, room to breathe."""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caviar.domain.errors import Conflict
from caviar.storage.database import Database

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"}
)
MOUNTS = Path("/proc/self/mounts")

log = logging.getLogger(__name__)


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Holds a lock beside a SQLite file for as long as it is open; the system frees it whatever happens to us.

    Says so when the file lies on a network file system, and checks it when its last owner did not close it. Raises
    Conflict when another process has it, or when it is damaged.
    """
    path = database.url.database
    if not database.is_sqlite or path is None:
        yield
        return
    with Path(f"{path}.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(
                f"Another Caviar service runs on {path}.",
                code="already_running",
                hint="A SQLite database takes one service; with PostgreSQL (--database-url) there can be many.",
            ) from None
        warn_of_network(Path(path))
        if _was_left_open(Path(path)):
            refuse_damaged(Path(path))
        yield


def refuse_damaged(path: Path) -> None:
    """Raises Conflict when SQLite finds the file damaged."""
    connection = sqlite3.connect(path)
    try:
        found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    finally:
        connection.close()
    if found != ["ok"]:
        raise Conflict(
            f"The database {path} is damaged: {found[0]}.",
            code="damaged",
            hint="Restore the newest backup: caviar db restore FILE",
        )


def warn_of_network(path: Path, mounts: Path = MOUNTS) -> bool:
    """Locks do not hold on network file systems, and SQLite stands on locks."""
    kind = _file_system(path.resolve(), mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        log.warning("%s lies on a network file system (%s), where SQLite may lose data: use a disk of this machine, "
                    "or PostgreSQL", path, kind)  # fmt: skip
    return kind in NETWORK_FILE_SYSTEMS


def _was_left_open(path: Path) -> bool:
    """A log beside the database is removed when its last user closes it."""
    wal = path.with_name(f"{path.name}-wal")
    return path.exists() and wal.exists() and wal.stat().st_size > 0


def _file_system(path: Path, mounts: Path) -> str:
    try:
        lines = [line.split(" ") for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    over = [(len(line[1]), line[2]) for line in lines if len(line) > 2 and _is_below(path, line[1])]
    return max(over, default=(0, ""))[1]


def _is_below(path: Path, mount: str) -> bool:
    return os.path.commonpath((path, mount)) == mount
