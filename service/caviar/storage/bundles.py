"""Code bundles, kept by their digest. In the database, so that every replica has them and a backup is whole."""

from sqlalchemy import insert, select

from caviar.storage.database import Snapshot, Transaction, exclusive
from caviar.storage.tables import bundles


def exists(snapshot: Snapshot, digest: str) -> bool:
    return snapshot.connection.execute(select(bundles.c.digest).where(bundles.c.digest == digest)).first() is not None


def add(tx: Transaction, digest: str, data: bytes, now: float) -> None:
    """Stores a bundle; one that is there already stays as it is."""
    exclusive(tx, f"bundle {digest}")
    if not exists(tx, digest):
        row = {"digest": digest, "size": len(data), "created_at": now, "data": data}
        tx.connection.execute(insert(bundles), [row])


def get(snapshot: Snapshot, digest: str) -> bytes | None:
    data: bytes | None = snapshot.connection.scalar(select(bundles.c.data).where(bundles.c.digest == digest))
    return data
