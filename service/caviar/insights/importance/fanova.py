"""fANOVA (Hutter, Hoos & Leyton-Brown 2014): how much of a forest's variance over the space is due to each parameter
alone. Needs scikit-learn. It sees what PED-ANOVA does not, how much a parameter changes the value; but it learns from
values, so the trials must be enough for a model."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from caviar.domain.errors import MissingExtra
from caviar.insights.importance.evidence import SEED, Evidence
from caviar.insights.thinning import spread
from caviar.insights.trial_columns import Floats, Mask

TREES: Final = 12
LEAVES: Final = 48
MOST: Final = 800
FEWEST: Final = 30


@dataclass(frozen=True, slots=True, eq=False)
class _Leaves:
    """(l, d) the sides of each leaf's box, (l,) its value."""

    low: Floats
    high: Floats
    values: Floats


def fanova(evidence: Evidence, cap: float | None = None) -> Floats:
    """(t, d) the share of each tree's variance. With `cap`, losses above that quantile count as it: what matters among
    the good. Zeros where nothing varies. Raises MissingExtra."""
    losses, units = _learned(evidence)
    low, high = np.quantile(losses, [0.25, 0.75])
    losses = np.clip(losses, low - 3 * (high - low), high + 3 * (high - low))
    if cap is not None:
        losses = np.minimum(losses, np.quantile(losses, cap))
    trees = _forest(units, losses).estimators_
    return np.array([_shares(_leaves(each.tree_, units.shape[1])) for each in trees])


def _learned(evidence: Evidence) -> tuple[Floats, Floats]:
    finished = np.flatnonzero(np.isfinite(evidence.losses))
    rows = finished[spread(len(finished), MOST)]
    return evidence.losses[rows], np.where(evidence.active[rows], evidence.units[rows], 0.5)


def _forest(units: Floats, losses: Floats) -> Any:
    try:
        from sklearn.ensemble import ExtraTreesRegressor  # noqa: PLC0415  (heavy, and an extra)
    except ImportError as error:
        raise MissingExtra("scikit-learn", "workers") from error
    forest = ExtraTreesRegressor(TREES, max_leaf_nodes=LEAVES, min_samples_leaf=3, bootstrap=True, random_state=SEED)
    return forest.fit(units, losses)


def _leaves(tree: Any, dimension: int) -> _Leaves:
    boxes, values = [], []
    waiting = [(0, np.zeros(dimension), np.ones(dimension))]
    while waiting:
        node, low, high = waiting.pop()
        left, right = tree.children_left[node], tree.children_right[node]
        if left == right:
            boxes.append((low, high))
            values.append(tree.value[node, 0, 0])
            continue
        column, at = tree.feature[node], tree.threshold[node]
        below, above = high.copy(), low.copy()
        below[column], above[column] = min(at, high[column]), max(at, low[column])
        waiting += [(left, low, below), (right, above, high)]
    lows, highs = zip(*boxes, strict=True)
    return _Leaves(np.array(lows), np.array(highs), np.array(values))


def _shares(leaves: _Leaves) -> Floats:
    """(d,) equation 7 of the paper over equation 8, for single parameters."""
    sides = leaves.high - leaves.low
    volumes = sides.prod(axis=1)
    mean = float(volumes @ leaves.values)
    total = float(volumes @ (leaves.values - mean) ** 2)
    if total <= 0:
        return np.zeros(sides.shape[1])
    return np.array([_alone(leaves, volumes, column, mean) for column in range(sides.shape[1])]) / total


def _alone(leaves: _Leaves, volumes: Floats, column: int, mean: float) -> float:
    """The variance of the marginal over one parameter: piecewise constant between the leaves' edges."""
    low, high = leaves.low[:, column], leaves.high[:, column]
    edges = np.unique(np.concatenate([low, high]))
    middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    inside: Mask = (middle[:, None] >= low) & (middle[:, None] < high)
    share = np.divide(volumes, high - low, out=np.zeros_like(volumes), where=high > low)
    marginal = inside @ (share * leaves.values)
    return float(width @ (marginal - mean) ** 2)
