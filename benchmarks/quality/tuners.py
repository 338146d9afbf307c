# ruff: noqa: PLC0415 (a peer's library is imported where it runs)
"""Searches with their stopping rules, and the simulated workers that train for them."""

from __future__ import annotations

import heapq
import math
from importlib.metadata import version
from typing import Any, Protocol

from benchmarks.quality.curves import CurveTask
from benchmarks.quality.peers import OptunaPeer
from benchmarks.quality.tasks import Params

from caviar.search.in_process import Search

_TRIALS = 400
"""What a study would announce: with stopping, a budget of 40 full trainings begins some hundreds."""


class Tuner(Protocol):
    def ask(self) -> tuple[Any, Params]: ...

    def report(self, token: Any, step: int, loss: float) -> bool:
        """Whether to go on. A trial that is to stop needs no `tell`."""
        ...

    def tell(self, token: Any, loss: float) -> None: ...


class Ours:
    def __init__(self, task: CurveTask, seed: int, strategy: str, stopping: dict[str, Any] | None) -> None:
        self._search = Search(task.space, strategy=strategy, seed=seed, trials=_TRIALS, stopping=stopping)

    def ask(self) -> tuple[Any, Params]:
        suggestion = self._search.ask(1)[0]
        return suggestion.number, suggestion.params

    def report(self, token: Any, step: int, loss: float) -> bool:
        return self._search.report(token, step, loss) == "continue"

    def tell(self, token: Any, loss: float) -> None:
        self._search.tell(token, loss)


class OptunaTuner(OptunaPeer):
    """As its documentation has it: report, ask `should_prune`, tell that it was pruned."""

    def __init__(self, task: CurveTask, seed: int, pruner: Any) -> None:
        import optuna

        super().__init__(optuna.samplers.TPESampler(seed=seed), task.space)
        self._study.pruner = pruner
        self._pruned = optuna.trial.TrialState.PRUNED

    def report(self, token: Any, step: int, loss: float) -> bool:
        token.report(loss, step)
        if not token.should_prune():
            return True
        self._study.tell(token, state=self._pruned)
        return False


def course(task: CurveTask, tuner: Tuner, parallel: int, budget: int) -> tuple[list[float], list[float], int]:
    """(spent, regret of what would be handed over then, trials begun): a point whenever that changes.

    Each worker trains one step a unit of time; `budget` steps are spent in all.
    """
    queue: list[tuple[int, int, Any, Any, int]] = []
    incumbent, spent_at, regrets, begun = (True, math.inf), list[float](), list[float](), 0
    for worker in range(parallel):
        token, params = tuner.ask()
        heapq.heappush(queue, (1, worker, token, task.curve(params), 1))
        begun += 1
    for spent in range(1, budget + 1):
        now, worker, token, curve, step = heapq.heappop(queue)
        loss, last = float(curve[step - 1]), step == task.steps
        goes_on = tuner.report(token, step, loss) and not last
        if (not last, loss) < incumbent:
            incumbent = (not last, loss)
            spent_at.append(spent)
            regrets.append(task.regret(float(curve[-1])))
        if goes_on:
            heapq.heappush(queue, (now + 1, worker, token, curve, step + 1))
            continue
        if last:
            tuner.tell(token, loss)
        token, params = tuner.ask()
        heapq.heappush(queue, (now + 1, worker, token, task.curve(params), 1))
        begun += 1
    return spent_at, regrets, begun


def build(name: str, task: CurveTask, seed: int) -> Tuner:
    """By one of NAMES."""
    match name:
        case "ours" | "random_asha":
            strategy = "coarse_to_fine" if name == "ours" else "random"
            return Ours(task, seed, strategy, {"rule": "asha", "max_steps": task.steps})
        case "random" | "coarse_to_fine":
            return Ours(task, seed, name, None)
        case "ours_hyperband" | "ours_median":
            return Ours(task, seed, "coarse_to_fine", {"rule": name.partition("_")[2], "max_steps": task.steps})
    import optuna

    match name:
        case "tpe_hyperband":
            return OptunaTuner(task, seed, optuna.pruners.HyperbandPruner(1, task.steps, 3))
        case "tpe_halving":
            return OptunaTuner(task, seed, optuna.pruners.SuccessiveHalvingPruner(1, 3))
        case "tpe":
            return OptunaTuner(task, seed, optuna.pruners.NopPruner())
    raise ValueError(f"no tuner is called {name}; known: {', '.join(NAMES)}")


NAMES = ("ours", "random_asha", "tpe_hyperband", "tpe_halving", "tpe", "random", "coarse_to_fine")


def versions() -> str:
    return ", ".join(f"{package} {version(package)}" for package in ("caviar", "optuna", "numpy", "scipy"))
