"""The cluster's in-memory twin: slots in this process, with real children, on one pretended node. No Ray."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

from caviar_workers.attempts import SlotSettings
from caviar_workers.cluster import (
    Collected,
    Lost,
    Message,
    PlacementError,
    Post,
    Ready,
    SlotHandle,
    TakenBack,
    Unavailable,
    unpacked,
)
from caviar_workers.protocol import Node, Resources
from caviar_workers.shapes import Shape, amounts, as_resources, fits, without
from caviar_workers.slot import Slot
from caviar_workers.spool import Chunk

NODE = "local"
THREADS = 32


class LocalSlot:
    """Asks its slot in threads, as a cluster would over the network."""

    def __init__(self, name: str, shape: Shape, slot: Slot, cluster: LocalCluster) -> None:
        self.name, self.shape = name, shape
        self._slot, self._cluster = slot, cluster

    def hello(self) -> None:
        self._ask(lambda: Ready(self.name, self.shape, NODE, tuple(orjson.loads(self._slot.held()))))

    def submit(self, batch: bytes) -> None:
        self._slot.submit(batch)

    def provide(self, digest: str, bundle: object) -> None:
        if isinstance(bundle, bytes):
            self._slot.provide(digest, unpacked(digest, bundle, self._cluster.root / "bundles"))

    def collect(self, ack: int, wait: float) -> None:
        self._ask(lambda: Collected(self.name, Chunk.from_bytes(self._slot.collect(ack, wait))))

    def take_back(self) -> None:
        self._ask(lambda: TakenBack(self.name, tuple(orjson.loads(self._slot.take_back()))))

    def command(self, order: bytes) -> None:
        self._slot.command(order)

    def touch(self) -> None:
        self._slot.touch()

    def kill(self) -> None:
        self._cluster.forget(self.name)
        self._slot.close()

    def die(self) -> None:
        """As if the node had gone."""
        self.kill()
        self._cluster.post(Lost(self.name, "the slot has died"))

    def _ask(self, question: Callable[[], Message]) -> None:
        self._cluster.ask(self.name, question)


class LocalCluster:
    """Outlives the agents that use it: `attach` gives the next one's inbox."""

    def __init__(self, total: Resources, root: Path) -> None:
        self.root = root
        self._total = total
        self._post: Post = lambda _: None
        self._slots: dict[str, LocalSlot] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, "caviar-local")

    def attach(self, post: Post) -> LocalCluster:
        self._post = post
        return self

    def nodes(self) -> Sequence[Node]:
        taken = [slot.shape.amounts() for slot in self._slots.values()]
        free = as_resources(without(amounts(self._total), taken))
        return (Node(id=NODE, host="localhost", total=self._total, free=free),)

    def create(self, name: str, shape: Shape) -> SlotHandle:
        wanted = shape.amounts()
        if not fits(amounts(self._total), wanted):
            raise PlacementError(f"no node has {wanted}")
        settings = SlotSettings(name, cpus=shape.cpus, node=NODE, root=self.root)
        self._slots[name] = LocalSlot(name, shape, Slot(settings), self)
        return self._slots[name]

    def existing(self) -> Sequence[SlotHandle]:
        return list(self._slots.values())

    def store(self, bundle: bytes) -> object:
        return bundle

    def close(self) -> None:
        for slot in list(self._slots.values()):
            slot.kill()
        self._threads.shutdown()

    def post(self, message: Message) -> None:
        self._post(message)

    def forget(self, name: str) -> None:
        self._slots.pop(name, None)

    def ask(self, name: str, question: Callable[[], Message]) -> None:
        post = self._post

        def answer() -> None:
            try:
                post(question())
            except Exception as error:  # noqa: BLE001  whatever became of it is an answer
                post(Unavailable(name, str(error)))

        self._threads.submit(answer)
