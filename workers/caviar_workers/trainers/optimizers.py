"""Gradient descent with momentum, and Adam, in place on one vector of weights."""

import math
from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_SWEEP: Final = 64
_SPECK: Final = 1e-25
_SPECK_SQUARED: Final = 1e-30
"""Averages below it are set to 0 now and then. Left to decay into float32's denormal numbers they double an epoch's
time (measured: 22 ms against 10.5 ms, Adam, three layers of 100)."""


class Rates(Protocol):
    """What an optimiser reads at each step; may change between steps."""

    @property
    def momentum(self) -> float: ...
    @property
    def beta1(self) -> float: ...
    @property
    def beta2(self) -> float: ...
    @property
    def epsilon(self) -> float: ...


class Momentum:
    """v ← β v + g;  w ← w − α v. As in scikit-learn and PyTorch: a larger β makes larger steps, α/(1 − β) in the long
    run. (With v ← β v + (1 − β) g, the other custom, α would have to be 1/(1 − β) times as large.)"""

    def __init__(self, weights: Array) -> None:
        self._weights = weights
        self._velocity, self._work = np.zeros_like(weights), np.empty_like(weights)
        self._steps = 0

    def step(self, gradient: Array, rate: float, rates: Rates) -> None:
        self._steps += 1
        if self._steps % _SWEEP == 0:
            _sweep(self._velocity, _SPECK)
        self._velocity *= rates.momentum
        self._velocity += gradient
        np.multiply(self._velocity, rate, out=self._work)
        self._weights -= self._work

    def state(self) -> dict[str, Any]:
        return {"velocity": self._velocity, "steps": self._steps}

    def load(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave, of a network of the same shape."""
        self._velocity[:] = state["velocity"]
        self._steps = int(state["steps"])


class Adam:
    """Kingma and Ba 2015, algorithm 1, with the corrections for bias moved onto the rate and epsilon."""

    def __init__(self, weights: Array) -> None:
        self._weights = weights
        self._mean, self._square = np.zeros_like(weights), np.zeros_like(weights)
        self._work = np.empty_like(weights)
        self._steps = 0
        self._decay1 = self._decay2 = 1.0

    def step(self, gradient: Array, rate: float, rates: Rates) -> None:
        self._steps += 1
        if self._steps % _SWEEP == 0:
            _sweep(self._mean, _SPECK)
            _sweep(self._square, _SPECK_SQUARED)
        self._decay1 *= rates.beta1
        self._decay2 *= rates.beta2
        self._average(gradient, rates)
        correction = math.sqrt(1.0 - self._decay2)
        work = self._work
        np.sqrt(self._square, out=work)
        work += rates.epsilon * correction
        np.divide(self._mean, work, out=work)
        work *= rate * correction / (1.0 - self._decay1)
        self._weights -= work

    def state(self) -> dict[str, Any]:
        decays = np.array([self._decay1, self._decay2])
        return {"mean": self._mean, "square": self._square, "steps": self._steps, "decays": decays}

    def load(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave, of a network of the same shape."""
        self._mean[:], self._square[:] = state["mean"], state["square"]
        self._steps = int(state["steps"])
        self._decay1, self._decay2 = (float(decay) for decay in state["decays"])

    def _average(self, gradient: Array, rates: Rates) -> None:
        work = self._work
        self._mean *= rates.beta1
        np.multiply(gradient, 1.0 - rates.beta1, out=work)
        self._mean += work
        self._square *= rates.beta2
        np.multiply(gradient, gradient, out=work)
        work *= 1.0 - rates.beta2
        self._square += work


Optimizer = Momentum | Adam


def _sweep(values: Array, speck: float) -> None:
    values[np.abs(values) < speck] = 0
