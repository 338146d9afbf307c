"""docker-compose.yml, each service's command as a process of this machine: a study's trials run on both Ray workers."""

import io
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from tests.support import compose, postgres

pytestmark = [pytest.mark.processes, pytest.mark.postgres, pytest.mark.timeout(240), pytest.mark.xdist_group("ray")]

SECRETS = ("POSTGRES_PASSWORD", "CAVIAR_ADMIN_TOKEN", "CAVIAR_AGENT_TOKEN", "RAY_AUTH_TOKEN")
MEET = '''
import os, time
from pathlib import Path

def main(trial):
    """Waits until two slots have trials: each has one CPU, and each node has one."""
    meeting = Path(trial.params["folder"])
    (meeting / str(os.getppid())).touch()
    until = time.monotonic() + 60
    while len(list(meeting.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    for step in trial.steps(3):
        trial.report(step=step, loss=trial.params["x"] / (step + 1))
    return {"loss": trial.params["x"]}
'''


@pytest.fixture
def variables() -> dict[str, str]:
    filled = {name: secrets.token_hex(16) for name in SECRETS}
    filled["CAVIAR_ADMIN_TOKEN"] = f"cav_{secrets.token_hex(16)}"
    filled["CAVIAR_AGENT_TOKEN"] = f"cav_{secrets.token_hex(16)}"
    return filled | {"RAY_WORKER_CPUS": "1"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, for Ray's sockets, and open to the user that PostgreSQL runs as."""
    made = Path(tempfile.mkdtemp(prefix="cvr-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def stack(folder: Path, services: dict[str, Any]) -> Iterator[tuple[compose.Local, str]]:
    """All services of the file, two workers; yields the service's address."""
    database, http, ray = compose.free_ports(3)
    ports = {"5432": database, "8700": http, "6379": ray}
    mark = secrets.token_hex(8)
    addresses = compose.Addresses(tuple(services), ports)
    with (
        database_running(folder, services["postgres"]["environment"], database),
        compose.Local(folder, addresses, mark) as local,
    ):
        data = {"CAVIAR_DATA_DIR": str(folder / "service")}
        local.start("service", services["service"], data)
        local.await_healthy("service", services["service"], data, 60)
        head = {"CAVIAR_DATA_DIR": str(folder / "agent"), "RAY_TMPDIR": str(folder / "r")}
        Path(head["RAY_TMPDIR"]).mkdir()
        small = "--object-store-memory=80000000"
        local.start("ray-head", services["ray-head"], head, small)
        local.await_healthy("ray-head", services["ray-head"], head, 60)
        for name in ("ray-worker-1", "ray-worker-2"):
            own = f"--temp-dir={folder}/{name[-1]}"  # sockets in one folder get one name when two nodes start at once
            local.start(name, services["ray-worker"], {}, small, own)
        yield local, f"http://127.0.0.1:{http}"
    left = compose.marked(mark)
    compose.end(left)
    assert not left


@contextmanager
def database_running(folder: Path, environment: dict[str, str], port: str) -> Iterator[None]:
    """What the image's entry point does with the service's environment."""
    programs, user = postgres.programs_folder(), postgres.unprivileged_user()
    if programs is None:
        missing = "no PostgreSQL: apt-get install postgresql"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    home = folder / "postgres"
    home.mkdir()
    if user is not None:
        programs = postgres.readable_programs(programs, folder)
        os.chown(home, user.pw_uid, user.pw_gid)
    name, password = environment["POSTGRES_USER"], environment["POSTGRES_PASSWORD"]
    key, data = home / "password", home / "data"
    key.write_text(password, encoding="ascii")
    options = ["-U", name, "-A", "scram-sha-256", "--pwfile", key, "-E", "UTF8", "--no-sync"]
    postgres._run([programs / "initdb", "-D", data, *options], user)
    listening = f"-p {port} -k {home} -c listen_addresses=127.0.0.1"
    postgres._run([programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", listening, "start"], user)
    try:
        address = f"postgresql://{name}:{password}@127.0.0.1:{port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{environment["POSTGRES_DB"]}"'.encode())
        yield
    finally:
        postgres._run([programs / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop"], user)


def bundle() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("train.py", MEET)
    return body.getvalue()


def document(digest: str, meeting: Path) -> dict[str, Any]:
    return {
        "name": "on-both",
        "metric": {"name": "loss", "goal": "minimize"},
        "train": {"function": "train:main"},
        "code": {"bundle": digest},
        "space": {
            "x": {"type": "float", "low": 0.0, "high": 1.0},
            "folder": {"type": "constant", "value": str(meeting)},
        },
        "search": {"strategy": "random", "seed": 3},
        "budget": {"trials": 12},
        "resources": {"cpus": 1},
    }


def finished(http: httpx2.Client, name: str) -> dict[str, Any]:
    """The study when it has finished; as it is after two minutes otherwise."""
    for _ in range(2):
        study: dict[str, Any] = http.get(f"/api/v1/studies/{name}", params={"wait": "60s", "until": "finished"}).json()
        if study["finished_at"] is not None:
            break
    return study


def test_a_study_submitted_over_rest_trains_on_both_workers(folder: Path, variables: dict[str, str]) -> None:
    services = compose.load(variables)["services"]
    meeting = folder / "meeting"
    meeting.mkdir()
    headers = {"Authorization": f"Bearer {variables['CAVIAR_ADMIN_TOKEN']}"}
    with (
        stack(folder, services) as (local, url),
        httpx2.Client(base_url=url, headers=headers, timeout=60) as http,
    ):
        digest = http.post("/api/v1/bundles", content=bundle()).raise_for_status().json()["digest"]
        http.post("/api/v1/studies", json=document(digest, meeting)).raise_for_status()
        study = finished(http, "on-both")
        assert study["state"] == "completed", (study, local.log("service"), local.log("ray-head"))
        assert study["counts"]["completed"] == 12
        trials = http.get("/api/v1/studies/on-both/trials").json()["items"]
        assert len({trial["node"] for trial in trials}) == 2
        assert study["best"]["value"] == min(trial["value"] for trial in trials)
