import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.search.spaces import bowl, play, spaces

from caviar.domain.document import parse_study
from caviar.domain.errors import InvalidStudy
from caviar.domain.parameters import Float
from caviar.domain.space import Space
from caviar.domain.spec import RepeatSpec, SearchSpec
from caviar.search.build import build_searcher
from caviar.search.history import HistoryBuffer, Outcome
from caviar.search.in_process import Search
from caviar.search.recommend import recommend
from caviar.search.repeating import ORIGIN, trial_seed

SPACE = Space({"x": Float(0, 1), "y": Float(0, 1)})
THREE_OF_TWO = RepeatSpec(seeds=3, top=2)


def suggested(strategy="random", *, parallel=4, trials=30):
    found = []
    searcher = build_searcher(SPACE, SearchSpec(strategy=strategy), trials, 5, repeat=THREE_OF_TWO)

    class Spy:
        @staticmethod
        def suggest(history, rounds, first, count):
            plan = searcher.suggest(history, rounds, first, count)
            found.extend(plan.suggestions)
            return plan

    buffer, rounds = play(Spy, 2, trials, parallel=parallel)
    return found, buffer, rounds


@pytest.mark.parametrize("strategy", ["random", "coarse_to_fine"])
def test_the_best_are_repeated_with_other_seeds_in_the_last_part_of_the_budget(strategy):
    found, buffer, _ = suggested(strategy, parallel=1)
    repeats = [each for each in found if each.origin == ORIGIN]
    assert [each.number for each in repeats] == list(range(24, 30))
    best = np.argsort(buffer.view().values[:24])[:2]
    for row in best:
        same = [each for each in found if each.unit.tobytes() == buffer.view().units[row].tobytes()]
        assert len(same) == 4
        assert len({each.params["seed"] for each in same}) == 4
        assert len({(each.params["x"], each.params["y"]) for each in same}) == 1


def raced(values, *, noise, seeds=6):
    """Values of the repeats each configuration got, over configurations of such means; and what was searched on."""
    rng = np.random.default_rng(3)
    means, first = {}, len(values)
    repeat = RepeatSpec(seeds=seeds, top=len(values), race=True)
    searcher = build_searcher(SPACE, SearchSpec(strategy="random"), first + repeat.trials, 5, repeat=repeat)
    buffer, runs, searched = HistoryBuffer(2), [0] * first, 0
    while len(buffer) < first + repeat.trials:
        (each,) = searcher.suggest(buffer.view(), [], len(buffer), 1).suggestions
        buffer.append(each.number, each.unit, 0)
        if each.origin != ORIGIN:
            place = len(means)
            means[each.unit.tobytes()] = place
            searched += each.number >= first
        else:
            place = means[each.unit.tobytes()]
            runs[place] += 1
        mean = values[place] if place < first else 1_000.0
        buffer.update(each.number, Outcome.COMPLETED, mean + (noise * rng.standard_normal() if mean < 1_000 else 0.0))
    return runs, searched


def test_a_race_drops_who_is_told_from_the_best_and_spends_on_those_that_tie():
    runs, searched = raced([0.0, 0.0, 50.0, 80.0], noise=1.0)
    assert runs[2:] == [2, 2]
    assert min(runs[:2]) > 6
    assert (sum(runs), searched) == (24, 0)


def test_a_race_that_is_decided_leaves_the_rest_to_the_search():
    runs, searched = raced([0.0, 50.0, 80.0], noise=1.0)
    assert runs == [2, 2, 2]
    assert searched == 12


def test_a_race_of_equals_ends_with_the_budget():
    runs, searched = raced([1.0, 1.0], noise=0.0)
    assert (runs, searched) == ([6, 6], 0)


def test_nobody_waits_for_the_search_to_end():
    found, buffer, _ = suggested(parallel=8)
    assert len(found) == 30
    assert [each.origin for each in found[24:]] == [ORIGIN] * 6
    assert not np.isnan(buffer.view().values[:16]).any()


def test_a_space_that_is_used_up_leaves_the_rest_to_repeats():
    search = Search({"x": {"type": "choice", "values": [1, 2, 3]}}, strategy="grid", trials=20, repeat={"top": 2})
    for suggestion in search.ask(3):
        search.tell(suggestion.number, float(suggestion.params["x"]))
    again = search.ask(9)
    assert [each.params["x"] for each in again] == [1, 2] * 3
    assert search.exhausted


def test_a_space_that_is_used_up_while_its_last_trials_run_is_still_repeated():
    search = Search({"x": {"type": "choice", "values": [1, 2, 3]}}, strategy="grid", trials=20, repeat={"top": 2})
    out = search.ask(12)
    assert (len(out), search.exhausted) == (3, False)
    for suggestion in out:
        search.tell(suggestion.number, float(suggestion.params["x"]))
    assert [each.params["x"] for each in search.ask(9)] == [1, 2] * 3


