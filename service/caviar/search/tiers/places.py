"""Which parameter waits for which tier, and at what value it stands until then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from caviar.domain.columns import Column
from caviar.domain.expressions import Kind
from caviar.domain.parameters import Choice, Constant, Float, Int, Parameter, conditions
from caviar.domain.space import Space
from caviar.domain.space_rules import kinds_of
from caviar.domain.spec import SearchSpec
from caviar.domain.values import Value, key
from caviar.search.tiers.names import UNKNOWN_TIER, role_of

Searched = Float | Int | Choice


@dataclass(frozen=True, slots=True)
class Place:
    """`tier` None: not searched at all. `default` is the value until its tier opens; `why` in words."""

    parameter: str
    tier: int | None
    default: Value
    why: str

    def to_document(self) -> dict[str, Any]:
        return {"parameter": self.parameter, "tier": self.tier, "default": self.default, "why": self.why}


def in_tiers(space: Space, search: SearchSpec) -> bool:
    """Whether the study asks for tiers, as a whole or by one parameter."""
    return search.tiers is not None or any(space.parameters[name].tier is not None for name in space.columns)


def places(space: Space, search: SearchSpec) -> tuple[Place, ...]:
    """One place per searched parameter, in the order of the columns; empty without tiers."""
    if not in_tiers(space, search):
        return ()
    found = {name: _place(space, name, auto=search.tiers is not None) for name in space.columns}
    _parents_first(space, found)
    if all(place.tier is None for place in found.values()):
        return tuple(replace(place, tier=1, why=f"{place.why}; nothing else is searched") for place in found.values())
    return tuple(found.values())


def stages(found: tuple[Place, ...]) -> tuple[int, ...]:
    """The tiers that have a parameter, in order."""
    return tuple(sorted({place.tier for place in found if place.tier is not None}))


def _place(space: Space, name: str, *, auto: bool) -> Place:
    parameter = space.parameters[name]
    assert not isinstance(parameter, Constant)
    role = role_of(name) if auto else None
    default = _default(parameter, space.column(name), role.usual if role else None)
    if parameter.tier is not None:
        return Place(name, parameter.tier, default, "as the study says")
    if isinstance(parameter, Choice) and kinds_of({name: parameter})[name] is Kind.MIXED and space.constraints:
        return Place(name, 1, default, "its values are of several kinds, and there are constraints: never held back")
    if not auto:
        return Place(name, 1, default, "the study gives it no tier")
    if role is None:
        return Place(name, UNKNOWN_TIER, default, "the name is not known")
    if role.tier is None:
        return Place(name, None, default, f"{role.name} by its name: seldom worth tuning; give it a tier to have it so")
    return Place(name, role.tier, default, f"{role.name} by its name")


def _default(parameter: Searched, column: Column, usual: Value) -> Value:
    """What the study says, else what is usual as far as the range allows, else the middle of the scale; of choices
    without order, the first."""
    if parameter.default is not None:
        return float(parameter.default) if isinstance(parameter, Float) else parameter.default
    match parameter:
        case Choice(values, ordered=ordered):
            known = [value for value in values if usual is not None and key(value) == key(usual)]
            return known[0] if known else values[(len(values) - 1) // 2 if ordered else 0]
        case Float(low, high) | Int(low, high):
            if isinstance(usual, int | float):
                return _nearest(column, min(max(usual, low), high))
    return _decoded(column, 0.5)


def _nearest(column: Column, value: float) -> Value:
    return value if column.problem(value) is None else _decoded(column, column.position(value))


def _decoded(column: Column, unit: float) -> Value:
    value: Value = column.decode(np.array([unit])).tolist()[0]
    return value


def _parents_first(space: Space, found: dict[str, Place]) -> None:
    """What others depend on is searched no later than they are."""
    for name in reversed(space.columns):
        child = found[name]
        for parent in conditions(space.parameters[name]):
            above = found.get(parent)
            if above is not None and child.tier is not None and (above.tier is None or above.tier > child.tier):
                found[parent] = replace(above, tier=child.tier, why=f"{above.why}, but {name} depends on it")


def held(found: tuple[Place, ...], tier: int) -> tuple[Place, ...]:
    """Those that are not searched while `tier` is the newest one open."""
    return tuple(place for place in found if place.tier is None or place.tier > tier)


def reduced(space: Space, waiting: tuple[Place, ...]) -> Space:
    """The space with what waits as constants."""
    parameters: dict[str, Parameter] = dict(space.parameters)
    for place in waiting:
        parameters[place.parameter] = Constant(place.default, when=parameters[place.parameter].when)
    return Space(parameters, space.constraints)
