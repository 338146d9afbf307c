"""Which point is worth the next trial: many are drawn, more densely where the boxes are small; a model chooses."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.acquisition import log_expected_improvement
from caviar.search.coarse_to_fine.coding import Coding
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.model import Posterior
from caviar.search.coarse_to_fine.region import Region, places_of
from caviar.search.coarse_to_fine.targets import Sampler, targets

Floats = NDArray[np.float64]
_MODEL_ROWS = 220
_BELIEVED = 150
_DRAWS, _AROUND_BEST, _FINER_DRAWS = 300, 150, 80
_FOCUSED = 0.6
"""Share of suggestions that are sought within a box; the others are sought in the whole space."""
_BEST = 6
_AROUND, _FINER = 0.2, (0.08, 0.02)
"""Spread of points around the best in the cube; then twice more around what promises most."""
_MOVED = 5
"""About so many parameters are moved at once around the best."""
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
        scales: dict[str, float],
        count: int,
    ) -> Proposer:
        """`regions` begins with the whole space; `scales` are as a round stores them."""
        coding = Coding(space, learning=bool((evidence.fidelity < 1).any()))
        wanted = targets(evidence)
        rows = Sampler(seed).rows(evidence, evidence.losses, _MODEL_ROWS)
        wanted, units, fidelity = standardised(wanted[rows]), evidence.units[rows], evidence.fidelity[rows]
        running = evidence.running[-_BELIEVED:]
        posterior = Posterior(
            coding.features(units, fidelity), coding.groups, wanted, coding.scales_from(scales), len(running) + count
        )
        means = posterior.mean(coding.features(units))
        for features in coding.features(running):
            posterior.believe(features)
        elite = units[np.argsort(means, kind="stable")[:_BEST]]
        return cls(space, regions, coding, posterior, elite, float(means.min()))

    def next(self, rng: np.random.Generator, used: AbstractSet[bytes]) -> tuple[Floats, str] | None:
        """A point not in `used` and where it came from; None when no draw was new and held the constraints."""
        score = self._score(rng)
        region = self._region(rng)
        pool, origin = self._pool(rng, region)
        if not len(pool):
            return None
        promise = score(pool)
        for spread in _FINER:
            base = pool[np.argsort(-promise, kind="stable")[:4]]
            finer = self._kept(region, self._jittered(rng, base, region, spread, _FINER_DRAWS, 0.3), [])[0]
            if len(finer):
                pool, promise = np.vstack([pool, finer]), np.concatenate([promise, score(finer)])
                origin += [self._nearby(region)] * len(finer)
        order = np.argsort(-promise, kind="stable")
        chosen = next((int(row) for row in order if key(pool[row]) not in used), None)
        return None if chosen is None else (pool[chosen], origin[chosen])

    def take(self, unit: Floats) -> None:
        """Believe that the point runs."""
        self.posterior.believe(self.coding.features(unit[None])[0])

    def _score(self, rng: np.random.Generator) -> Score:
        if rng.random() >= _VARIED:
            return Score(self, None)
        return Score(self, 0.0 if rng.random() < 0.5 else 2.0)

    def _region(self, rng: np.random.Generator) -> Region:
        """One of the boxes by lot, or the whole space."""
        boxes = self.regions[1:]
        focused = rng.random() < _FOCUSED
        return boxes[int(rng.integers(len(boxes)))] if boxes and focused else self.regions[0]

    def _pool(self, rng: np.random.Generator, region: Region) -> tuple[Floats, list[str]]:
        """Points of the region, and around the best of all results as far as it reaches."""
        keep = max(0.0, 1 - _MOVED / self.space.dimension)
        near = self._jittered(rng, self.elite, region, _AROUND, _AROUND_BEST, keep)
        points = np.vstack([region.draw(rng, _DRAWS), near])
        spread = "explore" if region is self.regions[0] else "box"
        return self._kept(region, points, [spread] * _DRAWS + [self._nearby(region)] * _AROUND_BEST)

    def _nearby(self, region: Region) -> str:
        return "model" if region is self.regions[0] else "box"

    def _kept(self, region: Region, points: Floats, origins: list[str]) -> tuple[Floats, list[str]]:
        """The points that hold the constraints and, once snapped, still lie in the region."""
        points = self.space.snap(np.clip(points, 0, 1))
        rows = np.flatnonzero(self.space.feasible(points) & region.contains(places_of(self.space, points)))
        return points[rows], [origins[row] for row in rows] if origins else []

    def _jittered(
        self, rng: np.random.Generator, base: Floats, region: Region, spread: float, count: int, keep: float
    ) -> Floats:
        """Copies of `base` within the region, each coordinate moved by about `spread` of its side unless kept by lot,
        and a choice changed here and there."""
        points = np.clip(base[rng.integers(len(base), size=count)], region.low, region.high)
        steps = np.maximum(
            spread * region.width, np.where(self.space.cells > 0, 0.6 / np.maximum(self.space.cells, 1), 0)
        )
        moved = points + rng.standard_normal(points.shape) * steps * (rng.random(points.shape) >= keep)
        moved = np.clip(1 - np.abs(1 - np.abs(moved)), region.low, region.high)
        choice = self.space.is_choice
        if choice.any():
            swap = rng.random(points.shape) < 0.5 / choice.sum()
            fresh = region.draw(rng, count)
            moved = np.where(choice, np.where(swap, fresh, points), moved)
        return moved


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


def standardised(values: Floats) -> Floats:
    centred: Floats = values - values.mean()
    return centred / (float(values.std()) + 1e-9)


def key(unit: Floats) -> bytes:
    """Points that decode alike have one key: snapping may leave the last bits different."""
    return keys(unit[None])[0]


def keys(units: Floats) -> list[bytes]:
    return [row.tobytes() for row in np.round(units, 9) + 0.0]
