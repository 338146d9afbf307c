"""What is still to come and what it is worth: time and compute as ranges, the gain of more trials, what stopping saved.

Ranges hold four in five cases, if what comes is like what came last. Nothing is said where too little has ended."""

from typing import Final

import numpy as np

from caviar.domain.states import TrialState, is_terminal
from caviar.insights.documents import Document
from caviar.insights.importance.evidence import generator
from caviar.insights.ranges import sum_range
from caviar.insights.trial_columns import Floats, Mask
from caviar.insights.views import View

RECENT: Final = 100
"""Trials that the pace and the gain are judged by."""
FEWEST_FOR_GAIN: Final = 20
_TOPS: Final = (0.1, 0.05, 0.01)
_RUNS: Final = 400


def forecast(view: View) -> Document:
    ended = _ended(view)
    left = 0 if is_terminal(view.study.state) else max(0, view.spec.budget.trials - int(ended.sum()))
    seconds = view.trials.numbers["seconds"]
    spent = float(np.nansum(seconds))
    told = seconds[ended & np.isfinite(seconds)][-RECENT:]
    return {
        "revision": view.revision,
        "ended": int(ended.sum()),
        "left": left,
        "seconds": sum_range(_gaps(view), left),
        "spent_seconds": round(spent, 3),
        "compute_seconds": sum_range(told, left),
        "random_would_have_hit": _chances(int(view.ranked.sum())),
        "gain": _gain(view, left),
        "stopping": _stopping(view, spent),
    }


def _ended(view: View) -> Mask:
    return view.trials.texts["state"].among([state for state in TrialState if is_terminal(state)])


def _gaps(view: View) -> Floats:
    """Seconds from one trial's end to the next, of the latest."""
    ends = view.trials.numbers["finished_at"]
    return np.diff(np.sort(ends[np.isfinite(ends)])[-RECENT - 1 :])


def _chances(draws: int) -> list[Document]:
    """That so many draws at random would have come into the best share of the space: 1 - (1 - share)^draws."""
    return [{"top": top, "chance": round(1.0 - (1.0 - top) ** draws, 6)} for top in _TOPS]


def _gain(view: View, left: int) -> Document | None:
    """What the next trials would better the best by; None where too few have ended."""
    ranked = np.flatnonzero(view.ranked)
    losses = view.losses[ranked]
    if len(losses) < FEWEST_FOR_GAIN:
        return None
    trials = left or max(10, len(losses) // 10)
    gains = simulated_gains(losses[-RECENT:], float(losses.min()), trials)
    seconds = view.trials.numbers["seconds"][ranked][-RECENT:]
    low, middle, high = np.quantile(gains, [0.1, 0.5, 0.9]).tolist()
    return {
        "trials": trials,
        "chance": round(float((gains > 0).mean()), 4),
        "expected": round(float(gains.mean()), 9),
        "range": {"low": low, "middle": middle, "high": high},
        "compute_seconds": round(trials * float(np.nanmean(seconds)), 3) if np.isfinite(seconds).any() else None,
    }


def simulated_gains(recent: Floats, best: float, trials: int) -> Floats:
    """(runs,) how far below `best` the lowest of `trials` more losses like the recent comes: the best quarter of them
    as a generalised Pareto tail, fitted by its moments (Hosking & Wallis 1987)."""
    rng = generator()
    threshold = float(np.quantile(recent, 0.25))
    excess = threshold - recent[recent < threshold]
    mean, variance = (float(excess.mean()), float(excess.var())) if len(excess) else (0.0, 0.0)
    if variance <= 0:
        return np.zeros(_RUNS)
    shape, scale = 0.5 * (1 - mean**2 / variance), 0.5 * mean * (mean**2 / variance + 1)
    shape = min(shape, 0.0)  # a loss has a floor: a heavy tail below is one outlier
    hits = rng.binomial(trials, len(excess) / len(recent), _RUNS)
    beyond = 1.0 - rng.random(_RUNS) ** (1.0 / np.maximum(hits, 1))
    deepest = scale * (-np.log(beyond) if shape == 0 else (beyond**-shape - 1) / shape)
    return np.where(hits > 0, np.maximum(0.0, best - (threshold - deepest)), 0.0)


def _stopping(view: View, spent: float) -> Document | None:
    """Had each stopped trial been trained as long as the completed ones are on average."""
    state, seconds = view.trials.texts["state"], view.trials.numbers["seconds"]
    stopped = seconds[state.among(("stopped",))]
    whole = seconds[state.among(("completed",)) & np.isfinite(seconds)]
    if view.spec.stopping.rule == "none" or not len(whole):
        return None
    saved = float(np.nansum(np.maximum(0.0, whole.mean() - stopped)))
    share = saved / (saved + spent) if saved + spent > 0 else 0.0
    return {"stopped": len(stopped), "saved_seconds": round(saved, 3), "saved_share": round(share, 4)}
