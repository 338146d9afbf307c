import warnings

import pytest
from benchmarks.quality import peers, report
from benchmarks.quality.simulate import course
from benchmarks.quality.tasks import Task

from caviar.domain.parameters import Choice, Float, Int

AXES = {
    "kind": Choice(["plain", "steep"]),
    "rate": Float(1e-4, 1.0, scale="log"),
    "average": Float(0.9, 0.999, scale="one_minus_log"),
    "layers": Int(1, 4, when={"kind": ["steep"]}),
}


class Listed:
    """Suggests what it was given, and remembers what it was told."""

    def __init__(self, losses):
        self.left, self.told = list(losses), []

    def ask(self):
        loss = self.left.pop(0)
        return loss, {"loss": loss}

    def tell(self, token, loss):
        self.told.append((token, loss))


def judged(loss):
    return Task("listed", "few", {}, loss=loss, truth=lambda params: params["loss"], best=0.0)


def row(searcher, task, regret, *, suite="a", seed=0):
    return {
        "task": task, "suite": suite, "searcher": searcher, "seed": seed, "budget": len(regret), "regret": regret,
        "mean_ms": 1.0, "worst_ms": 2.0,
    }  # fmt: skip


def test_regret_is_of_the_configuration_that_looked_best():
    task = judged(lambda params, _: 5 - params["loss"])
    task.__dict__["scale"] = (0.0, 4.0)
    found = course(task, Listed([1, 3, 2]), 0, 1, 3)
    assert found.regret == [25.0, 75.0, 75.0]


def test_a_loss_that_is_not_finite_is_told_as_a_failure():
    task = judged(lambda params, _: params["loss"])
    task.__dict__["scale"] = (0.0, 4.0)
    peer = Listed([float("inf"), 1])
    course(task, peer, 0, 1, 2)
    assert peer.told == [(float("inf"), None), (1, 1)]


@pytest.mark.parametrize("parallel", [1, 3])
def test_so_many_run_at_once_as_there_are_workers(parallel):
    running = set()

    class Counting(Listed):
        def ask(self):
            token, params = super().ask()
            running.add(token)
            assert len(running) <= parallel
            return token, params

        def tell(self, token, loss):
            running.remove(token)

    task = judged(lambda params, _: params["loss"])
    task.__dict__["scale"] = (0.0, 1.0)
    course(task, Counting(range(12)), 1, parallel, 12)
    assert not running


def test_differences_are_taken_between_the_same_tasks_and_seeds():
    rows = [row("ours", "t", [2.0]), row("other", "t", [5.0]), row("ours", "u", [1.0]), row("other", "u", [2.0])]
    unmatched = [row("ours", "t", [90.0], seed=1)]
    mean, error, tasks = report.difference(rows + unmatched, "ours", "other", 1)
    assert (mean, error, tasks) == (-2.0, 1.0, 2)


def test_a_suite_of_many_tasks_weighs_no_more_than_one_of_few():
    rows = [row("ours", "t", [0.0]), row("ours", "u", [0.0]), row("ours", "v", [9.0], suite="b")]
    head, line = report.table(rows, [1]).splitlines()
    assert dict(zip(head.split(), line.split(), strict=False))["suites"] == "4.50"


@pytest.mark.parametrize("name", ["coarse_to_fine", "random", "sobol", "tpe", "cmaes"])
def test_every_peer_suggests_configurations_of_the_space(name):
    def loss(params, _):
        assert set(params) == {"kind", "rate", "average", *(["layers"] if params["kind"] == "steep" else [])}
        assert 0.9 <= params["average"] <= 0.999
        return params["rate"] if params["kind"] == "plain" else float("inf")

    task = Task("mixed", "few", AXES, loss, lambda params: params["rate"], best=0.0)
    task.__dict__["scale"] = (0.0, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = course(task, peers.build(name, AXES, 0, 14, None), 0, 2, 14)
    assert len(found.regret) == 14
