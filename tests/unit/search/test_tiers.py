import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.search.spaces import play, spaces

from caviar.domain.parameters import Choice, Float, Int, from_document
from caviar.domain.space import Space
from caviar.domain.spec import SearchSpec
from caviar.search.build import build_searcher
from caviar.search.history import HistoryBuffer, Outcome
from caviar.search.tiers.flat import patience, reason_to_open
from caviar.search.tiers.names import role_of
from caviar.search.tiers.places import places

NETWORK = Space(
    {
        "lr": Float(1e-4, 1, scale="log"),
        "momentum": Float(0.9, 0.999, scale="one_minus_log"),
        "batch_size": Int(16, 256, scale="log", default=32),
        "layers": Int(1, 4),
        "beta_2": Float(0.9, 0.9999, scale="one_minus_log"),
        "optimizer": Choice(["sgd", "adam"]),
    }
)
AUTO = SearchSpec(tiers="auto")


def table(space, search=AUTO):
    return {place.parameter: (place.tier, place.default) for place in places(space, search)}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("lr", "learning rate"),
        ("Learning-Rate", "learning rate"),
        ("optim.eta", "learning rate"),
        ("mom", "momentum"),
        ("bs", "mini-batch size"),
        ("batchSize", "mini-batch size"),
        ("hidden_units_2", "hidden units"),
        ("n_layers", "number of layers"),
        ("lr_decay", "learning-rate decay"),
        ("beta1", "Adam's β₁"),
        ("beta_2", "Adam's β₂"),
        ("eps", "Adam's ε"),
    ],
)
def test_the_usual_names_are_known_by_their_aliases(name, role):
    assert role_of(name).name == role


@pytest.mark.parametrize("name", ["dropout", "weight_decay", "alpha", "x1", "3"])
def test_names_that_mean_different_things_are_not_guessed(name):
    assert role_of(name) is None


def test_parameters_take_their_tier_by_name_and_wait_at_a_default():
    assert table(NETWORK) == {
        "lr": (1, pytest.approx(0.01)),
        "momentum": (2, pytest.approx(0.99)),
        "batch_size": (2, 32),
        "layers": (3, 3),
        "beta_2": (None, 0.999),
        "optimizer": (2, "sgd"),
    }


def test_a_tier_of_its_own_goes_before_the_name_and_alone_makes_tiers():
    space = Space({"lr": Float(0, 1), "beta1": Float(0, 1, tier=2), "x": Float(0, 1, default=0.25)})
    assert table(space, SearchSpec()) == {"lr": (1, 0.5), "beta1": (2, 0.5), "x": (1, 0.25)}
    assert table(space) == {"lr": (1, 0.5), "beta1": (2, 0.9), "x": (2, 0.25)}
    assert places(NETWORK, SearchSpec()) == ()


def test_the_usual_value_is_kept_within_the_range():
    space = Space({"lr": Float(0, 1), "beta1": Float(0.95, 0.99), "eps": Float(1e-7, 1e-5), "beta2": Choice([1, 2])})
    assert [default for _, default in table(space).values()][1:] == [0.95, 1e-7, 1]


def test_a_space_of_what_is_never_searched_is_searched():
    assert table(Space({"beta1": Float(0.8, 0.99)})) == {"beta1": (1, 0.9)}


def test_a_parent_is_searched_no_later_than_what_depends_on_it():
    space = Space({"layers": Int(1, 3), "lr": Float(0, 1), "momentum": Float(0, 1, when={"layers": [2]})})
    assert table(space)["layers"][0] == 2


@pytest.mark.parametrize("strategy", ["random", "sobol", "coarse_to_fine", "tpe"])
def test_the_first_tier_alone_is_searched_until_it_is_flat(strategy):
    search = SearchSpec(strategy=strategy, tiers="auto")
    buffer, rounds = play(build_searcher(NETWORK, search, 60, seed=1), 6, 60, parallel=3)
    opened = [record for record in rounds if record.rule == "tier"]
    assert len(opened) == 2
    units = buffer.view().units
    column = {name: index for index, name in enumerate(NETWORK.columns)}
    still = lambda name, rows: len(np.unique(np.round(units[rows, column[name]], 9))) == 1  # noqa: E731
    until = [record.first_number for record in opened]
    assert not still("lr", slice(until[0]))
    assert still("momentum", slice(until[0]))
    assert not still("momentum", slice(until[0], until[1]))
    assert still("layers", slice(until[1]))
    assert not still("layers", slice(until[1], None))
    assert still("beta_2", slice(None))
    assert opened[0].reason.startswith("tier 2 opens: momentum, batch_size and optimizer join, for ")
    assert rounds[0].reason.startswith("tier 1 first: lr; held for now: momentum at ")
    assert [record.index for record in rounds] == list(range(len(rounds)))
    assert all([bound.parameter for bound in record.bounds] == list(NETWORK.columns) for record in rounds)
    assert not {rounds[0].index, opened[0].index} & set(buffer.view().rounds[until[1] :].tolist())


