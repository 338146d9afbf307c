"""Sums of what is still to come, as ranges that hold four in five cases if it is like what came last. Pure."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FEWEST: Final = 8
_Z: Final = 1.2816
"""Of the normal distribution: four in five lie within."""


def sum_range(samples: NDArray[np.float64], count: float) -> dict[str, Any] | None:
    """The sum of `count` more values like the samples; None where the samples are too few. Its doubt is that of the
    sum, and that of a mean which is known from so many samples only."""
    if len(samples) < FEWEST:
        return None
    middle = count * float(samples.mean())
    doubt = _Z * float(samples.std(ddof=1)) * math.sqrt(count + count**2 / len(samples))
    return range_of(max(0.0, middle - doubt), middle, middle + doubt)


def range_of(low: float, middle: float, high: float) -> dict[str, Any]:
    return {"low": round(low, 6), "middle": round(middle, 6), "high": round(high, 6)}
