"""Every operation of the store fails once, before it happens or with its answer lost: nothing is lost or doubled."""

import os

import pytest
from tests.simulation.checker import check
from tests.simulation.documents import ended, study, submit
from tests.simulation.failing import FailingStore, Mode
from tests.simulation.world import Behaviour, World

from caviar.engine.engine import Engine
from caviar.storage.database import Database

STEP = 1 if os.environ.get("CAVIAR_LONG") else 17
"""The long form fails every operation; the short one every 17th, each time others of a sync's statements."""


def story(database: Database, failing: FailingStore) -> None:
    engine = Engine(database, lease_seconds=30, seed=failing.k)
    study_id = submit(engine, name=f"k{failing.k}", stopping={"rule": "asha"}, budget={"trials": 12})
    world = World(engine, slots=3, behaviour=Behaviour(reports=1), incarnation=failing.k)
    with failing.installed(database):
        world.run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).next_number == 12
    check(engine, world)


@pytest.mark.timeout(120 * 17 / STEP)
@pytest.mark.parametrize("mode", ["before", "answer_lost"])
def test_the_kth_operation_fails(database: Database, mode: Mode) -> None:
    k, reached = 1, True
    while reached:
        failing = FailingStore(k, mode)
        story(database, failing)
        reached = failing.failed
        k += STEP
    assert k > 300
