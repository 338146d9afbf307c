import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import check_grad

from caviar.search.coarse_to_fine import likelihood
from caviar.search.coarse_to_fine.kernel import Kernel, Scales, waves
from caviar.search.coarse_to_fine.model import Posterior

GROUPS = np.array([0, 1, 2, 2, 2])
"""Two ordered parameters and a choice of three."""


def features(count, seed=0):
    rng = np.random.default_rng(seed)
    return np.hstack([rng.random((count, 2)), 0.7 * np.eye(3)[rng.integers(3, size=count)]])


def losses(points):
    return (points[:, 0] - 0.3) ** 2 + 0.2 * points[:, 3]


def scales(noise=-6.0, trend=-1.0, rough=-4.0, longer=0.0):
    return Scales(np.array([-0.5, 0.1, 0.4]) + longer, noise, trend, rough)


def posterior(points, room=0, found=None):
    wanted = losses(points)
    return Posterior(points, GROUPS, (wanted - wanted.mean()) / wanted.std(), found or scales(), room)


@settings(max_examples=20)
@given(arrays(float, 6, elements=st.floats(-2, 0.5)))
def test_the_likelihood_s_gradient_is_its_slope(theta):
    points = features(12)
    parts = np.stack([((points[:, None] - points[None]) ** 2)[..., group == GROUPS].sum(-1) for group in range(3)])
    trend = waves(points, GROUPS)
    problem = likelihood._Problem(
        parts.reshape(3, -1), trend @ trend.T, losses(points) - losses(points).mean(), np.zeros(6), np.ones(6)
    )
    value, slope = likelihood._loss(theta, problem)
    error = check_grad(lambda at: likelihood._loss(at, problem)[0], lambda at: likelihood._loss(at, problem)[1], theta)
    assert error <= 1e-3 * (1 + abs(value) + float(np.abs(slope).max()))


@given(st.integers(0, 50), st.floats(-9, 2), st.floats(-9, 0.6))
def test_covariances_are_symmetric_and_belong_to_some_process(seed, trend, rough):
    kernel = Kernel(GROUPS, scales(trend=trend, rough=rough))
    coded = kernel.coded(features(15, seed))
    covariance = kernel.between(coded, coded)
    assert covariance == pytest.approx(covariance.T)
    assert np.diag(covariance) == pytest.approx(kernel.variances(coded))
    assert np.linalg.eigvalsh(covariance).min() > -1e-6


def test_what_is_believed_leaves_the_mean_and_takes_the_doubt():
    points, new = features(20), features(1, seed=9)
    found = posterior(points, room=1)
    mean, deviation = found.predict(new)
    found.believe(new)
    after, less = found.predict(new)
    assert after == pytest.approx(mean)
    assert less[0] < 0.5 * deviation[0]


def test_single_precision_sees_what_double_does():
    found, new = posterior(features(40)), features(30, seed=3)
    (mean, deviation), (rough_mean, rough_deviation) = found.predict(new), found.predict(new, np.float32)
    assert rough_mean == pytest.approx(mean, abs=1e-3)
    assert rough_deviation == pytest.approx(deviation, abs=3e-3)


def test_a_trend_is_followed_beyond_the_data():
    points = features(60)
    points = points[abs(points[:, 0] - 0.5) < 0.25]
    ahead = features(20, seed=5)
    ahead[:, 0] = 0.95
    wanted = points[:, 0] - points[:, 0].mean()
    with_trend = Posterior(points, GROUPS, wanted / wanted.std(), scales(trend=2.0, longer=-2.0), 0).mean(ahead)
    without = Posterior(points, GROUPS, wanted / wanted.std(), scales(trend=-9.0, longer=-2.0), 0).mean(ahead)
    assert with_trend.mean() > without.mean() + 0.5


def test_the_fit_finds_which_parameter_matters():
    points = features(40)
    wanted = np.sin(7 * points[:, 0])
    found = likelihood.fit(points, GROUPS, (wanted - wanted.mean()) / wanted.std(), [Scales.usual(3)])
    assert found.lengths[0] < found.lengths[1] - 0.5
    assert found.lengths[0] < found.lengths[2] - 0.5
