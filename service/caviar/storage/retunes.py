"""Re-tunes: one open at a time for each study."""

from sqlalchemy import select, text

from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import RetuneRow
from caviar.storage.tables import OPEN_RETUNE, retunes, studies
from caviar.storage.writing import insert_rows, update_rows


def insert(tx: Transaction, new: RetuneRow) -> None:
    insert_rows(tx.connection, RetuneRow, [new])


def save(tx: Transaction, changed: RetuneRow) -> None:
    update_rows(tx.connection, RetuneRow, [changed])


def get(snapshot: Snapshot, retune_id: str) -> RetuneRow | None:
    row = snapshot.connection.execute(select(retunes).where(retunes.c.id == retune_id)).first()
    return None if row is None else RetuneRow(*row)


def of_study(snapshot: Snapshot, study_id: str) -> list[RetuneRow]:
    """Oldest first."""
    statement = select(retunes).where(retunes.c.study_id == study_id).order_by(retunes.c.created_at, retunes.c.id)
    return [RetuneRow(*row) for row in snapshot.connection.execute(statement)]


def open_of(snapshot: Snapshot, study_id: str) -> RetuneRow | None:
    return next((each for each in of_study(snapshot, study_id) if each.state == "canary"), None)


def to_decide(snapshot: Snapshot) -> list[str]:
    """Open ones whose canary has come to its end, or is gone."""
    unfinished = select(studies.c.id).where(
        studies.c.state.in_(("queued", "running", "paused")), studies.c.deleted_at.is_(None)
    )
    waiting = select(retunes.c.id).where(text(OPEN_RETUNE), retunes.c.canary_id.not_in(unfinished))
    return list(snapshot.connection.scalars(waiting.order_by(retunes.c.id)))


def scheduled(snapshot: Snapshot, now: float) -> list[str]:
    """Finished studies that are to be looked at again by now."""
    due = select(studies.c.id).where(
        studies.c.retune_at <= now, studies.c.deleted_at.is_(None), studies.c.state.in_(("completed", "cancelled"))
    )
    return list(snapshot.connection.scalars(due.order_by(studies.c.id)))
