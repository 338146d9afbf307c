"""Functions with known bottoms: shifted so that no bottom is at a centre, on linear, log and one-minus-log axes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from benchmarks.quality.tasks import Params, Task, exact
from numpy.typing import NDArray

from caviar.domain.parameters import Choice, Float, Int, Parameter
from caviar.domain.space import Space

Vector = NDArray[np.float64]
Function = Callable[[Vector], float]


def _sphere(x: Vector) -> float:
    return float(x @ x)


def _ellipsoid(x: Vector) -> float:
    return float((100 ** (np.arange(len(x)) / max(1, len(x) - 1))) @ (x * x))


def _rosenbrock(x: Vector) -> float:
    y = x + 1
    return float(np.sum(100 * (y[1:] - y[:-1] ** 2) ** 2 + (1 - y[:-1]) ** 2))


def _rastrigin(x: Vector) -> float:
    return float(np.sum(x * x - 2 * np.cos(2 * np.pi * x) + 2))


def _ackley(x: Vector) -> float:
    return float(20 - 20 * np.exp(-0.2 * np.sqrt(np.mean(x * x))) + np.e - np.exp(np.mean(np.cos(2 * np.pi * x))))


def _griewank(x: Vector) -> float:
    y = 5 * x
    return float(np.sum(y * y) / 400 - np.prod(np.cos(y / np.sqrt(np.arange(1, len(y) + 1)))) + 1)


def _levy(x: Vector) -> float:
    w = 1 + x / 4
    middle = (w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2)
    return float(np.sin(np.pi * w[0]) ** 2 + middle.sum() + (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2))


def _valley(x: Vector) -> float:
    """Smooth on one side, a cliff on the other, as a learning rate behaves."""
    return float(np.sum(np.where(x > 0, 5 * np.minimum(x, 1.0) + (x > 0.8) * 5, 0.4 * x * x)))


def _few_matter(x: Vector) -> float:
    """Two coordinates decide, the others hardly."""
    return float(x[0] ** 2 + 0.5 * x[1] ** 2 + np.abs(x[0] * x[1]) + 0.001 * (x[2:] @ x[2:]))


_SHAPES: dict[str, tuple[Function, float]] = {
    "sphere": (_sphere, 5), "ellipsoid": (_ellipsoid, 5), "rosenbrock": (_rosenbrock, 2), "rastrigin": (_rastrigin, 3),
    "ackley": (_ackley, 10), "griewank": (_griewank, 10), "levy": (_levy, 8), "valley": (_valley, 4),
    "few": (_few_matter, 5),
}  # fmt: skip


def tasks() -> list[Task]:
    plain = [
        _task(shape, dimension, rotated=shape in ("ellipsoid", "griewank", "levy"))
        for shape in _SHAPES
        for dimension in (3, 6, 10)
    ]
    return [*plain, _mixed("mixed", 0), _mixed("mixed_rough", 1), _tree()]


def _axes(dimension: int) -> dict[str, Parameter]:
    kinds: list[Parameter] = [
        Float(1e-5, 1.0, scale="log"),
        Float(0.0, 1.0),
        Float(0.9, 0.999, scale="one_minus_log"),
        Int(1, 64),
        Int(8, 1024, scale="log"),
    ]
    return {f"p{index}": kinds[index % len(kinds)] for index in range(dimension)}


def _task(shape: str, dimension: int, *, rotated: bool) -> Task:
    axes = _axes(dimension)
    space = Space(axes)
    rng = np.random.default_rng(sum(map(ord, shape)) + dimension)
    shift = 0.15 + 0.7 * rng.random(dimension)
    turn = np.linalg.qr(rng.normal(size=(dimension, dimension)))[0] if rotated else np.eye(dimension)
    function, reach = _SHAPES[shape]

    def loss(params: Params) -> float:
        return function(turn @ (space.encode(dict(params)) - shift) * reach)

    return exact(f"{shape}{dimension}", "synthetic", axes, loss, None)


def _mixed(name: str, roughness: int) -> Task:
    """Choices that shift the bottom of a bowl, some of them bad in themselves."""
    axes: dict[str, Parameter] = {
        "a": Choice(["u", "v", "w", "x"]), "b": Choice([True, False]), "c": Choice(["s", "m", "l"], ordered=True),
        **{f"p{index}": axis for index, axis in enumerate(_axes(4).values())},
    }  # fmt: skip
    space = Space(axes)
    rng = np.random.default_rng(roughness)
    shifts = 0.2 + 0.6 * rng.random((4, 4))
    levels = np.array([0.0, 0.3, 0.6, 1.0])

    def loss(params: Params) -> float:
        which = "uvwx".index(params["a"])
        x = (space.encode(dict(params))[[space.columns.index(f"p{i}") for i in range(4)]] - shifts[which]) * 3
        rough = roughness * float(np.sum(1 - np.cos(6 * x))) * 0.2
        return float(x @ x) + levels[which] + 0.5 * (not params["b"]) + 0.2 * "lms".index(params["c"]) + rough

    return exact(name, "synthetic", axes, loss, None if roughness else 0.0)


def _tree() -> Task:
    """Three branches with parameters of their own; the best one is narrow."""
    axes: dict[str, Parameter] = {
        "kind": Choice(["wide", "middle", "narrow"]),
        "lr": Float(1e-5, 1.0, scale="log"),
        **{
            f"{kind}_{axis}": Float(0, 1, when={"kind": [kind]})
            for kind in ("wide", "middle", "narrow")
            for axis in "xy"
        },
    }
    offsets = {"wide": (0.4, 1.0), "middle": (0.2, 3.0), "narrow": (0.0, 10.0)}

    def loss(params: Params) -> float:
        kind = params["kind"]
        offset, steep = offsets[kind]
        x, y = params[f"{kind}_x"] - 0.7, params[f"{kind}_y"] - 0.2
        return offset + steep * (x * x + y * y) + 0.1 * (np.log10(params["lr"]) + 2.3) ** 2

    return exact("tree", "synthetic", axes, loss, 0.0)