def test_a_tier_that_is_used_up_opens_the_next_at_once():
    space = Space({"kind": Choice(["a", "b", "c"], tier=1), "x": Float(0, 1, tier=2)})
    plan = build_searcher(space, SearchSpec(), 50, seed=0).suggest(HistoryBuffer(2).view(), (), 0, 10)
    assert len(plan.suggestions) == 10
    assert {suggestion.params["kind"] for suggestion in plan.suggestions[:3]} == {"a", "b", "c"}
    assert plan.rounds[-1].reason == "tier 2 opens: x joins, for there is nothing left to try without it"


@settings(max_examples=15, deadline=None)
@given(spaces(), st.integers(0, 2**32), st.lists(st.sampled_from([None, 1, 2, 3]), min_size=8, max_size=8))
def test_any_space_in_any_tiers_gets_valid_suggestions_whichever_way_the_search_is_restarted(space, seed, tiers):
    documents = space.to_document()
    for document, tier in zip(documents.values(), tiers, strict=False):
        document["tier"] = tier
    space = Space({name: from_document(document) for name, document in documents.items()})
    buffer, rounds = play(build_searcher(space, AUTO, 24, seed), space.dimension, 16)
    kept = buffer.view()
    plans = [build_searcher(space, AUTO, 24, seed).suggest(kept, rounds, len(buffer), 3) for _ in range(2)]
    assert plans[0] == plans[1]
    assert all(space.check(suggestion.params) == () for suggestion in plans[0].suggestions)
    decoded = space.decode(np.array([each.unit for each in plans[0].suggestions]).reshape(-1, space.dimension))
    assert [set(params) for params in decoded] == [set(each.params) for each in plans[0].suggestions]


def history(losses):
    buffer = HistoryBuffer(1)
    for number, loss in enumerate(losses):
        buffer.append(number, np.array([0.5]), 0)
        buffer.update(number, Outcome.COMPLETED if np.isfinite(loss) else Outcome.FAILED, loss)
    return buffer.view()


def test_a_tier_is_flat_after_enough_results_that_are_no_better():
    falling = [10.0 - number for number in range(10)]
    assert reason_to_open(history(falling), 0, 100, 3) is None
    assert (
        reason_to_open(history([*falling, *[5.0] * 8]), 0, 100, 3) == "the last 8 results are not better than trial #9"
    )
    assert reason_to_open(history([*falling, *[np.nan] * 8]), 0, 100, 3) is not None


def test_a_tier_gets_half_of_what_is_left_at_most():
    assert reason_to_open(history([10.0 - number for number in range(10)]), 0, 20, 3) == (
        "10 trials were spent, half of what was left"
    )


def test_patience_grows_with_the_budget_within_limits():
    assert [patience(trials, 3) for trials in (10, 120, 10_000)] == [6, 10, 20]


def test_a_space_that_lost_a_tier_that_was_open_is_searched_on():
    whole = build_searcher(NETWORK, SearchSpec(strategy="random", tiers="auto"), 60, 3)
    _, rounds = play(whole, NETWORK.dimension, 40)
    assert sum(record.rule == "tier" for record in rounds) == 2
    left = Space({"lr": Float(1e-4, 1, scale="log"), "momentum": Float(0.9, 0.999, scale="one_minus_log")})
    rest = build_searcher(left, SearchSpec(strategy="random", tiers="auto"), 60, 3)
    assert len(rest.suggest(HistoryBuffer(2).view(), rounds, 40, 3).suggestions) == 3


def test_what_an_edited_space_lacks_is_no_result_that_is_not_better():
    buffer = HistoryBuffer(1)
    for number in range(12):
        buffer.append(number, np.array([0.5]), 0)
        buffer.update(number, Outcome.OUTSIDE, None)
    assert reason_to_open(buffer.view(), 0, 100, 2) is None
