"""Promotion: trials wait at rungs, those that come to be among the best go on from their checkpoints."""

import pytest
from tests.integration.engine.test_checkpoints import saved
from tests.integration.engine.test_sync import failed, finished, report, started
from tests.simulation.checker import check
from tests.simulation.documents import ended, study, submit, trial
from tests.simulation.hand import HandAgent, attempts_of
from tests.simulation.world import Behaviour, Faults, World

from caviar.domain.states import StudyState, TrialState
from caviar.engine import commands, external, steering
from caviar.engine.engine import Engine
from caviar.search.history import Outcome
from caviar.search.stopping import Verdict
from caviar.storage import attempts
from caviar_workers.protocol import FailureCode, Stopped

PROMOTION = {"rule": "asha", "mode": "promotion", "min_steps": 1, "reduction": 3}
ONE = {"trials": 20, "parallel": 1}


@pytest.fixture
def agent(engine: Engine) -> HandAgent:
    return HandAgent(engine, cpus=1)


def arrive(agent: HandAgent, value: float, *, save: bool = True) -> None:
    """The next trial does its first step and is paused at the rung, unless it may go on."""
    [attempt] = attempts_of(agent.sync().assignments)
    events = [report(attempt, 2, 1, value), *([saved(attempt, 3, 1)] if save else [])]
    commands_ = agent.sync(started(attempt), *events, held=(attempt,)).commands
    if [command.action for command in commands_] == ["pause"]:
        agent.sync_only(Stopped(attempt=attempt, seq=4, at=0, seconds=1.0))
    else:
        agent.sync_only(finished(attempt, 4, loss=value))


def rungs(engine: Engine, study_id: str, *numbers: int) -> list[tuple[TrialState, str | None]]:
    found = [trial(engine, study_id, number) for number in numbers]
    return [(each.state, each.reason_code) for each in found]


def test_a_trial_waits_at_its_rung_and_goes_on_when_a_later_arrival_promotes_it(
    engine: Engine, agent: HandAgent
) -> None:
    study_id = submit(engine, stopping=PROMOTION, budget=ONE)
    arrive(agent, 0.5)
    arrive(agent, 0.6)
    at_rung = (TrialState.PAUSED, "paused_at_rung")
    assert rungs(engine, study_id, 0, 1) == [at_rung, at_rung]
    arrive(agent, 0.7)
    [again] = agent.sync().assignments
    assert (again.number, [each.step for each in again.checkpoints]) == (0, [1.0])
    assert (study(engine, study_id).paused, study(engine, study_id).next_number) == (2, 3)
    agent.sync(started(again.attempt), report(again.attempt, 2, 2, 0.4), held=(again.attempt,))
    assert trial(engine, study_id, 0).state is TrialState.RUNNING
    [paused] = agent.sync(report(again.attempt, 3, 3, 0.3), held=(again.attempt,)).commands
    assert paused.action == "pause"


def test_the_search_is_told_of_those_that_wait_as_of_stopped_ones(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, stopping=PROMOTION, budget=ONE)
    for value in (0.5, 0.6, 0.7):
        arrive(agent, value)
    [again] = attempts_of(agent.sync().assignments)
    agent.sync(started(again), held=(again,))
    for each in (engine, Engine(engine.database)):
        with each.work(0.0) as work:
            memory = work.memory(commands.locked(work, study_id))
            history = memory.history.view()
            assert history.states.tolist() == [Outcome.STOPPED] * 3
            assert history.values.tolist() == [0.5, 0.6, 0.7]
            assert memory.at_rung == {1, 2}


def test_a_study_ends_with_one_trial_trained_to_its_end_and_the_rest_stopped_where_they_waited(
    engine: Engine, agent: HandAgent
) -> None:
    study_id = submit(engine, stopping=PROMOTION, budget={"trials": 2, "parallel": 1})
    arrive(agent, 0.6)
    arrive(agent, 0.5)
    assert study(engine, study_id).state is StudyState.RUNNING
    [again] = agent.sync().assignments
    assert again.number == 1
    agent.sync(started(again.attempt), finished(again.attempt, 2, loss=0.4))
    done = study(engine, study_id)
    assert (done.state, done.completed, done.stopped, done.best_number) == (StudyState.COMPLETED, 1, 1, 1)
    assert rungs(engine, study_id, 0) == [(TrialState.STOPPED, "stopping_rule")]
    assert trial(engine, study_id, 0).value == 0.6


