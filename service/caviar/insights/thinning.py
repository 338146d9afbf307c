"""Which trials a screen shows: of many points only those that change the picture. Pure; rows in, rows out."""

from typing import Final

import numpy as np

from caviar.insights.trial_columns import Floats, Mask, Rows

BUCKETS: Final = 400
"""Two pixels wide on a large screen; each keeps its lowest and its highest point."""


def improvements(losses: Floats) -> Mask:
    """Where a loss is below all before it, in the order given; NaN never is."""
    filled = np.where(np.isnan(losses), np.inf, losses)
    before = np.concatenate([[np.inf], np.minimum.accumulate(filled)[:-1]]) if len(filled) else filled
    return filled < before


def best_rows(losses: Floats, count: int) -> Rows:
    """Rows of the `count` lowest losses, best first; of equals the earlier first. NaN is left out."""
    rows = np.flatnonzero(~np.isnan(losses))
    if len(rows) > count:
        limit = np.partition(losses[rows], count - 1)[count - 1] if count else -np.inf
        rows = rows[losses[rows] <= limit]
    return rows[np.argsort(losses[rows], kind="stable")][:count]


def extremes(losses: Floats, buckets: int = BUCKETS) -> Rows:
    """Of each of so many buckets of consecutive rows, the row of the lowest and that of the highest loss."""
    finite = np.flatnonzero(np.isfinite(losses))
    if len(finite) <= 2 * buckets:
        return finite
    edges = np.linspace(0, len(finite), buckets + 1).astype(np.intp)[:-1]
    bucket = np.repeat(np.arange(buckets), np.diff([*edges, len(finite)]))
    order = np.lexsort((losses[finite], bucket))
    lowest, highest = order[edges], order[np.append(edges[1:], len(finite)) - 1]
    return np.unique(finite[np.concatenate([lowest, highest])])


def shown(losses: Floats, kept: Mask, *, best: int, buckets: int = BUCKETS) -> Rows:
    """Ascending: `kept` (what runs, what is selected), all improvements, the best, and the extremes of the rest."""
    keep = kept | improvements(losses)
    keep[best_rows(losses, best)] = True
    keep[extremes(np.where(keep, np.nan, losses), buckets)] = True
    return np.flatnonzero(keep)


def spread(count: int, most: int) -> Rows:
    """At most `most` rows of `count`, evenly spaced, both ends among them."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.intp)
