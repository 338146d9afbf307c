"""Events on their way to the service: kept until it has them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from caviar_workers.fleet import Said
from caviar_workers.protocol import MAX_EVENTS

MAX_BYTES = 2 << 20
"""Of the events of one sync, so that a body stays small beside the service's limit."""


@dataclass(slots=True)
class _Parcel:
    said: Said
    sent: int = 0
    """How many of its events the service has."""

    def left(self) -> int:
        return len(self.said.chunk.events) - self.sent


class Outbox:
    """Take a load, send it, then say `delivered` or `refused`; after neither the same load is taken again."""

    def __init__(self) -> None:
        self._parcels: deque[_Parcel] = deque()
        self._most = MAX_EVENTS
        self._load = 0

    def add(self, said: Said) -> None:
        self._parcels.append(_Parcel(said))

    def load(self) -> list[bytes]:
        """The next events to send, oldest first."""
        events: list[bytes] = []
        size = 0
        for parcel in self._parcels:
            for event in parcel.said.chunk.events[parcel.sent :]:
                size += len(event)
                if len(events) >= self._most or (events and size > MAX_BYTES):
                    self._load = len(events)
                    return events
                events.append(event)
        self._load = len(events)
        return events

    def still_held(self) -> list[str]:
        """Attempts that have ended, and whose last event is not in the load taken."""
        load = self._load
        held: list[str] = []
        for parcel in self._parcels:
            load -= parcel.left()
            if load < 0:
                held += parcel.said.chunk.ended
        return held

    def delivered(self) -> list[Said]:
        """The service has the load. What is complete now, to be acknowledged to its slot."""
        load, self._load = self._load, 0
        self._most = min(MAX_EVENTS, self._most * 2)
        complete: list[Said] = []
        while self._parcels and load >= self._parcels[0].left():
            parcel = self._parcels.popleft()
            load -= parcel.left()
            complete.append(parcel.said)
        if self._parcels:
            self._parcels[0].sent += load
        return complete

    def refused(self) -> bytes | None:
        """The service will not take this load: smaller ones from now on. An event refused alone is given up."""
        if self._load > 1:
            self._most = self._load // 2
            return None
        parcel = self._parcels[0]
        event = parcel.said.chunk.events[parcel.sent]
        self._load = 1
        return event

    def __len__(self) -> int:
        return sum(parcel.left() for parcel in self._parcels)
