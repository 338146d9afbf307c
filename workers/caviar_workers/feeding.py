"""Batches from what waits to the slots, and back when they would wait too long there."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from caviar_workers.dispatch import batch_size, fair_batch
from caviar_workers.protocol import Assignment
from caviar_workers.shapes import Shape
from caviar_workers.slot_view import Batch, SlotView
from caviar_workers.waiting import Kind, Pile, Waiting

STUCK_AFTER = 0.1
TAKE_BACK_EVERY = 1.0


class Feeder:
    def __init__(self, slots: Mapping[str, SlotView], waiting: Waiting, bundles: Mapping[str, object]) -> None:
        self._slots, self._waiting, self._bundles = slots, waiting, bundles
        self.lease_seconds = 60.0

    def feed_idle(self, now: float) -> None:
        """A batch for each slot without work, the kinds taking turns."""
        while any(self._feed_one(pile, now) for pile in self._waiting.piles()):
            pass

    def feed_ahead(self, now: float) -> None:
        """A second batch for slots that have one, of what is not reserved for slots on their way."""
        for pile in self._waiting.piles():
            reserved = self.starting(pile.kind.shape) * batch_size(pile.seconds)
            for view in self._of_shape(pile.kind.shape):
                spare = len(pile.assignments) - reserved
                if view.takes_more() and len(view.batches) == 1 and spare > 0 and self._is_at_hand(pile.kind):
                    self._send(view, pile, min(spare, batch_size(pile.seconds)), now)

    def rebalance(self, now: float) -> set[Shape]:
        """What waits behind a long trial is taken back for an idle slot. Shapes of which one would help."""
        lacking: set[Shape] = set()
        for view in self._slots.values():
            if self._is_stuck(view, now):
                if any(other.is_idle() for other in self._of_shape(view.shape)):
                    view.taking_back, view.taken_back_at = True, now
                    view.handle.take_back()
                else:
                    lacking.add(view.shape)
        return lacking

    def next_look(self, now: float) -> float:
        """Seconds until `rebalance` may find something."""
        waiting = [view for view in self._slots.values() if len(view.attempts()) > 1]
        times = [max(view.since + STUCK_AFTER, view.taken_back_at + TAKE_BACK_EVERY) for view in waiting]
        return min((time - now for time in times if time > now), default=float("inf"))

    def wanted_slots(self) -> dict[Shape, int]:
        """How many more slots of each shape what waits could use."""
        wanted: dict[Shape, int] = {}
        for pile in self._waiting.piles():
            batches = -(-len(pile.assignments) // batch_size(pile.seconds))
            if pile.slots is not None:
                batches = min(batches, max(0, pile.slots - self.running_slots(pile.kind)))
            wanted[pile.kind.shape] = wanted.get(pile.kind.shape, 0) + batches
        return wanted

    def starting(self, shape: Shape) -> int:
        return sum(not view.ready for view in self._of_shape(shape))

    def running_slots(self, kind: Kind) -> int:
        """Slots at work on this kind."""
        return sum(any(batch.kind == kind for batch in view.batches) for view in self._slots.values())

    def _feed_one(self, pile: Pile, now: float) -> bool:
        idle = [view for view in self._of_shape(pile.kind.shape) if view.is_idle() and view.takes_more()]
        allowed = len(idle) if pile.slots is None else min(len(idle), pile.slots - self.running_slots(pile.kind))
        if allowed <= 0 or not pile.assignments or not self._is_at_hand(pile.kind):
            return False
        view = min(idle, key=lambda each: _foreignness(each, pile.kind))
        self._send(view, pile, fair_batch(pile.seconds, len(pile.assignments), allowed), now)
        return True

    def _send(self, view: SlotView, pile: Pile, count: int, now: float) -> None:
        kind = pile.kind
        if kind.bundle and kind.bundle not in view.provided:
            view.provided.add(kind.bundle)
            view.handle.provide(kind.bundle, self._bundles[kind.bundle])
        taken = self._waiting.take(kind, count)
        view.batches.append(Batch(kind, {assignment.attempt: assignment for assignment in taken}))
        view.last_kind = kind
        view.since = now
        view.handle.submit(_as_batch(kind, taken, self.lease_seconds))

    def _is_stuck(self, view: SlotView, now: float) -> bool:
        """Whether attempts wait in this slot that could go on elsewhere."""
        if not view.ready or view.taking_back or len(view.attempts()) < 2 or now - view.since <= STUCK_AFTER:
            return False
        kind = view.batches[-1].kind
        if kind is None or now - view.taken_back_at <= TAKE_BACK_EVERY:
            return False
        limit = self._waiting.slots_of(kind)
        return limit is None or self.running_slots(kind) < limit

    def _is_at_hand(self, kind: Kind) -> bool:
        return kind.bundle is None or kind.bundle in self._bundles

    def _of_shape(self, shape: Shape) -> list[SlotView]:
        return [view for view in self._slots.values() if view.shape == shape]


def _foreignness(view: SlotView, kind: Kind) -> int:
    """How much a slot has to change for this kind: its child may be warm already."""
    if view.last_kind == kind:
        return 0
    return 1 if view.last_kind is not None and view.last_kind.bundle == kind.bundle else 2


def _as_batch(kind: Kind, assignments: list[Assignment], lease_seconds: float) -> bytes:
    attempts = [_as_entry(each) for each in assignments]
    lease = orjson.dumps(lease_seconds)
    return b'{"work":' + kind.work + b',"attempts":' + orjson.dumps(attempts) + b',"lease_seconds":' + lease + b"}"


def _as_entry(assignment: Assignment) -> dict[str, object]:
    entry = {
        "attempt": assignment.attempt,
        "trial": assignment.trial,
        "number": assignment.number,
        "params": assignment.params,
    }
    if assignment.checkpoints:
        entry["checkpoints"] = [[each.uri, each.step, each.digest] for each in assignment.checkpoints]
    return entry
