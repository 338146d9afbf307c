"""GET /studies/{study}/importance: both regions, how sure, and what experience would have said."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from caviar.insights.documents import Document
from caviar.insights.importance.evidence import Evidence, gather
from caviar.insights.importance.fanova import FEWEST, fanova
from caviar.insights.importance.ped_anova import FEWEST as FEWEST_GOOD
from caviar.insights.importance.ped_anova import enough, ped_anova
from caviar.insights.importance.prior import prior_tier
from caviar.insights.trial_columns import Floats, Mask
from caviar.insights.views import View

Method = Literal["ped_anova", "fanova"]
GOOD: Final = 0.1
"""Of all trials: what is good in the whole space."""
REGION: Final = 0.2
"""The good region; what is good within it is its best quarter."""
_WITHIN: Final = REGION / 4


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """(d,) shares that sum to 1, an interval that holds four in five resamplings, and whether chance would do it."""

    share: Floats
    low: Floats
    high: Floats
    clear: Mask

    def of(self, column: int) -> Document:
        return {
            "share": round(float(self.share[column]), 4),
            "low": round(float(self.low[column]), 4),
            "high": round(float(self.high[column]), 4),
            "clear": bool(self.clear[column]),
        }


def importance(view: View, method: Method = "ped_anova") -> Document:
    """Raises MissingExtra for fanova without scikit-learn."""
    evidence = gather(view)
    whole, good = _measured(evidence, method)
    names = evidence.space.columns
    order = range(len(names)) if whole is None else np.argsort(-whole.share, kind="stable").tolist()
    return {
        "method": method,
        "revision": view.revision,
        "trials": evidence.total,
        "enough": whole is not None,
        "message": _message(evidence, whole, good),
        "parameters": [_parameter(evidence, names[column], column, whole, good) for column in order],
    }


def _measured(evidence: Evidence, method: Method) -> tuple[Shares | None, Shares | None]:
    match method:
        case "ped_anova":
            regions = ((_good(evidence.total), 1.0), (_WITHIN, REGION))
            whole, good = (_by_ped_anova(evidence, *each) if enough(evidence, *each) else None for each in regions)
            return whole, good
        case "fanova":
            if np.isfinite(evidence.losses).sum() < FEWEST:
                return None, None
            return _by_fanova(evidence, None), _by_fanova(evidence, REGION)


def _good(total: int) -> float:
    """A tenth; of few trials so many that something can be said, but never more than a quarter."""
    return float(np.clip(FEWEST_GOOD / max(1, total), GOOD, 0.25))


def _by_ped_anova(evidence: Evidence, good: float, region: float) -> Shares:
    """What chance reaches is taken off first: with many cells and few trials everything seems to matter."""
    found = ped_anova(evidence, good, region)
    values, resampled = (np.maximum(each - found.chance, 0.0) for each in (found.values, found.resampled))
    return _shares(values, resampled, found.values > found.chance)


def _by_fanova(evidence: Evidence, cap: float | None) -> Shares:
    trees = fanova(evidence, cap)
    middle = trees.mean(axis=0)
    doubt = 2.0 * trees.std(axis=0) / np.sqrt(len(trees))
    return _shares(middle, trees, middle - doubt > 0.01)


def _shares(values: Floats, resampled: Floats, clear: Mask) -> Shares:
    totals = resampled.sum(axis=1, keepdims=True)
    shares = resampled / np.where(totals > 0, totals, 1.0)
    low, high = np.quantile(shares, [0.1, 0.9], axis=0)
    share = values / (values.sum() or 1.0)
    return Shares(share, np.minimum(low, share), np.maximum(high, share), clear)


def _parameter(evidence: Evidence, name: str, column: int, whole: Shares | None, good: Shares | None) -> Document:
    return {
        "name": name,
        "whole": None if whole is None else whole.of(column),
        "good": None if good is None else good.of(column),
        "prior": prior_tier(evidence.space, name),
    }


def _message(evidence: Evidence, whole: Any, good: Any) -> str | None:
    if whole is None:
        return f"too few trials to say: {evidence.total} have ended, it takes about 32"
    if good is None:
        return f"too few trials to say what matters among the good: {evidence.total} have ended, it takes about 160"
    return None
