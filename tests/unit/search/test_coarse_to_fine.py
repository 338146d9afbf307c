import json
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.search.spaces import bowl, play, spaces

from caviar.domain.parameters import Choice, Float, Int
from caviar.domain.space import Space
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.region import Region, places_of
from caviar.search.coarse_to_fine.rounds import ROOT
from caviar.search.coarse_to_fine.search import CoarseToFine
from caviar.search.coarse_to_fine.words import region_of
from caviar.search.coarse_to_fine.zoom import zoomed
from caviar.search.history import HistoryBuffer, Outcome
from caviar.search.searcher import Round

CUBE = Space({"x": Float(0, 1), "y": Float(0, 1), "z": Float(0, 1)})
MIXED = Space(
    {
        "learning_rate": Float(1e-4, 1, scale="log"),
        "optimizer": Choice(["sgd", "adam", "rmsprop"]),
        "layers": Int(1, 6),
        "momentum": Float(0.9, 0.999, scale="one_minus_log", when={"optimizer": ["sgd"]}),
    }
)


@given(space=spaces(), seed=st.integers(0, 2**63), failing=st.integers(2, 30))
@settings(max_examples=5, deadline=None)
def test_every_suggestion_is_valid(space, seed, failing):
    def outcome(number):
        return Outcome.FAILED if number % failing == 1 else Outcome.COMPLETED

    searcher = CoarseToFine(space, seed, trials=45)
    buffer, rounds = play(searcher, space.dimension, 40, outcomes=outcome)
    plan = searcher.suggest(buffer.view(), rounds, len(buffer), 3)
    for suggestion in plan.suggestions:
        assert space.check(suggestion.params) == ()
        np.testing.assert_allclose(space.encode(suggestion.params), suggestion.unit, atol=1e-9)


@pytest.mark.parametrize("played", [0, 5, 30, 60])
def test_a_batch_is_what_single_calls_give(played):
    buffer, rounds = play(CoarseToFine(MIXED, 1), MIXED.dimension, played, parallel=5)
    batch = CoarseToFine(MIXED, 1).suggest(buffer.view(), rounds, played, 12)
    single = []
    for number in range(played, played + 12):
        plan = CoarseToFine(MIXED, 1).suggest(buffer.view(), rounds, number, 1)
        rounds += plan.rounds
        single += plan.suggestions
        buffer.append(number, plan.suggestions[0].unit, plan.suggestions[0].round)
    assert tuple(single) == batch.suggestions


def test_a_search_restarted_from_its_stored_rounds_goes_on_alike():
    buffer, rounds = play(CoarseToFine(MIXED, 3), MIXED.dimension, 50)
    stored = [Round.from_document(json.loads(json.dumps(record.to_document(), sort_keys=True))) for record in rounds]
    expected = CoarseToFine(MIXED, 3).suggest(buffer.view(), rounds, 50, 6)
    assert CoarseToFine(MIXED, 3).suggest(buffer.view(), stored, 50, 6) == expected


def test_the_order_of_tells_leaves_no_trace():
    searcher = CoarseToFine(CUBE, 0)
    plan = searcher.suggest(HistoryBuffer(3).view(), (), 0, 24)
    plans = []
    for seed in range(3):
        buffer = HistoryBuffer(3)
        for suggestion in plan.suggestions:
            buffer.append(suggestion.number, suggestion.unit, 0)
        for suggestion in random.Random(seed).sample(plan.suggestions, 20):
            if suggestion.number < 18:
                buffer.update(suggestion.number, Outcome.COMPLETED, bowl(suggestion.unit), None)
        for suggestion in plan.suggestions[:18]:
            buffer.update(suggestion.number, Outcome.COMPLETED, bowl(suggestion.unit), None)
        plans.append(searcher.suggest(buffer.view(), plan.rounds, 24, 5))
    assert plans[0] == plans[1] == plans[2]


def test_other_seeds_search_elsewhere():
    first, second = (play(CoarseToFine(CUBE, seed), 3, 30)[0].view().units for seed in (0, 1))
    assert not np.allclose(first, second)


