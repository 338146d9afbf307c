"""Pause, resume, nudge and twin, sync by sync."""

import numpy as np
import pytest
from tests.integration.engine.test_checkpoints import saved
from tests.integration.engine.test_sync import failed, finished, report, started
from tests.simulation.documents import study, submit, trial
from tests.simulation.hand import HandAgent, attempts_of

from caviar.domain.errors import Conflict, InvalidInput
from caviar.domain.states import AttemptState, StudyState, TrialState
from caviar.engine import commands, steering
from caviar.engine.engine import Engine
from caviar.engine.steering import NudgeOrder, Nudging
from caviar.insights.nudges import trial_nudges
from caviar.insights.trials import ranking
from caviar.search.history import Outcome
from caviar.storage import attempts, checkpoints, nudges
from caviar_workers.protocol import Command, FailureCode, Nudged, Returned, Stopped


@pytest.fixture
def agent(engine: Engine) -> HandAgent:
    return HandAgent(engine, cpus=1)


def stopped(attempt: str, seq: int) -> Stopped:
    return Stopped(attempt=attempt, seq=seq, at=0, seconds=1.0)


def nudged(attempt: str, seq: int, nudge: str, step: float) -> Nudged:
    return Nudged(attempt=attempt, seq=seq, at=0, nudge=nudge, step=step)


def begun(agent: HandAgent) -> str:
    """An attempt that has done and saved its first step."""
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), report(attempt, 2, 1, 0.5), saved(attempt, 3, 1), held=(attempt,))
    return attempt


def pause(engine: Engine, trial_id: str, *, restart: bool = False) -> str | None:
    with engine.work(0.0) as work:
        return steering.pause_trial(work, trial_id, restart=restart)[1]


def resume(engine: Engine, trial_id: str) -> None:
    with engine.work(0.0) as work:
        steering.resume_trial(work, trial_id)


def nudge(engine: Engine, trial_id: str, *, twin: bool = False, **params: object) -> Nudging:
    with engine.work(0.0) as work:
        return steering.nudge_trial(work, trial_id, NudgeOrder(params, "plateau", "ada", twin))


def actions(commands: tuple[Command, ...]) -> list[str]:
    return [command.action for command in commands]


