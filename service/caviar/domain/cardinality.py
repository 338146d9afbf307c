"""How many configurations a space has, counted without listing them.

Parameters are taken one by one, parents first. What the rest needs to know of those taken is only which of the
remaining are switched off by them: one bit each. So a table from such a mask to the number of configurations that
lead to it is carried along; a parameter's bit is dropped once it is taken, and equal masks merge."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from caviar.domain.parameters import Constant, Parameter, conditions, value_count
from caviar.domain.values import key

MAX_WORK: Final = 1_000_000
"""Conditions so entangled that more table entries must be made are given up: exact counting is #P-hard."""


def cardinality(parameters: Mapping[str, Parameter], order: Collection[str]) -> int | None:
    """None: infinite, or beyond counting (see MAX_WORK). `order` has parents first."""
    masks = {0: 1}
    bits = {name: 1 << index for index, name in enumerate(order)}
    links: dict[str, dict[str, set[object]]] = {name: {} for name in order}
    for child in order:
        for parent, values in conditions(parameters[child]).items():
            links[parent][child] = {key(value) for value in values}
    parents = {name: len(conditions(parameters[name])) for name in order}
    work = 0
    for name in _narrow(order, parents, links):
        allowed = [(bits[child], keys) for child, keys in links[name].items()]
        kills = _kills(parameters[name], allowed)
        work += len(masks) * max(len(kills), 1)
        if work > MAX_WORK or (not kills and any(not mask & bits[name] for mask in masks)):
            return None
        masks = _taken(masks, bits[name], kills, sum(bit for bit, _ in allowed))
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
    """`kills`: mask of the children switched off, to the number of values that do it; `every`: all children."""
    result: dict[int, int] = defaultdict(int)
    for mask, count in masks.items():
        if mask & bit:
            result[mask & ~bit | every] += count
            continue
        for kill, values in kills.items():
            result[mask | kill] += count * values
    return result


def _kills(parameter: Parameter, allowed: Sequence[tuple[int, Collection[object]]]) -> Mapping[int, int]:
    """`allowed`: bit of a child, and the keys of the values under which it is active. Empty: infinitely many values."""
    count = value_count(parameter)
    if count is None:
        return {}
    every = sum(bit for bit, _ in allowed)
    left: dict[object, int] = {key(parameter.value): every} if isinstance(parameter, Constant) else {}
    for bit, keys in allowed:
        for value in keys if not isinstance(parameter, Constant) else left.keys() & keys:
            left[value] = left.get(value, every) & ~bit
    kills = Counter(left.values())
    if count > len(left):
        kills[every] += count - len(left)
    return kills
