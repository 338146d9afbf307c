"""Agents run in a thread of the test, over a local cluster or Ray; and a zip of the tests' code."""

from __future__ import annotations

import hashlib
import io
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from tests.integration.workers.bench_slot import CODE

from caviar_workers.agent import Agent
from caviar_workers.background import Background, Leave
from caviar_workers.checkpoints.removals import Removals
from caviar_workers.checkpoints.store import open_store
from caviar_workers.cluster import Cluster, Post
from caviar_workers.contact import Contact
from caviar_workers.fleet import Fleet
from caviar_workers.folders import node_folder
from caviar_workers.making import FleetOptions
from caviar_workers.service import Service


def zipped_code() -> tuple[str, bytes]:
    """Digest and bytes of a bundle of the tests' training code."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(CODE.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
    data = buffer.getvalue()
    return "sha256:" + hashlib.sha256(data).hexdigest(), data


class RunningAgent:
    def __init__(self, service: Service, cluster_for: Callable[[Post], Cluster], options: FleetOptions) -> None:
        self.inbox: SimpleQueue[Any] = SimpleQueue()
        self.cluster = cluster_for(self.inbox.put)
        self.fleet = Fleet(self.cluster, lambda: uuid.uuid4().hex[:8], options)
        removals = Removals(self._store(), self.inbox.put)
        contact = Contact(service, f"{time.time_ns():020d}", lambda: 0.5, removals=removals)
        background = Background(service, self.cluster, self.inbox.put)
        self.agent = Agent(
            contact, self.cluster, self.fleet, self.inbox, background, clock=time.monotonic, wall=time.time
        )
        self.error: BaseException | None = None
        self.seconds = 0.0
        """CPU time of the agent's thread."""
        self.thread = threading.Thread(target=self._run)

    def _store(self) -> str:
        """Where slots without a URL of their own keep checkpoints."""
        return open_store(str(getattr(self.cluster, "root", node_folder()) / "checkpoints")).url

    def leave(self, *, keep_slots: bool = False) -> None:
        self.inbox.put(Leave(keep_slots))
        self.thread.join(20)
        assert not self.thread.is_alive()

    def _run(self) -> None:
        try:
            self.agent.run()
        except BaseException as error:  # noqa: BLE001
            self.error = error
        self.seconds = time.thread_time()


@contextmanager
def running(
    service: Service, cluster_for: Callable[[Post], Cluster], options: FleetOptions | None = None
) -> Iterator[RunningAgent]:
    agent = RunningAgent(service, cluster_for, options or FleetOptions())
    agent.thread.start()
    try:
        yield agent
    finally:
        if agent.thread.is_alive():
            agent.leave()
