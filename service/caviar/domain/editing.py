"""A space changed parameter by parameter, and whether a configuration of the old one is one of the new one as well."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from caviar.domain.errors import InvalidInput, Problem, did_you_mean, pointer
from caviar.domain.parameters import Choice, Constant
from caviar.domain.space import Space
from caviar.domain.spec import SEED
from caviar.domain.values import Value

NEAR: Final = 0.1
"""A trial counts for a parameter frozen since when its value lies within this share of the old range, on its scale."""


@dataclass(frozen=True, slots=True)
class Refit:
    """`unit` (d,) is the configuration's point in the new space; None: it is none of its configurations, for `why`."""

    unit: NDArray[np.float64] | None
    why: Problem | None = None


def edited_space(
    declared: Mapping[str, Any], changes: Mapping[str, Any], freeze: Mapping[str, Value] | None = None
) -> dict[str, Any]:
    """The `space` section after changes: null removes a parameter, an object with a type replaces or adds one, one
    without a type changes single fields of it; `freeze` makes a parameter the constant that is given.

    Raises InvalidInput for names that are not there; what the result means is for `parse_study` to judge.
    """
    edited = dict(declared)
    problems: list[Problem] = []
    for name, change in changes.items():
        if name not in declared and not (isinstance(change, Mapping) and "type" in change):
            hint = did_you_mean(name, declared)
            problems.append(
                Problem(pointer("space", name), f"there is no such parameter; a new one needs a type.{hint}")
            )
        elif change is None:
            del edited[name]
        elif isinstance(change, Mapping) and "type" not in change:
            edited[name] = {**declared[name], **change}
        else:
            edited[name] = change
    for name, value in (freeze or {}).items():
        if name not in declared:
            problems.append(
                Problem(pointer("freeze", name), f"there is no such parameter.{did_you_mean(name, declared)}")
            )
            continue
        when = declared[name].get("when")
        edited[name] = {"type": "constant", "value": value, **({"when": when} if when else {})}
    if problems:
        raise InvalidInput(problems)
    return edited


def of_space(space: Space, params: Mapping[str, Value]) -> dict[str, Value]:
    """Without the seed that a study with `repeat` gives each trial beside its configuration."""
    return {name: value for name, value in params.items() if name != SEED or SEED in space.parameters}


def refit(before: Space, after: Space, params: Mapping[str, Value]) -> Refit:
    """Where a configuration of `before` stands in `after`. A frozen parameter forgives what is `NEAR` its constant."""
    moved = {name: _frozen(before, after, name, value) for name, value in of_space(after, params).items()}
    problems = after.check(moved)
    return Refit(None, problems[0]) if problems else Refit(after.encode(after.normalized(moved)))


def _frozen(before: Space, after: Space, name: str, value: Value) -> Value:
    old, new = before.parameters.get(name), after.parameters.get(name)
    if not isinstance(new, Constant) or old is None or isinstance(old, Constant | Choice):
        return value
    column = before.column(name)
    if column.problem(new.value) or column.problem(value):
        return value
    return new.value if abs(column.position(new.value) - column.position(value)) <= NEAR else value
