"""Still good, or stale: what the canary's values mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.engine.verdict import SURPRISE, Sample, judge

OLD = (0.10, 0.12, 0.13, 0.20, 0.30, 0.45, 0.60, 0.80, 1.00)


def samples(new: list[float], *, noise: float = 0.01, neighbour: float | None = None) -> list[Sample]:
    """Three best with three repeats each, six controls."""
    rng = np.random.default_rng(0)
    made = []
    for index, (old, value) in enumerate(zip(OLD, new, strict=True)):
        best = index < 3
        repeats = tuple(value + noise * rng.standard_normal(3)) if best else (value,)
        made.append(Sample("best" if best else "control", index, old, repeats))
    return made if neighbour is None else [*made, Sample("neighbour", None, None, (neighbour,))]


def test_the_same_data_again_is_still_good() -> None:
    verdict = judge(samples(list(OLD)))
    assert verdict is not None
    assert not verdict.stale
    assert verdict.evidence.rank_correlation > 0.95
    assert verdict.moved < 0.1


def test_harder_data_for_all_alike_is_still_good() -> None:
    verdict = judge(samples([value + 0.5 for value in OLD]))
    assert verdict is not None
    assert not verdict.stale
    assert verdict.evidence.shift == pytest.approx(0.5, abs=0.02)
    assert verdict.evidence.level == pytest.approx(0.5, abs=0.02)


def test_another_order_is_stale_and_says_how_far_it_moved() -> None:
    verdict = judge(samples(list(reversed(OLD))))
    assert verdict is not None
    assert verdict.stale
    assert verdict.moved == 1.0
    assert "the order of 9 configurations changed" in verdict.why


def test_an_order_that_noise_explains_is_no_change_of_order() -> None:
    shuffled = [OLD[place] / 50 for place in (4, 2, 7, 0, 8, 1, 6, 3, 5)]
    rng = np.random.default_rng(1)
    near = [
        Sample("best" if place < 3 else "control", place, old / 50, tuple(new + 0.02 * rng.standard_normal(3)))
        for place, (old, new) in enumerate(zip(OLD, shuffled, strict=True))
    ]
    verdict = judge(near)
    assert verdict is not None
    assert verdict.evidence.reliability < 0.5
    assert not verdict.stale


def test_others_that_change_places_behind_the_best_leave_it_good() -> None:
    verdict = judge(samples([*OLD[:3], *reversed(OLD[3:])]))
    assert verdict is not None
    assert not verdict.stale


def test_a_best_that_alone_got_worse_is_stale_beyond_the_noise_and_not_within_it() -> None:
    fallen = [0.28, *OLD[1:]]
    loud, quiet = judge(samples(fallen, noise=0.2)), judge(samples(fallen, noise=0.005))
    assert loud is not None
    assert quiet is not None
    assert quiet.stale
    assert quiet.evidence.surprise > 3 > loud.evidence.surprise
    assert "standard errors" in quiet.why


def test_a_neighbour_that_is_better_now_is_told() -> None:
    verdict = judge(samples(list(OLD), neighbour=0.01))
    assert verdict is not None
    assert verdict.evidence.improved > 3


def test_too_little_to_compare_is_no_verdict() -> None:
    assert judge(samples(list(OLD))[:2]) is None
    assert judge([Sample("best", 0, 0.1, ()), *samples(list(OLD))[3:]]) is None


@given(st.permutations(OLD), st.floats(0.0, 0.3))
def test_whatever_came_back_the_evidence_can_be_stored(new: list[float], noise: float) -> None:
    verdict = judge(samples(list(new), noise=noise))
    assert verdict is not None
    document = verdict.to_document()
    assert all(np.isfinite(value) for value in document["evidence"].values())
    assert 0 <= verdict.moved <= 1
    if verdict.stale:
        assert max(verdict.evidence.improved, verdict.evidence.surprise) > SURPRISE
