"""Two who do the same thing for the first time at the same moment: one does it, the other finds it done."""

import threading
from collections.abc import Callable

import pytest
from tests.simulation.documents import document
from tests.simulation.hand import HandAgent
from tests.simulation.world import START

from caviar.domain.errors import Conflict
from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.storage import bundles
from caviar.storage.database import Database


def together(count: int, act: Callable[[int], object]) -> list[object]:
    """What `count` threads that start at once returned, or raised."""
    gate = threading.Barrier(count)
    outcomes: list[object] = [None] * count

    def run(index: int) -> None:
        gate.wait()
        try:
            outcomes[index] = act(index)
        except Exception as error:  # noqa: BLE001 - it is the outcome
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("attempt", range(3))
def test_an_agents_first_two_requests_meet(database: Database, attempt: int) -> None:
    request = HandAgent(Engine(database)).request()
    requests = [request, request.model_copy(update={"number": 2})]

    def send(index: int) -> bool:
        return Engine(database).sync("00000000-0000-7000-8000-0000000000aa", requests[index], START).response.superseded

    assert together(2, send) in ([False, False], [True, False])


@pytest.mark.parametrize("attempt", range(3))
def test_two_studies_of_one_name_meet(database: Database, attempt: int) -> None:
    def create(_: int) -> str:
        with Engine(database).work(START) as work:
            return commands.create_study(work, document(name="same")).id

    outcomes = together(4, create)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3


def test_two_uploads_of_one_bundle_meet(database: Database) -> None:
    def upload(_: int) -> None:
        with database.write() as tx:
            bundles.add(tx, "sha256:" + "0" * 64, b"zip", START)

    assert together(4, upload) == [None] * 4
