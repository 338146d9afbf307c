import gc
import math
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from tests.unit.workers.recorded_trial import RecordedTrial

from caviar_workers.trainers import TrainerError, builtin, datasets
from caviar_workers.trainers.mlp import run

GOOD = {"learning_rate": 0.03, "momentum": 0.9, "batch_size": 32, "hidden_units": 64, "decay": 0.02}


def _trained(options=None, **params):
    trial = RecordedTrial(**params)
    final = run(trial, {"dataset": "digits", "epochs": 5, **(options or {})})
    return trial, final


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("params", [GOOD, {"optimizer": "adam", "learning_rate": 0.003, "layers": 2}])
def test_it_learns_digits_to_less_than_4_percent_error(params, seed):
    trial, final = _trained({"epochs": 30, "seed": seed}, **params)
    assert final["val_error"] < 0.04
    assert final["val_accuracy"] == 1 - final["val_error"]
    assert [step for step, _ in trial.reports] == list(range(1, 31))
    assert trial.reports[-1][1] == final
    assert trial.series("train_loss")[-1] < trial.series("train_loss")[0]


def test_it_learns_a_regression_about_as_well_as_linear_least_squares():
    trial, final = _trained({"dataset": "diabetes", "epochs": 30, "seed": 4}, learning_rate=0.005, l2=0.05)
    data = datasets.split(datasets.load("diabetes"), 0.2, 4, np.float64)
    weights, *_ = np.linalg.lstsq(data.train_x, data.train_y)
    residual = data.val_y - data.val_x @ weights
    linear = np.sum(residual**2) / np.sum((data.val_y - data.val_y.mean()) ** 2)
    assert final["val_error"] < linear + 0.1
    assert final["val_r2"] == 1 - final["val_error"]
    assert "val_accuracy" not in trial.reports[0][1]


