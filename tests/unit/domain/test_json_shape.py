"""What can't be JSON, or is too much of it."""

import datetime as dt
import math

import pytest
from hypothesis import given
from tests.unit.domain.studies import json_values

from caviar.domain.errors import InvalidStudy, Problem
from caviar.domain.json_shape import MAX_CHARACTERS, MAX_KEYS, MAX_NESTING, MAX_PROBLEMS, in_order, shape_problems


def refusal(document):
    with pytest.raises(InvalidStudy) as caught:
        shape_problems(document)
    return [(problem.pointer, problem.detail) for problem in caught.value.errors]


@given(json_values)
def test_json_has_no_problems(value):
    value = value if "\0" not in repr(value) else None
    assert shape_problems(value) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "must be finite, not NaN"),
        (-math.inf, "must be finite, not -Infinity"),
        (2**53, "must lie within ±(2^53 - 1), not 9007199254740992"),
        pytest.param(10**5000, "must lie within ±(2^53 - 1), not a huge integer", id="huge"),
        (dt.date(2026, 1, 1), "must be a string, a number, true, false, null, a list or an object, not a date"),
        (b"x", "must be a string, a number, true, false, null, a list or an object, not a bytes"),
        ("a\0", "holds a NUL character"),
        ("\udc00", "holds half a surrogate pair"),
    ],
)
def test_what_is_no_json_is_pointed_at(value, said):
    assert shape_problems({"a": [1, {"b/": value}]}) == [Problem("/a/1/b~1", said)]


def test_keys_are_strings():
    assert refusal({"a": {1: 2, None: 3}, "b\0": 1}) == [
        ("", "a key holds a NUL character"),
        ("/a/1", "a key must be a string, not 1: put it in quotes"),
        ("/a/None", "a key must be a string, not null: put it in quotes"),
    ]


def test_a_large_document_is_refused_without_reading_all_of_it():
    huge = ["x" * 1000] * 900
    assert shape_problems(huge) == []
    bomb = [[[[[[[huge] * 100] * 100] * 100] * 100] * 100] * 100] * 100
    assert refusal(bomb) == [("", f"is larger than {MAX_CHARACTERS:,} characters")]
    assert refusal({"x" * MAX_CHARACTERS: 1})[0][0] == ""


def test_a_deep_document_is_refused_a_circle_included():
    deep = 0
    for _ in range(MAX_NESTING):
        deep = {"a": deep}
    assert shape_problems(deep) == []
    assert refusal([deep]) == [("/0/a/a", f"is nested more than {MAX_NESTING} deep")]
    circle = []
    circle.append(circle)
    assert "nested" in refusal(circle)[0][1]


def test_an_object_has_an_end_and_so_have_mistakes():
    assert refusal({"a": dict.fromkeys(map(str, range(MAX_KEYS + 1)))}) == [
        ("/a", "must have at most 1,000 keys, not 1,001")
    ]
    assert len(refusal(dict.fromkeys(range(MAX_KEYS)))) == MAX_PROBLEMS


def test_problems_are_sorted_as_the_document_stands():
    document = {"b": [1, 2], "a": {"c": 1}}
    at = ["/a/c", "/x", "/a", "/b/1", "/b/0", "/a/missing", "/b/0", ""]
    assert [problem.pointer for problem in in_order([Problem(each, "") for each in at], document)] == [
        "/x",
        "",
        "/b/0",
        "/b/1",
        "/a/missing",
        "/a",
        "/a/c",
    ]
