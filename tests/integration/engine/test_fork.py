"""Forks and edited spaces, with a simulated fleet."""

from typing import Any

import numpy as np
import pytest
from tests.simulation.checker import check
from tests.simulation.documents import SPACE, ended, study, submit
from tests.simulation.world import Behaviour, World

from caviar.domain.errors import Conflict, InvalidInput
from caviar.domain.states import StudyState, TrialState
from caviar.engine.engine import Engine
from caviar.engine.fork import edit_space, fork_study
from caviar.insights.recommended import recommended
from caviar.insights.views import Views
from caviar.storage import inherited, search_state, trials
from caviar.storage.rows import StudyRow, TrialRow
from caviar_workers.protocol import Assignment

NARROWED = {"learning_rate": {"low": 1e-2}}


def loss(assignment: Assignment, step: int) -> float:
    return float((np.log10(assignment.params["learning_rate"]) + 1.5) ** 2 + (assignment.params["units"] - 5) ** 2 / 9)


def world(engine: Engine, **how: Any) -> World:
    return World(engine, slots=4, behaviour=Behaviour(value=loss, reports=1), **how)


def finished(engine: Engine, **changes: Any) -> str:
    study_id = submit(engine, **changes)
    world(engine).run(until=lambda: ended(engine, study_id))
    return study_id


def forked(engine: Engine, parent: str, now: float, **changes: Any) -> str:
    with engine.work(now) as work:
        return fork_study(work, parent, changes).id


def trials_of(engine: Engine, study_id: str) -> list[TrialRow]:
    with engine.database.read() as snapshot:
        return trials.in_states(snapshot, study_id, [state.value for state in TrialState])


def origin(row: StudyRow) -> dict[str, Any]:
    assert row.origin is not None
    return row.origin


def test_a_fork_counts_what_fits_and_says_what_does_not(engine: Engine) -> None:
    parent = finished(engine)
    child = forked(engine, parent, 2e9, space=NARROWED, budget={"trials": 10})
    made, fitting = (
        origin(study(engine, child)),
        [t for t in trials_of(engine, parent) if t.params["learning_rate"] >= 1e-2],
    )
    assert (made["kind"], made["study"]["id"]) == ("fork", parent)
    assert (made["counted"], made["left_out"]) == (len(fitting), 40 - len(fitting))
    assert [(cause["parameter"], cause["results"]) for cause in made["causes"]] == [
        ("learning_rate", 40 - len(fitting))
    ]
    world(engine, incarnation=1).run(until=lambda: ended(engine, child))
    assert study(engine, child).completed == 10, "what is inherited is no part of the budget"
    check(engine)


@pytest.mark.parametrize("strategy", ["coarse_to_fine", "tpe"])
def test_a_fork_begins_where_its_parent_had_come_to(engine: Engine, strategy: str) -> None:
    parent = finished(engine, search={"strategy": "random", "seed": 1})
    child = forked(engine, parent, 2e9, search={"strategy": strategy}, budget={"trials": 12})
    world(engine, incarnation=1).run(until=lambda: ended(engine, child))
    values = [trial.value for trial in trials_of(engine, child) if trial.value is not None]
    assert np.median(values) < np.median(
        [trial.value for trial in trials_of(engine, parent) if trial.value is not None]
    )
    assert {trial.origin for trial in trials_of(engine, child)} != {"sobol"}


def test_a_fork_does_not_follow_its_parent_after_it_was_made(engine: Engine) -> None:
    parent = submit(engine, budget={"trials": 40})
    running = world(engine)
    running.run(until=lambda: study(engine, parent).completed >= 20)
    child = forked(engine, parent, running.now, search={"seed": 3}, budget={"trials": 5})
    with engine.database.read() as snapshot:
        first = inherited.of_study(snapshot, child)
    running.run(until=lambda: ended(engine, parent, child))
    with engine.database.read() as snapshot:
        assert inherited.of_study(snapshot, child) == first
    assert 20 <= len(first) < 40


def test_a_fork_of_a_fork_inherits_from_both(engine: Engine) -> None:
    parent = finished(engine)
    child = forked(engine, parent, 2e9, budget={"trials": 5})
    world(engine, incarnation=1).run(until=lambda: ended(engine, child))
    grandchild = forked(engine, child, 2e9, budget={"trials": 5})
    assert origin(study(engine, grandchild))["counted"] == 45
    assert study(engine, grandchild).name == f"{study(engine, child).name}-fork-1"


