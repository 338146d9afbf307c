import math

import numpy as np
import pytest

from caviar.domain.spec import StoppingSpec
from caviar.search.stopping import WINDOW, Halving, Hyperband, Median, Verdict, build_stopper

ASHA = Halving(min_steps=1, reduction=3, max_steps=81)


def test_rungs_of_asha_stand_at_powers_and_the_last_step_is_none():
    assert ASHA.crossed(0, -math.inf, 0.5) == ()
    assert ASHA.crossed(0, -math.inf, 1) == (0,)
    assert ASHA.crossed(0, 1, 9) == (1, 2)
    assert ASHA.crossed(0, 27, 81) == ()


def test_steps_may_jump_and_no_rung_is_passed_twice():
    steps = [0.4, 2.5, 3, 3.5, 20, 80]
    passed = [
        rung for after, upto in zip([-math.inf, *steps], steps, strict=False) for rung in ASHA.crossed(0, after, upto)
    ]
    assert passed == [0, 1, 2, 3]


@pytest.mark.parametrize(("value", "verdict"), [(0.1, Verdict.CONTINUE), (0.5, Verdict.STOP), (math.nan, Verdict.STOP)])
def test_asha_keeps_the_best_third(value, verdict):
    assert ASHA.verdict(9, 0, np.array([0.2, 0.3, 0.4, 0.5, 0.6]), value) is verdict


def test_asha_lets_the_first_arrivals_go_on():
    assert ASHA.verdict(0, 0, np.array([]), 9.0) is Verdict.CONTINUE
    assert ASHA.verdict(1, 0, np.array([0.1]), 9.0) is Verdict.CONTINUE
    assert ASHA.verdict(2, 0, np.array([0.1, 0.1]), 9.0) is Verdict.STOP


def test_a_rung_forgets_arrivals_of_long_ago():
    """What beat everything at the start must earn its way among the recent."""
    earlier = np.concatenate([np.full(500, 1.0), np.full(WINDOW, 0.1)])
    assert ASHA.verdict(999, 0, earlier, 0.5) is Verdict.STOP
    assert ASHA.verdict(999, 0, earlier[:500], 0.5) is Verdict.CONTINUE


def test_hyperband_brackets_start_later_and_share_trials_as_published():
    rule = Hyperband(min_steps=1, reduction=3, max_steps=81)
    assert rule.brackets == 5
    counts = np.bincount([rule.bracket(number) for number in range(10_000)])
    shares = np.array([81 * 1, 27 * 5 / 4, 9 * 5 / 3, 3 * 5 / 2, 5])
    np.testing.assert_allclose(counts / 10_000, shares / shares.sum(), atol=0.002)
    last = next(number for number in range(1000) if rule.bracket(number) == 4)
    third = next(number for number in range(1000) if rule.bracket(number) == 2)
    assert rule.crossed(last, -math.inf, 80) == ()
    assert rule.crossed(third, -math.inf, 80) == (10, 11)


def test_brackets_never_share_a_rung():
    rule = Hyperband(min_steps=1, reduction=2, max_steps=64)
    rungs = {}
    for number in range(200):
        for rung in rule.crossed(number, -math.inf, 64):
            assert rungs.setdefault(rung, rule.bracket(number)) == rule.bracket(number)


def test_median_stops_the_worse_half_once_five_have_been_there():
    rule = Median(min_steps=2)
    assert rule.crossed(0, -math.inf, 1) == ()
    assert rule.crossed(0, -math.inf, 4) == (0, 1, 2)
    assert rule.verdict(1, 0, np.array([1.0, 2, 3, 4]), 99.0) is Verdict.CONTINUE
    earlier = np.array([1.0, 2, 3, 4, math.nan])
    assert rule.verdict(1, 0, earlier, 3.0) is Verdict.CONTINUE
    assert rule.verdict(1, 0, earlier, 3.1) is Verdict.STOP
    assert rule.verdict(1, 0, earlier, math.nan) is Verdict.STOP


def test_median_compares_seldom_in_long_trainings():
    assert len(Median(min_steps=1).crossed(0, -math.inf, 100_000)) < 130


@pytest.mark.parametrize(
    ("rule", "kind"), [("none", type(None)), ("asha", Halving), ("hyperband", Hyperband), ("median", Median)]
)
def test_every_rule_has_its_stopper(rule, kind):
    assert isinstance(build_stopper(StoppingSpec(rule=rule), 27), kind)
