"""How trials travel: which ends are urgent."""

from __future__ import annotations

import pytest

from caviar_workers.dispatch import is_urgent


@pytest.mark.parametrize(
    ("left", "seconds", "urgent"),
    [
        ([], 0.6, True),
        ([], 0.001, True),
        ([8], 0.001, True),
        ([8], 0.6, False),
        ([7], 0.001, False),
        ([7, 8], 0.6, False),
    ],
)
def test_the_end_of_a_batch_is_urgent_unless_a_trial_of_some_length_begins_now(
    left: list[int], seconds: float, *, urgent: bool
) -> None:
    assert is_urgent(7, left, seconds) is urgent
