"""Configurations are counted exactly, and never by listing them."""

from itertools import product
from math import prod

import pytest
from hypothesis import given
from tests.unit.domain.spaces import conditional, shallow, small

from caviar.domain.parameters import Choice, Constant, Float, Int, conditions
from caviar.domain.space import Space


def listed(parameters):
    """By the meaning of `when`, one configuration after the other."""
    space = Space(parameters)
    order = [name for name in (*space.columns, *parameters) if name in parameters]
    order = sorted(dict.fromkeys(order), key=lambda name: depth(parameters, name))
    found = set()
    for values in product(*(options(parameters[name]) for name in order)):
        chosen = {}
        for name, value in zip(order, values, strict=True):
            if all(chosen.get(parent, ()) in allowed for parent, allowed in conditions(parameters[name]).items()):
                chosen[name] = value
        found.add(frozenset(chosen.items()))
    return len(found)


def depth(parameters, name):
    return max((depth(parameters, parent) + 1 for parent in conditions(parameters[name])), default=0)


def options(parameter):
    match parameter:
        case Int(low, high):
            return range(low, high + 1)
        case Choice(values):
            return values
    return [parameter.value]


@given(conditional(small, 6).filter(shallow))
def test_the_count_is_that_of_a_list(parameters):
    assert Space(parameters).cardinality == listed(parameters)


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"a": Int(50, 100), "b": Float(0, 0.6, step=0.1), "c": Choice(["x", "y"]), "d": Constant(1)}, 51 * 7 * 2),
        ({"a": Int(1, 10), "b": Float(0, 1)}, None),
        ({"a": Int(1, 10), "b": Float(0, 1, when={"a": [3]})}, None),
        ({"a": Int(1, 10), "b": Int(1, 5, when={"a": [3, 4]})}, 8 + 2 * 5),
        ({"mode": Constant("fast"), "a": Int(1, 10), "b": Float(0, 1, when={"mode": ["slow"]})}, 10),
        ({"mode": Constant("fast"), "a": Int(1, 10), "b": Int(1, 5, when={"mode": ["slow", "fast"]})}, 50),
        ({f"p{n}": Int(0, 9) for n in range(200)}, 10**200),
        ({"seed": Int(0, 2**50), "a": Int(0, 1, when={"seed": [7]})}, 2**50 + 2),
    ],
)
def test_counts(parameters, count):
    assert Space(parameters).cardinality == count


def test_many_conditions_are_counted_quickly():
    parents = {f"p{n}": Choice(list(range(50))) for n in range(60)}
    children = {f"c{n}": Int(1, 4, when={f"p{n}": list(range(n % 7 + 1))}) for n in range(60)}
    assert Space(parents | children).cardinality == prod((n % 7 + 1) * 4 + 50 - (n % 7 + 1) for n in range(60))


def test_a_knot_of_conditions_is_given_up():
    parents = {f"p{n}": Choice([0, 1]) for n in range(60)}
    children = {
        f"c{n}": Int(1, 3, when={f"p{n % 60}": [1], f"p{(n * 7 + 11) % 60}": [1], f"p{(n * 23 + 5) % 60}": [1]})
        for n in range(130)
    }
    assert Space(parents | children).cardinality is None
