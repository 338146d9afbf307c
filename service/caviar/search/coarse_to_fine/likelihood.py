"""The scales that explain the data best, given what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from caviar.search.coarse_to_fine.kernel import ROOT5, Scales, waves
from caviar.search.coarse_to_fine.model import JITTER

Floats = NDArray[np.float64]
_LENGTH_SPREAD, _NOISE_SPREAD, _TREND_SPREAD, _ROUGH_SPREAD = 0.8, 2.5, 1.5, 2.0
_REACH = ((log(1e-6), 0.0), (log(1e-4), log(30.0)), (log(1e-5), log(2.0)))
"""Bounds of noise, trend and roughness."""
_STEPS = 25


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """Data and prior. `parts` (d, n * n) are squared differences by parameter, `gram` (n, n) the waves' products."""

    parts: Floats
    gram: Floats
    targets: Floats
    centre: Floats
    spread: Floats


def fit(features: Floats, groups: NDArray[np.int64], targets: Floats, starts: Sequence[Scales]) -> Scales:
    """Maximum a posteriori scales, the best that L-BFGS finds from `starts`; `groups` maps columns to parameters."""
    parameters, n = len(starts[0].lengths), len(targets)
    parts = np.zeros((parameters, n, n))
    for column, group in enumerate(groups):
        parts[group] += (features[:, None, column] - features[None, :, column]) ** 2
    trend = waves(features, groups)
    spread = np.r_[np.full(parameters, _LENGTH_SPREAD), _NOISE_SPREAD, _TREND_SPREAD, _ROUGH_SPREAD]
    centre = _vector(Scales.usual(parameters))
    problem = _Problem(parts.reshape(parameters, -1), trend @ trend.T, targets, centre, spread)
    return min((_ascended(problem, start) for start in starts), key=lambda found: found[0])[1]


def _vector(scales: Scales) -> Floats:
    vector: Floats = np.r_[scales.lengths, scales.noise, scales.trend, scales.rough]
    return vector


def _ascended(problem: _Problem, start: Scales) -> tuple[float, Scales]:
    from scipy.optimize import minimize  # noqa: PLC0415 - imported by those who think

    bounds = [*((centre - 3.5, centre + 3.0) for centre in problem.centre[: -len(_REACH)]), *_REACH]
    found = minimize(
        _loss, _vector(start), (problem,), "L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": _STEPS}
    )
    *lengths, noise, trend, rough = found.x.tolist()
    return float(found.fun), Scales(np.array(lengths), noise, trend, rough)


def _loss(theta: Floats, problem: _Problem) -> tuple[float, Floats]:
    """Negative log posterior and its gradient; Rasmussen & Williams 2006, equations 5.8 and 5.9, variance profiled."""
    from scipy.linalg import lapack  # noqa: PLC0415

    n = len(problem.targets)
    inverse_squares, (noise, trend, rough) = np.exp(-2 * theta[:-3]), np.exp(theta[-3:])
    distance = np.sqrt(np.maximum(inverse_squares @ problem.parts, 1e-16)).reshape(n, n)
    decay = np.exp(-ROOT5 * distance)
    coarse = decay * decay
    covariance = (1 + ROOT5 * distance + 5 / 3 * distance * distance) * decay + rough * coarse + trend * problem.gram
    covariance[np.diag_indices(n)] += noise + JITTER
    factor, failed = lapack.dpotrf(covariance, lower=1, clean=1)
    if failed:
        return 1e10, np.zeros_like(theta)
    inverse = lapack.dpotri(factor, lower=1)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = inverse @ problem.targets
    variance = max(float(problem.targets @ weights) / n, 1e-10)
    sensitivity = 0.5 * (inverse - np.outer(weights, weights) / variance)
    slope = sensitivity * (5 / 3 * (1 + ROOT5 * distance) * decay + 2 * ROOT5 * rough * coarse / distance)
    by_trend, by_rough = np.vdot(sensitivity, problem.gram) * trend, np.vdot(sensitivity, coarse) * rough
    by_length = inverse_squares * (problem.parts @ slope.ravel())
    off = (theta - problem.centre) / problem.spread
    loss = n / 2 * log(variance) + float(np.log(np.diag(factor)).sum()) + 0.5 * float(off @ off)
    return loss, np.r_[by_length, np.trace(sensitivity) * noise, by_trend, by_rough] + off / problem.spread
