"""Which configuration to take: not the luckiest draw, but the one that is best by all that is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.coding import Coding
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.fitting import scales_in
from caviar.search.coarse_to_fine.model import Posterior
from caviar.search.coarse_to_fine.targets import Sampler, targets
from caviar.search.history import History, Outcome
from caviar.search.searcher import Round

Floats = NDArray[np.float64]
_ROWS = 220
_LEAST_NOISE = math.log(0.05)
"""A recommendation smooths at least so much, as a share of the variance, however exact the model thinks results are."""
_FEWEST = 8
_LOOKED_AT = 2_000
"""Of the completed trials so many with the best values may be recommended: the model lifts no poor one above them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A configuration by the mean of its repeats (minimised). The draw that chose it does not count: it was chosen for
    being lucky. `low` to `high`: 95%, by the spread that all repeats share."""

    number: int
    runs: int
    mean: float
    low: float
    high: float
    ties: bool


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`number` is the first trial of the configuration; `value` (minimised) what it is expected to give."""

    number: int
    value: float
    by: str
    standings: tuple[Standing, ...] = ()


def recommend(space: Space, seed: int, history: History, rounds: Sequence[Round]) -> Recommendation | None:
    """By repeats where there are any, else by the model's smoothed value, else by the value itself."""
    fine = np.flatnonzero((history.states == Outcome.COMPLETED) & np.isfinite(history.values))
    if not len(fine):
        return None
    found = standings(history, fine)
    if found:
        return Recommendation(found[0].number, found[0].mean, "repeats", found)
    if len(fine) < _FEWEST:
        row = int(fine[np.argmin(history.values[fine])])
        return Recommendation(int(history.numbers[row]), float(history.values[row]), "value")
    if len(fine) > _LOOKED_AT:
        fine = fine[np.sort(np.argsort(history.values[fine], kind="stable")[:_LOOKED_AT])]
    smooth = _smoothed(space, seed, history, rounds, fine)
    place = int(np.argmin(smooth))
    return Recommendation(int(history.numbers[fine[place]]), float(smooth[place]), "model")


def standings(history: History, fine: NDArray[np.intp]) -> tuple[Standing, ...]:
    """Configurations with two repeats or more, best first; empty when there are none."""
    runs: dict[bytes, list[int]] = {}
    for row in fine[_perhaps_repeated(history.units[fine])].tolist():
        runs.setdefault(history.units[row].tobytes(), []).append(row)
    again = {rows[0]: history.values[rows[1:]] for rows in runs.values() if len(rows) > 2}
    if not again:
        return ()
    spread, reach = _pooled(list(again.values()))
    ordered = sorted(again, key=lambda row: (float(again[row].mean()), row))
    best = again[ordered[0]]
    return tuple(
        Standing(
            number=int(history.numbers[row]),
            runs=len(again[row]),
            mean=float(again[row].mean()),
            low=float(again[row].mean() - reach * spread / len(again[row]) ** 0.5),
            high=float(again[row].mean() + reach * spread / len(again[row]) ** 0.5),
            ties=bool(again[row].mean() - best.mean() <= reach * spread * (1 / len(again[row]) + 1 / len(best)) ** 0.5),
        )
        for row in ordered
    )


def _perhaps_repeated(units: Floats) -> NDArray[np.bool_]:
    """(n,), false where a point surely does not stand there three times: told by one number for each point, without
    looking at all of them one by one."""
    sums = units @ np.sqrt(np.arange(2.0, 2.0 + units.shape[1]))
    _, place, counts = np.unique(sums, return_inverse=True, return_counts=True)
    return np.asarray(counts[place] > 2)


def _pooled(groups: list[Floats]) -> tuple[float, float]:
    """The standard deviation within groups, and Student's t for 95% of its degrees of freedom."""
    from scipy.special import stdtrit  # noqa: PLC0415 - imported by those who ask

    freedom = sum(len(group) - 1 for group in groups)
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    return math.sqrt(squares / freedom), float(stdtrit(freedom, 0.975))


def _smoothed(space: Space, seed: int, history: History, rounds: Sequence[Round], fine: NDArray[np.intp]) -> Floats:
    """The posterior mean at completed trials, in the metric's own units."""
    evidence = Evidence.of(history)
    coding = Coding(space, learning=bool((evidence.fidelity < 1).any()))
    scales = coding.scales_from(dict(scales_in(rounds)))
    rows = Sampler(seed).rows(evidence, evidence.losses, _ROWS)
    wanted = targets(evidence)[rows]
    middle, spread = float(wanted.mean()), float(wanted.std()) + 1e-9
    features = coding.features(evidence.units[rows], evidence.fidelity[rows])
    noisy = replace(scales, noise=max(scales.noise, _LEAST_NOISE))
    posterior = Posterior(features, coding.groups, (wanted - middle) / spread, noisy, 0)
    mean = posterior.mean(coding.features(history.units[fine])) * spread + middle
    return mean * _unit_of(evidence) + float(np.median(evidence.losses))


def _unit_of(evidence: Evidence) -> float:
    """What one of the model's targets is in the metric, as `targets` has it."""
    spread = float(np.median(evidence.losses) - np.quantile(evidence.losses, 0.1))
    return spread if spread > 0 else float(evidence.losses.std()) or 1.0
