"""A fully connected network in numpy. All weights lie in one vector, so an optimiser's step is a few operations."""

import math
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Activation = Literal["relu", "tanh"]
ACTIVATIONS: Final = ("relu", "tanh")
_ROWS_AT_ONCE: Final = 4096


class Network:
    """Layers of `sizes` units, the first being the inputs and the last the outputs (softmax for classes, as they are
    for regression). Loss: mean cross-entropy, or half the mean squared error; plus l2/2 · Σ weights² (not biases)."""

    def __init__(self, sizes: tuple[int, ...], *, activation: Activation, classes: bool,
                 generator: np.random.Generator, dtype: DTypeLike = np.float32) -> None:  # fmt: skip
        self._sizes, self._activation, self._classes = sizes, activation, classes
        self._matrices = sum(before * after for before, after in pairwise(sizes))
        self.weights: Array = np.zeros(self._matrices + sum(sizes[1:]), dtype)
        self.gradient: Array = np.zeros_like(self.weights)
        self._w, self._b = self._views(self.weights)
        self._gw, self._gb = self._views(self.gradient)
        self._units: list[Array] = []
        self._deltas: list[Array] = []
        for matrix in self._w:
            matrix[:] = generator.uniform(-1.0, 1.0, matrix.shape) * self._spread(matrix)

    def objective(self, x: Array, y: Array, l2: float = 0.0) -> float:
        """The mean loss of the rows, without the l2 term; fills `gradient`, with the l2 term. `y` as in Split."""
        layers = [x, *self._forward(x)]
        delta = self._deltas[-1][: len(x)]
        loss = self._loss(layers[-1], y, delta)
        delta *= 1.0 / len(x)
        self._backward(layers, delta)
        if l2:
            self.gradient[: self._matrices] += l2 * self.weights[: self._matrices]
        return loss / len(x)

    def evaluate(self, x: Array, y: Array) -> tuple[float, Array]:
        """The mean loss of the rows without the l2 term, and their outputs (n, k) before softmax."""
        loss, outputs = 0.0, np.empty_like(y)
        for first in range(0, len(x), _ROWS_AT_ONCE):
            rows = slice(first, first + _ROWS_AT_ONCE)
            outputs[rows] = self._forward(x[rows])[-1]
            loss += self._loss(outputs[rows].copy(), y[rows], np.empty_like(y[rows]))
        return loss / len(x), outputs

    def penalty(self, l2: float) -> float:
        matrices = self.weights[: self._matrices]
        return 0.5 * l2 * float(np.vdot(matrices, matrices))

    def _forward(self, x: Array) -> list[Array]:
        self._make_room(len(x))
        layers, below = [], x
        for index, (matrix, bias) in enumerate(zip(self._w, self._b, strict=True)):
            units = self._units[index][: len(x)]
            np.matmul(below, matrix, out=units)
            units += bias
            if index < len(self._w) - 1:
                self._activate(units)
            layers.append(units)
            below = units
        return layers

    def _backward(self, layers: list[Array], delta: Array) -> None:
        for index in reversed(range(len(self._w))):
            np.matmul(layers[index].T, delta, out=self._gw[index])
            np.add.reduce(delta, axis=0, out=self._gb[index])
            if index:
                below = self._deltas[index - 1][: len(delta)]
                np.matmul(delta, self._w[index].T, out=below)
                self._times_slope(below, layers[index])
                delta = below

    def _loss(self, outputs: Array, y: Array, delta: Array) -> float:
        """The sum over the rows; fills `delta` with its derivative by `outputs`, which are overwritten."""
        if not self._classes:
            np.subtract(outputs, y, out=delta)
            return 0.5 * float(np.vdot(delta, delta))
        outputs -= np.maximum.reduce(outputs, axis=1, keepdims=True)
        np.exp(outputs, out=delta)
        sums = np.add.reduce(delta, axis=1, keepdims=True)
        loss = float(np.add.reduce(np.log(sums), axis=None)) - float(np.vdot(outputs, y))
        delta /= sums
        delta -= y
        return loss

    def _activate(self, units: Array) -> None:
        if self._activation == "relu":
            np.maximum(units, 0, out=units)
        else:
            np.tanh(units, out=units)

    def _times_slope(self, delta: Array, units: Array) -> None:
        if self._activation == "relu":
            delta *= units > 0
        else:
            delta *= 1 - units * units

    def _spread(self, matrix: Array) -> float:
        """He's bound for relu, Glorot's for tanh: uniform within it."""
        before, after = matrix.shape
        return math.sqrt(6 / before if self._activation == "relu" else 6 / (before + after))

    def _views(self, flat: Array) -> tuple[list[Array], list[Array]]:
        """All matrices come first, then all biases."""
        shapes = list(pairwise(self._sizes))
        ends = np.cumsum([0, *(before * after for before, after in shapes), *self._sizes[1:]])
        parts = [flat[start:end] for start, end in pairwise(ends)]
        matrices = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=False)]
        return matrices, parts[len(shapes) :]

    def _make_room(self, rows: int) -> None:
        if not self._units or len(self._units[0]) < rows:
            self._units = [np.empty((rows, size), self.weights.dtype) for size in self._sizes[1:]]
            self._deltas = [np.empty((rows, size), self.weights.dtype) for size in self._sizes[1:]]
