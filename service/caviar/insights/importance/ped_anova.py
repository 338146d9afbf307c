"""PED-ANOVA (Watanabe, Bansal & Hutter 2023, arXiv:2304.10255): a parameter matters as far as the good trials' values
of it differ from all trials' values, by the Pearson divergence of the two densities.

It needs ranks only, so diverged and stopped trials do no harm, and no model is fitted.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from caviar.insights.importance.evidence import Evidence, generator
from caviar.insights.trial_columns import Floats

CELLS: Final = 40
DRAWS: Final = 40
"""Of the bootstrap, and as many of chance."""
FEWEST: Final = 8
"""Good trials, below which nothing is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """(d,) the divergence of each parameter, (b, d) the same of resampled trials, and (d,) what chance alone reaches
    in 19 of 20 cases."""

    values: Floats
    resampled: Floats
    chance: Floats


def enough(evidence: Evidence, good: float, region: float) -> bool:
    return _count(evidence, good) >= FEWEST and _count(evidence, region) >= 2 * _count(evidence, good)


def ped_anova(evidence: Evidence, good: float, region: float = 1.0) -> Measured:
    """`good`: the share of all trials that are taken for good, `region`: the share they are compared with."""
    inside, rng = _count(evidence, region), generator()
    best = _count(evidence, good)
    is_good = np.arange(inside) < best
    sampled = rng.poisson(1.0, (DRAWS, inside)) * evidence.weights[:inside]
    mixed = np.array([rng.permutation(is_good) for _ in range(DRAWS)]) * evidence.weights[:inside]
    weights = np.vstack([evidence.weights[:inside], sampled])
    found, chance = [], []
    for column in range(evidence.space.dimension):
        density = _Density.of(evidence, column, inside)
        found.append(density.divergence(weights * is_good, weights))
        chance.append(np.quantile(density.divergence(mixed, evidence.weights[None, :inside]), 0.95))
    values = np.array(found).reshape(-1, DRAWS + 1)
    return Measured(values[:, 0], values[:, 1:].T, np.array(chance))


def _count(evidence: Evidence, share: float) -> int:
    """How many of the rows are the best `share` of the study's trials."""
    return int(np.searchsorted(np.cumsum(evidence.weights), share * evidence.weights.sum() + 1e-9, side="right"))


@dataclass(frozen=True, slots=True, eq=False)
class _Density:
    """One parameter's values, as the cell of each row (-1: inactive), and how a cell's weight spreads to others."""

    cell: Floats
    cells: int
    spread: Floats

    @classmethod
    def of(cls, evidence: Evidence, column: int, inside: int) -> "_Density":
        count = evidence.space.counts[column]
        cells = CELLS if count is None or count > CELLS else count
        units, active = evidence.units[:inside, column], evidence.active[:inside, column]
        cell = np.where(active, np.minimum(units * cells, cells - 1).astype(int), -1)
        plain = evidence.space.is_choice[column] or not active.any()
        return cls(cell, cells, np.eye(cells) if plain else _kernel(units[active], cells))

    def divergence(self, good: Floats, all_: Floats) -> Floats:
        """(b,) of weights (b, n): the integral of (p/q - 1)² q. Half a trial is spread over everything, so that an
        empty cell is no proof."""
        p, q = self._density(good), self._density(all_)
        return np.asarray(np.sum((p / q - 1.0) ** 2 * q, axis=1))

    def _density(self, weights: Floats) -> Floats:
        one_hot = (self.cell[:, None] == np.arange(self.cells)).astype(float)
        smooth = (weights @ one_hot) @ self.spread + 0.5 / self.cells
        return np.asarray(smooth / smooth.sum(axis=1, keepdims=True))


def _kernel(units: Floats, cells: int) -> Floats:
    """(c, c) Gaussian of Scott's width (of the narrower of deviation and quartiles), cut off at the ends."""
    low, high = np.quantile(units, [0.25, 0.75])
    width = 1.06 * min(float(units.std()), float(high - low) / 1.34 or 1.0) * len(units) ** -0.2
    centres = (np.arange(cells) + 0.5) / cells
    weight = np.exp(-0.5 * ((centres[:, None] - centres) / max(width, 0.5 / cells)) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