def test_sixty_trials_make_at_least_three_rounds_that_begin_with_the_whole_space():
    _, rounds = play(CoarseToFine(MIXED, 0, trials=60), MIXED.dimension, 60)
    assert len(rounds) >= 4
    assert rounds[0].rule == "start"
    assert (rounds[0].bounds[0].low, rounds[0].bounds[0].high) == (1e-4, 1.0)
    assert [record.index for record in rounds] == list(range(len(rounds)))


def test_nothing_waits_for_stragglers():
    """Trials 0, 5 and 11 never end; the rounds go on without them."""
    searcher, buffer, rounds = CoarseToFine(CUBE, 0), HistoryBuffer(3), []
    for number in range(60):
        plan = searcher.suggest(buffer.view(), rounds, number, 1)
        rounds += plan.rounds
        buffer.append(number, plan.suggestions[0].unit, plan.suggestions[0].round)
        if number not in (0, 5, 11):
            buffer.update(number, Outcome.COMPLETED, bowl(plan.suggestions[0].unit), None)
    assert len(rounds) >= 4


@given(space=spaces(), seed=st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_boxes_stay_in_the_cube_hold_their_best_and_shrink_or_say_why_not(space, seed):
    buffer, rounds = play(CoarseToFine(space, seed), space.dimension, 36)
    evidence = Evidence.of(buffer.view())
    last = {}
    for record in rounds[1:]:
        region = region_of(space, record.bounds)
        assert (region.low >= 0).all()
        assert (region.high <= 1).all()
        assert all(abs(weights.sum() - 1) < 1e-9 for weights in region.weights.values())
        if record.best is not None:
            assert region.contains(places_of(space, evidence.units[evidence.numbers == record.best]))[0]
        if record.box in last:
            assert (region.width <= last[record.box].width + 1e-9).all()
        for bound in record.bounds:
            assert bound.reason
            assert bool(bound.moved_by) <= (bound.rule != "stay")
        last[record.box] = region


def test_a_round_tells_what_moved_its_bounds():
    _, rounds = play(CoarseToFine(MIXED, 0), MIXED.dimension, 60)
    moved = [bound for record in rounds for bound in record.bounds if bound.rule in ("zoom", "pan")]
    assert moved
    assert all(bound.moved_by and "→" in bound.reason and "the best" in bound.reason for bound in moved)
    assert any(bound.parameter == "learning_rate" for bound in moved)


def test_the_model_learns_every_tenth_more_results_and_says_which_parameters_matter():
    space = Space({"steep": Float(0, 1), "flat": Float(0, 1)})
    _, rounds = play(CoarseToFine(space, 0), 2, 60, parallel=1, loss=lambda unit: abs(unit[0] - 0.3))
    fits = [record.finished for record in rounds if record.model is not None]
    assert all(later <= max(earlier + 5, 1.2 * earlier) for earlier, later in pairwise(fits))
    learned = [record for record in rounds if record.rule == "learn"]
    assert learned
    assert all(bound.rule == "stay" for record in learned for bound in record.bounds)
    assert "most along steep" in learned[-1].reason


def test_suggestions_name_the_round_they_were_drawn_in():
    searcher = CoarseToFine(CUBE, 0)
    buffer, rounds = play(searcher, 3, 80)
    history = buffer.view()
    assert history.rounds.max() <= len(rounds) - 1
    for number, unit, index in zip(history.numbers, history.units, history.rounds, strict=True):
        assert rounds[index].box == ROOT or region_of(CUBE, rounds[index].bounds).contains(unit[None])[0], number


def test_a_finite_space_is_used_up_without_duplicates():
    space = Space({"a": Int(1, 5), "b": Choice(["u", "v", "w"]), "c": Int(1, 3, when={"b": ["u"]})})
    buffer, rounds = play(CoarseToFine(space, 0), space.dimension, 100)
    assert space.cardinality == len(buffer) == 25
    assert len(np.unique(buffer.view().units, axis=0)) == 25
    assert CoarseToFine(space, 0).suggest(buffer.view(), rounds, 25, 1).exhausted


def test_constraints_hold():
    space = Space({"a": Int(1, 40), "b": Int(1, 40), "x": Float(0, 1)}, ["a * b <= 60"])
    buffer, _ = play(CoarseToFine(space, 0), 3, 50)
    assert space.feasible(buffer.view().units).all()


def test_a_study_in_which_everything_fails_goes_on():
    buffer, _ = play(CoarseToFine(CUBE, 0), 3, 40, outcomes=lambda _: Outcome.FAILED)
    assert len(buffer) == 40


def test_failed_trials_drive_the_search_away():
    def outcome(number):
        return Outcome.FAILED if buffer_units[number][0] > 0.5 else Outcome.COMPLETED

    buffer_units = {}

    class Watched(CoarseToFine):
        def suggest(self, history, rounds, first, count):
            plan = CoarseToFine.suggest(self, history, rounds, first, count)
            buffer_units.update({suggestion.number: suggestion.unit for suggestion in plan.suggestions})
            return plan

    buffer, _ = play(Watched(CUBE, 0), 3, 80, outcomes=outcome, loss=lambda unit: 1 - unit[1] * 0.1)
    assert (buffer.view().units[40:, 0] > 0.5).mean() < 0.4  # of points at random it would be half


def test_finds_a_bowl_s_bottom_where_random_search_does_not():
    buffer, _ = play(CoarseToFine(MIXED, 0), MIXED.dimension, 80)
    assert np.nanmin(buffer.view().values) < 0.0205  # the best that choices and integers allow is 0.0203


def test_stopped_trials_do_not_count_as_good():
    """A loss that was low when a trial was stopped early must not beat completed ones."""
    buffer = HistoryBuffer(1)
    for number, value in enumerate([0.5, 0.4, 0.6, 0.1]):
        buffer.append(number, np.array([number / 4]), 0)
        buffer.update(number, Outcome.STOPPED if number == 3 else Outcome.COMPLETED, value, 1 if number == 3 else 81)
    evidence = Evidence.of(buffer.view())
    assert evidence.losses.tolist() == [0.5, 0.4, 0.6, 0.5]
    assert evidence.raw[3] == 0.1
    assert evidence.fidelity.tolist() == [1, 1, 1, 0]


def test_early_stopping_teaches_the_model_too():
    def outcome(number):
        return Outcome.STOPPED if number % 3 == 0 else Outcome.COMPLETED

    buffer, _ = play(CoarseToFine(CUBE, 0), 3, 60, outcomes=outcome)
    assert len(buffer) == 60


def test_astronomic_losses_are_no_obstacle():
    buffer, _ = play(CoarseToFine(CUBE, 0), 3, 30, loss=lambda unit: 1.7e308 * (unit[0] - 0.5))
    assert len(buffer) == 30


def test_a_parameter_that_the_best_do_not_use_is_not_narrowed() -> None:
    space = Space(
        {
            "optimizer": Choice(("adam", "sgd")),
            "momentum": Float(0.9, 0.999, scale="one_minus_log", when={"optimizer": ("sgd",)}),
            "rate": Float(1e-4, 1.0, scale="log"),
        }
    )
    adam_only = np.array([[0.25, np.nan, 0.5], [0.25, np.nan, 0.6]])
    moved = zoomed(space, Region.whole(space), adam_only, level=0)
    assert (moved.low[1], moved.high[1]) == (0.0, 1.0)
    assert moved.width[2] < 1.0
    mixed = np.array([[0.25, np.nan, 0.5], [0.75, 0.8, 0.6]])
    assert zoomed(space, Region.whole(space), mixed, level=0).low[1] > 0.4
    narrow = Region(np.array([0.0, 0.7, 0.0]), np.ones(3), Region.whole(space).weights)
    units = space.snap(np.array([[0.25, 0.5, 0.5], [0.75, 0.5, 0.5]]))
    assert list(narrow.contains(places_of(space, units))) == [True, False]
