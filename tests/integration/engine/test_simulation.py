"""The engine against a simulated fleet, on both databases."""

import pytest
from tests.simulation.checker import check, count_reports
from tests.simulation.documents import ended, study, submit, trial
from tests.simulation.hand import HandAgent, attempts_of
from tests.simulation.world import START, Behaviour, Faults, World

from caviar.domain.states import StudyState, TrialState
from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.storage import trials
from caviar.storage.database import Database
from caviar_workers.protocol import Started


def test_a_study_runs_to_its_end(engine: Engine) -> None:
    study_id = submit(engine)
    world = World(engine, slots=4)
    world.run(until=lambda: ended(engine, study_id))
    done = study(engine, study_id)
    assert done.state is StudyState.COMPLETED
    assert done.completed == 40
    assert count_reports(engine) == 40 * 3
    check(engine, world)


@pytest.mark.parametrize("strategy", ["random", "grid", "sobol", "coarse_to_fine"])
def test_every_strategy_reaches_the_budget(engine: Engine, strategy: str) -> None:
    study_id = submit(engine, search={"strategy": strategy, "seed": 3})
    world = World(engine, slots=3)
    world.run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).completed == 40
    check(engine, world)


FAULTY = Faults(answer_lost=0.1, repeated=0.1, agent_crash=0.03, slot_death=0.03, agent_gone=0.005, trial_death=0.1)


@pytest.mark.parametrize("seed", range(2))
def test_a_race_of_repeats_spends_the_whole_budget_and_counts_nothing_twice(engine: Engine, seed: int) -> None:
    study_id = submit(engine, repeat={"seeds": 4, "top": 3, "race": True}, retries=5)
    world = World(engine, seed, agents=2, slots=3, faults=FAULTY)
    world.run(until=lambda: ended(engine, study_id))
    with engine.database.read() as snapshot:
        origins = [row.origin for row in trials.page(snapshot, study_id, limit=100)]
    assert len(origins) == 40
    assert origins.count("repeat") >= 6
    check(engine, world)


@pytest.mark.parametrize("seed", range(12))
def test_faults_lose_nothing_and_count_nothing_twice(engine: Engine, seed: int) -> None:
    study_id = submit(engine, stopping={"rule": "asha"}, retries=5)
    world = World(engine, seed, agents=2, slots=3, faults=FAULTY)
    world.run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).next_number == 40
    check(engine, world)


def test_the_same_seed_gives_the_same_configurations_whatever_the_workers(engine: Engine) -> None:
    seen = []
    for agents, slots in ((1, 1), (3, 4)):
        study_id = submit(engine)
        World(engine, agents=agents, slots=slots).run(until=lambda study_id=study_id: ended(engine, study_id))
        with engine.database.read() as snapshot:
            seen.append([row.params for row in trials.page(snapshot, study_id, limit=100)])
    assert seen[0] == seen[1]


def test_a_restarted_service_goes_on_as_if_nothing_had_happened(engine: Engine, database: Database) -> None:
    plain, restarted = (
        submit(engine, name=name, search={"strategy": "coarse_to_fine", "seed": 5}) for name in ("plain", "restarted")
    )
    with engine.work(START) as work:
        commands.pause_study(work, restarted)
    World(engine, slots=1).run(until=lambda: ended(engine, plain))
    with engine.work(START) as work:
        commands.resume_study(work, restarted)
    world = World(engine, slots=1)
    while not ended(engine, restarted):
        world.engine = Engine(database, lease_seconds=30, seed=world.count)
        world.run(until=lambda stop=world.now + 3: world.now >= stop or ended(engine, restarted))
    with database.read() as snapshot:
        both = [[row.params for row in trials.page(snapshot, each, limit=100)] for each in (plain, restarted)]
    assert both[0] == both[1]


def test_two_studies_share_the_agent_evenly(engine: Engine) -> None:
    first, second = submit(engine, budget={"trials": 60}), submit(engine, budget={"trials": 60})
    world = World(engine, slots=4, behaviour=Behaviour(seconds=lambda assignment: 10.0))
    world.run(until=lambda: study(engine, first).completed + study(engine, second).completed >= 40)
    assert abs(study(engine, first).completed - study(engine, second).completed) <= 4


def test_parallel_is_kept_across_agents(engine: Engine) -> None:
    study_id = submit(engine, budget={"trials": 30, "parallel": 3})
    world = World(engine, agents=2, slots=4, behaviour=Behaviour(seconds=lambda assignment: 10.0))
    most = 0

    def done() -> bool:
        nonlocal most
        most = max(most, study(engine, study_id).running)
        return ended(engine, study_id)

    world.run(until=done)
    assert most == 3


