"""Points among which the model chooses: random ones, and copies of good ones moved a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.region import Region

Floats = NDArray[np.float64]
_SWAPPED = 0.5
"""About so many choices of a copy are drawn anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Snapped points that hold the constraints, and where each came from."""

    units: Floats
    origins: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.units)

    def __add__(self, other: Candidates) -> Candidates:
        return Candidates(np.vstack([self.units, other.units]), self.origins + other.origins)

    @classmethod
    def of(cls, space: Space, points: Floats, origin: str) -> Candidates:
        points = space.snap(np.clip(points, 0, 1))
        if space.constraints:
            points = points[space.feasible(points)]
        return cls(points, (origin,) * len(points))


def jittered(
    space: Space, rng: np.random.Generator, base: Floats, region: Region, *, spread: float, count: int, moved: float
) -> Floats:
    """(count, d) copies of rows of `base`, each coordinate moved with probability `moved` by about `spread` of the
    region's side, at least by about a cell, reflected at the cube's faces; choices are drawn anew here and there."""
    points = base[rng.integers(len(base), size=count)]
    steps = np.maximum(spread * region.width, np.where(space.cells > 0, 0.6 / np.maximum(space.cells, 1), 0))
    shifted = points + rng.standard_normal(points.shape) * steps * (rng.random(points.shape) < moved)
    reflected: Floats = np.clip(1 - np.abs(1 - np.abs(shifted)), 0, 1)
    choice = space.is_choice
    if not choice.any():
        return reflected
    swapped = rng.random(points.shape) < _SWAPPED / choice.sum()
    redrawn: Floats = np.where(choice, np.where(swapped, region.draw(rng, count), points), reflected)
    return redrawn
