"""A ranking that says what it does not know."""

import numpy as np
import pytest
from tests.support.views import Row, view_of

from caviar.insights.leaderboard import leaderboard, neighbourhood

SPACE = {"a": {"type": "float", "low": 0.0, "high": 1.0}, "b": {"type": "float", "low": 0.0, "high": 1.0}}


def test_without_repeats_it_ranks_by_value_and_claims_no_intervals() -> None:
    said = leaderboard(view_of(SPACE, lambda units: units[:, 0], 30), 5)
    assert [each["place"] for each in said["items"]] == [1, 2, 3, 4, 5]
    values = [each["value"] for each in said["items"]]
    assert values == sorted(values)
    assert (said["repeated"], said["items"][0]["low"]) == (False, None)


def repeated(row: Row) -> Row:
    """Trials 0, 1, 2 have true values 1.0, 1.1, 9.0; the rest repeat them at the same points, with noise of 0.5. The
    first trial of each is luckier than any repeat."""
    number, first = row["number"], row["number"] % 3
    noise = -0.9 if number < 3 else [0.0, 0.5, -0.5][(number // 3) % 3]
    unit = np.array([0.2, 0.3 * first]).tobytes()
    origin = "random" if number < 3 else "repeat"
    return {**row, "value": [1.0, 1.1, 9.0][first] + noise, "unit": unit, "origin": origin}


def test_what_seeds_can_not_tell_apart_shares_a_place() -> None:
    said = leaderboard(view_of(SPACE, lambda units: units[:, 0], 21, change=repeated), 10)
    assert said["repeated"]
    assert [(each["number"], each["place"]) for each in said["items"]] == [(0, 1), (1, 1), (2, 3)]
    first = said["items"][0]
    assert len(first["values"]) == 6
    assert first["value"] == pytest.approx(1.0)
    assert first["low"] < first["value"] < first["high"]


def test_a_study_that_maximises_has_its_own_signs() -> None:
    view = view_of(SPACE, lambda units: units[:, 0], 21, change=repeated, metric={"name": "x", "goal": "maximize"})
    first = leaderboard(view, 3)["items"][0]
    assert (first["number"], first["low"] < first["value"] < first["high"]) == (2, True)


def test_the_ground_tells_a_valley_from_a_needle() -> None:
    def valley(units: np.ndarray) -> np.ndarray:
        return ((units - 0.5) ** 2).sum(axis=1)

    view = view_of(SPACE, valley, 300)
    assert neighbourhood(view, int(np.argmin(view.losses)))["kind"] == "flat"

    def needle(row: Row) -> Row:
        return {**row, "value": 0.0 if row["number"] == 5 else 1.0 + row["number"] % 7}

    view = view_of(SPACE, valley, 300, change=needle)
    assert neighbourhood(view, 5)["kind"] == "cliff"
    assert neighbourhood(view_of(SPACE, valley, 3), 0)["kind"] == "unknown"
