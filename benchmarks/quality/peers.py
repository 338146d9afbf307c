# ruff: noqa: PLC0415 (a peer's library is imported where it runs)
"""The searchers under comparison, each driven as its own documentation says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarks.quality.smac_peer import SmacPeer
from benchmarks.quality.tasks import Params

from caviar.domain.parameters import Choice, Constant, Float, Int, Parameter, conditions
from caviar.domain.space import Space
from caviar.search.coarse_to_fine.search import CoarseToFine
from caviar.search.history import HistoryBuffer, Outcome
from caviar.search.random_search import RandomSearch
from caviar.search.searcher import Round, Searcher
from caviar.search.sobol import SobolSearch

Axes = Mapping[str, Parameter]


class Peer(Protocol):
    def ask(self) -> tuple[Any, Params]:
        """A token to tell with, and a configuration."""
        ...

    def tell(self, token: Any, loss: float | None) -> None: ...


class Ours:
    def __init__(self, searcher: Searcher, space: Space) -> None:
        self._searcher, self._buffer = searcher, HistoryBuffer(space.dimension)
        self.rounds: list[Round] = []

    def ask(self) -> tuple[Any, Params]:
        plan = self._searcher.suggest(self._buffer.view(), self.rounds, len(self._buffer), 1)
        self.rounds += plan.rounds
        suggestion = plan.suggestions[0]
        self._buffer.append(suggestion.number, suggestion.unit, suggestion.round)
        return suggestion.number, suggestion.params

    def tell(self, token: Any, loss: float | None) -> None:
        self._buffer.update(token, Outcome.FAILED if loss is None else Outcome.COMPLETED, loss)


class OptunaPeer:
    """Ask and tell, define by run; averages are searched as the logarithm of what they lack to one."""

    def __init__(self, sampler: Any, axes: Axes) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._study, self._axes = optuna.create_study(sampler=sampler), axes
        self._failed = optuna.trial.TrialState.FAIL

    def ask(self) -> tuple[Any, Params]:
        trial = self._study.ask()
        params: dict[str, Any] = {}
        for name in _parents_first(self._axes):
            axis = self._axes[name]
            if all(params.get(parent) in values for parent, values in conditions(axis).items()):
                params[name] = _suggested(trial, name, axis)
        return trial, params

    def tell(self, token: Any, loss: float | None) -> None:
        if loss is None:
            self._study.tell(token, state=self._failed)
        else:
            self._study.tell(token, loss)


class Prototype:
    """The experiment that lies beside the recorded data, in its own small space model."""

    def __init__(self, folder: Path, variant: str, axes: Axes, seed: int, budget: int) -> None:
        sys.path.insert(0, str(folder / "prototype"))
        model, search = import_module("space"), import_module("c2f")
        self._averages = [name for name, axis in axes.items() if getattr(axis, "scale", "") == "one_minus_log"]
        space = model.Space([_param(model, name, axes[name]) for name in _parents_first(axes)])
        self._search = search.build(variant, space, seed, budget)

    def ask(self) -> tuple[Any, Params]:
        config = self._search.ask(1)[0]
        return config, {name: 1 - value if name in self._averages else value for name, value in config.items()}

    def tell(self, token: Any, loss: float | None) -> None:
        self._search.tell(token, float("nan") if loss is None else loss)


def _parents_first(axes: Axes) -> list[str]:
    return sorted(axes, key=lambda name: len(conditions(axes[name])))


def _suggested(trial: Any, name: str, axis: Parameter) -> Any:
    match axis:
        case Float(low, high, scale="one_minus_log"):
            return 1 - trial.suggest_float(name, 1 - high, 1 - low, log=True)
        case Float(low, high, scale=scale, step=step):
            return trial.suggest_float(name, low, high, step=step, log=scale == "log")
        case Int(low, high, scale=scale):
            return trial.suggest_int(name, low, high, log=scale == "log")
        case Choice(values):
            return trial.suggest_categorical(name, list(values))
        case Constant(value):
            return value


def _param(model: Any, name: str, axis: Parameter) -> Any:
    parents = [(parent, tuple(values)) for parent, values in conditions(axis).items()]
    when = {"parent": parents[0][0], "parent_in": parents[0][1]} if parents else {}
    match axis:
        case Float(low, high, scale="one_minus_log"):
            return model.F(name, 1 - high, 1 - low, log=True, **when)
        case Float(low, high, scale=scale):
            return model.F(name, low, high, log=scale == "log", **when)
        case Int(low, high, scale=scale):
            return model.I(name, low, high, log=scale == "log", **when)
        case Choice(values, ordered=ordered):
            return (model.O if ordered else model.C)(name, values, **when)
    raise ValueError(name)


def _optuna(name: str) -> Callable[[int], Any]:
    def build(seed: int) -> Any:
        import optuna

        samplers = {
            "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
            "tpe_parallel": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True),
            "gp": lambda: optuna.samplers.GPSampler(seed=seed),
            "cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed),
        }
        return samplers[name]()

    return build


OURS: dict[str, Callable[[Space, int, int], Searcher]] = {
    "coarse_to_fine": CoarseToFine,
    "random": lambda space, seed, _: RandomSearch(space, seed),
    "sobol": lambda space, seed, _: SobolSearch(space, seed),
}
OPTUNA = ("tpe", "tpe_parallel", "gp", "cmaes")


def build(name: str, axes: Axes, seed: int, budget: int, folder: Path | None) -> Peer:
    """A fresh peer; names that begin with c2f are the prototype's."""
    if name in OURS:
        space = Space(axes)
        return Ours(OURS[name](space, seed, budget), space)
    if name in OPTUNA:
        return OptunaPeer(_optuna(name)(seed), axes)
    if name == "smac":
        return SmacPeer(axes, seed, budget)
    if name.startswith("c2f") and folder is not None:
        return Prototype(folder, name, axes, seed, budget)
    raise ValueError(
        f"no searcher is called {name}; known: {', '.join([*OURS, *OPTUNA])}, smac, and c2f-... with --data"
    )
