"""Re-tuning with a simulated fleet, on data that change."""

import zlib
from typing import Any

import numpy as np
import pytest
from tests.simulation.checker import check
from tests.simulation.documents import ended, study, submit
from tests.simulation.world import START, Behaviour, World

from caviar.domain.errors import Conflict
from caviar.engine.engine import Engine
from caviar.engine.retune import Asked, decide, start_retune
from caviar.storage import inherited, retunes, search_state, trials
from caviar.storage.rows import RetuneRow
from caviar_workers.protocol import Assignment

DAY = 86_400.0


class Task:
    """The best learning rate lies at 10**`optimum`; every run of it has its own noise."""

    def __init__(self) -> None:
        self.optimum = -2.0

    def loss(self, assignment: Assignment, step: int) -> float:
        noise = 0.01 * np.sin(zlib.crc32(assignment.attempt.encode()))
        return float((np.log10(assignment.params["learning_rate"]) - self.optimum) ** 2 + noise)


def world(engine: Engine, task: Task, incarnation: int = 0) -> World:
    behaviour = Behaviour(value=task.loss, reports=1)
    return World(engine, slots=4, behaviour=behaviour, incarnation=incarnation, start=START + incarnation * DAY)


def tuned(engine: Engine, task: Task, **changes: Any) -> str:
    study_id = submit(engine, name="rates", budget={"trials": 30}, **changes)
    world(engine, task).run(until=lambda: ended(engine, study_id))
    return study_id


def begin(engine: Engine, study_id: str, now: float, **asked: Any) -> RetuneRow:
    with engine.work(now) as work:
        return start_retune(work, study_id, Asked(**asked))


def look(engine: Engine, retune_id: str) -> RetuneRow:
    with engine.database.read() as snapshot:
        found = retunes.get(snapshot, retune_id)
    assert found is not None
    return found


def decided(engine: Engine, retune_id: str) -> bool:
    return look(engine, retune_id).state != "canary"


def test_on_the_same_data_the_result_is_still_good_and_nothing_more_is_run(engine: Engine) -> None:
    task = Task()
    study_id = tuned(engine, task)
    row = begin(engine, study_id, START + DAY)
    runs = world(engine, task, incarnation=1)
    runs.run(until=lambda: decided(engine, row.id))
    row = look(engine, row.id)
    assert (row.state, row.successor_id) == ("good", None)
    assert row.verdict is not None
    assert row.verdict["verdict"] == "still good"
    canary = study(engine, row.canary_id)
    assert canary.completed == 3 * 3 + 4 + 6
    check(engine)


def test_on_other_data_it_is_stale_and_tuned_again_from_the_old_region(engine: Engine) -> None:
    task = Task()
    study_id = tuned(engine, task, search={"strategy": "coarse_to_fine", "seed": 1})
    task.optimum = -0.3
    row = begin(engine, study_id, START + DAY, data={"version": "2027-02"}, note="new month")
    runs = world(engine, task, incarnation=1)
    runs.run(until=lambda: decided(engine, row.id))
    row = look(engine, row.id)
    assert row.state == "stale"
    assert row.successor_id is not None
    successor = study(engine, row.successor_id)
    assert successor.parent_id == study_id
    assert successor.origin is not None
    assert (successor.origin["kind"], successor.origin["counted"]) == ("retune", 19), "the canary saw the new data"
    assert successor.spec["data"]["version"] == "2027-02"
    runs.run(until=lambda: ended(engine, successor.id))
    done = study(engine, successor.id)
    assert done.best_value is not None
    with engine.database.read() as snapshot:
        rounds = [each.document for each in search_state.rounds_of(snapshot, successor.id)]
        old = inherited.of_study(snapshot, successor.id)
        best = trials.by_number(snapshot, successor.id, done.best_number or 0)
    assert rounds[1]["rule"] == "learned"
    assert f"taken over from {study(engine, study_id).name}" in rounds[1]["reason"]
    assert {each.source_id for each in old} == {row.canary_id}
    assert best is not None
    assert abs(np.log10(best.params["learning_rate"]) + 0.3) < 0.3
    check(engine)


