"""Reports of many trials at once, a bounded number of each: what learning curves and rungs are drawn from."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from caviar.storage.database import Snapshot
from caviar.storage.json_values import number_at
from caviar.storage.tables import attempts, reports, rung_arrivals, trials

Report = tuple[int, float, float | None]
"""(trial number, step, value)"""


def reports_of_numbers(
    snapshot: Snapshot, study_id: str, numbers: Collection[int], metric: str | None, most_each: int
) -> Sequence[Report]:
    """Of each trial about `most_each` reports, evenly spaced, in the order they were made; the values are those of
    `metric`, None: of the study's own."""
    wanted = (trials.c.study_id == study_id, trials.c.number.in_(sorted(numbers)))
    longest = snapshot.connection.scalar(select(func.max(_last_seq())).where(*wanted)) or 1
    stride = max(1, -(-longest // most_each))
    value: ColumnElement[Any] = reports.c.value if metric is None else number_at(reports.c.metrics, metric)
    statement = (
        select(trials.c.number, reports.c.step, value)
        .join(reports, reports.c.trial_id == trials.c.id)
        .where(*wanted, reports.c.seq % stride == 0)
        .order_by(trials.c.number, reports.c.attempt, reports.c.seq)
    )
    return [tuple(row) for row in snapshot.connection.execute(statement)]


def _last_seq() -> ColumnElement[int]:
    """Of each trial's newest attempt: a seek in the primary key, not a count."""
    newest = select(func.max(reports.c.seq)).where(
        reports.c.trial_id == trials.c.id, reports.c.attempt == trials.c.attempts
    )
    return newest.correlate(trials).scalar_subquery()


def last_rung(snapshot: Snapshot, study_id: str) -> int | None:
    rungs = select(rung_arrivals.c.rung).where(rung_arrivals.c.study_id == study_id)
    found = snapshot.connection.execute(rungs.order_by(rung_arrivals.c.rung.desc()).limit(1)).first()
    return None if found is None else int(found[0])


def arrivals_at(snapshot: Snapshot, study_id: str, rung: int, limit: int) -> list[tuple[int, float | None]]:
    """(trial number, minimised value) of the `limit` highest numbers that reached the rung."""
    statement = select(rung_arrivals.c.number, rung_arrivals.c.value).where(
        rung_arrivals.c.study_id == study_id, rung_arrivals.c.rung == rung
    )
    rows = snapshot.connection.execute(statement.order_by(rung_arrivals.c.number.desc()).limit(limit))
    return [(number, value) for number, value in rows]


def attempts_of_numbers(
    snapshot: Snapshot, study_id: str, numbers: Collection[int]
) -> Sequence[tuple[int, int, str, str | None, float | None, float | None]]:
    """(trial number, attempt, state, node, started_at, ended_at), by trial and attempt."""
    columns = (attempts.c.number, attempts.c.state, attempts.c.node, attempts.c.started_at, attempts.c.ended_at)
    statement = (
        select(trials.c.number, *columns)
        .join(attempts, attempts.c.trial_id == trials.c.id)
        .where(trials.c.study_id == study_id, trials.c.number.in_(sorted(numbers)))
    )
    rows = snapshot.connection.execute(statement.order_by(trials.c.number, attempts.c.number))
    return [tuple(row) for row in rows]
