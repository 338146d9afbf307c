"""Warps between a range of values and the unit interval; all of them rise, and hit both ends exactly.

linear          x = low + u (high - low)
log             uniform in the exponent: x = exp(ln low + u (ln high - ln low)); low > 0
one_minus_log   for averages such as momentum: 1 - x is log-uniform, so that each nine takes an equal share; high < 1
"""

import math

import numpy as np
from numpy.typing import NDArray

from caviar.domain.values import Scale

Floats = NDArray[np.float64]


def clipped(values: Floats, low: float, high: float) -> Floats:
    """np.clip at a third of its overhead: single suggestions decode one row at a time."""
    return np.minimum(np.maximum(values, low), high)


def from_unit(scale: Scale, units: Floats, low: float, high: float) -> Floats:
    """Values of `units`; what lies outside [0, 1] is taken as the nearer end."""
    u = clipped(units, 0.0, 1.0)
    match scale:
        case "linear":
            values = low + u * (high - low)
        case "log":
            first, last = math.log(low), math.log(high)
            values = np.exp(first + u * (last - first))
        case "one_minus_log":
            first, last = math.log1p(-low), math.log1p(-high)
            values = -np.expm1(first + u * (last - first))
    values = np.where(u == 1.0, high, np.where(u == 0.0, low, values))
    return clipped(values, low, high)


def to_unit(scale: Scale, values: Floats, low: float, high: float) -> Floats:
    """Inverse of `from_unit`; what lies outside [low, high] is taken as the nearer end."""
    x = clipped(values, low, high)
    match scale:
        case "linear":
            units = (x - low) / (high - low)
        case "log":
            first, last = math.log(low), math.log(high)
            units = (np.log(x) - first) / (last - first)
        case "one_minus_log":
            first, last = math.log1p(-low), math.log1p(-high)
            units = (np.log1p(-x) - first) / (last - first)
    units = np.where(x == high, 1.0, np.where(x == low, 0.0, units))
    return clipped(units, 0.0, 1.0)
