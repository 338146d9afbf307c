# ruff: noqa: PLC0415 (scikit-learn is imported where it trains)
"""Real trainings on scikit-learn's bundled data: a fraction of a second each, remembered while a process lives."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from benchmarks.quality.tasks import Params, Task

from caviar.domain.parameters import Choice, Float, Int, Parameter

_ROWS = 600


@cache
def _data(name: str) -> tuple[Any, ...]:
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    x, y = StandardScaler().fit_transform(x)[:_ROWS], y[:_ROWS]
    return tuple(train_test_split(x, y, test_size=0.4, random_state=0))


def _svm(params: Params) -> Any:
    from sklearn.svm import SVC

    return SVC(
        C=params["c"], kernel=params["kernel"], gamma=params.get("gamma", "scale"), degree=params.get("degree", 3),
        coef0=params.get("coef0", 0.0), max_iter=2000,
    )  # fmt: skip


def _linear(params: Params) -> Any:
    from sklearn.linear_model import SGDClassifier

    return SGDClassifier(
        alpha=params["alpha"], penalty="elasticnet", l1_ratio=params["l1_ratio"], learning_rate=params["schedule"],
        eta0=params["eta0"], loss=params["loss"], max_iter=params["epochs"], tol=None, random_state=0,
    )  # fmt: skip


def _forest(params: Params) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(**params, random_state=0)


_SPACES: dict[str, tuple[Callable[[Params], Any], dict[str, Parameter]]] = {
    "svm": (_svm, {
        "c": Float(1e-3, 1e3, scale="log"), "kernel": Choice(["rbf", "poly", "sigmoid", "linear"]),
        "gamma": Float(1e-5, 10, scale="log", when={"kernel": ["rbf", "poly", "sigmoid"]}),
        "degree": Int(2, 5, when={"kernel": ["poly"]}), "coef0": Float(-1, 1, when={"kernel": ["poly", "sigmoid"]}),
    }),
    "linear": (_linear, {
        "alpha": Float(1e-7, 1e-1, scale="log"), "l1_ratio": Float(0, 1), "eta0": Float(1e-4, 10, scale="log"),
        "schedule": Choice(["constant", "invscaling", "adaptive"]), "loss": Choice(["hinge", "log_loss"]),
        "epochs": Int(2, 60, scale="log"),
    }),
    "tree": (_forest, {
        "max_depth": Int(1, 30, scale="log"), "min_samples_split": Int(2, 40, scale="log"),
        "min_samples_leaf": Int(1, 20, scale="log"), "max_features": Float(0.05, 1.0),
        "criterion": Choice(["gini", "entropy", "log_loss"]), "ccp_alpha": Float(1e-6, 0.1, scale="log"),
    }),
}  # fmt: skip


def tasks() -> list[Task]:
    return [
        _task(f"{model}-{name}", name, *_SPACES[model])
        for name in ("digits", "wine", "breast_cancer")
        for model in _SPACES
    ]


def _task(title: str, data: str, build: Callable[[Params], Any], space: dict[str, Parameter]) -> Task:
    @cache
    def measured(key: tuple[tuple[str, Any], ...]) -> float:
        """Log loss where the model has probabilities or margins, so that small data still tell models apart."""
        train, test, train_y, test_y = _data(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = build(dict(key)).fit(train, train_y)
        return _cross_entropy(model, test, test_y)

    def loss(params: Params) -> float:
        return measured(tuple(sorted(params.items())))

    return Task(title, "sklearn", space, lambda params, _: loss(params), loss, sample=260)


def _cross_entropy(model: Any, x: Any, y: Any) -> float:
    scores = model.predict_proba(x) if hasattr(model, "tree_") else model.decision_function(x)
    scores = np.log(np.maximum(scores, 1e-3)) if hasattr(model, "tree_") else np.clip(scores, -10, 10)
    if scores.ndim == 1:
        scores = np.column_stack([-scores / 2, scores / 2])
    shares = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float(-shares[np.arange(len(y)), y].mean())
