import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar import Float, Search
from caviar.domain.errors import InvalidStudy
from caviar.domain.spec import StoppingSpec
from caviar.search.stopping import Halving, Hyperband, Promotion, Verdict, build_stopper, front_runner

ASHA = Promotion(Halving(min_steps=1, reduction=3, max_steps=27))


@pytest.mark.parametrize(
    ("earlier", "value", "verdict"),
    [
        ([], 0.1, Verdict.PAUSE),
        ([0.2, 0.3], 0.1, Verdict.CONTINUE),
        ([0.2, 0.3], 0.2, Verdict.PAUSE),
        ([0.2, 0.3], math.nan, Verdict.PAUSE),
        ([math.nan, math.nan], math.nan, Verdict.PAUSE),
    ],
)
def test_only_who_is_among_the_best_third_on_arrival_passes_a_rung(earlier, value, verdict):
    assert ASHA.verdict(9, 0, np.array(earlier), value) is verdict


def test_later_rungs_are_promoted_first_then_better_trials():
    rungs = {0: dict(enumerate([0.9, 0.1, 0.2, 0.3, 0.8, 0.7, 0.6, 0.5, 0.4])), 1: {1: 0.1, 2: 0.2, 3: 0.3}}
    assert ASHA.promotable(rungs, {0, 1, 2, 3, 4, 5, 6, 7, 8}) == [1]
    assert ASHA.promotable({0: rungs[0]}, {2, 3, 8}) == [2, 3]


def test_one_more_arrival_may_promote_an_earlier_one():
    two = {0: {0: 0.1, 1: 0.2}}
    assert ASHA.promotable(two, {0, 1}) == []
    assert ASHA.promotable({0: {**two[0], 2: 0.3}}, {0, 1, 2}) == [0]


def test_the_front_runner_is_the_best_of_the_last_rung_that_has_any():
    rungs = {0: {0: 0.1, 1: 0.2, 2: 0.05}, 1: {0: 0.5, 1: 0.4}}
    assert front_runner(rungs, {0, 1, 2}) == 1
    assert front_runner(rungs, {2}) == 2
    assert front_runner({0: {4: math.nan}}, {4}) is None


@given(st.lists(st.floats(0, 1) | st.just(math.nan), max_size=60), st.floats(1.5, 5), st.randoms())
def test_no_more_than_the_best_share_of_a_rung_is_ever_promoted(values, reduction, draw):
    rule = Promotion(Halving(1, reduction))
    arrivals = dict(enumerate(values))
    paused = {number for number in arrivals if draw.random() < 0.7}
    found = rule.promotable({0: arrivals}, paused)
    assert len(found) <= len(values) / reduction
    assert set(found) <= paused
    worse = [value for number, value in arrivals.items() if number not in found and number in paused]
    assert all(not value < arrivals[found[-1]] for value in worse) if found else True


@pytest.mark.parametrize(("rule", "inner"), [("asha", Halving), ("hyperband", Hyperband)])
def test_both_rules_with_rungs_can_promote(rule, inner):
    built = build_stopper(StoppingSpec(rule=rule, mode="promotion"), 27)
    assert isinstance(built, Promotion)
    assert isinstance(built.rule, inner)


@pytest.mark.parametrize(
    ("stopping", "pointer"),
    [
        ({"rule": "median", "mode": "promotion"}, "/stopping/mode"),
        ({"mode": "promotion"}, "/stopping/mode"),
        ({"rule": "asha", "mode": "promotion", "audit": 0.1}, "/stopping/audit"),
    ],
)
def test_what_can_not_promote_says_so(stopping, pointer):
    with pytest.raises(InvalidStudy) as refused:
        Search({"x": Float(0, 1)}, stopping=stopping)
    assert [problem.pointer for problem in refused.value.errors] == [pointer]


def test_a_search_in_process_hands_a_promoted_trial_out_again():
    stopping = {"rule": "asha", "mode": "promotion", "max_steps": 9}
    search = Search({"x": Float(0, 1)}, strategy="random", trials=9, stopping=stopping)
    said = [search.report(each.number, 1, each.params["x"]) for each in search.ask(9)]
    best = sorted(range(9), key=lambda number: search.params(number)["x"])[:3]
    passed = [number for number, verdict in enumerate(said) if verdict == "continue"]
    again = [each.number for each in search.ask(len(best))]
    assert {number for number in best if number not in passed} <= set(again)
    search.tell(best[0], 0.0)
    assert search.best.number == best[0]
