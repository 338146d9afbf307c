import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.parameters import Choice, Constant, Float, Int
from caviar.domain.space import Space
from caviar.domain.spec import PbtSpec
from caviar.search.population import choose, explored, rung_at, to_replace

PBT = PbtSpec(ready=5, quantile=0.25)
EIGHT = dict(enumerate([0.8, 0.1, 0.2, 0.3, 0.9, 0.5, 0.6, math.nan]))
SPACE = Space(
    {
        "rate": Float(1e-4, 1.0, scale="log"),
        "momentum": Float(0.9, 0.999, scale="one_minus_log"),
        "units": Int(1, 9),
        "drop": Float(0.0, 0.6, step=0.1),
        "size": Choice(["s", "m", "l"], ordered=True),
        "optimizer": Choice(["sgd", "adam"]),
        "beta": Float(0.1, 0.9, when={"optimizer": ["adam"]}),
        "fixed": Constant(3),
    },
    ["units * rate <= 4"],
)


def test_rungs_stand_at_every_ready_steps_and_a_jump_counts_for_the_last():
    assert rung_at(PBT, -math.inf, 4) is None
    assert rung_at(PBT, 4, 5) == 1
    assert rung_at(PBT, 5, 9) is None
    assert rung_at(PBT, 5, 16) == 3


def test_the_worst_share_goes_on_from_the_best_share():
    assert to_replace(PBT, {1: EIGHT}, 4, 1, 0) == (1, 2)
    assert to_replace(PBT, {1: EIGHT}, 7, 1, 0) == (1, 2)
    assert to_replace(PBT, {1: EIGHT}, 0, 1, 0) == ()
    assert to_replace(PBT, {1: EIGHT}, 1, 1, 0) == ()


def test_the_first_at_a_rung_are_judged_where_enough_have_been_unless_they_were_another_then():
    rungs = {1: EIGHT, 2: {4: 0.9}}
    assert to_replace(PBT, rungs, 4, 2, 0) == (1, 2)
    assert to_replace(PBT, rungs, 4, 2, 5) == ()


def test_where_nobody_is_finite_nobody_is_copied():
    assert to_replace(PBT, {1: dict.fromkeys(range(8), math.nan)}, 7, 1, 0) == ()


@given(st.integers(0, 2**53 - 1), st.integers(0, 999), st.integers(1, 10_000), st.integers(0, 99), st.floats(0, 1))
def test_what_is_explored_is_a_configuration_of_the_space_and_the_same_each_time(seed, number, rung, row, resample):
    pbt = PbtSpec(resample=resample, factors=(0.5, 2.0))
    start = SPACE.decode(np.random.default_rng(row).random((1, SPACE.dimension)))[0]
    if SPACE.check(start):
        return
    found = explored(pbt, SPACE, start, seed, number, rung)
    assert SPACE.check(found) == ()
    assert found == explored(pbt, SPACE, start, seed, number, rung)


@pytest.mark.parametrize(("factor", "expected"), [(2.0, (0.02, 0.98, 8, "l")), (0.5, (0.005, 0.995, 2, "s"))])
def test_a_step_of_exploration_multiplies_on_the_parameters_own_scale(factor, expected):
    start = {"rate": 0.01, "momentum": 0.99, "units": 4, "drop": 0.3, "size": "m", "optimizer": "sgd", "fixed": 3}
    found = explored(PbtSpec(factors=(factor,), resample=0), SPACE, start, 0, 0, 1)
    seen = (found["rate"], found["momentum"], found["units"], found["size"])
    assert seen == (pytest.approx(expected[0]), pytest.approx(expected[1]), *expected[2:])
    assert found["optimizer"] == "sgd"


def test_an_integer_moves_where_rounding_would_leave_it():
    space = Space({"units": Int(1, 9)})
    assert explored(PbtSpec(factors=(1.25,), resample=0), space, {"units": 1}, 0, 0, 1) == {"units": 2}


def test_the_lot_is_drawn_among_those_that_are_named():
    drawn = {choose(1, number, 2, {3, 5, 8}) for number in range(50)}
    assert drawn == {3, 5, 8}
