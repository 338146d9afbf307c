"""The last points of a space that is nearly used up."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from caviar.domain.parameters import value_count
from caviar.domain.space import Space
from caviar.search.coarse_to_fine.keys import key
from caviar.search.grid_tree import GridTree
from caviar.search.permutation import Permutation
from caviar.search.randomness import generator

Floats = NDArray[np.float64]
_STREAM = 5
_DRAWS, _BATCHES = 1024, 16
_WIDEST = 100_000
"""A parameter with more values than this is not used up by trials: if draws find nothing, the constraints forbid it."""


def unused_point(space: Space, seed: int, number: int, used: AbstractSet[bytes]) -> Floats | None:
    """A feasible point not in `used`, by lot, then in a finite space by going through all; None when none is left."""
    rng = generator(seed, number, _STREAM)
    for _ in range(_BATCHES):
        found = _new(space, space.snap(rng.random((_DRAWS, space.dimension))), used)
        if found is not None or space.cardinality is not None:
            break
    if found is not None or space.cardinality is None:
        return found
    return _by_order(space, seed, used)


def _by_order(space: Space, seed: int, used: AbstractSet[bytes]) -> Floats | None:
    counts = {name: value_count(parameter) or 0 for name, parameter in space.parameters.items()}
    if max(counts.values(), default=1) > _WIDEST:
        return None
    tree = GridTree(space, counts)
    order = Permutation(tree.count, seed)
    for start in range(0, tree.count, _DRAWS):
        indexes = range(start, min(start + _DRAWS, tree.count))
        found = _new(space, np.array([tree.unit(order[index]) for index in indexes]), used)
        if found is not None:
            return found
    return None


def _new(space: Space, points: Floats, used: AbstractSet[bytes]) -> Floats | None:
    for row in np.flatnonzero(space.feasible(points)):
        if key(points[row]) not in used:
            found: Floats = points[row]
            return found
    return None
