"""Counter-based randomness: what is drawn for a trial depends on the study's seed and the trial's number only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WORD = 2**64 - 1
_UNIFORMS = 2**62


def generator(seed: int, number: int, stream: int = 0) -> np.random.Generator:
    """The generator of one trial; `stream` keeps its different uses apart."""
    return np.random.Generator(_philox(seed, (stream << 48) + number))


def uniforms(seed: int, first: int, count: int, dimension: int) -> NDArray[np.float64]:
    """(count, dimension) uniforms whose row i depends on first + i alone: any batching gives the same rows."""
    blocks = -(-dimension // 4)
    return np.random.Generator(_philox(seed, _UNIFORMS, first * blocks)).random((count, 4 * blocks))[:, :dimension]


def spawning(seed: int, stream: int) -> np.random.Generator:
    """A generator for a library that wants to spawn others from it."""
    return np.random.default_rng(np.random.SeedSequence([seed & _WORD, stream]))


def _philox(seed: int, use: int, counter: int = 0) -> np.random.Philox:
    key = np.array([seed & _WORD, use & _WORD], np.uint64)
    return np.random.Philox(key=key, counter=np.array([counter, 0, 0, 0], np.uint64))
