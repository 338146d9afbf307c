"""Before the first request: one process on a SQLite file, the schema brought up to date, the first tokens made."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from caviar.api.auth import Role, read_or_make, sha256_of
from caviar.api.settings import Settings
from caviar.domain.errors import Conflict
from caviar.engine.engine import Engine
from caviar.storage import migrate, tokens
from caviar.storage.database import Database, exclusive
from caviar.storage.rows import TokenRow

ADMIN_FILE = "admin-token"
AGENT_FILE = "agent-token"


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, migrated. Raises Conflict when another service runs on the same SQLite file, or when the schema
    is newer than this program."""
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.url)
    try:
        with _alone(database):
            migrate.upgrade(database)
            yield database
    finally:
        database.close()


def ensure_tokens(settings: Settings, engine: Engine, now: float) -> None:
    """The admin's and the agents' token: those of the environment, else those in the data folder, made if missing.
    Both are in force afterwards, also with a new database."""
    wanted = (
        (Role.ADMIN, "first admin", _secret(settings.admin_token, settings.folder / ADMIN_FILE)),
        (Role.AGENT, "agents", _secret(settings.agent_token, settings.folder / AGENT_FILE)),
    )
    with engine.work(now) as work:
        exclusive(work.tx, "first tokens")
        for role, name, secret in wanted:
            digest = sha256_of(secret)
            if tokens.by_sha256(work.tx, digest) is None:
                tokens.insert(work.tx, TokenRow(work.new_id(), name, role.value, digest, now, None))


def _secret(given: SecretStr | None, path: Path) -> str:
    return given.get_secret_value() if given is not None else read_or_make(path)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Holds a lock beside a SQLite file for as long as it is open; the system frees it whatever happens to us."""
    path = database.url.database
    if not database.is_sqlite or path is None:
        yield
        return
    with Path(f"{path}.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(
                f"Another Caviar service runs on {path}.",
                code="already_running",
                hint="A SQLite database takes one service; with PostgreSQL (--database-url) there can be many.",
            ) from None
        yield
