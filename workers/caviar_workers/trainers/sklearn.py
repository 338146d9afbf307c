"""`builtin: sklearn`: any estimator in scikit-learn's manner, by its import path, judged by cross-validation.

Hyperparameters are the estimator's own arguments. Options: estimator (say sklearn.svm.SVC), dataset, target and task
(see datasets), folds, scoring (a name of scikit-learn's; default accuracy, or r2 for regression), params (fixed
arguments), standardise (scale the columns within each fold; default true), seed (of the folds, and the estimator's
random_state if it has one).

Reports after each fold k, as step k, the mean over the folds so far: score (larger is better) and val_error, which is
1 − score, or −score for the scorings called neg_*; and fold_score of that fold alone.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol

import numpy as np
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from caviar_workers.trainers import datasets
from caviar_workers.trainers.arguments import Arguments, TrainerError, unknown
from caviar_workers.trainers.datasets import Dataset

_MAX_SEED: Final = 2**32 - 1


class Trial(Protocol):
    """What the trainer needs of caviar.Trial."""

    @property
    def params(self) -> Mapping[str, Any]: ...
    def report(self, *, step: float, **metrics: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Options:
    estimator: str
    dataset: str
    target: str
    task: str
    folds: int
    scoring: str
    standardise: bool
    seed: int
    params: Mapping[str, Any]


def run(trial: Trial, options: Mapping[str, Any]) -> dict[str, float]:
    """Returns the metrics of all folds; raises TrainerError for what it can't do."""
    settings = read_options(options)
    data = datasets.load(settings.dataset, settings.target, settings.task)
    estimator = build(settings.estimator, {**settings.params, **trial.params}, settings.seed)
    model = make_pipeline(StandardScaler(), estimator) if settings.standardise else estimator
    metrics: dict[str, float] = {}
    scores: list[float] = []
    for fold, score in enumerate(_scores(model, data, settings), 1):
        scores.append(score)
        mean = float(np.mean(scores))
        error = -mean if settings.scoring.startswith("neg_") else 1.0 - mean
        metrics = {"val_error": error, "score": mean}
        trial.report(step=fold, fold_score=score, **metrics)
    return metrics


def read_options(options: Mapping[str, Any]) -> Options:
    read = Arguments(options, "trainer sklearn, options")
    settings = Options(
        estimator=read.text("estimator", ""),
        dataset=read.text("dataset", "digits"),
        target=read.text("target", ""),
        task=read.text("task", "", ("", *datasets.TASKS)),
        folds=read.whole("folds", 5, low=2, high=10_000),
        scoring=read.text("scoring", "", ("", *get_scorer_names())),
        standardise=read.flag("standardise", default=True),
        seed=read.whole("seed", 0, low=0, high=_MAX_SEED),
        params=read.mapping("params"),
    )
    read.finish()
    if not settings.estimator:
        raise TrainerError("trainer sklearn, options: estimator is missing, say sklearn.svm.SVC")
    return settings


def build(path: str, params: Mapping[str, Any], seed: int) -> Any:
    """The estimator at import path `path`; names with `__` reach into estimators that hold others."""
    kind = _import(path)
    arguments = [name for name in inspect.signature(kind).parameters if name not in {"args", "kwargs"}]
    _refuse_unknown(path, (name for name in params if "__" not in name), arguments)
    plain = {name: value for name, value in params.items() if "__" not in name}
    if "random_state" in arguments:
        plain.setdefault("random_state", seed)
    try:
        estimator = kind(**plain)
    except TypeError as wrong:
        raise TrainerError(f"{path}: {wrong}") from wrong
    inner = {name: value for name, value in params.items() if "__" in name}
    _refuse_unknown(path, inner, estimator.get_params())
    return estimator.set_params(**inner)


def _refuse_unknown(path: str, names: Any, accepted: Any) -> None:
    wrong = [unknown(name, accepted) for name in names if name not in accepted]
    if wrong:
        raise TrainerError(f"{path}: parameter {'; '.join(wrong)}")


def _import(path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        kind = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as missing:
        raise TrainerError(f"estimator {path!r} can't be imported: {missing}") from missing
    if not (isinstance(kind, type) and all(hasattr(kind, method) for method in ("fit", "get_params", "set_params"))):
        raise TrainerError(f"estimator {path!r} is not a class in scikit-learn's manner (fit, get_params, set_params)")
    return kind


def _scores(model: Any, data: Dataset, settings: Options) -> Iterator[float]:
    scorer = check_scoring(model, settings.scoring or ("accuracy" if data.classes else "r2"))
    folds = StratifiedKFold if data.classes else KFold
    splitter = folds(settings.folds, shuffle=True, random_state=settings.seed)
    for train, held_out in _splits(splitter, data):
        model.fit(data.features[train], data.targets[train])
        yield float(scorer(model, data.features[held_out], data.targets[held_out]))


def _splits(splitter: Any, data: Dataset) -> list[tuple[Any, Any]]:
    try:
        return list(splitter.split(data.features, data.targets))
    except ValueError as too_few:
        raise TrainerError(f"folds: {too_few}") from too_few