def test_a_fork_is_the_same_after_a_restart(engine: Engine) -> None:
    parent = finished(engine)
    seen = []
    for restarts in (False, True):
        child = forked(engine, parent, 2e9, search={"strategy": "coarse_to_fine", "seed": 9}, budget={"trials": 10})
        runs = world(engine, incarnation=2 if restarts else 1)
        runs.run(until=lambda child=child: study(engine, child).completed >= 5)
        if restarts:
            runs.engine = Engine(engine.database, lease_seconds=30, seed=8)
        runs.run(until=lambda child=child: ended(engine, child))
        seen.append([trial.params for trial in trials_of(engine, child)])
    assert seen[0] == seen[1]


def test_an_edited_space_keeps_numbers_and_evidence(engine: Engine) -> None:
    study_id = submit(engine, search={"strategy": "coarse_to_fine", "seed": 2}, budget={"trials": 40})
    runs = world(engine)
    runs.run(until=lambda: study(engine, study_id).completed >= 20)
    before = trials_of(engine, study_id)
    with engine.work(runs.now) as work:
        edit_space(work, study_id, {"space": NARROWED, "freeze": {"units": 5}, "note": "units is settled"})
    edited = study(engine, study_id)
    assert edited.space_version == 2
    runs.run(until=lambda: ended(engine, study_id))
    after = trials_of(engine, study_id)
    assert [trial.params for trial in after[: len(before)]] == [trial.params for trial in before]
    later = after[len(before) :]
    assert later
    assert all(trial.space_version == 2 for trial in later)
    assert all(trial.params["learning_rate"] >= 1e-2 and trial.params["units"] == 5 for trial in later)
    assert {trial.origin for trial in later} != {"sobol"}, "earlier results count"
    with engine.database.read() as snapshot:
        assert recommended(snapshot, Views().of(snapshot, study(engine, study_id))) is not None, (
            "whatever lies outside now"
        )
    check(engine)


def test_the_rounds_tell_of_an_edit(engine: Engine) -> None:
    study_id = submit(engine, search={"strategy": "coarse_to_fine", "seed": 2}, budget={"trials": 60})
    runs = world(engine)
    runs.run(until=lambda: study(engine, study_id).completed >= 30)
    with engine.work(runs.now) as work:
        edit_space(work, study_id, {"space": NARROWED, "note": "larger rates"})
    runs.run(until=lambda: ended(engine, study_id))
    with engine.database.read() as snapshot:
        rounds = [each.document for each in search_state.rounds_of(snapshot, study_id)]
    place = next(index for index, each in enumerate(rounds) if each["rule"] == "edit")
    assert rounds[place]["reason"] == "the space was edited by hand (version 2): larger rates"
    assert [each["index"] for each in rounds] == list(range(len(rounds)))
    assert all(each["space_version"] == (1 if index < place else 2) for index, each in enumerate(rounds))
    assert all(bound["low"] >= 1e-2 * (1 - 1e-9) for each in rounds[place:] for bound in each["bounds"][:1])


def test_an_edit_that_is_taken_back_finds_all_its_evidence_again(engine: Engine) -> None:
    study_id = submit(engine)
    runs = world(engine)
    runs.run(until=lambda: study(engine, study_id).completed >= 20)
    units = {trial.number: trial.unit for trial in trials_of(engine, study_id)}
    for change in ({"space": NARROWED}, {"space": SPACE}):
        with engine.work(runs.now) as work:
            edit_space(work, study_id, change)
    again = {trial.number: trial.unit for trial in trials_of(engine, study_id)}
    assert study(engine, study_id).space_version == 3
    assert all(np.allclose(np.frombuffer(again[number]), np.frombuffer(unit)) for number, unit in units.items())


def test_what_waits_outside_an_edited_space_is_cancelled(engine: Engine) -> None:
    study_id = submit(engine, search={"strategy": "coarse_to_fine", "seed": 2}, budget={"trials": 30})
    with engine.work(1.9e9) as work:
        work.lock([study_id])
        work.studies[study_id].wanted = 10
        work.touch(work.studies[study_id])
    engine.plan(study_id, 1.9e9)
    with engine.work(1.9e9) as work:
        edit_space(work, study_id, {"space": NARROWED})
    for trial in trials_of(engine, study_id):
        outside = trial.params["learning_rate"] < 1e-2
        assert trial.state is (TrialState.CANCELLED if outside else TrialState.WAITING)
    assert study(engine, study_id).cancelled > 0
    check(engine)


def test_a_finished_study_is_not_edited_and_an_edit_may_not_break_the_document(engine: Engine) -> None:
    study_id = submit(engine, train={"command": ["train", "{units}"]})
    with engine.work(1.9e9) as work, pytest.raises(InvalidInput, match="units"):
        edit_space(work, study_id, {"space": {"units": None}})
    done = finished(engine)
    with engine.work(2e9) as work, pytest.raises(Conflict, match="completed"):
        edit_space(work, done, {"space": NARROWED})
    assert study(engine, done).state is StudyState.COMPLETED
