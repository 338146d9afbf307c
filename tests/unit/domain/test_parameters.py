"""A parameter that breaks a rule can't be made, and says everything that is wrong."""

import json
import math
import pickle
from contextlib import suppress
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.spaces import searched

from caviar.domain.errors import InvalidInput
from caviar.domain.parameters import (
    Choice,
    Constant,
    Float,
    Int,
    conditions,
    from_document,
    to_document,
    value_count,
)
from caviar.domain.space import Space


def mistakes(make, *values, **fields):
    with pytest.raises(InvalidInput) as caught:
        make(*values, **fields)
    return {problem.pointer: problem.detail for problem in caught.value.errors}


@pytest.mark.parametrize(
    ("make", "values", "fields", "pointer", "detail"),
    [
        (Float, (1, 1), {}, "/high", "equals low: for one value use {type: constant, value: 1.0}"),
        (Int, (3, 3), {}, "/high", "equals low: for one value use {type: constant, value: 3}"),
        (Float, (2, 1), {}, "/high", "must be above low, which is 2.0"),
        (Float, (0, 1), {"scale": "log"}, "/low", "must be above 0 on a log scale, not 0.0"),
        (Int, (0, 9), {"scale": "log"}, "/low", "must be above 0 on a log scale, not 0"),
        (Float, (0.5, 1), {"scale": "one_minus_log"}, "/high", "must be below 1 on the scale one_minus_log, not 1.0"),
        (Int, (-9, 0), {"scale": "one_minus_log"}, "/scale", "is for floats below 1: an int takes linear or log"),
        (
            Float,
            (0, 1),
            {"scale": "lgo"},
            "/scale",
            'must be linear, log or one_minus_log, not "lgo". Did you mean "log"?',
        ),
        (Float, (0, 1), {"scale": ["log"]}, "/scale", 'must be linear, log or one_minus_log, not a list'),
        (Float, (True, 2), {}, "/low", "must be a number, not true"),
        (Float, ("1.5", 2), {}, "/low", 'must be a number, not "1.5" (without quotes, and in YAML with a point: 1.5)'),
        (
            Float,
            ("1e-5", 2),
            {},
            "/low",
            'must be a number, not "1e-5" (without quotes, and in YAML with a point: 1.0e-05)',
        ),
        (Float, (0, math.inf), {}, "/high", "must be finite, not Infinity"),
        (Float, (0, math.nan), {}, "/high", "must be finite, not NaN"),
        (Float, (0, 10**400), {}, "/high", "must be finite, not a huge integer"),
        (Float, (-1.7e308, 1.7e308), {}, "/high", "lies too far from low: their difference is infinite in float64"),
        (Float, (None, 1), {}, "/low", "must be a number, not null"),
        (Int, (1, 2.5), {}, "/high", "must be a whole number, not 2.5"),
        (Int, (1, 4.0), {}, "/high", "must be a whole number, written without a point: 4"),
        (Int, (False, 4), {}, "/low", "must be a whole number, not false"),
        (Int, (0, 2**53), {}, "/high", "must lie within ±(2^53 - 1), not 9007199254740992"),
        (Float, (0, 1), {"step": 0}, "/step", "must be above 0, not 0.0"),
        (Float, (0, 1), {"step": 1.5}, "/step", "must fit between low and high, not 1.5"),
        (Float, (0, 1), {"step": 1e-12}, "/step", "makes more than 2,147,483,648 values: leave it out"),
        (Float, (1e17, 1e17 + 1000), {"step": 1}, "/step", "is lost beside numbers as large as 1.00000000000001e+17"),
        (Float, (1, 9), {"step": 2, "scale": "log"}, "/step", "must be below 2.0, twice low, on a log scale, not 2.0"),
        (
            Float,
            (0.5, 0.9),
            {"step": 0.2, "scale": "one_minus_log"},
            "/step",
            "must leave half a step between 0.9 and 1, not 0.2",
        ),
        (Choice, ("abc",), {}, "/values", 'must be a list, not "abc"'),
        (Choice, ([],), {}, "/values", "must hold 1 to 10,000 values, not 0"),
        (Choice, (list(range(10_001)),), {}, "/values", "must hold 1 to 10,000 values, not 10,001"),
        (Choice, (["a", "b", "a"],), {}, "/values/2", '"a" stands at /values/0 already'),
        (Choice, ([1, 1.0],), {}, "/values/1", "1.0 stands at /values/0 already"),
        (Choice, ([[1]],), {}, "/values/0", "must be a string, a number, true, false or null, not a list"),
        (Choice, ([math.nan],), {}, "/values/0", "must be finite, not NaN"),
        (Choice, (["a"],), {"ordered": "yes"}, "/ordered", 'must be true or false, not "yes"'),
        (Constant, ("a\x00",), {}, "/value", "holds a control character or half a surrogate pair"),
        (Constant, ("\ud800",), {}, "/value", "holds a control character or half a surrogate pair"),
        (Constant, ("a" * 1001,), {}, "/value", "is longer than 1,000 characters"),
        (Constant, (2**53,), {}, "/value", "must lie within ±(2^53 - 1), not 9007199254740992"),
        (Constant, (1,), {"when": ["a"]}, "/when", "must be an object such as {optimizer: [sgd]}, not a list"),
        (Constant, (1,), {"when": {"a": "b"}}, "/when/a", 'must be a list of the parent\'s values, not "b"'),
        (Constant, (1,), {"when": {"a": []}}, "/when/a", "must be a list of the parent's values, not []"),
        (Constant, (1,), {"when": {3: [1]}}, "/when/3", "names a parameter by a string, not by 3"),
        (Constant, (1,), {"when": {"a": [{}]}}, "/when/a/0", "must be a string, a number, true, false or null, not {}"),
        (Constant, (1,), {"tier": 0}, "/tier", "must be a whole number from 1 to 9, not 0"),
        (Constant, (1,), {"tier": 1.5}, "/tier", "must be a whole number from 1 to 9, not 1.5"),
        (Constant, (1,), {"tier": True}, "/tier", "must be a whole number from 1 to 9, not true"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(make, values, fields, pointer, detail):
    assert mistakes(make, *values, **fields) == {pointer: detail}


def test_all_mistakes_are_told_at_once():
    found = mistakes(Float, "a", True, scale="x", step="y", when=3, tier="z")
    assert set(found) == {"/low", "/high", "/scale", "/step", "/when", "/tier"}


def test_true_and_one_are_different_values():
    assert Choice([1, True, "1", None, 0, False]).values == (1, True, "1", None, 0, False)


def test_numpy_and_enums_become_plain():
    class Color(StrEnum):
        RED = "red"

    assert type(Float(np.float32(0.5), np.int64(2)).high) is float
    assert type(Int(np.int64(1), np.int32(5)).low) is int
    assert [type(value) for value in Choice([Color.RED, np.float64(2), np.bool_(1)]).values] == [str, float, bool]
    assert type(Constant(Color.RED).value) is str
    assert Float(0, 1).low == 0.0
    assert type(Float(0, 1).low) is float


def test_parameters_are_values():
    made = Float(0, 1, when={"a": ["x"]})
    assert made == Float(0.0, 1.0, when={"a": ("x",)}) != Float(0, 2)
    assert hash(made) == hash(Float(0, 1, when={"a": ("x",)}))
    with pytest.raises(AttributeError):
        made.low = 3
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_caller_that_changes_its_lists_changes_no_parameter():
    values, when = ["a", "b"], {"p": [1]}
    made = Choice(values, when=when)
    values.append("c")
    when["p"].append(2)
    assert made.values == ("a", "b")
    assert conditions(made) == {"p": (1,)}


@given(searched(when={"parent": ["a", 1]}, tier=2))
def test_a_document_is_json_and_makes_the_same_parameter(parameter):
    assert from_document(json.loads(json.dumps(to_document(parameter)))) == parameter


def test_a_document_leaves_defaults_out():
    assert to_document(Float(0, 1)) == {"type": "float", "low": 0.0, "high": 1.0}
    assert to_document(Int(1, 9, scale="log", tier=1)) == {
        "type": "int",
        "low": 1,
        "high": 9,
        "scale": "log",
        "tier": 1,
    }
    assert to_document(Choice(["a"], ordered=True)) == {"type": "choice", "values": ["a"], "ordered": True}
    assert to_document(Constant(None)) == {"type": "constant", "value": None}
    assert to_document(Constant(0)) == {"type": "constant", "value": 0}
    assert to_document(Constant(False)) == {"type": "constant", "value": False}
    assert to_document(Int(0, 1, when={"a": [1]}))["when"] == {"a": [1]}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (3, {"": "must be an object such as {type: float, low: 0, high: 1}, not 3"}),
        ({}, {"/type": "is missing: float, int, choice or constant"}),
        ({"type": "flaot"}, {"/type": 'must be float, int, choice or constant, not "flaot". Did you mean "float"?'}),
        ({"type": ["float"]}, {"/type": "must be float, int, choice or constant, not a list"}),
        ({"type": "float"}, {"/low": "is missing", "/high": "is missing"}),
        ({"type": "int", "low": 1}, {"/high": "is missing"}),
        ({"type": "choice"}, {"/values": "is missing"}),
        ({"type": "constant"}, {"/value": "is missing"}),
        (
            {"type": "float", "low": "x", "hihg": 1, "a/b": 1},
            {
                "/low": 'must be a number, not "x"',
                "/high": "is missing",
                "/hihg": 'is no key of type float. Did you mean "high"?',
                "/a~1b": "is no key of type float.",
            },
        ),
        ({"type": "int", "low": 1, "high": 2, "values": [1]}, {"/values": "is no key of type int."}),
    ],
)
def test_a_wrong_document_is_refused_whole(document, found):
    assert mistakes(from_document, document) == found


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner), max_leaves=6
)
keys = st.sampled_from(["low", "high", "scale", "step", "values", "value", "ordered", "when", "tier", "x"])
kinds = st.sampled_from(["float", "int", "choice", "constant"])


@given(st.dictionaries(keys, json_values | st.sampled_from([1, 2, "log"])), kinds | json_values)
def test_any_document_is_a_parameter_or_refused(document, kind):
    with suppress(InvalidInput):
        Space({"a": from_document(document | {"type": kind}), "b": Int(0, 1)}).check({"a": 1, "b": 1})


@pytest.mark.parametrize(
    ("parameter", "count"),
    [
        (Float(0, 0.6, step=0.1), 7),
        (Float(0.1, 0.7, step=0.1), 7),
        (Float(0, 1, step=0.3), 4),
        (Float(1e-3, 2e-3, step=1e-4), 11),
        (Int(50, 100), 51),
        (Int(0, 10, step=4), 3),
        (Choice(["a", "b"]), 2),
        (Constant(3), 1),
        (Float(0, 1), None),
    ],
)
def test_steps_are_counted_as_they_are_written(parameter, count):
    assert value_count(parameter) == count
