"""Storms of faults against the real engine on a virtual clock: no invariant is violated;
a seed tells its story again.

The long form is `python -m benchmarks.storms --seeds 20000`.
"""

import pytest
from tests.simulation.storm.run import play
from tests.simulation.storm.weather import STEERED_FROM

SEEDS, TOGETHER = 250, 10
"""So many of the plain ones, and so many in which trials are steered."""
FOUND = (409, 613, 866, 992, 10049, 10064)
"""Seeds that once found a violation: they stay, whatever else is played."""


@pytest.mark.parametrize("first", [*range(0, SEEDS, TOGETHER), *range(STEERED_FROM, STEERED_FROM + SEEDS, TOGETHER)])
def test_no_storm_violates_an_invariant(first: int) -> None:
    outcomes = list(play(range(first, first + TOGETHER)))
    assert [outcome for outcome in outcomes if outcome.violation is not None] == []


def test_no_storm_that_once_found_something_finds_it_again() -> None:
    assert [outcome for outcome in play(FOUND) if outcome.violation is not None] == []


def test_the_same_seed_gives_the_same_story() -> None:
    seeds = (3, 8, STEERED_FROM + 3, STEERED_FROM + 8)
    once, again = list(play(seeds)), list(play(reversed(seeds)))
    assert [outcome.trace for outcome in once] == [outcome.trace for outcome in reversed(again)]


def test_the_storms_bring_what_they_promise() -> None:
    """Failures of the store, and stories of some length: a storm in which nothing happens proves nothing."""
    outcomes = list(play((*range(10), *range(STEERED_FROM, STEERED_FROM + 10))))
    assert sum(outcome.store_failures for outcome in outcomes) >= 3
    assert len({outcome.trace for outcome in outcomes}) == 20
    assert min(outcome.events for outcome in outcomes) > 30