PEERS = [
    ({"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9}, {"solver": "sgd", "nesterovs_momentum": False}),
    ({"optimizer": "adam", "learning_rate": 0.003, "layers": 2}, {"solver": "adam", "hidden_layer_sizes": (64, 64)}),
]


@pytest.mark.parametrize(("ours", "theirs"), PEERS)
def test_classification_errs_as_often_as_scikit_learns_on_the_same_rows(ours, theirs):
    errors, peers = [], []
    for seed in range(4):
        _, final = _trained({"epochs": 25, "seed": seed}, batch_size=32, hidden_units=64, **ours)
        errors.append(final["val_error"])
        data = datasets.split(datasets.load("digits"), 0.2, seed, np.float32)
        peer = _peer(MLPClassifier, ours, theirs, seed).fit(data.train_x, data.train_y.argmax(axis=1))
        peers.append(1 - peer.score(data.val_x, data.val_y.argmax(axis=1)))
    assert np.mean(errors) == pytest.approx(np.mean(peers), abs=0.01)


def test_regression_errs_as_much_as_scikit_learns_on_the_same_rows():
    ours = {"learning_rate": 0.005, "momentum": 0.8}
    errors, peers = [], []
    for seed in range(4):
        options = {"dataset": "diabetes", "epochs": 25, "seed": seed}
        errors.append(_trained(options, batch_size=32, hidden_units=64, **ours)[1]["val_error"])
        data = datasets.split(datasets.load("diabetes"), 0.2, seed, np.float32)
        peer = _peer(MLPRegressor, ours, {"solver": "sgd", "nesterovs_momentum": False}, seed)
        peers.append(1 - peer.fit(data.train_x, data.train_y.ravel()).score(data.val_x, data.val_y.ravel()))
    assert np.mean(errors) == pytest.approx(np.mean(peers), abs=0.08)


def _peer(kind, ours, theirs, seed):
    warnings.simplefilter("ignore", ConvergenceWarning)
    same = {"hidden_layer_sizes": (64,), "batch_size": 32, "alpha": 0.0, "max_iter": 25, "tol": 0.0}
    if "momentum" in ours:
        same["momentum"] = ours["momentum"]
    rate = {"learning_rate_init": ours["learning_rate"], "n_iter_no_change": 1000, "random_state": seed}
    return kind(**{**same, **rate, **theirs})


def test_the_same_seed_gives_the_same_numbers_exactly():
    first, second = _trained(**GOOD)[0], _trained(**GOOD)[0]
    assert first.reports == second.reports


def test_the_seed_of_the_weights_changes_the_numbers_but_not_the_split():
    losses = {_trained(seed=seed, **GOOD)[1]["val_loss"] for seed in range(3)}
    assert len(losses) == 3
    before = datasets.split.cache_info().misses
    _trained(seed=9, **GOOD)
    assert datasets.split.cache_info().misses == before


@pytest.mark.parametrize(
    "params",
    [
        {"learning_rate": 1e9},
        {"learning_rate": 100.0, "momentum": 0.999, "layers": 3},
        {"learning_rate": 1e8, "activation": "tanh", "l2": 1e8},
        {"learning_rate": 1e9, "optimizer": "adam", "layers": 8},
    ],
)
def test_overflow_is_reported_as_nan_without_a_warning_and_ends_the_training(params):
    trial, final = _trained({"epochs": 20}, **params)
    assert all(math.isnan(value) for value in final.values())
    assert set(final) == {"train_loss", "val_loss", "val_error", "val_accuracy"}
    assert len(trial.reports) < 20
    assert all(math.isnan(value) for value in trial.reports[-1][1].values())


def test_a_rate_changed_from_outside_holds_from_the_next_epoch():
    class Nudged(RecordedTrial):
        def report(self, *, step, **metrics):
            super().report(step=step, **metrics)
            self.params["learning_rate"] = 1e-12

    trial = Nudged(**GOOD)
    run(trial, {"dataset": "iris", "epochs": 4})
    losses = trial.series("val_loss")
    assert losses[1:] == pytest.approx([losses[1]] * 3, rel=1e-4)


@pytest.mark.parametrize("name", ["decay", "l2", "momentum", "batch_size", "hidden_units", "layers", "activation"])
def test_each_hyperparameter_has_an_effect(name):
    other = {"decay": 1.0, "l2": 0.1, "momentum": 0.0, "batch_size": 64, "hidden_units": 50, "layers": 2}
    changed = {**GOOD, name: other.get(name, "tanh")}
    assert _trained(**changed)[1] != _trained(**GOOD)[1]


@pytest.mark.parametrize(("name", "value"), [("beta1", 0.5), ("beta2", 0.9), ("epsilon", 0.1)])
def test_each_hyperparameter_of_adam_has_an_effect(name, value):
    plain = {"optimizer": "adam", "learning_rate": 0.001}
    assert _trained(**plain, **{name: value})[1] != _trained(**plain)[1]


def test_a_batch_larger_than_the_data_is_the_whole_data():
    final = _trained({"dataset": "iris"}, batch_size=10_000)[1]
    assert math.isfinite(final["val_loss"])


def test_fixed_hyperparameters_can_stand_in_the_options():
    assert _trained({"params": GOOD})[1] == _trained(**GOOD)[1]


def test_every_mistake_is_told_at_once_with_the_names_that_are_known():
    with pytest.raises(TrainerError) as caught:
        _trained(learning_rte=0.1, layers=-1, optimizer="rmsprop", l2=True)
    message = str(caught.value)
    assert "learning_rte is not known (did you mean learning_rate?)" in message
    assert "layers must be a whole number from 0 to 100, not -1" in message
    assert "optimizer must be one of sgd, adam, not 'rmsprop'" in message
    assert "l2 must be a number, not True" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epoch": 3}, "did you mean epochs"),
        ({"epochs": 0}, "epochs must be"),
        ({"validation": 0.0}, "validation must be above 0"),
        ({"params": 3}, "params must be a mapping"),
        ({"seed": -1}, "seed must be"),
        ({"task": "ranking"}, "task must be one of"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(TrainerError, match=message):
        _trained(options)


def test_trainers_are_found_by_name():
    assert builtin("mlp") is run
    with pytest.raises(TrainerError, match=r"mpl is not known \(did you mean mlp\?\); accepted are mlp, sklearn"):
        builtin("mpl")


def test_the_time_of_an_epoch_is_printed(capsys):
    _trained({"epochs": 2}, **GOOD)
    gc.collect()
    lines = []
    for params in ({"batch_size": 16}, {"batch_size": 64}, {"batch_size": 16, "layers": 3, "optimizer": "adam"}):
        start = time.perf_counter()
        _trained({"epochs": 20}, hidden_units=100, learning_rate=0.002, **params)
        lines.append(f"  {params}: {(time.perf_counter() - start) / 20 * 1e3:.1f} ms an epoch of digits")
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_what_goes_on_from_a_checkpoint_ends_as_if_nothing_had_happened(optimizer: str, tmp_path: Path) -> None:
    options = {"dataset": "digits", "epochs": 4, "checkpoint_epochs": 2}
    whole = RecordedTrial(optimizer=optimizer, hidden_units=8)
    whole.folder = tmp_path
    ended = run(whole, options)
    assert sorted(whole.kept) == [2, 4]
    rest = RecordedTrial(optimizer=optimizer, hidden_units=8)
    rest.folder = tmp_path
    rest.begin_with = (whole.kept[2], 2)
    assert run(rest, options) == ended
    assert rest.reports == whole.reports[2:]
