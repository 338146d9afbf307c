"""Topics of committed transactions, from this process and, on PostgreSQL, from every other replica.

A lost wake-up costs latency, never work: who listens also looks by himself now and then, and more often while the
connection to the database is gone (`is_complete` is false then).
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from caviar.storage.database import Database, Listener
from caviar.storage.listening import notifications

EVERYTHING = frozenset({"*"})
"""Woken after an outage: anything may have happened."""
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Bus:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Listener] = []
        self._stop = threading.Event()
        self.is_complete = True
        database.on_wake(self.publish)

    def subscribe(self, listener: Listener) -> None:
        """`listener` is called in any thread, and must not block."""
        self._listeners.append(listener)

    def publish(self, topics: frozenset[str]) -> None:
        for listener in self._listeners:
            listener(topics)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hears the other replicas."""
        if self._database.is_sqlite:
            yield
            return
        with running_thread("caviar-listen", self._listen, self._stop):
            yield

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                for topics in notifications(self._database, self._stop.is_set):
                    self._heard(topics)
            except Exception as error:  # noqa: BLE001 - whatever ended the connection, it is made again
                if self.is_complete:
                    log.warning("not listening to the database: %s", error)
                self.is_complete = False
                self._stop.wait(RETRY_SECONDS)

    def _heard(self, topics: frozenset[str]) -> None:
        """An empty set says that the connection works."""
        if not self.is_complete:
            self.is_complete = True
            topics = EVERYTHING
        if topics:
            self.publish(topics)


@contextmanager
def running_thread(name: str, target: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """A daemon thread for the length of the block; leaving it sets `stop` and waits a little."""
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=3.0)
