"""The invariants, from the database, the history and the process table, after all has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.chaos.code.train import STEPS, value_of
from tests.simulation.checker import check
from tests.support.processes import processes_naming

from caviar.domain.states import TrialState
from caviar.engine.engine import Engine
from caviar.storage import attempts, studies, trials
from caviar.storage.database import Database

PERMITTED = frozenset({503, 507})


def violations(database: Database, history: Sequence[dict[str, Any]], folder: str, budget: int) -> list[str]:
    found = []
    try:
        check(Engine(database))  # I2 to I5
    except AssertionError as error:
        found.append(str(error))
    found += _reports(database, budget)
    said = {event["status"] for event in history if event["kind"] == "answer" and event["status"] >= 500}
    found += [f"I9: an answer of {status}" for status in sorted(said - PERMITTED)]
    left = processes_naming(folder)
    found += [f"I6: processes are left: {left}"] if left else []
    return found


def _reports(database: Database, budget: int) -> list[str]:
    """Every completed trial has each of its reports once, with the value that follows from its number (I1)."""
    found = []
    with database.read() as snapshot:
        study = next(each for each in studies.page(snapshot, limit=10) if each.name == "chaos")
        rows = trials.in_states(snapshot, study.id, [state.value for state in TrialState])
        if len(rows) != budget:
            found.append(f"I4: {len(rows)} trials of {budget}")
        for row in rows:
            if row.state is not TrialState.COMPLETED:
                found.append(f"I2: trial {row.number} is {row.state}: {row.reason_message}")
                continue
            counted = next(each for each in attempts.of_trial(snapshot, row.id) if each.state.value == "completed")
            stored = [(each.step, each.value) for each in trials.reports_of(snapshot, row.id, counted.number)]
            if stored != [(float(step), value_of(row.number, step)) for step in range(1, STEPS + 1)]:
                found.append(f"I1: trial {row.number} has the reports {stored}")
            if row.value != value_of(row.number, STEPS + 1):
                found.append(f"I5: trial {row.number} has the value {row.value}")
    return found
