"""Trials by column, caught up by what changed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from caviar.insights.trial_columns import FIELDS, TrialColumns

DIMENSION = 2


def row(number: int, value: float | None, state: str, node: str | None) -> tuple[object, ...]:
    unit = np.array([number / 100, 0.5]).tobytes()
    known = {"number": number, "unit": unit, "value": value, "state": state, "node": node, "created_at": 1.0}
    return tuple(known.get(field) for field in FIELDS)


changes = st.dictionaries(
    st.integers(0, 30),
    st.tuples(st.none() | st.floats(-9, 9), st.sampled_from(["waiting", "running", "done"]), st.none() | st.just("n")),
)


@given(st.lists(changes, max_size=6))
def test_catching_up_in_parts_is_reading_all_at_once(parts: list[dict[int, tuple]]) -> None:
    """Whatever changes, in whatever order the numbers come."""
    columns, last = TrialColumns.empty(DIMENSION), {}
    for part in parts:
        columns = columns.updated([row(number, *rest) for number, rest in part.items()])
        last |= part
    numbers = sorted(last)
    assert columns.number.tolist() == numbers
    assert columns.units[:, 0].tolist() == [number / 100 for number in numbers]
    every = np.arange(len(numbers))
    assert columns.texts["state"].texts(every) == [last[number][1] for number in numbers]
    assert columns.texts["node"].texts(every) == [last[number][2] for number in numbers]
    wanted = [np.nan if last[number][0] is None else last[number][0] for number in numbers]
    assert np.array_equal(columns.numbers["value"], np.array(wanted, float), equal_nan=True)


def test_what_somebody_holds_does_not_change_under_him() -> None:
    before = TrialColumns.empty(DIMENSION).updated([row(0, None, "running", None)])
    before.updated([row(0, 1.0, "done", None), row(1, 2.0, "done", None)])
    assert (len(before), before.texts["state"].texts(np.arange(1))) == (1, ["running"])


def test_rows_are_found_by_number() -> None:
    columns = TrialColumns.empty(DIMENSION).updated([row(number, 0.0, "done", None) for number in (2, 5, 9)])
    assert columns.rows_of([9, 3, 2, 99]).tolist() == [0, 2]
    assert columns.texts["state"].among(["done", "failed"]).all()
