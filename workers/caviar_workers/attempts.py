"""What a slot holds of an attempt and of the work it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caviar_workers.protocol import Train
from caviar_workers.runner.logs import Allowance
from caviar_workers.runner.messages import Unstartable
from caviar_workers.runner.verdict import Facts, Wanted


@dataclass(frozen=True, slots=True)
class Work:
    """How the trials of a study are trained, ready for this node."""

    key: str
    train: Train
    child_key: str | None
    """Trials of equal keys may share a child, one after the other; None: each gets a process of its own."""

    @classmethod
    def of(cls, key: str, train: Train) -> Work:
        return cls(key, train, None if train.command else train.bundle or "")


@dataclass(slots=True)
class Attempt:
    id: str
    trial: str
    number: int
    params: Mapping[str, Any]
    work: Work
    batch: int
    """Of the slot's batches the one that it came with."""
    store: str = ""
    """The URL below which its checkpoints are kept; "" where none are."""
    checkpoints: Sequence[Sequence[Any]] = ()
    """[uri, step, digest] of those it may go on from, the newest first."""
    seq: int = 0
    begun: float | None = None
    """The slot's clock when the child said so."""
    spoke: float = 0.0
    """The slot's clock at its last report, or at its beginning."""
    seen: set[str] = field(default_factory=set)
    allowance: Allowance | None = None
    wanted: Wanted | None = None
    unstartable: Unstartable | None = None
    pause_until: float | None = None
    """Told to end between two steps; after this it is stopped."""
    nudges: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Parameters by nudge, in the order they came."""
    told: bool = False
    """The order to stop was given."""
    kill_at: float | None = None
    killed: bool = False
    peak_mb: float = 0.0

    @property
    def shelf(self) -> str:
        """What the URIs of its checkpoints begin with: it cannot speak of another trial's."""
        return f"{self.store}/{self.trial}/"

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def facts(self, *, oom_kills: int = 0, last_output: str = "") -> Facts:
        train = self.work.train
        return Facts(
            objective=train.metric,
            seen=self.seen,
            wanted=self.wanted,
            killed=self.killed,
            trial_seconds=train.trial_seconds,
            silence_seconds=train.silence_seconds,
            memory_mb=train.resources.memory_mb,
            peak_mb=self.peak_mb,
            oom_kills=oom_kills,
            last_output=last_output,
        )


@dataclass(frozen=True, slots=True)
class SlotSettings:
    """What a slot is given when it is made."""

    name: str
    cpus: float = 1.0
    gpu_ids: tuple[str, ...] = ()
    node: str = ""
    root: Path = Path()
    """A folder of this node's for scratch files; the slot makes its own below it and removes that at the end."""
    bundles: Path = Path()
    """Where bundles are unpacked, shared by all slots of the node."""
    lease_seconds: float = 60.0
    checkpoints: str = ""
    """The URL of the store; "": a folder of this node's."""
