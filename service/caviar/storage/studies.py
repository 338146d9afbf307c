"""Studies: locked by whoever changes one, in the order of their ids so that two transactions never wait in a ring."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select, text

from caviar.domain.states import StudyState, TrialState
from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import StudyRow
from caviar.storage.tables import UNFINISHED_STUDY, studies
from caviar.storage.writing import insert_rows, update_rows

DUE = select(studies.c.id).where(text(UNFINISHED_STUDY), studies.c.deadline_at <= bindparam("now"))
DELETED = select(studies.c.id).where(studies.c.deleted_at.is_not(None))
WANTING = select(studies.c.id).where(text(UNFINISHED_STUDY), studies.c.wanted > 0).order_by(studies.c.id)
"""Asked every second, all three: built once."""


def lock(tx: Transaction, ids: Collection[str]) -> dict[str, StudyRow]:
    """The studies `ids`, each locked until the transaction ends (SQLite: the transaction is the lock)."""
    if not ids:
        return {}
    statement = select(studies).where(studies.c.id.in_(sorted(ids))).order_by(studies.c.id)
    return {row.id: row for row in _rows(tx, statement.with_for_update())}


def insert(tx: Transaction, study: StudyRow) -> None:
    insert_rows(tx.connection, StudyRow, [study])


def save(tx: Transaction, changed: Sequence[StudyRow]) -> None:
    update_rows(tx.connection, StudyRow, changed)


def get(snapshot: Snapshot, study_id: str) -> StudyRow | None:
    return next(iter(_rows(snapshot, select(studies).where(studies.c.id == study_id))), None)


def find(snapshot: Snapshot, name: str) -> StudyRow | None:
    """The study called `name`: the unfinished one, else the newest."""
    statement = select(studies).where(studies.c.name == name, studies.c.deleted_at.is_(None))
    unfinished = studies.c.state.in_(("queued", "running", "paused"))
    ordered = statement.order_by(unfinished.desc(), studies.c.created_at.desc(), studies.c.id.desc())
    return next(iter(_rows(snapshot, ordered.limit(1))), None)


def unfinished_ids(snapshot: Snapshot) -> list[str]:
    """Every study that may still have work, oldest first (ids are in order of time)."""
    return list(snapshot.connection.scalars(select(studies.c.id).where(text(UNFINISHED_STUDY)).order_by(studies.c.id)))


def due_ids(snapshot: Snapshot, now: float) -> list[str]:
    """Unfinished studies whose time budget has run out."""
    return list(snapshot.connection.scalars(DUE, {"now": now}))


def deleted_ids(snapshot: Snapshot) -> list[str]:
    """Studies that are hidden and wait to be purged."""
    return list(snapshot.connection.scalars(DELETED))


def count_children(snapshot: Snapshot, parent_id: str) -> int:
    """Studies ever made of this one, as far as they are not purged."""
    counted = select(func.count()).select_from(studies).where(studies.c.parent_id == parent_id)
    return int(snapshot.connection.scalar(counted) or 0)


def children_of(snapshot: Snapshot, parent_id: str) -> list[StudyRow]:
    """Studies made of this one, oldest first."""
    statement = select(studies).where(studies.c.parent_id == parent_id, studies.c.deleted_at.is_(None))
    return list(_rows(snapshot, statement.order_by(studies.c.created_at, studies.c.id)))


def count_by_state(snapshot: Snapshot) -> dict[str, int]:
    counted = select(studies.c.state, func.count()).where(studies.c.deleted_at.is_(None)).group_by(studies.c.state)
    return {state: count for state, count in snapshot.connection.execute(counted)}  # noqa: C416 - a Result is a mapping too


def wanting_ids(snapshot: Snapshot) -> list[str]:
    """Unfinished studies that wait for a model-based search to think."""
    return list(snapshot.connection.scalars(WANTING))


def trials_by_state(snapshot: Snapshot) -> dict[str, int]:
    """All trials there are, from the studies' counters."""
    sums = [func.coalesce(func.sum(studies.c[state.value]), 0) for state in TrialState]
    row = snapshot.connection.execute(select(*sums).where(studies.c.deleted_at.is_(None))).one()
    return {state.value: int(count) for state, count in zip(TrialState, row, strict=True)}


def compute_seconds(snapshot: Snapshot) -> float:
    """Training time of all trials that ended, from the studies' counters."""
    total = select(func.sum(studies.c.compute_seconds)).where(studies.c.deleted_at.is_(None))
    return float(snapshot.connection.scalar(total) or 0.0)


def delete(tx: Transaction, study_id: str) -> None:
    tx.connection.execute(studies.delete().where(studies.c.id == study_id))


def row_of(values: Sequence[Any]) -> StudyRow:
    """Of a row's columns."""
    study = StudyRow(*values)
    study.state = StudyState(study.state)
    return study


def _rows(snapshot: Snapshot, statement: Select[*tuple[Any, ...]]) -> Iterable[StudyRow]:
    return map(row_of, snapshot.connection.execute(statement))
