"""`filter=` over the columns in memory: kinds are checked first, then each term is one look at one column.

What a trial lacks compares as false, whatever the comparison; `not` turns that round.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, assert_never

import numpy as np

from caviar.domain.errors import did_you_mean
from caviar.insights.fields import KINDS, PARAMS, Kind, Parameter, is_number, labels_of, numbers_of
from caviar.insights.filter_grammar import (
    Among,
    Both,
    Comparison,
    Either,
    Field,
    Missing,
    Not,
    Operator,
    Term,
    Value,
    parse_filter,
    refuse,
)
from caviar.insights.trial_columns import Floats, Mask
from caviar.insights.views import View

_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


def filter_mask(view: View, text: str) -> Mask:
    """(n,). Raises InvalidInput (pointer /filter) for what does not parse or compares what can't be compared."""
    return _mask(view, parse_filter(text))


def _mask(view: View, term: Term) -> Mask:
    match term:
        case Comparison(field, operator, value):
            return _comparison(view, field, operator, value)
        case Among(field, values):
            return _any(_comparison(view, field, "=", value) for value in values)
        case Missing(field):
            return _missing(view, field)
        case Not(inner):
            return ~_mask(view, inner)
        case Both(terms):
            return ~_any(~_mask(view, each) for each in terms)
        case Either(terms):
            return _any(_mask(view, each) for each in terms)
        case _:
            assert_never(term)


def _any(masks: Iterable[Mask]) -> Mask:
    return reduce(np.logical_or, masks)


def _comparison(view: View, field: Field, operator: Operator, value: Value | Field) -> Mask:
    compare = _COMPARE[operator]
    if isinstance(value, Field):
        return _compared(_as_number(view, field), _as_number(view, value), compare)
    if field.name.startswith(PARAMS):
        return _parameter(view, field, compare, value)
    kind = _kind(field)
    wanted = _value_for(field, kind, value)
    if kind is not Kind.TEXT:
        return _compared(numbers_of(view, field.name), wanted, compare)
    labels = labels_of(view, field.name)
    return labels.among([name for name in labels.names if compare(name, wanted)])


def _compared(left: Floats, right: Any, compare: Callable[[Any, Any], Any]) -> Mask:
    return np.asarray(compare(left, right) & ~np.isnan(left) & ~np.isnan(right))


def _parameter(view: View, field: Field, compare: Callable[[Any, Any], Any], value: Value) -> Mask:
    parameter = _known(view, field)
    match value:
        case bool():
            return parameter.matching(lambda own: isinstance(own, bool) and compare(own, value))
        case str():
            return parameter.matching(lambda own: isinstance(own, str) and compare(own, value))
        case float():
            return _compared(parameter.numbers, value, compare)


def _as_number(view: View, field: Field) -> Floats:
    if field.name.startswith(PARAMS):
        return _known(view, field).numbers
    if _kind(field) is Kind.TEXT:
        refuse(f"{field.name} is text: two fields are compared as numbers")
    return numbers_of(view, field.name)


def _missing(view: View, field: Field) -> Mask:
    if field.name.startswith(PARAMS):
        parameter = _known(view, field)
        return ~parameter.there | parameter.matching(lambda own: not (is_number(own) or isinstance(own, str | bool)))
    if _kind(field) is Kind.TEXT:
        return labels_of(view, field.name).codes < 0
    return np.isnan(numbers_of(view, field.name))


def _known(view: View, field: Field) -> Parameter:
    """One that the study does not have is missing everywhere: a filter serves several studies."""
    name = field.name.removeprefix(PARAMS)
    if not name:
        refuse("params. lacks the parameter's name")
    return Parameter(view, name)


def _kind(field: Field) -> Kind:
    found = KINDS.get(field.name)
    if found is None:
        known = f"{', '.join(KINDS)} and params.<name>"
        refuse(f"{field.name!r} is no field: there are {known}.{did_you_mean(field.name, KINDS)}")
    return found


def _value_for(field: Field, kind: Kind, value: Value) -> float | str:
    """The value in the field's own kind."""
    match kind, value:
        case ((Kind.NUMBER | Kind.TIME), float()):
            return value
        case Kind.TEXT, str():
            return value
        case Kind.TIME, str():
            return _moment(field, value)
    wanted = {Kind.NUMBER: "a number", Kind.TEXT: "text, in quotes", Kind.TIME: "a time such as '2026-01-31T12:00:00Z'"}
    return refuse(f"{field.name} is {wanted[kind]}")


def _moment(field: Field, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"{field.name} is a time such as '2026-01-31T12:00:00Z', not {text[:40]!r}")
    if moment.tzinfo is None:
        refuse(f"{field.name}: say the time zone, as in '2026-01-31T12:00:00Z'")
    return moment.timestamp()
