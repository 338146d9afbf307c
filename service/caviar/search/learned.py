"""A region taken over from other studies: the first trials are drawn there, but for a share held back for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.region import Region, cell_of, places_of
from caviar.search.coarse_to_fine.rounds import ROOT
from caviar.search.coarse_to_fine.words import region_of, starting_bounds
from caviar.search.coarse_to_fine.zoom import resolution
from caviar.search.history import History
from caviar.search.initial import place
from caviar.search.randomness import generator
from caviar.search.searcher import Bound, Plan, Round, Searcher, Suggestion

Floats = NDArray[np.float64]
BEST_SHARE, FEWEST = 0.2, 3
_SPAN = 1.3
_STREAM = 9
_DRAWS = 64


@dataclass(frozen=True, slots=True)
class Learned:
    """`bounds` describe the region; `whole` is the share of trials that is not drawn in it; `why` in words."""

    bounds: tuple[Bound, ...]
    whole: float
    why: str

    def to_document(self) -> dict[str, Any]:
        return {"bounds": [bound.to_document() for bound in self.bounds], "whole": self.whole, "why": self.why}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Learned:
        return cls(tuple(map(Bound.from_document, document["bounds"])), document["whole"], document["why"])

    def round(self, index: int, first: int) -> Round:
        """The box of the region, for strategies that work with boxes."""
        return Round(index, ROOT + 1, first, 0, self.bounds, self.why, "learned")


def elite_rows(losses: Floats) -> NDArray[np.intp]:
    """The best fifth of the results, three at least, best first."""
    count = max(FEWEST, int(np.ceil(BEST_SHARE * len(losses))))
    return np.argsort(losses, kind="stable")[:count]


def bounds_around(space: Space, elite: Floats, widen: float = 0.0) -> tuple[Bound, ...]:
    """1.3 × the span of `elite` (m, d) in each parameter; `widen` in [0, 1] moves every side that far towards the
    whole range. Choices keep the shares they have among the elite, evened out likewise."""
    places = places_of(space, elite)
    used = ~np.isnan(places).all(axis=0)
    filled = np.where(np.isnan(places), np.nanmedian(np.where(used, places, 0.5), axis=0), places)
    middle, width = (filled.min(axis=0) + filled.max(axis=0)) / 2, np.ptp(filled, axis=0)
    half = np.maximum(width * _SPAN, 2 * resolution(space)) / 2
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    open_ = ~used | space.is_choice
    low, high = np.where(open_, 0.0, low * (1 - widen)), np.where(open_, 1.0, high + (1 - high) * widen)
    weights = {
        int(column): _shares(places[:, column], int(space.cells[column]), widen)
        for column in np.flatnonzero(space.is_choice)
    }
    return starting_bounds(space, Region(low, high, weights))


def _shares(places: Floats, cells: int, widen: float) -> Floats:
    counts = np.bincount(cell_of(places[~np.isnan(places)], cells), minlength=cells) + 0.5
    shares: Floats = (1 - widen) * counts / counts.sum() + widen / cells
    return shares


@dataclass(frozen=True, slots=True)
class LearnedFirst:
    """Draws the first trials of the search's own sequence in the region; every one beyond them, and the share that is
    held back, comes from `then`."""

    space: Space
    seed: int
    learned: Learned
    skip: int
    then: Searcher

    @property
    def thinks(self) -> bool:
        return self.then.thinks

    @property
    def drawn(self) -> int:
        """How many trials are drawn in the region (or held back) before the search goes its own way."""
        return max(10, min(2 * self.space.dimension, 20))

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:
        plan = self.then.suggest(history, rounds, first, count)
        region = region_of(self.space, self.learned.bounds)
        moved = tuple(self._moved(each, place(history, each.number), region) for each in plan.suggestions)
        return replace(plan, suggestions=moved)

    def _moved(self, suggestion: Suggestion, index: int, region: Region) -> Suggestion:
        if not self.skip <= index < self.skip + self.drawn:
            return suggestion
        rng = generator(self.seed, index, _STREAM)
        if rng.random() < self.learned.whole:
            return suggestion
        points = self.space.snap(region.draw(rng, _DRAWS))
        rows = np.flatnonzero(self.space.feasible(points))
        if not len(rows):
            return suggestion
        unit = points[rows[0]]
        return Suggestion(suggestion.number, self.space.decode(unit[None])[0], unit, suggestion.round, "learned")
