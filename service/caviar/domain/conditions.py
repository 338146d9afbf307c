"""Which parameter depends on which: an order with parents first, and everything that can be wrong with `when`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from caviar.domain.columns import make_parent_column
from caviar.domain.errors import Problem, did_you_mean, pointer
from caviar.domain.parameters import Choice, Constant, Float, Int, Parameter, conditions
from caviar.domain.values import Value

MAX_DEPTH: Final = 8

Parameters = Mapping[str, Parameter]


def parents_first(parameters: Parameters) -> tuple[str, ...]:
    """The declared order, each parameter moved behind the last of its parents. What hangs on a cycle is left out."""
    order: dict[str, None] = {}
    before = -1
    while len(order) > before:
        before = len(order)
        for name, parameter in parameters.items():
            if name not in order and not _unknown(parameter, parameters, order):
                order[name] = None
    return tuple(order)


def condition_problems(parameters: Parameters, broken: Collection[str] = ()) -> Iterator[Problem]:
    """`broken` are names that were declared, but whose own mistakes were told already."""
    for name, parameter in parameters.items():
        for parent, allowed in conditions(parameter).items():
            if parent not in broken:
                yield from _parent_problems(name, parent, allowed, parameters)
    order = parents_first(parameters)
    yield from _cycles(parameters, order)
    yield from _too_deep(parameters, order)


def _unknown(parameter: Parameter, parameters: Parameters, order: Collection[str]) -> list[str]:
    return [parent for parent in conditions(parameter) if parent in parameters and parent not in order]


def _parent_problems(name: str, parent: str, allowed: Sequence[Value], parameters: Parameters) -> Iterator[Problem]:
    at = pointer(name, "when", parent)
    match parameters.get(parent):
        case None:
            yield Problem(at, f"there is no such parameter.{did_you_mean(parent, parameters)}")
        case Float():
            yield Problem(at, "is a float: a condition needs a choice, an int or a constant")
        case Constant():  # may be set so that what hangs on it is out of use for now
            return
        case (Choice() | Int()) as holder:
            column = make_parent_column(holder)
            for index, value in enumerate(allowed):
                if detail := column.problem(value):
                    yield Problem(f"{at}/{index}", detail)


def _cycles(parameters: Parameters, order: Collection[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for start in parameters:
        path: list[str] = []
        name = start
        while name not in order and name not in seen:
            seen.add(name)
            path.append(name)
            name = _unknown(parameters[name], parameters, order)[0]
        if name in path:
            circle = path[path.index(name) :]
            yield Problem(pointer(circle[0], "when"), f"depends on itself: {' → '.join([*circle, circle[0]])}")


def _too_deep(parameters: Parameters, order: Sequence[str]) -> Iterator[Problem]:
    depths: dict[str, int] = {}
    for name in order:
        depths[name] = max((depths.get(parent, 0) + 1 for parent in conditions(parameters[name])), default=0)
        if depths[name] > MAX_DEPTH:
            yield Problem(pointer(name, "when"), f"stands {depths[name]} conditions deep: {MAX_DEPTH} are allowed")
