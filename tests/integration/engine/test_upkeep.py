"""What happens each second, and with each checkpoint, costs what it concerns and no more."""

from typing import Any

import pytest
from tests.integration.engine.test_checkpoints import saved
from tests.integration.engine.test_sync import failed, finished, report, started
from tests.simulation.documents import submit, trial
from tests.simulation.hand import HandAgent, attempts_of

from caviar.engine import commands, fork
from caviar.engine import engine as engine_module
from caviar.engine.engine import Engine
from caviar.engine.tick import CHECKPOINTS_AWAITED_SECONDS, purgeable
from caviar.storage import checkpoints
from caviar_workers.protocol import FailureCode


@pytest.fixture
def agent(engine: Engine) -> HandAgent:
    return HandAgent(engine, cpus=1)


def test_a_study_that_fails_a_tick_keeps_no_other_from_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = sorted(submit(engine, budget={"trials": 1, "seconds": 5}) for _ in range(2))
    for study_id in (broken, fine):
        with engine.work(0.0) as work:
            row = commands.locked(work, study_id)
            work.touch(row)
            row.deadline_at = 1.0
    seen: list[str] = []

    def run_tick(_work: Any, study_id: str, *, expire: bool) -> None:
        seen.append(f"{study_id} {expire}")
        if study_id == broken:
            raise RuntimeError("a defect")

    monkeypatch.setattr(engine_module, "run_tick", run_tick)
    with pytest.raises(RuntimeError, match="a defect"):
        engine.tick(2.0)
    assert seen == [f"{broken} False", f"{fine} False"]


def test_a_deleted_study_whose_checkpoints_wait_for_an_agent_is_not_written_to_each_second(
    engine: Engine, agent: HandAgent
) -> None:
    study_id = submit(engine)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), report(attempt, 2, 1, 0.5), saved(attempt, 3, 1), finished(attempt, 4, loss=0.5))
    with engine.work(agent.now) as work:
        commands.delete_study(work, study_id)
    agent.sync(leaving=True)
    with engine.database.read() as snapshot:
        assert purgeable(snapshot, agent.now) == [study_id]
    engine.tick(agent.now)
    with engine.database.read() as snapshot:
        assert purgeable(snapshot, agent.now) == []
        assert purgeable(snapshot, agent.now + 2 * CHECKPOINTS_AWAITED_SECONDS) == [study_id]


def test_a_checkpoint_makes_the_service_look_at_its_own_trial_only(
    engine: Engine, agent: HandAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(engine)
    read: list[int] = []
    honest = checkpoints.kept_of_study

    def kept_of_study(*arguments: Any) -> Any:
        rows = honest(*arguments)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(checkpoints, "kept_of_study", kept_of_study)
    for _ in range(5):
        [attempt] = attempts_of(agent.sync().assignments)
        agent.sync(started(attempt), report(attempt, 2, 1, 0.5), saved(attempt, 3, 1), held=(attempt,))
        agent.sync_only(finished(attempt, 4, loss=0.5))
    assert read == [1] * 5


def test_a_trial_that_begins_again_with_what_its_rules_made_of_it_is_no_clean_sample(
    engine: Engine, agent: HandAgent
) -> None:
    rules = [{"when": {"step": 1}, "set": {"learning_rate": 0.01}}]
    study_id = submit(engine, rules=rules)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), report(attempt, 2, 1, 0.5), held=(attempt,))
    [again] = agent.sync(failed(attempt, 3, FailureCode.SIGNAL)).assignments
    assert (again.checkpoints, again.params["learning_rate"]) == ((), 0.01)
    agent.sync(started(again.attempt), held=(again.attempt,))
    assert trial(engine, study_id, 0).touched


def test_a_fork_is_not_looked_at_again_by_itself_when_its_parent_is(engine: Engine) -> None:
    study_id = submit(engine, retune={"cron": "0 3 * * 1", "best": 2})
    with engine.work(0.0) as work:
        forked = fork.fork_study(work, study_id, {})
    assert (forked.spec["retune"]["cron"], forked.spec["retune"]["best"]) == (None, 2)
    assert forked.retune_at is None
