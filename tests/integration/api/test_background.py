"""What goes on by itself: topics from other replicas, housekeeping, planning, and starting together."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from tests.support.api import Agent, Api, Clock, study_document

from caviar.api.background import FAILURE_PAUSE_SECONDS, Housekeeper, Planner
from caviar.api.bus import EVERYTHING, Bus
from caviar.engine.engine import Engine
from caviar.storage import migrate
from caviar.storage.database import Database


class Heard:
    """Topics, and a bell for each."""

    def __init__(self) -> None:
        self.topics: list[frozenset[str]] = []
        self.bell = threading.Condition()

    def __call__(self, topics: frozenset[str]) -> None:
        with self.bell:
            self.topics.append(topics)
            self.bell.notify_all()

    def wait_for(self, topics: frozenset[str]) -> None:
        with self.bell:
            assert self.bell.wait_for(lambda: topics in self.topics, timeout=20), f"heard {self.topics}"


@pytest.mark.postgres
def test_topics_of_another_replica_are_heard_also_after_an_outage(postgres_url: str) -> None:
    here, there = Database(postgres_url), Database(postgres_url)
    bus, heard = Bus(here), Heard()
    bus.subscribe(heard)
    listening = "SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN caviar' AND datname = current_database()"
    with bus.running():
        while not _rows(there, listening):
            threading.Event().wait(0.01)
        with there.write() as tx:
            tx.wake("study:a")
        heard.wait_for(frozenset({"study:a"}))
        _rows(there, f"SELECT pg_terminate_backend(pid) FROM ({listening}) AS listener")
        heard.wait_for(EVERYTHING)
        assert bus.is_complete
        with there.write() as tx:
            tx.wake("study:b")
        heard.wait_for(frozenset({"study:b"}))
    here.close()
    there.close()


def _rows(database: Database, statement: str) -> list[object]:
    with database.read() as snapshot:
        return list(snapshot.connection.execute(text(statement)))


def test_topics_of_this_process_are_heard_at_once(database: Database) -> None:
    heard = Heard()
    Bus(database).subscribe(heard)
    with database.write() as tx:
        tx.wake("agents")
    assert heard.topics == [frozenset({"agents"})]


def test_housekeeping_takes_back_what_nobody_renews(api: Api, agent: Agent) -> None:
    api.submit()
    agent.sync()
    keeper = Housekeeper(api.service.engine, api.clock)
    for _ in range(140):
        api.clock.now += 1
        keeper.run_once()
    trial = api.get("/studies/digits/trials/0")
    (attempt,) = api.get(f"/trials/{trial['id']}/attempts")["items"]
    assert (trial["state"], attempt["state"], attempt["reason"]["code"]) == ("waiting", "lost", "lost")


def test_the_planner_thinks_for_studies_that_wait_since_before_it_started(api: Api, agent: Agent) -> None:
    study = api.post("/studies", _thinking())
    agent.api.post(f"/agents/{agent.id}/sync", agent.request())
    planner = Planner(api.service.engine, Bus(api.service.database), api.clock)
    planner.look()
    planner.run_once(0.0)
    assert api.get(f"/studies/{study['id']}")["counts"]["waiting"] == 4


def test_the_planner_hears_of_a_study_that_wants(api: Api, agent: Agent) -> None:
    planner = Planner(api.service.engine, Bus(api.service.database), api.clock)
    api.post("/studies", _thinking())
    api.post(f"/agents/{agent.id}/sync", agent.request())
    planner.run_once(0.0)
    assert api.get("/studies/digits")["counts"]["waiting"] == 4


def test_a_search_that_fails_is_asked_again_after_a_while(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = Clock(), []

    def fail(_: Engine, study_id: str, now: float) -> bool:
        asked.append(now)
        raise RuntimeError(study_id)

    monkeypatch.setattr(Engine, "plan", fail)
    planner = Planner(api.service.engine, Bus(api.service.database), clock)
    for pause in (0.0, 1.0, FAILURE_PAUSE_SECONDS):
        clock.now += pause
        planner.ask("s")
        try:
            planner.run_once(0.0)
        except RuntimeError:
            continue
    assert len(asked) == 2


@pytest.mark.postgres
def test_replicas_that_start_together_migrate_once(postgres_url: str) -> None:
    databases = [Database(postgres_url) for _ in range(3)]
    migrate.downgrade(databases[0], "base")
    with ThreadPoolExecutor() as threads:
        list(threads.map(migrate.upgrade, databases))
    assert migrate.differences(databases[0]) == []
    for database in databases:
        database.close()


def _thinking() -> dict[str, object]:
    return study_document(search={"strategy": "coarse_to_fine", "seed": 1})
