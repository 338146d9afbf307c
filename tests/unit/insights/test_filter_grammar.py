import contextlib

import pytest
from hypothesis import given
from hypothesis.strategies import text

from caviar.domain.errors import InvalidInput
from caviar.insights.filter_grammar import Among, Both, Comparison, Either, Field, Missing, Not, parse_filter

STATE = Field("state")


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    a, b, c = (Comparison(Field(name), "=", 1.0) for name in "abc")
    assert parse_filter("a = 1 or b = 1 and not c = 1") == Either((a, Both((b, Not(c)))))
    assert parse_filter("(a = 1 or b = 1) and c = 1") == Both((Either((a, b)), c))


def test_values_may_stand_first() -> None:
    assert parse_filter("1 < a") == Comparison(Field("a"), ">", 1.0)
    assert parse_filter("'x' == state") == Comparison(STATE, "=", "x")


def test_lists_and_what_is_missing() -> None:
    assert parse_filter("state in ('a', \"b\")") == Among(STATE, ("a", "b"))
    assert parse_filter("state NOT IN ('a')") == Not(Among(STATE, ("a",)))
    assert parse_filter("value is not null") == Not(Missing(Field("value")))


def test_quotes_are_doubled_inside_text() -> None:
    assert parse_filter("state = 'it''s'") == Comparison(STATE, "=", "it's")


def test_numbers_have_signs_and_exponents() -> None:
    assert parse_filter("params.a.b >= -1.5e-3") == Comparison(Field("params.a.b"), ">=", -0.0015)


@given(text())
def test_whatever_is_written_is_parsed_or_refused(written: str) -> None:
    with contextlib.suppress(InvalidInput):
        parse_filter(written)


@pytest.mark.parametrize("written", ["(" * 1_000, "not " * 500 + "a = 1", "a = 1 and " * 300])
def test_nothing_nests_or_grows_without_end(written: str) -> None:
    with pytest.raises(InvalidInput):
        parse_filter(written)
