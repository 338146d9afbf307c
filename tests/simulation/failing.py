"""A database whose k-th operation fails: before it happens, or after it happened and its answer was lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, event

from caviar.storage.database import Database

Mode = Literal["before", "answer_lost"]


class Outage(Exception):  # noqa: N818
    """What the caller of a failed operation sees."""


class FailingStore:
    """Counts statements and commits of write transactions; the k-th (from 1) fails once."""

    def __init__(self, k: int, mode: Mode) -> None:
        self.k = k
        self.mode = mode
        self.count = 0

    @property
    def failed(self) -> bool:
        return self.count >= self.k

    def before(self, connection: Connection, *_: Any) -> None:
        if self.mode == "before" and not _reads(connection):
            self._step()

    def after(self, connection: Connection, *_: Any) -> None:
        if self.mode == "answer_lost" and not _reads(connection):
            self._step()

    def _step(self) -> None:
        self.count += 1
        if self.count == self.k:
            raise Outage

    @contextmanager
    def installed(self, database: Database) -> Iterator[None]:
        """A lost answer of a commit is an exception after the commit: the caller can't know what became of it."""
        hooks = (("before_cursor_execute", self.before), ("after_cursor_execute", self.after), ("commit", self.before))
        for name, hook in hooks:
            event.listen(database.engine, name, hook)
        dialect = database.engine.dialect
        plain = dialect.do_commit

        def commit(connection: Any) -> None:
            plain(connection)
            if self.mode == "answer_lost":
                self._step()

        dialect.do_commit = commit  # type: ignore[method-assign]
        try:
            yield
        finally:
            dialect.do_commit = plain  # type: ignore[method-assign]
            for name, hook in hooks:
                event.remove(database.engine, name, hook)


def _reads(connection: Connection) -> bool:
    return connection.get_execution_options().get("isolation_level") == "REPEATABLE READ"
