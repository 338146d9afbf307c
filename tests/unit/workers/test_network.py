"""The network's gradient against finite differences, in float64."""

import numpy as np
import pytest

from caviar_workers.trainers.network import Network


def _problem(*, classes: bool, activation: str):
    generator = np.random.default_rng(3)
    network = Network((5, 7, 6, 3), activation=activation, classes=classes, generator=generator, dtype=np.float64)
    network.weights += 0.05 * generator.standard_normal(network.weights.shape)
    x = generator.standard_normal((11, 5))
    y = np.eye(3)[generator.integers(0, 3, 11)] if classes else generator.standard_normal((11, 3))
    return network, x, y


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_the_gradient_is_the_one_that_finite_differences_show(classes, activation, l2):
    network, x, y = _problem(classes=classes, activation=activation)
    network.objective(x, y, l2)
    claimed = network.gradient.copy()
    measured = np.empty_like(claimed)
    for index, weight in enumerate(network.weights.copy()):
        ends = []
        for shift in (1e-6, -1e-6):
            network.weights[index] = weight + shift
            ends.append(network.objective(x, y) + network.penalty(l2))
        network.weights[index] = weight
        measured[index] = (ends[0] - ends[1]) / 2e-6
    np.testing.assert_allclose(claimed, measured, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("classes", [True, False])
def test_evaluation_sees_the_loss_that_training_sees(classes):
    network, x, y = _problem(classes=classes, activation="relu")
    loss, outputs = network.evaluate(x, y)
    assert loss == pytest.approx(network.objective(x, y), rel=1e-12)
    assert outputs.shape == y.shape


def test_evaluation_in_pieces_is_the_same(monkeypatch):
    network, x, y = _problem(classes=True, activation="relu")
    whole = network.evaluate(x, y)
    monkeypatch.setattr("caviar_workers.trainers.network._ROWS_AT_ONCE", 4)
    pieces = network.evaluate(x, y)
    assert pieces[0] == pytest.approx(whole[0])
    np.testing.assert_allclose(pieces[1], whole[1])


def test_no_hidden_layer_is_a_linear_model():
    generator = np.random.default_rng(0)
    network = Network((2, 1), activation="relu", classes=False, generator=generator, dtype=np.float64)
    network.weights[:] = [2.0, -1.0, 0.5]
    _, outputs = network.evaluate(np.array([[1.0, 1.0], [3.0, 0.0]]), np.zeros((2, 1)))
    assert outputs.ravel().tolist() == [1.5, 6.5]
