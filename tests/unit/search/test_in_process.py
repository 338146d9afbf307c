import math

import pytest

from caviar import Choice, Float, Search
from caviar.domain.errors import InvalidStudy

SPACE = {"lr": Float(1e-4, 1, scale="log"), "kind": Choice(["a", "b"])}


def error(params):
    return abs(math.log10(params["lr"]) + 2) + (params["kind"] == "a")


def test_any_number_may_be_out_and_told_in_any_order():
    search = Search(SPACE, seed=1, trials=40)
    for _ in range(10):
        for suggestion in reversed(search.ask(4)):
            search.tell(suggestion.number, error(suggestion.params))
    assert search.best.value < 0.1
    assert error(search.best.params) == search.best.value
    assert len(search.rounds) >= 3


def test_maximising_finds_the_same_as_minimising_the_negative():
    found = []
    for goal, sign in (("minimize", 1), ("maximize", -1)):
        search = Search(SPACE, goal=goal, seed=1, trials=30)
        for _ in range(30):
            suggestion = search.ask()[0]
            search.tell(suggestion.number, sign * error(suggestion.params))
        found.append(search.best)
    assert found[0].params == found[1].params
    assert found[0].value == -found[1].value


def test_asha_stops_hopeless_trials_and_needs_no_tell():
    search = Search(SPACE, strategy="random", trials=30, stopping={"rule": "asha", "min_steps": 1, "max_steps": 9})
    verdicts = []
    for suggestion in search.ask(30):
        for step in range(1, 10):
            verdict = search.report(suggestion.number, step=step, value=error(suggestion.params) + 1 / step)
            if verdict == "stop":
                break
        else:
            search.tell(suggestion.number, error(suggestion.params))
        verdicts.append(verdict)
    assert 10 < verdicts.count("stop") < 30


def test_failures_and_nan_never_become_the_best():
    search = Search(SPACE, trials=10)
    assert search.best is None
    first, second, third = search.ask(3)
    search.tell(first.number)
    search.tell(second.number, math.nan)
    assert search.best is None
    search.tell(third.number, 2.5)
    assert search.best.number == third.number


def test_a_finite_space_ends():
    search = Search({"kind": Choice(["a", "b", "c"])}, trials=10)
    assert len(search.ask(5)) == 3
    assert search.exhausted
    assert search.ask(1) == []


def test_mistakes_are_told_as_in_a_study_document():
    with pytest.raises(InvalidStudy, match="strategy"):
        Search(SPACE, strategy="magic")
