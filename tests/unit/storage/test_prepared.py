import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, Table, bindparam, insert, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Dialect

from caviar.storage.prepared import prepare

THINGS = Table("things", MetaData(), Column("id", Integer), Column("tags", JSON), Column("kept", Boolean))
CHANGE = update(THINGS).where(THINGS.c.id == bindparam("key")).values(tags=bindparam("v_tags"))


@pytest.mark.parametrize("dialect", [sqlite.dialect(), psycopg.dialect()], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("statement", "names"),
    [(insert(THINGS), ("id", "tags", "kept")), (CHANGE, ("key", "v_tags")), (CHANGE, ("v_tags", "key"))],
    ids=["insert", "update", "update with its key last"],
)
def test_every_parameter_of_the_statement_is_taken_from_its_own_place_in_the_row(
    dialect: Dialect, statement: object, names: tuple[str, ...]
) -> None:
    prepared = prepare(statement, names, dialect)  # type: ignore[arg-type]
    order = [names[place] for place in prepared.places]
    assert sorted(order) == sorted(names)
    assert order == list(prepared.names or statement.compile(dialect=dialect, column_keys=list(names)).positiontup)  # type: ignore[attr-defined]
    assert [names[place] for place, _ in prepared.converters][:1] == [next(n for n in names if "tags" in n)]
