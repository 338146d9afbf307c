"""What the search has decided and what the rungs have seen: rounds and arrivals, never changed once written."""

from collections.abc import Sequence

from sqlalchemy import select

from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import ArrivalRow, RoundRow
from caviar.storage.tables import rounds, rung_arrivals
from caviar.storage.writing import insert_rows


def add_rounds(tx: Transaction, new: Sequence[RoundRow]) -> None:
    insert_rows(tx.connection, RoundRow, new)


def rounds_of(snapshot: Snapshot, study_id: str, start: int = 0) -> list[RoundRow]:
    statement = select(rounds).where(rounds.c.study_id == study_id, rounds.c.index >= start)
    return [RoundRow(*row) for row in snapshot.connection.execute(statement.order_by(rounds.c.index))]


def add_arrivals(tx: Transaction, new: Sequence[ArrivalRow]) -> None:
    insert_rows(tx.connection, ArrivalRow, new)


def arrivals_of(snapshot: Snapshot, study_id: str) -> list[ArrivalRow]:
    """All arrivals, by rung and in order of arrival."""
    statement = select(rung_arrivals).where(rung_arrivals.c.study_id == study_id)
    ordered = statement.order_by(rung_arrivals.c.rung, rung_arrivals.c.arrival)
    return [ArrivalRow(*row) for row in snapshot.connection.execute(ordered)]
