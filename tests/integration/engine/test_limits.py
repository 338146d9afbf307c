"""Memory and time as limits that the search and the next attempts learn from."""

from typing import Any

import numpy as np
import pytest
from tests.simulation.checker import check
from tests.simulation.documents import ended, study, submit
from tests.simulation.hand import HandAgent
from tests.simulation.world import START, Behaviour, World

from caviar.domain.errors import Conflict
from caviar.domain.states import StudyState, TrialState
from caviar.engine.commands import enqueue_trial
from caviar.engine.engine import Engine
from caviar.storage import attempts, trials
from caviar_workers.protocol import Assignment, Event, Failed, FailureCode, Finished, Node, Resources, Started

SPACE = {"units": {"type": "int", "low": 1, "high": 100}}


class Memory(HandAgent):
    """A node of 4 CPUs and 8,000 MB, on which a trial takes 40 MB a unit."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        has = Resources(cpus=4, memory_mb=8_000)
        self.node = Node(id="n1", host="node-1", total=has, free=has)
        self.limits: list[float] = []

        self.events: list[Event] = []

    def run(self, study_id: str) -> None:
        for _ in range(500):
            if ended(self.engine, study_id):
                return
            self.run_once(study_id)
        raise AssertionError("the study does not end")

    def run_once(self, study_id: str) -> None:
        self.now += 1
        response = self.sync(*self.events)
        works = {name: work.train.resources.memory_mb for name, work in response.studies.items()}
        self.limits += works.values()
        self.events = [event for each in response.assignments for event in self.story(each, works[each.study])]
        while self.engine.plan(study_id, self.now):
            pass

    def story(self, each: Assignment, limit: float) -> tuple[Event, Event]:
        takes = 40.0 * each.params["units"]
        started = Started(attempt=each.attempt, seq=1, at=self.now)
        common: dict[str, Any] = {"attempt": each.attempt, "seq": 2, "at": self.now, "seconds": 60.0}
        if limit and takes > limit:
            return started, Failed(code=FailureCode.OOM, message="too much", memory_mb=limit + 1, **common)
        return started, Finished(metrics={"loss": each.params["units"]}, memory_mb=takes, **common)


def states(engine: Engine, study_id: str) -> dict[TrialState, list[dict[str, Any]]]:
    with engine.database.read() as snapshot:
        rows = trials.in_states(snapshot, study_id, [state.value for state in TrialState])
    return {state: [row.params for row in rows if row.state is state] for state in TrialState}


def test_auto_memory_grows_until_the_trials_fit(engine: Engine) -> None:
    study_id = submit(engine, space=SPACE, resources={"memory_mb": "auto"}, budget={"trials": 30})
    agent = Memory(engine)
    agent.run(study_id)
    row = study(engine, study_id)
    assert agent.limits[0] == 1984, "a node's memory by its CPUs"
    assert max(agent.limits) >= 3968
    assert max(agent.limits) <= 8_000
    assert (row.state, row.completed, row.infeasible) == (StudyState.COMPLETED, 30, 0)
    with engine.database.read() as snapshot:
        made = [each for n in range(30) for each in attempts.of_trial(snapshot, by_number(engine, study_id, n))]
    assert all(each.memory_mb for each in made)
    check(engine)


def by_number(engine: Engine, study_id: str, number: int) -> str:
    with engine.database.read() as snapshot:
        found = trials.by_number(snapshot, study_id, number)
    assert found is not None
    return found.id


def test_what_a_fixed_limit_does_not_hold_is_infeasible_and_the_search_keeps_away(engine: Engine) -> None:
    space = {**SPACE, "lr": {"type": "float", "low": 0.0, "high": 1.0}}
    study_id = submit(
        engine,
        space=space,
        metric={"name": "loss", "goal": "maximize"},
        resources={"memory_mb": 2_000},
        search={"strategy": "coarse_to_fine", "seed": 4},
        budget={"trials": 40},
        retries=0,
    )
    Memory(engine).run(study_id)
    found = states(engine, study_id)
    assert all(params["units"] > 50 for params in found[TrialState.INFEASIBLE])
    later = np.array([params["units"] for params in all_params(engine, study_id)][14:])
    assert np.mean(later > 50) < 0.35, "half of the space, and more units would be better"
    assert np.median(later) > 40, "what fits is searched where it is best"


def all_params(engine: Engine, study_id: str) -> list[dict[str, Any]]:
    with engine.database.read() as snapshot:
        return [row.params for row in trials.in_states(snapshot, study_id, [state.value for state in TrialState])]


def test_a_study_in_which_nothing_fits_has_failed(engine: Engine) -> None:
    study_id = submit(engine, space=SPACE, resources={"memory_mb": 10}, budget={"trials": 4}, retries=1)
    Memory(engine).run(study_id)
    row = study(engine, study_id)
    assert (row.state, row.reason_code, row.infeasible) == (StudyState.FAILED, "no_result", 4)


def test_infeasible_trials_count_among_the_failures_that_a_study_allows(engine: Engine) -> None:
    budget = {"trials": 50, "max_failures": 3}
    study_id = submit(engine, space=SPACE, resources={"memory_mb": 10}, budget=budget, retries=0)
    Memory(engine).run(study_id)
    row = study(engine, study_id)
    assert (row.state, row.reason_code) == (StudyState.FAILED, "max_failures")


@pytest.mark.parametrize("strategy", ["random", "tpe"])
def test_a_configuration_that_failed_is_not_suggested_again(engine: Engine, strategy: str) -> None:
    space = {"units": {"type": "choice", "values": list(range(12))}}
    study_id = submit(engine, space=space, search={"strategy": strategy, "seed": 1}, budget={"trials": 40}, retries=0)
    dies = Behaviour(reports=0, value=lambda assignment, step: float(assignment.params["units"]))
    world = World(engine, slots=1, behaviour=dies)
    world._end = lambda agent, running, seconds, *, dies=False: World._end(  # type: ignore[method-assign]
        world, agent, running, seconds, dies=running.assignment.params["units"] >= 6
    )
    world.run(until=lambda: ended(engine, study_id))
    failed = [params["units"] for params in states(engine, study_id)[TrialState.FAILED]]
    assert len(failed) == len(set(failed))
    check(engine)


def test_a_configuration_known_to_be_infeasible_is_refused_by_hand_too(engine: Engine) -> None:
    study_id = submit(engine, space=SPACE, resources={"memory_mb": 10}, budget={"trials": 9}, retries=0)
    agent = Memory(engine)
    agent.run_once(study_id)
    agent.run_once(study_id)
    params = states(engine, study_id)[TrialState.INFEASIBLE][0]
    with engine.work(START) as work, pytest.raises(Conflict, match="infeasible"):
        enqueue_trial(work, study_id, params)