def test_a_decision_is_made_once_in_whatever_process(engine: Engine) -> None:
    task = Task()
    study_id = tuned(engine, task)
    task.optimum = -0.3
    row = begin(engine, study_id, START + DAY)
    runs = world(engine, task, incarnation=1)
    runs.run(until=lambda: study(engine, row.canary_id).completed > 4)
    runs.engine = Engine(engine.database, lease_seconds=30, seed=8)
    runs.run(until=lambda: decided(engine, row.id))
    first = look(engine, row.id)
    for again in (engine, runs.engine):
        with again.work(runs.now) as work:
            decide(work, row.id)
    assert look(engine, row.id) == first


def test_one_canary_at_a_time_and_only_of_what_is_finished(engine: Engine) -> None:
    unfinished = submit(engine, name="other")
    with engine.work(START) as work, pytest.raises(Conflict, match="queued"):
        start_retune(work, unfinished, Asked())
    study_id = tuned(engine, Task())
    first, second = (begin(engine, study_id, START + DAY) for _ in range(2))
    assert first.id == second.id


def test_a_study_with_repeats_is_looked_at_again_and_its_canary_has_seeds(engine: Engine) -> None:
    task = Task()
    study_id = tuned(engine, task, repeat={"seeds": 2, "top": 2})
    row = begin(engine, study_id, START + DAY)
    world(engine, task, 1).run(until=lambda: decided(engine, row.id))
    assert look(engine, row.id).state == "good"
    with engine.database.read() as snapshot:
        seeds = [each.params["seed"] for each in trials.in_states(snapshot, row.canary_id, ["completed"])]
    planned = [number for sample in row.plan["samples"] for number in sample["numbers"]]
    assert len(set(seeds)) == len(seeds) == len(planned) + 2


def test_a_canary_that_brings_nothing_back_is_no_verdict(engine: Engine) -> None:
    study_id = tuned(engine, Task())
    row = begin(engine, study_id, START + DAY)
    from caviar.engine.commands import stop_study

    with engine.work(START + DAY) as work:
        stop_study(work, row.canary_id)
    engine.tick(START + DAY + 1)
    row = look(engine, row.id)
    assert (row.state, row.successor_id) == ("failed", None)


def test_by_cron_a_result_is_looked_at_again_and_again(engine: Engine) -> None:
    task = Task()
    study_id = tuned(engine, task, retune={"cron": "0 3 * * *"})
    for count in (1, 2):
        due = study(engine, study_id).retune_at
        assert due is not None
        assert (due % DAY, due > START) == (3 * 3600, True)
        runs = World(engine, behaviour=Behaviour(value=task.loss, reports=1), incarnation=count, slots=4, start=due)
        runs.run(until=lambda count=count: len(of(engine, study_id)) == count and all_decided(engine, study_id))
    assert [row.trigger for row in of(engine, study_id)] == ["cron", "cron"]
    assert [row.state for row in of(engine, study_id)] == ["good", "good"]


def all_decided(engine: Engine, study_id: str) -> bool:
    return all(row.state != "canary" for row in of(engine, study_id))


def of(engine: Engine, study_id: str) -> list[RetuneRow]:
    with engine.database.read() as snapshot:
        return retunes.of_study(snapshot, study_id)


def test_what_other_studies_learned_is_where_a_study_begins(engine: Engine) -> None:
    task = Task()
    tuned(engine, task)
    learn = {"strategy": "coarse_to_fine", "seed": 5, "learn_from": {"studies": ["rates"], "whole": 0.25}}
    child = submit(engine, name="next", search=learn, budget={"trials": 20})
    world(engine, task, incarnation=1).run(until=lambda: ended(engine, child))
    with engine.database.read() as snapshot:
        rows = trials.in_states(snapshot, child, ["completed"])
        rounds = [each.document for each in search_state.rounds_of(snapshot, child)]
    origins = [row.origin for row in rows[:10]]
    assert 4 <= origins.count("learned") < 10, "a share is held back for the whole space"
    bound = next(each for each in rounds[1]["bounds"] if each["parameter"] == "learning_rate")
    assert bound["low"] < 1e-2 < bound["high"]
    drawn = [row.params["learning_rate"] for row in rows if row.origin == "learned"]
    assert all(bound["low"] <= rate <= bound["high"] for rate in drawn)
