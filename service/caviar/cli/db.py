"""`caviar db`: the database's schema."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from caviar.client.discovery import data_folder
from caviar.domain.errors import Conflict, MissingExtra

if TYPE_CHECKING:
    from caviar.storage.database import Database

DATABASE_FILE = "caviar.db"
DATABASE_URL = "CAVIAR_DATABASE_URL"


def upgrade(database_url: str | None, data_dir: Path | None) -> None:
    with _opened(database_url, data_dir) as database:
        from caviar.storage import migrate  # noqa: PLC0415  (an extra)

        before = migrate.current(database)
        migrate.upgrade(database)
        after = migrate.current(database)
    typer.echo(f"the schema was up to date ({after})" if before == after else f"upgraded from {before} to {after}")


def check(database_url: str | None, data_dir: Path | None) -> int:
    with _opened(database_url, data_dir) as database:
        from caviar.storage import migrate  # noqa: PLC0415  (an extra)

        migrate.refuse_newer(database)
        at, newest = migrate.current(database), migrate.newest()
        differing = migrate.differences(database) if at == newest else []
    if at != newest:
        typer.echo(f"the schema is at {at}; {newest} is the newest: `caviar db upgrade`")
        return 1
    for difference in differing:
        typer.echo(f"differs: {difference}")
    typer.echo(f"the schema is up to date ({at})" if not differing else "the tables are not what this version made")
    return 1 if differing else 0


def back_up(target: Path, database_url: str | None, data_dir: Path | None) -> None:
    with _opened(database_url, data_dir) as database:
        from caviar.storage import backup, migrate  # noqa: PLC0415  (an extra)

        if migrate.current(database) is None:
            raise Conflict("There is no database of Caviar's here.", code="no_database")
        backup.backup(database, target)
    typer.echo(f"wrote {target} ({target.stat().st_size:,} bytes)")


def restore(source: Path, database_url: str | None, data_dir: Path | None) -> None:
    with _opened(database_url, data_dir) as database:
        from caviar.engine.engine import Engine  # noqa: PLC0415  (an extra)
        from caviar.engine.restored import fence_restored  # noqa: PLC0415
        from caviar.storage import backup, migrate  # noqa: PLC0415
        from caviar.storage.alone import alone  # noqa: PLC0415

        with alone(database):
            backup.put_back(database, source)
            migrate.upgrade(database)
            with Engine(database).work(time.time()) as work:
                taken = fence_restored(work)
    typer.echo(f"restored {source}; {taken} running attempts will be run again")


@contextmanager
def _opened(database_url: str | None, data_dir: Path | None) -> "Iterator[Database]":
    if find_spec("sqlalchemy") is None:
        raise MissingExtra("The database layer", "server")
    from caviar.storage.database import Database  # noqa: PLC0415  (an extra)

    folder = data_folder(os.environ, data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = database_url or os.environ.get(DATABASE_URL) or f"sqlite:///{folder / DATABASE_FILE}"
    database = Database(url)
    try:
        yield database
    finally:
        database.close()
