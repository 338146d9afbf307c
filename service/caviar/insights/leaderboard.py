"""An honest ranking: what was repeated with other seeds has an interval, what can't be told apart shares a place, and
the winner's neighbourhood says whether it stands on flat ground."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from caviar.insights.documents import Document
from caviar.insights.thinning import best_rows
from caviar.insights.trial_columns import Mask
from caviar.insights.views import View
from caviar.search.repeating import ORIGIN

LEVEL: Final = 0.9
"""Of the intervals."""
_NEAR: Final = 0.15
_FEWEST: Final = 4
_FLAT, _CLIFF = 0.25, 0.6


@dataclass(frozen=True, slots=True)
class Entry:
    """A configuration: its first trial, and its losses. Where it was repeated twice or more, those of the repeats only:
    the first draw was chosen for being lucky."""

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
    """The first `limit` configurations by their first trial's own value, and all that were repeated."""
    repeats = _repeats(view)
    again = np.zeros(len(view.trials), np.bool_)
    again[[row for rows in repeats.values() for row in rows]] = True
    own = np.where(view.ranked & ~again, view.losses, np.nan)
    for row in dict.fromkeys([*best_rows(own, limit).tolist(), *repeats]):
        rows = repeats.get(row, [])
        yield Entry(row, tuple(view.losses[rows if len(rows) > 1 else [row, *rows]].tolist()))


def _repeats(view: View) -> dict[int, list[int]]:
    """First ranked row of a configuration to those of its repeats, which share its point of the cube."""
    origin = view.trials.texts["origin"].among((ORIGIN,)) & view.ranked
    points = {view.trials.units[row].tobytes() for row in np.flatnonzero(origin)}
    found: dict[bytes, list[int]] = {}
    for row in np.flatnonzero(view.ranked & _at_some(view, points)).tolist():
        if (point := view.trials.units[row].tobytes()) in points:
            found.setdefault(point, []).append(row)
    return {rows[0]: rows[1:] for rows in found.values()}


def _at_some(view: View, points: Collection[bytes]) -> Mask:
    """(n,), true at least where a row stands at one of the points: by the first coordinate alone."""
    return np.isin(view.trials.units[:, 0], [np.frombuffer(point)[0] for point in points])


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
