"""Checkpoints on the wire: noted once, handed to the next attempt, removed when nobody needs them."""

import pytest
from tests.integration.engine.test_sync import failed, finished, report, started
from tests.simulation.documents import submit, trial
from tests.simulation.hand import HandAgent, attempts_of

from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.insights.series import trial_metrics
from caviar.storage import attempts, checkpoints, studies
from caviar_workers.protocol import Checkpoint, FailureCode, Removed, SyncResponse

STORE = "s3://bucket/caviar"


@pytest.fixture
def agent(engine: Engine) -> HandAgent:
    return HandAgent(engine, cpus=1)


def saved(attempt: str, seq: int, step: float, size: int = 10) -> Checkpoint:
    uri = f"{STORE}/trial/{attempt}-{step:g}"
    return Checkpoint(attempt=attempt, seq=seq, at=0, step=step, uri=uri, size=size, digest=f"sha256:{step:g}")


def states(engine: Engine, study_id: str) -> dict[float, tuple[str, str | None]]:
    with engine.database.read() as snapshot:
        return {row.step: (row.state, row.reason) for row in checkpoints.of_study(snapshot, study_id, None, 100)}


def quiet(agent: HandAgent, *held: str) -> SyncResponse:
    return agent.send(agent.request(held=held, wait=5.0).model_copy(update={"store": STORE}))


def test_a_retried_trial_goes_on_from_its_newest_checkpoint(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    [first] = attempts_of(agent.sync().assignments)
    agent.sync(
        started(first), report(first, 2, 1, 0.5), saved(first, 3, 1), report(first, 4, 2, 0.4), saved(first, 5, 2),
        report(first, 6, 3, 0.3), held=(first,),
    )  # fmt: skip
    [again] = agent.sync(failed(first, 7, FailureCode.SIGNAL)).assignments
    assert [(each.step, each.digest) for each in again.checkpoints] == [(2.0, "sha256:2"), (1.0, "sha256:1")]
    agent.sync(started(again.attempt), held=(again.attempt,))
    assert trial(engine, study_id, 0).value == 0.3
    agent.sync(report(again.attempt, 2, 3, 0.31), report(again.attempt, 3, 4, 0.2), held=(again.attempt,))
    with engine.database.read() as snapshot:
        row = trial(engine, study_id, 0)
        assert trial_metrics(snapshot, row) == {"step": [1, 2, 3, 4], "loss": [0.5, 0.4, 0.31, 0.2]}
        assert [each.from_step for each in attempts.of_trial(snapshot, row.id)] == [None, 2.0]


def test_a_first_attempt_and_one_without_a_checkpoint_begin_at_the_beginning(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    [first] = agent.sync().assignments
    assert first.checkpoints == ()
    agent.sync(started(first.attempt), report(first.attempt, 2, 5, 0.5), held=(first.attempt,))
    [again] = agent.sync(failed(first.attempt, 3, FailureCode.SIGNAL)).assignments
    assert again.checkpoints == ()
    agent.sync(started(again.attempt), held=(again.attempt,))
    assert trial(engine, study_id, 0).step is None


def test_a_checkpoint_sent_twice_is_noted_once(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    [attempt] = attempts_of(agent.sync().assignments)
    for _ in range(2):
        agent.sync(started(attempt), saved(attempt, 2, 1), held=(attempt,))
    assert states(engine, study_id) == {1.0: ("kept", None)}


def test_superfluous_ones_are_removed_by_the_agent_and_accounted_for(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), *(saved(attempt, 1 + step, step) for step in (1, 2, 3)), held=(attempt,))
    [removal] = quiet(agent, attempt).removals
    assert removal.uri.endswith("-1")
    assert quiet(agent, attempt).removals == (removal,)
    request = agent.request(held=(attempt,)).model_copy(update={"removed": (Removed(id=removal.id),)})
    agent.send(request)
    assert quiet(agent, attempt).removals == ()
    assert states(engine, study_id)[1.0] == ("removed", "There is a newer one, of step 3.")


def test_another_store_s_checkpoints_are_not_this_agent_s_to_remove(engine: Engine, agent: HandAgent) -> None:
    submit(engine)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), *(saved(attempt, 1 + step, step) for step in (1, 2, 3)), held=(attempt,))
    for store in ("s3://bucket/other", "s3://bucket/cav", ""):
        request = agent.request(held=(attempt,), wait=5.0).model_copy(update={"store": store})
        assert agent.send(request).removals == ()


def test_when_the_study_ends_the_best_stay(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, checkpoints={"keep": "best", "best": 1}, budget={"trials": 2})
    for step, value in ((1.0, 0.9), (2.0, 0.1)):
        [attempt] = attempts_of(agent.sync().assignments)
        agent.sync(started(attempt), saved(attempt, 2, step), finished(attempt, 3, loss=value))
    assert {step: state for step, (state, _) in states(engine, study_id).items()} == {1.0: "removing", 2.0: "kept"}


def test_one_that_comes_after_its_attempt_was_lost_is_turned_away(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), failed(attempt, 9, FailureCode.SLOT_LOST, infrastructure=True))
    for _ in range(2):
        agent.sync(saved(attempt, 10, 5))
    [(state, reason)] = states(engine, study_id).values()
    assert (state, reason) == ("removing", "It came when its attempt no longer counted.")


def test_a_deleted_study_is_purged_when_its_checkpoints_are_gone(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, budget={"trials": 1})
    [attempt] = attempts_of(agent.sync().assignments)
    agent.sync(started(attempt), saved(attempt, 2, 1), finished(attempt, 3, loss=1.0))
    with engine.work(agent.now) as work:
        commands.delete_study(work, study_id)
    agent.sync()
    engine.tick(agent.now)
    [removal] = quiet(agent).removals
    agent.send(agent.request().model_copy(update={"removed": (Removed(id=removal.id),)}))
    engine.tick(agent.now)
    with engine.database.read() as snapshot:
        assert studies.get(snapshot, study_id) is None
