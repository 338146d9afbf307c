"""How much memory a study's trials are given where its document says `memory_mb: auto`. Pure.

What is asked for is the 95% quantile of the peaks seen, with a fourth on top; an attempt that ran out of memory doubles
it at once. It shrinks only after ten peaks in a row fit, and by a third at least, so that slots are not made anew for
little.
"""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from caviar.engine.allot import Amounts

QUANTILE, HEADROOM = 0.95, 1.25
KEPT = 50
PATIENCE = 10
SHRINKS_BELOW = 2 / 3
GRAIN_MB = 64.0
MEMORY, CPUS = "memory_mb", "cpus"


@dataclass(frozen=True, slots=True)
class Sizing:
    """`memory_mb` is what the next attempt asks for; `peaks` (MiB) are the newest ones seen, oldest first; `fitting`
    counts those since one did not fit."""

    memory_mb: float
    peaks: tuple[float, ...] = ()
    fitting: int = 0

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        return cls(document["memory_mb"], tuple(document["peaks"]), document["fitting"])

    def to_document(self) -> dict[str, Any]:
        return {**asdict(self), "peaks": list(self.peaks)}

    def after_peak(self, peak_mb: float) -> Self:
        """An attempt ended and had fitted."""
        seen = replace(self, peaks=(*self.peaks, peak_mb)[-KEPT:], fitting=self.fitting + 1)
        needed = _rounded(HEADROOM * _quantile(seen.peaks))
        shrinks = seen.fitting >= PATIENCE and needed <= SHRINKS_BELOW * self.memory_mb
        return replace(seen, memory_mb=needed) if needed > self.memory_mb or shrinks else seen

    def after_oom(self, peak_mb: float) -> Self:
        """An attempt was ended at `peak_mb`: others that ended alike at that size do not double it again."""
        grown = max(self.memory_mb, _rounded(2 * peak_mb))
        return replace(self, memory_mb=grown, peaks=(*self.peaks, peak_mb)[-KEPT:], fitting=0)

    def within(self, nodes: Iterable[Amounts]) -> Self:
        """No more than the largest node has."""
        largest = max((dict(node).get(MEMORY, 0.0) for node in nodes), default=0.0)
        return replace(self, memory_mb=largest) if 0 < largest < self.memory_mb else self


def first_guess(nodes: Iterable[Amounts], cpus: float) -> Sizing | None:
    """Before anything is known: the share of a node's memory that goes with its CPUs, on the poorest node. None where
    no node says how much memory it has."""
    shares = [_share(dict(node), cpus) for node in nodes]
    known = [share for share in shares if share > 0]
    return Sizing(_floored(min(known))) if known else None


def _share(node: dict[str, float], cpus: float) -> float:
    total = node.get(CPUS, 0.0)
    return node.get(MEMORY, 0.0) * (min(1.0, cpus / total) if total and cpus else 1.0)


def _quantile(peaks: tuple[float, ...]) -> float:
    return sorted(peaks)[math.ceil(QUANTILE * len(peaks)) - 1]


def _rounded(amount: float) -> float:
    return GRAIN_MB * math.ceil(amount / GRAIN_MB)


def _floored(amount: float) -> float:
    return max(1.0, GRAIN_MB * math.floor(amount / GRAIN_MB))
