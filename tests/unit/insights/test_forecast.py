"""Forecasts: ranges that hold what comes, and silence where too little is known."""

import numpy as np
import pytest
from tests.support.views import Row, view_of

from caviar.insights.forecast import forecast, simulated_gains
from caviar.insights.ranges import sum_range

SPACE = {"lr": {"type": "float", "low": 0.0, "high": 1.0}}


def test_time_and_compute_are_what_is_left_at_the_pace_so_far() -> None:
    said = forecast(view_of(SPACE, lambda units: units[:, 0], 40, budget={"trials": 100}))
    assert (said["ended"], said["left"], said["spent_seconds"]) == (40, 60, 40.0)
    assert said["seconds"] == said["compute_seconds"] == {"low": 60.0, "middle": 60.0, "high": 60.0}


def test_with_few_trials_nothing_is_foretold() -> None:
    said = forecast(view_of(SPACE, lambda units: units[:, 0], 5, budget={"trials": 100}))
    assert (said["seconds"], said["compute_seconds"], said["gain"], said["stopping"]) == (None, None, None, None)


def test_four_in_five_sums_fall_into_the_range() -> None:
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(400):
        told = sum_range(rng.exponential(2.0, 60), 80)
        assert told is not None
        inside += told["low"] <= rng.exponential(2.0, 80).sum() <= told["high"]
    assert 0.7 <= inside / 400 <= 0.9


def test_gains_are_those_of_more_random_draws() -> None:
    """A bowl in two dimensions: the lowest of many more draws betters the best as often as is said."""
    rng = np.random.default_rng(4)
    told, true = [], []
    for _ in range(60):
        past, future = (rng.random((100, 2)) - 0.5 for _ in range(2))
        losses, best = (past**2).sum(axis=1), float((past**2).sum(axis=1).min())
        told.append(float((simulated_gains(losses, best, 100) > 0).mean()))
        true.append((future**2).sum(axis=1).min() < best)
    assert np.mean(told) == pytest.approx(np.mean(true), abs=0.2)


def test_no_gain_is_expected_where_all_are_equal() -> None:
    assert simulated_gains(np.ones(50), 1.0, 100).max() == 0


def test_random_draws_are_what_the_search_is_measured_by() -> None:
    said = forecast(view_of(SPACE, lambda units: units[:, 0], 60))["random_would_have_hit"]
    assert [each["top"] for each in said] == [0.1, 0.05, 0.01]
    assert said[1]["chance"] == pytest.approx(1 - 0.95**60, abs=1e-6)


def test_stopping_saves_what_the_stopped_would_have_taken() -> None:
    def shorter(row: Row) -> Row:
        return {**row, "seconds": 0.25 if row["state"] == "stopped" else 1.0}

    view = view_of(SPACE, lambda units: units[:, 0], 40, stopped_above=0.5, change=shorter, stopping={"rule": "asha"})
    said = forecast(view)["stopping"]
    assert said["stopped"] > 0
    assert said["saved_seconds"] == pytest.approx(0.75 * said["stopped"])
