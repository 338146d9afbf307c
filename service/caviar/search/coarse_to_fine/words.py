"""Rounds in words: what moved each bound, and why, for the people who watch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from caviar.domain.parameters import Choice, Value
from caviar.domain.space import Space
from caviar.search.coarse_to_fine.region import Region, cell_of
from caviar.search.searcher import Bound

Floats = NDArray[np.float64]
_INSIDE = 1e-9
_SHOWN = 3


@dataclass(frozen=True, slots=True, eq=False)
class Elite:
    """The best results that a box moves onto, best first, out of `total`; `units` are places (NaN: not in force)."""

    numbers: NDArray[np.int64]
    units: Floats
    total: int


def labels(choice: Choice) -> tuple[str, ...]:
    """Names of a choice's values for the keys of `Bound.weights`: plain where that is unambiguous, else as JSON."""
    plain = tuple(value if isinstance(value, str) else json.dumps(value) for value in choice.values)
    return plain if len(set(plain)) == len(plain) else tuple(json.dumps(value) for value in choice.values)


def starting_bounds(space: Space, region: Region) -> tuple[Bound, ...]:
    return tuple(_bound(space, region, column) for column in range(space.dimension))


def region_of(space: Space, bounds: tuple[Bound, ...]) -> Region:
    """The region that stored bounds describe."""
    by_name = {bound.parameter: bound for bound in bounds}
    ordered = [by_name[name] for name in space.columns]
    weights = {
        column: _weights(space, name, by_name[name].weights or {})
        for column, name in enumerate(space.columns)
        if space.is_choice[column]
    }
    return Region(
        np.array([bound.unit_low for bound in ordered]), np.array([bound.unit_high for bound in ordered]), weights
    )


def moved_bounds(space: Space, old: Region, new: Region, elite: Elite) -> tuple[Bound, ...]:
    """The bounds of `new`, each with what moved it there from `old`."""
    return tuple(_moved(space, old, new, elite, column) for column in range(space.dimension))


def summary(bounds: tuple[Bound, ...]) -> str:
    """The bounds that moved most, in one line."""
    moved = [bound for bound in bounds if bound.rule in ("zoom", "pan")]
    moved.sort(key=lambda bound: bound.unit_high - bound.unit_low)
    if not moved:
        return "no bound moved: the best results are spread over the whole of it"
    return "; ".join(bound.reason for bound in moved[:_SHOWN])


def short(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _bound(space: Space, region: Region, column: int) -> Bound:
    name, low, high = space.columns[column], float(region.low[column]), float(region.high[column])
    if space.is_choice[column]:
        shares = dict(zip(_labels(space, name), region.weights[column].tolist(), strict=True))
        return Bound(name, None, None, 0.0, 1.0, weights=shares, reason=f"{name}: {_shares(shares)}")
    bottom, top = value_at(space, name, low), _top(space, name, high)
    return Bound(name, bottom, top, low, high, reason=f"{name}: {short(bottom)}..{short(top)}")


def _moved(space: Space, old: Region, new: Region, elite: Elite, column: int) -> Bound:
    before, after = _bound(space, old, column), _bound(space, new, column)
    if after.weights is not None and before.weights is not None:
        return _reweighted(before.weights, after, elite, column)
    return _resized(space, before, after, elite, column)


def _resized(space: Space, before: Bound, after: Bound, elite: Elite, column: int) -> Bound:
    name = after.parameter
    using = np.flatnonzero(~np.isnan(elite.units[:, column]))
    if not len(using):
        stays = f"{name}: stays {short(after.low)}..{short(after.high)}; none of the best {len(elite.numbers)} uses it"
        return replace(after, rule="stay", reason=stays)
    points = elite.units[using, column]
    first, last = int(np.argmin(points)), int(np.argmax(points))
    span = f"{short(value_at(space, name, points[first]))}..{short(value_at(space, name, points[last]))}"
    evidence = f"{_how_many(len(using), elite)} lie in {span}"
    rule = _rule(before, after)
    if rule == "stay":
        return replace(after, rule=rule, reason=f"{name}: stays {short(after.low)}..{short(after.high)}; {evidence}")
    was, now = f"{short(before.low)}..{short(before.high)}", f"{short(after.low)}..{short(after.high)}"
    why = f"{name}: {was} → {now}; {evidence}"
    if rule == "pan":
        why += f", the very best at {short(value_at(space, name, points[0]))} near the old edge"
    movers = dict.fromkeys(int(elite.numbers[using[row]]) for row in (first, last, 0))
    return replace(after, moved_by=tuple(movers), rule=rule, reason=why)


def _how_many(using: int, elite: Elite) -> str:
    whole = f"the best {len(elite.numbers)} of {elite.total}"
    return whole if using == len(elite.numbers) else f"the {using} that use it among {whole}"


def _rule(before: Bound, after: Bound) -> str:
    if after.unit_low < before.unit_low - _INSIDE or after.unit_high > before.unit_high + _INSIDE:
        return "pan"
    narrower = after.unit_high - after.unit_low < before.unit_high - before.unit_low - _INSIDE
    return "zoom" if narrower else "stay"


def _reweighted(before: Mapping[str, float], after: Bound, elite: Elite, column: int) -> Bound:
    shares = after.weights or {}
    names = list(shares)
    top = max(names, key=lambda name: shares[name])
    in_force = ~np.isnan(elite.units[:, column])
    cells = cell_of(elite.units[in_force, column], len(names))
    using = elite.numbers[in_force][cells == names.index(top)]
    why = f"{after.parameter}: {top} {before[top]:.0%} → {shares[top]:.0%}"
    dropped = [name for name in names if before[name] > 0 and not shares[name]]
    if dropped:
        why += f", {', '.join(dropped)} dropped"
    why += f"; {len(using)} of the best {len(cells)} use {top}"
    return replace(after, moved_by=tuple(int(number) for number in using), rule="weights", reason=why)


def value_at(space: Space, name: str, unit: float) -> Value:
    """The value of one parameter at a place of its axis, active or not."""
    value: Value = space.column(name).decode(np.array([unit])).tolist()[0]
    return value


def _top(space: Space, name: str, unit: float) -> Value:
    """The highest value below a place: where cells meet it belongs to the one below."""
    return value_at(space, name, unit if space.column(name).count is None else unit - _INSIDE)


def _labels(space: Space, name: str) -> tuple[str, ...]:
    parameter = space.parameters[name]
    return labels(parameter) if isinstance(parameter, Choice) else ()


def _weights(space: Space, name: str, shares: Mapping[str, float]) -> Floats:
    return np.array([shares[label] for label in _labels(space, name)])


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if share)
