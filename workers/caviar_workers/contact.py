"""Where an agent stands with its service: numbers, backoff, and the bodies of its requests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import orjson

from caviar_workers.checkpoints.removals import Removals
from caviar_workers.fleet import Fleet
from caviar_workers.outbox import Outbox
from caviar_workers.protocol import PROTOCOL_VERSION, Node, SyncResponse
from caviar_workers.service import Refused, Service, ServiceAway

log = logging.getLogger("caviar.agent")

PARK_SECONDS = 20.0
BACKOFF_FIRST, BACKOFF_MOST = 0.1, 5.0
SUPERSEDED_OFTEN = 5


class AgentEnded(Exception):  # noqa: N818
    """The agent cannot go on; its slots stay for a successor."""


class Contact:
    """Makes the agent's requests, one with events at a time. Time is an argument."""

    def __init__(
        self,
        service: Service,
        incarnation: str,
        jitter: Callable[[], float],
        *,
        pending_slots: int = 0,
        removals: Removals,
    ) -> None:
        self._service = service
        self._incarnation = incarnation
        self._jitter = jitter
        self._pending_slots = pending_slots
        self.removals = removals
        self._number = 0
        self._received = 0
        self._failures = 0
        self._superseded = 0
        self._retry_at = float("-inf")
        self.lease_seconds = 60.0
        self.synced_at = float("-inf")
        """The last answer to a sync."""
        self.heard_at = float("-inf")
        """The last request that renewed the leases."""

    def waits_until(self) -> float:
        """No sync before this: the service was not there."""
        return self._retry_at

    def sync(
        self, fleet: Fleet, outbox: Outbox, nodes: Sequence[Node], now: float, *, leaving: bool = False
    ) -> SyncResponse | None:
        """Sends what there is to say. None when it did not get through, which is tried again later.

        Raises Refused when the service doesn't want this agent, AgentEnded when another one has its place.
        """
        events = outbox.load()
        number, body = self._body(fleet, outbox, nodes, events, leaving=leaving)
        try:
            response = SyncResponse.model_validate_json(self._service.sync(body, 0.0))
        except ServiceAway as away:
            self._back_off(now, str(away))
            return None
        except Refused as refused:
            self._shrink(outbox, refused, events)
            return None
        if response.superseded:
            self._count_superseded()
            return None
        self._answered(number, response, now)
        for said in outbox.delivered():
            fleet.acknowledge(said.slot, said.chunk.upto)
        return response

    def parked_body(self, fleet: Fleet, outbox: Outbox, nodes: Sequence[Node], now: float) -> tuple[int, bytes, float]:
        """A request that the service may hold back: its number, its body, and for how long it waits."""
        wait = min(PARK_SECONDS, self.lease_seconds / 4)
        number, body = self._body(fleet, outbox, nodes, (), wait=wait)
        self.heard_at = now
        return number, body, wait

    def acted_upon(self, number: int) -> None:
        self._received = max(self._received, number)

    def is_newest(self, number: int) -> bool:
        """Whether no request was made after this one."""
        return number == self._number

    def _body(
        self,
        fleet: Fleet,
        outbox: Outbox,
        nodes: Sequence[Node],
        events: Sequence[bytes],
        *,
        wait: float = 0.0,
        leaving: bool = False,
    ) -> tuple[int, bytes]:
        """Events are JSON already: a batch of short trials is not to be parsed and written again on its way."""
        self._number += 1
        free = fleet.free(nodes)
        head = {
            "protocol": PROTOCOL_VERSION,
            "incarnation": self._incarnation,
            "number": self._number,
            "received": self._received,
            "wait": wait,
            "nodes": [{**_plain(node), "free": free[node.id].model_dump()} for node in nodes],
            "pending_slots": self._pending_slots,
            "held": [] if leaving else [*fleet.held(), *outbox.still_held()],
            "leaving": leaving,
            "store": self.removals.url,
            "removed": [] if wait else self.removals.to_tell(),
        }
        return self._number, orjson.dumps(head)[:-1] + b',"events":[' + b",".join(events) + b"]}"

    def _answered(self, number: int, response: SyncResponse, now: float) -> None:
        if self._failures:
            log.info("the service is back")
        self._failures = self._superseded = 0
        self._retry_at = float("-inf")
        self.synced_at = self.heard_at = now
        self.lease_seconds = response.lease_seconds
        self.acted_upon(number)
        self.removals.told()

    def _back_off(self, now: float, reason: str) -> None:
        self._failures += 1
        if self._failures in (1, 10) or self._failures % 100 == 0:
            log.warning("no answer from the service, trying again (%d): %s", self._failures, reason[:200])
        delay = min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** min(self._failures - 1, 10))
        self._retry_at = now + delay * (0.5 + 0.5 * self._jitter())

    def _shrink(self, outbox: Outbox, refused: Refused, events: Sequence[bytes]) -> None:
        """An event that the service will never take must not keep all others from it."""
        if not refused.is_about_the_content or not events:
            raise refused
        if (given_up := outbox.refused()) is not None:
            log.error("the service refuses an event (%s), giving it up: %s", refused, given_up[:500])
            outbox.delivered()

    def _count_superseded(self) -> None:
        self._superseded += 1
        if self._superseded >= SUPERSEDED_OFTEN:
            raise AgentEnded("another agent of the same name has taken this one's place; give each its own --name")


def _plain(node: Node) -> dict[str, object]:
    return {"id": node.id, "host": node.host, "total": node.total.model_dump()}
