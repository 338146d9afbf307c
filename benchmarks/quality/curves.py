"""Tasks with learning curves, from a folder of recorded trainings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.quality.recorded import loader, taskset_space
from benchmarks.quality.tasks import Params
from numpy.typing import NDArray

from caviar.domain.parameters import Parameter, from_document
from caviar.domain.space import Space

Floats = NDArray[np.float64]
_SAMPLE = 2000


@dataclass(frozen=True)
class CurveTask:
    """`curve(params)` is the loss after steps 1 … `steps`; the last one is what counts."""

    name: str
    suite: str
    space: Mapping[str, Parameter]
    steps: int
    curve: Callable[[Params], Floats]
    finals: Callable[[list[Params]], Floats]

    @cached_property
    def scale(self) -> tuple[float, float]:
        """(best known, median) of the final losses: random configurations and rounds of refinement near the best."""
        space, rng = Space(self.space), np.random.default_rng(20_240_901)
        units = space.snap(rng.random((_SAMPLE, space.dimension)))
        losses = self.finals(list(space.decode(units)))
        middle = float(np.nanmedian(losses))
        for spread in (0.2, 0.1, 0.05, 0.02):
            best = units[np.argsort(losses)[:20]]
            near = np.repeat(best, 15, 0) + rng.normal(size=(300, space.dimension)) * spread
            near = space.snap(np.clip(near, 0, 1))
            units, losses = np.vstack([units, near]), np.append(losses, self.finals(list(space.decode(near))))
        return float(np.nanmin(losses)), middle

    def regret(self, final: float) -> float:
        best, middle = self.scale
        return float(np.clip(100 * (final - best) / (middle - best), 0.0, 1000.0))


def lcbench(folder: Path) -> list[CurveTask]:
    data = loader(folder)
    space = {name: from_document(document) for name, document in data.LCBENCH_SPACE.items()}
    return [_lcbench(data, name, space) for name in data.LCBENCH_INSTANCES]


def _lcbench(data: Any, name: str, space: dict[str, Parameter]) -> CurveTask:
    curve = data.lcbench(name)
    steps = 52

    def finals(every: list[Params]) -> Floats:
        return np.array([float(curve(dict(params), [steps])[0]) for params in every])

    def whole(params: Params) -> Floats:
        return np.asarray(curve(dict(params), range(1, steps + 1)), float)

    return CurveTask(f"lcbench-{name}", "lcbench", space, steps, whole, finals)


def taskset(folder: Path) -> list[CurveTask]:
    data = loader(folder)
    return [_taskset(data.taskset(name), name) for name in data.TASKSET_NAMES]


def _taskset(record: dict[str, Any], name: str) -> CurveTask:
    """A forest over a thousand recorded trainings stands for the curves; what diverged counts as the worst."""
    space = taskset_space(record["names"], record["X"])
    cube, valid = Space(space), np.asarray(record["valid"], float)
    ceiling = float(np.nanquantile(valid[:, -1], 0.9))
    valid = np.minimum(np.nan_to_num(valid, nan=ceiling, posinf=ceiling), ceiling)
    fitted: list[Any] = []

    def predicted(every: list[Params]) -> Floats:
        if not fitted:
            from sklearn.ensemble import ExtraTreesRegressor  # noqa: PLC0415 - half a second that others save

            units = [cube.encode(dict(zip(record["names"], row.tolist(), strict=True))) for row in record["X"]]
            fitted.append(ExtraTreesRegressor(40, random_state=0).fit(np.array(units), valid))
        found: Floats = fitted[0].predict(np.array([cube.encode(dict(params)) for params in every]))
        return found

    return CurveTask(
        f"taskset-{name.split('_', 1)[1]}", "taskset", space, valid.shape[1],
        lambda params: predicted([params])[0], lambda every: predicted(every)[:, -1],
    )  # fmt: skip
