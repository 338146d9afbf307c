"""Population based training: copies between trials, their audit trail, turns, and what survives."""

from typing import Any

import pytest
from tests.integration.engine.test_checkpoints import STORE, saved
from tests.integration.engine.test_sync import finished, report, started
from tests.simulation.checker import check
from tests.simulation.documents import ended, study, submit, trial
from tests.simulation.hand import HandAgent
from tests.simulation.world import Behaviour, Faults, World

from caviar.domain.errors import InvalidStudy
from caviar.domain.states import StudyState, TrialState
from caviar.engine.engine import Engine
from caviar.insights.nudges import trial_nudges
from caviar.storage import nudges, trials
from caviar_workers.protocol import Assignment, Stopped

PBT = {"strategy": "pbt", "seed": 3, "pbt": {"ready": 2, "quantile": 0.25}}


def population(engine: Engine, trials: int = 4, **changes: Any) -> str:
    return submit(engine, **{"search": PBT, "budget": {"trials": trials}, **changes})


@pytest.fixture
def agent(engine: Engine) -> HandAgent:
    return HandAgent(engine, cpus=4)


def at_the_first_rung(agent: HandAgent) -> list[Assignment]:
    """Four trials that have come to step 2 and saved it, the last of them the worst."""
    four = list(agent.sync().assignments)
    held = tuple(each.attempt for each in four)
    for each in four:
        value = 0.1 + 0.1 * each.number
        at = each.attempt
        agent.sync(started(at), report(at, 2, 1, value), report(at, 3, 2, value), saved(at, 4, 2), held=held)
    return four


def test_the_worst_goes_on_from_the_best_with_other_parameters_and_the_trail_says_so(
    engine: Engine, agent: HandAgent
) -> None:
    study_id = population(engine)
    four = at_the_first_rung(agent)
    worst, held = four[3], tuple(each.attempt for each in four)
    before = trial(engine, study_id, 3)
    assert before.state is TrialState.RUNNING
    [again] = agent.sync(
        saved(worst.attempt, 5, 2), Stopped(attempt=worst.attempt, seq=6, at=0), held=held[:3]
    ).assignments
    best = trial(engine, study_id, 0)
    assert (again.number, [each.uri for each in again.checkpoints]) == (
        3,
        [f"{STORE}/trial/{four[0].attempt}-2"],
    )
    with engine.database.read() as snapshot:
        [item] = trial_nudges(snapshot, trial(engine, study_id, 3))["items"]
        [row] = nudges.of_trial(snapshot, before.id)
    assert (item["author"], item["origin"], item["state"], item["step"]) == ("pbt", "pbt", "applied", 2.0)
    assert (item["copied"]["number"], item["copied"]["step"]) == (0, 2.0)
    assert {**before.params, **row.new} == again.params
    assert again.params != best.params
    assert trial(engine, study_id, 3).touched


def test_a_copy_that_the_end_overtook_is_lost(engine: Engine, agent: HandAgent) -> None:
    study_id = population(engine)
    four = at_the_first_rung(agent)
    agent.sync(finished(four[3].attempt, 5, loss=0.2), held=tuple(each.attempt for each in four[:3]))
    done = trial(engine, study_id, 3)
    assert (done.state, done.touched) == (TrialState.COMPLETED, False)
    with engine.database.read() as snapshot:
        assert [each.state for each in nudges.of_trial(snapshot, done.id)] == ["lost"]


def test_a_lost_attempt_goes_on_as_what_it_was_to_become(engine: Engine, agent: HandAgent) -> None:
    study_id = population(engine)
    at_the_first_rung(agent)
    agent.sync(leaving=True)
    other = HandAgent(engine, cpus=4, name="00000000-0000-7000-8000-0000000000bb")
    steps = {each.number: [one.uri for one in each.checkpoints] for each in other.sync().assignments}
    assert steps[3] == steps[0]
    assert trial(engine, study_id, 3).touched


def worth(assignment: Assignment, step: int) -> float:
    return float(abs(assignment.params["units"] - 5) + assignment.number % 3 + 1 / step)


@pytest.mark.parametrize("slots", [2, 8])
def test_a_population_takes_turns_on_few_places_and_all_of_it_is_trained(engine: Engine, slots: int) -> None:
    study_id = population(engine, trials=8)
    world = World(engine, slots=slots, behaviour=Behaviour(reports=8, saves=True, value=worth))
    world.run(until=lambda: ended(engine, study_id))
    done = study(engine, study_id)
    assert (done.state, done.completed, done.next_number) == (StudyState.COMPLETED, 8, 8)
    with engine.database.read() as snapshot:
        copies = [each for each in nudges.of_study(snapshot, study_id, 100) if each.copied is not None]
    assert copies
    check(engine, world)


def test_few_places_do_not_let_the_first_run_ahead(engine: Engine) -> None:
    study_id = population(engine, trials=8)
    behaviour = Behaviour(seconds=lambda assignment: 20.0, reports=8, saves=True)
    world = World(engine, slots=2, behaviour=behaviour)
    world.run(until=lambda: study(engine, study_id).next_number == 8)
    with engine.database.read() as snapshot:
        assert max(row.step or 0 for row in trials.page(snapshot, study_id, limit=10)) <= 4


@pytest.mark.parametrize("seed", range(2))
def test_faults_leave_a_population_whole_and_the_same_events_give_the_same_story(engine: Engine, seed: int) -> None:
    faults = Faults(answer_lost=0.1, repeated=0.1, agent_crash=0.03, slot_death=0.03, trial_death=0.05)
    stories = []
    for life in range(2):
        anew = Engine(engine.database)
        study_id = population(anew, trials=8, retries=9)
        behaviour = Behaviour(reports=8, saves=True)
        world = World(anew, seed, agents=2, slots=2, faults=faults, behaviour=behaviour, incarnation=100 * life)
        world.run(until=lambda study_id=study_id: ended(engine, study_id))
        assert study(engine, study_id).completed == 8
        check(engine, world)
        with engine.database.read() as snapshot:
            stories.append([row.params for row in trials.page(snapshot, study_id, limit=10)])
    assert stories[0] == stories[1]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"train": {"external": True}}, "/train"),
        ({"stopping": {"rule": "asha"}}, "/stopping/rule"),
        ({"budget": {"trials": 3}}, "/search/pbt/quantile"),
        ({"budget": {"trials": 2000}}, "/budget/trials"),
        ({"repeat": {"seeds": 2, "top": 1}}, "/repeat"),
    ],
)
def test_what_a_population_can_not_be_says_so(engine: Engine, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidStudy) as refused:
        population(engine, **{"trials": 8, **changes}) if "budget" not in changes else submit(
            engine, search=PBT, **changes
        )
    assert [problem.pointer for problem in refused.value.errors] == [pointer]
