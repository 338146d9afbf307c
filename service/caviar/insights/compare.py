"""Trials side by side: what they have in common, what differs, and their curves over one axis of steps."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from caviar.domain.errors import InvalidInput, Problem
from caviar.insights.documents import Document, trial_document
from caviar.insights.views import View
from caviar.storage import curves, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import TrialRow

MOST: Final = 20
_POINTS: Final = 250


def compare(snapshot: Snapshot, view: View, numbers: Sequence[int], metric: str | None) -> Document:
    """In the order of `numbers`. `parameters` that differ come first; `values` has a row a trial, None where it did
    not report that step. Raises InvalidInput for trials that there are not."""
    found = trials.by_numbers(snapshot, view.study.id, numbers)
    missing = [number for number in numbers if number not in found]
    if missing:
        raise InvalidInput([Problem("/trials", f"the study has no trial {missing[0]}")])
    shown = [found[number] for number in numbers]
    own = view.spec.metric.name
    steps, values = _series(snapshot, view.study.id, numbers, None if metric in (None, own) else metric)
    return {
        "revision": view.revision,
        "trials": [trial_document(trial) for trial in shown],
        "parameters": sorted(_parameters(shown), key=lambda row: not row["differs"]),
        "metric": metric or own,
        "steps": steps,
        "values": values,
    }


def _parameters(shown: Sequence[TrialRow]) -> list[Document]:
    names = dict.fromkeys(name for trial in shown for name in trial.params)
    return [_parameter(name, shown) for name in names]


def _parameter(name: str, shown: Sequence[TrialRow]) -> Document:
    """`has`: whether the trial has the parameter at all (a value may be null)."""
    has = [name in trial.params for trial in shown]
    values = [trial.params.get(name) for trial in shown]
    differs = len({(there, type(value), value) for there, value in zip(has, values, strict=True)}) > 1
    return {"name": name, "differs": differs, "has": has, "values": values}


def _series(
    snapshot: Snapshot, study_id: str, numbers: Sequence[int], metric: str | None
) -> tuple[list[float], list[list[Any]]]:
    """Of a step that was trained twice, the later value."""
    found: dict[int, dict[float, float]] = defaultdict(dict)
    for number, step, value in curves.reports_of_numbers(snapshot, study_id, numbers, metric, _POINTS):
        if value is not None:
            found[number][step] = value
    steps = sorted({step for curve in found.values() for step in curve})
    return steps, [[found[number].get(step) for step in steps] for number in numbers]
