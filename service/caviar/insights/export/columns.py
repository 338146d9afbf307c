"""What the columns of an export are, and a trial as a row of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from caviar.domain.parameters import Choice, Constant, Float, Int, Parameter
from caviar.domain.spec import SEED, StudySpec
from caviar.insights.documents import Document

FIELDS: Final[Mapping[str, type]] = {
    "number": int,
    "id": str,
    "state": str,
    "reason": str,
    "value": float,
    "step": float,
    "round": int,
    "origin": str,
    "touched": bool,
    "parent": int,
    "attempts": int,
    "node": str,
    "seconds": float,
    "created_at": str,
    "started_at": str,
    "finished_at": str,
    "space_version": int,
}
TIMES: Final = ("created_at", "started_at", "finished_at")
PARAMS, FINAL = "params.", "final"
Kinds = Mapping[str, type]
"""Of each parameter the one type that all its values have; `object` for several, written as JSON."""


def kinds_of_space(spec: StudySpec) -> dict[str, type]:
    kinds = {name: _kind(parameter) for name, parameter in spec.space.parameters.items()}
    return {**kinds, SEED: int} if spec.repeat is not None else kinds


def kinds_of_values(known: Kinds, configurations: Iterable[Mapping[str, Any]]) -> dict[str, type]:
    """With what configurations of other versions of the space hold."""
    kinds = dict(known)
    for params in configurations:
        for name, value in params.items():
            kinds[name] = _joined(kinds.get(name, type(value)), type(value))
    return kinds


def row_of(document: Document, kinds: Kinds) -> dict[str, Any]:
    """A trial's document by column; None is what it lacks."""
    row = {name: document[name] for name in FIELDS}
    row["reason"] = document["reason"] and document["reason"]["code"]
    params = document["params"]
    row.update((PARAMS + name, _of_kind(params.get(name), kind)) for name, kind in kinds.items())
    row[FINAL] = None if document["final"] is None else orjson.dumps(document["final"]).decode()
    return row


def _kind(parameter: Parameter) -> type:
    match parameter:
        case Float():
            return float
        case Int():
            return int
        case Choice(values):
            return _of_all(values)
        case Constant(value):
            return _of_all((value,))


def _of_all(values: Iterable[Any]) -> type:
    found: type | None = None
    for value in values:
        if value is not None:
            found = type(value) if found is None else _joined(found, type(value))
    return found or str


def _joined(one: type, other: type) -> type:
    if one is other or other is type(None):
        return one
    if one is type(None):
        return other
    return float if {one, other} == {int, float} else object


def _of_kind(value: Any, kind: type) -> Any:
    if value is None:
        return None
    if kind is object:
        return orjson.dumps(value).decode()
    return float(value) if kind is float else value
