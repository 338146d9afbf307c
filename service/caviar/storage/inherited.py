"""Results that a study has from others: written when it is made, placed anew when its space is edited."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import InheritedRow
from caviar.storage.tables import inherited, trials
from caviar.storage.writing import insert_rows


def insert(tx: Transaction, new: Sequence[InheritedRow]) -> None:
    insert_rows(tx.connection, InheritedRow, new)


def of_study(snapshot: Snapshot, study_id: str, *, limit: int | None = None) -> list[InheritedRow]:
    """By number, so the newest result of the last source comes last."""
    statement = select(inherited).where(inherited.c.study_id == study_id).order_by(inherited.c.number)
    return [InheritedRow(*row) for row in snapshot.connection.execute(statement.limit(limit))]


def move(tx: Transaction, rows: Sequence[InheritedRow]) -> None:
    """Stores where each stands in its study's space, or why it does not."""
    statement = (
        update(inherited)
        .where(inherited.c.study_id == bindparam("study"), inherited.c.number == bindparam("at"))
        .values(unit=bindparam("new_unit"), parameter=bindparam("new_parameter"), why=bindparam("new_why"))
    )
    _run(tx, statement, [_moved(row) for row in rows])


def move_trials(tx: Transaction, study_id: str, units: Sequence[tuple[int, bytes, int]]) -> None:
    """(number, unit, revision) of the study's own trials."""
    statement = (
        update(trials)
        .where(trials.c.study_id == study_id, trials.c.number == bindparam("at"))
        .values(unit=bindparam("new_unit"), revision=bindparam("new_revision"))
    )
    moved = [{"at": number, "new_unit": unit, "new_revision": revision} for number, unit, revision in units]
    _run(tx, statement, moved)


def _moved(row: InheritedRow) -> dict[str, Any]:
    at = {"study": row.study_id, "at": row.number}
    return {**at, "new_unit": row.unit, "new_parameter": row.parameter, "new_why": row.why}


def _run(tx: Transaction, statement: Any, parameters: Sequence[dict[str, Any]]) -> None:
    if parameters:
        tx.connection.execute(statement, parameters)
