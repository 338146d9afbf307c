"""Which point is worth the next trial: the whole space and the boxes draw candidates, one model chooses among all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.acquisition import log_expected_improvement
from caviar.search.coarse_to_fine.candidates import Candidates, jittered
from caviar.search.coarse_to_fine.coding import Coding
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.model import Posterior
from caviar.search.coarse_to_fine.region import Region
from caviar.search.coarse_to_fine.targets import Sampler, standardised, targets

Floats = NDArray[np.float64]
_MODEL_ROWS = 220
_BELIEVED = 150
_DRAWS, _AROUND_BEST = 400, 150
_BOX_DRAWS, _BOX_AROUND = 60, 40
_FINER_DRAWS, _FINER_FROM = 80, 4
_BEST = 6
_AROUND, _FINER = 0.2, (0.12, 0.08, 0.05, 0.03, 0.015)
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
        for believed in coding.features(running):
            posterior.believe(believed)
        elite = evidence.units[rows][np.argsort(means, kind="stable")[:_BEST]]
        return cls(space, regions, coding, posterior, elite, float(means.min()))

    def next(self, rng: np.random.Generator, used: AbstractSet[bytes]) -> tuple[Floats, str] | None:
        """A point not in `used` and where it came from; None when no draw was new and held the constraints."""
        score = self._score(rng)
        pool = self._pool(rng)
        if not len(pool):
            return None
        promise = score(pool.units)
        for spread in _FINER:
            base = pool.units[np.argsort(-promise, kind="stable")[:_FINER_FROM]]
            finer = self._around(rng, base, self.regions[0], spread, _FINER_DRAWS, _FINER_MOVED)
            if len(finer):
                pool, promise = pool + finer, np.concatenate([promise, score(finer.units)])
        order = np.argsort(-promise, kind="stable")
        chosen = next((int(row) for row in order if key(pool.units[row]) not in used), None)
        return None if chosen is None else (pool.units[chosen], pool.origins[chosen])

    def take(self, unit: Floats) -> None:
        """Believe that the point runs."""
        self.posterior.believe(self.coding.features(unit[None])[0])

    def _score(self, rng: np.random.Generator) -> Score:
        if rng.random() >= _VARIED:
            return Score(self, None)
        return Score(self, 0.0 if rng.random() < 0.5 else 2.0)

    def _pool(self, rng: np.random.Generator) -> Candidates:
        """Random points and points around the best of all results: of the whole space, and denser in each box."""
        whole, *boxes = self.regions
        few = min(1.0, _MOVED / self.space.dimension)
        pool = Candidates.of(self.space, whole.draw(rng, _DRAWS), "explore")
        pool += self._around(rng, self.elite, whole, _AROUND, _AROUND_BEST, few)
        for box in boxes:
            pool += Candidates.of(self.space, box.draw(rng, _BOX_DRAWS), "box")
            pool += self._around(rng, self.elite, box, _AROUND, _BOX_AROUND, few)
        return pool

    def _around(
        self, rng: np.random.Generator, base: Floats, region: Region, spread: float, count: int, moved: float
    ) -> Candidates:
        points = jittered(self.space, rng, base, region, spread=spread, count=count, moved=moved)
        return Candidates.of(self.space, points, "model")


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """What a suggestion maximises: log expected improvement, or −(mean − `bold` × deviation)."""

    proposer: Proposer
    bold: float | None

    def __call__(self, units: Floats) -> Floats:
        mean, deviation = self.proposer.posterior.predict(self.proposer.coding.features(units))
        if self.bold is None:
            return log_expected_improvement(mean, deviation, self.proposer.best)
        return self.bold * deviation - mean


def key(unit: Floats) -> bytes:
    """Points that decode alike have one key: snapping may leave the last bits different."""
    return keys(unit[None])[0]


def keys(units: Floats) -> list[bytes]:
    rounded = np.ascontiguousarray(np.round(units, 9) + 0.0)
    rows: Any = rounded.view(np.dtype((np.void, rounded.itemsize * rounded.shape[1]))).ravel().tolist()
    return list(rows)
