"""Trials and what they reported."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, select, text, tuple_, update

from caviar.domain.states import TrialState
from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import LogRow, ReportRow, TrialRow
from caviar.storage.tables import LIVE_ATTEMPT, attempts, logs, reports, trials
from caviar.storage.writing import insert_rows, update_rows

CHUNK = 500
"""Ids in one IN list."""

STATES = {state.value: state for state in TrialState}


class HistoryRow(NamedTuple):
    """What the search knows of a trial."""

    number: int
    state: TrialState
    unit: bytes
    round: int
    value: float | None
    step: float | None
    touched: bool
    reason: str | None


def insert(tx: Transaction, new: Sequence[TrialRow]) -> None:
    insert_rows(tx.connection, TrialRow, new)


def save(tx: Transaction, changed: Sequence[TrialRow]) -> None:
    update_rows(tx.connection, TrialRow, changed)


def set_params(tx: Transaction, trial_id: str, params: dict[str, Any]) -> None:
    """A nudge: nothing else changes a configuration."""
    tx.connection.execute(update(trials).where(trials.c.id == trial_id).values(params=params))


def add_reports(tx: Transaction, new: Sequence[ReportRow]) -> None:
    insert_rows(tx.connection, ReportRow, new)


def get(snapshot: Snapshot, trial_id: str) -> TrialRow | None:
    return next(_rows(snapshot, select(trials).where(trials.c.id == trial_id)), None)


def by_number(snapshot: Snapshot, study_id: str, number: int) -> TrialRow | None:
    return next(_rows(snapshot, select(trials).where(trials.c.study_id == study_id, trials.c.number == number)), None)


def by_numbers(snapshot: Snapshot, study_id: str, numbers: Collection[int]) -> dict[int, TrialRow]:
    """At most a page of them: they stand in one IN list."""
    if not numbers:
        return {}
    statement = select(trials).where(trials.c.study_id == study_id, trials.c.number.in_(sorted(numbers)))
    return {row.number: row for row in _rows(snapshot, statement)}


def by_ids(snapshot: Snapshot, ids: Collection[str]) -> dict[str, TrialRow]:
    wanted = sorted(ids)
    found: dict[str, TrialRow] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = select(trials).where(trials.c.id.in_(wanted[start : start + CHUNK]))
        found.update((row.id, row) for row in _rows(snapshot, chunk))
    return found


def waiting_unleased(snapshot: Snapshot, study_id: str, limit: int) -> list[TrialRow]:
    """Trials that wait to be run and have no live attempt, lowest number first."""
    leased = exists().where(attempts.c.trial_id == trials.c.id, text(f"attempts.{LIVE_ATTEMPT}"))
    statement = select(trials).where(trials.c.study_id == study_id, text("trials.state = 'waiting'"), ~leased)
    return list(_rows(snapshot, statement.order_by(trials.c.number).limit(limit)))


def start_points(snapshot: Snapshot, study_id: str) -> set[str]:
    """Checkpoints that unfinished trials may begin with."""
    unfinished = trials.c.state.in_(("waiting", "running", "paused"))
    named = select(trials.c.start_from).where(
        trials.c.study_id == study_id, trials.c.start_from.is_not(None), unfinished
    )
    return set(snapshot.connection.scalars(named))


def in_states(snapshot: Snapshot, study_id: str, states: Collection[str]) -> list[TrialRow]:
    statement = select(trials).where(trials.c.study_id == study_id, trials.c.state.in_(states))
    return list(_rows(snapshot, statement.order_by(trials.c.number)))


def of_client(snapshot: Snapshot, study_id: str, client: str) -> list[TrialRow]:
    """The trials that `client` runs. One that was paused and resumed since is asked for anew."""
    statement = select(trials).where(trials.c.study_id == study_id, trials.c.client == client)
    live = statement.where(trials.c.state == "running")
    return list(_rows(snapshot, live.order_by(trials.c.number)))


def history(snapshot: Snapshot, study_id: str, after_revision: int = -1) -> Iterator[HistoryRow]:
    """What changed after `after_revision`, by number."""
    columns = (trials.c.number, trials.c.state, trials.c.unit, trials.c.round, trials.c.value, trials.c.step)
    changed = select(*columns, trials.c.touched, trials.c.reason_code).where(
        trials.c.study_id == study_id, trials.c.revision > after_revision
    )
    for number, state, *rest in snapshot.connection.execute(changed.order_by(trials.c.number)):
        yield HistoryRow(number, STATES[state], *rest)


def fields_of(
    snapshot: Snapshot, study_id: str, names: Sequence[str], after_revision: int = -1
) -> Sequence[Sequence[Any]]:
    """Columns of the trials that changed after `after_revision`, in no order; `reason` is the reason's code."""
    columns = [trials.c["reason_code" if name == "reason" else name] for name in names]
    changed = select(*columns).where(trials.c.study_id == study_id, trials.c.revision > after_revision)
    return snapshot.connection.execute(changed).all()


