"""Migrations of a database at work: down and up again keep what the older schema can hold, and what ran goes on."""

from sqlalchemy import TextClause, inspect, text
from tests.integration.engine.test_checkpoints import saved
from tests.integration.engine.test_sync import finished, report, started
from tests.simulation.documents import study, submit
from tests.simulation.hand import HandAgent, attempts_of

from caviar.domain.states import StudyState
from caviar.engine.engine import Engine
from caviar.storage import migrate
from caviar.storage.database import Database

OLDEST = "0001"
Shape = dict[str, list[str]]
"""Tables and their columns."""


def shape(database: Database) -> Shape:
    with database.read() as snapshot:
        seen = inspect(snapshot.connection)
        tables = set(seen.get_table_names()) - {"alembic_version"}
        return {each: [column["name"] for column in seen.get_columns(each)] for each in sorted(tables)}


def rows(database: Database, of: Shape) -> dict[str, list[str]]:
    """By table, each row's values of these columns."""
    with database.read() as snapshot:
        return {
            table: sorted(repr(tuple(row)) for row in snapshot.connection.execute(_all(table, columns)))
            for table, columns in of.items()
        }


def _all(table: str, columns: list[str]) -> TextClause:
    return text(f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(table)}")


def _quoted(name: str) -> str:
    return f'"{name}"'


def at_work(database: Database) -> tuple[Engine, HandAgent, str, str]:
    """A study with a trial that trains and has saved a checkpoint."""
    engine = Engine(database, seed=1)
    study_id = submit(engine, budget={"trials": 2}, stopping={"rule": "asha"})
    agent = HandAgent(engine, cpus=1)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), report(attempt, 2, 1, 0.5), saved(attempt, 3, 1), held=(attempt,))
    return engine, agent, study_id, attempt


def test_a_migration_down_or_up_keeps_every_row(database: Database) -> None:
    """SQLite makes a table anew to change it: what refers to the old one must not go with it."""
    at_work(database)
    before = rows(database, shape(database))
    migrate.downgrade(database, OLDEST)
    old = shape(database)
    kept = rows(database, old)
    assert {table: len(kept[table]) for table in kept} == {table: len(before[table]) for table in kept}
    assert all(kept[table] for table in ("studies", "trials", "attempts", "reports"))
    migrate.upgrade(database)
    assert migrate.differences(database) == []
    assert rows(database, old) == kept


def test_what_ran_before_a_migration_goes_on_after_it(database: Database) -> None:
    engine, agent, study_id, attempt = at_work(database)
    migrate.downgrade(database, "0004_retunes")
    migrate.upgrade(database)
    assert migrate.differences(database) == []
    engine = agent.engine = Engine(database, seed=1)
    given = agent.sync(finished(attempt, 4, loss=0.25)).assignments
    [second] = attempts_of(given)
    agent.sync(started(second), finished(second, 2, loss=0.75))
    done = study(engine, study_id)
    assert (done.state, done.completed, done.best_value) == (StudyState.COMPLETED, 2, 0.25)
