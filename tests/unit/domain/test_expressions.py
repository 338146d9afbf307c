"""Constraints: the grammar, the same answer on columns as on single values, and nothing that hangs."""

import math
import operator
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.expressions import ExpressionError, Kind, parse_constraint

KINDS = {
    "a": Kind.NUMBER,
    "b": Kind.NUMBER,
    "opt.lr": Kind.NUMBER,
    "lambda": Kind.NUMBER,
    "bn": Kind.TRUTH,
    "kind": Kind.TEXT,
    "any": Kind.MIXED,
    "broken": Kind.UNKNOWN,
}
COLUMNS = {
    "a": np.array([1.0, 2.0, 3.0]),
    "b": np.array([3.0, 2.0, 1.0]),
    "opt.lr": np.array([0.1, 0.2, 0.3]),
    "lambda": np.array([0.0, 1.0, -1.0]),
    "bn": np.array([True, False, True]),
    "kind": np.array(["x", "y", "x y"], object),
    "any": np.array([1, True, None], object),
}


def held(text):
    return parse_constraint(text, KINDS).holds(COLUMNS, 3).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", [True, False, False]),
        ("a+b*2 == 7", [True, False, False]),
        ("(a + b) * 2 == 8", [True, True, True]),
        ("a - b - 1 == -1", [False, True, False]),
        ("2 ** a ** 2 == 2 ** (a * a)", [True, True, True]),
        ("-a ** 2 == -(a ** 2)", [True, True, True]),
        ("a ** -1 <= .5", [False, True, True]),
        ("a / b // 1 % 2 == 1", [False, True, True]),
        ("1 < a <= 3", [False, True, True]),
        ("1 <= a < b <= 3", [True, False, False]),
        ("not a < b", [False, True, True]),
        ("not not a < b", [True, False, False]),
        ("a == 1 or a == 2 and b == 1", [True, False, False]),
        ("(a == 1 or a == 2) and b == 2", [False, True, False]),
        ("opt.lr * 10 >= 2e0", [False, True, True]),
        ("lambda >= 0", [True, True, False]),
        ("kind == 'x'", [True, False, False]),
        ('kind != "x y"', [True, True, False]),
        ("'x' == kind", [True, False, False]),
        ("bn", [True, False, True]),
        ("bn == true", [True, False, True]),
        ("not bn or a > 2", [False, True, True]),
        ("bn != False", [True, False, True]),
        ("(a > 1) + (b > 1) <= 1", [True, False, True]),
        ("bn + bn == 2", [True, False, True]),
        ("bn < 1", [False, True, False]),
        ("any == 1", [True, False, False]),
        ("any == true", [False, True, False]),
        ("any != null", [True, True, False]),
        ("any == 'x'", [False, False, False]),
        ("any == a", [True, False, False]),
        ("max(a, b, 2.5) == 3", [True, False, True]),
        ("min(a, b) == 1", [True, False, True]),
        ("abs(a - b) == 2", [True, False, True]),
        ("log2(a) == 1 or log10(a) == 0 or log(a) > 1", [True, True, True]),
        ("sqrt(a * a) == a and exp(0) == 1", [True, True, True]),
        ("floor(a / 2) == 1 and ceil(a / 2) == 2 and round(a / 2) == 2", [False, False, True]),
        ("+a == a", [True, True, True]),
        ("a\n  <\tb", [True, False, False]),
        ("a<b", [True, False, False]),
    ],
)
def test_the_grammar(text, expected):
    assert held(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "detail"),
    [
        ("", 0, "expected a value, but the constraint ends"),
        ("a <", 3, "expected a value, but the constraint ends"),
        ("a < b c", 6, 'expected an operator, not "c"'),
        ("a = b", 2, "'=' is not understood: write =="),
        ("a && b", 2, "'&' is not understood: write and"),
        ("a < b; c", 5, "';' is not understood: allowed are names"),
        ("a < 'x", 4, "a string that does not end"),
        ("a.__class__ == 1", 0, 'there is no parameter "a.__class__"'),
        ("optlr < 1", 0, 'there is no parameter "optlr". Did you mean "opt.lr"?'),
        ("__import__('os') == a", 0, 'there is no function "__import__"'),
        ("a + squrt(a) < 1", 4, 'Did you mean "sqrt"?'),
        ("sqrt(a, b) < 1", 0, "sqrt takes one argument"),
        ("max(a) < 1", 0, "max takes two or more arguments"),
        ("max() < a", 4, "expected a value"),
        ("(a < b", 6, 'expected ")", but the constraint ends'),
        ("max(a, b < 1", 12, 'expected ")"'),
        ("a + b", 0, "is neither true nor false: a comparison is missing"),
        ("a and b < 1", 0, "is neither true nor false"),
        ("a < b or b", 9, "is neither true nor false"),
        ("not a", 4, "is neither true nor false"),
        ("kind < 'x'", 5, "< compares numbers only: use == or !="),
        ("kind == a", 5, "compares a number and a string, which are never equal"),
        ("bn == 1", 3, "compares a number and a truth value"),
        ("kind + 1 < 2", 0, "must be a number here, but is a string"),
        ("1 + any < 2", 4, "must be a number here, but is of several kinds"),
        ("1 < 2", 0, "names no parameter"),
        ("a < 1e999", 4, "is too large a number"),
        ("a < 2b", 5, 'expected an operator, not "b"'),
        ("lambda x: x", 8, "':' is not understood"),
        ("a[0] < 1", 1, "'[' is not understood"),
        ("a <> b", 3, 'expected a value, not ">"'),
        ("a < and", 4, 'expected a value, not "and"'),
    ],
)
def test_what_is_not_in_the_grammar_is_refused_where_it_stands(text, position, detail):
    with pytest.raises(ExpressionError) as caught:
        parse_constraint(text, KINDS)
    assert detail in str(caught.value)
    assert str(caught.value).endswith(f"(at character {caught.value.position + 1})")
    assert caught.value.position == position


