"""What other replicas committed: PostgreSQL's LISTEN, on a connection of its own."""

from collections.abc import Callable, Iterator

from caviar.storage.database import Database

POLL_SECONDS = 0.5


def notifications(database: Database, stopped: Callable[[], bool]) -> Iterator[frozenset[str]]:
    """Topics as they are committed, and an empty set at least twice a second; ends when `stopped` says so.

    Raises psycopg's errors when the connection is lost.
    """
    import psycopg  # noqa: PLC0415 - an extra, needed on PostgreSQL only

    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute("LISTEN caviar")
        yield frozenset()
        while not stopped():
            for notify in connection.notifies(timeout=POLL_SECONDS):
                yield frozenset(notify.payload.split())
            yield frozenset()
