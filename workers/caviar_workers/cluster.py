"""The port to a cluster: where slots are made and asked.

Asking never blocks: an answer, or what became of the question, is posted as a `Message` to whoever made the cluster.

What may be repeated, and what may be lost
------------------------------------------
* `submit`, `command`, `provide` and `touch` are answered by nothing. One that is lost with its slot shows as `Lost`.
* `collect` may be repeated; of two at once the older is answered with nothing.
* `Unavailable` is no verdict: the slot may be alive. `Lost` is final, and comes once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from caviar_workers.bundles import BundleError, ensure_unpacked
from caviar_workers.protocol import FailureCode, Node
from caviar_workers.runner.verdict import Died
from caviar_workers.shapes import Shape
from caviar_workers.spool import Chunk


@dataclass(frozen=True, slots=True)
class Ready:
    """A slot is up, new or found again."""

    slot: str
    shape: Shape
    node: str
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    slot: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class TakenBack:
    slot: str
    attempts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unavailable:
    slot: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    slot: str
    reason: str


Message = Ready | Collected | TakenBack | Unavailable | Lost
Post = Callable[[Message], None]


class SlotHandle(Protocol):
    name: str

    def hello(self) -> None:
        """Posts Ready once the slot is up."""

    def submit(self, batch: bytes) -> None: ...

    def provide(self, digest: str, bundle: object) -> None:
        """Gives the slot a bundle as `Cluster.store` returned it."""

    def collect(self, ack: int, wait: float) -> None:
        """Posts Collected."""

    def take_back(self) -> None:
        """Posts TakenBack."""

    def command(self, order: bytes) -> None: ...

    def touch(self) -> None: ...

    def kill(self) -> None:
        """Ends the slot and all in it. Posts nothing more of it, or Lost."""


class Cluster(Protocol):
    def nodes(self) -> Sequence[Node]:
        """`free` is what nobody has reserved, slots included. Raises ClusterGoneError."""

    def create(self, name: str, shape: Shape) -> SlotHandle:
        """Asks for a slot, which may take its time. Raises PlacementError when it never can be."""

    def existing(self) -> Sequence[SlotHandle]:
        """Slots that a previous life of the agent left at work."""

    def store(self, bundle: bytes) -> object:
        """Puts a bundle where slots can fetch it from."""


class PlacementError(Exception):
    """No slot of this shape can be."""


class ClusterGoneError(Exception):
    """There is no cluster any more."""


def unpacked(digest: str, bundle: bytes, root: Path) -> Path | Died:
    """The bundle on this node, or the death that all its trials die."""
    try:
        return ensure_unpacked(digest, lambda _: bundle, root)
    except (BundleError, OSError) as error:
        return Died(FailureCode.BUNDLE, str(error))
