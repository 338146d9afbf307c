"""The agent: between the service, which decides, and the slots, which train.

One thread does everything: it takes in what has happened, syncs if there is something to say, and feeds the slots.
While there is nothing to say a request is parked at the service, which answers it once there is something to do. The
rules of what may be repeated and what may be lost are those of `protocol.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue

from caviar_workers.background import Background, BackgroundMessage, BundleFetched, Leave, NodesSeen, PollAnswered
from caviar_workers.census import Census
from caviar_workers.checkpoints.removals import CheckpointRemoved
from caviar_workers.cluster import Cluster, ClusterGoneError, Collected, Lost, Message
from caviar_workers.contact import Contact
from caviar_workers.fleet import Fleet
from caviar_workers.outbox import Outbox
from caviar_workers.protocol import Node, SyncResponse

log = logging.getLogger("caviar.agent")

Inbox = SimpleQueue[Message | BackgroundMessage | CheckpointRemoved]

COALESCE = 0.0015
"""Seconds that the end of a batch waits for those of other slots."""
QUIET = 0.01
"""Seconds without anything to say, after which a request is parked."""
SETTLE_SECONDS = 10.0
BUNDLE_RETRY = 2.0
LEAVE_TRIES = 3
LONGEST_TURN = 1.0


class Agent:
    def __init__(
        self,
        contact: Contact,
        cluster: Cluster,
        fleet: Fleet,
        inbox: Inbox,
        background: Background,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._contact, self._cluster, self._fleet, self._inbox = contact, cluster, fleet, inbox
        self._background, self._clock, self._wall = background, clock, wall
        self._outbox = Outbox()
        self._census = Census()
        self._nodes: tuple[Node, ...] = ()
        self._poked = True
        """There is a reason to sync, beside events."""
        self._parked: int | None = None
        self._more_at = 0.0
        """When the slots may need something."""
        self._fetching: dict[str, float] = {}
        """Bundles that were asked for, and when to ask again."""
        self._leaving: Leave | None = None

    def run(self) -> None:
        """Until told to leave. Raises AgentEnded, ClusterGoneError, or Refused when the token is wrong."""
        with self._background.running():
            self.start()
            while self._leaving is None:
                self.run_once()
            self._leave(self._leaving)

    def start(self) -> None:
        """Finds the slots of a previous life and asks what they hold: the first sync tells."""
        now = self._clock()
        self._see_nodes(tuple(self._cluster.nodes()))
        self._fleet.adopt(now)
        while not self._fleet.is_settled() and self._clock() < now + SETTLE_SECONDS:
            self._take_in(0.1)
        log.info("found %d slots at work, %d attempts in them", len(self._fleet.slots), len(self._fleet.held()))

    def run_once(self) -> None:
        """Takes in what has happened, tells the service, and sees to the slots."""
        self._take_in(self._patience(self._clock()))
        if (own := self._fleet.own_events()) is not None:
            self._outbox.add(own)
        now = self._clock()
        if self._has_reason_to_sync(now):
            self._sync(now)
        now = self._clock()
        self._more_at = now + self._fleet.arrange(now, self._wall())
        self._fetch_bundles(now)
        self._park_if_quiet(now)

    # What comes in

    def _patience(self, now: float) -> float:
        """How long there is nothing to do unless something happens."""
        if (self._poked or len(self._outbox)) and now >= self._contact.waits_until():
            return 0.0
        times = [self._more_at, now + LONGEST_TURN, self._contact.heard_at + self._contact.lease_seconds / 4]
        if len(self._outbox) or self._poked:
            times.append(self._contact.waits_until())
        elif self._parked is None:
            times.append(self._contact.synced_at + QUIET)
        return max(0.0, min(times) - now)

    def _take_in(self, patience: float) -> None:
        """Waits for something to happen, and a moment more for what happens with it."""
        wait, until = patience, float("inf")
        while True:
            try:
                message = self._inbox.get(timeout=wait) if wait > 0 else self._inbox.get_nowait()
            except Empty:
                return
            self._handle(message)
            if isinstance(message, Collected) and until == float("inf") and self._fleet.busy() > 1:
                until = self._clock() + COALESCE
            wait = until - self._clock() if until < float("inf") else 0.0

    def _handle(self, message: Message | BackgroundMessage | CheckpointRemoved) -> None:
        match message:
            case PollAnswered():
                self._poll_answered(message)
            case NodesSeen():
                if message.nodes is None:
                    raise ClusterGoneError("the Ray cluster has gone")
                self._see_nodes(message.nodes)
            case BundleFetched():
                self._bundle_fetched(message)
            case CheckpointRemoved():
                self._contact.removals.done(message)
                self._poked = True
            case Leave():
                self._leaving = message
            case _:
                if isinstance(message, Lost):
                    log.warning("%s is lost: %s", message.slot, message.reason[:200])
                said = self._fleet.take(message, self._clock(), self._wall())
                if said is not None:
                    self._outbox.add(said)

    def _poll_answered(self, answer: PollAnswered) -> None:
        self._parked = None
        if answer.refused is not None:
            raise answer.refused
        if answer.response is None or answer.response.superseded:  # a sync will tell what is the matter
            self._poked = True
            return
        self._act_upon(answer.number, answer.response)
        if self._contact.is_newest(answer.number):  # released by the service, not by a request of our own
            self._poked = True

    def _see_nodes(self, nodes: tuple[Node, ...]) -> None:
        slots = [(view.node, view.shape) for view in self._fleet.slots.values()]
        usable = self._census.usable(nodes, slots)
        if _totals(usable) != _totals(self._nodes):
            self._poked = True
        self._nodes = usable
        self._fleet.see_nodes(usable)

    def _bundle_fetched(self, fetched: BundleFetched) -> None:
        if fetched.data is not None:
            self._fleet.store_bundle(fetched.digest, fetched.data)
        elif fetched.refused is not None:
            self._fleet.fail_bundle(fetched.digest, fetched.refused, self._wall())
        else:
            self._fetching[fetched.digest] = self._clock() + BUNDLE_RETRY
            return
        self._fetching.pop(fetched.digest, None)

    # What goes out

    def _has_reason_to_sync(self, now: float) -> bool:
        if now < self._contact.waits_until():
            return False
        return self._poked or len(self._outbox) > 0 or now - self._contact.heard_at >= self._contact.lease_seconds / 4

    def _sync(self, now: float) -> None:
        response = self._contact.sync(self._fleet, self._outbox, self._nodes, now)
        if response is None:
            return
        self._poked = False
        self._act_upon(response.number, response)

    def _act_upon(self, number: int, response: SyncResponse) -> None:
        self._fleet.set_lease(response.lease_seconds)
        self._fleet.accept(response.assignments, response.studies, self._clock())
        for command in response.commands:
            self._fleet.obey(command, self._wall())
        self._contact.removals.order(response.removals)
        self._contact.acted_upon(number)

    def _park_if_quiet(self, now: float) -> None:
        quiet = not (self._poked or len(self._outbox)) and now - self._contact.synced_at >= QUIET
        if quiet and self._parked is None and now >= self._contact.waits_until():
            number, body, wait = self._contact.parked_body(self._fleet, self._outbox, self._nodes, now)
            self._parked = number
            self._background.park(number, body, wait)

    def _fetch_bundles(self, now: float) -> None:
        for digest in self._fleet.missing_bundles():
            if now >= self._fetching.get(digest, now):
                self._fetching[digest] = float("inf")
                self._background.fetch(digest)

    def _leave(self, leave: Leave) -> None:
        """For good: what the slots hold is lost at once. Or only for a successor, who takes the slots over."""
        if leave.keep_slots:
            log.info("leaving %d slots to a successor", len(self._fleet.slots))
            return
        self._fleet.kill_all()
        for _ in range(LEAVE_TRIES):
            if self._contact.sync(self._fleet, self._outbox, self._nodes, self._clock(), leaving=True) is not None:
                log.info("left")
                return
        log.warning("the service could not be told that this agent leaves")


def _totals(nodes: tuple[Node, ...]) -> list[tuple[str, object]]:
    return [(node.id, node.total) for node in nodes]
