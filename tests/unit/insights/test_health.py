"""Each finding appears where it should, and not where all is well."""

import numpy as np
from tests.support.views import NOW, Row, view_of

from caviar.insights.health.findings import health
from caviar.insights.views import View

SPACE = {
    "lr": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
    "batch_size": {"type": "int", "low": 1, "high": 512},
    "optimizer": {"type": "choice", "values": ["sgd", "adam", "rmsprop"]},
}


def middle(units: np.ndarray) -> np.ndarray:
    return ((units - 0.5) ** 2).sum(axis=1)


def found(view: View, now: float = NOW + 1_000) -> dict[str, dict]:
    return {each["code"]: each for each in health(view, now)["items"]}


def failing(when: int) -> object:
    """Trials whose batch is at least `when` end with an error."""

    def change(row: Row) -> Row:
        batch = 1 + int(np.frombuffer(row["unit"])[1] * 512)
        return {**row, "state": "failed", "reason": "out_of_memory", "value": None} if batch >= when else row

    return change


def test_a_study_that_is_well_has_no_findings() -> None:
    assert found(view_of(SPACE, middle, 60)) == {}


def test_what_all_failures_have_in_common_is_named() -> None:
    cluster = found(view_of(SPACE, middle, 80, change=failing(450)))["failure_cluster"]
    assert cluster["message"].startswith("all ")
    assert "failures with out_of_memory have batch_size >= 4" in cluster["message"]
    assert (cluster["parameter"], cluster["severity"]) == ("batch_size", "warning")
    assert len(cluster["trials"]) >= 3


def test_failures_anywhere_are_no_cluster() -> None:
    def now_and_then(row: Row) -> Row:
        return {**row, "state": "failed", "reason": "exit", "value": None} if row["number"] % 9 == 0 else row

    assert "failure_cluster" not in found(view_of(SPACE, middle, 90, change=now_and_then))


def test_many_failures_say_why_and_where_to_look() -> None:
    told = found(view_of(SPACE, middle, 40, change=failing(200)))["many_failures"]
    assert "with out_of_memory" in told["message"]
    assert told["hint"].startswith("`caviar logs made ")


def test_an_optimum_at_a_bound_asks_for_a_wider_range() -> None:
    told = found(view_of(SPACE, lambda units: 1 - units[:, 0], 400))["best_at_bound"]
    assert told["parameter"] == "lr"
    assert told["message"].endswith("of the best 10 lie at its high bound, 1")
    assert told["hint"] == "The optimum may lie beyond: raise it."


def test_a_parameter_without_effect_is_named_only_where_trials_are_enough() -> None:
    def one(units: np.ndarray) -> np.ndarray:
        return np.abs(units[:, 0] - 0.5)

    items = health(view_of(SPACE, one, 400), NOW)["items"]
    assert {each["parameter"] for each in items if each["code"] == "no_effect"} == {"batch_size", "optimizer"}
    assert "no_effect" not in found(view_of(SPACE, one, 60))


def test_a_trial_that_runs_much_longer_than_others_is_stuck() -> None:
    def one_runs(row: Row) -> Row:
        return {**row, "state": "running", "value": None, "finished_at": None} if row["number"] == 7 else row

    view = view_of(SPACE, middle, 40, change=one_runs)
    assert found(view, NOW + 1_000)["stuck"]["trials"] == [7]
    assert "stuck" not in found(view, NOW + 30)


def test_configurations_tried_twice_are_counted_unless_somebody_asked_for_them() -> None:
    small = {"units": {"type": "int", "low": 1, "high": 8}}
    assert found(view_of(small, middle, 40))["duplicates"]["message"].startswith("32 of 40")

    def by_hand(row: Row) -> Row:
        return {**row, "origin": "manual"}

    assert "duplicates" not in found(view_of(small, middle, 40, change=by_hand))
