"""A study's rules nudge its trials; a trial's nudges become a study's rules."""

import pytest
from tests.integration.engine.test_steering import begun, nudge, nudged
from tests.integration.engine.test_sync import finished, report, started
from tests.simulation.documents import study, submit, trial
from tests.simulation.hand import HandAgent
from tests.simulation.world import START

from caviar.domain.document import parse_study
from caviar.domain.errors import Conflict
from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.engine.fork import fork_study
from caviar.insights.schedule import schedule_of
from caviar.search.history import Outcome
from caviar.storage import inherited, nudges

HALVED = [{"when": {"step": 2}, "multiply": {"learning_rate": 0.5}}]
RULES = [{"when": {"plateau": 2}, "multiply": {"learning_rate": 0.5}}]


@pytest.fixture
def agent(engine: Engine) -> HandAgent:
    return HandAgent(engine, cpus=1)


def test_a_plateau_multiplies_and_leaves_a_clean_sample(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, rules=RULES)
    attempt = begun(agent)
    before = trial(engine, study_id, 0).params["learning_rate"]
    agent.sync(report(attempt, 4, 2, 0.5), held=(attempt,))
    agent.engine = Engine(engine.database)  # the rest is another process's to decide
    [order] = agent.sync(report(attempt, 5, 3, 0.6), held=(attempt,)).commands
    assert order.params is not None
    assert order.params["learning_rate"] == pytest.approx(before / 2)
    agent.engine = Engine(engine.database)
    again = agent.sync(nudged(attempt, 6, order.nudge or "", 3.0), report(attempt, 7, 4, 0.6), held=(attempt,))
    assert again.commands == ()
    [second] = agent.sync(report(attempt, 8, 5, 0.6), held=(attempt,)).commands
    assert second.params is not None
    assert second.params["learning_rate"] == pytest.approx(before / 4)
    agent.sync(nudged(attempt, 9, second.nudge or "", 5.0), finished(attempt, 10, loss=0.4))
    with engine.database.read() as snapshot:
        found = nudges.of_trial(snapshot, trial(engine, study_id, 0).id)
    assert [(each.author, each.note, each.state) for each in found] == [
        ("rule 1", "no improvement for 2 steps", "applied")
    ] * 2
    assert not trial(engine, study_id, 0).touched
    with engine.work(START) as work:
        work.lock([study_id])
        assert work.memory(work.studies[study_id]).history.view().states[0] == Outcome.COMPLETED


def test_a_fork_counts_a_trial_where_it_began_and_none_that_was_nudged(engine: Engine, agent: HandAgent) -> None:
    parent = submit(engine, rules=HALVED, repeat={"seeds": 2, "top": 1})
    attempt = begun(agent)
    began = trial(engine, parent, 0).params["learning_rate"]
    [order] = agent.sync(report(attempt, 4, 2, 0.5), held=(attempt,)).commands
    [second] = agent.sync(nudged(attempt, 5, order.nudge or "", 2.0), finished(attempt, 6, loss=0.4)).assignments
    agent.sync(started(second.attempt), held=(second.attempt,))
    made = nudge(engine, second.trial, units=1 if second.params["units"] > 1 else 2).nudge
    agent.sync(nudged(second.attempt, 2, made.id, 0.0), finished(second.attempt, 3, loss=0.1))
    with engine.work(START) as work:
        commands.stop_study(work, parent)
        child = fork_study(work, parent, {})
    with engine.database.read() as snapshot:
        rows = [row for row in inherited.of_study(snapshot, child.id) if row.unit is not None]
    assert [row.params["learning_rate"] for row in rows] == [pytest.approx(began)]
    assert trial(engine, parent, 0).params["learning_rate"] == pytest.approx(began / 2)


def test_a_twin_is_not_changed_again_by_rules_that_had_changed_its_original(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine, rules=HALVED)
    attempt = begun(agent)
    [order] = agent.sync(report(attempt, 4, 2, 0.5), held=(attempt,)).commands
    agent.sync(nudged(attempt, 5, order.nudge or "", 2.0), held=(attempt,))
    nudge(engine, trial(engine, study_id, 0).id, twin=True, learning_rate=0.003)
    elsewhere = HandAgent(engine, cpus=1, name="00000000-0000-7000-8000-0000000000bb")
    [copy] = elsewhere.sync().assignments
    assert elsewhere.sync(started(copy.attempt), report(copy.attempt, 2, 3, 0.5), held=(copy.attempt,)).commands == ()


def test_what_was_done_by_hand_becomes_a_study(engine: Engine, agent: HandAgent) -> None:
    study_id = submit(engine)
    attempt = begun(agent)
    row = trial(engine, study_id, 0)
    with engine.database.read() as snapshot, pytest.raises(Conflict, match="never nudged"):
        schedule_of(snapshot, study(engine, study_id), row, name=None, trials=None, plateau=None)
    made = nudge(engine, row.id, learning_rate=row.params["learning_rate"] / 2).nudge
    agent.sync(nudged(attempt, 4, made.id, 7.0), held=(attempt,))
    with engine.database.read() as snapshot:
        document = schedule_of(snapshot, study(engine, study_id), row, name="all", trials=9, plateau=None)
        flat = schedule_of(snapshot, study(engine, study_id), row, name=None, trials=None, plateau=3)
    assert document["rules"] == [{"when": {"step": 7.0}, "multiply": {"learning_rate": pytest.approx(0.5)}}]
    assert flat["rules"][0]["when"] == {"plateau": 3}
    spec = parse_study(document)
    assert (spec.name, spec.budget.trials, spec.rules[0].when.step) == ("all", 9, 7.0)
