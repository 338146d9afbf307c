import math

import pytest

from caviar.client.words import duration, number, params_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123456, "0.01235"), (12.0, "12"), (12345.6, "12346"), (1.5e7, "1.5e+07"), (0, "0"), (1e-5, "1e-05")],
)
def test_numbers_are_short_and_keep_their_size(value: float, text: str) -> None:
    assert number(value) == text


def test_numbers_that_are_none_have_names() -> None:
    assert (number(math.nan), number(-math.inf)) == ("nan", "-inf")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4s"), (12.4, "12s"), (185, "3m 05s"), (7620, "2h 07m"), (273600, "3d 04h")]
)
def test_durations_have_two_parts_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_configuration_fits_a_line() -> None:
    assert params_text({"lr": 0.001, "on": True, "size": "s", "x": None}) == "lr=0.001 on=true size=s x=-"
