"""Events of a slot, kept until the agent has them acknowledged by the service."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import orjson

CHUNK_EVENTS = 2_000
CHUNK_BYTES = 1 << 20
MAX_EVENTS = 100_000
MAX_BYTES = 32 << 20
NEVER = float("inf")

_DROPPED_FIRST = "log"
_THINNED = "report"


@dataclass(frozen=True, slots=True)
class Entry:
    index: int
    kind: str
    attempt: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some events of a slot. Acknowledge them by `upto`."""

    upto: int
    ended: tuple[str, ...]
    """Attempts whose last event is among these."""
    events: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        head = orjson.dumps({"upto": self.upto, "ended": self.ended})
        return b"\n".join((head, *self.events))

    @classmethod
    def from_bytes(cls, data: bytes) -> Chunk:
        head, *events = data.split(b"\n")
        fields = orjson.loads(head)
        return cls(fields["upto"], tuple(fields["ended"]), tuple(events))


class Spool:
    """Thread-safe. An event is kept until it is acknowledged, so that an agent's crash loses none; past its bounds it
    gives up old log lines first, then every second report (never an attempt's last one, never how it ended).
    """

    def __init__(self, clock: Callable[[], float], *, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._max_events, self._max_bytes = max_events, max_bytes
        self._changed = threading.Condition()
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._last = 0
        self._due = NEVER
        """When what is here should be collected: events that can wait a little travel with the next."""
        self._turn = 0
        self._closed = False

    def add(self, kind: str, attempt: str, data: bytes, delay: float) -> None:
        with self._changed:
            self._last += 1
            self._entries.append(Entry(self._last, kind, attempt, data))
            self._bytes += len(data)
            if len(self._entries) > self._max_events or self._bytes > self._max_bytes:
                self._shrink()
            self._set_due(self._clock() + delay)

    def hurry(self) -> None:
        """What is here is worth an answer at once."""
        with self._changed:
            if self._due != NEVER:
                self._set_due(self._clock())

    def forget(self, attempt: str) -> None:
        with self._changed:
            self._keep(entry for entry in self._entries if entry.attempt != attempt)

    def collect(self, ack: int, wait: float) -> Chunk:
        """Drops what is acknowledged, and answers with what comes after it; waits up to `wait` seconds for something.

        A newer call releases an older one, which answers with nothing.
        """
        with self._changed:
            self._turn += 1
            self._acknowledge(ack)
            self._changed.notify_all()
            return self._chunk(ack) if self._await_due(self._turn, wait) else Chunk(ack, (), ())

    def close(self) -> None:
        """Releases whoever waits; from now on nobody does."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._entries)

    def _await_due(self, turn: int, wait: float) -> bool:
        end = self._clock() + wait
        while turn == self._turn and not self._closed:
            now = self._clock()
            if self._due <= now:
                return True
            if now >= end:
                return bool(self._entries)
            self._changed.wait(min(end, self._due) - now)
        return False

    def _acknowledge(self, ack: int) -> None:
        while self._entries and self._entries[0].index <= ack:
            self._bytes -= len(self._entries.popleft().data)
        if not self._entries:
            self._due = NEVER

    def _chunk(self, ack: int) -> Chunk:
        self._due = self._clock()
        taken: list[Entry] = []
        size = 0
        for entry in islice(self._entries, CHUNK_EVENTS):
            size += len(entry.data)
            if taken and size > CHUNK_BYTES:
                break
            taken.append(entry)
        upto = taken[-1].index if taken else ack
        ended = tuple(entry.attempt for entry in taken if entry.kind in ENDINGS)
        return Chunk(upto, ended, tuple(entry.data for entry in taken))

    def _set_due(self, due: float) -> None:
        if due < self._due:
            self._due = due
            self._changed.notify_all()

    def _shrink(self) -> None:
        """Down to half: a spool that is full is not shrunk for every event."""
        goal = (self._max_events // 2, self._max_bytes // 2)
        spare = deque(entry for entry in self._entries if entry.kind == _DROPPED_FIRST)
        if not self._drop(spare, goal):
            self._drop(deque(_every_second_report(self._entries)), goal)

    def _drop(self, spare: deque[Entry], goal: tuple[int, int]) -> bool:
        dropped: set[int] = set()
        size = self._bytes
        while spare and (len(self._entries) - len(dropped) > goal[0] or size > goal[1]):
            entry = spare.popleft()
            dropped.add(entry.index)
            size -= len(entry.data)
        self._keep(entry for entry in self._entries if entry.index not in dropped)
        return len(self._entries) <= goal[0] and self._bytes <= goal[1]

    def _keep(self, entries: Iterable[Entry]) -> None:
        self._entries = deque(entries)
        self._bytes = sum(len(entry.data) for entry in self._entries)


ENDINGS = frozenset({"finished", "stopped", "failed", "returned"})


def _every_second_report(entries: Iterable[Entry]) -> Sequence[Entry]:
    """Reports to give up, oldest first; each attempt's last one is not among them."""
    reports: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.kind == _THINNED:
            reports.setdefault(entry.attempt, []).append(entry)
    return sorted((entry for of_one in reports.values() for entry in of_one[:-1][::2]), key=lambda entry: entry.index)
