"""What a trial reported, column by column, thinned to what a screen shows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.numbers import json_number, parse_metric
from caviar.storage import trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import ReportRow, TrialRow

MOST_POINTS = 2_000
MOST_METRICS = 200


def trial_metrics(snapshot: Snapshot, trial: TrialRow, points: int = MOST_POINTS) -> dict[str, list[Any]]:
    """`{"step": [...], "val_error": [...]}`: at most `points` rows; null where a step lacks a metric. Of what an
    attempt reported, the steps stand that no later attempt did again."""
    return columns(continued(trials.reports_of(snapshot, trial.id)), points)


def continued(reports: Sequence[ReportRow]) -> list[ReportRow]:
    """The reports (in the order they were made) of a training that was taken up again: an attempt replaces whatever
    earlier ones reported from its own first step on."""
    stands: list[ReportRow] = []
    attempt = 0
    for report in reports:
        if report.attempt != attempt:
            attempt = report.attempt
            stands = [each for each in stands if each.step < report.step]
        stands.append(report)
    return stands


def columns(reports: Sequence[ReportRow], points: int) -> dict[str, list[Any]]:
    names = _names(reports)
    kept = thinned({name: _numbers(reports, name) for name in names}, len(reports), points)
    shown = [reports[index] for index in kept]
    series = {name: [report.metrics.get(name) for report in shown] for name in names}
    return {"step": [json_number(report.step) for report in shown], **series}


def thinned(series: Mapping[str, NDArray[np.float64]], length: int, points: int) -> list[int]:
    """Indexes to keep, at most `points`, ascending: of each of so many equal buckets the first and the last row, and
    the rows where each series is at its minimum and maximum there."""
    if length <= points:
        return list(range(length))
    ends = {0, length - 1}
    buckets = (points - 2) // (2 + 2 * len(series))
    if buckets == 0:
        first = next(iter(series.values()), np.empty(length))
        return sorted(ends | set(sorted(_extremes(first, 0, length) - ends)[: points - 2]))
    kept = set(ends)
    edges = np.linspace(0, length, buckets + 1).astype(int)
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        kept |= {start, stop - 1}
        for values in series.values():
            kept |= _extremes(values, start, stop)
    return sorted(kept)


def _extremes(values: NDArray[np.float64], start: int, stop: int) -> set[int]:
    part = values[start:stop]
    if not np.isfinite(part).any():
        return set()
    low, high = np.where(np.isfinite(part), part, np.inf), np.where(np.isfinite(part), part, -np.inf)
    return {start + int(np.argmin(low)), start + int(np.argmax(high))}


def _names(reports: Sequence[ReportRow]) -> list[str]:
    """In the order in which they were first reported; a metric called "step" is the step itself."""
    seen: dict[str, None] = {}
    for report in reports:
        seen.update(dict.fromkeys(report.metrics))
    seen.pop("step", None)
    return list(seen)[:MOST_METRICS]


def _numbers(reports: Sequence[ReportRow], name: str) -> NDArray[np.float64]:
    return np.fromiter((_number(report.metrics.get(name)) for report in reports), float, len(reports))


def _number(value: Any) -> float:
    return np.nan if value is None else parse_metric(value)
