import pytest
from tests.unit.search.spaces import play

from caviar.domain.errors import MissingExtra
from caviar.domain.parameters import Choice, Float, Int
from caviar.domain.space import Space
from caviar.domain.spec import SearchSpec
from caviar.search import build
from caviar.search.build import build_searcher
from caviar.search.history import History

SPACE = Space(
    {
        "lr": Float(1e-4, 1, scale="log"),
        "kind": Choice(["a", "b"]),
        "n": Int(1, 20),
        "m": Float(0, 1, when={"kind": ["a"]}),
    },
    ["n * lr <= 10"],
)
CHEAP, THINKING = ("random", "grid", "sobol"), ("coarse_to_fine", "tpe", "cmaes")


@pytest.mark.parametrize("strategy", CHEAP + THINKING)
def test_every_strategy_suggests_valid_configurations_and_is_pure(strategy):
    spec = SearchSpec(strategy=strategy, initial=({"lr": 0.1},))
    buffer, rounds = play(build_searcher(SPACE, spec, 40, seed=3), SPACE.dimension, 25)
    plans = [build_searcher(SPACE, spec, 40, seed=3).suggest(buffer.view(), rounds, 25, 4) for _ in range(2)]
    assert plans[0] == plans[1]
    assert len(plans[0].suggestions) == 4
    assert all(SPACE.check(suggestion.params) == () for suggestion in plans[0].suggestions)
    assert build_searcher(SPACE, spec, 40, seed=3).thinks == (strategy in THINKING)


@pytest.mark.parametrize("strategy", CHEAP + THINKING)
def test_initial_configurations_come_first(strategy):
    spec = SearchSpec(strategy=strategy, initial=({"lr": 0.1}, {"n": 7}))
    plan = build_searcher(SPACE, spec, 40, seed=3).suggest(History.empty(4), (), 0, 3)
    assert [suggestion.origin == "initial" for suggestion in plan.suggestions] == [True, True, False]
    assert (plan.suggestions[0].params["lr"], plan.suggestions[1].params["n"]) == (0.1, 7)


@pytest.mark.parametrize("strategy", ["tpe", "gp", "cmaes"])
def test_a_missing_extra_is_named_with_the_line_that_installs_it(strategy, monkeypatch):
    monkeypatch.setattr(build, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"pip install 'caviar\[optuna\]'"):
        build_searcher(SPACE, SearchSpec(strategy=strategy), 40, seed=0)
