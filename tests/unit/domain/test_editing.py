"""Spaces changed parameter by parameter, and which configurations stay in them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.document import parse_study
from caviar.domain.editing import NEAR, edited_space, refit
from caviar.domain.errors import InvalidInput
from caviar.domain.space import Space

DECLARED = {
    "lr": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
    "units": {"type": "int", "low": 1, "high": 100},
    "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
}


def space(declared: dict[str, Any]) -> Space:
    document = {"metric": "loss", "train": {"external": True}, "space": declared}
    return parse_study(document).space


def test_single_fields_narrow_a_type_replaces_and_null_removes() -> None:
    changes = {"lr": {"low": 0.01}, "units": {"type": "choice", "values": [8, 16]}, "optimizer": None}
    edited = edited_space(DECLARED, changes)
    assert edited == {
        "lr": {"type": "float", "low": 0.01, "high": 1.0, "scale": "log"},
        "units": {"type": "choice", "values": [8, 16]},
    }
    assert DECLARED["lr"]["low"] == 1e-4, "what was declared stays"


def test_a_frozen_parameter_keeps_its_condition() -> None:
    declared = {**DECLARED, "momentum": {"type": "float", "low": 0, "high": 1, "when": {"optimizer": ["sgd"]}}}
    frozen = edited_space(declared, {}, {"momentum": 0.9})["momentum"]
    assert frozen == {"type": "constant", "value": 0.9, "when": {"optimizer": ["sgd"]}}


def test_names_that_are_not_there_are_told_all_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        edited_space(DECLARED, {"unit": {"low": 3}}, {"optimiser": "adam"})
    assert [each.pointer for each in caught.value.errors] == ["/space/unit", "/freeze/optimiser"]
    assert 'Did you mean "units"' in caught.value.errors[0].detail


@given(st.floats(1e-4, 1.0), st.integers(1, 100), st.floats(1e-4, 0.5))
def test_a_configuration_fits_a_narrowed_space_exactly_when_its_value_lies_there(
    lr: float, units: int, low: float
) -> None:
    before, after = space(DECLARED), space(edited_space(DECLARED, {"lr": {"low": low}}))
    found = refit(before, after, {"lr": lr, "units": units, "optimizer": "sgd"})
    assert (found.unit is not None) == (lr >= low)
    if found.unit is not None:
        assert after.decode(found.unit[None])[0]["lr"] == pytest.approx(lr)
    else:
        assert found.why is not None
        assert found.why.pointer == "/lr"


@given(st.floats(1e-4, 1.0))
def test_a_frozen_parameter_forgives_what_is_near_it_on_its_scale(lr: float) -> None:
    before, after = space(DECLARED), space(edited_space(DECLARED, {}, {"lr": 0.01}))
    found = refit(before, after, {"lr": lr, "units": 5, "optimizer": "sgd"})
    distance = abs(np.log10(lr) - np.log10(0.01)) / 4
    if abs(distance - NEAR) > 1e-9:
        assert (found.unit is not None) == (distance < NEAR)


def test_a_choice_is_frozen_to_the_letter() -> None:
    before, after = space(DECLARED), space(edited_space(DECLARED, {}, {"optimizer": "adam"}))
    assert refit(before, after, {"lr": 0.1, "units": 5, "optimizer": "sgd"}).unit is None
    assert refit(before, after, {"lr": 0.1, "units": 5, "optimizer": "adam"}).unit is not None


def test_a_parameter_that_is_new_leaves_old_configurations_out() -> None:
    added = edited_space(DECLARED, {"decay": {"type": "float", "low": 0, "high": 1}})
    found = refit(space(DECLARED), space(added), {"lr": 0.1, "units": 5, "optimizer": "sgd"})
    assert found.why is not None
    assert (found.why.pointer, found.why.detail) == ("/decay", "is missing")
