"""The rules of the wire, one by one (see caviar_workers/protocol.py)."""

import pytest
from tests.simulation.documents import study, submit, trial
from tests.simulation.hand import AGENT, HandAgent, attempts_of

from caviar.domain.states import AttemptState, StudyState, TrialState
from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.storage import attempts, trials
from caviar_workers.protocol import Event, Failed, FailureCode, Finished, Log, Report, Returned, Started, Stopped


@pytest.fixture
def agent(engine: Engine) -> HandAgent:
    return HandAgent(engine)


def started(attempt: str, seq: int = 1) -> Started:
    return Started(attempt=attempt, seq=seq, at=0, node="node-1")


def report(attempt: str, seq: int, step: float, loss: object) -> Report:
    return Report(attempt=attempt, seq=seq, at=0, step=step, metrics={"loss": loss})  # type: ignore[dict-item]


def finished(attempt: str, seq: int, seconds: float = 5.0, **metrics: float) -> Finished:
    return Finished(attempt=attempt, seq=seq, at=0, metrics=metrics, seconds=seconds)


def failed(attempt: str, seq: int, code: FailureCode, *, infrastructure: bool = False) -> Failed:
    return Failed(attempt=attempt, seq=seq, at=0, code=code, message="it died", infrastructure=infrastructure)


def test_an_agent_gets_one_trial_a_slot_while_nobody_knows_how_long_they_last(engine: Engine, agent: HandAgent) -> None:
    submit(engine)
    response = agent.sync()
    assert [assignment.number for assignment in response.assignments] == [0, 1]
    assert {assignment.attempt_number for assignment in response.assignments} == {1}
    work = response.studies[response.assignments[0].study]
    assert work.train.command == ("train",)
    assert work.train.metric == "loss"


def test_short_trials_are_leased_in_batches(engine: Engine, agent: HandAgent) -> None:
    submit(engine, budget={"trials": 1000})
    first, second = attempts_of(agent.sync().assignments)
    response = agent.sync(
        started(first), finished(first, 2, 0.0005, loss=1), started(second), finished(second, 2, 0.0005, loss=1)
    )
    assert len(response.assignments) == 2 * 2 * 64


def test_a_request_seen_before_is_superseded_and_does_nothing(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    request = agent.request()
    agent.send(request)
    again = agent.send(request)
    assert again.superseded
    assert not again.assignments
    assert study(engine, study_id).next_number == 2


def test_an_older_incarnation_is_superseded(engine: Engine) -> None:
    HandAgent(engine, incarnation="2").sync()
    assert HandAgent(engine, incarnation="1").sync().superseded


def test_events_sent_again_are_applied_once(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, second = attempts_of(agent.sync().assignments)
    events: tuple[Event, ...] = (started(first), report(first, 2, 1, 0.5), report(first, 3, 2, 0.4))
    agent.sync(*events, held=(first, second))
    agent.sync(*events, report(first, 4, 3, 0.3), held=(first, second))
    with engine.database.read() as snapshot:
        stored = trials.reports_of(snapshot, trial(engine, study_id, 0).id)
    assert [(row.seq, row.step, row.value) for row in stored] == [(2, 1, 0.5), (3, 2, 0.4), (4, 3, 0.3)]


def test_an_assignment_that_never_arrived_is_given_again_to_the_same_incarnation(
    engine: Engine, agent: HandAgent
) -> None:
    study_id = submit(engine)
    lost = agent.send(agent.request(), arrives=False)
    agent.received = lost.number
    again = agent.sync()
    assert attempts_of(again.assignments) == attempts_of(lost.assignments)
    assert study(engine, study_id).next_number == 2


def test_what_may_still_be_on_its_way_is_not_given_again(engine: Engine, agent: HandAgent) -> None:
    submit(engine)
    agent.send(agent.request(), arrives=False)
    assert not agent.sync().assignments


def test_another_incarnation_waits_for_the_lease(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, second = attempts_of(agent.sync().assignments)
    successor = HandAgent(engine, incarnation="2")
    assert not successor.sync(held=(first,)).assignments
    for second_later in range(62):
        successor.now = agent.now + second_later
        engine.tick(successor.now)
        successor.sync(held=(first,))
    with engine.database.read() as snapshot:
        made = attempts.of_trial(snapshot, trial(engine, study_id, 1).id)
    assert [attempt.state for attempt in made] == [AttemptState.LOST, AttemptState.LEASED]
    assert made[0].id == second


def test_holding_renews_the_lease(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 1})
    (only,) = attempts_of(agent.sync().assignments)
    agent.sync(started(only), held=(only,))
    for later in range(0, 300, 10):
        agent.now += 10
        engine.tick(agent.now)
        assert not agent.sync(held=(only,)).commands, later
    assert study(engine, study_id).running == 1


def test_events_of_a_lost_attempt_are_kept_as_late_and_never_counted(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 1})
    (old,) = attempts_of(agent.sync().assignments)
    agent.sync(started(old), report(old, 2, 1, 0.1), held=(old,))
    agent.sync(failed(old, 3, FailureCode.SLOT_LOST, infrastructure=True))
    response = agent.sync(report(old, 4, 2, 0.05), finished(old, 5, loss=0.01), held=(old,))
    assert [command.action for command in response.commands] == ["forget"]
    agent.sync(report(old, 4, 2, 0.05))
    with engine.database.read() as snapshot:
        assert [row.seq for row in attempts.late_of(snapshot, old)] == [4, 5]
    assert study(engine, study_id).completed == 0


def test_a_lost_attempt_is_followed_by_another_that_starts_afresh(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 1})
    (old,) = attempts_of(agent.sync().assignments)
    response = agent.sync(
        started(old), report(old, 2, 1, 0.1), failed(old, 3, FailureCode.SLOT_LOST, infrastructure=True)
    )
    (new,) = response.assignments
    assert (new.number, new.attempt_number) == (0, 2)
    agent.sync(started(new.attempt), held=(new.attempt,))
    assert (trial(engine, study_id, 0).value, trial(engine, study_id, 0).losses) == (None, 1)
    agent.sync(finished(new.attempt, 2, loss=0.7))
    assert trial(engine, study_id, 0).value == 0.7


