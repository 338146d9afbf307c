"""A cluster without processes: slots remember what they are asked, and the test answers for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from caviar_workers.cluster import Collected, Lost, Message, PlacementError, Ready, SlotHandle, Unavailable
from caviar_workers.fleet import Fleet, Said
from caviar_workers.making import FleetOptions
from caviar_workers.protocol import Assignment, Node, Resources, StudyWork, Train
from caviar_workers.shapes import Shape
from caviar_workers.spool import Chunk


class FakeSlot:
    def __init__(self, name: str, shape: Shape, held: Sequence[str] = ()) -> None:
        self.name, self.shape, self.held_before = name, shape, tuple(held)
        self.batches: list[list[str]] = []
        self.commands: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.provided: list[str] = []
        self.killed = False

    def hello(self) -> None:
        self.asked.append("hello")

    def submit(self, batch: bytes) -> None:
        self.batches.append([attempt["attempt"] for attempt in orjson.loads(batch)["attempts"]])

    def provide(self, digest: str, bundle: object) -> None:
        self.provided.append(digest)

    def collect(self, ack: int, wait: float) -> None:
        self.asked.append(f"collect {ack}")

    def take_back(self) -> None:
        self.asked.append("take_back")

    def command(self, order: bytes) -> None:
        document = orjson.loads(order)
        self.commands.append((document["action"], document["attempt"]))

    def touch(self) -> None:
        self.asked.append("touch")

    def kill(self) -> None:
        self.killed = True


class FakeCluster:
    def __init__(self, *nodes: Node) -> None:
        self._nodes = nodes
        self.slots: list[FakeSlot] = []
        self.before: list[FakeSlot] = []
        self.refuses = ""

    def nodes(self) -> Sequence[Node]:
        return self._nodes

    def create(self, name: str, shape: Shape) -> SlotHandle:
        if self.refuses:
            raise PlacementError(self.refuses)
        self.slots.append(FakeSlot(name, shape))
        return self.slots[-1]

    def existing(self) -> Sequence[SlotHandle]:
        return self.before

    def store(self, bundle: bytes) -> object:
        return bundle


class Stage:
    """A fleet on a fake cluster of one node, and a clock that the test moves."""

    def __init__(self, cpus: float = 2.0, **options: Any) -> None:
        node = Node(id="n", host="h", total=Resources(cpus=cpus), free=Resources(cpus=cpus))
        self.cluster = FakeCluster(node)
        names = iter(f"s{index}" for index in range(1000))
        self.fleet = Fleet(self.cluster, lambda: next(names), FleetOptions(**options))
        self.fleet.see_nodes((node,))
        self.now = 0.0
        self._numbers = iter(range(10_000))

    def assign(self, count: int, study: str = "s", *, seconds: float | None = None, slots: int | None = None,
               cpus: float = 1.0, bundle: str | None = None) -> list[str]:  # fmt: skip
        train = Train(function="m:f", metric="loss", resources=Resources(cpus=cpus), bundle=bundle)
        numbers = [next(self._numbers) for _ in range(count)]
        assignments = [
            Assignment(attempt=f"a{n}", trial=f"t{n}", study=study, number=n, attempt_number=1, params={})
            for n in numbers
        ]
        self.fleet.accept(
            assignments, {study: StudyWork(train=train, name=study, seconds=seconds, slots=slots)}, self.now
        )
        self.arrange()
        return [assignment.attempt for assignment in assignments]

    def arrange(self, after: float = 0.0) -> float:
        self.now += after
        return self.fleet.arrange(self.now, 1000.0)

    def let_pass(self, seconds: int) -> None:
        """A look at the slots each second."""
        for _ in range(seconds):
            self.arrange(after=1.0)

    def take(self, message: Message) -> Said | None:
        said = self.fleet.take(message, self.now, 1000.0)
        self.arrange()
        return said

    def ready(self, *slots: FakeSlot) -> None:
        for slot in slots or self.alive():
            if not self.fleet.slots[slot.name].ready:
                self.take(Ready(slot.name, slot.shape, "n", slot.held_before))

    def end(self, slot: FakeSlot, *attempts: str, upto: int = 1) -> Said | None:
        events = tuple(b"{}" for _ in attempts)
        return self.take(Collected(slot.name, Chunk(upto, attempts, events)))

    def lose(self, slot: FakeSlot) -> None:
        self.take(Lost(slot.name, "gone"))

    def mute(self, slot: FakeSlot) -> None:
        self.take(Unavailable(slot.name, "not there"))

    def alive(self) -> list[FakeSlot]:
        return [slot for slot in self.cluster.slots if not slot.killed and slot.name in self.fleet.slots]

    def own(self) -> list[dict[str, Any]]:
        said = self.fleet.own_events()
        return [orjson.loads(event) for event in said.chunk.events] if said else []
