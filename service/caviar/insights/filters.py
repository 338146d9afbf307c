"""`filter=` as SQL: fields are columns or parameters, values are bound, kinds are checked before anything runs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, auto
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, assert_never

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_

from caviar.domain.errors import did_you_mean
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
from caviar.storage.json_values import number_at, text_at, truth_at
from caviar.storage.tables import trials

PARAMS: Final = "params."


class Kind(Enum):
    NUMBER = auto()
    TEXT = auto()
    TIME = auto()


_COLUMNS: Final[Mapping[str, tuple[ColumnElement[Any], Kind]]] = {
    **{
        name: (trials.c[name], Kind.NUMBER)
        for name in ("number", "round", "value", "step", "attempts", "failures", "losses", "seconds")
    },
    **{name: (trials.c[name], Kind.TEXT) for name in ("state", "origin", "node", "client")},
    "reason": (trials.c.reason_code, Kind.TEXT),
    **{name: (trials.c[name], Kind.TIME) for name in ("created_at", "started_at", "finished_at")},
}
_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


def compile_filter(text: str) -> ColumnElement[bool]:
    """Raises InvalidInput (pointer /filter) for what does not parse or compares what can't be compared."""
    return _compiled(parse_filter(text))


def _compiled(term: Term) -> ColumnElement[bool]:
    match term:
        case Comparison(field, operator, value):
            return _comparison(field, operator, value)
        case Among(field, values):
            return or_(*(_comparison(field, "=", value) for value in values))
        case Missing(field):
            return _is_missing(field)
        case Not(inner):
            return not_(_compiled(inner))
        case Both(terms):
            return and_(*map(_compiled, terms))
        case Either(terms):
            return or_(*map(_compiled, terms))
        case _:
            assert_never(term)


def _comparison(field: Field, operator: Operator, value: Value | Field) -> ColumnElement[bool]:
    compare = _COMPARE[operator]
    if isinstance(value, Field):
        result: ColumnElement[bool] = compare(_as_number(field), _as_number(value))
    elif field.name.startswith(PARAMS):
        result = compare(_parameter(field, value), literal(value))
    else:
        column, kind = _column(field)
        result = compare(column, literal(_value_for(field, kind, value)))
    return func.coalesce(result, false())


def _parameter(field: Field, value: Value) -> ColumnElement[Any]:
    name = _parameter_name(field)
    match value:
        case bool():
            return truth_at(trials.c.params, name)
        case str():
            return text_at(trials.c.params, name)
        case float():
            return number_at(trials.c.params, name)


def _as_number(field: Field) -> ColumnElement[Any]:
    if field.name.startswith(PARAMS):
        return number_at(trials.c.params, _parameter_name(field))
    column, kind = _column(field)
    if kind is Kind.TEXT:
        refuse(f"{field.name} is text: two fields are compared as numbers")
    return column


def _is_missing(field: Field) -> ColumnElement[bool]:
    if field.name.startswith(PARAMS):
        kinds = (read(trials.c.params, _parameter_name(field)) for read in (number_at, text_at, truth_at))
        return and_(*(value.is_(None) for value in kinds))
    return _column(field)[0].is_(None)


def _parameter_name(field: Field) -> str:
    name = field.name.removeprefix(PARAMS)
    if not name:
        refuse("params. lacks the parameter's name")
    return name


def _column(field: Field) -> tuple[ColumnElement[Any], Kind]:
    found = _COLUMNS.get(field.name)
    if found is None:
        known = f"{', '.join(_COLUMNS)} and params.<name>"
        refuse(f"{field.name!r} is no field: there are {known}.{did_you_mean(field.name, _COLUMNS)}")
    return found


def _value_for(field: Field, kind: Kind, value: Value) -> float | str:
    """The value in the column's own kind."""
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
