"""The agent between a fake service and slots without Ray."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.workers.agents import running, zipped_code
from tests.integration.workers.fake_service import FakeServer, FakeService

from caviar_workers.local_cluster import LocalCluster
from caviar_workers.protocol import Resources
from caviar_workers.service import HttpService, Refused

pytestmark = pytest.mark.processes


@pytest.fixture
def service() -> FakeService:
    service = FakeService()
    digest, data = zipped_code()
    service.bundles[digest] = data
    return service


@pytest.fixture
def code() -> str:
    return zipped_code()[0]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    cluster = LocalCluster(Resources(cpus=2, memory_mb=1000), tmp_path / "node")
    yield cluster
    cluster.close()


def test_a_study_is_run_to_its_end(service: FakeService, cluster: LocalCluster, code: str) -> None:
    with running(service, cluster.attach) as agent:
        ids = service.study(20, function="training:good", bundle=code)
        service.until_ended(ids)
    assert all(service.kinds(attempt) == ["started", "report", "report", "report", "finished"] for attempt in ids)
    assert agent.error is None
    assert service.left
    assert not service.live


def test_short_trials_travel_in_batches(service: FakeService, cluster: LocalCluster, code: str) -> None:
    with running(service, cluster.attach):
        ids = service.study(1000, function="training:noop", bundle=code, seconds=0.0001)
        service.until_ended(ids)
    assert service.syncs < 100


def test_over_http_the_same(service: FakeService, cluster: LocalCluster, code: str) -> None:
    server = FakeServer(service)
    client = HttpService(server.url, "secret", "agent")
    with running(client, cluster.attach):
        service.until_ended(service.study(20, function="training:ten", bundle=code, seconds=0.001))
    client.close()
    server.close()


def test_a_wrong_token_ends_the_agent(service: FakeService, cluster: LocalCluster) -> None:
    server = FakeServer(service)
    client = HttpService(server.url, "wrong", "agent")
    with running(client, cluster.attach) as agent:
        agent.thread.join(10)
    client.close()
    server.close()
    assert isinstance(agent.error, Refused)
    assert agent.error.is_about_the_token


def test_no_event_is_lost_while_the_service_is_away(service: FakeService, cluster: LocalCluster, code: str,
                                                    tmp_path: Path) -> None:  # fmt: skip
    flag = tmp_path / "flag"
    with running(service, cluster.attach):
        ids = service.study(2, function="training:waits_for_file", bundle=code, params={"file": str(flag)})
        service.until(lambda: all(service.seen(attempt, "report") for attempt in ids))
        service.away = True
        flag.touch()
        while any(slot._slot._supervisor._running for slot in cluster._slots.values()):
            pass
        assert not any(service.ending(attempt) for attempt in ids)
        service.away = False
        service.until_ended(ids)
    assert [service.kinds(attempt) for attempt in ids] == [["started", "report", "finished"]] * 2


def test_a_stop_reaches_a_running_trial(service: FakeService, cluster: LocalCluster, code: str) -> None:
    with running(service, cluster.attach):
        [attempt] = service.study(1, function="training:polite", bundle=code)
        service.until(lambda: service.seen(attempt, "report"))
        service.order(attempt, "stop")
        service.until_ended([attempt])
    assert service.kinds(attempt)[-1] == "stopped"


def test_a_successor_takes_over_the_slots_and_loses_nothing(service: FakeService, cluster: LocalCluster, code: str,
                                                            tmp_path: Path) -> None:  # fmt: skip
    flag = tmp_path / "flag"
    with running(service, cluster.attach) as first:
        ids = service.study(2, function="training:waits_for_file", bundle=code, params={"file": str(flag)})
        service.until(lambda: all(service.seen(attempt, "started") for attempt in ids))
        first.leave(keep_slots=True)
    flag.touch()
    with running(service, cluster.attach):
        service.until_ended(ids)
    assert [service.kinds(attempt) for attempt in ids] == [["started", "report", "finished"]] * 2


def test_a_lost_slot_is_reported_and_replaced(service: FakeService, cluster: LocalCluster, code: str,
                                              tmp_path: Path) -> None:  # fmt: skip
    with running(service, cluster.attach):
        params = {"file": str(tmp_path / "never")}
        ids = service.study(1, function="training:waits_for_file", bundle=code, params=params)
        service.until(lambda: service.seen(ids[0], "started"))
        next(iter(cluster._slots.values())).die()
        service.until_ended(ids)
        service.until_ended(service.study(1, function="training:noop", bundle=code))
    ending = service.ending(ids[0])
    assert ending is not None
    assert (ending["code"], ending["infrastructure"]) == ("slot_lost", True)


def test_what_waits_behind_a_long_trial_moves_to_an_idle_slot(service: FakeService, cluster: LocalCluster, code: str,
                                                              tmp_path: Path) -> None:  # fmt: skip
    """The second of two trials is quick, but its slot's first one is not: the other slot takes it."""
    flag = tmp_path / "flag"
    with running(service, cluster.attach):
        long = service.study(
            3, function="training:waits_for_file", bundle=code, params={"file": str(flag)}, seconds=0.01
        )
        service.until(lambda: sum(service.seen(attempt, "started") for attempt in long) == 2)
        service.order(next(attempt for attempt in long if service.seen(attempt, "started")), "stop")
        service.until(lambda: all(service.seen(attempt, "started") for attempt in long))
        flag.touch()
        service.until_ended(long)
    assert sum(service.kinds(attempt)[-1] == "finished" for attempt in long) == 2


def test_a_study_may_be_kept_to_fewer_slots(service: FakeService, cluster: LocalCluster, code: str) -> None:
    with running(service, cluster.attach) as agent:
        service.until_ended(service.study(6, function="training:good", bundle=code, seconds=0.2, slots=1))
        assert len(agent.fleet.slots) == 1


def test_slots_of_another_shape_are_dropped_for_room(service: FakeService, cluster: LocalCluster, code: str) -> None:
    with running(service, cluster.attach) as agent:
        service.until_ended(service.study(2, function="training:good", bundle=code))
        service.until_ended(service.study(1, function="training:good", bundle=code, cpus=2))
        assert [view.shape.cpus for view in agent.fleet.slots.values()] == [2.0]


def test_a_missing_bundle_and_an_impossible_shape_have_names(service: FakeService, cluster: LocalCluster) -> None:
    with running(service, cluster.attach):
        missing = service.study(1, function="training:good", bundle="sha256:" + "0" * 64)
        damaged = "sha256:" + "1" * 64
        service.bundles[damaged] = b"no zip"
        broken = service.study(1, function="training:good", bundle=damaged)
        service.until_ended(missing + broken)
    endings = [service.ending(attempt) for attempt in missing + broken]
    assert [ending and ending["code"] for ending in endings] == ["bundle_error"] * 2
