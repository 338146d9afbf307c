"""What the model is fitted to: losses made comparable, and a subset of them where there are very many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.randomness import uniforms

Floats = NDArray[np.float64]
_CEILING = 5.0
_SUBSETS = 2**40
"""Keeps the draws that choose subsets apart from any suggestion's."""


def targets(evidence: Evidence) -> Floats:
    """Losses centred on their median in units of how far the best tenth lies below it; what is hopeless is clipped.

    Stopped trials enter with what they showed at their own fidelity.
    """
    middle, good = np.median(evidence.losses), np.quantile(evidence.losses, 0.1)
    spread = float(middle - good)
    if spread <= 1e-12 * max(abs(middle), 1e-300):
        spread = float(evidence.losses.std()) or 1.0
    measured = np.where(evidence.fidelity < 1, evidence.raw, evidence.losses)
    clipped: Floats = np.clip((measured - middle) / spread, -np.inf, _CEILING)
    return clipped


@dataclass(frozen=True, slots=True)
class Sampler:
    """Chooses rows by a lottery that each trial enters with its own number: stable while the history grows."""

    seed: int

    def rows(self, evidence: Evidence, losses: Floats, limit: int) -> NDArray[np.intp]:
        """All rows if they are few; else the best half of `limit` and a random half from the rest, by number."""
        if len(losses) <= limit:
            return np.arange(len(losses))
        order = np.argsort(losses, kind="stable")
        best, rest = order[: limit // 2], order[limit // 2 :]
        entered = evidence.numbers - min(0, int(evidence.numbers[0]))  # inherited results are numbered below 0
        lots = uniforms(self.seed, _SUBSETS, int(entered[-1]) + 1, 1)[entered[rest], 0]
        drawn = rest[np.argsort(lots, kind="stable")[: limit - len(best)]]
        chosen: NDArray[np.intp] = np.sort(np.concatenate([best, drawn]))
        return chosen


def standardised(values: Floats) -> Floats:
    centred: Floats = values - values.mean()
    return centred / (float(values.std()) + 1e-9)
