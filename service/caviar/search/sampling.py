"""Points that hold the constraints: what a draw rejects is drawn again from the trial's own generator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.randomness import generator

Points = NDArray[np.float64]

_REDRAW = 1
_FEWEST, _MOST = 64, 65_536


def repaired(space: Space, seed: int, numbers: Sequence[int], units: Points) -> list[Points | None]:
    """Row i of `units` snapped where it is feasible, else a uniform feasible point drawn for numbers[i].

    None where some hundred thousand draws found nothing: the constraints leave (almost) no room.
    """
    snapped = space.snap(units)
    fine = space.feasible(snapped)
    return [
        snapped[row] if fine[row] else first_feasible(space, generator(seed, number, _REDRAW))
        for row, number in enumerate(numbers)
    ]


def first_feasible(space: Space, rng: np.random.Generator) -> Points | None:
    """The first uniform point that holds the constraints, looked for in ever larger batches."""
    batch = _FEWEST
    while batch <= _MOST:
        drawn = space.snap(rng.random((batch, space.dimension)))
        fine = np.flatnonzero(space.feasible(drawn))
        if len(fine):
            found: Points = drawn[fine[0]]
            return found
        batch *= 4
    return None
