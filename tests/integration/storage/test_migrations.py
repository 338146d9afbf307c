import pytest
from sqlalchemy import inspect, text

from caviar.domain.errors import Conflict
from caviar.storage import migrate
from caviar.storage.database import Database


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    assert migrate.differences(database) == []


def test_down_and_up_again_leaves_the_same(database: Database) -> None:
    migrate.downgrade(database, "base")
    with database.read() as snapshot:
        assert set(inspect(snapshot.connection).get_table_names()) == {"alembic_version"}
    migrate.upgrade(database)
    assert migrate.differences(database) == []
    assert migrate.current(database) == migrate.newest()


def test_a_second_upgrade_does_nothing(database: Database) -> None:
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest()


def test_a_database_from_the_future_is_refused(database: Database) -> None:
    with database.write() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="newer than this version"):
        migrate.upgrade(database)
