"""Each scale puts equal parts of the unit interval where it says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.spaces import floats

from caviar.domain.scales import from_unit, to_unit

EVEN = (np.arange(100_000) + 0.5) / 100_000


def test_one_minus_log_gives_each_nine_the_same_share():
    momentum = from_unit("one_minus_log", EVEN, 0.9, 0.999)
    assert np.mean(momentum > 0.99) == 0.5
    momentum = from_unit("one_minus_log", EVEN, 0.0, 0.9999)
    assert [np.mean(momentum > edge) for edge in (0.9, 0.99, 0.999)] == [0.75, 0.5, 0.25]


def test_log_gives_each_decade_the_same_share():
    rate = from_unit("log", EVEN, 1e-4, 1.0)
    assert [np.mean(rate < edge) for edge in (1e-3, 1e-2, 1e-1)] == [0.25, 0.5, 0.75]


def test_linear_is_even():
    values = from_unit("linear", EVEN, -3.0, 5.0)
    assert np.mean(values < 1.0) == 0.5
    assert values[0] - -3.0 == pytest.approx(5.0 - values[-1])


@given(floats())
def test_both_ends_are_hit_exactly(parameter):
    ends = from_unit(parameter.scale, np.array([0.0, 1.0]), parameter.low, parameter.high)
    assert ends.tolist() == [parameter.low, parameter.high]
    assert to_unit(parameter.scale, ends, parameter.low, parameter.high).tolist() == [0.0, 1.0]


@given(floats(), st.lists(st.floats(0, 1), min_size=2, max_size=50))
def test_a_warp_rises_within_its_range(parameter, units):
    values = from_unit(parameter.scale, np.sort(units), parameter.low, parameter.high)
    assert np.all(np.diff(values) >= 0)
    assert parameter.low <= values.min() <= values.max() <= parameter.high


@given(floats(), st.floats(0, 1))
def test_units_come_back_from_their_values(parameter, unit):
    value = from_unit(parameter.scale, np.array([unit]), parameter.low, parameter.high)
    again = from_unit(
        parameter.scale,
        to_unit(parameter.scale, value, parameter.low, parameter.high),
        parameter.low,
        parameter.high,
    )
    size = max(abs(parameter.low), abs(parameter.high))
    assert abs(again[0] - value[0]) <= 1e-12 * size


@pytest.mark.parametrize("scale", ["linear", "log", "one_minus_log"])
def test_what_lies_outside_is_taken_as_the_nearer_end(scale):
    assert from_unit(scale, np.array([-1.0, 2.0]), 0.1, 0.9).tolist() == [0.1, 0.9]
    assert to_unit(scale, np.array([0.0, 1.0]), 0.1, 0.9).tolist() == [0.0, 1.0]


def test_the_smallest_and_largest_doubles_are_no_trouble():
    tiny = math.ulp(0.0)
    assert from_unit("log", np.array([0.0, 1.0]), tiny, 1.7e308).tolist() == [tiny, 1.7e308]
    assert np.all(np.isfinite(from_unit("log", EVEN, tiny, 1.7e308)))
    nearest = math.nextafter(1.0, 0.0)
    assert from_unit("one_minus_log", np.array([0.0, 1.0]), -1e300, nearest).tolist() == [-1e300, nearest]
