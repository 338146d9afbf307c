"""Copies of a whole database, made while it is at work, and put back while nobody uses it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from caviar.domain.errors import CaviarError, Conflict
from caviar.storage.alone import refuse_damaged
from caviar.storage.database import Database

NEWEST_FIRST = "*/bin"
DEBIAN = Path("/usr/lib/postgresql")


class ToolMissing(CaviarError):  # noqa: N818  (named after what happened, as all of its tree)
    code = "tool_missing"
    status = 501


def backup(database: Database, target: Path) -> None:
    """Writes a copy of one moment to `target`, which must not exist; writers go on meanwhile.

    SQLite: a database file (by SQLite's backup interface). PostgreSQL: an archive of `pg_dump --format=custom`. Raises
    Conflict, ToolMissing when there is no pg_dump, CaviarError with what it said when it fails.
    """
    if target.exists():
        raise Conflict(f"{target} exists.", code="file_exists", hint="Choose another name, or remove it first.")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        if database.is_sqlite:
            _copy_sqlite(database, partial)
        else:
            _run(database, "pg_dump", "--format=custom", "--no-owner", f"--file={partial}")
        partial.chmod(0o600)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def put_back(database: Database, source: Path) -> None:
    """Replaces all that is in the database by the copy. The caller sees to it that nobody else uses it.

    Raises Conflict when `source` is no sound copy, or when somebody is connected; then nothing has changed.
    """
    if not source.is_file():
        raise Conflict(f"There is no file {source}.", code="no_such_file")
    if database.is_sqlite:
        _replace_sqlite(database, source)
    else:
        _refuse_company(database)
        database.close()
        _run(database, "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source))


def _copy_sqlite(database: Database, target: Path) -> None:
    copy = sqlite3.connect(target)
    try:
        with database.read() as snapshot:
            snapshot.connection.execute(text("SELECT count(*) FROM alembic_version"))
            raw = snapshot.connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
    _sync(target)


def _replace_sqlite(database: Database, source: Path) -> None:
    refuse_damaged(source)
    place = Path(database.url.database or "")
    fresh = place.with_name(f"{place.name}.restoring")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o600)
    _sync(fresh)
    database.close()
    for beside in ("-wal", "-shm"):
        place.with_name(place.name + beside).unlink(missing_ok=True)
    fresh.replace(place)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_company(database: Database) -> None:
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.read() as snapshot:
        count = snapshot.connection.scalar(text(others))
    if count:
        raise Conflict(
            f"{count} others are connected to the database.", code="in_use", hint="Stop every service first."
        )


def _run(database: Database, tool: str, *arguments: str) -> None:
    url = database.url
    given: dict[str, object] = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
    }
    given |= {f"PG{name.upper()}": value for name, value in url.query.items() if name in ("host", "sslmode")}
    environ = {**os.environ, **{name: str(value) for name, value in given.items() if value is not None}}
    command = [_tool(tool), *arguments[:-1], f"--dbname={url.database}", arguments[-1]]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CaviarError(f"{tool} failed: {done.stderr.strip()[:2_000]}", code="tool_failed")


def _tool(name: str) -> str:
    found = shutil.which(name) or next(map(str, _debian(name)), None)
    if found is None:
        raise ToolMissing(f"{name} is not on this machine.", hint="Install PostgreSQL's client programs.")
    return found


def _debian(name: str) -> Sequence[Path]:
    return sorted((path / name for path in DEBIAN.glob(NEWEST_FIRST) if (path / name).exists()), reverse=True)
