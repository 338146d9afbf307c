"""Attempts: a trial's executions, and their leases."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select, text

from caviar.domain.ids import is_uuid
from caviar.domain.states import AttemptState
from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import AttemptRow, LateEventRow
from caviar.storage.tables import LIVE_ATTEMPT, attempts, late_events, studies, trials
from caviar.storage.trials import CHUNK
from caviar.storage.writing import insert_rows, update_rows


class InHand(NamedTuple):
    """A live attempt, as a list of what runs where shows it."""

    trial_id: str
    number: int
    study_id: str
    study_name: str
    state: str
    node: str | None
    leased_at: float


STATES = {state.value: state for state in AttemptState}


EXPIRED = select(attempts.c.study_id).distinct().where(text(LIVE_ATTEMPT), attempts.c.expires_at <= bindparam("now"))
"""Asked every second: built once."""


def insert(tx: Transaction, new: Sequence[AttemptRow]) -> None:
    insert_rows(tx.connection, AttemptRow, new)


def save(tx: Transaction, changed: Sequence[AttemptRow]) -> None:
    update_rows(tx.connection, AttemptRow, changed)


def by_ids(snapshot: Snapshot, ids: Collection[str]) -> dict[str, AttemptRow]:
    """Of what agents name, whatever that is."""
    wanted = sorted(filter(is_uuid, ids))
    found: dict[str, AttemptRow] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = select(attempts).where(attempts.c.id.in_(wanted[start : start + CHUNK]))
        found.update((row.id, row) for row in _rows(snapshot, chunk))
    return found


def live_of_agent(snapshot: Snapshot, agent_id: str) -> dict[str, AttemptRow]:
    statement = select(attempts).where(text(LIVE_ATTEMPT), attempts.c.agent_id == agent_id)
    return {row.id: row for row in _rows(snapshot, statement)}


def live(snapshot: Snapshot) -> list[AttemptRow]:
    """Every live attempt there is."""
    return list(_rows(snapshot, select(attempts).where(text(LIVE_ATTEMPT)).order_by(attempts.c.id)))


def live_of_study(snapshot: Snapshot, study_id: str) -> dict[str, AttemptRow]:
    statement = select(attempts).where(text(LIVE_ATTEMPT), attempts.c.study_id == study_id)
    return {row.id: row for row in _rows(snapshot, statement)}


def live_of_trial(snapshot: Snapshot, trial_id: str) -> AttemptRow | None:
    return next(_rows(snapshot, select(attempts).where(text(LIVE_ATTEMPT), attempts.c.trial_id == trial_id)), None)


def of_trial(snapshot: Snapshot, trial_id: str) -> list[AttemptRow]:
    statement = select(attempts).where(attempts.c.trial_id == trial_id)
    return list(_rows(snapshot, statement.order_by(attempts.c.number)))


def running_by_agent(snapshot: Snapshot, study_ids: Collection[str]) -> list[tuple[str, str | None, int]]:
    """(study, agent, live attempts) of the studies."""
    counted = select(attempts.c.study_id, attempts.c.agent_id, func.count()).where(
        text(LIVE_ATTEMPT), attempts.c.study_id.in_(sorted(study_ids))
    )
    rows = snapshot.connection.execute(counted.group_by(attempts.c.study_id, attempts.c.agent_id))
    return [(study, agent, count) for study, agent, count in rows]


def studies_of_expired(snapshot: Snapshot, now: float) -> list[str]:
    """Studies with a lease that is over."""
    return list(snapshot.connection.scalars(EXPIRED, {"now": now}))


def live_counts(snapshot: Snapshot, agent_id: str | None = None) -> dict[str, dict[str, int]]:
    """Live attempts by agent and state, of one agent or of all."""
    counted = select(attempts.c.agent_id, attempts.c.state, func.count()).where(text(LIVE_ATTEMPT))
    mine = attempts.c.agent_id.is_not(None) if agent_id is None else attempts.c.agent_id == agent_id
    found: dict[str, dict[str, int]] = {}
    for agent, state, count in snapshot.connection.execute(
        counted.where(mine).group_by(attempts.c.agent_id, attempts.c.state)
    ):
        found.setdefault(agent, {})[state] = count
    return found


def in_hand(snapshot: Snapshot, agent_id: str, limit: int) -> list[InHand]:
    """What the agent has leased or runs, oldest lease first."""
    columns = (trials.c.id, trials.c.number, studies.c.id, studies.c.name)
    own = (attempts.c.state, attempts.c.node, attempts.c.leased_at)
    joined = (
        select(*columns, *own)
        .join(trials, trials.c.id == attempts.c.trial_id)
        .join(studies, studies.c.id == attempts.c.study_id)
        .where(text(f"attempts.{LIVE_ATTEMPT}"), attempts.c.agent_id == agent_id)
    )
    rows = snapshot.connection.execute(joined.order_by(attempts.c.leased_at, attempts.c.id).limit(limit))
    return [InHand(*row) for row in rows]


def add_late(tx: Transaction, new: Sequence[LateEventRow]) -> None:
    """Keeps late events; one that is there already stays as it is."""
    for event in new:
        there = select(late_events.c.seq).where(
            late_events.c.attempt_id == event.attempt_id, late_events.c.seq == event.seq
        )
        if tx.connection.execute(there).first() is None:
            insert_rows(tx.connection, LateEventRow, [event])


def late_of(snapshot: Snapshot, attempt_id: str) -> list[LateEventRow]:
    statement = select(late_events).where(late_events.c.attempt_id == attempt_id).order_by(late_events.c.seq)
    return [LateEventRow(*row) for row in snapshot.connection.execute(statement)]


def _rows(snapshot: Snapshot, statement: Select[*tuple[Any, ...]]) -> Iterator[AttemptRow]:
    for row in snapshot.connection.execute(statement):
        attempt = AttemptRow(*row)
        attempt.state = STATES[attempt.state]
        yield attempt
