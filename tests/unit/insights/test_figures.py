"""The decisions behind the pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.views import view_of

from caviar.domain.document import parse_study
from caviar.insights.figures.asked import Asked, Source
from caviar.insights.figures.axes import labels, ticks
from caviar.insights.figures.form import fits_log
from caviar.insights.figures.history import history
from caviar.insights.figures.parallel import MOST_LINES, parallel
from caviar.insights.figures.rungs import spearman
from caviar.insights.figures.slices import smoothed
from caviar.insights.figures.timeline import Bar, busy, placed

SPACE = {
    "lr": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
    "momentum": {"type": "float", "low": 0.8, "high": 0.999, "scale": "one_minus_log"},
    "units": {"type": "int", "low": 10, "high": 90},
    "dropout": {"type": "float", "low": 0.0, "high": 0.6, "step": 0.1},
    "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
    "decay": {"type": "float", "low": 1e-3, "high": 1.0, "scale": "log", "when": {"optimizer": ["sgd"]}},
}


def source(count: int, **asked: object) -> Source:
    return Source(None, view_of(SPACE, lambda units: units[:, 0], count), Asked(**asked))  # type: ignore[arg-type]


def test_ticks_are_values_of_the_parameter_where_they_stand() -> None:
    space = parse_study({"name": "x", "metric": {"name": "x"}, "train": {"external": True}, "space": SPACE}).space
    assert ticks(space, "lr") == ([0.0, 0.25, 0.5, 0.75, 1.0], ["0.0001", "0.001", "0.01", "0.1", "1"])
    assert ticks(space, "momentum")[1] == ["0.8", "0.9", "0.99", "0.999"]
    assert ticks(space, "optimizer") == ([0.25, 0.75], ["sgd", "adam"])
    assert ticks(space, "units")[1] == ["10", "20", "40", "60", "80", "90"]
    for name in space.columns:
        positions, texts = ticks(space, name)
        assert positions == sorted(positions)
        assert labels(space, name, np.array(positions)) == texts


def test_a_parameter_that_is_not_active_has_no_place() -> None:
    drawn = parallel(source(50))["data"][0]
    decay = next(each for each in drawn["dimensions"] if each["label"] == "decay")
    optimizer = next(each for each in drawn["dimensions"] if each["label"] == "optimizer")
    assert np.array_equal(np.isnan(decay["values"]), optimizer["values"] == 0.75)
    assert np.isnan(decay["values"]).any()


def test_a_study_of_any_size_gives_a_picture_of_bounded_size() -> None:
    drawn = history(source(60_000))
    assert drawn["layout"]["meta"]["of"] == 60_000
    assert drawn["layout"]["meta"]["shown"] < 1_000
    best = drawn["data"][-1]
    assert best["y"] == sorted(best["y"], reverse=True)
    lines = parallel(source(60_000))
    assert len(lines["data"][0]["customdata"]) == lines["layout"]["meta"]["shown"] <= MOST_LINES
    assert set(best["customdata"]) <= set(lines["data"][0]["customdata"])


def test_trials_asked_for_are_shown_whatever_else_is_thinned() -> None:
    shown = {number for trace in history(source(60_000, trials=(31_234, 7)))["data"] for number in trace["customdata"]}
    assert {31_234, 7} <= shown


def test_a_logarithmic_axis_needs_positive_values_over_more_than_a_decade() -> None:
    assert fits_log(np.array([0.01, 1.0, np.nan]))
    assert not fits_log(np.array([0.5, 1.0]))
    assert not fits_log(np.array([0.0, 100.0]))
    assert not fits_log(np.array([np.nan]))


bars = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 50), st.floats(0.1, 20)), min_size=1, max_size=60)


@given(bars)
def test_bars_in_one_place_never_overlap_and_no_place_is_opened_in_vain(drawn: list[tuple[str, float, float]]) -> None:
    ordered = sorted((Bar(0, "completed", node, start, start + length) for node, start, length in drawn), key=start_of)
    places = placed(ordered)
    by_place: dict[str, list[Bar]] = {}
    for bar, place in zip(ordered, places, strict=True):
        assert place.startswith(bar.node)
        assert all(before.end <= bar.start for before in by_place.get(place, []))
        by_place.setdefault(place, []).append(bar)
    for node in "ab":
        most = max((sum(b.start <= bar.start < b.end for b in ordered if b.node == node) for bar in ordered), default=0)
        assert len([place for place in by_place if place.startswith(node)]) == most
    assert 0 <= busy(ordered, len(by_place)) <= 1


def start_of(bar: Bar) -> float:
    return bar.start


def test_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 9, (40, 2)).astype(float)
    scipy_stats = pytest.importorskip("scipy.stats")
    assert spearman(pairs) == pytest.approx(scipy_stats.spearmanr(pairs[:, 0], pairs[:, 1]).statistic)
    assert np.isnan(spearman(np.ones((5, 2))))


def test_a_map_is_not_painted_by_one_diverged_training() -> None:
    rng = np.random.default_rng(2)
    places, axis = rng.random((300, 2)), np.linspace(0, 1, 9)
    values = places[:, 0]
    calm = smoothed(places, values, axis)
    wild = smoothed(places, np.where(np.arange(300) == 7, 1e9, values), axis)
    assert np.abs(calm - wild).max() < 0.5
    assert calm[4, 8] > calm[4, 0] + 0.5
