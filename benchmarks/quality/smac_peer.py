# ruff: noqa: PLC0415 (a peer's library is imported where it runs)
"""SMAC3 behind the peers' seam: its facade for hyperparameter optimisation, asked and told as its manual shows."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.quality.tasks import Params

from caviar.domain.parameters import Choice, Float, Int, Parameter, conditions

_CRASHED = 1e9
"""SMAC wants a finite cost of a trial that failed."""


class SmacPeer:
    def __init__(self, axes: Mapping[str, Parameter], seed: int, budget: int) -> None:
        from smac import HyperparameterOptimizationFacade, Scenario

        self._averages = {name for name, axis in axes.items() if getattr(axis, "scale", "") == "one_minus_log"}
        self._axes = axes
        scenario = Scenario(
            _space(axes, seed), deterministic=True, n_trials=budget, seed=seed,
            output_directory=Path(tempfile.mkdtemp(prefix="quality-smac-")),
        )  # fmt: skip
        self._smac = HyperparameterOptimizationFacade(scenario, _unused, overwrite=True, logging_level=False)

    def ask(self) -> tuple[Any, Params]:
        info = self._smac.ask()
        return info, {name: self._value(name, value) for name, value in dict(info.config).items()}

    def tell(self, token: Any, loss: float | None) -> None:
        from smac.runhistory.dataclasses import TrialValue

        self._smac.tell(token, TrialValue(cost=_CRASHED if loss is None or not math.isfinite(loss) else loss))

    def _value(self, name: str, value: Any) -> Any:
        axis = self._axes[name]
        if isinstance(axis, Choice):
            return axis.values[int(value)]
        if isinstance(axis, Int):
            return int(value)
        return 1 - float(value) if name in self._averages else float(value)


def _unused(config: Any, seed: int = 0) -> float:
    raise NotImplementedError


def _space(axes: Mapping[str, Parameter], seed: int) -> Any:
    from ConfigSpace import ConfigurationSpace, InCondition

    space = ConfigurationSpace(seed=seed)
    space.add([_hyperparameter(name, axis) for name, axis in axes.items()])
    for name, axis in axes.items():
        for parent, allowed in conditions(axis).items():
            holder = axes[parent]
            values = [_label(holder, value) for value in allowed]
            space.add(InCondition(space[name], space[parent], values))
    return space


def _hyperparameter(name: str, axis: Parameter) -> Any:
    """Values of a choice go by their place: ConfigSpace would turn them into numpy's types."""
    from ConfigSpace import Categorical, Integer
    from ConfigSpace import Float as Real

    match axis:
        case Float(low, high, scale="one_minus_log"):
            return Real(name, (1 - high, 1 - low), log=True)
        case Float(low, high, scale=scale):
            return Real(name, (low, high), log=scale == "log")
        case Int(low, high, scale=scale):
            return Integer(name, (low, high), log=scale == "log")
        case Choice(values, ordered=ordered):
            return Categorical(name, [str(place) for place in range(len(values))], ordered=ordered)
    raise ValueError(name)


def _label(holder: Parameter, value: Any) -> Any:
    return str(list(holder.values).index(value)) if isinstance(holder, Choice) else value