def test_a_study_without_a_cluster_that_fits_says_so_and_starts_when_one_comes(engine: Engine) -> None:
    study_id = submit(engine, resources={"cpus": 3}, budget={"trials": 2})
    world = World(engine, slots=2)
    world.run(until=lambda: world.now > START + 5)
    waiting = study(engine, study_id)
    assert (waiting.state, waiting.reason_code) == (StudyState.QUEUED, "unplaceable")
    world.add_agent(4, "00000000-0000-7000-8000-00000000aaaa")
    world.run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).completed == 2


def test_a_stopped_study_ends_what_runs_and_starts_nothing(engine: Engine) -> None:
    study_id = submit(engine)
    world = World(engine, slots=2, behaviour=Behaviour(seconds=lambda assignment: 1000.0))
    world.run(until=lambda: study(engine, study_id).running == 2)
    with engine.work(world.now) as work:
        commands.stop_study(work, study_id)
    world.run(until=lambda: ended(engine, study_id), seconds=30)
    done = study(engine, study_id)
    assert (done.state, done.reason_code, done.cancelled) == (StudyState.CANCELLED, "stopped", 2)
    check(engine, world)


def test_a_paused_study_hands_back_what_was_not_started_and_goes_on_when_resumed(engine: Engine) -> None:
    study_id = submit(engine)
    world = World(engine, slots=2)
    world.run(until=lambda: study(engine, study_id).completed >= 6)
    with engine.work(world.now) as work:
        commands.pause_study(work, study_id)
    world.run(until=lambda: not study(engine, study_id).running)
    paused = study(engine, study_id)
    still = paused.completed
    world.run(until=lambda stop=world.now + 60: world.now > stop)
    assert study(engine, study_id).completed == still
    with engine.work(world.now) as work:
        commands.resume_study(work, study_id)
    world.run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).completed == 40
    check(engine, world)


def test_an_extended_study_goes_on_after_its_end(engine: Engine) -> None:
    study_id = submit(engine)
    world = World(engine, slots=4)
    world.run(until=lambda: ended(engine, study_id))
    with engine.work(world.now) as work:
        commands.extend_study(work, study_id, {"trials": 50})
    assert study(engine, study_id).state is StudyState.RUNNING
    world.run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).completed == 50
    check(engine, world)


def test_time_ends_a_study_with_what_it_has(engine: Engine) -> None:
    study_id = submit(engine, budget={"trials": 1000, "seconds": 60})
    world = World(engine, slots=2)
    world.run(until=lambda: ended(engine, study_id), seconds=120)
    done = study(engine, study_id)
    assert (done.state, done.reason_code) == (StudyState.COMPLETED, "seconds")
    assert 0 < done.completed < 1000
    check(engine, world)


def test_too_many_failures_fail_a_study(engine: Engine) -> None:
    study_id = submit(engine, budget={"trials": 100, "max_failures": 5}, retries=0)
    world = World(engine, slots=2, faults=Faults(trial_death=1.0))
    world.run(until=lambda: ended(engine, study_id))
    done = study(engine, study_id)
    assert (done.state, done.reason_code) == (StudyState.FAILED, "max_failures")
    assert 6 <= done.failed <= 8
    check(engine, world)


def test_a_service_that_was_down_expires_no_lease_until_one_lease_time_after(
    engine: Engine, database: Database
) -> None:
    study_id = submit(engine, budget={"trials": 2})
    world = World(engine, slots=2, behaviour=Behaviour(seconds=lambda assignment: 50.0))
    world.run(until=lambda: study(engine, study_id).running == 2)
    later = world.now + 500
    back = Engine(database, lease_seconds=30)
    back.tick(later)
    assert study(engine, study_id).running == 2
    for second in range(1, 32):
        back.tick(later + second)
    assert study(engine, study_id).running == 0
    assert study(engine, study_id).waiting == 2


def test_a_trial_lost_in_the_moment_the_time_is_over_ends_with_its_study(engine: Engine) -> None:
    study_id = submit(engine, budget={"trials": 5, "seconds": 30})
    agent = HandAgent(engine, cpus=1)
    first, *_ = attempts_of(agent.sync().assignments)
    agent.sync(Started(attempt=first, seq=1, at=START), held=(first,))
    for second in range(32):
        engine.tick(START + second)
    assert ended(engine, study_id)
    assert trial(engine, study_id, 0).state is TrialState.CANCELLED
