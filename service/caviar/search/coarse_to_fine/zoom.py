"""How a region moves onto its best results."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from caviar.domain.parameters import Int
from caviar.domain.space import Space
from caviar.search.coarse_to_fine.region import Region, cell_of

Floats = NDArray[np.float64]
_SPAN = 1.3
_SHRINK, _KEEP = 0.5, 0.85
_EDGE = 0.2
_FINEST = 0.01
_DROP = 0.06


def resolution(space: Space) -> Floats:
    """(d,) the narrowest a side may become: one cell, about one integer, or a hundredth of the range."""
    finest = np.where(space.cells > 0, 1 / np.maximum(space.cells, 1), _FINEST)
    for column, name in enumerate(space.columns):
        parameter = space.parameters[name]
        if isinstance(parameter, Int) and not space.cells[column]:
            finest[column] = max(_FINEST, 1 / (parameter.high - parameter.low + 1))
    return finest


def zoomed(space: Space, region: Region, elite: Floats, *, level: int) -> Region:
    """Onto the span of `elite` ((m, d), best first): each side 1.3 × the span, between 0.5 and 0.85 of the old side.

    A side on which good results are spread stays wide. The best is never left in the outer fifth of a side: the
    region pans after it, as far as the cube reaches. A side that none of the elite uses (NaN) stays as it is.
    """
    present = ~np.isnan(elite)
    used = present.any(axis=0)
    filled = np.where(used, elite, (region.low + region.high) / 2)
    best = filled[present.argmax(axis=0), np.arange(elite.shape[1])]
    low, high = np.where(present, filled, best).min(axis=0), np.where(present, filled, best).max(axis=0)
    bottom, width = _side(region, best, low, high, keep=_KEEP if level else 0.7, finest=resolution(space))
    still = space.is_choice | ~used
    weights = {column: _reweighted(old, elite[:, column], level) for column, old in region.weights.items()}
    top = np.minimum(bottom + width, 1.0)
    return Region(np.where(still, region.low, bottom), np.where(still, region.high, top), weights)


def _side(
    region: Region, best: Floats, low: Floats, high: Floats, *, keep: float, finest: Floats
) -> tuple[Floats, Floats]:
    """Bottoms and widths of the new sides."""
    width = np.clip((high - low) * _SPAN, _SHRINK * region.width, keep * region.width)
    width = np.minimum(np.maximum(width, finest), region.width)
    bottom = 0.5 * (best + 0.5 * (low + high)) - width / 2
    bottom += np.minimum(0, best - _EDGE * width - bottom)
    bottom += np.maximum(0, best + _EDGE * width - bottom - width)
    return np.clip(bottom, 0, 1 - width), width


def _reweighted(weights: Floats, elite: Floats, level: int) -> Floats:
    """Half-way to how often the best use each choice; what hardly any use is dropped, but not in the first rounds."""
    elite = elite[~np.isnan(elite)]
    if not len(elite):
        return weights
    cells = cell_of(elite, len(weights))
    counts = np.bincount(cells, minlength=len(weights)) + 0.5
    moved = 0.5 * weights + 0.5 * counts / counts.sum()
    if level >= 2:
        moved[moved < _DROP] = 0
    moved[cells[0]] = max(moved[cells[0]], 0.1)
    normalised: Floats = moved / moved.sum()
    return normalised
