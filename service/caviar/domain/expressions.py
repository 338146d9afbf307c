"""Constraints such as "hidden_units * layers <= 300 and optimizer != 'sgd'": a grammar of our own, never eval.

    or  and  not  == != < <= > >= (chained)  + -  * / // %  unary -  **  ( )
    numbers, "strings", true, false, null, names of parameters, and the functions of FUNCTIONS

All numbers are float64, for one configuration as for a million: division by zero and overflow give inf or nan, and
a comparison with nan does not hold. Nothing in the grammar can run long: a constraint has a bounded size, and each
of its operations is one of numpy's on a column.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from caviar.domain.errors import did_you_mean
from caviar.domain.expression_nodes import (
    COMPARISONS,
    FUNCTIONS,
    LITERALS,
    PRODUCTS,
    SEVERAL,
    SUMS,
    Columns,
    ExpressionError,
    Kind,
    Node,
    Operand,
    chained,
    comparison,
    counted,
    fold,
    number_literal,
    on_numbers,
    text_literal,
    truth,
)

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Constraint", "ExpressionError", "Kind", "parse_constraint"]

MAX_LENGTH: Final = 1_000
MAX_DEPTH: Final = 30


@dataclass(frozen=True, slots=True)
class Constraint:
    text: str
    names: tuple[str, ...]
    _run: Callable[[Columns], Operand]

    def holds(self, columns: Columns, count: int) -> NDArray[np.bool_]:
        """(count,). `columns` has all of `names`: float64 (n,) for numbers, bool for truths, else object."""
        with np.errstate(all="ignore"):
            return np.array(np.broadcast_to(self._run(columns), count), np.bool_)


def parse_constraint(text: str, kinds: Mapping[str, Kind]) -> Constraint:
    """`kinds` are the parameters that may be named. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(MAX_LENGTH, f"is longer than {MAX_LENGTH:,} characters")
    parser = _Parser(_tokens(text), kinds)
    node = parser.whole()
    if not parser.names:
        raise ExpressionError(0, "names no parameter, so that it always or never holds")
    return Constraint(text, tuple(parser.names), node.run)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


_ALLOWED: Final = (
    "allowed are names, numbers, strings, + - * / // % **, comparisons, and, or, not, parentheses and "
    + ", ".join(FUNCTIONS)
)
_INSTEAD: Final = {"=": "==", "&": "and", "|": "or", "!": "not", "^": "**", "~": "not", "[": "or between comparisons"}

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_.]*)
    |(?P<string>'[^']*'|"[^"]*")
    |(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%<>(),])
    |(?P<end>\Z)
    |(?P<other>.))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for match in _TOKEN.finditer(text.rstrip()):
        kind = str(match.lastgroup)
        token = _Token(kind, match[kind], match.start(kind))
        if kind == "other":
            instead = _INSTEAD.get(token.text)
            hint = f"write {instead}" if instead else _ALLOWED
            quote = "a string that does not end" if token.text in "\"'" else repr(token.text)
            raise ExpressionError(token.at, f"{quote} is not understood: {hint}")
        tokens.append(token)
    return tokens


