"""The slots of one agent: made for what waits, fed, watched, and dropped. Decides; the cluster does.

Everything is called from one thread, the agent's. Time is an argument: `now` of a steady clock, `at` since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import assert_never

import orjson

from caviar_workers import sayings
from caviar_workers.cluster import Cluster, Collected, Lost, Message, Ready, TakenBack, Unavailable
from caviar_workers.dispatch import room
from caviar_workers.feeding import Feeder
from caviar_workers.making import FleetOptions, Maker
from caviar_workers.protocol import Assignment, Command, FailureCode, Node, Resources, StudyWork
from caviar_workers.shapes import Shape, amounts, as_resources
from caviar_workers.slot_view import Batch, SlotView
from caviar_workers.spool import Chunk
from caviar_workers.waiting import Kind, Waiting

COLLECT_WAIT = 10.0
RETRY_AFTER = 1.0
ABSENT_SECONDS = 5.0
"""Between two looks at the slots, after which this process itself has stood still."""


@dataclass(frozen=True, slots=True)
class Said:
    """Events to send. Acknowledge them by `slot` and `chunk.upto`; the agent's own have no slot."""

    slot: str | None
    chunk: Chunk


class Fleet:
    def __init__(self, cluster: Cluster, new_name: Callable[[], str], options: FleetOptions = FleetOptions()) -> None:  # noqa: B008
        self._cluster, self._options = cluster, options
        self.slots: dict[str, SlotView] = {}
        self.waiting = Waiting()
        self._bundles: dict[str, object] = {}
        self._looked_at = float("-inf")
        self._own: list[tuple[str, bytes]] = []
        """The agent's own events: attempt, event."""
        self._feeder = Feeder(self.slots, self.waiting, self._bundles)
        self._maker = Maker(cluster, self.slots, new_name, options)

    # What comes in

    def adopt(self, now: float) -> None:
        """Finds the slots of a previous life, which answer with Ready."""
        self._maker.adopt(now)

    def see_nodes(self, nodes: Sequence[Node]) -> None:
        self._maker.see_nodes(tuple(nodes))

    def accept(self, assignments: Sequence[Assignment], studies: Mapping[str, StudyWork], now: float) -> None:
        """Takes new assignments in. One that is already here is not taken twice."""
        here = {attempt for view in self.slots.values() for attempt in view.attempts()} if assignments else set()
        by_study: dict[str, list[Assignment]] = {}
        for assignment in assignments:
            if assignment.attempt not in here:
                by_study.setdefault(assignment.study, []).append(assignment)
        for study, fresh in by_study.items():
            self.waiting.add(study, studies[study], fresh, now)

    def set_lease(self, seconds: float) -> None:
        self._feeder.lease_seconds = seconds

    def obey(self, command: Command, at: float) -> None:
        if self.waiting.remove(command.attempt):
            if command.action != "forget":
                # pause and nudge: it is given out again, later or with its new parameters
                say = sayings.stopped if command.action == "stop" else sayings.returned
                self._own.append((command.attempt, say(command.attempt, at)))
            return
        for view in self.slots.values():
            if any(command.attempt in batch.left for batch in view.batches):
                view.handle.command(orjson.dumps(command.model_dump(mode="json")))
                if command.action == "forget":
                    view.remove(command.attempt)
                return

    def take(self, message: Message, now: float, at: float) -> Said | None:
        """What became of a slot, or what it has said: events to send on, if there are any."""
        view = self.slots.get(message.slot)
        if view is None:
            return None
        match message:
            case Ready():
                self._welcome(view, message, now)
            case Collected(_, chunk):
                return self._collected(view, chunk, now)
            case TakenBack(_, attempts):
                self._taken_back(view, attempts, now, at)
            case Unavailable():
                view.collecting = view.taking_back = False
                view.unavailable_since = view.unavailable_since or now
            case Lost(_, reason):
                self._lost(view, reason, at)
            case _:
                assert_never(message)
        return None

    def own_events(self) -> Said | None:
        """What the agent itself has to say."""
        if not self._own:
            return None
        said = Chunk(0, tuple(attempt for attempt, _ in self._own), tuple(event for _, event in self._own))
        self._own.clear()
        return Said(None, said)

    def acknowledge(self, slot: str | None, upto: int) -> None:
        """The service has what the slot said up to here."""
        view = self.slots.get(slot) if slot else None
        if view is not None:
            view.ack, view.unsent = upto, False

    def store_bundle(self, digest: str, data: bytes) -> None:
        self._bundles[digest] = self._cluster.store(data)

    def fail_bundle(self, digest: str, reason: str, at: float) -> None:
        """There is no such bundle: what waits for it fails."""
        self._fail_waiting(lambda kind: kind.bundle == digest, FailureCode.BUNDLE, reason, at)

    # What it holds

    def missing_bundles(self) -> set[str]:
        wanted = {pile.kind.bundle for pile in self.waiting.piles()}
        return {digest for digest in wanted if digest and digest not in self._bundles}

    def held(self) -> list[str]:
        return [*(attempt for view in self.slots.values() for attempt in view.attempts()), *self.waiting.ids()]

    def is_settled(self) -> bool:
        """Whether all slots have answered, at the beginning."""
        return all(view.ready or view.unavailable_since is not None for view in self.slots.values())

    def busy(self) -> int:
        return sum(bool(view.batches) for view in self.slots.values())

    def free(self, nodes: Iterable[Node]) -> dict[str, Resources]:
        """What trials could still take of each node: slots without work count as free."""
        totals = {node.id: amounts(node.total) for node in nodes}
        working = [(view.node, view.shape.amounts()) for view in self.slots.values() if view.batches]
        return {node: as_resources(left) for node, left in room(totals, working).items()}

    # What it does

    def arrange(self, now: float, at: float) -> float:
        """All there is to do now: feeds slots, makes and drops them, asks what they have to say.

        Answers in how many seconds there may be more to do.
        """
        self._note_absence(now)
        if len(self.waiting):
            self._feeder.feed_idle(now)
            for shape, wanted in self._feeder.wanted_slots().items():
                self._maker.make_for(shape, wanted, now)
            self._feeder.feed_ahead(now)
            self._hand_back(now, at)
        else:
            self._maker.keep_warm(now)
            self._maker.drop_idle(now)
        for shape in self._feeder.rebalance(now):
            self._maker.make_for(shape, 1, now)
        for view in list(self.slots.values()):
            self._listen(view, now, at)
        return min(RETRY_AFTER, self._feeder.next_look(now))

    def kill_all(self) -> None:
        for view in list(self.slots.values()):
            self._maker.drop(view)

    def _hand_back(self, now: float, at: float) -> None:
        """Assignments that no slot will take go back to the service, or fail when no slot ever comes up."""
        for pile in self.waiting.piles():
            reason = self._maker.given_up(pile.kind.shape)
            if reason is not None:
                self._fail_waiting(partial(_has_shape, pile.kind.shape), FailureCode.PLACEMENT, reason, at)
            elif now - pile.since > self._options.placement_seconds and not self._is_served(pile.kind):
                for assignment in self.waiting.take(pile.kind, len(pile.assignments)):
                    self._own.append((assignment.attempt, sayings.returned(assignment.attempt, at)))

    def _is_served(self, kind: Kind) -> bool:
        """Whether there are slots that will come to it."""
        return any(view.shape == kind.shape for view in self.slots.values())

    def _fail_waiting(self, which: Callable[[Kind], bool], code: FailureCode, reason: str, at: float) -> None:
        for pile in self.waiting.piles():
            if which(pile.kind):
                for assignment in self.waiting.take(pile.kind, len(pile.assignments)):
                    self._own.append((assignment.attempt, sayings.failed(assignment.attempt, at, code, reason)))

    def _welcome(self, view: SlotView, ready: Ready, now: float) -> None:
        view.ready, view.node, view.shape, view.since = True, ready.node, ready.shape, now
        view.unavailable_since = None
        if ready.held:
            view.batches.append(Batch(None, dict.fromkeys(ready.held)))
        self._maker.came_up(ready.shape)

    def _collected(self, view: SlotView, chunk: Chunk, now: float) -> Said | None:
        view.collecting, view.unavailable_since = False, None
        if not chunk.events:
            return None
        view.unsent = True
        for attempt in chunk.ended:
            view.remove(attempt)
            view.since = now
        return Said(view.name, chunk)

    def _taken_back(self, view: SlotView, attempts: Sequence[str], now: float, at: float) -> None:
        view.taking_back = False
        for attempt in reversed(attempts):
            kind, assignment = view.remove(attempt) or (None, None)
            if kind and assignment:
                self.waiting.put_back(kind, [assignment], now)
            else:
                self._own.append((attempt, sayings.returned(attempt, at)))

    def _lost(self, view: SlotView, reason: str, at: float) -> None:
        """The first attempt was at work, so the slot's end may be its doing; those behind it were not begun."""
        del self.slots[view.name]
        if not view.ready:
            self._maker.never_came_up(view.shape, reason)
        for place, attempt in enumerate(view.attempts()):
            event = sayings.returned(attempt, at) if place else sayings.lost(attempt, at, reason)
            self._own.append((attempt, event))

    def _listen(self, view: SlotView, now: float, at: float) -> None:
        lease = self._feeder.lease_seconds
        if view.unavailable_since is not None:
            if now - view.unavailable_since > lease:
                self._give_up(view, at)
                return
            if now - view.asked_at < RETRY_AFTER:
                return
        if not view.ready:
            if view.unavailable_since is not None:
                view.asked_at = now
                view.handle.hello()
        elif not view.collecting and not view.unsent:
            view.collecting, view.asked_at = True, now
            view.handle.collect(view.ack, min(COLLECT_WAIT, lease / 3))
        elif view.collecting and now - view.asked_at > lease:
            self._give_up(view, at)  # frozen, or behind a network that has parted: Ray may take minutes to say so
        elif view.unsent and now - view.asked_at > min(COLLECT_WAIT, lease / 6):
            view.asked_at = now
            view.handle.touch()

    def _note_absence(self, now: float) -> None:
        """That no answer was heard while nobody listened is no slot's doing."""
        if now - self._looked_at > ABSENT_SECONDS:
            for view in self.slots.values():
                view.asked_at = now if view.collecting else view.asked_at
        self._looked_at = now

    def _give_up(self, view: SlotView, at: float) -> None:
        view.handle.kill()
        self._lost(view, f"the slot did not answer for {self._feeder.lease_seconds:g} s", at)


def _has_shape(shape: Shape, kind: Kind) -> bool:
    return kind.shape == shape
