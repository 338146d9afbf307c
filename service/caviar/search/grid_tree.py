"""The configurations of a space as numbers: counted exactly and decoded one by one, conditions included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.domain.columns import Column
from caviar.domain.parameters import Constant, Float, Int, Parameter, Value
from caviar.domain.space import Space

DEFAULT_POINTS = 10
_OFF = -1
State = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One parameter. Its digits fall into `classes`: those that its children cannot tell apart.

    `conditions` pairs an earlier level with the classes of it that make this one active; `needed` are the earlier
    levels that this one or a later one looks at.
    """

    column: int | None
    units: NDArray[np.float64]
    classes: tuple[NDArray[np.int64], ...]
    conditions: tuple[tuple[int, frozenset[int]], ...]
    needed: tuple[int, ...]


class GridTree:
    """`count` configurations; `unit(index)` is the point of one of them. Nothing is ever enumerated."""

    def __init__(self, space: Space, points: Mapping[str, int]) -> None:
        self._dimension = space.dimension
        self._levels = _levels(space, points)
        self._memo: dict[tuple[int, State], int] = {}
        self.count = self._below(0, ())

    def unit(self, index: int) -> NDArray[np.float64]:
        """(d,) the point of configuration `index`; inactive parameters stand at 0.5."""
        point = np.full(self._dimension, 0.5)
        state: State = ()
        for depth, level in enumerate(self._levels):
            chosen = _OFF
            if self._active(level, state):
                chosen, digit, index = self._digit(depth, state, index)
                if level.column is not None:
                    point[level.column] = level.units[digit]
            state = self._next(depth, state, chosen)
        return point

    def _digit(self, depth: int, state: State, index: int) -> tuple[int, int, int]:
        """The class and digit that configuration `index` has at this level, and its index below that digit."""
        for number, members in enumerate(self._levels[depth].classes):
            below = self._below(depth + 1, self._next(depth, state, number))
            if index < below * len(members):
                place, rest = divmod(index, below)
                return number, int(members[place]), rest
            index -= below * len(members)
        raise IndexError("no such configuration")

    def _below(self, depth: int, state: State) -> int:
        """How many ways there are to go on from `depth`, given the classes of the levels still looked at."""
        if depth == len(self._levels):
            return 1
        key = (depth, state)
        if key not in self._memo:
            self._memo[key] = self._counted(depth, state)
        return self._memo[key]

    def _counted(self, depth: int, state: State) -> int:
        level = self._levels[depth]
        if not self._active(level, state):
            return self._below(depth + 1, self._next(depth, state, _OFF))
        return sum(
            len(members) * self._below(depth + 1, self._next(depth, state, number))
            for number, members in enumerate(level.classes)
        )

    @staticmethod
    def _active(level: Level, state: State) -> bool:
        known = dict(zip(level.needed, state, strict=True))
        return all(known[parent] in allowed for parent, allowed in level.conditions)

    def _next(self, depth: int, state: State, chosen: int) -> State:
        """The state one level on: what nobody looks at any more is forgotten."""
        if depth + 1 == len(self._levels):
            return ()
        known = {**dict(zip(self._levels[depth].needed, state, strict=True)), depth: chosen}
        return tuple(known[earlier] for earlier in self._levels[depth + 1].needed)


def _levels(space: Space, points: Mapping[str, int]) -> tuple[Level, ...]:
    names = _parents_first(space.parameters)
    depth = {name: index for index, name in enumerate(names)}
    column = {name: index for index, name in enumerate(space.columns)}
    digits = {name: _digits(space, name, points.get(name)) for name in names}
    classes = {name: _classes(digits[name][1], _watchers(space, name)) for name in names}
    watched = {name: max([depth[child] for child in _children(space, name)], default=-1) for name in names}
    return tuple(
        Level(
            column=column.get(name),
            units=digits[name][0],
            classes=classes[name],
            conditions=_conditions(space.parameters[name], depth, digits, classes),
            needed=tuple(
                index for index, earlier in enumerate(names[: depth[name]]) if watched[earlier] >= depth[name]
            ),
        )
        for name in names
    )


def _parents_first(parameters: Mapping[str, Parameter]) -> list[str]:
    """Children right behind their parents, so that little has to be remembered while counting."""
    order: list[str] = []
    stack = list(parameters)[::-1]
    while stack:
        name = stack.pop()
        missing = [parent for parent in parameters[name].when or () if parent not in order]
        if name in order:
            continue
        if missing:
            stack.extend([name, *missing])
            continue
        order.append(name)
        stack.extend(child for child in parameters if name in (parameters[child].when or ()) and child not in order)
    return order


def _children(space: Space, name: str) -> list[str]:
    return [child for child, parameter in space.parameters.items() if name in (parameter.when or {})]


def _watchers(space: Space, name: str) -> list[Sequence[Value]]:
    whens = [space.parameters[child].when for child in _children(space, name)]
    return [when[name] for when in whens if when]


def _classes(values: Sequence[Value], watchers: Sequence[Sequence[Value]]) -> tuple[NDArray[np.int64], ...]:
    if not watchers:
        return (np.arange(len(values)),)
    groups: dict[tuple[bool, ...], list[int]] = {}
    for digit, value in enumerate(values):
        groups.setdefault(tuple(_among(value, wanted) for wanted in watchers), []).append(digit)
    return tuple(np.array(members) for members in groups.values())


def _conditions(
    parameter: Parameter,
    depth: Mapping[str, int],
    digits: Mapping[str, tuple[NDArray[np.float64], Sequence[Value]]],
    classes: Mapping[str, tuple[NDArray[np.int64], ...]],
) -> tuple[tuple[int, frozenset[int]], ...]:
    return tuple(
        (
            depth[parent],
            frozenset(
                number
                for number, members in enumerate(classes[parent])
                if _among(digits[parent][1][int(members[0])], wanted)
            ),
        )
        for parent, wanted in (parameter.when or {}).items()
    )


def _among(value: Value, wanted: Sequence[Value]) -> bool:
    """Membership that keeps true apart from 1."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in wanted)


def _digits(space: Space, name: str, points: int | None) -> tuple[NDArray[np.float64], Sequence[Value]]:
    """Units and values of a parameter's digits: its cells, or evenly spaced points where it is continuous."""
    parameter = space.parameters[name]
    if isinstance(parameter, Constant):
        return np.array([0.5]), (parameter.value,)
    column, cells = space.column(name), int(space.cells[space.columns.index(name)])
    if cells and (points is None or points >= cells):
        units = (np.arange(cells) + 0.5) / cells
    else:
        units = _spaced(column, parameter, points or DEFAULT_POINTS)
    return units, column.decode(units).tolist()


def _spaced(column: Column, parameter: Parameter, points: int) -> NDArray[np.float64]:
    """Ends included; all values there are when they are no more than `points`."""
    count = column.count
    if count is not None and count <= points and isinstance(parameter, Int | Float):
        return np.array([column.position(parameter.low + index * (parameter.step or 1)) for index in range(count)])
    even = np.linspace(0, 1, points) if points > 1 else np.array([0.5])
    return np.unique(column.snap(even))
