"""Making slots for what waits, and dropping those that nobody needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from caviar_workers.cluster import Cluster, PlacementError, SlotHandle
from caviar_workers.dispatch import first_fit, room, to_drop
from caviar_workers.protocol import Node
from caviar_workers.shapes import Amounts, Shape, amounts
from caviar_workers.slot_view import SlotView

STARTS_TRIED = 3


@dataclass(frozen=True, slots=True)
class FleetOptions:
    idle_seconds: float = 120.0
    """How long a slot without work stays warm."""
    pending_slots: int = 0
    """Slots asked for beyond what fits, for an autoscaling cluster to see."""
    placement_seconds: float = 30.0
    """How long an assignment waits for a slot before it is handed back."""
    warm: int = 0
    """Slots of the plainest shape that are made ahead and kept."""


class Maker:
    def __init__(
        self, cluster: Cluster, slots: dict[str, SlotView], new_name: Callable[[], str], options: FleetOptions
    ) -> None:
        self._cluster, self._slots, self._new_name, self._options = cluster, slots, new_name, options
        self._nodes: dict[str, Amounts] = {}
        self._failed: dict[Shape, tuple[int, str]] = {}
        """Slots in a row that never came up, and why the last did not."""

    def see_nodes(self, nodes: tuple[Node, ...]) -> None:
        self._nodes = {node.id: amounts(node.total) for node in nodes}

    def adopt(self, now: float) -> None:
        for handle in self._cluster.existing():
            self._watch(handle, Shape(), now)

    def make_for(self, shape: Shape, wanted: int, now: float) -> None:
        """Slots for what waits, as far as they fit, or can be made to fit."""
        coming = sum(view.shape == shape and (not view.ready or view.is_idle()) for view in self._slots.values())
        for _ in range(wanted - coming):
            if self._failed.get(shape, (0, ""))[0] >= STARTS_TRIED or not self._make(shape, now):
                return

    def keep_warm(self, now: float) -> None:
        """The slots that are always ready, where there is room for them."""
        plain = Shape()
        missing = self._options.warm - sum(view.shape == plain for view in self._slots.values())
        for _ in range(missing):
            if first_fit(self._room(), plain.amounts()) is None or self._failed.get(plain):
                return
            self._create(plain, now)

    def drop_idle(self, now: float) -> None:
        spare = sum(view.shape == Shape() for view in self._slots.values()) - self._options.warm
        for view in list(self._slots.values()):
            if not view.is_idle() or view.unsent or now - view.since < self._options.idle_seconds:
                continue
            if view.shape == Shape():
                if spare <= 0:
                    continue
                spare -= 1
            self.drop(view)

    def drop(self, view: SlotView) -> None:
        del self._slots[view.name]
        view.handle.kill()

    def came_up(self, shape: Shape) -> None:
        self._failed.pop(shape, None)

    def never_came_up(self, shape: Shape, reason: str) -> None:
        count = self._failed.get(shape, (0, ""))[0]
        self._failed[shape] = (count + 1, reason)

    def given_up(self, shape: Shape) -> str | None:
        """Why there will be no slots of this shape; asked once, then it is tried again."""
        if self._failed.get(shape, (0, ""))[0] < STARTS_TRIED:
            return None
        return self._failed.pop(shape)[1]

    def _make(self, shape: Shape, now: float) -> bool:
        wanted, free = shape.amounts(), self._room()
        if first_fit(free, wanted) is None:
            dropped = to_drop(free, wanted, self._idle_of_others(shape))
            if dropped is None and sum(not view.ready for view in self._slots.values()) >= self._options.pending_slots:
                return False
            for name in dropped or ():
                self.drop(self._slots[name])
        return self._create(shape, now)

    def _create(self, shape: Shape, now: float) -> bool:
        try:
            handle = self._cluster.create(self._new_name(), shape)
        except PlacementError as error:
            self._failed[shape] = (STARTS_TRIED, str(error))
            return False
        self._watch(handle, shape, now)
        return True

    def _watch(self, handle: SlotHandle, shape: Shape, now: float) -> None:
        self._slots[handle.name] = SlotView(handle, shape, now)
        handle.hello()

    def _room(self) -> dict[str, Amounts]:
        return room(self._nodes, [(view.node, view.shape.amounts()) for view in self._slots.values()])

    def _idle_of_others(self, shape: Shape) -> list[tuple[str, str, Amounts]]:
        idle = [view for view in self._slots.values() if view.is_idle() and not view.unsent and view.shape != shape]
        return [(view.name, view.node, view.shape.amounts()) for view in sorted(idle, key=lambda view: view.since)]
