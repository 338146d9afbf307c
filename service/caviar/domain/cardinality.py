"""How many configurations a space has, counted without listing them.

Parameters are taken one by one, parents first. What the rest needs to know of those taken is only which of the
remaining are switched off by them: one bit each. So a table from such a mask to the number of configurations that
lead to it is carried along; a parameter's bit is dropped once it is taken, and equal masks merge."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from caviar.domain.parameters import Constant, Parameter, conditions, value_count
from caviar.domain.values import key

MAX_MASKS: Final = 50_000
"""Conditions so entangled that more are needed at once are given up: exact counting is #P-hard."""


class _Uncounted(Exception):  # noqa: N818
    pass


def cardinality(parameters: Mapping[str, Parameter], order: Collection[str]) -> int | None:
    """None: infinite, or beyond counting (see MAX_MASKS). `order` has parents first."""
    masks = {0: 1}
    bits = {name: 1 << index for index, name in enumerate(order)}
    links: dict[str, dict[str, set[object]]] = {name: {} for name in order}
    for child in order:
        for parent, values in conditions(parameters[child]).items():
            links[parent][child] = {key(value) for value in values}
    parents = {name: len(conditions(parameters[name])) for name in order}
    try:
        for name in _narrow(order, parents, links):
            allowed = [(bits[child], keys) for child, keys in links[name].items()]
            masks = _taken(masks, bits[name], _kills(parameters[name], allowed), sum(bit for bit, _ in allowed))
    except _Uncounted:
        return None
    return masks[0]


def _narrow(
    order: Collection[str], parents: Mapping[str, int], children: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """An order that keeps few bits alive: a parameter's childless children follow it at once, then its others."""
    missing = dict(parents)
    ready = [name for name in reversed(list(order)) if not missing[name]]
    while ready:
        name = ready.pop()
        yield name
        for child in children[name]:
            missing[child] -= 1
        ready += sorted(
            (child for child in children[name] if not missing[child]), key=lambda child: not children[child]
        )


def _taken(masks: Mapping[int, int], bit: int, kills: Mapping[int, int], every: int) -> dict[int, int]:
    """`kills`: mask of the children that are switched off to the number of values that do it; `every`: all children."""
    result: dict[int, int] = defaultdict(int)
    for mask, count in masks.items():
        if mask & bit:
            result[mask & ~bit | every] += count
            continue
        if not kills:
            raise _Uncounted
        for kill, values in kills.items():
            result[mask | kill] += count * values
    if len(result) > MAX_MASKS:
        raise _Uncounted
    return result


def _kills(parameter: Parameter, allowed: Sequence[tuple[int, Collection[object]]]) -> Mapping[int, int]:
    """`allowed`: bit of a child, and the keys of the values under which it is active. Empty: infinitely many values."""
    count = value_count(parameter)
    if count is None:
        return {}
    named = {key(parameter.value)} if isinstance(parameter, Constant) else set().union(*(keys for _, keys in allowed))
    kills: dict[int, int] = defaultdict(int)
    for value in named:
        kills[sum(bit for bit, keys in allowed if value not in keys)] += 1
    if count > len(named):
        kills[sum(bit for bit, _ in allowed)] += count - len(named)
    return kills
