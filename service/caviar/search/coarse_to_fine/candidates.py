"""Points among which the model chooses: random ones, and copies of good ones moved a little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.region import Region

Floats = NDArray[np.float64]
ORIGINS = ("explore", "box", "model")
"""Drawn from the whole space, from a box, or moved from good ones."""
EXPLORE, BOX, MODEL = range(len(ORIGINS))
_SWAPPED = 0.5
"""About so many choices of a copy are drawn anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Snapped points that hold the constraints, and the place in ORIGINS of where each came from."""

    units: Floats
    origins: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.units)

    def __add__(self, other: Candidates) -> Candidates:
        return Candidates(np.vstack([self.units, other.units]), np.append(self.origins, other.origins))

    def __getitem__(self, rows: Sequence[int]) -> Candidates:
        return Candidates(self.units[rows], self.origins[rows])

    @classmethod
    def of(cls, space: Space, parts: Sequence[tuple[Floats, int]]) -> Candidates:
        """From points (n, d) and their origin, part by part."""
        points = space.snap(np.clip(np.vstack([points for points, _ in parts]), 0, 1))
        origins = np.repeat(np.array([origin for _, origin in parts], np.int8), [len(points) for points, _ in parts])
        if not space.constraints:
            return cls(points, origins)
        rows = space.feasible(points)
        return cls(points[rows], origins[rows])


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