def outside_numbers(snapshot: Snapshot, study_id: str) -> frozenset[int]:
    """Trials whose configuration the space as it is now lacks."""
    return frozenset(
        snapshot.connection.scalars(
            select(trials.c.number).where(trials.c.study_id == study_id, func.length(trials.c.unit) == 0)
        )
    )


def changed_numbers(snapshot: Snapshot, study_id: str, after_revision: int, limit: int) -> list[tuple[int, str]]:
    """(number, state) of trials changed after `after_revision`, oldest change first."""
    changed = select(trials.c.number, trials.c.state).where(
        trials.c.study_id == study_id, trials.c.revision > after_revision
    )
    rows = snapshot.connection.execute(changed.order_by(trials.c.revision, trials.c.number).limit(limit))
    return [(number, state) for number, state in rows]


def page(
    snapshot: Snapshot,
    study_id: str,
    *,
    where: Sequence[ColumnElement[bool]] = (),
    order: Sequence[ColumnElement[Any]] = (),
    limit: int,
) -> list[TrialRow]:
    """A page of trials; what is a key and what a filter is the read model's business."""
    statement = select(trials).where(trials.c.study_id == study_id, *where)
    return list(_rows(snapshot, statement.order_by(*(order or (trials.c.number,))).limit(limit)))


def reports_of(snapshot: Snapshot, trial_id: str, attempt: int | None = None) -> list[ReportRow]:
    """Reports in the order they were made; of one attempt, or of all."""
    statement = select(reports).where(reports.c.trial_id == trial_id)
    if attempt is not None:
        statement = statement.where(reports.c.attempt == attempt)
    ordered = statement.order_by(reports.c.attempt, reports.c.seq)
    return [ReportRow(*row) for row in snapshot.connection.execute(ordered)]


def add_logs(tx: Transaction, new: Sequence[LogRow]) -> None:
    insert_rows(tx.connection, LogRow, new)


def log_sizes(snapshot: Snapshot, trial_id: str) -> list[tuple[int, int, int]]:
    """(attempt, seq, size) of each piece, oldest first."""
    sized = select(logs.c.attempt, logs.c.seq, logs.c.size).where(logs.c.trial_id == trial_id)
    return [tuple(row) for row in snapshot.connection.execute(sized.order_by(logs.c.attempt, logs.c.seq))]


def drop_logs_up_to(tx: Transaction, trial_id: str, attempt: int, seq: int) -> None:
    older = (logs.c.attempt < attempt) | ((logs.c.attempt == attempt) & (logs.c.seq <= seq))
    tx.connection.execute(logs.delete().where(logs.c.trial_id == trial_id, older))


def logs_of(snapshot: Snapshot, trial_id: str, after: tuple[int, int] = (0, 0), limit: int = 1_000) -> list[LogRow]:
    """Pieces after (attempt, seq), oldest first."""
    attempt, seq = after
    newer = (logs.c.attempt > attempt) | ((logs.c.attempt == attempt) & (logs.c.seq > seq))
    statement = select(logs).where(logs.c.trial_id == trial_id, newer).order_by(logs.c.attempt, logs.c.seq)
    return [LogRow(*row) for row in snapshot.connection.execute(statement.limit(limit))]


def _rows(snapshot: Snapshot, statement: Select[*tuple[Any, ...]]) -> Iterator[TrialRow]:
    for row in snapshot.connection.execute(statement):
        trial = TrialRow(*row)
        trial.state = STATES[trial.state]
        yield trial


def params_of(snapshot: Snapshot, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    """The configurations of trials by (study, number)."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for start in range(0, len(keys), CHUNK):
        wanted = tuple_(trials.c.study_id, trials.c.number).in_(keys[start : start + CHUNK])
        statement = select(trials.c.study_id, trials.c.number, trials.c.params).where(wanted)
        found.update(((study, number), params) for study, number, params in snapshot.connection.execute(statement))
    return found
