"""What importance is judged from: a bounded number of trials, so that it costs the same at 100 and at 100,000."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from caviar.domain.space import Space
from caviar.insights.thinning import best_rows, spread
from caviar.insights.trial_columns import Floats, Mask, Rows
from caviar.insights.views import View

MOST: Final = 2_000
STRATA: Final = (0.0, 0.05, 0.1, 0.2, 1.0)
"""Of the ranking: where good is told from bad, more is looked at than further down."""
SEED: Final = 20_260_101


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """(n,) `losses`, best first; inf: stopped early, so worse than what was not, by how much nobody knows. `units`
    (n, d) and whether each is `active`. `weights` (n,): how many trials of the study a row stands for."""

    space: Space
    losses: Floats
    units: Floats
    active: Mask
    weights: Floats
    total: int

    def __len__(self) -> int:
        return len(self.losses)


def gather(view: View, most: int = MOST) -> Evidence:
    """All completed trials, and those that were stopped; of more than `most`, an even share of each stratum."""
    stopped = view.trials.texts["state"].among(("stopped",))
    losses = np.where(stopped, np.inf, view.losses)
    rows = np.flatnonzero(view.ranked | stopped)
    ordered = rows[best_rows(losses[rows], len(rows))]
    places, weights = _strata(len(ordered), most)
    chosen = ordered[places]
    units, space = view.trials.units[chosen], view.spec.space
    return Evidence(space, losses[chosen], units, space.active(units), weights, len(ordered))


def _strata(count: int, most: int) -> tuple[Rows, Floats]:
    """(places in the ranking, how many each stands for)."""
    if count <= most:
        return np.arange(count), np.ones(count)
    edges = [round(share * count) for share in STRATA]
    parts = [low + spread(high - low, most // (len(edges) - 1)) for low, high in pairwise(edges)]
    sizes = [(high - low) / len(part) for (low, high), part in zip(pairwise(edges), parts, strict=True)]
    weights = [np.full(len(part), size) for part, size in zip(parts, sizes, strict=True)]
    return np.concatenate(parts), np.concatenate(weights)


def generator() -> np.random.Generator:
    """The same numbers for the same trials: a picture that is drawn twice is the same twice."""
    return np.random.Generator(np.random.Philox(SEED))
