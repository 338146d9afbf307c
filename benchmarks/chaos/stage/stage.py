"""The whole of Caviar on a stage: a database, services, Ray, an agent, and a witness between the last two."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.chaos.stage import marks
from benchmarks.chaos.stage.part import NotYet, Part
from benchmarks.chaos.stage.postgres import Postgres
from benchmarks.chaos.stage.ray_nodes import PIDS_FILE
from benchmarks.chaos.stage.witness import Say, witnessed
from tests.support.compose import ROOT, free_ports

from caviar.client.bundle import pack_folder
from caviar.storage.database import Database
from caviar_workers.ray_runtime import ADDRESS_FILE, TOKEN_FILE, short_temp, token_environment

ADMIN, AGENT = "cav_chaos-admin", "cav_chaos-agent"
READY_SECONDS = 600.0
"""A machine that others load takes minutes to start a service."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`nodes`: of a Ray cluster, one CPU each; 0: the local Ray of `caviar up`, of `cpus`."""

    postgres: bool = False
    services: int = 1
    nodes: int = 0
    cpus: int = 2
    lease_seconds: float = 10.0
    agent: bool = True
    shutdown_seconds: int = 8


@dataclass
class Stage:
    folder: Path
    mark: str
    say: Say
    parts: dict[str, Part] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    postgres: Postgres | None = None
    database_url: str = ""

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAVIAR_", "RAY_"))}
        sources = os.pathsep.join(str(ROOT / name) for name in (".", "service", "workers"))
        paths = {"PYTHONPATH": sources, "PYTHONUNBUFFERED": "1"}
        return {**kept, **paths, marks.MARK: self.mark, **more}

    def client(self, service: int = 0) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {ADMIN}"}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.ports[service]}", headers=headers, timeout=30.0)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        database = Database(self.database_url, pool_size=2)
        try:
            yield database
        finally:
            database.close()

    def await_ready(self, service: int = 0, seconds: float = READY_SECONDS) -> None:
        with self.client(service) as http:
            until(lambda: http.get("/readyz", timeout=2.0).status_code == 200, "the service is ready", seconds)

    def await_agent(self, slots: int) -> None:
        """Until so many slots are up."""
        until(lambda: len(self.slots()) >= slots, f"{slots} slots are up", READY_SECONDS)

    def slots(self) -> list[int]:
        return [pid for pid in marks.marked(self.mark) if is_slot(marks.command_of(pid))]

    def children(self) -> list[int]:
        return [pid for pid in marks.marked(self.mark) if is_child(marks.command_of(pid))]

    def bundle(self, http: httpx2.Client, code: Path) -> str:
        """Its digest, at the service."""
        body, headers = pack_folder(code).content, {"Content-Type": "application/zip"}
        digest: str = http.post("/api/v1/bundles", content=body, headers=headers).raise_for_status().json()["digest"]
        return digest

    def add(self, name: str, command: Callable[[], list[str]], environment: Mapping[str, str]) -> Part:
        part = self.parts[name] = Part(name, command, self.folder / f"{name}.log", environment)
        return part

    def close(self) -> None:
        for part in reversed(self.parts.values()):
            part.stop()


def is_slot(command: bytes) -> bool:
    """A process of Ray's shows the class of its actor."""
    return command.startswith(b"ray::") and b"Slot" in command


def is_child(command: bytes) -> bool:
    return b"caviar_workers.runner.child" in command


def until(is_so: Callable[[], Any], what: str, seconds: float, pause: float = 0.05) -> float:
    """Waits until it is so; how long that took. What HTTP and databases cannot say now is not so yet."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with suppress(httpx2.HTTPError):
            if is_so():
                return time.monotonic() - began
        time.sleep(pause)
    raise TimeoutError(f"not after {seconds:.0f} s: {what}")


@contextmanager
def staged(folder: Path, setting: Setting, say: Say) -> Iterator[Stage]:
    """All of it up, with its first slots warm. Nothing of it is left afterwards."""
    stage = Stage(folder, secrets.token_hex(8), say)
    temp = short_temp() / f"chaos-{stage.mark[:8]}"
    temp.mkdir()
    with ExitStack() as ending:
        ending.callback(lambda: shutil.rmtree(temp, ignore_errors=True))
        ending.callback(lambda: marks.end(marks.marked(stage.mark)))
        ending.callback(stage.close)
        _add_database(stage, setting)
        for index in range(setting.services):
            _add_service(stage, setting, index).start()
            stage.await_ready(index)
        if setting.agent:
            url = ending.enter_context(witnessed(stage.ports, say))
            _add_ray(stage, setting, temp).start()
            _add_agent(stage, setting, url).start()
            stage.await_agent(min(2, setting.nodes or setting.cpus))
        yield stage


def _add_database(stage: Stage, setting: Setting) -> None:
    stage.database_url = f"sqlite:///{stage.folder}/data/caviar.db"
    if setting.postgres:
        stage.postgres = Postgres(stage.folder, stage.environment())
        stage.parts["postgres"] = stage.postgres.part
        stage.postgres.start()
        stage.database_url = stage.postgres.url


def _add_service(stage: Stage, setting: Setting, index: int) -> Part:
    port = int(free_ports(index + 1)[index])
    stage.ports.append(port)
    given = {
        "CAVIAR_DATABASE_URL": stage.database_url,
        "CAVIAR_ADMIN_TOKEN": ADMIN,
        "CAVIAR_AGENT_TOKEN": AGENT,
        "CAVIAR_LEASE_SECONDS": f"{setting.lease_seconds:g}",
        "CAVIAR_SHUTDOWN_SECONDS": str(setting.shutdown_seconds),
        "CAVIAR_REQUESTS_PER_MINUTE": "1000000",
    }
    folder = stage.folder / ("data" if index == 0 else f"data-{index}")
    command = [sys.executable, "-m", "caviar.api", "--port", str(port), "--data-dir", str(folder)]
    return stage.add(_name("service", index), lambda: command, stage.environment(**given))


def _add_ray(stage: Stage, setting: Setting, temp: Path) -> Part:
    folder = stage.folder / "ray"
    folder.mkdir()
    more = {"CAVIAR_NODE_FOLDER": str(folder / "node"), "RAY_TMPDIR": str(temp)}
    several = [sys.executable, "-m", "benchmarks.chaos.stage.ray_nodes", str(folder), str(setting.nodes)]
    local = [sys.executable, "-m", "caviar_workers.ray_runtime", "--data-dir", str(folder), "--cpus", str(setting.cpus)]

    def command() -> list[str]:
        for name in (ADDRESS_FILE, PIDS_FILE):
            (folder / name).unlink(missing_ok=True)
        return several if setting.nodes else local

    return stage.add("ray", command, stage.environment(**more))


def _add_agent(stage: Stage, setting: Setting, url: str) -> Part:
    address, token = stage.folder / "ray" / ADDRESS_FILE, stage.folder / "ray" / TOKEN_FILE
    warm = str(setting.nodes or setting.cpus)

    def command() -> list[str]:
        try:
            where = address.read_text().strip()
        except OSError:
            raise NotYet from None
        options = ["--name", "chaos", "--warm-slots", warm]
        return [sys.executable, "-m", "caviar_workers", "--server", url, "--ray-address", where, *options]

    return stage.add("agent", command, stage.environment(CAVIAR_TOKEN=AGENT, **token_environment(token)))


def _name(kind: str, index: int) -> str:
    return kind if index == 0 else f"{kind}-{index}"