def test_seeds_depend_on_the_study_and_the_trial_alone():
    assert trial_seed(1, 2) == trial_seed(1, 2)
    assert len({trial_seed(seed, number) for seed in range(30) for number in range(30)}) == 900


@settings(max_examples=15, deadline=None)
@given(spaces(), st.integers(0, 2**32))
def test_in_any_space_a_restart_repeats_the_same(space, seed):
    searcher = build_searcher(space, SearchSpec(strategy="sobol"), 20, seed, repeat=THREE_OF_TWO)
    buffer, rounds = play(searcher, space.dimension, 17)
    fresh = build_searcher(space, SearchSpec(strategy="sobol"), 20, seed, repeat=THREE_OF_TWO)
    plans = [each.suggest(buffer.view(), rounds, len(buffer), 3) for each in (searcher, fresh)]
    assert plans[0] == plans[1]
    for suggestion in plans[0].suggestions:
        params = {name: value for name, value in suggestion.params.items() if name != "seed"}
        assert space.check(params) == ()


@pytest.mark.parametrize(
    ("section", "detail"),
    [
        ({"top": 10}, "takes 30 trials (seeds × top) of 30: nothing is left to search with"),
        ({"seeds": 1}, "must be at least 2"),
    ],
)
def test_repeats_that_leave_nothing_to_search_with_are_refused(section, detail):
    with pytest.raises(InvalidStudy, match=detail.split(" (")[0].split(", not")[0]):
        Search({"x": Float(0, 1)}, trials=30, repeat=section)


def test_a_parameter_called_seed_is_in_the_way():
    with pytest.raises(InvalidStudy, match="which the space has already"):
        Search({"seed": Float(0, 1)}, trials=30, repeat={})


def test_a_command_may_name_the_seed_of_its_trial():
    train = {"command": ["train", "--seed", "{seed}"]}
    document = {"metric": "loss", "train": train, "space": {"x": {"type": "float", "low": 0, "high": 1}}}
    assert parse_study({**document, "repeat": {}}).repeat == RepeatSpec()
    with pytest.raises(InvalidStudy, match="is no parameter"):
        parse_study(document)


def history(rows):
    buffer = HistoryBuffer(2)
    for number, (unit, value) in enumerate(rows):
        buffer.append(number, np.array(unit, float), 0)
        buffer.update(number, Outcome.COMPLETED, value)
    return buffer.view()


def test_the_mean_of_repeats_decides_and_the_draw_that_chose_does_not_count():
    lucky, steady, poor = (0.1, 0.1), (0.5, 0.5), (0.9, 0.9)
    values = [(lucky, 0.0), (steady, 1.0), (poor, 5.0)]
    values += [(lucky, 2.0), (lucky, 2.2), (steady, 1.0), (steady, 1.1), (poor, 5.0), (poor, 5.3)]
    found = recommend(SPACE, 0, history(values), ())
    assert (found.number, found.by) == (1, "repeats")
    assert [(each.number, each.runs, each.ties) for each in found.standings] == [
        (1, 2, True),
        (0, 2, False),
        (2, 2, False),
    ]
    best = found.standings[0]
    assert best.mean == pytest.approx(1.05)
    assert best.low < 1.05 < best.high


def test_ties_are_said_to_be_ties():
    values = [((0.1, 0.1), 1.0), ((0.5, 0.5), 1.1)]
    values += [((0.1, 0.1), 1.0), ((0.1, 0.1), 2.0), ((0.5, 0.5), 1.2), ((0.5, 0.5), 2.1)]
    assert [each.ties for each in recommend(SPACE, 0, history(values), ()).standings] == [True, True]


def test_a_single_lucky_result_far_from_all_good_ones_is_not_recommended():
    rng = np.random.default_rng(0)
    units = rng.random((80, 2))
    values = [bowl(unit) + 0.01 * rng.standard_normal() for unit in units]
    far = int(np.argmax([bowl(unit) for unit in units]))
    values[far] = -0.05
    found = recommend(SPACE, 0, history(list(zip(units, values, strict=True))), ())
    assert found.by == "model"
    assert found.number != far
    assert bowl(units[found.number]) < 0.05
    assert found.value == pytest.approx(bowl(units[found.number]), abs=0.1)


def test_nothing_is_recommended_before_a_result_and_the_value_counts_while_there_are_few():
    assert recommend(SPACE, 0, HistoryBuffer(2).view(), ()) is None
    found = recommend(SPACE, 0, history([((0.1, 0.1), 3.0), ((0.2, 0.1), 2.0)]), ())
    assert (found.number, found.value, found.by) == (1, 2.0, "value")
