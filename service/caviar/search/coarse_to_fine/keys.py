"""Points that decode alike have one key: snapping may leave the last bits different."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def key(unit: NDArray[np.float64]) -> bytes:
    return keys(unit[None])[0]


def keys(units: NDArray[np.float64]) -> list[bytes]:
    rounded = np.ascontiguousarray(np.round(units, 9) + 0.0)
    rows: Any = rounded.view(np.dtype((np.void, rounded.itemsize * rounded.shape[1]))).ravel().tolist()
    return list(rows)
