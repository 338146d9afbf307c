"""The database's own trouble has a name: Unavailable, to be tried again."""

import sqlite3

import pytest
from sqlalchemy import text

from caviar.domain.errors import Unavailable
from caviar.storage.database import WRITER_IDLE, Database, Transaction


def execute(tx: Transaction, *statements: str) -> None:
    for statement in statements:
        tx.connection.execute(text(statement))


@pytest.mark.postgres
def test_no_server(postgres_url: str) -> None:
    assert postgres_url
    database = Database("postgresql://nobody@/none?host=/nonexistent")
    with pytest.raises(Unavailable, match="can't be reached"), database.read():
        pass
    database.close()


@pytest.mark.postgres
def test_a_connection_that_is_cut_in_a_transaction(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(Unavailable, match="can't be reached"), database.write() as tx:
        tx.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with database.read() as snapshot:
        assert snapshot.connection.scalar(text("SELECT 1")) == 1
    database.close()


@pytest.mark.postgres
def test_a_lock_that_is_not_given_in_time(postgres_url: str) -> None:
    one, two = Database(postgres_url), Database(postgres_url)
    with one.write() as tx:
        tx.connection.execute(text("LOCK TABLE studies"))
        with pytest.raises(Unavailable, match="could not do it now"), two.write() as other:
            execute(other, "SET LOCAL lock_timeout = '10ms'", "LOCK TABLE studies")
    one.close()
    two.close()


@pytest.mark.postgres
def test_a_writer_that_stands_still_loses_its_locks_and_writes_nothing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = WRITER_IDLE.replace("10s", "50ms")
    monkeypatch.setattr("caviar.storage.database.WRITER_IDLE", short)
    one, two = Database(postgres_url), Database(postgres_url)
    with two.write() as tx:
        execute(tx, "CREATE TABLE who (name TEXT)")
    with pytest.raises(Unavailable), one.write() as stopped:  # noqa: PT012  what it wakes up to do
        execute(stopped, "LOCK TABLE who", "INSERT INTO who VALUES ('one')")
        with two.write() as other:
            execute(other, "LOCK TABLE who", "INSERT INTO who VALUES ('two')")
        execute(stopped, "INSERT INTO who VALUES ('one, again')")
    with two.read() as snapshot:
        assert list(snapshot.connection.scalars(text("SELECT name FROM who"))) == ["two"]
    one.close()
    two.close()


def test_a_full_disk(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with pytest.raises(Unavailable, match="disk is full"), database.write() as tx:
        execute(tx, "PRAGMA max_page_count = 1", "CREATE TABLE filler AS SELECT zeroblob(1000000) AS filling")
    database.close()


def test_another_program_that_holds_the_sqlite_file(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caviar.storage.database.BUSY_SECONDS", 0.01)
    database = Database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"), database.write() as tx:
        tx.connection.execute(text("SELECT 1"))
    other.close()
    database.close()
