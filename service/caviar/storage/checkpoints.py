"""Checkpoints: where they lie, which are still wanted, and what became of the others."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, func, select, text

from caviar.domain.ids import is_uuid
from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import CheckpointRow
from caviar.storage.tables import checkpoints, trials
from caviar.storage.writing import insert_rows, update_rows

KEPT, REMOVING, REMOVED = "kept", "removing", "removed"
"""States of a checkpoint: to be used, to be removed by an agent, gone."""
OLDEST_FIRST = (checkpoints.c.created_at, checkpoints.c.trial_id, checkpoints.c.attempt, checkpoints.c.seq)
NEWEST_FIRST = tuple(column.desc() for column in OLDEST_FIRST)
"""Several of a trial may come in one transaction."""


def insert(tx: Transaction, new: Sequence[CheckpointRow]) -> None:
    insert_rows(tx.connection, CheckpointRow, new)


def save(tx: Transaction, changed: Sequence[CheckpointRow]) -> None:
    update_rows(tx.connection, CheckpointRow, changed)


def of_trial(snapshot: Snapshot, trial_id: str) -> list[CheckpointRow]:
    """All there ever were, oldest first."""
    statement = select(checkpoints).where(checkpoints.c.trial_id == trial_id)
    return _rows(snapshot, statement.order_by(*OLDEST_FIRST))


def newest_kept(snapshot: Snapshot, trial_id: str, limit: int, after_attempt: int = 0) -> list[CheckpointRow]:
    """Newest first, of attempts after that one."""
    statement = select(checkpoints).where(
        checkpoints.c.trial_id == trial_id, checkpoints.c.state == KEPT, checkpoints.c.attempt > after_attempt
    )
    return _rows(snapshot, statement.order_by(*NEWEST_FIRST).limit(limit))


def kept_of_study(snapshot: Snapshot, study_id: str, trial_ids: Collection[str] | None = None) -> list[CheckpointRow]:
    """Oldest first; of these trials only, where they are given."""
    statement = select(checkpoints).where(checkpoints.c.study_id == study_id, checkpoints.c.state == KEPT)
    if trial_ids is not None:
        statement = statement.where(checkpoints.c.trial_id.in_(sorted(trial_ids)))
    return _rows(snapshot, statement.order_by(*OLDEST_FIRST))


def of_study(snapshot: Snapshot, study_id: str, state: str | None, limit: int) -> list[CheckpointRow]:
    """Newest first."""
    statement = select(checkpoints).where(checkpoints.c.study_id == study_id)
    if state is not None:
        statement = statement.where(checkpoints.c.state == state)
    return _rows(snapshot, statement.order_by(*NEWEST_FIRST).limit(limit))


def totals(snapshot: Snapshot, study_id: str) -> dict[str, tuple[int, int]]:
    """State to (how many, bytes)."""
    counted = select(checkpoints.c.state, func.count(), func.coalesce(func.sum(checkpoints.c.size), 0))
    rows = snapshot.connection.execute(counted.where(checkpoints.c.study_id == study_id).group_by(checkpoints.c.state))
    return {state: (count, int(size)) for state, count, size in rows}


def to_remove(snapshot: Snapshot, store: str, agent_id: str, limit: int) -> list[CheckpointRow]:
    """Those in the store at this URL. What lies in a folder is removed by the agent that had it put there."""
    mine = checkpoints.c.uri.startswith(store + "/", autoescape=True)
    here = ~checkpoints.c.uri.startswith("file:") | (checkpoints.c.agent_id == agent_id)
    statement = select(checkpoints).where(text("state = 'removing'"), mine, here)
    return _rows(snapshot, statement.order_by(checkpoints.c.created_at).limit(limit))


def is_known(snapshot: Snapshot, trial_id: str, attempt: int, seq: int) -> bool:
    known = select(checkpoints.c.id).where(
        checkpoints.c.trial_id == trial_id, checkpoints.c.attempt == attempt, checkpoints.c.seq == seq
    )
    return snapshot.connection.execute(known).first() is not None


def number_of(snapshot: Snapshot, trial_id: str) -> int:
    """The trial's number."""
    number: int | None = snapshot.connection.scalar(select(trials.c.number).where(trials.c.id == trial_id))
    assert number is not None
    return number


def by_ids(snapshot: Snapshot, ids: Collection[str]) -> list[CheckpointRow]:
    """Of what agents name, whatever that is."""
    wanted = sorted(filter(is_uuid, ids))
    return _rows(snapshot, select(checkpoints).where(checkpoints.c.id.in_(wanted))) if wanted else []


def _rows(snapshot: Snapshot, statement: Select[*tuple[Any, ...]]) -> list[CheckpointRow]:
    return [CheckpointRow(*row) for row in snapshot.connection.execute(statement)]
