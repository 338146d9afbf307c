"""How much a point promises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """log E[max(best − f, 0)], with the tail's expansion where the closed form underflows (Ament et al. 2023)."""
    from scipy.special import erfc  # noqa: PLC0415

    z = (best - mean) / deviation
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    improvement = deviation * (density + z * 0.5 * erfc(-z / np.sqrt(2)))
    tail = -0.5 * z * z - np.log(np.maximum(z * z, 1)) + np.log(deviation) - 0.9189385332
    result: Floats = np.where(z > -6, np.log(np.maximum(improvement, 1e-300)), tail)
    return result
