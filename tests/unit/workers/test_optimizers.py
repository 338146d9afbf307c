"""The optimisers against their formulas, written out step by step."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from caviar_workers.trainers.optimizers import Adam, Momentum

RATES = SimpleNamespace(momentum=0.9, beta1=0.8, beta2=0.95, epsilon=1e-3)
GRADIENTS = [np.array([1.0, -2.0]), np.array([0.5, 0.0]), np.array([-3.0, 1e-9])]


def test_momentum_follows_its_formula():
    weights, velocity = np.array([1.0, 1.0]), np.zeros(2)
    expected, optimizer = weights.copy(), Momentum(weights)
    for gradient in GRADIENTS:
        optimizer.step(gradient, 0.1, RATES)
        velocity = 0.9 * velocity + gradient
        expected -= 0.1 * velocity
    np.testing.assert_allclose(weights, expected, rtol=1e-12)


def test_adam_is_algorithm_1_of_its_paper():
    weights = np.array([1.0, 1.0])
    expected, optimizer = weights.copy(), Adam(weights)
    mean, square = np.zeros(2), np.zeros(2)
    for t, gradient in enumerate(GRADIENTS, 1):
        optimizer.step(gradient, 0.1, RATES)
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.95 * square + 0.05 * gradient**2
        corrected = mean / (1 - 0.8**t), square / (1 - 0.95**t)
        expected -= 0.1 * corrected[0] / (np.sqrt(corrected[1]) + 1e-3)
    np.testing.assert_allclose(weights, expected, rtol=1e-12)


@pytest.mark.parametrize("kind", [Momentum, Adam])
def test_averages_that_fade_never_reach_denormal_numbers(kind):
    weights = np.ones(3, np.float32)
    optimizer = kind(weights)
    optimizer.step(np.full(3, 1e-9, np.float32), 0.1, RATES)
    silence = np.zeros(3, np.float32)
    for _ in range(2000):
        optimizer.step(silence, 0.1, RATES)
    kept = [value for value in vars(optimizer).values() if isinstance(value, np.ndarray)]
    tiny = np.finfo(np.float32).tiny
    assert all(np.all((array == 0) | (np.abs(array) >= tiny)) for array in kept)
    assert all(math.isfinite(weight) for weight in weights)
