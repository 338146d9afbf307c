"""What an agent waits for beside its slots, each in a thread that posts to the agent's inbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue

from pydantic import ValidationError

from caviar_workers.cluster import Cluster, ClusterGoneError
from caviar_workers.protocol import Node, SyncResponse
from caviar_workers.service import Refused, Service, ServiceAway

NODES_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class PollAnswered:
    """The parked request `number` has come back, with an answer or without."""

    number: int
    response: SyncResponse | None
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class NodesSeen:
    nodes: tuple[Node, ...] | None
    """None: there is no cluster any more."""


@dataclass(frozen=True, slots=True)
class BundleFetched:
    digest: str
    data: bytes | None
    refused: str | None = None
    """Why there is none and never will be; else it is worth another try."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The agent shall end. `keep_slots`: for a successor."""

    keep_slots: bool = False


BackgroundMessage = PollAnswered | NodesSeen | BundleFetched | Leave
Post = Callable[[BackgroundMessage], None]


class Background:
    """The agent's threads; all are daemons and none holds anything that would be lost with it."""

    def __init__(self, service: Service, cluster: Cluster, post: Post) -> None:
        self._service, self._cluster, self._post = service, cluster, post
        self._to_park: SimpleQueue[tuple[int, bytes, float] | None] = SimpleQueue()
        self._fetchers = ThreadPoolExecutor(2, "caviar-bundles")
        self._ended = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=each, daemon=True) for each in (self._poll, self._watch_nodes)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._to_park.put(None)
            self._fetchers.shutdown(wait=False, cancel_futures=True)

    def park(self, number: int, body: bytes, wait: float) -> None:
        """Sends a request that the service answers when there is something to do. One at a time."""
        self._to_park.put((number, body, wait))

    def fetch(self, digest: str) -> None:
        self._fetchers.submit(self._fetch, digest)

    def _poll(self) -> None:
        while (parked := self._to_park.get()) is not None:
            number, body, wait = parked
            self._post(self._asked(number, body, wait))

    def _asked(self, number: int, body: bytes, wait: float) -> PollAnswered:
        try:
            return PollAnswered(number, SyncResponse.model_validate_json(self._service.sync(body, wait)))
        except (ServiceAway, ValidationError):
            return PollAnswered(number, None)
        except Refused as refused:
            return PollAnswered(number, None, refused)

    def _watch_nodes(self) -> None:
        while not self._ended.wait(NODES_EVERY):
            try:
                nodes: Sequence[Node] = self._cluster.nodes()
            except ClusterGoneError:
                self._post(NodesSeen(None))
                return
            self._post(NodesSeen(tuple(nodes)))

    def _fetch(self, digest: str) -> None:
        try:
            self._post(BundleFetched(digest, self._service.bundle(digest)))
        except ServiceAway:
            self._post(BundleFetched(digest, None))
        except Refused as refused:
            self._post(BundleFetched(digest, None, f"the service does not give bundle {digest[:19]}…: {refused}"))