@pytest.mark.parametrize(
    "text",
    ["(" * 31 + "a" + ")" * 31 + " < 1", "-" * 31 + "a < 1", "not " * 31 + "a < 1", "2 ** " * 31 + "a < 1"],
)
def test_nesting_is_bounded(text):
    with pytest.raises(ExpressionError, match="nested more than 30 deep"):
        parse_constraint(text, KINDS)


def test_length_is_bounded_and_a_long_sum_is_not_deep():
    assert held("a" + "+0" * 490 + " < b") == [True, False, False]
    assert held("(" * 29 + "a < b" + ")" * 29) == [True, False, False]
    with pytest.raises(ExpressionError, match="longer than 1,000 characters"):
        parse_constraint("a < 1" + " " * 996, KINDS)


def test_nothing_hangs_or_raises_whatever_the_numbers():
    assert held("9**9**9**9 > a") == [True, True, True]
    assert held("1 / (a - 2) < 2") == [True, False, True]
    assert held("log(a - 2) < 5") == [False, True, True]  # nan, -inf, 0
    assert held("a % 0 == a % 0") == [False, False, False]
    assert held("10 ** 300 * 10 ** 300 > a") == [True, True, True]


def test_a_name_whose_parameter_is_wrong_fits_everywhere():
    for text in ("broken < 1", "broken == 'x'", "broken", "not broken and broken + 1 < 2"):
        assert parse_constraint(text, KINDS).names == ("broken",)


def test_names_are_told_once_in_order():
    assert parse_constraint("b < a and bn and b < 2", KINDS).names == ("b", "a", "bn")


numbers = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


@st.composite
def sums(draw, depth=0):
    """An expression as text, and the function of (a, b) that Python makes of it."""
    if depth == 4 or draw(st.booleans()):
        literal = abs(draw(numbers))
        return draw(
            st.sampled_from([("a", lambda a, b: a), ("b", lambda a, b: b), (repr(literal), lambda a, b: literal)])
        )
    left, f = draw(sums(depth=depth + 1))
    right, g = draw(sums(depth=depth + 1))
    sign = draw(st.sampled_from(sorted(OPERATIONS)))
    return f"({left} {sign} {right})", lambda a, b: _safe(OPERATIONS[sign], f(a, b), g(a, b))


def _safe(operation, left, right):
    try:
        return operation(left, right)
    except ZeroDivisionError:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)


@given(sums(), sums(), st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_columns_and_single_values_agree_with_python(left, right, pairs):
    constraint = parse_constraint(f"{left[0]} <= {right[0]} or a + b == a + b", {"a": Kind.NUMBER, "b": Kind.NUMBER})
    assert constraint.holds({"a": np.array([1.0]), "b": np.array([1.0])}, 1).all()
    constraint = parse_constraint(
        f"{left[0]} <= {right[0]} and 0 * a + b == b + 0 * a", {"a": Kind.NUMBER, "b": Kind.NUMBER}
    )
    columns = {"a": np.array([a for a, _ in pairs]), "b": np.array([b for _, b in pairs])}
    expected = [left[1](a, b) <= right[1](a, b) for a, b in pairs]
    assert constraint.holds(columns, len(pairs)).tolist() == expected
    alone = [constraint.holds({"a": np.array([a]), "b": np.array([b])}, 1)[0] for a, b in pairs]
    assert alone == expected


@given(st.text("ab<>=!+-*/%()., 1'\"andornotmax", max_size=40))
def test_any_text_is_parsed_or_refused_by_name(text):
    with suppress(ExpressionError):
        assert parse_constraint(text, KINDS).holds(COLUMNS, 3).shape == (3,)
