"""The schema's version: brought up to date, checked, and refused when it is newer than this program.

One migration is one transaction on both databases (SQLite and PostgreSQL have transactional DDL), so a migration that
was killed has changed nothing and is simply run again.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from caviar.domain.errors import Conflict
from caviar.storage.database import Database, Transaction, exclusive
from caviar.storage.tables import metadata

HEAD = "head"


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Brings the schema up to `revision`. Raises Conflict when the database is newer than this program."""
    refuse_newer(database)
    with _transaction(database) as tx:
        exclusive(tx, "migrate")
        command.upgrade(_config(tx), revision)


def downgrade(database: Database, revision: str) -> None:
    with _transaction(database) as tx:
        command.downgrade(_config(tx), revision)


def current(database: Database) -> str | None:
    """The revision the database is at; None when it is empty."""
    with database.read() as snapshot:
        return MigrationContext.configure(snapshot.connection).get_current_revision()


def newest() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def refuse_newer(database: Database) -> None:
    at = current(database)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if at is not None and at not in known:
        raise Conflict(
            f"The database's schema ({at}) is newer than this version of caviar ({newest()}).",
            hint="Run the version that upgraded it, or a newer one.",
        )


def differences(database: Database) -> list[object]:
    """What the tables in the database lack or have beyond `tables.py`; empty when they agree."""
    with database.read() as snapshot:
        context = MigrationContext.configure(snapshot.connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


@contextmanager
def _transaction(database: Database) -> Iterator[Transaction]:
    """SQLite changes a table by making it anew, and dropping the old one would delete all rows that refer to it. That
    can only be turned off before a transaction; what refers to nothing is looked for before the commit."""
    _references(database, on=False)
    try:
        with database.write() as tx:
            yield tx
            if tx.is_sqlite and tx.connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise Conflict("After the migration rows referred to rows that there are not: it was taken back.")
    finally:
        _references(database, on=True)


def _references(database: Database, *, on: bool) -> None:
    """Of the one connection that writes to SQLite."""
    if database.is_sqlite:
        with closing(database.engine.raw_connection()) as connection:
            connection.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _config(tx: Transaction | None = None) -> Config:
    config = Config()
    config.attributes["connection"] = None if tx is None else tx.connection
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    return config


def _scripts() -> Path:
    installed = Path(__file__).parent / "migrations_bundled"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"
