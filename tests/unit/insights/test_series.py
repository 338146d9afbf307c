import numpy as np
from hypothesis import given
from hypothesis.strategies import floats, integers, lists

from caviar.insights.series import columns, thinned
from caviar.storage.rows import ReportRow


def report(step: float, metrics: dict[str, object]) -> ReportRow:
    return ReportRow("t", 1, int(step), step, 0.0, None, metrics)


def test_short_series_are_whole() -> None:
    assert thinned({"a": np.arange(5.0)}, 5, 5) == [0, 1, 2, 3, 4]


@given(lists(floats(allow_infinity=True, allow_nan=True), min_size=1, max_size=400), integers(2, 60))
def test_thinned_series_keep_their_ends_and_never_have_too_many_points(values: list[float], points: int) -> None:
    kept = thinned({"a": np.array(values)}, len(values), points)
    assert len(kept) <= max(points, 2)
    assert kept == sorted(set(kept))
    assert {0, len(values) - 1} <= set(kept)


@given(lists(floats(-1e9, 1e9), min_size=1, max_size=400), integers(4, 60))
def test_thinned_series_keep_their_extremes(values: list[float], points: int) -> None:
    kept = {values[index] for index in thinned({"a": np.array(values)}, len(values), points)}
    assert {min(values), max(values)} <= kept


def test_columns_are_of_one_length_in_the_order_of_the_first_report() -> None:
    rows = [report(1.0, {"loss": 0.5, "step": 9.0}), report(2.0, {"accuracy": 0.1}), report(3.0, {"loss": "NaN"})]
    assert columns(rows, 10) == {"step": [1.0, 2.0, 3.0], "loss": [0.5, None, "NaN"], "accuracy": [None, 0.1, None]}
    assert columns([], 10) == {"step": []}
