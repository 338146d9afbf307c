"""One database, two kinds of transaction: `read()` is a snapshot, `write()` commits at its end and then wakes.

SQLite (measured): a deferred transaction that upgrades to a write fails at once in spite of the busy timeout, so
writers say BEGIN IMMEDIATE, and within the process they queue on a lock rather than on SQLite's polling.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from caviar.domain.errors import DiskFull, Unavailable
from caviar.storage.ballast import Ballast

BUSY_SECONDS = 10
WRITER_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '10s'"
"""PostgreSQL's: a writer that stands still in a transaction (a stopped process, a host that is gone) holds the locks of
its study no longer than this. What it wakes up to do then fails."""
PASSING_STATES = frozenset({"40001", "40P01", "55P03", "57014", "53200", "53300"})
"""PostgreSQL's: serialization, deadlock, lock and statement timeouts; no memory or connections left."""
PASSING_WORDS = ("database is locked",)
"""SQLite's."""
FULL_STATE, FULL_WORDS = "53100", "disk is full"
Listener = Callable[[frozenset[str]], None]


class Snapshot:
    """A read transaction: everything it reads is of one moment."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def is_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"


class Transaction(Snapshot):
    """A write transaction. What is put into `topics` is woken after the commit, in every replica."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.topics: set[str] = set()
        self.after_commit: list[Callable[[], None]] = []
        self.after_rollback: list[Callable[[], None]] = []

    def wake(self, topic: str) -> None:
        self.topics.add(topic)


class Database:
    """Opens transactions. `url` is a SQLAlchemy URL, `sqlite:///path` or `postgresql://...`."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = _normal_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writers = threading.Lock() if self.is_sqlite else None
        self._listeners: list[Listener] = []
        on_disk = self.is_sqlite and self.url.database not in (None, "", ":memory:")
        self.ballast = Ballast(Path(self.url.database or "")) if on_disk else None
        if self.is_sqlite:
            self.engine = _sqlite_engine(self.url, "BEGIN IMMEDIATE", 1)
            self._reader = _sqlite_engine(self.url, "BEGIN", pool_size)
        else:
            self.engine = _postgres_engine(self.url, pool_size, isolation="READ COMMITTED")
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    def on_wake(self, listener: Listener) -> None:
        """Call `listener` with the topics of every transaction committed here."""
        self._listeners.append(listener)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with _outage_named(), self._reader.connect() as connection:
            yield Snapshot(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with _outage_named(), self._one_writer():
            transaction = self._begin()
            try:
                with transaction.connection.begin():
                    if not self.is_sqlite:
                        transaction.connection.exec_driver_sql(WRITER_IDLE)
                    yield transaction
                    self._notify(transaction)
            except BaseException:
                _call_all(transaction.after_rollback)
                raise
            finally:
                transaction.connection.close()
            _call_all(transaction.after_commit)
        if transaction.topics:
            topics = frozenset(transaction.topics)
            for listener in self._listeners:
                listener(topics)

    def make_room(self) -> bool:
        """For what frees more than it takes, after a DiskFull: whether it is worth trying again."""
        return self.ballast is not None and self.ballast.give_up()

    def close(self) -> None:
        self.engine.dispose()
        self._reader.dispose()

    def _begin(self) -> Transaction:
        return Transaction(self.engine.connect())

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if self._writers is None:
            yield
            return
        with self._writers:
            yield

    def _notify(self, transaction: Transaction) -> None:
        if transaction.topics and not self.is_sqlite:
            payload = " ".join(sorted(transaction.topics))[:7_900]
            transaction.connection.execute(text("SELECT pg_notify('caviar', :payload)"), {"payload": payload})


def exclusive(tx: Transaction, name: str) -> None:
    """One transaction at a time beyond this point, in all replicas (SQLite has one writer anyway)."""
    if not tx.is_sqlite:
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def _call_all(calls: list[Callable[[], None]]) -> None:
    for call in calls:
        call()


@contextmanager
def _outage_named() -> Iterator[None]:
    """What is the database's trouble and not the request's fault is 503, to be tried again."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("All connections to the database are busy.") from error
    except DBAPIError as error:
        said = str(error.orig).lower()
        if error.connection_invalidated or "connect" in said:
            raise Unavailable("The database can't be reached.", hint="It is tried again by itself.") from error
        if getattr(error.orig, "sqlstate", None) == FULL_STATE or FULL_WORDS in said:
            raise DiskFull("The database's disk is full.", hint="Free some room; reading and deleting work.") from error
        if getattr(error.orig, "sqlstate", None) in PASSING_STATES or any(words in said for words in PASSING_WORDS):
            raise Unavailable(f"The database could not do it now: {error.orig}") from error
        raise


def _normal_url(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _sqlite_engine(url: URL, begin: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        pool_size=pool_size,
        max_overflow=0 if pool_size == 1 else 20,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-32000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres_engine(url: URL, pool_size: int, *, isolation: str) -> Engine:
    options = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c statement_timeout=60s"
    return create_engine(
        url,
        isolation_level=isolation,
        connect_args={"options": options, "connect_timeout": 5, "keepalives_idle": 10},
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        pool_size=pool_size,
        max_overflow=20,
        pool_pre_ping=True,
    )
