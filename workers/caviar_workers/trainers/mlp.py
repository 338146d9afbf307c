"""`builtin: mlp`: a multi-layer perceptron in numpy, trained by mini-batches.

Hyperparameters (all optional): learning_rate, decay (the rate in epoch e, from 0, is learning_rate / (1 + decay · e)),
optimizer (sgd or adam), momentum (of sgd), beta1, beta2 and epsilon (of adam), batch_size, hidden_units, layers (hidden
ones), activation (relu or tanh), l2, seed (of the first weights and the order of rows; default: the option `seed`).
Rates and batch_size are read anew before each epoch; the rest holds for the whole trial.

Options: dataset, target and task (see datasets), epochs, validation (the share of rows held out), seed (of that split),
params (fixed hyperparameters), checkpoint_epochs (a checkpoint every so many epochs; 0, the default, makes none).

Reports each epoch train_loss (mean over the epoch's batches), val_loss, and val_error: for classes the share of wrong
ones (and val_accuracy), for regression 1 − R² (and val_r2), which is 1 when nothing was learned. Training that
overflows reports NaN and ends there.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from caviar_workers.trainers import datasets, saved
from caviar_workers.trainers.arguments import Arguments
from caviar_workers.trainers.datasets import Split
from caviar_workers.trainers.network import ACTIVATIONS, Activation, Network
from caviar_workers.trainers.optimizers import Adam, Momentum, Optimizer

_MAX_SEED: Final = 2**63 - 1


class Trial(Protocol):
    """What the trainer needs of caviar.Trial."""

    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def folder(self) -> Path: ...
    def steps(self, n: int, /) -> Iterator[int]: ...
    def checkpoint(self, path: Path, step: float) -> None: ...
    def restore(self) -> Path | None: ...
    def report(self, *, step: float, **metrics: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    learning_rate: float
    decay: float
    optimizer: str
    momentum: float
    beta1: float
    beta2: float
    epsilon: float
    batch_size: int
    hidden_units: int
    layers: int
    activation: Activation
    l2: float
    seed: int


@dataclass(frozen=True, slots=True)
class Options:
    dataset: str
    target: str
    task: str
    epochs: int
    validation: float
    seed: int
    params: Mapping[str, Any]
    checkpoint_epochs: int


def run(trial: Trial, options: Mapping[str, Any]) -> dict[str, float]:
    """Trains to the end and returns the last epoch's metrics; raises TrainerError for what it can't do."""
    settings = read_options(options)
    start = read_hyperparameters(trial.params, settings)
    data = datasets.load(settings.dataset, settings.target, settings.task)
    split = datasets.split(data, settings.validation, settings.seed, np.float32)
    with np.errstate(all="ignore"):  # training that overflows is a result, not a mistake
        return _train(trial, settings, start, split)


def read_options(options: Mapping[str, Any]) -> Options:
    read = Arguments(options, "trainer mlp, options")
    settings = Options(
        dataset=read.text("dataset", "digits"),
        target=read.text("target", ""),
        task=read.text("task", "", ("", *datasets.TASKS)),
        epochs=read.whole("epochs", 20, low=1, high=1_000_000),
        validation=read.number("validation", 0.2, low=0.0, high=0.9, open_low=True),
        seed=read.whole("seed", 0, low=0, high=_MAX_SEED),
        params=read.mapping("params"),
        checkpoint_epochs=read.whole("checkpoint_epochs", 0, low=0, high=1_000_000),
    )
    read.finish()
    return settings


def read_hyperparameters(params: Mapping[str, Any], settings: Options) -> Hyperparameters:
    read = Arguments({**settings.params, **params}, "trainer mlp, parameters")
    hyper = Hyperparameters(
        learning_rate=read.number("learning_rate", 0.01, low=0.0, high=1e9, open_low=True),
        decay=read.number("decay", 0.0, low=0.0, high=1e9),
        optimizer=read.text("optimizer", "sgd", ("sgd", "adam")),
        momentum=read.number("momentum", 0.9, low=0.0, high=1.0),
        beta1=read.number("beta1", 0.9, low=0.0, high=1.0 - 1e-12),
        beta2=read.number("beta2", 0.999, low=0.0, high=1.0 - 1e-12),
        epsilon=read.number("epsilon", 1e-8, low=0.0, high=1e9, open_low=True),
        batch_size=read.whole("batch_size", 32, low=1, high=2**31),
        hidden_units=read.whole("hidden_units", 64, low=1, high=100_000),
        layers=read.whole("layers", 1, low=0, high=100),
        activation=cast("Activation", read.text("activation", "relu", ACTIVATIONS)),
        l2=read.number("l2", 0.0, low=0.0, high=1e9),
        seed=read.whole("seed", settings.seed, low=0, high=_MAX_SEED),
    )
    read.finish()
    return hyper


def _train(trial: Trial, settings: Options, start: Hyperparameters, split: Split) -> dict[str, float]:
    generator = np.random.default_rng([start.seed, 1])
    network = _build(start, split, generator)
    optimizer = Adam(network.weights) if start.optimizer == "adam" else Momentum(network.weights)
    if settings.checkpoint_epochs and (found := trial.restore()) is not None:
        saved.load(found, network, optimizer, generator)
    metrics: dict[str, float] = {}
    for step in trial.steps(settings.epochs):
        hyper = read_hyperparameters(trial.params, settings)
        rate = hyper.learning_rate / (1.0 + hyper.decay * (step - 1))
        train_loss = _epoch(network, optimizer, split, generator, hyper, rate)
        metrics = {"train_loss": train_loss, **_validate(network, split)}
        if not (math.isfinite(train_loss) and math.isfinite(metrics["val_loss"])):
            metrics = dict.fromkeys(metrics, math.nan)
        trial.report(step=step, **metrics)
        if settings.checkpoint_epochs and step % settings.checkpoint_epochs == 0:
            trial.checkpoint(saved.save(trial.folder, network, optimizer, generator), step=step)
        if math.isnan(metrics["val_loss"]):
            break
    return metrics


def _build(hyper: Hyperparameters, split: Split, generator: np.random.Generator) -> Network:
    sizes = (split.train_x.shape[1], *[hyper.hidden_units] * hyper.layers, split.train_y.shape[1])
    classes = split.task == "classification"
    return Network(sizes, activation=hyper.activation, classes=classes, generator=generator)


def _epoch(network: Network, optimizer: Optimizer, split: Split, generator: np.random.Generator,
           hyper: Hyperparameters, rate: float) -> float:  # fmt: skip
    """The mean loss over the rows, each taken before the step it led to; not finite as soon as one batch's isn't."""
    rows = len(split.train_x)
    order = generator.permutation(rows)
    x, y = split.train_x[order], split.train_y[order]
    total = 0.0
    for first in range(0, rows, hyper.batch_size):
        batch = slice(first, first + hyper.batch_size)
        loss = network.objective(x[batch], y[batch], hyper.l2)
        if not math.isfinite(loss):
            return math.nan
        optimizer.step(network.gradient, rate, hyper)
        total += loss * len(x[batch])
    return total / rows


def _validate(network: Network, split: Split) -> dict[str, float]:
    loss, outputs = network.evaluate(split.val_x, split.val_y)
    if split.task == "classification":
        wrong = float(np.mean(outputs.argmax(axis=1) != split.val_y.argmax(axis=1)))
        return {"val_loss": loss, "val_error": wrong, "val_accuracy": 1.0 - wrong}
    unexplained = _unexplained(outputs, split.val_y)
    return {"val_loss": loss, "val_error": unexplained, "val_r2": 1.0 - unexplained}


def _unexplained(outputs: NDArray[Any], y: NDArray[Any]) -> float:
    """1 − R²; NaN when all targets are the same."""
    spread = float(np.sum((y - y.mean()) ** 2))
    return float(np.sum((outputs - y) ** 2)) / spread if spread else math.nan
