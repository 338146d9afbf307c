"""Tasks from a folder of recorded trainings, read through its own loader.py (see the folder's README)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from benchmarks.quality.tasks import Params, Task, exact

from caviar.domain.parameters import Choice, Float, Parameter, from_document
from caviar.domain.space import Space

_LAST_EPOCH = 52


@cache
def loader(folder: Path) -> ModuleType:
    spec = spec_from_file_location("quality_data_loader", folder / "loader.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(folder / "loader.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lcbench(folder: Path) -> list[Task]:
    data = loader(folder)
    space = {name: from_document(document) for name, document in data.LCBENCH_SPACE.items()}
    return [_lcbench(data, name, space) for name in data.LCBENCH_INSTANCES]


def _lcbench(data: ModuleType, name: str, space: dict[str, Parameter]) -> Task:
    curve = data.lcbench(name)

    def loss(params: Params) -> float:
        return float(curve(dict(params), [_LAST_EPOCH])[0])

    return exact(f"lcbench-{name}", "lcbench", space, loss, None)


def fcnet(folder: Path) -> list[Task]:
    data = loader(folder)
    return [_fcnet(data, name) for name in data.FCNET_NAMES]


def _fcnet(data: ModuleType, name: str) -> Task:
    """A trial sees the logarithm of one of four recorded seeds; it is judged by their mean."""
    table, _ = data.fcnet(name)
    axes: dict[str, tuple[Any, ...]] = data.FCNET_AXES
    space: dict[str, Parameter] = {
        axis: Choice(list(values), ordered=not isinstance(values[0], str)) for axis, values in axes.items()
    }

    def at(params: Params) -> tuple[int, ...]:
        return tuple(axes[axis].index(params[axis]) for axis in axes)

    table = np.log(table)
    means = table.mean(axis=-1)
    return Task(
        f"fcnet-{name}", "fcnet", space,
        loss=lambda params, repeat: float(table[at(params)][repeat % table.shape[-1]]),
        truth=lambda params: float(means[at(params)]), best=float(means.min()),
    )  # fmt: skip


def taskset(folder: Path) -> list[Task]:
    data = loader(folder)
    return [_taskset(data, name) for name in data.TASKSET_NAMES]


def _taskset(data: ModuleType, name: str) -> Task:
    """A forest over a thousand recorded configurations stands for the training; what diverged counts as the worst."""
    record = data.taskset(name)
    space = taskset_space(record["names"], record["X"])
    cube = Space(space)
    units = np.array([cube.encode(dict(zip(record["names"], row.tolist(), strict=True))) for row in record["X"]])
    final = record["valid"][:, -1]
    ceiling = float(np.nanquantile(final, 0.9))
    forest = _forest(units, np.minimum(np.nan_to_num(final, nan=ceiling, posinf=ceiling), ceiling))

    def loss(params: Params) -> float:
        return float(forest().predict(cube.encode(dict(params))[None])[0])

    return Task(f"taskset-{name.split('_', 1)[1]}", "taskset", space, lambda params, _: loss(params), loss, sample=400)


def _forest(units: Any, values: Any) -> Callable[[], Any]:
    @cache
    def fitted() -> Any:
        from sklearn.ensemble import ExtraTreesRegressor  # noqa: PLC0415 - half a second that other suites save

        return ExtraTreesRegressor(40, random_state=0).fit(units, values)

    return fitted


def taskset_space(names: list[str], rows: Any) -> dict[str, Parameter]:
    """Log scale where recorded values span more than a factor of hundred."""
    low, high = rows.min(axis=0), rows.max(axis=0)
    return {
        name: Float(float(a), float(b), scale="log" if a > 0 and b / a > 100 else "linear")
        for name, a, b in zip(names, low, high, strict=True)
    }
