"""Plays seeds, many on one database: a fresh one each would cost more than the story."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from tests.simulation.storm.check import check_storm
from tests.simulation.storm.storm import Storm
from tests.simulation.storm.transitions import watch
from tests.simulation.storm.weather import setting_of
from tests.simulation.world import START

from caviar.storage import migrate
from caviar.storage.database import Database
from caviar.storage.tables import metadata


@dataclass(frozen=True)
class Outcome:
    """`violation` is None when all invariants held."""

    seed: int
    trace: str
    violation: str | None
    virtual_seconds: float
    events: int
    store_failures: int


@contextmanager
def arena() -> Iterator[Database]:
    """An empty SQLite database in memory-backed storage where there is some, with the triggers of I7."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="caviar-storm-", dir=shared if shared.is_dir() else None))
    database = Database(f"sqlite:///{folder}/storm.db")
    try:
        migrate.upgrade(database)
        watch(database)
        yield database
    finally:
        database.close()
        shutil.rmtree(folder, ignore_errors=True)


def play(seeds: Iterable[int]) -> Iterator[Outcome]:
    with arena() as database:
        for seed in seeds:
            yield _one(database, seed)
            _wipe(database)


def _one(database: Database, seed: int) -> Outcome:
    storm = Storm(database, seed, setting_of(seed))
    violation = None
    try:
        storm.play()
        check_storm(database, storm)
    except Exception as error:  # noqa: BLE001  whatever it is, the seed has found something
        violation = f"{type(error).__name__}: {error}"
    return Outcome(seed, storm.trace, violation, storm.now - START, storm.count, storm.store.failures)


def _wipe(database: Database) -> None:
    with database.write() as tx:
        for table in reversed(metadata.sorted_tables):
            tx.connection.execute(table.delete())
        tx.connection.execute(text("DELETE FROM watched"))
