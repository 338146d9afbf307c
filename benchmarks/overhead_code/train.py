"""The work that every contender is given, and how Caviar calls it; this folder is the code bundle of Caviar's studies.

The cost of a trial does not depend on its configuration: a fixed number of epochs of a network of a fixed size.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

EPOCHS = 55
REPORTS = 10
NAP_SECONDS = 0.1

Report = Callable[[int, float], None]


def work(kind: str, params: Mapping[str, float], report: Report) -> float:
    """The loss of one configuration. `report` takes a step, from 1, and the loss there."""
    match kind:
        case "nothing":
            return params["learning_rate"]
        case "reports":
            for step in range(1, REPORTS + 1):
                report(step, params["learning_rate"] / step)
            return params["learning_rate"] / REPORTS
        case "sleep":
            time.sleep(NAP_SECONDS)
            return params["learning_rate"]
        case "network":
            return train_network(params["learning_rate"], params["alpha"])
    raise ValueError(kind)


@cache
def digits() -> tuple[Any, Any, Any, Any]:
    from sklearn.datasets import load_digits  # noqa: PLC0415  (the cheap kinds of work need no scikit-learn)
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    images, labels = load_digits(return_X_y=True)
    return tuple(train_test_split(images / 16.0, labels, test_size=0.3, random_state=0))


def train_network(learning_rate: float, alpha: float) -> float:
    """The validation error after EPOCHS epochs."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415

    inputs, held_out, labels, held_out_labels = digits()
    network = MLPClassifier(
        hidden_layer_sizes=(64, 64),
        batch_size=32,
        learning_rate_init=learning_rate,
        alpha=alpha,
        max_iter=EPOCHS,
        tol=0.0,
        n_iter_no_change=EPOCHS,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs, labels)
    return float(1.0 - network.score(held_out, held_out_labels))


def _call(kind: str, trial: Any) -> dict[str, float]:
    return {"loss": work(kind, trial.params, lambda step, loss: trial.report(step=step, loss=loss))}


def nothing(trial: Any) -> dict[str, float]:
    return _call("nothing", trial)


def reports(trial: Any) -> dict[str, float]:
    return _call("reports", trial)


def sleep(trial: Any) -> dict[str, float]:
    return _call("sleep", trial)


def network(trial: Any) -> dict[str, float]:
    return _call("network", trial)
