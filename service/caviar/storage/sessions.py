"""Dashboard sessions at rest. A row begins as a one-time code; whoever brings the code turns it into a session."""

from sqlalchemy import ColumnElement, delete, select, update

from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import SessionRow, TokenRow
from caviar.storage.tables import sessions, tokens
from caviar.storage.writing import insert_rows


def insert(tx: Transaction, session: SessionRow) -> None:
    insert_rows(tx.connection, SessionRow, [session])


def by_code(snapshot: Snapshot, code_sha256: str) -> tuple[SessionRow, TokenRow] | None:
    return _with_token(snapshot, sessions.c.code_sha256 == code_sha256)


def by_sha256(snapshot: Snapshot, sha256: str) -> tuple[SessionRow, TokenRow] | None:
    return _with_token(snapshot, sessions.c.sha256 == sha256)


def open_once(tx: Transaction, code_sha256: str, sha256: str, expires_at: float) -> bool:
    """False when the code is none (any more): of two that bring it at once, one gets the session."""
    opening = update(sessions).where(sessions.c.code_sha256 == code_sha256)
    values = {"code_sha256": None, "sha256": sha256, "expires_at": expires_at}
    return tx.connection.execute(opening.values(values)).rowcount > 0


def end(tx: Transaction, session_id: str) -> None:
    tx.connection.execute(delete(sessions).where(sessions.c.id == session_id))


def end_of_token(tx: Transaction, token_id: str) -> None:
    tx.connection.execute(delete(sessions).where(sessions.c.token_id == token_id))


def drop_expired(tx: Transaction, now: float) -> None:
    tx.connection.execute(delete(sessions).where(sessions.c.expires_at <= now))


def _with_token(snapshot: Snapshot, which: ColumnElement[bool]) -> tuple[SessionRow, TokenRow] | None:
    found = select(sessions, tokens).join(tokens, tokens.c.id == sessions.c.token_id).where(which)
    row = snapshot.connection.execute(found).first()
    if row is None:
        return None
    width = len(sessions.columns)
    return SessionRow(*row[:width]), TokenRow(*row[width:])
