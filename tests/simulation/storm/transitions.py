"""Every change of a state that was committed, written down by triggers of the database itself (I7)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import text

from caviar.domain.states import (
    ATTEMPT_TRANSITIONS,
    STUDY_TRANSITIONS,
    TRIAL_TRANSITIONS,
    AttemptState,
    StudyState,
    TrialState,
)
from caviar.storage.database import Database

_KINDS: Mapping[str, tuple[Any, Mapping[Any, Collection[Any]]]] = {
    "studies": (StudyState, STUDY_TRANSITIONS),
    "trials": (TrialState, TRIAL_TRANSITIONS),
    "attempts": (AttemptState, ATTEMPT_TRANSITIONS),
}


def watch(database: Database) -> None:
    with database.write() as tx:
        tx.connection.execute(text("CREATE TABLE watched (kind TEXT, id TEXT, old TEXT, new TEXT)"))
        for statement in _on_sqlite() if tx.is_sqlite else _on_postgres():
            tx.connection.execute(text(statement))


def _on_sqlite() -> Iterator[str]:
    for table in _KINDS:
        yield (
            f"CREATE TRIGGER watch_{table} AFTER UPDATE OF state ON {table} WHEN old.state <> new.state "
            f"BEGIN INSERT INTO watched VALUES ('{table}', old.id, old.state, new.state); END"
        )


def _on_postgres() -> Iterator[str]:
    yield (
        "CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO watched VALUES (TG_TABLE_NAME, old.id, old.state, new.state); RETURN NULL; END $$"
    )
    for table in _KINDS:
        yield (
            f"CREATE TRIGGER watch_{table} AFTER UPDATE OF state ON {table} FOR EACH ROW "
            "WHEN (old.state <> new.state) EXECUTE FUNCTION note_change()"
        )


def check_transitions(database: Database) -> None:
    """One commit may pass through several states; what no path leads to is a violation."""
    with database.read() as snapshot:
        seen = snapshot.connection.execute(text("SELECT DISTINCT kind, old, new FROM watched")).all()
    for kind, old, new in seen:
        states, followers = _KINDS[kind]
        assert states(new) in _reachable(states(old), followers), f"I7: {kind} went from {old} to {new}"


def _reachable(state: Any, followers: Mapping[Any, Collection[Any]]) -> set[Any]:
    found: set[Any] = set()
    edge = [state]
    while edge:
        for follower in followers[edge.pop()]:
            if follower not in found:
                found.add(follower)
                edge.append(follower)
    return found
