"""What a searcher is tried on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from caviar.domain.parameters import Parameter
from caviar.domain.space import Space

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """`loss(params, repeat)` is what a trial sees (repeat = its seed), `truth(params)` what it is judged by.

    `best` is the best truth known; None: estimated from random points and refinement around the best of them.
    """

    name: str
    suite: str
    space: Mapping[str, Parameter]
    loss: Callable[[Params, int], float]
    truth: Callable[[Params], float]
    best: float | None = None
    sample: int = 2000

    @cached_property
    def scale(self) -> tuple[float, float]:
        """(best known, median of random configurations): 0 and 100 of normalised regret."""
        space = Space(self.space)
        rng = np.random.default_rng(20_240_901)
        units = space.snap(rng.random((self.sample, space.dimension)))
        losses = np.array([self._finite(params) for params in space.decode(units)])
        middle = float(np.median(losses))
        return (self._refined(space, units, losses, rng) if self.best is None else self.best), middle

    def regret(self, truth: float) -> float:
        best, middle = self.scale
        return max(0.0, 100 * (truth - best) / max(middle - best, 1e-300))

    def _finite(self, params: Params) -> float:
        value = self.truth(params)
        return value if np.isfinite(value) else np.inf

    def _refined(self, space: Space, units: Any, losses: Any, rng: np.random.Generator) -> float:
        best = units[np.argsort(losses)[:20]]
        lowest, copies = float(losses.min()), max(1, self.sample // 130)
        for spread in (0.2, 0.1, 0.05, 0.02, 0.01):
            near = space.snap(
                np.clip(np.repeat(best, copies, 0) + rng.normal(size=(20 * copies, space.dimension)) * spread, 0, 1)
            )
            both = np.vstack([best, near])
            found = np.array([self._finite(params) for params in space.decode(both)])
            best, lowest = both[np.argsort(found)[:20]], min(lowest, float(found.min()))
        return lowest


def exact(
    name: str, suite: str, space: Mapping[str, Parameter], loss: Callable[[Params], float], best: float | None
) -> Task:
    """A task without noise."""
    return Task(name, suite, space, lambda params, _: loss(params), loss, best)
