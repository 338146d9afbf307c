"""Before the first request: one process on a SQLite file, the schema brought up to date, the first tokens made."""

from collections.abc import Iterator
from contextlib import contextmanager

from caviar.api.auth import in_force
from caviar.api.roles import Role
from caviar.api.secret_text import keep, new_token, read_or_make, sha256_of
from caviar.api.settings import Settings
from caviar.engine.engine import Engine
from caviar.storage import migrate, tokens
from caviar.storage.alone import alone
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
        with alone(database):
            migrate.upgrade(database)
            if database.ballast is not None:
                database.ballast.keep()
            yield database
    finally:
        database.close()


def ensure_tokens(settings: Settings, engine: Engine, now: float) -> None:
    """The admin's and the agents' token: those of the environment, else those in the data folder, made if missing.
    They are in force afterwards, also with a new database; of those in the folder, one that was revoked gives way to
    a new one."""
    wanted = (
        (Role.ADMIN, "first admin", settings.admin_token, settings.folder / ADMIN_FILE),
        (Role.AGENT, "agents", settings.agent_token, settings.folder / AGENT_FILE),
    )
    with engine.work(now) as work:
        exclusive(work.tx, "first tokens")
        for role, name, given, path in wanted:
            secret = given.get_secret_value() if given is not None else read_or_make(path)
            row = tokens.by_sha256(work.tx, sha256_of(secret))
            if row is not None and not in_force(row, now) and given is None:
                row, secret = None, new_token()
                keep(path, secret)
            if row is None:
                digest = sha256_of(secret)
                tokens.insert(work.tx, TokenRow(work.new_id(), name, role.value, digest, now, None))


def keep_rotated(settings: Settings, old_sha256: str, secret: str) -> None:
    """In the file of the data folder that held the old secret, if one did."""
    for path in (settings.folder / ADMIN_FILE, settings.folder / AGENT_FILE):
        if path.exists() and sha256_of(read_or_make(path)) == old_sha256:
            keep(path, secret)
