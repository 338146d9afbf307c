"""A region: an interval for each ordered parameter, weights for each unordered choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space

Floats = NDArray[np.float64]
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """`low` and `high` are (d,) in the unit cube; `weights` maps an unordered choice's column to its k weights."""

    low: Floats
    high: Floats
    weights: Mapping[int, Floats]

    @classmethod
    def whole(cls, space: Space) -> Region:
        weights = {int(j): np.full(space.cells[j], 1 / space.cells[j]) for j in np.flatnonzero(space.is_choice)}
        return cls(np.zeros(space.dimension), np.ones(space.dimension), weights)

    @property
    def width(self) -> Floats:
        return self.high - self.low

    def contains(self, places: Floats, margin: float = 0.0) -> NDArray[np.bool_]:
        """(n,) which places lie inside, when every side is widened by `margin` of its width on both ends.

        A side says nothing of a parameter that is not in force (NaN, see `places_of`).
        """
        slack = margin * self.width + _TOLERANCE
        inside = (places >= self.low - slack) & (places <= self.high + slack)
        absent = np.isnan(places)
        for column, weights in self.weights.items():
            cells = cell_of(np.where(absent[:, column], 0.0, places[:, column]), len(weights))
            inside[:, column] = weights[cells] > 0
        result: NDArray[np.bool_] = np.asarray((inside | absent).all(axis=1))
        return result

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """(count, d) uniform points of the region, not snapped."""
        points = self.low + rng.random((count, len(self.low))) * self.width
        for column, weights in self.weights.items():
            chosen = np.searchsorted(np.cumsum(weights), points[:, column] * weights.sum(), side="right")
            points[:, column] = (np.minimum(chosen, len(weights) - 1) + 0.5) / len(weights)
        return points


def places_of(space: Space, units: Floats) -> Floats:
    """`units` with NaN where a parameter is not in force: its 0.5 is no evidence of anything."""
    return np.where(space.active(units), units, np.nan)


def cell_of(units: Floats, cells: int) -> NDArray[np.int64]:
    return np.minimum((units * cells).astype(np.int64), cells - 1)