def test_another_agents_events_change_nothing(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, _ = attempts_of(agent.sync().assignments)
    other = HandAgent(engine, name="00000000-0000-7000-8000-0000000000bb")
    other.sync(started(first), finished(first, 2, loss=0.0))
    assert study(engine, study_id).completed == 0


def test_an_agent_that_leaves_gives_up_its_trials_at_once(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 2})
    first, second = attempts_of(agent.sync().assignments)
    agent.sync(started(first), held=(first, second))
    agent.sync(leaving=True)
    assert (study(engine, study_id).running, study(engine, study_id).waiting) == (0, 2)
    with engine.database.read() as snapshot:
        assert attempts.live_of_agent(snapshot, AGENT) == {}


def test_final_metrics_count_and_the_last_report_does_where_there_are_none(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, second = attempts_of(agent.sync().assignments)
    agent.sync(started(first), report(first, 2, 1, 0.9), finished(first, 3, loss=0.2))
    agent.sync(started(second), report(second, 2, 1, 0.9), report(second, 3, 2, 0.6), finished(second, 4))
    assert [trial(engine, study_id, number).value for number in (0, 1)] == [0.2, 0.6]
    assert (study(engine, study_id).best_number, study(engine, study_id).best_value) == (0, 0.2)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_result_that_is_not_finite_never_ranks(engine: Engine, agent: HandAgent, value: str) -> None:
    study_id = submit(engine)
    first, second = attempts_of(agent.sync().assignments)
    agent.sync(started(first), report(first, 2, 1, value), finished(first, 3))
    agent.sync(started(second), finished(second, 2, loss=3.0))
    odd = trial(engine, study_id, 0)
    assert (odd.state, odd.value, odd.reason_code) == (TrialState.COMPLETED, None, "non_finite")
    assert study(engine, study_id).best_number == 1


def test_an_end_without_the_objective_is_a_failure_with_that_name(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, _ = attempts_of(agent.sync().assignments)
    agent.sync(started(first), Report(attempt=first, seq=2, at=0, step=1, metrics={"los": 1.0}), finished(first, 3))
    assert trial(engine, study_id, 0).reason_code == "metrics_unavailable"


def test_a_crash_is_retried_and_then_fails(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 1}, retries=1)
    (first,) = attempts_of(agent.sync().assignments)
    (second,) = attempts_of(agent.sync(started(first), failed(first, 2, FailureCode.SIGNAL)).assignments)
    agent.sync(started(second), failed(second, 2, FailureCode.SIGNAL))
    row = trial(engine, study_id, 0)
    assert (row.state, row.attempts, row.failures, row.reason_code) == (TrialState.FAILED, 2, 2, "signal")
    assert study(engine, study_id).state is StudyState.FAILED


def test_three_import_errors_pause_a_study_instead_of_burning_its_budget(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 1000})
    for _ in range(4):
        for attempt in attempts_of(agent.sync().assignments):
            agent.sync(failed(attempt, 1, FailureCode.IMPORT))
    paused = study(engine, study_id)
    assert (paused.state, paused.reason_code) == (StudyState.PAUSED, "circuit_breaker")
    assert paused.failed <= 4


