"""The search is still clearly better than random search and Optuna's TPE, on the same tasks and seeds."""

from itertools import product

import pytest
from benchmarks.quality import guard
from benchmarks.quality.__main__ import run

BUDGET = 40


def courses(ours, tpe):
    """Seven tasks, the regrets of which differ a little."""
    means = {guard.OURS: ours, "tpe": tpe, "random": 50.0}
    return [
        {"task": f"t{place}", "suite": "few", "searcher": name, "seed": 0, "regret": [mean + place % 3]}
        for name, mean in means.items()
        for place in range(7)
    ]


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")
def test_coarse_to_fine_beats_random_search_and_tpe():
    jobs = product(guard.TASKS, (guard.OURS, *guard.PEERS), range(guard.SEEDS))
    rows = [run(job, None, guard.PARALLEL, BUDGET) for job in jobs]
    assert guard.not_beaten(rows, BUDGET, deviations=1.0) == []


@pytest.mark.parametrize(
    ("ours", "tpe", "named"), [(4.0, 15.0, []), (15.0, 14.0, ["tpe"]), (60.0, 15.0, ["random", "tpe"])]
)
def test_the_guard_names_the_peers_that_are_no_longer_beaten(ours, tpe, named):
    assert guard.not_beaten(courses(ours, tpe), 1) == named
