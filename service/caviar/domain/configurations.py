"""Configurations as people and programs write them, one dict at a time: what is active in them, what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from caviar.domain.columns import Column
from caviar.domain.errors import Problem, did_you_mean, pointer
from caviar.domain.expressions import Constraint, Kind
from caviar.domain.parameters import Constant, Float, Int, Parameter, conditions
from caviar.domain.values import Value, key, plain, shown

Params = Mapping[str, Any]


class Configurations:
    """`order` has all names, parents first; `columns` those that are not constants."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        order: Sequence[str],
        columns: Mapping[str, Column],
        rules: Sequence[Constraint],
        kinds: Mapping[str, Kind],
    ) -> None:
        self._parameters = parameters
        self._order = order
        self._columns = columns
        self._rules = rules
        self._kinds = kinds

    def normalized(self, params: Params) -> dict[str, Value]:
        states = self._activity(params)
        return {
            name: self._normal(name, params.get(name))
            for name, parameter in self._parameters.items()
            if name in params or (states[name] and isinstance(parameter, Constant))
        }

    def missing(self, params: Params) -> Iterator[Problem]:
        states = self._activity(params)
        for name in self._parameters:
            if states[name] and name not in params and name in self._columns:
                yield Problem(pointer(name), "is missing")

    def wrong(self, params: Params) -> tuple[Problem, ...]:
        """Constraints are looked at once every value is right by itself."""
        return tuple(self._wrong_values(params)) or tuple(self._broken_rules(params))

    def _wrong_values(self, params: Params) -> Iterator[Problem]:
        states = self._activity(params)
        for name, value in params.items():
            if name not in self._parameters:
                hint = did_you_mean(str(name), self._parameters)
                yield Problem(pointer(name), f"there is no such parameter.{hint}")
            elif states[name] is False:
                yield Problem(pointer(name), f"is active only with {self._needs(name)}: leave it out")
            elif detail := self._value_problem(name, value):
                yield Problem(pointer(name), detail)

    def _value_problem(self, name: str, value: object) -> str | None:
        parameter = self._parameters[name]
        if not isinstance(parameter, Constant):
            return self._columns[name].problem(plain(value))
        if isinstance(value, Value) and key(value) == key(parameter.value):
            return None
        return f"is constant: {shown(parameter.value)}, not {shown(value)}"

    def _needs(self, name: str) -> str:
        links = conditions(self._parameters[name]).items()
        return " and ".join(f"{parent} = {' or '.join(shown(value) for value in values)}" for parent, values in links)

    def _activity(self, params: Params) -> dict[str, bool | None]:
        """None: it hangs on a value that is missing or wrong."""
        states: dict[str, bool | None] = {}
        for name in self._order:
            links = conditions(self._parameters[name])
            met = [states[parent] and self._met(parent, allowed, params) for parent, allowed in links.items()]
            states[name] = False if False in met else None if None in met else True
        return states

    def _met(self, parent: str, allowed: Sequence[Value], params: Params) -> bool | None:
        if isinstance(constant := self._parameters[parent], Constant):
            return key(constant.value) in map(key, allowed)
        if parent not in params or self._value_problem(parent, params[parent]):
            return None
        return key(plain(params[parent])) in map(key, allowed)

    def _broken_rules(self, params: Params) -> Iterator[Problem]:
        states = self._activity(params)
        for rule in self._rules:
            if not all(states[name] and (name in params or name not in self._columns) for name in rule.names):
                continue
            values = {name: self._normal(name, params.get(name)) for name in rule.names}
            operands = {name: operand(value, self._kinds[name]) for name, value in values.items()}
            if not rule.holds(operands, 1)[0]:
                given = ", ".join(f"{name} = {shown(value)}" for name, value in values.items())
                at = pointer(rule.names[0]) if len(rule.names) == 1 else ""
                yield Problem(at, f'breaks the constraint "{rule.text}" with {given}')

    def _normal(self, name: str, value: Any) -> Value:
        match self._parameters[name]:
            case Constant(constant):
                return constant
            case Int():
                return int(value)
            case Float(step=None):
                return float(value)
        column = self._columns[name]
        decoded: list[Value] = column.decode(np.array([column.position(plain(value))])).tolist()
        return decoded[0]


def operand(values: Any, kind: Kind) -> Any:
    """A value or a column in the type that constraints calculate with."""
    types: dict[Kind, Any] = {Kind.NUMBER: np.float64, Kind.TRUTH: np.bool_}
    return np.asarray(values, types.get(kind, object))
