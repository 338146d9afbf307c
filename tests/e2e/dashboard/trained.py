"""Trials that are really trained: the built-in perceptron on handwritten digits, in a program that asks and tells."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.e2e.dashboard.served import Served

from caviar_workers.trainers import mlp

EPOCHS = 3
SPACE: dict[str, Any] = {
    "learning_rate": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
    "momentum": {"type": "float", "low": 0.9, "high": 0.999, "scale": "one_minus_log"},
    "units": {"type": "int", "low": 16, "high": 256, "scale": "log"},
    "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
}
OPTIONS: dict[str, Any] = {"dataset": "digits", "epochs": EPOCHS, "params": {"batch_size": 64}}


def as_json(metrics: dict[str, float]) -> dict[str, float | str]:
    return {name: value if math.isfinite(value) else "NaN" for name, value in metrics.items()}


class EndedEarlyError(Exception):
    """The service said stop."""


class Told:
    """What a trainer needs of a trial, with every report told to the service."""

    folder = Path()

    def __init__(self, service: Served, trial: Any) -> None:
        self._service = service
        self._id = trial["id"]
        params = dict(trial["params"])
        self.params: dict[str, Any] = {"hidden_units": params.pop("units"), **params}

    def steps(self, n: int, /) -> Iterator[int]:
        yield from range(1, n + 1)

    def checkpoint(self, path: Path, step: float) -> None:
        """None is asked for."""

    def restore(self) -> Path | None:
        return None

    def report(self, *, step: float, **metrics: float) -> None:
        said = self._service.call("POST", f"/trials/{self._id}/report", {"step": step, "metrics": as_json(metrics)})
        if said["verdict"] != "continue":
            raise EndedEarlyError


def train(service: Served, study: str, trials: int) -> None:
    """Trains so many; trial 3 fails."""
    done = 0
    while done < trials:
        asked = {"count": min(8, trials - done), "client": "the program"}
        for trial in service.call("POST", f"/studies/{study}/ask?wait=30s", asked)["items"]:
            service.call("POST", f"/trials/{trial['id']}/complete", _outcome(service, trial))
            done += 1


def _outcome(service: Served, trial: Any) -> dict[str, Any]:
    if trial["number"] == 3:
        return {"failed": {"code": "exception", "message": "RuntimeError: the loss is not finite"}}
    try:
        return {"metrics": as_json(mlp.run(Told(service, trial), OPTIONS))}
    except EndedEarlyError:
        return {}
