"""A Gaussian process: Matérn 5/2, one length-scale per parameter, signal variance profiled out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROOT5 = sqrt(5.0)
_JITTER = 1e-8
_SCALE_SPREAD, _NOISE_SPREAD = 0.8, 2.5
_NOISE = log(1e-2)
_STEPS = 25


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """Length-scales of the parameters and the share of noise in the signal variance, all as logarithms."""

    lengths: Floats
    noise: float

    @classmethod
    def usual(cls, parameters: int) -> Scales:
        """The prior's centre: length-scales grow with the root of the dimension (Hvarfner et al. 2024)."""
        return cls(np.full(parameters, _centre(parameters)), _NOISE)


def _centre(parameters: int) -> float:
    return log(0.35) + 0.5 * log(max(parameters, 1))


def matern(squared: Floats) -> Floats:
    """The kernel as a function of the squared scaled distance, which is overwritten."""
    distance = np.sqrt(squared)
    distance *= _ROOT5
    squared *= 5 / 3
    squared += distance
    squared += 1
    np.negative(distance, out=distance)
    np.exp(distance, out=distance)
    distance *= squared
    return distance


def squared_distances(left: Floats, right: Floats) -> Floats:
    cross = (-2 * left) @ right.T
    cross += (left * left).sum(1)[:, None]
    cross += (right * right).sum(1)[None]
    return np.maximum(cross, 0, out=cross)


def fit(features: Floats, groups: NDArray[np.int64], targets: Floats, starts: Sequence[Scales]) -> Scales:
    """Maximum a posteriori scales, the best that L-BFGS finds from `starts`; `groups` maps columns to parameters."""
    parts = np.zeros((len(starts[0].lengths), len(targets), len(targets)))
    for column, group in enumerate(groups):
        parts[group] += (features[:, None, column] - features[None, :, column]) ** 2
    return min((_ascended(parts, targets, start) for start in starts), key=lambda found: found[0])[1]


def _ascended(parts: Floats, targets: Floats, start: Scales) -> tuple[float, Scales]:
    from scipy.optimize import minimize  # noqa: PLC0415 - imported by those who think

    centre = _centre(len(start.lengths))
    bounds = [(centre - 3.5, centre + 3.0)] * len(start.lengths) + [(log(1e-6), 0.0)]
    found = minimize(
        _loss, np.r_[start.lengths, start.noise], (parts, targets), "L-BFGS-B", jac=True, bounds=bounds,
        options={"maxiter": _STEPS},
    )  # fmt: skip
    return float(found.fun), Scales(found.x[:-1], float(found.x[-1]))


def _loss(theta: Floats, parts: Floats, targets: Floats) -> tuple[float, Floats]:
    """Negative log posterior and its gradient; Rasmussen & Williams 2006, equations 5.8 and 5.9, variance profiled."""
    from scipy.linalg import lapack  # noqa: PLC0415

    inverse_squares, noise, n = np.exp(-2 * theta[:-1]), np.exp(theta[-1]), len(targets)
    squared = np.maximum(np.tensordot(inverse_squares, parts, 1), 1e-16)
    distance = np.sqrt(squared)
    decay = np.exp(-_ROOT5 * distance)
    kernel = (1 + _ROOT5 * distance + 5 / 3 * squared) * decay
    kernel[np.diag_indices(n)] += noise + _JITTER
    factor, failed = lapack.dpotrf(kernel, lower=1, clean=1)
    if failed:
        return 1e10, np.zeros_like(theta)
    inverse = lapack.dpotri(factor, lower=1)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = inverse @ targets
    variance = max(float(targets @ weights) / n, 1e-10)
    off, noise_off = theta[:-1] - _centre(len(theta) - 1), theta[-1] - _NOISE
    loss = n / 2 * log(variance) + float(np.log(np.diag(factor)).sum())
    loss += 0.5 * float(off @ off) / _SCALE_SPREAD**2 + 0.5 * float(noise_off / _NOISE_SPREAD) ** 2
    sensitivity = 0.5 * (inverse - np.outer(weights, weights) / variance)
    slope = sensitivity * (5 / 3 * (1 + _ROOT5 * distance) * decay)
    by_length = inverse_squares * (parts.reshape(len(parts), -1) @ slope.ravel()) + off / _SCALE_SPREAD**2
    by_noise = float(np.trace(sensitivity)) * noise + noise_off / _NOISE_SPREAD**2
    return loss, np.r_[by_length, by_noise]


class Posterior:
    """The process given data, with room for points that are believed to turn out as predicted.

    Points are believed one at a time, so that any split of a batch over calls gives the same numbers to the bit.
    """

    def __init__(self, features: Floats, groups: NDArray[np.int64], targets: Floats, scales: Scales, room: int) -> None:
        n, self._noise = len(targets), float(np.exp(scales.noise)) + _JITTER
        self._inverse = np.exp(-scales.lengths)[groups]
        self._points = np.zeros((n + room, features.shape[1]))
        self._points[:n] = features * self._inverse
        kernel = matern(squared_distances(self._points[:n], self._points[:n]))
        kernel[np.diag_indices(n)] += self._noise
        self._factor = np.zeros((n + room, n + room), order="F")
        self._factor[:n, :n] = np.linalg.cholesky(kernel)
        self._known, self._size = n, n
        self._weights = self._solve(self._solve(targets[:, None].copy()), transposed=True)[:, 0]
        self._variance = max(float(targets @ self._weights) / n, 1e-10)

    def believe(self, point: Floats) -> None:
        """Take the point (its features) as measured at its predicted value: the mean stays, the variance shrinks."""
        scaled = point * self._inverse
        cross = matern(squared_distances(self._points[: self._size], scaled[None]))
        row = self._solve(cross)[:, 0]
        self._factor[self._size, : self._size] = row
        self._factor[self._size, self._size] = sqrt(max(1 + self._noise - float(row @ row), self._noise))
        self._points[self._size] = scaled
        self._size += 1

    def mean(self, features: Floats) -> Floats:
        cross = matern(squared_distances(features * self._inverse, self._points[: self._known]))
        mean: Floats = cross @ self._weights
        return mean

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the noise-free function."""
        cross = matern(squared_distances(features * self._inverse, self._points[: self._size]))
        mean: Floats = cross[:, : self._known] @ self._weights
        explained = self._solve(cross.T)
        left = 1 - np.einsum("ij,ij->j", explained, explained)
        return mean, np.sqrt(self._variance * np.maximum(left, 1e-10))

    def _solve(self, right: Floats, *, transposed: bool = False) -> Any:
        """The factor's inverse, or its transpose's, times `right` (n, m), which is overwritten if column-major."""
        from scipy.linalg.blas import dtrsm  # noqa: PLC0415

        factor = self._factor[: self._size, : self._size]
        return dtrsm(1.0, factor, right, lower=1, trans_a=int(transposed), overwrite_b=1)
