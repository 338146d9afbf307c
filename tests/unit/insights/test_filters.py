"""A filter over columns says of each trial what it says of the trial's own document; pages are an order cut up."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.views import NOW, Row, view_of

from caviar.domain.errors import InvalidInput
from caviar.insights.filters import filter_mask
from caviar.insights.sorting import Order

SPACE = {
    "lr": {"type": "float", "low": 1e-3, "high": 1.0, "scale": "log"},
    "units": {"type": "int", "low": 1, "high": 9},
    "mixed": {"type": "choice", "values": [1, "x", None, True, 2.5]},
    "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
    "decay": {"type": "float", "low": 0.0, "high": 1.0, "when": {"optimizer": ["sgd"]}},
    "fixed": {"type": "constant", "value": 0.5, "when": {"optimizer": ["adam"]}},
}


def some(row: Row) -> Row:
    number = row["number"]
    state = ("completed", "failed", "running")[number % 3]
    value = row["value"] if state == "completed" else None
    return {**row, "state": state, "value": value, "node": None if number % 5 == 0 else f"host-{number % 2}"}


VIEW = view_of(SPACE, lambda units: units[:, 0], 120, change=some)
PARAMS = VIEW.spec.space.decode(VIEW.trials.units)
MEANINGS: dict[str, Callable[[int, dict[str, Any]], bool]] = {
    "params.lr > 0.05": lambda _, params: params["lr"] > 0.05,
    "0.05 >= params.lr": lambda _, params: params["lr"] <= 0.05,
    "params.units in (3, 7)": lambda _, params: params["units"] in (3, 7),
    "params.units != 3": lambda _, params: params["units"] != 3,
    "params.mixed = 1": lambda _, params: params["mixed"] == 1 and params["mixed"] is not True,
    "params.mixed = true": lambda _, params: params["mixed"] is True,
    "params.mixed = 'x'": lambda _, params: params["mixed"] == "x",
    "params.mixed is null": lambda _, params: params["mixed"] is None,
    "params.mixed != 'y'": lambda _, params: params["mixed"] == "x",
    "params.decay is null": lambda _, params: "decay" not in params,
    "params.decay != 2": lambda _, params: "decay" in params,
    "params.decay < params.lr": lambda _, params: "decay" in params and params["decay"] < params["lr"],
    "not params.decay >= 0": lambda _, params: "decay" not in params,
    "params.fixed = 0.5": lambda _, params: "fixed" in params,
    "params.no_such is null": lambda _, __: True,
    "params.no_such = 1": lambda _, __: False,
    "state = 'failed' or number < 10": lambda number, _: number % 3 == 1 or number < 10,
    "state > 'completed' and node is not null": lambda number, _: number % 3 != 0 and number % 5 != 0,
    "node = 'host-1'": lambda number, _: number % 5 != 0 and number % 2 == 1,
    "value is null": lambda number, _: number % 3 != 0,
    "value != 5": lambda number, _: number % 3 == 0,
    f"started_at >= {NOW + 50:.0f}": lambda number, _: number >= 50,
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_filter_means_what_it_says_of_every_trial(text: str) -> None:
    wanted = [number for number, params in enumerate(PARAMS) if MEANINGS[text](number, params)]
    assert np.flatnonzero(filter_mask(VIEW, text)).tolist() == wanted


@pytest.mark.parametrize("text", ["nothing = 1", "state = 1", "value = 'x'", "params. = 1", "state < node"])
def test_what_can_not_be_compared_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        filter_mask(VIEW, text)


orders = st.sampled_from(["number", "value", "state", "params.lr", "params.units", "params.decay", "params.optimizer"])


@given(orders, st.booleans(), st.integers(1, 50))
def test_pages_joined_are_the_order(name: str, descending: bool, size: int) -> None:
    order = Order.parse(("-" if descending else "") + name)
    rows = order.sorted(VIEW, np.arange(120))
    assert sorted(rows.tolist()) == list(range(120))
    joined, start = [], 0
    while start < 120:
        joined += rows[start : start + size].tolist()
        start = order.start(VIEW, rows, order.place(VIEW, joined[-1]))
        assert start == len(joined)
    assert joined == rows.tolist()


def test_what_lacks_the_field_comes_last_in_either_direction() -> None:
    up, down = (Order.parse(text).sorted(VIEW, np.arange(120)).tolist() for text in ("value", "-value"))
    lacking = [number for number in range(120) if number % 3]
    assert (up[40:], down[40:]) == (lacking, lacking)
    assert up[:40] == down[:40][::-1] == sorted(range(0, 120, 3), key=lambda row: VIEW.trials.numbers["value"][row])
