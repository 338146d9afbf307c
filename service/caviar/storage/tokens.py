"""Tokens at rest (SHA-256 only), and the answers kept for idempotency keys."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select, update

from caviar.storage.database import Snapshot, Transaction, exclusive
from caviar.storage.rows import IdempotencyRow, TokenRow
from caviar.storage.tables import idempotency_keys, tokens
from caviar.storage.writing import insert_rows


def insert(tx: Transaction, token: TokenRow) -> None:
    insert_rows(tx.connection, TokenRow, [token])


def by_sha256(snapshot: Snapshot, sha256: str) -> TokenRow | None:
    row = snapshot.connection.execute(select(tokens).where(tokens.c.sha256 == sha256)).first()
    return None if row is None else TokenRow(*row)


def name_of(snapshot: Snapshot, token_id: str) -> str:
    """ "" for a token that is not in the table."""
    return snapshot.connection.scalar(select(tokens.c.name).where(tokens.c.id == token_id)) or ""


def all_tokens(snapshot: Snapshot) -> list[TokenRow]:
    return [TokenRow(*row) for row in snapshot.connection.execute(select(tokens).order_by(tokens.c.created_at))]


def by_id(snapshot: Snapshot, token_id: str) -> TokenRow | None:
    row = snapshot.connection.execute(select(tokens).where(tokens.c.id == token_id)).first()
    return None if row is None else TokenRow(*row)


def replace_secret(tx: Transaction, token_id: str, sha256: str, expires_at: float | None) -> None:
    tx.connection.execute(update(tokens).where(tokens.c.id == token_id).values(sha256=sha256, expires_at=expires_at))


def note_uses(tx: Transaction, used: Mapping[str, float]) -> None:
    """Times only go forward: another replica may have seen a later one."""
    older = tokens.c.last_used_at.is_(None) | (tokens.c.last_used_at < bindparam("at"))
    noting = update(tokens).where((tokens.c.id == bindparam("token")) & older).values(last_used_at=bindparam("at"))
    tx.connection.execute(noting, [{"token": token, "at": at} for token, at in sorted(used.items())])


def revoke(tx: Transaction, token_id: str, now: float) -> bool:
    """False when there is no such token in force."""
    in_force = (tokens.c.id == token_id) & tokens.c.revoked_at.is_(None)
    return tx.connection.execute(update(tokens).where(in_force).values(revoked_at=now)).rowcount > 0


def kept_answer(snapshot: Snapshot, token_id: str, key: str) -> IdempotencyRow | None:
    wanted = (idempotency_keys.c.token_id == token_id) & (idempotency_keys.c.key == key)
    row = snapshot.connection.execute(select(idempotency_keys).where(wanted)).first()
    return None if row is None else IdempotencyRow(*row)


def keep_answer(tx: Transaction, answer: IdempotencyRow) -> None:
    insert_rows(tx.connection, IdempotencyRow, [answer])


def drop_answers_before(tx: Transaction, moment: float) -> None:
    tx.connection.execute(idempotency_keys.delete().where(idempotency_keys.c.created_at < moment))


def lock_key(tx: Transaction, token_id: str, key: str) -> None:
    """Lets one transaction at a time work under the key (SQLite has one at a time anyway)."""
    exclusive(tx, f"idempotency {token_id} {key}")
