"""The invariants of FAULTS (I1 to I9), from the history, the database and the process table, after all has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.chaos.code.train import STEPS, value_of
from benchmarks.chaos.history import History
from sqlalchemy import select
from tests.simulation.checker import check
from tests.simulation.storm.transitions import check_transitions

from caviar.domain.document import parse_study
from caviar.domain.states import AttemptState, TrialState
from caviar.engine.engine import Engine
from caviar.search.build import build_searcher
from caviar.search.history import HistoryBuffer
from caviar.storage import attempts, studies, trials
from caviar.storage.database import Database, Snapshot
from caviar.storage.rows import StudyRow, TrialRow
from caviar.storage.tables import attempts as attempts_table
from caviar.storage.tables import late_events, reports

PERMITTED = frozenset({503, 507})
SHOWN = 20


def violations(database: Database, history: History, budget: int) -> list[str]:
    """At most SHOWN of each kind. The study is named chaos, its search has no memory."""
    found = [*_said_by(lambda: check(Engine(database))), *_said_by(lambda: check_transitions(database))]
    with database.read() as snapshot:
        study = studies.find(snapshot, "chaos")
        assert study is not None
        rows = trials.in_states(snapshot, study.id, [state.value for state in TrialState])
        found += [f"I4: {len(rows)} trials of {budget}"] if len(rows) != budget else []
        found += [line for row in rows for line in _of_trial(snapshot, row)][:SHOWN]
        found += _acknowledged(snapshot, history)[:SHOWN]
        found += _suggestions(study, rows)[:SHOWN]
        found += [f"I6: {len(attempts.live(snapshot))} attempts live"] if attempts.live(snapshot) else []
    said = {event["status"] for event in history.of("answer") if event["status"] >= 500}
    return found + [f"I9: an answer of {status}" for status in sorted(said - PERMITTED)]


def _said_by(holds: Callable[[], None]) -> list[str]:
    try:
        holds()
    except AssertionError as error:
        return [str(error)]
    return []


def _of_trial(snapshot: Snapshot, row: TrialRow) -> Iterator[str]:
    """A completed trial has each of its reports once, with the value that follows from its number (I1, I5)."""
    if row.state is not TrialState.COMPLETED:
        yield f"I2: trial {row.number} is {row.state}: {row.reason_message}"
        return
    made = attempts.of_trial(snapshot, row.id)
    counted = next(each for each in made if each.state is AttemptState.COMPLETED)
    stored = [(each.step, each.value) for each in trials.reports_of(snapshot, row.id, counted.number)]
    if stored != [(float(step), value_of(row.number, step)) for step in range(1, STEPS + 1)]:
        yield f"I1: trial {row.number} has the reports {stored}"
    if row.value != value_of(row.number, STEPS + 1):
        yield f"I5: trial {row.number} has the value {row.value}"


def _acknowledged(snapshot: Snapshot, history: History) -> list[str]:
    """Each acknowledged report is stored once: counted, or late (I1). So is each acknowledged end."""
    joined = select(attempts_table.c.id, reports.c.seq).join(
        reports, (reports.c.trial_id == attempts_table.c.trial_id) & (reports.c.attempt == attempts_table.c.number)
    )
    counted = _by_attempt(snapshot.connection.execute(joined))
    late = _by_attempt(snapshot.connection.execute(select(late_events.c.attempt_id, late_events.c.seq)))
    named = snapshot.connection.execute(select(attempts_table.c.id, attempts_table.c.state))
    states = {attempt: state for attempt, state in named}  # noqa: C416  rows are no pairs to dict()
    found = []
    for event in history.of("ack"):
        attempt, seq = event["attempt"], event["seq"]
        stored = (seq in counted[attempt]) + (seq in late[attempt])
        if event["event"] == "report" and stored != 1:
            found.append(f"I1: report {seq} of attempt {attempt} is stored {stored} times")
        if event["event"] == "finished" and states.get(attempt) != "completed" and seq not in late[attempt]:
            found.append(f"I1: attempt {attempt} has finished and is {states.get(attempt)}")
    return found


def _by_attempt(pairs: Any) -> defaultdict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for attempt, seq in pairs:
        found[attempt].add(seq)
    return found


def _suggestions(study: StudyRow, rows: list[TrialRow]) -> list[str]:
    """Those of a run that nothing disturbs (I8)."""
    spec = parse_study(study.spec)
    searcher = build_searcher(spec.space, spec.search, spec.budget.trials, study.seed)
    plan = searcher.suggest(HistoryBuffer(spec.space.dimension).view(), [], 0, len(rows))
    calm = {each.number: each.params for each in plan.suggestions}
    return [f"I8: trial {row.number} has {row.params}" for row in rows if row.params != calm[row.number]]
