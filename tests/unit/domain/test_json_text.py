"""JSON that two readers could take for two things is refused, with a pointer to what is wrong."""

import json

import pytest
from hypothesis import given
from tests.unit.domain.studies import json_values

from caviar.domain.errors import InvalidInput
from caviar.domain.json_text import read_json


def refusal(text):
    with pytest.raises(InvalidInput) as caught:
        read_json(text)
    return [(problem.pointer, problem.detail) for problem in caught.value.errors]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('{"a": {"b": 1, "b": 2}}', [("/a/b", 'the key "b" stands twice in one object')]),
        ('{"a": 1, "\\u0061": 2}', [("/a", 'the key "a" stands twice in one object')]),
        ('[{}, {"a/b": 1, "a/b": 2}]', [("/1/a~1b", 'the key "a/b" stands twice in one object')]),
        ('{"a": NaN}', [("/a", "NaN is no JSON")]),
        ('{"a": [1, -Infinity]}', [("/a/1", "-Infinity is no JSON")]),
        ('{"a": ' + "9" * 5_000 + "}", [("/a", "a number has too many digits")]),
        ('{"a": NaN, "b": [Infinity]}', [("/b/0", "Infinity is no JSON"), ("/a", "NaN is no JSON")]),
        ('{"a": 1, "a": 2', [("", "line 1, column 16: Expecting ',' delimiter")]),
        ("", [("", "line 1, column 1: Expecting value")]),
    ],
)
def test_what_is_refused_is_pointed_at(text, problems):
    assert refusal(text) == problems


def test_of_many_mistakes_some_are_told():
    assert len(refusal("[" + "NaN," * 10_000 + "1]")) == 20


@given(json_values)
def test_what_is_json_comes_back(value):
    assert read_json(json.dumps(value)) == value