def test_a_paused_trial_frees_its_place_and_goes_on_elsewhere(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    paused = trial(engine, study_id, 0)
    assert pause(engine, paused.id) is None
    assert actions(agent.sync(held=(attempt,)).commands) == ["pause"]
    [other] = agent.sync(stopped(attempt, 4)).assignments
    assert other.number == 1
    assert trial(engine, study_id, 0).state is TrialState.PAUSED
    agent.sync(started(other.attempt), finished(other.attempt, 2, loss=1.0))
    resume(engine, paused.id)
    elsewhere = HandAgent(engine, cpus=1, name="00000000-0000-7000-8000-0000000000bb")
    [again] = elsewhere.sync().assignments
    assert (again.number, [each.step for each in again.checkpoints]) == (0, [1.0])
    elsewhere.sync(started(again.attempt), held=(again.attempt,))
    with engine.database.read() as snapshot:
        states = [each.state for each in attempts.of_trial(snapshot, paused.id)]
    assert states == [AttemptState.PAUSED, AttemptState.RUNNING]
    assert trial(engine, study_id, 0).value == 0.5


def test_an_order_to_pause_is_not_repeated_once_it_was_heard(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    pause(engine, trial(engine, study_id, 0).id)
    lost = agent.send(agent.request(held=(attempt,)), arrives=False)
    assert actions(lost.commands) == ["pause"]
    assert actions(agent.sync(held=(attempt,)).commands) == ["pause"]
    assert agent.sync(held=(attempt,)).commands == ()
    successor = HandAgent(engine, cpus=1, incarnation="2")
    assert actions(successor.sync(held=(attempt,)).commands) == ["pause"]


def test_a_trial_without_a_checkpoint_says_what_a_pause_costs(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), report(attempt, 2, 1, 0.5), held=(attempt,))
    trial_id = trial(engine, study_id, 0).id
    with pytest.raises(Conflict, match="begins again with its first step") as refused:
        pause(engine, trial_id)
    assert refused.value.code == "no_checkpoint"
    assert agent.sync(held=(attempt,)).commands == ()
    assert pause(engine, trial_id, restart=True) == steering.NO_CHECKPOINT
    assert actions(agent.sync(held=(attempt,)).commands) == ["pause"]


def test_a_trial_that_ends_before_it_can_pause_has_ended(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    trial_id = trial(engine, study_id, 0).id
    pause(engine, trial_id)
    agent.sync(finished(attempt, 4, loss=0.25))
    assert trial(engine, study_id, 0).state is TrialState.COMPLETED
    with pytest.raises(Conflict):
        pause(engine, trial_id)


def test_a_stop_overrules_a_pause(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    trial_id = trial(engine, study_id, 0).id
    pause(engine, trial_id)
    with engine.work(0.0) as work:
        commands.stop_trial(work, trial_id)
    assert actions(agent.sync(held=(attempt,)).commands) == ["stop"]
    agent.sync(stopped(attempt, 4))
    assert trial(engine, study_id, 0).state is TrialState.STOPPED


def test_what_waits_or_is_leased_is_paused_before_it_starts(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    [attempt] = attempts_of(agent.sync().assignments)
    with engine.work(0.0) as work:
        commands.enqueue_trial(work, study_id, {"learning_rate": 0.1, "units": 3})
    pause(engine, trial(engine, study_id, 0).id)
    pause(engine, trial(engine, study_id, 1).id)
    assert trial(engine, study_id, 1).state is TrialState.PAUSED
    assert actions(agent.sync(held=(attempt,)).commands) == ["return"]
    agent.sync(Returned(attempt=attempt, seq=1, at=0))
    assert trial(engine, study_id, 0).state is TrialState.PAUSED


def test_a_study_pauses_with_its_trials_and_they_go_on_with_it(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    with engine.work(0.0) as work:
        steering.pause_whole_study(work, study_id)
    assert actions(agent.sync(held=(attempt,)).commands) == ["pause"]
    assert agent.sync(stopped(attempt, 4)).assignments == ()
    assert study(engine, study_id).paused == 1
    with engine.work(0.0) as work:
        steering.resume_whole_study(work, study_id)
    [again] = agent.sync().assignments
    assert (again.number, study(engine, study_id).state) == (0, StudyState.RUNNING)


def test_a_study_resumed_before_its_trials_had_paused_leaves_none_behind(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    with engine.work(0.0) as work:
        steering.pause_whole_study(work, study_id)
    agent.sync(held=(attempt,))
    with engine.work(0.0) as work:
        steering.resume_whole_study(work, study_id)
    [again] = agent.sync(stopped(attempt, 4)).assignments
    assert (again.number, study(engine, study_id).paused) == (0, 0)
    assert [each.step for each in again.checkpoints] == [1.0]


def test_a_trial_with_a_seed_beside_its_configuration_is_nudged_like_any_other(
    engine: Engine, agent: HandAgent
) -> None:
    study_id = submit(engine, repeat={"seeds": 2, "top": 1})
    begun(agent)
    made = nudge(engine, trial(engine, study_id, 0).id, learning_rate=0.003).nudge
    assert made.new == {"learning_rate": 0.003}
    with engine.work(0.0) as work:
        by_hand = commands.enqueue_trial(work, study_id, {"learning_rate": 0.1, "units": 3})
    assert by_hand.params["seed"] != trial(engine, study_id, 0).params["seed"]


def test_a_nudge_is_told_once_and_its_step_is_kept(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    before = trial(engine, study_id, 0)
    made = nudge(engine, before.id, learning_rate=0.003).nudge
    [order] = agent.sync(held=(attempt,)).commands
    assert (order.action, order.nudge, order.params) == ("nudge", made.id, {**before.params, "learning_rate": 0.003})
    assert agent.sync(held=(attempt,)).commands == ()
    assert trial(engine, study_id, 0).params == before.params
    for _ in range(2):
        agent.sync(nudged(attempt, 4, made.id, 2.0), held=(attempt,))
    after = trial(engine, study_id, 0)
    assert (after.params["learning_rate"], after.touched) == (0.003, True)
    with engine.database.read() as snapshot:
        document = trial_nudges(snapshot, after)
    [item] = document["items"]
    assert (item["author"], item["note"], item["state"], item["step"]) == ("ada", "plateau", "applied", 2.0)
    assert document["segments"] == [
        {"after": 0.0, "upto": 2.0, "params": before.params},
        {"after": 2.0, "upto": None, "params": after.params},
    ]


def test_the_next_attempt_begins_with_what_the_last_was_not_given(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    nudge(engine, trial(engine, study_id, 0).id, learning_rate=0.003)
    nudge(engine, trial(engine, study_id, 0).id, learning_rate=0.002, units=5)
    [again] = agent.sync(failed(attempt, 4, FailureCode.SIGNAL)).assignments
    assert again.params == {"learning_rate": 0.002, "units": 5}
    assert agent.sync(started(again.attempt), held=(again.attempt,)).commands == ()


def test_a_nudge_that_the_end_overtook_is_lost(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    before = trial(engine, study_id, 0)
    nudge(engine, before.id, learning_rate=0.003)
    agent.sync(finished(attempt, 4, loss=0.1))
    after = trial(engine, study_id, 0)
    assert (after.params, after.touched) == (before.params, False)
    with engine.database.read() as snapshot:
        assert [each.state for each in nudges.of_trial(snapshot, after.id)] == ["lost"]
    with pytest.raises(Conflict, match="has ended"):
        nudge(engine, after.id, learning_rate=0.1)


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"learning_rate": 7.0}, "/params/learning_rate"),
        ({"rate": 0.1}, "/params/rate"),
        ({"units": 2.5}, "/params/units"),
        ({}, "/params"),
    ],
)
def test_a_nudge_keeps_to_the_space(engine: Engine, agent: HandAgent, params: dict[str, object], pointer: str) -> None:
    study_id = submit(engine)
    begun(agent)
    with pytest.raises(InvalidInput) as refused:
        nudge(engine, trial(engine, study_id, 0).id, **params)
    assert [problem.pointer for problem in refused.value.errors] == [pointer]


def test_a_nudge_keeps_to_the_constraints(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, constraints=["units <= 5"])
    begun(agent)
    with pytest.raises(InvalidInput, match="units <= 5"):
        nudge(engine, trial(engine, study_id, 0).id, units=6)


def test_a_study_that_is_being_stopped_begins_no_twin(engine: Engine, agent: HandAgent) -> None:
    """It would wait for good, and the study for it."""
    study_id = submit(engine)
    begun(agent)
    with engine.work(0.0) as work:
        commands.stop_study(work, study_id)
    with pytest.raises(Conflict, match="coming to its end"):
        nudge(engine, trial(engine, study_id, 0).id, twin=True, learning_rate=0.003)


def test_a_twin_goes_on_from_the_same_checkpoint_with_the_old_parameters(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 1})
    attempt = begun(agent)
    before = trial(engine, study_id, 0)
    made = nudge(engine, before.id, twin=True, learning_rate=0.003)
    assert (made.nudge.twin, made.warning) == (1, None)
    elsewhere = HandAgent(engine, cpus=1, name="00000000-0000-7000-8000-0000000000bb")
    [copy] = elsewhere.sync().assignments
    assert (copy.number, copy.params, [each.step for each in copy.checkpoints]) == (1, before.params, [1.0])
    with engine.database.read() as snapshot:
        assert [each.twin for each in nudges.of_trial(snapshot, before.id)] == [1]
    twin = trial(engine, study_id, 1)
    assert (twin.origin, twin.parent, twin.touched) == ("twin", 0, False)
    agent.sync(nudged(attempt, 4, made.nudge.id, 1.0), *(saved(attempt, 3 + step, step) for step in (2, 3, 4)))
    with engine.database.read() as snapshot:
        assert {each.step for each in checkpoints.kept_of_study(snapshot, study_id)} == {1.0, 3.0, 4.0}


def test_a_touched_trial_is_ranked_as_such_and_no_evidence_for_the_search(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    made = nudge(engine, trial(engine, study_id, 0).id, learning_rate=0.003).nudge
    agent.sync(nudged(attempt, 4, made.id, 1.0), finished(attempt, 5, loss=0.1))
    with engine.database.read() as snapshot:
        [first] = ranking(snapshot, study(engine, study_id), 10)
    assert (first["touched"], first["params"]["learning_rate"]) == (True, 0.003)
    for each in (engine, Engine(engine.database)):
        with each.work(0.0) as work:
            history = work.memory(commands.locked(work, study_id)).history.view()
            assert history.states[0] == Outcome.CANCELLED
            assert np.isnan(history.values[0])
