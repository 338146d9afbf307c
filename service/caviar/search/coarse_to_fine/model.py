"""A Gaussian process over the cube, with points that are believed to turn out as predicted."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.search.coarse_to_fine.kernel import Kernel, Scales

Floats = NDArray[np.float64]
JITTER = 1e-8
_FLOOR: dict[type[np.floating], float] = {np.float64: 1e-10, np.float32: 1e-6}
"""Variances below this are rounding."""


class Posterior:
    """The process given data, with room for points that are believed to turn out as predicted; the signal variance is
    profiled out.

    Points are believed one at a time, so that any split of a batch over calls gives the same numbers to the bit.
    """

    def __init__(self, features: Floats, groups: NDArray[np.int64], targets: Floats, scales: Scales, room: int) -> None:
        n, self._noise = len(targets), float(np.exp(scales.noise)) + JITTER
        self._kernel = Kernel(groups, scales)
        coded = self._kernel.coded(features)
        self._points = np.zeros((n + room, coded.shape[1]))
        self._points[:n] = coded
        covariance = self._kernel.between(coded, coded)
        covariance[np.diag_indices(n)] += self._noise
        self._factor = np.zeros((n + room, n + room), order="F")
        self._factor[:n, :n] = np.linalg.cholesky(covariance)
        self._known, self._size = n, n
        self._weights = self._solve(self._solve(targets[:, None].copy()), transposed=True)[:, 0]
        self._variance = max(float(targets @ self._weights) / n, 1e-10)

    def believe(self, features: Floats) -> None:
        """Take points as measured at their predicted values: the mean stays, the variance shrinks."""
        coded = self._kernel.coded(features)
        for place, own in enumerate(self._kernel.variances(coded) + self._noise):
            size = self._size
            row = self._solve(self._kernel.between(self._points[:size], coded[[place]]))[:, 0]
            self._factor[size, :size] = row
            self._factor[size, size] = sqrt(max(own - float(row @ row), self._noise))
            self._points[size] = coded[place]
            self._size += 1

    def mean(self, features: Floats) -> Floats:
        cross = self._kernel.between(self._kernel.coded(features), self._points[: self._known])
        mean: Floats = cross @ self._weights
        return mean

    def predict(self, features: Floats, precision: type[np.floating] = np.float64) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the noise-free function. Single precision is thrice as fast, and knows
        deviations to about a thousandth of the process's own."""
        coded = self._kernel.coded(features)
        cross = self._kernel.between(coded, self._points[: self._size], precision)
        mean: Floats = cross[:, : self._known] @ self._weights
        explained = self._solve(cross.T)
        left = self._kernel.variances(coded) - np.einsum("ij,ij->j", explained, explained)
        return mean, np.sqrt(self._variance * np.maximum(left, _FLOOR[precision]))

    def _solve(self, right: Any, *, transposed: bool = False) -> Any:
        """The factor's inverse, or its transpose's, times `right` (n, m), which is overwritten if column-major."""
        from scipy.linalg.blas import dtrsm, strsm  # noqa: PLC0415

        factor = self._factor[: self._size, : self._size]
        solve = strsm if right.dtype == np.float32 else dtrsm
        return solve(1.0, factor, right, lower=1, trans_a=int(transposed), overwrite_b=1)
