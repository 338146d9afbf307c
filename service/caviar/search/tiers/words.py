"""Rounds of a search in tiers: what is held stands among the bounds as well, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from caviar.domain.parameters import Choice
from caviar.domain.space import Space
from caviar.search.coarse_to_fine.region import Region
from caviar.search.coarse_to_fine.words import labels, short, starting_bounds
from caviar.search.searcher import Bound, Round
from caviar.search.tiers.places import Place

HELD = "held"
"""Rule of a bound that is a single value until its tier opens."""


def with_held(space: Space, record: Round, waiting: Sequence[Place]) -> Round:
    """The round with a bound for each parameter of the whole space."""
    found = {bound.parameter: bound for bound in record.bounds}
    found |= {place.parameter: _held(space, place) for place in waiting}
    return replace(record, bounds=tuple(found[name] for name in space.columns))


def without_held(small: Space, record: Round) -> Round:
    """The round as the searcher of `small` is to see it: whoever was held and no longer is, is free."""
    found = {bound.parameter: bound for bound in record.bounds if bound.rule != HELD}
    whole = starting_bounds(small, Region.whole(small))
    return replace(record, bounds=tuple(found.get(bound.parameter, bound) for bound in whole))


def started(
    space: Space, small: Space, waiting: Sequence[Place], added: list[Round], first: int, tier: int
) -> list[Round]:
    """The first round, also of a searcher that keeps none, with what is searched and what waits."""
    bounds = starting_bounds(small, Region.whole(small))
    head = added[0] if added else with_held(space, Round(0, 0, first, 0, bounds, "the whole space"), waiting)
    said = f"tier {tier} first: {_listed(small.columns)}; {_waiting(waiting)}" if waiting else head.reason
    return [replace(head, reason=said), *added[1:]]


def opened(space: Space, small: Space, waiting: Sequence[Place], draft: Round, names: Sequence[str]) -> Round:
    """`draft`, whose reason says why the tier opens, with its bounds, the parameters that join and those that wait."""
    whole = replace(draft, bounds=starting_bounds(small, Region.whole(small)))
    what, _, why = draft.reason.partition(": ")
    joins = "joins" if len(names) == 1 else "join"
    rest = f"; {_waiting(waiting)}" if waiting else ""
    return replace(with_held(space, whole, waiting), reason=f"{what}: {_listed(names)} {joins}, for {why}{rest}")


def _held(space: Space, place: Place) -> Bound:
    parameter = space.parameters[place.parameter]
    unit = float(space.column(place.parameter).position(place.default))
    later = "not searched" if place.tier is None else f"until tier {place.tier}"
    why = f"{place.parameter}: held at {short(place.default)}, {later}"
    if isinstance(parameter, Choice) and not parameter.ordered:
        index = int(space.column(place.parameter).snap(np.array([unit]))[0] * len(parameter.values))
        weights = {label: float(row == index) for row, label in enumerate(labels(parameter))}
        return Bound(place.parameter, None, None, 0.0, 1.0, weights=weights, rule=HELD, reason=why)
    return Bound(place.parameter, place.default, place.default, unit, unit, rule=HELD, reason=why)


def _waiting(waiting: Sequence[Place]) -> str:
    return f"held for now: {_listed([f'{place.parameter} at {short(place.default)}' for place in waiting])}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