def test_a_trial_without_a_checkpoint_begins_again_and_is_not_judged_twice(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, stopping=PROMOTION, budget={"trials": 1})
    arrive(agent, 0.6, save=False)
    [again] = agent.sync().assignments
    assert (again.number, again.checkpoints) == (0, ())
    assert agent.sync(started(again.attempt), report(again.attempt, 2, 1, 0.9), held=(again.attempt,)).commands == ()
    assert trial(engine, study_id, 0).value == 0.9


def test_one_that_dies_before_it_could_pause_waits_at_its_rung_all_the_same(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, stopping=PROMOTION, budget=ONE)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), report(attempt, 2, 1, 0.5), held=(attempt,))
    agent.sync_only(failed(attempt, 3, FailureCode.SIGNAL))
    assert rungs(engine, study_id, 0) == [(TrialState.PAUSED, "paused_at_rung")]


def test_a_person_can_keep_one_from_promotion_and_can_promote_one(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, stopping=PROMOTION, budget=ONE)
    for value in (0.5, 0.6, 0.7):
        arrive(agent, value)
    with engine.work(0.0) as work:
        steering.pause_trial(work, trial(engine, study_id, 0).id, restart=False)
        steering.resume_trial(work, trial(engine, study_id, 2).id)
    assert rungs(engine, study_id, 0) == [(TrialState.PAUSED, "paused_by_hand")]
    assert [each.number for each in agent.sync().assignments] == [2]


def test_stopping_the_study_or_its_time_being_over_ends_those_that_wait(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, stopping=PROMOTION, budget={**ONE, "seconds": 100})
    arrive(agent, 0.5)
    [attempt] = attempts_of(agent.sync().assignments)
    engine.tick(agent.now + 1000)
    agent.sync_only(Stopped(attempt=attempt, seq=1, at=0, seconds=1.0))
    assert rungs(engine, study_id, 0) == [(TrialState.STOPPED, "study_finished")]
    assert study(engine, study_id).state is StudyState.COMPLETED


def test_a_program_that_asks_and_tells_is_handed_the_promoted_trial(engine: Engine) -> None:
    study_id = submit(engine, train={"external": True}, stopping=PROMOTION, budget={"trials": 20})

    def ask() -> list[tuple[int, str]]:
        with engine.work(0.0) as work:
            return [(each.number, each.id) for each in external.ask(work, study_id, 1, "me")]

    def tell(trial_id: str, step: float, value: float) -> Verdict:
        with engine.work(0.0) as work:
            return external.report(work, trial_id, step, {"loss": value})

    first = ask()
    assert [tell(first[0][1], 1, 0.5), tell(ask()[0][1], 1, 0.6), tell(ask()[0][1], 1, 0.7)] == [Verdict.PAUSE] * 3
    assert ask() == first
    assert tell(first[0][1], 2, 0.4) is Verdict.CONTINUE


@pytest.mark.parametrize("rule", ["asha", "hyperband"])
@pytest.mark.parametrize("strategy", ["random", "coarse_to_fine"])
def test_promotion_spends_the_whole_budget_on_fewer_steps_and_finds_the_best(
    engine: Engine, rule: str, strategy: str
) -> None:
    stopping = {"rule": rule, "mode": "promotion", "max_steps": 9}
    study_id = submit(engine, stopping=stopping, search={"strategy": strategy, "seed": 3})
    behaviour = Behaviour(reports=8, value=lambda each, step: (each.number * 37 % 101) + 1 / step, saves=True)
    world = World(engine, agents=2, slots=3, behaviour=behaviour)
    world.run(until=lambda: ended(engine, study_id))
    done = study(engine, study_id)
    assert (done.next_number, done.paused, done.completed + done.stopped) == (40, 0, 40)
    assert 1 <= done.completed < 20
    assert done.best_number == 0
    check(engine, world)


FAULTY = Faults(answer_lost=0.1, repeated=0.1, agent_crash=0.03, slot_death=0.03, agent_gone=0.005, trial_death=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_faults_neither_lose_nor_double_what_waits_at_rungs(engine: Engine, seed: int) -> None:
    study_id = submit(engine, stopping={**PROMOTION, "max_steps": 9}, retries=5)
    world = World(engine, seed, agents=2, slots=3, faults=FAULTY, behaviour=Behaviour(reports=8, saves=seed % 2 == 0))
    world.run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).next_number == 40
    check(engine, world)
    with engine.database.read() as snapshot:
        live = [attempts.live_of_study(snapshot, study_id)]
    assert live == [{}]
