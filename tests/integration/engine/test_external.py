"""Ask and tell without an agent."""

import pytest
from tests.simulation.documents import study, submit, trial
from tests.simulation.world import START

from caviar.domain.errors import Conflict, InvalidInput, InvalidStudy
from caviar.domain.states import StudyState, TrialState
from caviar.engine import commands, external, steering
from caviar.engine.engine import Engine
from caviar.engine.steering import NudgeOrder
from caviar.search.stopping import Verdict
from caviar.storage.rows import TrialRow

EXTERNAL = {"train": {"external": True}}


def ask(engine: Engine, study_id: str, count: int = 1, client: str = "host-1", now: float = START) -> list[TrialRow]:
    with engine.work(now) as work:
        return external.ask(work, study_id, count, client)


def complete(engine: Engine, trial_id: str, **metrics: float) -> TrialRow:
    with engine.work(START + 1) as work:
        return external.complete(work, trial_id, metrics=dict(metrics), failed=None)


def test_a_study_is_asked_and_told_to_its_end(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL, budget={"trials": 3})
    for number in range(3):
        (asked,) = ask(engine, study_id)
        assert asked.number == number
        complete(engine, asked.id, loss=float(3 - number))
    done = study(engine, study_id)
    assert (done.state, done.best_number) == (StudyState.COMPLETED, 2)
    assert ask(engine, study_id) == []


def test_the_same_client_gets_its_unfinished_trials_back_first(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL)
    first = ask(engine, study_id, 2)
    again = ask(engine, study_id, 3)
    assert [each.number for each in first] == [0, 1]
    assert [each.number for each in again] == [0, 1, 2]
    assert [each.number for each in ask(engine, study_id, 1, client="host-2")] == [3]


def test_a_trial_that_was_paused_and_resumed_is_asked_for_anew(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL)
    (first,) = ask(engine, study_id)
    with engine.work(START) as work:
        made = steering.nudge_trial(work, first.id, NudgeOrder({"units": 1 if first.params["units"] > 1 else 2})).nudge
        steering.pause_trial(work, first.id, restart=False)
    with engine.work(START) as work:
        assert external.report(work, first.id, 1, {"loss": 1.0}) is Verdict.PAUSE
    with engine.work(START) as work:
        steering.resume_trial(work, first.id)
    (again,) = ask(engine, study_id)
    assert (again.number, again.params) == (0, {**first.params, **made.new})
    with engine.work(START) as work:
        assert external.report(work, again.id, 2, {"loss": 1.0}) is Verdict.CONTINUE


def test_the_time_of_a_study_that_was_paused_before_it_began_runs_from_its_first_trial(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL, budget={"trials": 3, "seconds": 60})
    with engine.work(START) as work:
        commands.pause_study(work, study_id)
    with engine.work(START + 100) as work:
        commands.resume_study(work, study_id)
    ask(engine, study_id, now=START + 100)
    assert study(engine, study_id).deadline_at == START + 160


def test_reports_are_judged(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL, stopping={"rule": "asha", "reduction": 2})
    verdicts = []
    for value in (1.0, 2.0, 3.0, 4.0):
        (asked,) = ask(engine, study_id)
        with engine.work(START) as work:
            verdicts.append(external.report(work, asked.id, 1, {"loss": value}))
        ended = complete(engine, asked.id, loss=value)
        assert ended.state is (TrialState.STOPPED if verdicts[-1] is Verdict.STOP else TrialState.COMPLETED)
    assert verdicts[0] is Verdict.CONTINUE
    assert Verdict.STOP in verdicts


def test_a_failure_keeps_the_users_own_code(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL)
    (asked,) = ask(engine, study_id)
    with engine.work(START) as work:
        external.complete(work, asked.id, metrics=None, failed=("diverged", "loss went up"))
    row = trial(engine, study_id, 0)
    assert row.state is TrialState.FAILED
    assert row.reason_message == "diverged: loss went up"


def test_completing_twice_changes_nothing(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL)
    (asked,) = ask(engine, study_id)
    complete(engine, asked.id, loss=1.0)
    assert complete(engine, asked.id, loss=0.0).value == 1.0


def test_completing_without_the_objective_says_what_is_missing(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL)
    (asked,) = ask(engine, study_id)
    with pytest.raises(InvalidInput, match="never reported"):
        complete(engine, asked.id, accuracy=1.0)


def test_a_report_after_the_end_is_refused(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL)
    (asked,) = ask(engine, study_id)
    complete(engine, asked.id, loss=1.0)
    with pytest.raises(Conflict), engine.work(START) as work:
        external.report(work, asked.id, 2, {"loss": 1.0})


def test_parallel_limits_what_is_out(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL, budget={"trials": 9, "parallel": 2})
    assert len(ask(engine, study_id, 5)) == 2
    assert ask(engine, study_id, 5, client="host-2") == []


def test_a_thinking_search_is_asked_through_the_planner(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL, search={"strategy": "coarse_to_fine", "seed": 1})
    assert ask(engine, study_id, 2) == []
    engine.plan(study_id, START)
    assert [each.number for each in ask(engine, study_id, 2)] == [0, 1]


def test_a_trial_that_is_never_told_ends_when_its_time_is_over(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL, budget={"trials": 1, "trial_seconds": 60})
    ask(engine, study_id)
    for second in range(100):
        engine.tick(START + second)
    row = trial(engine, study_id, 0)
    assert (row.state, row.reason_code) == (TrialState.INFEASIBLE, "timeout")


def test_an_agents_study_can_not_be_asked(engine: Engine) -> None:
    with pytest.raises(Conflict, match="run by agents"):
        ask(engine, submit(engine))


def test_a_configuration_by_hand_runs_next_and_counts(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL, budget={"trials": 2})
    with engine.work(START) as work:
        commands.enqueue_trial(work, study_id, {"learning_rate": 0.01, "units": 3})
    asked = ask(engine, study_id, 5)
    assert asked[0].origin == "manual"
    assert len(asked) == 2
    with pytest.raises(Conflict, match="used up"), engine.work(START) as work:
        commands.enqueue_trial(work, study_id, {"learning_rate": 0.01, "units": 3})


def test_a_configuration_outside_the_space_is_refused_with_its_mistakes(engine: Engine) -> None:
    study_id = submit(engine, **EXTERNAL)
    with pytest.raises(InvalidInput) as refused, engine.work(START) as work:
        commands.enqueue_trial(work, study_id, {"learning_rate": 10.0, "units": 3.5})
    assert {each.pointer for each in refused.value.errors} == {"/params/learning_rate", "/params/units"}


def test_a_space_whose_constraints_leave_nothing_is_refused(engine: Engine) -> None:
    with pytest.raises(InvalidStudy, match="leave nothing") as refused:
        submit(engine, **EXTERNAL, constraints=["units * learning_rate > 100"])
    assert [each.pointer for each in refused.value.errors] == ["/constraints"]
    submit(engine, **EXTERNAL, constraints=["units * learning_rate < 100"])
