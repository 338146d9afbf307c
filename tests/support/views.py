"""Studies as the read model holds them, made of numbers: no database, no time."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from caviar.domain.document import parse_study
from caviar.domain.states import StudyState
from caviar.insights.trial_columns import FIELDS, TrialColumns
from caviar.insights.views import View
from caviar.storage.rows import StudyRow

NOW = 1_800_000_000.0
Row = dict[str, Any]


def view_of(
    space: Mapping[str, Any],
    losses: Callable[[np.ndarray], np.ndarray],
    count: int,
    *,
    stopped_above: float = np.inf,
    seed: int = 1,
    change: Callable[[Row], Row] = lambda row: row,
    **document: Any,
) -> View:
    """`count` trials at random in the unit cube, each a second long and one after the other; `change` may alter a row
    (by the names in FIELDS) before it is stored."""
    whole = {"name": "made", "metric": {"name": "loss"}, "train": {"external": True}, "space": dict(space), **document}
    spec = parse_study(whole)
    units = spec.space.snap(np.random.default_rng(seed).random((count, spec.space.dimension)))
    values = losses(units).tolist()
    rows = [_row(number, units[number], values[number], stopped_above) for number in range(count)]
    columns = TrialColumns.empty(spec.space.dimension)
    columns = columns.updated([tuple(change(row)[name] for name in FIELDS) for row in rows])
    return View(study_row(whole, columns), spec, 7, columns)


def _row(number: int, unit: np.ndarray, value: float, stopped_above: float) -> Row:
    state = "stopped" if value > stopped_above else "completed"
    known: Row = {"number": number, "unit": unit.tobytes(), "value": value, "state": state, "origin": "random"}
    known |= {"round": 0, "step": 10.0, "attempts": 1, "failures": 0, "losses": 0, "seconds": 1.0, "node": "host-1"}
    known |= {"created_at": NOW + number, "started_at": NOW + number, "finished_at": NOW + number + 1}
    return {name: known.get(name) for name in FIELDS}


def study_row(document: Mapping[str, Any], columns: TrialColumns) -> StudyRow:
    """A running study with these trials; its best is left out."""
    counters = {
        state: int(columns.texts["state"].among((state,)).sum())
        for state in ("waiting", "running", "paused", "completed", "stopped", "failed", "infeasible", "cancelled")
    }
    known: Row = {"id": "0190c0de-0000-7000-8000-000000000001", "name": "made", "state": StudyState.RUNNING}
    known |= {"spec": dict(document), "seed": 1, "revision": 7, "next_number": len(columns), "exhausted": False}
    known |= {"wanted": 0, "created_at": NOW, "started_at": NOW, **counters}
    return StudyRow(**{name: known.get(name) for name in StudyRow.__slots__})
