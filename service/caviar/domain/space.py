"""The search space: configurations as points of the unit cube, with one column per parameter that is searched."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.cardinality import cardinality
from caviar.domain.columns import Column, make_column, make_parent_column
from caviar.domain.conditions import parents_first
from caviar.domain.configurations import Configurations, operand
from caviar.domain.errors import InvalidInput, Problem, pointer
from caviar.domain.expressions import parse_constraint
from caviar.domain.parameters import Choice, Constant, Int, Parameter, conditions, to_document
from caviar.domain.space_rules import kinds_of, space_problems
from caviar.domain.values import Value, key

Units = NDArray[np.float64]
Mask = NDArray[np.bool_]
Condition = Callable[[Units], Mask]

_ABSENT = object()
_IDLE = 0.5
"""Where the unit of an inactive parameter stands, so that it tells a search nothing."""


class Space:
    """Immutable. `units` is (n, d) throughout: d = dimension, columns as in `columns`; what lies outside [0, 1] is
    taken as the nearer end."""

    parameters: Mapping[str, Parameter]
    names: tuple[str, ...]
    """All parameters, as declared."""
    columns: tuple[str, ...]
    """Those that are searched, as declared but for parents, which come before what depends on them."""
    cells: NDArray[np.int64]
    """(d,) how many equal cells a column has; 0: continuous, more than 65,536, or a warped lattice."""
    counts: tuple[int | None, ...]
    """(d,) how many values a column has; None: continuous."""
    is_choice: Mask
    """(d,) choices without an order."""

    def __init__(self, parameters: Mapping[str, Parameter], constraints: Sequence[str] = ()) -> None:
        """Raises InvalidInput with every mistake; pointers as in `space_problems`."""
        if problems := space_problems(parameters, constraints):
            raise InvalidInput(problems)
        self.parameters = MappingProxyType(dict(parameters))
        self.constraints = tuple(constraints)
        self.names = tuple(parameters)
        order = self._order = parents_first(parameters)
        self._columns = {
            name: make_column(parameter) for name in order if not isinstance(parameter := parameters[name], Constant)
        }
        self.columns = tuple(self._columns)
        self.dimension = len(self.columns)
        self._index = {name: index for index, name in enumerate(self.columns)}
        self.counts = tuple(column.count for column in self._columns.values())
        self.cells = _frozen(np.array([column.cells for column in self._columns.values()], np.int64))
        ordered = [getattr(parameters[name], "ordered", True) for name in self.columns]
        self.is_choice = _frozen(~np.array(ordered, np.bool_))
        self._conditions = {
            name: [(parent, self._condition(parent, allowed)) for parent, allowed in links.items()]
            for name in order
            if (links := conditions(parameters[name]))
        }
        self._kinds = kinds_of(parameters)
        self._rules = tuple(parse_constraint(text, self._kinds) for text in constraints)
        self._configurations = Configurations(self.parameters, order, self._columns, self._rules, self._kinds)

    def __reduce__(self) -> tuple[type["Space"], tuple[dict[str, Parameter], tuple[str, ...]]]:
        return type(self), (dict(self.parameters), self.constraints)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        mine, theirs = (list(space.parameters.items()) for space in (self, other))
        return mine == theirs and self.constraints == other.constraints

    def __hash__(self) -> int:
        return hash((self.names, self.constraints))

    def __repr__(self) -> str:
        return f"Space({dict(self.parameters)!r}, {list(self.constraints)!r})"

    @cached_property
    def cardinality(self) -> int | None:
        """How many configurations there are, constraints aside; None: infinitely many, or too entangled to count."""
        return cardinality(self.parameters, self._order)

    def to_document(self) -> dict[str, Any]:
        """The parameters; the constraints stand beside them in a study document."""
        return {name: to_document(parameter) for name, parameter in self.parameters.items()}

    def column(self, name: str) -> Column:
        return self._columns[name]

    def decode(self, units: Units) -> list[dict[str, Value]]:
        """Configurations with Python's own numbers, keys as declared: constants included, inactive ones left out."""
        units = self._checked(units)
        masks = self._masks(units)
        lists = [self._listed(name, units, masks.get(name)) for name in self.names]
        if not masks:
            return [dict(zip(self.names, row, strict=True)) for row in zip(*lists, strict=True)]
        return [
            {name: value for name, value in zip(self.names, row, strict=True) if value is not _ABSENT}
            for row in zip(*lists, strict=True)
        ]

    def encode(self, params: Mapping[str, Value]) -> Units:
        """(d,). What `params` lacks, inactive or not, stands at 0.5. Raises InvalidInput for values out of place."""
        problems, unit = [], np.full(self.dimension, _IDLE)
        for index, (name, column) in enumerate(self._columns.items()):
            if name not in params:
                continue
            if detail := column.problem(params[name]):
                problems.append(Problem(pointer(name), detail))
            else:
                unit[index] = column.position(params[name])
        if problems:
            raise InvalidInput(problems)
        return unit

    def snap(self, units: Units) -> Units:
        """(n, d), the units that stand for the same configurations: encode(decode(units)), row by row."""
        units = self._checked(units)
        columns = zip(self._columns.values(), units.T, strict=True)
        snapped = np.column_stack([column.snap(unit) for column, unit in columns])
        return np.where(self.active(units), snapped, _IDLE)

    def active(self, units: Units) -> Mask:
        """(n, d), whether the column counts in that row."""
        units = self._checked(units)
        active = np.ones(units.shape, np.bool_)
        for name, mask in self._masks(units).items():
            if name in self._index:
                active[:, self._index[name]] = mask
        return active

    def has(self, name: str, units: Units) -> Mask:
        """(n,), whether the configuration has the parameter, which may be a constant."""
        units = self._checked(units)
        mask = self._masks(units).get(name)
        return np.ones(len(units), np.bool_) if mask is None else mask

    def feasible(self, units: Units) -> Mask:
        """(n,), whether all constraints hold; one that names an inactive parameter does."""
        units = self._checked(units)
        feasible = np.ones(len(units), np.bool_)
        masks = self._masks(units) if self._rules else {}
        for rule in self._rules:
            operands = {name: self._operand(name, units) for name in rule.names}
            holds = rule.holds(operands, len(units))
            feasible &= np.logical_or.reduce([holds, *(~masks[name] for name in rule.names if name in masks)])
        return feasible

    def feasible_share(self, units: Units) -> float:
        """The share of `units` that the constraints leave; 1.0 for an empty sample."""
        return float(np.mean(self.feasible(units))) if len(units) else 1.0

    def normalized(self, params: Mapping[str, Value]) -> dict[str, Value]:
        """A configuration that `check` accepts, in the form that `decode` gives it."""
        return self._configurations.normalized(params)

    def check(self, params: Mapping[str, object]) -> tuple[Problem, ...]:
        """What keeps `params` from being a configuration; pointers as "/learning_rate". Constants may be left out."""
        return (*self._configurations.missing(params), *self._configurations.wrong(params))

    def check_partial(self, params: Mapping[str, object]) -> tuple[Problem, ...]:
        """What keeps `params` from being a part of a configuration whose rest is sampled."""
        return self._configurations.wrong(params)

    def _condition(self, parent: str, allowed: Sequence[Value]) -> Condition:
        match self.parameters[parent]:
            case (Int() | Choice()) as holder:
                index, matches = self._index[parent], make_parent_column(holder).matcher(allowed)
                return lambda units: matches(units[:, index])
            case Constant(value) if key(value) in map(key, allowed):
                return lambda units: np.ones(len(units), np.bool_)
        return lambda units: np.zeros(len(units), np.bool_)

    def _masks(self, units: Units) -> dict[str, Mask]:
        """Name to whether it is active, (n,), for those that are not always so."""
        masks: dict[str, Mask] = {}
        for name, links in self._conditions.items():
            mask = np.logical_and.reduce([condition(units) for _, condition in links])
            masks[name] = np.logical_and.reduce([mask, *(masks[parent] for parent, _ in links if parent in masks)])
        return masks

    def _listed(self, name: str, units: Units, mask: Mask | None) -> list[Any]:
        match self.parameters[name]:
            case Constant(value):
                values = [value] * len(units)
            case _:
                values = self._columns[name].decode(units[:, self._index[name]]).tolist()
        if mask is None:
            return values
        return [value if active else _ABSENT for value, active in zip(values, mask.tolist(), strict=True)]

    def _operand(self, name: str, units: Units) -> Any:
        match self.parameters[name]:
            case Constant(value):
                return operand(value, self._kinds[name])
        return operand(self._columns[name].decode(units[:, self._index[name]]), self._kinds[name])

    def _checked(self, units: Units) -> Units:
        units = np.asarray(units, np.float64)
        if units.ndim != 2 or units.shape[1] != self.dimension:
            raise ValueError(f"units must be (n, {self.dimension}), not {units.shape}")
        return units


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array
