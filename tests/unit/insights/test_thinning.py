"""What a screen shows of many trials."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from caviar.insights.thinning import best_rows, extremes, improvements, shown, spread

losses = arrays(np.float64, st.integers(0, 300), elements=st.floats(-5, 5) | st.just(float("nan")))


@given(losses, st.integers(0, 5), st.integers(1, 20))
def test_improvements_the_best_and_what_is_kept_are_always_shown(loss: np.ndarray, best: int, buckets: int) -> None:
    kept = np.arange(len(loss)) % 37 == 36
    rows = set(shown(loss, kept, best=best, buckets=buckets).tolist())
    assert rows >= set(np.flatnonzero(kept)) | set(np.flatnonzero(improvements(loss))) | set(best_rows(loss, best))
    rest = len(rows) - kept.sum() - improvements(loss).sum() - best
    assert rest <= 2 * buckets


@given(losses)
def test_an_improvement_is_below_everything_before_it(loss: np.ndarray) -> None:
    better = improvements(loss)
    lowest = np.inf
    for index, value in enumerate(loss.tolist()):
        assert better[index] == (value < lowest)
        lowest = min(lowest, np.inf if np.isnan(value) else value)


@given(losses, st.integers(0, 10))
def test_the_best_come_in_order_and_the_earlier_of_equals_first(loss: np.ndarray, count: int) -> None:
    finite = [(value, row) for row, value in enumerate(loss.tolist()) if not np.isnan(value)]
    assert best_rows(loss, count).tolist() == [row for _, row in sorted(finite)[:count]]


@given(losses, st.integers(1, 20))
def test_each_bucket_keeps_its_lowest_and_highest(loss: np.ndarray, buckets: int) -> None:
    kept = loss[extremes(loss, buckets)]
    finite = loss[np.isfinite(loss)]
    assert len(kept) <= 2 * buckets
    if len(finite):
        assert (kept.min(), kept.max()) == (finite.min(), finite.max())


@given(st.integers(0, 5_000), st.integers(2, 500))
def test_spread_rows_are_distinct_and_reach_both_ends(count: int, most: int) -> None:
    rows = spread(count, most).tolist()
    assert len(set(rows)) == len(rows) == min(count, most)
    assert not rows or (rows[0], rows[-1]) == (0, count - 1)
