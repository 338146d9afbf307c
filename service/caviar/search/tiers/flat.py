"""Whether the tiers open so far have given what they can: a function of the results."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from caviar.search.history import History, Outcome

NO_RESULT = (Outcome.OPEN, Outcome.CANCELLED, Outcome.OUTSIDE)
_FEWEST = 4
_LEAST, _MOST = 6, 20
_MARGIN = 0.01


def patience(trials: int, stages: int) -> int:
    """Results in a row without a better one that make a tier flat."""
    return min(_MOST, max(_LEAST, trials // (4 * stages)))


def reason_to_open(history: History, since: int, trials: int, stages: int) -> str | None:
    """Why the next tier opens now, None while it does not. `since`: the first trial of the newest open tier.

    It is flat when `patience` results in a row were not better, by a hundredth of the spread between the middle and
    the best, than the best before; and it never gets more than half of the trials that were left to it.
    """
    ended = ~np.isin(history.states, NO_RESULT)
    mine = ended & (history.numbers >= since)
    count = int(mine.sum())
    if count < _FEWEST:
        return None
    idle = _idle(history, ended, mine)
    if idle >= patience(trials, stages):
        best = int(history.numbers[np.nanargmin(_losses(history))]) if np.isfinite(_losses(history)).any() else None
        than = "" if best is None else f" than trial #{best}"
        return f"the last {idle} results are not better{than}"
    if count >= max(_FEWEST, (trials - since) // 2):
        return f"{count} trials were spent, half of what was left"
    return None


def _idle(history: History, ended: NDArray[np.bool_], mine: NDArray[np.bool_]) -> int:
    """Results of this tier since the last that improved."""
    losses = _losses(history)
    known = losses[np.isfinite(losses)]
    margin = _MARGIN * float(np.median(known) - known.min()) if len(known) else 0.0
    before = losses[ended & ~mine]
    best = float(np.nanmin(before)) if np.isfinite(before).any() else np.inf
    idle = 0
    for loss in losses[mine]:
        idle = 0 if loss < best - margin or (np.isinf(best) and np.isfinite(loss)) else idle + 1
        best = min(best, loss) if np.isfinite(loss) else best
    return idle


def _losses(history: History) -> NDArray[np.float64]:
    """Of completed trials; NaN elsewhere."""
    fine = (history.states == Outcome.COMPLETED) & np.isfinite(history.values)
    return np.where(fine, history.values, np.nan)
