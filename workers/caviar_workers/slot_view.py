"""What the agent knows of a slot."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from caviar_workers.cluster import SlotHandle
from caviar_workers.protocol import Assignment
from caviar_workers.shapes import Shape
from caviar_workers.waiting import Kind

MOST_BATCHES = 2
"""One at work, one waiting."""


@dataclass(slots=True)
class Batch:
    kind: Kind | None
    """None for what a previous life of the agent submitted."""
    left: dict[str, Assignment | None]
    """Attempts that have not ended, in their order."""


@dataclass(slots=True)
class SlotView:
    handle: SlotHandle
    shape: Shape
    since: float
    """When it was asked for; once it is up, when it last had something to say or to do."""
    ready: bool = False
    node: str = ""
    batches: deque[Batch] = field(default_factory=deque)
    provided: set[str] = field(default_factory=set)
    last_kind: Kind | None = None
    ack: int = 0
    collecting: bool = False
    """A `collect` is under way."""
    unsent: bool = False
    """What it said last is not yet acknowledged by the service."""
    taking_back: bool = False
    taken_back_at: float = float("-inf")
    unavailable_since: float | None = None
    asked_at: float = float("-inf")
    """When it was last asked anything."""

    @property
    def name(self) -> str:
        return self.handle.name

    def attempts(self) -> list[str]:
        return [attempt for batch in self.batches for attempt in batch.left]

    def is_idle(self) -> bool:
        return self.ready and not self.batches and not self.taking_back

    def takes_more(self) -> bool:
        return self.ready and len(self.batches) < MOST_BATCHES and not self.taking_back and not self.unavailable_since

    def end(self, attempts: tuple[str, ...]) -> None:
        for attempt in attempts:
            self.remove(attempt)

    def remove(self, attempt: str) -> tuple[Kind | None, Assignment | None] | None:
        """Takes an attempt out; what is known of it, or None if it was not here."""
        for batch in self.batches:
            if attempt in batch.left:
                assignment = batch.left.pop(attempt)
                if not batch.left:
                    self.batches.remove(batch)
                return batch.kind, assignment
        return None
