"""Which point is worth the next trial: the whole space and the boxes draw candidates, one model chooses among all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.acquisition import log_expected_improvement
from caviar.search.coarse_to_fine.candidates import BOX, EXPLORE, MODEL, ORIGINS, Candidates, jittered
from caviar.search.coarse_to_fine.coding import Coding
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.keys import keys
from caviar.search.coarse_to_fine.model import Posterior
from caviar.search.coarse_to_fine.region import Region
from caviar.search.coarse_to_fine.targets import Sampler, standardised, targets

Floats = NDArray[np.float64]
_MODEL_ROWS = 220
_BELIEVED = 150
_DRAWS, _AROUND_BEST = 350, 120
_BOX_DRAWS, _BOX_AROUND = 40, 30
_FINALISTS, _FINER_DRAWS, _FINER_FROM = 60, 70, 4
_BEST = 6
_AROUND, _FINER = 0.2, (0.12, 0.07, 0.04, 0.02)
"""Spread of points around the best, in sides of the region; then step by step closer to what promises most."""
_MOVED, _FINER_MOVED = 5, 0.7
"""About so many parameters are moved at once around the best; that share in the finer steps."""
_VARIED = 0.35
"""Share of suggestions made by the plain mean or an optimistic bound instead: variety for a batch."""


@dataclass(slots=True, eq=False)
class Proposer:
    """Suggests one point after another, each believed by the model before the next is sought."""

    space: Space
    regions: Sequence[Region]
    coding: Coding
    posterior: Posterior
    elite: Floats
    best: float

    @classmethod
    def of(
        cls,
        space: Space,
        seed: int,
        evidence: Evidence,
        regions: Sequence[Region],
        scales: Mapping[str, float],
        count: int,
    ) -> Proposer:
        """`regions` begins with the whole space; `scales` are as a round stores them."""
        coding = Coding(space, learning=bool((evidence.fidelity < 1).any()))
        rows = Sampler(seed).rows(evidence, evidence.losses, _MODEL_ROWS)
        wanted = standardised(targets(evidence)[rows])
        features = coding.features(evidence.units[rows], evidence.fidelity[rows])
        running = evidence.running[-_BELIEVED:]
        posterior = Posterior(features, coding.groups, wanted, coding.scales_from(scales), len(running) + count)
        means = posterior.mean(coding.features(evidence.units[rows]))
        posterior.believe(coding.features(running))
        elite = evidence.units[rows][np.argsort(means, kind="stable")[:_BEST]]
        return cls(space, regions, coding, posterior, elite, float(means.min()))

    def next(self, rng: np.random.Generator, used: AbstractSet[bytes]) -> tuple[Floats, str] | None:
        """A point not in `used` and where it came from; None when no draw was new and held the constraints."""
        bold = self._bold(rng)
        pool = self._finalists(self._pool(rng), bold, used)
        if not len(pool):
            return None
        promise = self._promise(pool.units, bold)
        for spread in _FINER:
            base = pool.units[np.argsort(-promise, kind="stable")[:_FINER_FROM]]
            points = jittered(
                self.space, rng, base, self.regions[0], spread=spread, count=_FINER_DRAWS, moved=_FINER_MOVED
            )
            finer = Candidates.of(self.space, [(points, MODEL)])
            pool, promise = pool + finer, np.append(promise, self._promise(finer.units, bold))
        chosen = _unused(pool.units, np.argsort(-promise, kind="stable"), used, 1)
        return pool.units[chosen[0]], ORIGINS[pool.origins[chosen[0]]]

    def take(self, unit: Floats) -> None:
        """Believe that the point runs."""
        self.posterior.believe(self.coding.features(unit[None]))

    def _bold(self, rng: np.random.Generator) -> float | None:
        """What this suggestion maximises: None, the expected improvement; else −(mean − bold × deviation)."""
        if rng.random() >= _VARIED:
            return None
        return 0.0 if rng.random() < 0.5 else 2.0

    def _promise(self, units: Floats, bold: float | None, precision: type[np.floating] = np.float64) -> Floats:
        mean, deviation = self.posterior.predict(self.coding.features(units), precision)
        if bold is None:
            return log_expected_improvement(mean, deviation, self.best)
        promise: Floats = bold * deviation - mean
        return promise

    def _pool(self, rng: np.random.Generator) -> Candidates:
        """Random points and points around the best of all results: of the whole space, and denser in each box."""
        whole, *boxes = self.regions
        parts = [(whole.draw(rng, _DRAWS), EXPLORE), (self._around(rng, whole, _AROUND_BEST), MODEL)]
        for box in boxes:
            parts += [(box.draw(rng, _BOX_DRAWS), BOX), (self._around(rng, box, _BOX_AROUND), MODEL)]
        return Candidates.of(self.space, parts)

    def _around(self, rng: np.random.Generator, region: Region, count: int) -> Floats:
        few = min(1.0, _MOVED / self.space.dimension)
        return jittered(self.space, rng, self.elite, region, spread=_AROUND, count=count, moved=few)

    def _finalists(self, pool: Candidates, bold: float | None, used: AbstractSet[bytes]) -> Candidates:
        """Those that promise most at first sight, which single precision is good enough for."""
        if not len(pool):
            return pool
        order = np.argsort(-self._promise(pool.units, bold, np.float32), kind="stable")
        return pool[_unused(pool.units, order, used, _FINALISTS)]


def _unused(units: Floats, order: NDArray[np.intp], used: AbstractSet[bytes], count: int) -> list[int]:
    """The first `count` rows in this order whose points are new."""
    found = keys(units)
    return [row for row in order.tolist() if found[row] not in used][:count]
