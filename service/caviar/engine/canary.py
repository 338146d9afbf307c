"""What a canary runs: the best configurations several times, neighbours of the first, and controls. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.domain.spec import Retune
from caviar.domain.values import Value
from caviar.search.randomness import generator

_STREAM = 11
_SPREAD = 0.08
_DRAWS = 256


@dataclass(frozen=True, slots=True)
class Known:
    """A completed trial of the study."""

    number: int
    params: dict[str, Value]
    unit: NDArray[np.float64]
    loss: float


@dataclass(frozen=True, slots=True)
class Planned:
    """A configuration to run `repeats` times, and why; `trial` and `loss` are those of the study, if it was in it."""

    role: str
    params: dict[str, Value]
    repeats: int
    trial: int | None = None
    loss: float | None = None

    def to_document(self, first: int) -> dict[str, Any]:
        """`first` is the number of its first trial in the canary."""
        numbers = list(range(first, first + self.repeats))
        return {"role": self.role, "trial": self.trial, "old": self.loss, "numbers": numbers}


def planned(space: Space, known: Sequence[Known], ask: Retune, seed: int) -> list[Planned]:
    """`known` in any order. The controls are spread evenly over the ranks of the others."""
    ranked = sorted(known, key=lambda each: (each.loss, each.number))
    best, rest = ranked[: ask.best], ranked[ask.best :]
    controls = [rest[index] for index in _spread(len(rest), ask.controls)]
    nearby = _neighbours(space, ranked[0].unit, ask.neighbours, seed)
    return [
        *(Planned("best", each.params, ask.repeats, each.number, each.loss) for each in best),
        *(Planned("neighbour", params, 1) for params in nearby),
        *(Planned("control", each.params, 1, each.number, each.loss) for each in controls),
    ]


def _spread(count: int, wanted: int) -> list[int]:
    wanted = min(count, wanted)
    return [round((place + 0.5) * count / wanted - 0.5) for place in range(wanted)]


def _neighbours(space: Space, best: NDArray[np.float64], count: int, seed: int) -> list[dict[str, Value]]:
    rng = generator(seed, 0, _STREAM)
    moved = np.clip(best + _SPREAD * rng.standard_normal((_DRAWS, space.dimension)), 0, 1)
    moved = space.snap(np.where(space.is_choice, best, moved))
    rows = [row for row in np.flatnonzero(space.feasible(moved)) if not np.allclose(moved[row], best)]
    return space.decode(moved[rows[:count]]) if count and rows else []
