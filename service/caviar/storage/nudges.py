"""Nudges: who changed what of a trial that was under way, when, why, and what became of it. Kept for good."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import NudgeRow
from caviar.storage.tables import nudges
from caviar.storage.writing import insert_rows, update_rows

WAITING, APPLIED, LOST = "waiting", "applied", "lost"
"""States of a nudge: on its way, in force, and overtaken by the trial's end. (One that is refused is never stored.)"""

TICK = 1e-5
"""Seconds: what a double tells apart for some centuries to come."""


def insert(tx: Transaction, new: NudgeRow) -> None:
    insert_rows(tx.connection, NudgeRow, [new])


def save(tx: Transaction, changed: Sequence[NudgeRow]) -> None:
    update_rows(tx.connection, NudgeRow, changed)


def get(snapshot: Snapshot, nudge_id: str) -> NudgeRow | None:
    return next(iter(_rows(snapshot, select(nudges).where(nudges.c.id == nudge_id))), None)


def of_trial(snapshot: Snapshot, trial_id: str) -> list[NudgeRow]:
    """Oldest first."""
    statement = select(nudges).where(nudges.c.trial_id == trial_id)
    return _rows(snapshot, statement.order_by(nudges.c.created_at, nudges.c.id))


def next_moment(snapshot: Snapshot, trial_id: str, now: float) -> float:
    """A time after that of the trial's last nudge: their order is the order of their times."""
    last = snapshot.connection.scalar(select(func.max(nudges.c.created_at)).where(nudges.c.trial_id == trial_id))
    return now if last is None else max(now, last + TICK)


def waiting(snapshot: Snapshot, trial_id: str) -> list[NudgeRow]:
    """Oldest first."""
    return [row for row in of_trial(snapshot, trial_id) if row.state == WAITING]


def in_force(snapshot: Snapshot, study_id: str, origin: str) -> list[NudgeRow]:
    """Those of one origin that were applied, newest first."""
    statement = select(nudges).where(
        nudges.c.study_id == study_id, nudges.c.origin == origin, nudges.c.state == APPLIED
    )
    return _rows(snapshot, statement.order_by(nudges.c.created_at.desc(), nudges.c.id.desc()))


def of_study(snapshot: Snapshot, study_id: str, limit: int) -> list[NudgeRow]:
    """Newest first."""
    statement = select(nudges).where(nudges.c.study_id == study_id)
    return _rows(snapshot, statement.order_by(nudges.c.created_at.desc(), nudges.c.id.desc()).limit(limit))


def _rows(snapshot: Snapshot, statement: Select[*tuple[Any, ...]]) -> list[NudgeRow]:
    return [NudgeRow(*row) for row in snapshot.connection.execute(statement)]
