import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.parameters import Float
from caviar.search.audit import Audit, audit, is_audited, was_condemned
from caviar.search.in_process import Search
from caviar.search.stopping import Halving, Median, Verdict

ASHA = Halving(min_steps=1, reduction=3, max_steps=81)
RUNGS = {0: {0: 0.5, 1: 0.4, 2: 0.6, 3: 0.1}, 1: {0: 0.3, 1: 0.35, 3: 0.05}}


def test_the_lot_falls_by_seed_and_number_alone_and_as_often_as_asked():
    drawn = [is_audited(7, number, 0.03) for number in range(20_000)]
    assert 480 < sum(drawn) < 720
    assert drawn[:50] == [is_audited(7, number, 0.03) for number in range(50)]
    assert not any(is_audited(7, number, 0.0) for number in range(100))


def test_who_would_have_been_stopped_is_found_again_from_the_rungs():
    assert [was_condemned(ASHA, RUNGS, number) for number in range(4)] == [False, False, True, False]


def test_a_condemned_trial_that_ends_best_was_a_winner():
    found = audit(ASHA, RUNGS, [2, 3], {0: 0.2, 1: 0.3, 2: 0.1, 3: 0.15})
    assert found == Audit(condemned=(2,), ended=(2,), winners=(2,), top=(2,))
    assert audit(ASHA, RUNGS, [2], {0: 0.2, 1: 0.3, 2: 0.25}).winners == ()
    assert audit(ASHA, RUNGS, [2], {0: 0.2}).ended == ()


@pytest.mark.parametrize(("winners", "ended", "low", "high"), [(0, 0, 0, 1), (0, 10, 0, 0.278), (1, 10, 0.018, 0.404)])
def test_the_share_of_winners_is_told_as_an_interval(winners, ended, low, high):
    found = Audit((), tuple(range(ended)), tuple(range(winners)), ())
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


@pytest.mark.parametrize("goal", ["minimize", "maximize"])
def test_a_search_in_process_lets_some_train_on_and_finds_the_late_winners(goal):
    """Every third trial starts badly and ends best: stopping must be caught at it."""
    stopping = {"rule": "asha", "max_steps": 9, "audit": 0.4}
    search = Search({"x": Float(0, 1)}, strategy="random", seed=3, trials=90, goal=goal, stopping=stopping)
    sign = 1 if goal == "minimize" else -1
    for suggestion in search.ask(90):
        late = suggestion.number % 3 == 0
        losses = [
            2 - 0.25 * step - suggestion.number / 1000 if late else 1 + suggestion.params["x"] for step in range(9)
        ]
        verdicts = (search.report(suggestion.number, step + 1, sign * loss) for step, loss in enumerate(losses))
        if all(verdict == "continue" for verdict in verdicts):
            search.tell(suggestion.number, sign * losses[-1])
    found = search.audit
    assert {number for number in found.winners if number % 3} == set()
    assert len(found.winners) >= 5
    assert found.high > 0.2
    assert search.best.number % 3 == 0


@given(
    st.lists(st.one_of(st.floats(-10, 10), st.just(math.nan)), min_size=1, max_size=60),
    st.sampled_from([ASHA, Median(1.0)]),
)
def test_no_rule_stops_the_best_so_far_and_every_rule_stops_what_diverged_among_finite(values, rule):
    """Minimised; whoever arrives as the best of all passes, whoever arrives as NaN behind five good ones does not."""
    earlier = np.array(values)
    best = np.nanmin(earlier, initial=11.0) - 1.0
    assert rule.verdict(99, 0, earlier, float(best)) is Verdict.CONTINUE
    finite = np.arange(6.0)
    assert rule.verdict(99, 0, finite, math.nan) is Verdict.STOP


@given(st.lists(st.floats(0.1, 500), min_size=1, max_size=40, unique=True))
def test_however_steps_are_spaced_each_rung_is_crossed_once(steps):
    steps = sorted(steps)
    crossed = [
        rung for after, upto in zip([-math.inf, *steps], steps, strict=False) for rung in ASHA.crossed(0, after, upto)
    ]
    assert crossed == list(ASHA.crossed(0, -math.inf, steps[-1]))
    assert len(set(crossed)) == len(crossed)
