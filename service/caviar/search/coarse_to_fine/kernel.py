"""How alike the losses of two points are thought to be: a smooth part, a rough one, and a trend along each axis."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AnyFloats = NDArray[np.floating]
ROOT5 = sqrt(5.0)
USUAL_NOISE, USUAL_TREND, USUAL_ROUGH = log(0.01), log(0.1), log(0.03)
_WAVES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """Length-scales of the parameters; then the variances of noise, trend and roughness as shares of the smooth
    part's. All as logarithms."""

    lengths: Floats
    noise: float
    trend: float = USUAL_TREND
    rough: float = USUAL_ROUGH

    @classmethod
    def usual(cls, parameters: int) -> Scales:
        """The prior's centre: length-scales grow with the root of the dimension (Hvarfner et al. 2024)."""
        return cls(np.full(parameters, log(0.35) + 0.5 * log(max(parameters, 1))), USUAL_NOISE)


def waves(features: Floats, groups: NDArray[np.int64]) -> Floats:
    """What a trend is made of: of each ordered feature the cosines of half a wave and of a whole one, half as high,
    over its range (a slope and a bowl); indicators of choices as they are."""
    counts = np.bincount(groups)
    hot = counts[groups] > 1
    angles = np.pi * features[:, ~hot]
    parts = [features[:, hot], *(np.cos(k * angles) / k for k in range(1, _WAVES + 1))]
    result: Floats = np.hstack(parts) / sqrt(len(counts))
    return result


def similarity(squared: AnyFloats, rough: float) -> AnyFloats:
    """Matérn 5/2 + rough × Matérn 1/2 of half the range, of the squared scaled distance, which is overwritten."""
    distance = np.sqrt(squared)
    distance *= ROOT5
    squared *= 5 / 3
    squared += distance
    squared += 1
    np.negative(distance, out=distance)
    decay = np.exp(distance, out=distance)
    squared += rough * decay
    decay *= squared
    return decay


def squared_distances(left: Floats, right: Floats) -> Floats:
    cross = (-2 * left) @ right.T
    cross += (left * left).sum(1)[:, None]
    cross += (right * right).sum(1)[None]
    return np.maximum(cross, 0, out=cross)


class Kernel:
    """Covariances of points coded once: scaled features, then waves."""

    def __init__(self, groups: NDArray[np.int64], scales: Scales) -> None:
        self._groups, self._split = groups, len(groups)
        self._inverse = np.exp(-scales.lengths)[groups]
        self._rough, self._height = float(np.exp(scales.rough)), float(np.exp(scales.trend / 2))

    def coded(self, features: Floats) -> Floats:
        return np.hstack([features * self._inverse, waves(features, self._groups) * self._height])

    def between(self, left: Floats, right: Floats, precision: type[np.floating] = np.float64) -> Any:
        """(n, m) covariances of n and m coded points."""
        split = self._split
        squared = squared_distances(left[:, :split], right[:, :split]).astype(precision, copy=False)
        cross = similarity(squared, self._rough)
        cross += left[:, split:] @ right[:, split:].T
        return cross

    def variances(self, coded: Floats) -> Floats:
        """(n,) of each point with itself."""
        trend = coded[:, self._split :]
        own: Floats = 1 + self._rough + np.einsum("ij,ij->i", trend, trend)
        return own
