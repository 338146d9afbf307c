"""Random, Sobol and grid search, and what all strategies share."""

import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.search.spaces import spaces

from caviar.domain.parameters import Choice, Constant, Float, Int
from caviar.domain.space import Space
from caviar.search.grid import GridSearch
from caviar.search.grid_tree import GridTree
from caviar.search.history import History, HistoryBuffer
from caviar.search.initial import BY_HAND, InitialFirst
from caviar.search.random_search import RandomSearch
from caviar.search.sobol import SobolSearch

FLAT = Space({"x": Float(0, 1), "n": Int(1, 4), "c": Choice(["a", "b", "c"]), "k": Constant(3)})
TREE = Space(
    {
        "opt": Choice(["sgd", "adam", "none"]),
        "momentum": Choice([0.5, 0.9], ordered=True, when={"opt": ["sgd"]}),
        "beta": Int(1, 3, when={"opt": ["adam"]}),
        "deep": Choice([True, False], when={"beta": [2]}),
        "layers": Int(1, 2),
    }
)


def all_of(searcher, space, count, first=0):
    return searcher.suggest(History.empty(space.dimension), (), first, count)


@pytest.mark.parametrize("kind", [RandomSearch, SobolSearch, GridSearch])
@given(space=spaces(), seed=st.integers(-(2**63), 2**64))
@settings(max_examples=25, deadline=None)
def test_every_suggestion_is_valid(kind, space, seed):
    plan = all_of(kind(space, seed), space, 20)
    for suggestion in plan.suggestions:
        assert space.check(suggestion.params) == ()
        np.testing.assert_allclose(space.encode(suggestion.params), suggestion.unit, atol=1e-9)


@pytest.mark.parametrize("kind", [RandomSearch, SobolSearch, GridSearch])
def test_any_batching_gives_the_same_suggestions(kind):
    whole = all_of(kind(FLAT, 3), FLAT, 30).suggestions
    parts = [all_of(kind(FLAT, 3), FLAT, size, first) for first, size in ((0, 1), (1, 7), (8, 22))]
    assert whole == sum((part.suggestions for part in parts), ())


def test_sobol_suggests_the_points_of_the_sequence_without_warnings():
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        units = np.array([suggestion.unit for suggestion in all_of(SobolSearch(space, 1), space, 256).suggestions])
    counts, *_ = np.histogram2d(units[:, 0], units[:, 1], bins=16, range=[[0, 1], [0, 1]])
    assert (counts == 1).all()


@pytest.mark.parametrize("kind", [RandomSearch, SobolSearch, GridSearch])
def test_constraints_hold(kind):
    space = Space({"a": Int(1, 20), "b": Int(1, 20)}, ["a * b <= 20"])
    plan = all_of(kind(space, 5), space, 60)
    assert len(plan.suggestions) == 60
    assert all(suggestion.params["a"] * suggestion.params["b"] <= 20 for suggestion in plan.suggestions)


def test_impossible_constraints_exhaust_the_space():
    space = Space({"a": Float(0, 1)}, ["a > 2"])
    plan = all_of(RandomSearch(space, 0), space, 5)
    assert (plan.suggestions, plan.exhausted) == ((), True)


def test_a_grid_lists_every_configuration_once():
    plan = all_of(GridSearch(FLAT, 7, {"x": 3}), FLAT, 100)
    found = {tuple(suggestion.params.values()) for suggestion in plan.suggestions}
    assert found == set(product([0.0, 0.5, 1.0], [1, 2, 3, 4], ["a", "b", "c"], [3]))
    assert len(plan.suggestions) == 36
    assert plan.exhausted


def test_a_grid_counts_conditions_exactly():
    plan = all_of(GridSearch(TREE, 7), TREE, 100)
    found = {tuple(sorted(suggestion.params.items())) for suggestion in plan.suggestions}
    assert len(found) == len(plan.suggestions) == GridTree(TREE, {}).count == TREE.cardinality == 2 * (2 + 4 + 1)


@given(space=spaces())
@settings(max_examples=60, deadline=None)
def test_a_grid_of_a_finite_space_has_its_cardinality(space):
    every = dict.fromkeys(space.columns, 10000)
    if space.cardinality is not None:
        assert GridTree(space, every).count == space.cardinality


def test_a_constrained_grid_is_the_same_in_any_batching_and_from_any_place():
    space = Space({"a": Int(1, 30), "b": Int(1, 30)}, ["a + b <= 20"])
    whole = all_of(GridSearch(space, 1), space, 1000)
    assert len(whole.suggestions) == 190
    assert whole.exhausted
    searcher = GridSearch(space, 1)
    for first in (0, 40, 100, 20):
        assert all_of(searcher, space, 30, first).suggestions == whole.suggestions[first : first + 30]
        assert all_of(GridSearch(space, 1), space, 30, first).suggestions == whole.suggestions[first : first + 30]


def test_a_huge_grid_is_counted_and_never_listed():
    space = Space({f"p{index}": Int(1, 1000) for index in range(60)})
    assert GridTree(space, {}).count == 1000**60
    assert len(all_of(GridSearch(space, 0), space, 5, first=10**9).suggestions) == 5


def test_few_integers_on_a_log_scale_all_stand_in_the_grid():
    space = Space({"n": Int(1, 4, scale="log")})
    assert {s.params["n"] for s in all_of(GridSearch(space, 0), space, 9).suggestions} == {1, 2, 3, 4}


def test_initial_configurations_come_first_to_the_letter():
    searcher = InitialFirst(
        TREE, 0, [{"opt": "adam", "beta": 2, "deep": False, "layers": 1}, {"beta": 3}], RandomSearch(TREE, 0)
    )
    first, second, third = all_of(searcher, TREE, 3).suggestions
    assert first.params == {"opt": "adam", "beta": 2, "deep": False, "layers": 1}
    assert (second.params["opt"], second.params["beta"]) == ("adam", 3)
    assert [s.origin for s in (first, second, third)] == ["initial", "initial", "random"]
    assert [s.number for s in (first, second, third)] == [0, 1, 2]
    assert TREE.check(second.params) == ()


def test_trials_by_hand_take_no_place_in_a_grid():
    buffer = HistoryBuffer(FLAT.dimension)
    buffer.append(0, np.full(FLAT.dimension, 0.5), BY_HAND)
    plain = all_of(GridSearch(FLAT, 7, {"x": 3}), FLAT, 36)
    after = GridSearch(FLAT, 7, {"x": 3}).suggest(buffer.view(), (), 1, 36)
    assert [s.params for s in after.suggestions] == [s.params for s in plain.suggestions]
