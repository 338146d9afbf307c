"""From points of the cube to what the model sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.kernel import Scales
from caviar.search.coarse_to_fine.region import cell_of

Floats = NDArray[np.float64]
FIDELITY, NOISE, TREND, ROUGH = "*fidelity", "*noise", "*trend", "*rough"
_HOT = 0.7
"""Two different choices lie about 1 apart, like the ends of a range."""


@dataclass(frozen=True, slots=True)
class Coding:
    """Ordered parameters stay as they are, unordered choices become indicators, fidelity is one more feature.

    `groups` maps feature columns to parameters; the last parameter is fidelity where `learning` is set.
    """

    space: Space
    learning: bool
    groups: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        counts = np.where(self.space.is_choice, self.space.cells, 1)
        groups = np.repeat(np.arange(self.space.dimension), counts)
        object.__setattr__(self, "groups", np.append(groups, self.space.dimension) if self.learning else groups)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.space.columns, FIDELITY) if self.learning else self.space.columns

    def features(self, units: Floats, fidelity: Floats | float = 1.0) -> Floats:
        if not self.space.is_choice.any() and not self.learning:
            return units
        parts = [self._coded(units, column) for column in range(self.space.dimension)]
        if self.learning:
            parts.append(np.broadcast_to(np.reshape(fidelity, (-1, 1)), (len(units), 1)))
        return np.hstack(parts)

    def _coded(self, units: Floats, column: int) -> Floats:
        if not self.space.is_choice[column]:
            return units[:, [column]]
        cells = int(self.space.cells[column])
        coded: Floats = np.eye(cells)[cell_of(units[:, column], cells)] * _HOT
        return coded

    def scales_from(self, stored: Mapping[str, float]) -> Scales:
        """Scales as a round stores them; a parameter the round does not know has its usual one."""
        usual = Scales.usual(len(self.names))
        lengths = [stored.get(name, default) for name, default in zip(self.names, usual.lengths, strict=True)]
        shares = (stored.get(NOISE, usual.noise), stored.get(TREND, usual.trend), stored.get(ROUGH, usual.rough))
        return Scales(np.array(lengths), *shares)

    def scales_to(self, scales: Scales) -> dict[str, float]:
        shares = {NOISE: scales.noise, TREND: scales.trend, ROUGH: scales.rough}
        return {**dict(zip(self.names, scales.lengths.tolist(), strict=True)), **shares}
