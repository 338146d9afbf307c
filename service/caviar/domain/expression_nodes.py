"""The parts of a constraint: typed nodes that evaluate on columns, and the ways to combine them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

import numpy as np

from caviar.domain.values import key, plain

Operand = Any
"""A column (n,) or a scalar of numpy."""
Columns = Mapping[str, Operand]


class Kind(Enum):
    """What a name stands for, so that a mistake is found before anything is evaluated."""

    NUMBER = auto()
    TRUTH = auto()
    TEXT = auto()
    MIXED = auto()
    """A choice among values of several kinds: can be compared for equality only."""
    UNKNOWN = auto()
    """Of a parameter whose own definition is wrong: fits everywhere, is never evaluated."""


class ExpressionError(ValueError):
    """`position` counts characters from 0."""

    def __init__(self, position: int, detail: str) -> None:
        super().__init__(f"{detail} (at character {position + 1})")
        self.position = position


@dataclass(frozen=True, slots=True)
class Node:
    kind: Kind
    run: Callable[[Columns], Operand]
    at: int


def on_numbers(operation: Callable[..., Operand]) -> Callable[..., Operand]:
    """On float64 also where an operand is a truth value, which counts as 0 or 1."""
    return lambda *operands: operation(*(np.asarray(operand, np.float64) for operand in operands))


FUNCTIONS: Final[Mapping[str, Callable[..., Operand]]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "exp": np.exp,
    "floor": np.floor,
    "log": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "max": np.maximum,
    "min": np.minimum,
    "round": np.rint,
    "sqrt": np.sqrt,
}
SEVERAL: Final = {"max", "min"}
LITERALS: Final[Mapping[str, tuple[Kind, Operand]]] = {
    "true": (Kind.TRUTH, np.True_),
    "false": (Kind.TRUTH, np.False_),
    "null": (Kind.MIXED, None),
}
SUMS: Final = {"+": np.add, "-": np.subtract}
PRODUCTS: Final = {"*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.mod}
_ORDERS: Final = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
COMPARISONS: Final = {*_ORDERS, "==", "!="}
_SAME: Final = np.frompyfunc(lambda a, b: key(plain(a)) == key(plain(b)), 2, 1)
_SPOKEN: Final = {
    Kind.NUMBER: "a number",
    Kind.TEXT: "a string",
    Kind.TRUTH: "a truth value",
    Kind.MIXED: "of several kinds",
}
_COUNTS: Final = {Kind.NUMBER, Kind.TRUTH, Kind.UNKNOWN}


def text_literal(text: str, at: int) -> Node:
    return Node(Kind.TEXT, lambda _: text, at)


def number_literal(text: str, at: int) -> Node:
    value = np.float64(text)
    if not np.isfinite(value):
        raise ExpressionError(at, "is too large a number")
    return Node(Kind.NUMBER, lambda _: value, at)


def truth(node: Node) -> Node:
    if node.kind not in {Kind.TRUTH, Kind.UNKNOWN}:
        raise ExpressionError(node.at, "is neither true nor false: a comparison is missing")
    return node


def counted(node: Node) -> Node:
    if node.kind not in _COUNTS:
        raise ExpressionError(node.at, f"must be a number here, but is {_SPOKEN[node.kind]}")
    return node


def fold(first: Node, rest: Sequence[tuple[Callable[..., Operand], Node]]) -> Callable[[Columns], Operand]:
    def run(columns: Columns) -> Operand:
        value = first.run(columns)
        for operation, node in rest:
            value = operation(value, node.run(columns))
        return value

    return run


def chained(
    nodes: Sequence[Node], pairs: Sequence[Callable[[Operand, Operand], Operand]]
) -> Callable[[Columns], Operand]:
    def run(columns: Columns) -> Operand:
        values = [node.run(columns) for node in nodes]
        held = pairs[0](values[0], values[1])
        for index, pair in enumerate(pairs[1:], 1):
            held = np.logical_and(held, pair(values[index], values[index + 1]))
        return held

    return run


def comparison(sign: str, at: int, left: Node, right: Node) -> Callable[[Operand, Operand], Operand]:
    kinds = {left.kind, right.kind}
    if sign in _ORDERS:
        if not kinds <= _COUNTS:
            raise ExpressionError(at, f"{sign} compares numbers only: use == or !=")
        return on_numbers(_ORDERS[sign])
    if len(kinds) > 1 and not kinds & {Kind.MIXED, Kind.UNKNOWN}:
        names = " and ".join(sorted(_SPOKEN[kind] for kind in kinds))
        raise ExpressionError(at, f"compares {names}, which are never equal")
    same = _SAME if Kind.MIXED in kinds else np.equal
    if sign == "==":
        return lambda a, b: np.asarray(same(a, b), np.bool_)
    return lambda a, b: np.logical_not(np.asarray(same(a, b), np.bool_))