def test_asha_stops_a_trial_that_falls_behind(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, stopping={"rule": "asha", "min_steps": 1, "reduction": 2})
    told: list[str] = []
    for _ in range(4):
        for attempt in attempts_of(agent.sync().assignments):
            number = len(told)
            response = agent.sync(started(attempt), report(attempt, 2, 1, float(number)), held=(attempt,))
            told += [command.action for command in response.commands] or ["go"]
            if told[-1] == "stop":
                agent.sync(Stopped(attempt=attempt, seq=3, at=0, seconds=1))
            else:
                agent.sync(finished(attempt, 3, loss=float(number)))
    assert told[0] == "go"
    assert "stop" in told
    stopped = trial(engine, study_id, told.index("stop"))
    assert (stopped.state, stopped.reason_code) == (TrialState.STOPPED, "stopping_rule")


def test_a_stopped_trial_is_told_until_it_ends(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, second = attempts_of(agent.sync().assignments)
    agent.sync(started(first), held=(first, second))
    with engine.work(agent.now) as work:
        commands.stop_trial(work, trial(engine, study_id, 0).id)
        commands.stop_trial(work, trial(engine, study_id, 1).id)
    for _ in range(2):
        told = {each.attempt: each.action for each in agent.sync(held=(first, second)).commands}
        assert told == {first: "stop", second: "return"}
    agent.sync(Stopped(attempt=first, seq=2, at=0), Returned(attempt=second, seq=1, at=0))
    assert [trial(engine, study_id, number).state for number in (0, 1)] == [TrialState.STOPPED, TrialState.CANCELLED]


def test_what_was_not_started_is_asked_back_when_a_study_pauses(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, second = attempts_of(agent.sync().assignments)
    agent.sync(started(first), held=(first, second))
    with engine.work(agent.now) as work:
        commands.pause_study(work, study_id)
    (command,) = agent.sync(held=(first, second)).commands
    assert (command.attempt, command.action) == (second, "return")
    agent.sync(Returned(attempt=second, seq=1, at=0), held=(first,))
    assert (study(engine, study_id).waiting, study(engine, study_id).running) == (1, 1)


def test_logs_are_kept_in_order_and_cleaned_of_what_a_database_refuses(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, _ = attempts_of(agent.sync().assignments)
    pieces = [Log(attempt=first, seq=seq, at=0, text=text) for seq, text in ((2, "a\x00b\n"), (3, "c\n"))]
    agent.sync(started(first), *pieces)
    with engine.database.read() as snapshot:
        kept = trials.logs_of(snapshot, trial(engine, study_id, 0).id)
    assert "".join(piece.text for piece in kept) == "a\ufffdb\nc\n"


def test_a_deleted_study_is_purged_when_nothing_of_it_runs(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    first, second = attempts_of(agent.sync().assignments)
    agent.sync(started(first), held=(first, second))
    with engine.work(agent.now) as work:
        commands.delete_study(work, study_id)
    engine.tick(agent.now)
    assert study(engine, study_id).deleted_at is not None
    agent.sync(Stopped(attempt=first, seq=2, at=0), Returned(attempt=second, seq=1, at=0))
    engine.tick(agent.now)
    with engine.database.read() as snapshot:
        assert trials.page(snapshot, study_id, limit=5) == []


def test_an_answer_says_in_how_many_slots_a_study_may_run(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 9, "parallel": 1})
    response = agent.sync()
    assert len(response.assignments) == 1
    assert response.studies[study_id].slots == 1
