"""Whether an old result still holds on new data. Pure: values measured then and now in, a verdict with evidence out.

A change that moves all configurations alike (harder data, another split) does not make the best one a worse choice, so
the best value's shift is taken against the shift of the rest, and against the noise of repeats with other seeds.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

RANKS_HOLD: Final = 0.7
"""The share of the correlation that could be expected from which on the order is taken to be the same."""
UNLIKELY: Final = 0.05
"""A change of order that noise alone brings more often is none."""
DRAWS: Final = 400
SURPRISE: Final = 3.0
"""Shifts beyond so many standard errors are no noise."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One configuration of the canary: its loss in the study (None: a neighbour, which was not in it), and its losses
    now, one a repeat; losses are minimised."""

    role: str
    trial: int | None
    old: float | None
    new: tuple[float, ...]

    @property
    def now(self) -> float:
        return float(np.mean(self.new))


@dataclass(frozen=True, slots=True)
class Evidence:
    """`shift` of the best, `level` the median shift of the rest, `noise` the standard deviation of repeats, `surprise`
    = (shift − level) in standard errors, `rank_correlation` Spearman's, over `compared` configurations; `reliability`
    the correlation that noise alone would leave (the median of draws), and `chance` how often it leaves no more than
    was found; `improved`: another, a neighbour or one that was behind, beats the best by so many standard errors."""

    shift: float
    level: float
    noise: float
    surprise: float
    rank_correlation: float
    reliability: float
    chance: float
    compared: int
    improved: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`moved` in [0, 1] is how far the ranks have moved: 0 not at all, 1 as if drawn by lot."""

    stale: bool
    moved: float
    why: str
    evidence: Evidence

    def to_document(self) -> dict[str, Any]:
        word = "stale" if self.stale else "still good"
        return {"verdict": word, "moved": self.moved, "why": self.why, "evidence": asdict(self.evidence)}


def judge(samples: Sequence[Sample]) -> Verdict | None:
    """None when too little came back: the best itself, or fewer than three configurations to compare."""
    compared = [each for each in samples if each.old is not None and each.new]
    best = next((each for each in compared if each.role == "best"), None)
    if best is None or len(compared) < 3:
        return None
    evidence = _evidence(best, compared, [each for each in samples if each.role == "neighbour" and each.new])
    moved = float(np.clip(1 - evidence.rank_correlation, 0, 1))
    reasons = list(_reasons(evidence))
    why = "; ".join(reasons) or _all_well(evidence)
    return Verdict(bool(reasons), moved, why, evidence)


def _evidence(best: Sample, compared: Sequence[Sample], neighbours: Sequence[Sample]) -> Evidence:
    noise = _noise(compared)
    alone = _by_noise_alone(compared, noise)
    old, now = (np.array(column) for column in zip(*((each.old or 0.0, each.now) for each in compared), strict=True))
    ranks = float(_spearman(old, now[None])[0])
    shift = best.now - (best.old or 0.0)
    level = float(np.median([each.now - (each.old or 0.0) for each in compared if each is not best]))
    error = noise * math.sqrt(1 + 1 / len(best.new))
    rival = min(each.now for each in [*compared, *neighbours] if each is not best)
    return Evidence(
        shift=shift,
        level=level,
        noise=noise,
        surprise=_in_errors(shift - level, error),
        rank_correlation=ranks,
        reliability=float(np.median(alone)),
        chance=float(np.mean(alone <= ranks + 1e-12)),
        compared=len(compared),
        improved=_in_errors(best.now - rival, error),
    )


def _reasons(evidence: Evidence) -> Sequence[str]:
    reasons = []
    if _order_changed(evidence):
        said = f"the order of {evidence.compared} configurations changed: rank correlation"
        expected = f"where the seeds' noise alone would leave {evidence.reliability:.2f}"
        reasons.append(f"{said} {evidence.rank_correlation:.2f}, {expected}")
    if evidence.surprise > SURPRISE:
        said = f"the best got worse by {evidence.shift:.3g}, the others by {evidence.level:.3g}"
        reasons.append(f"{said}: {evidence.surprise:.1f} standard errors of the seeds' noise")
    return reasons


def _order_changed(evidence: Evidence) -> bool:
    """Well below what the noise of seeds would leave of the order and hardly by chance, and another is the best now:
    poor configurations that change places among themselves leave the result as good as it was."""
    fell = evidence.rank_correlation < RANKS_HOLD * evidence.reliability and evidence.chance < UNLIKELY
    return fell and evidence.improved > SURPRISE


def _by_noise_alone(compared: Sequence[Sample], noise: float) -> NDArray[np.float64]:
    """Spearman's correlations of the old values with themselves, each moved by noise drawn anew: of the one run then,
    and of the mean of the repeats now."""
    old = np.array([each.old or 0.0 for each in compared])
    spread = noise * np.sqrt([1 + 1 / len(each.new) for each in compared])
    moved = old + spread * np.random.default_rng(0).standard_normal((DRAWS, len(old)))
    return _spearman(old, moved)


def _all_well(evidence: Evidence) -> str:
    return (
        f"of {evidence.compared} configurations none beats the best beyond the seeds' noise (the next one by "
        f"{evidence.improved:.1f} standard errors), and the best moved by {evidence.shift:.3g} where the others moved "
        f"by {evidence.level:.3g}"
    )


def _noise(samples: Sequence[Sample]) -> float:
    """Pooled standard deviation of the repeats."""
    repeated = [np.array(each.new) for each in samples if len(each.new) > 1]
    freedom = sum(len(each) - 1 for each in repeated)
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in repeated)
    return math.sqrt(squares / freedom) if freedom else 0.0


def _in_errors(amount: float, error: float) -> float:
    """Finite, so that it can be stored: beyond ±1000 nobody counts."""
    if amount == 0:
        return 0.0
    return float(np.clip(amount / max(error, 1e-12), -1000, 1000))


def _spearman(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m,) of `old` (n,) with each row of `new` (m, n); 1 where either has one value only: no order is no change."""
    from scipy.stats import rankdata  # noqa: PLC0415 - half a second of import, paid by those who use it

    first, second = rankdata(old), np.asarray(rankdata(new, axis=-1))
    first, second = first - first.mean(), second - second.mean(axis=-1, keepdims=True)
    sizes = np.sqrt((first**2).sum() * (second**2).sum(axis=-1))
    return np.where(sizes > 0, (second @ first) / np.where(sizes > 0, sizes, 1.0), 1.0)
