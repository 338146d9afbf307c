"""How far a study is, when it will end and what it has cost, from what is kept with it: no trial is read. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from caviar.domain.states import StudyState, is_terminal
from caviar.engine.marks import Mark, ended
from caviar.insights.documents import Document, timestamp
from caviar.insights.ranges import FEWEST, sum_range
from caviar.storage.rows import StudyRow

RECENT: Final = 16
"""Stretches between marks that the pace is judged by."""


def progress(study: StudyRow) -> Document:
    """`eta` null: `eta_reason` says why. `best_so_far` is a sparkline, evenly spaced in ended trials."""
    count, budget = ended(study), int(study.spec["budget"]["trials"])
    found = expected_end(study, max(0, budget - count))
    eta, reason = (None, found) if isinstance(found, str) else (found, None)
    return {
        "ended": count,
        "budget": budget,
        "share": round(min(1.0, count / budget), 6),
        "eta": eta,
        "eta_reason": reason,
        "compute_seconds": round(study.compute_seconds or 0.0, 3),
        "best_so_far": best_so_far(study),
    }


def best_so_far(study: StudyRow) -> list[float]:
    """The best value at each mark that had one, and now."""
    now = [] if study.best_value is None else [study.best_value]
    return [mark[2] for mark in study.marks or () if mark[2] is not None] + now


def expected_end(study: StudyRow, left: int) -> Document | str:
    """When the budget will be used up, as times, four in five cases between `low` and `high`; or why that can't be
    said. No later than the study's deadline."""
    if is_terminal(study.state):
        return f"it is {study.state.value}"
    if study.state is not StudyState.RUNNING:
        return "it is paused" if study.state is StudyState.PAUSED else "it has not begun"
    gaps, stride = _stretches(study.marks or ())
    seconds = sum_range(gaps, left / stride)
    if seconds is None:
        return f"too few trials have ended to say: {ended(study)}, it takes {FEWEST} since it last went on"
    if not study.running:
        return "no trial runs now"
    at, count, *_ = (study.marks or [])[-1]
    reached = at + (ended(study) - count) * float(gaps.mean()) / stride
    ends = {name: reached + length for name, length in seconds.items()}
    latest = study.deadline_at or float("inf")
    return {name: timestamp(min(at, latest)) for name, at in ends.items()}


def _stretches(marks: Sequence[Mark]) -> tuple[Any, float]:
    """(seconds of each of the latest stretches, trials that ended in one): stretches of another length are scaled, and
    those with a pause in them left out."""
    pairs = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(marks) if not after[3]]
    latest = np.array([pair for pair in pairs if pair[1] > 0][-RECENT:], float).reshape(-1, 2)
    stride = float(latest[:, 1].mean()) if len(latest) else 1.0
    return latest[:, 0] * stride / latest[:, 1], stride
