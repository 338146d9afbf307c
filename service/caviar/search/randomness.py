"""Counter-based randomness: what is drawn for a trial depends on the study's seed and the trial's number only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WORD = 2**64 - 1
_UNIFORMS = 2**62


def generator(seed: int, number: int, stream: int = 0) -> np.random.Generator:
    """The generator of one trial; `stream` keeps its different uses apart."""
    return np.random.Generator(np.random.Philox(key=[seed & _WORD, ((stream << 48) + number) & _WORD]))


def uniforms(seed: int, first: int, count: int, dimension: int) -> NDArray[np.float64]:
    """(count, dimension) uniforms whose row i depends on first + i alone: any batching gives the same rows."""
    blocks = -(-dimension // 4)
    bits = np.random.Philox(key=[seed & _WORD, _UNIFORMS], counter=[first * blocks, 0, 0, 0])
    return np.random.Generator(bits).random((count, 4 * blocks))[:, :dimension]
