"""What a canary runs."""

import numpy as np

from caviar.domain.document import parse_study
from caviar.domain.spec import Retune
from caviar.engine.canary import Known, planned

SPACE = parse_study(
    {
        "metric": "loss",
        "train": {"external": True},
        "space": {
            "lr": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
            "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
        },
    }
).space


def known(count: int) -> list[Known]:
    units = np.random.default_rng(1).random((count, 2))
    return [
        Known(number, SPACE.decode(unit[None])[0], SPACE.snap(unit[None])[0], float((number * 7) % count))
        for number, unit in enumerate(units)
    ]


def test_the_best_run_several_times_the_controls_are_spread_over_the_ranks() -> None:
    plan = planned(SPACE, known(50), Retune(best=2, neighbours=3, controls=5, repeats=4), seed=3)
    assert [(each.role, each.repeats) for each in plan] == [
        *[("best", 4)] * 2,
        *[("neighbour", 1)] * 3,
        *[("control", 1)] * 5,
    ]
    assert [each.loss for each in plan[:2]] == [0.0, 1.0]
    assert [each.loss for each in plan[5:]] == [6.0, 16.0, 26.0, 35.0, 45.0]


def test_neighbours_lie_near_the_best_keep_its_choices_and_are_the_same_each_time() -> None:
    results = known(30)
    first, again = (planned(SPACE, results, Retune(), seed=3) for _ in range(2))
    assert first == again
    best = min(results, key=lambda each: each.loss)
    for each in first:
        if each.role == "neighbour":
            assert each.params["optimizer"] == best.params["optimizer"]
            assert abs(SPACE.encode(each.params)[0] - best.unit[0]) < 0.4


def test_a_small_study_has_what_it_has() -> None:
    plan = planned(SPACE, known(5), Retune(), seed=3)
    assert sum(each.role == "control" for each in plan) == 2
