"""Numbers on their way into JSON and back."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.numbers import json_number, parse_metric


@given(st.floats() | st.integers(-(2**53), 2**53))
def test_a_number_survives_json(number):
    back = parse_metric(json.loads(json.dumps(json_number(number), allow_nan=False)))
    assert back == number or (math.isnan(back) and math.isnan(number))


def test_what_json_lacks_has_a_name():
    assert [json_number(x) for x in (math.nan, math.inf, -math.inf)] == ["NaN", "Infinity", "-Infinity"]
    assert json_number(np.float32(0.5)) == 0.5
    assert type(json_number(np.int64(3))) is int


@pytest.mark.parametrize("value", [np.float32(0.25), np.float64(0.25), np.float16(0.25), 0.25])
def test_numpy_scalars_are_numbers(value):
    assert parse_metric(value) == 0.25
    assert type(parse_metric(value)) is float


def test_integers_become_floats_and_huge_ones_infinite():
    assert parse_metric(3) == 3.0
    assert parse_metric(-(10**400)) == -math.inf


@pytest.mark.parametrize("value", [True, np.bool_(True), "1.5", "nan", "inf", "", None, 1j, np.complex64(1), [1.0], {}])
def test_anything_else_is_refused(value):
    with pytest.raises(ValueError, match="a metric is a number, not"):
        parse_metric(value)
