"""An honest ranking: what was repeated with other seeds has an interval, what can't be told apart shares a place, and
the winner's neighbourhood says whether it stands on flat ground."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from caviar.insights.documents import Document
from caviar.insights.thinning import best_rows
from caviar.insights.trial_columns import Mask
from caviar.insights.views import View

LEVEL: Final = 0.9
"""Of the intervals."""
_REPEAT: Final = "repeat:"
_NEAR: Final = 0.15
_FEWEST: Final = 4
_FLAT, _CLIFF = 0.25, 0.6


@dataclass(frozen=True, slots=True)
class Entry:
    """A configuration: its first trial, and all its losses."""

    row: int
    losses: tuple[float, ...]

    @property
    def mean(self) -> float:
        return math.fsum(self.losses) / len(self.losses)

    def half(self, deviation: float | None) -> float | None:
        """Half the interval of the mean; None where the noise is not known."""
        if deviation is None or len(self.losses) < 2:
            return None
        return deviation / math.sqrt(len(self.losses))


def leaderboard(view: View, limit: int) -> Document:
    from scipy.special import stdtrit  # noqa: PLC0415 - a fifth of what a service's start would import

    entries = sorted(_entries(view, limit), key=lambda entry: entry.mean)[:limit]
    deviation, freedom = _noise(entries)
    reach = None if deviation is None else deviation * float(stdtrit(freedom, (1 + LEVEL) / 2))
    places = _places(entries, reach)
    items = [_item(view, entry, reach, place) for entry, place in zip(entries, places, strict=True)]
    ground = neighbourhood(view, entries[0].row) if entries else None
    return {"revision": view.revision, "repeated": reach is not None, "items": items, "ground": ground}


def _entries(view: View, limit: int) -> Iterator[Entry]:
    """Trial n and those whose origin is `repeat:n`; the first `limit` by their own value, and all that were
    repeated."""
    repeats = _repeats(view)
    own = np.where(view.ranked & ~_is_repeat(view), view.losses, np.nan)
    rows = dict.fromkeys([*best_rows(own, limit).tolist(), *(row for row in repeats if not np.isnan(own[row]))])
    for row in rows:
        again = [float(view.losses[each]) for each in repeats.get(row, ())]
        yield Entry(row, (float(view.losses[row]), *again))


def _is_repeat(view: View) -> Mask:
    origin = view.trials.texts["origin"]
    return origin.among([name for name in origin.names if name.startswith(_REPEAT)])


def _repeats(view: View) -> dict[int, list[int]]:
    """Row of a configuration to the rows of its repeats that have a value."""
    found: dict[int, list[int]] = {}
    origin = view.trials.texts["origin"]
    rows = np.flatnonzero(_is_repeat(view) & view.ranked)
    for row, text in zip(rows.tolist(), origin.texts(rows), strict=True):
        number = (text or "").removeprefix(_REPEAT).partition(":")[0]
        for first in view.trials.rows_of([int(number)] if number.isdecimal() else []).tolist():
            found.setdefault(first, []).append(row)
    return found


def _noise(entries: list[Entry]) -> tuple[float | None, int]:
    """(pooled deviation between seeds, its degrees of freedom)."""
    freedom = sum(len(entry.losses) - 1 for entry in entries)
    if freedom < 1:
        return None, 0
    squares = math.fsum((loss - entry.mean) ** 2 for entry in entries for loss in entry.losses)
    return math.sqrt(squares / freedom), freedom


def _places(entries: list[Entry], reach: float | None) -> list[int]:
    """A configuration shares the place of the first one that it can't be told from."""
    places: list[int] = []
    leader = 0
    for index, entry in enumerate(entries):
        if index and _apart(entries[leader], entry, reach):
            leader = index
        places.append(leader + 1)
    return places


def _apart(first: Entry, second: Entry, reach: float | None) -> bool:
    """Whether the difference of two means is beyond what seeds alone make."""
    if reach is None:
        return second.mean > first.mean
    return second.mean - first.mean > reach * math.sqrt(1 / len(first.losses) + 1 / len(second.losses))


def _item(view: View, entry: Entry, reach: float | None, place: int) -> Document:
    half = entry.half(reach)
    sign = 1.0 if view.spec.minimizes else -1.0
    ends = sorted((sign * (entry.mean - half), sign * (entry.mean + half))) if half is not None else None
    units = view.trials.units[entry.row : entry.row + 1]
    return {
        "place": place,
        "number": int(view.trials.number[entry.row]),
        "value": sign * entry.mean,
        "values": [sign * loss for loss in entry.losses],
        "low": None if ends is None else ends[0],
        "high": None if ends is None else ends[1],
        "params": view.spec.space.decode(units)[0],
    }


def neighbourhood(view: View, row: int) -> Document:
    """Flat or cliff: how much of the way from the best to the median trial its nearest neighbours (within 0.15 of the
    cube in every active parameter) lose."""
    losses, units = np.where(view.ranked, view.losses, np.nan), view.trials.units
    active = view.spec.space.active(units[row : row + 1])[0]
    far = np.abs(units[:, active] - units[row, active]).max(axis=1) if active.any() else np.ones(len(units))
    near = np.flatnonzero((far <= _NEAR) & ~np.isnan(losses))
    near = near[near != row]
    middle = float(np.nanmedian(losses))
    if len(near) < _FEWEST or middle <= losses[row]:
        return {"kind": "unknown", "neighbours": len(near), "lost": None}
    lost = float((np.median(losses[near]) - losses[row]) / (middle - losses[row]))
    kind = "flat" if lost <= _FLAT else "cliff" if lost >= _CLIFF else "slope"
    return {"kind": kind, "neighbours": len(near), "lost": round(lost, 4)}
