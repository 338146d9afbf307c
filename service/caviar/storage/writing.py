"""Records into their tables: inserted whole, updated by id in what may change."""

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam, insert, update

from caviar.storage import tables
from caviar.storage.prepared import Prepared, prepare
from caviar.storage.rows import (
    AgentRow,
    ArrivalRow,
    AttemptRow,
    CheckpointRow,
    IdempotencyRow,
    InheritedRow,
    LateEventRow,
    LogRow,
    NudgeRow,
    ReportRow,
    RetuneRow,
    RoundRow,
    SessionRow,
    StudyRow,
    TokenRow,
    TrialRow,
)

ROWS: dict[type, Table] = {
    StudyRow: tables.studies,
    TrialRow: tables.trials,
    AttemptRow: tables.attempts,
    ReportRow: tables.reports,
    LogRow: tables.logs,
    LateEventRow: tables.late_events,
    NudgeRow: tables.nudges,
    CheckpointRow: tables.checkpoints,
    RoundRow: tables.rounds,
    ArrivalRow: tables.rung_arrivals,
    InheritedRow: tables.inherited,
    RetuneRow: tables.retunes,
    AgentRow: tables.agents,
    TokenRow: tables.tokens,
    SessionRow: tables.sessions,
    IdempotencyRow: tables.idempotency_keys,
}
_NAMES = {row: tuple(field.name for field in fields(row)) for row in ROWS}
_GETTERS = {row: attrgetter(*names) for row, names in _NAMES.items()}
INSERTS: dict[type, Insert] = {row: insert(table) for row, table in ROWS.items()}


def _update_by_id(table: Table, names: tuple[str, ...]) -> Update:
    return update(table).where(table.c.id == bindparam("key")).values({name: bindparam(f"v_{name}") for name in names})


_FIXED_STUDY = frozenset({"id", "seed", "created_at", "name", "parent_id"})
STUDY_MUTABLE = tuple(name for name in _NAMES[StudyRow] if name not in _FIXED_STUDY)
TRIAL_MUTABLE = (
    *("state", "reason_code", "reason_message", "value", "step", "final", "attempts", "failures", "losses"),
    *("client", "node", "seconds", "revision", "started_at", "finished_at", "touched", "start_from"),
    "copied_after",
)
ATTEMPT_MUTABLE = (
    *("state", "incarnation", "leased_in", "last_seq", "stop_code", "stop_message", "reason_code", "reason_message"),
    *("node", "expires_at", "started_at", "ended_at", "memory_mb", "from_step", "nudge", "told"),
)
_MUTABLE: dict[type, tuple[str, ...]] = {
    StudyRow: STUDY_MUTABLE,
    TrialRow: TRIAL_MUTABLE,
    AttemptRow: ATTEMPT_MUTABLE,
    RetuneRow: ("state", "successor_id", "verdict", "decided_at"),
    NudgeRow: ("state", "step", "attempt", "twin", "settled_at"),
    CheckpointRow: ("state", "reason", "removed_at"),
    AgentRow: ("incarnation", "last_sync", "nodes", "pending_slots", "left", "seen_at"),
}
UPDATES: dict[type, Update] = {row: _update_by_id(ROWS[row], names) for row, names in _MUTABLE.items()}
_UPDATE_GETTERS = {row: attrgetter("id", *names) for row, names in _MUTABLE.items()}
_UPDATE_KEYS = {row: ("key", *(f"v_{name}" for name in names)) for row, names in _MUTABLE.items()}


def insert_rows(connection: Connection, row_class: type, records: Sequence[object]) -> None:
    """All in one executemany; nothing is sent for none."""
    if records:
        getter = _GETTERS[row_class]
        _insert_of(row_class, connection.dialect).execute(connection, map(getter, records))


def update_rows(connection: Connection, row_class: type, records: Sequence[object]) -> None:
    """What may change of each, by id, in one executemany; nothing is sent for none."""
    if records:
        getter = _UPDATE_GETTERS[row_class]
        _update_of(row_class, connection.dialect).execute(connection, map(getter, records))


@lru_cache(maxsize=256)
def _insert_of(row_class: type, dialect: Dialect) -> Prepared:
    return prepare(INSERTS[row_class], _NAMES[row_class], dialect)


@lru_cache(maxsize=256)
def _update_of(row_class: type, dialect: Dialect) -> Prepared:
    return prepare(UPDATES[row_class], _UPDATE_KEYS[row_class], dialect)
