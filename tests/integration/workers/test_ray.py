"""Slots on a real Ray: one for the module, with two CPUs and four GPUs that it only pretends to have."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.workers.agents import running, zipped_code
from tests.integration.workers.descendants import descendants, wait_until
from tests.integration.workers.fake_service import FakeServer, FakeService

from caviar_workers.__main__ import NO_RAY, REFUSED, agent_id
from caviar_workers.cluster import Post
from caviar_workers.folders import FOLDER_VARIABLE
from caviar_workers.ray_runtime import LocalRay, connect, start_local_ray, stop_local_ray

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("ray"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

NAMESPACE = "tests"


@pytest.fixture(scope="module")
def local_ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRay]:
    folder = tmp_path_factory.mktemp("ray")
    local = start_local_ray(folder, cpus=2, gpus=4)
    connect(local.address, NAMESPACE, folder / "ray-token")
    yield local
    import ray

    ray.shutdown()
    stop_local_ray(local)
    assert not ray_processes(folder), "Ray left processes behind"


@pytest.fixture
def service() -> FakeService:
    service = FakeService()
    digest, data = zipped_code()
    service.bundles[digest] = data
    return service


@pytest.fixture
def code() -> str:
    return zipped_code()[0]


def ray_cluster(post: Post):
    from caviar_workers.ray_cluster import RayCluster

    return RayCluster(post, NAMESPACE)


def ray_processes(folder: Path) -> list[int]:
    """Processes that were told to keep their things in this folder."""
    wanted = f"{FOLDER_VARIABLE}={folder / 'node'}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_gpus_are_given_out_and_hidden_from_those_who_asked_for_none(
    local_ray: LocalRay, service: FakeService, code: str
) -> None:
    with running(service, ray_cluster) as agent:
        whole = service.study(1, function="training:environment", bundle=code, cpus=0.5, gpus=2.0)
        half = service.study(1, function="training:environment", bundle=code, cpus=0.5, gpus=0.5)
        none = service.study(1, function="training:environment", bundle=code, cpus=0.5)
        service.until_ended(whole + half + none)
        assert {(view.shape.cpus, view.shape.gpus) for view in agent.fleet.slots.values()} == {
            (0.5, 2.0),
            (0.5, 0.5),
            (0.5, 0.0),
        }
    seen = [json.loads(service.log(attempt)) for attempt in whole + half + none]
    devices = [set(filter(None, each["CUDA_VISIBLE_DEVICES"].split(","))) for each in seen]
    assert [len(each) for each in devices] == [2, 1, 0]
    assert not devices[0] & devices[1]
    assert all(each["secrets"] == [] for each in seen)


def test_two_trials_run_at_once_and_slots_are_reused(
    local_ray: LocalRay, service: FakeService, code: str, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    with running(service, ray_cluster):
        first = service.study(2, function="training:waits_for_file", bundle=code, params={"file": str(flag)})
        service.until(lambda: all(service.seen(attempt, "report") for attempt in first))
        flag.touch()
        later = service.study(10, function="training:process_id", bundle=code)
        service.until_ended(first + later)
    children = {service.events[attempt][0]["pid"] for attempt in first}
    assert len(children) == 2
    assert {service.events[attempt][0]["pid"] for attempt in later} <= children


def test_a_killed_slot_takes_its_child_along_and_is_reported(
    local_ray: LocalRay, service: FakeService, code: str, tmp_path: Path
) -> None:
    with running(service, ray_cluster):
        [attempt] = service.study(1, function="training:forks_and_hides", bundle=code)
        service.until(lambda: service.seen(attempt, "report"))
        child = service.events[attempt][0]["pid"]
        os.kill(parent_of(child), signal.SIGKILL)
        service.until_ended([attempt])
        service.until_ended(service.study(1, function="training:noop", bundle=code))
        assert child not in descendants()
    ending = service.ending(attempt)
    assert ending is not None
    assert (ending["code"], ending["infrastructure"]) == ("slot_lost", True)
    wait_until(lambda: not descendants())


def test_an_agent_that_is_killed_leaves_its_slots_to_the_next(
    local_ray: LocalRay, service: FakeService, code: str, tmp_path: Path
) -> None:
    server = FakeServer(service)
    flag = tmp_path / "flag"
    ids = service.study(2, function="training:waits_for_file", bundle=code, params={"file": str(flag)})
    first = start_agent(server.url, local_ray, "heir")
    service.until(lambda: all(service.seen(attempt, "report") for attempt in ids))
    children = {service.events[attempt][0]["pid"] for attempt in ids}
    first.kill()
    first.wait()
    flag.touch()
    second = start_agent(server.url, local_ray, "heir")
    service.until_ended(ids)
    assert [service.kinds(attempt) for attempt in ids] == [["started", "report", "finished"]] * 2
    again = service.study(2, function="training:process_id", bundle=code)
    service.until_ended(again)
    assert {service.ending(attempt)["metrics"]["loss"] for attempt in again} == children  # type: ignore[index]
    second.terminate()
    assert second.wait(20) == 0
    assert service.left
    server.close()
    wait_until(lambda: not descendants())


def test_a_wrong_token_is_said_in_a_sentence(local_ray: LocalRay, service: FakeService) -> None:
    server = FakeServer(service)
    agent = start_agent(server.url, local_ray, "stranger", token="wrong", stderr=subprocess.PIPE)
    _, said = agent.communicate(timeout=60)
    server.close()
    assert agent.returncode == REFUSED
    assert "does not accept this token (401)" in said.decode()


def test_no_ray_is_said_in_a_sentence() -> None:
    command = [sys.executable, "-m", "caviar_workers", "--server", "http://127.0.0.1:1", "--ray-address", "127.0.0.1:1"]
    said = subprocess.run(command, env={**os.environ, "CAVIAR_TOKEN": "x"}, capture_output=True, text=True, check=False)
    assert said.returncode == NO_RAY
    assert said.stderr == "caviar agent: no Ray at '127.0.0.1:1': Connection refused\n"


def test_ray_goes_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Killed at once, while Ray is coming up."""
    script = "import sys; from pathlib import Path; from caviar_workers.ray_runtime import start_local_ray; "
    script += "start_local_ray(Path(sys.argv[1]), 1, 0)"
    starter = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    wait_until(lambda: len(ray_processes(tmp_path)) >= 2)
    starter.kill()
    starter.wait()
    wait_until(lambda: not ray_processes(tmp_path))


def start_agent(url: str, local: LocalRay, name: str, token: str = "secret", **how) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "caviar_workers", "--server", url, "--ray-address", local.address, "--name", name]
    command += ["--ray-token-file", str(local.folder / "ray-token")]
    return subprocess.Popen(command, env={**os.environ, "CAVIAR_TOKEN": token}, **how)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def test_an_agents_id_is_the_same_in_each_life() -> None:
    assert agent_id("a") == agent_id("a") != agent_id("b")


def test_a_share_of_several_gpus_is_refused_by_name(local_ray: LocalRay, service: FakeService, code: str) -> None:
    with running(service, ray_cluster):
        [attempt] = service.study(1, function="training:noop", bundle=code, gpus=1.5)
        service.until_ended([attempt])
    ending = service.ending(attempt)
    assert ending is not None
    assert ending["code"] == "placement"