class _Parser:
    """Recursive descent, one method per level of precedence. A run of operators of one level makes one node, so that
    a long sum is not a deep one."""

    def __init__(self, tokens: Sequence[_Token], kinds: Mapping[str, Kind]) -> None:
        self._tokens = tokens
        self._kinds = kinds
        self._next = 0
        self._depth = 0
        self.names: dict[str, None] = {}

    def whole(self) -> Node:
        node = truth(self._or())
        if self._token.kind != "end":
            raise self._unexpected("an operator")
        return node

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *texts: str) -> _Token | None:
        token = self._token
        if token.kind not in {"sign", "name"} or token.text not in texts:
            return None
        self._next += 1
        return token

    def _unexpected(self, wanted: str) -> ExpressionError:
        found = f'not "{self._token.text[:40]}"' if self._token.text else "but the constraint ends"
        return ExpressionError(self._token.at, f"expected {wanted}, {found}: {_ALLOWED}")

    def _nested(self, parse: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(self._token.at, f"is nested more than {MAX_DEPTH} deep")
        node = parse()
        self._depth -= 1
        return node

    def _or(self) -> Node:
        return self._run_of({"or": np.logical_or}, self._and, truth, Kind.TRUTH)

    def _and(self) -> Node:
        return self._run_of({"and": np.logical_and}, self._not, truth, Kind.TRUTH)

    def _not(self) -> Node:
        token = self._take("not")
        if token is None:
            return self._comparison()
        inner = truth(self._nested(self._not)).run
        return Node(Kind.TRUTH, lambda columns: np.logical_not(inner(columns)), token.at)

    def _comparison(self) -> Node:
        nodes, pairs = [self._sum()], []
        while sign := self._take(*COMPARISONS):
            nodes.append(self._sum())
            pairs.append(comparison(sign.text, sign.at, nodes[-2], nodes[-1]))
        return Node(Kind.TRUTH, chained(nodes, pairs), nodes[0].at) if pairs else nodes[0]

    def _sum(self) -> Node:
        return self._run_of(SUMS, self._product, counted, Kind.NUMBER)

    def _product(self) -> Node:
        return self._run_of(PRODUCTS, self._signed, counted, Kind.NUMBER)

    def _signed(self) -> Node:
        token = self._take("-", "+")
        if token is None:
            return self._power()
        inner, sign = counted(self._nested(self._signed)).run, -1.0 if token.text == "-" else 1.0
        return Node(Kind.NUMBER, lambda columns: np.multiply(sign, inner(columns)), token.at)

    def _power(self) -> Node:
        base = self._atom()
        if not self._take("**"):
            return base
        x, y, power = counted(base).run, counted(self._nested(self._signed)).run, on_numbers(np.power)
        return Node(Kind.NUMBER, lambda columns: power(x(columns), y(columns)), base.at)

    def _atom(self) -> Node:
        token = self._token
        if token.kind == "string":
            self._next += 1
            return text_literal(token.text[1:-1], token.at)
        if token.kind == "number":
            self._next += 1
            return number_literal(token.text, token.at)
        if token.kind == "name" and token.text not in {"and", "or", "not"}:
            self._next += 1
            return self._call(token) if self._take("(") else self._name(token)
        if not self._take("("):
            raise self._unexpected("a value")
        return self._closed(self._nested(self._or))

    def _closed(self, node: Node) -> Node:
        if not self._take(")"):
            raise self._unexpected('")"')
        return node

    def _name(self, token: _Token) -> Node:
        name = token.text
        if name in self._kinds:
            self.names[name] = None
            return Node(self._kinds[name], lambda columns: columns[name], token.at)
        if name.lower() in LITERALS:
            kind, value = LITERALS[name.lower()]
            return Node(kind, lambda _: value, token.at)
        raise ExpressionError(token.at, f'there is no parameter "{name}".{did_you_mean(name, self._kinds)}')

    def _call(self, token: _Token) -> Node:
        if token.text not in FUNCTIONS:
            hint = did_you_mean(token.text, FUNCTIONS)
            raise ExpressionError(
                token.at, f'there is no function "{token.text[:40]}".{hint} Known: {", ".join(FUNCTIONS)}'
            )
        arguments = [counted(self._nested(self._or))]
        while self._take(","):
            arguments.append(counted(self._nested(self._or)))
        several = token.text in SEVERAL
        if several != (len(arguments) > 1):
            raise ExpressionError(
                token.at, f"{token.text} takes {'two or more arguments' if several else 'one argument'}"
            )
        function = on_numbers(FUNCTIONS[token.text])
        first, rest = arguments[0], [(function, argument) for argument in arguments[1:]]
        run = fold(first, rest) if rest else lambda columns: function(first.run(columns))
        return self._closed(Node(Kind.NUMBER, run, token.at))

    def _run_of(
        self,
        operations: Mapping[str, Callable[..., Operand]],
        operand: Callable[[], Node],
        check: Callable[[Node], Node],
        kind: Kind,
    ) -> Node:
        first, rest = operand(), []
        while sign := self._take(*operations):
            operation = operations[sign.text]
            rest.append((operation if kind is Kind.TRUTH else on_numbers(operation), check(operand())))
        return Node(kind, fold(check(first), rest), first.at) if rest else first
