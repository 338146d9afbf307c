"""From the text of a file to an object, or to the line of the mistake."""

import json

import pytest
from hypothesis import given
from tests.unit.domain.studies import full, json_values

from caviar.domain.document import load_document, parse_study
from caviar.domain.errors import InvalidStudy

REFERENCE = """
name: digits                       # unique among studies that are not finished
metric: {name: val_error, goal: minimize}
train:
  function: train:main
space:
  learning_rate: {type: float, low: 1e-4, high: 1.0, scale: log}
  momentum:      {type: float, low: 0.9, high: 0.999, scale: one_minus_log}
  optimizer:     {type: choice, values: [sgd, adam, no, on]}
  "beta2":       {type: constant, value: 0.999}
constraints: ["learning_rate * momentum <= 0.5"]
stopping: {rule: asha}
"""


def refusal(text, suffix):
    with pytest.raises(InvalidStudy) as caught:
        load_document(text, suffix)
    (problem,) = caught.value.errors
    assert problem.pointer == ""
    return problem.detail


def test_a_study_is_the_same_in_yaml_toml_and_json():
    toml = """
        name = "digits"
        metric = {name = "val_error", goal = "minimize"}
        train.function = "train:main"
        constraints = ["learning_rate * momentum <= 0.5"]
        stopping.rule = "asha"
        [space]
        learning_rate = {type = "float", low = 1e-4, high = 1.0, scale = "log"}
        momentum = {type = "float", low = 0.9, high = 0.999, scale = "one_minus_log"}
        optimizer = {type = "choice", values = ["sgd", "adam", "no", "on"]}
        beta2 = {type = "constant", value = 0.999}
    """
    document = load_document(REFERENCE, ".yaml")
    assert load_document(REFERENCE, "yml") == document
    assert load_document(toml, ".toml") == document
    assert load_document(json.dumps(document), ".JSON") == document
    assert parse_study(document).space.names == ("learning_rate", "momentum", "optimizer", "beta2")


@given(json_values)
def test_json_comes_back(value):
    assert load_document(json.dumps(value), ".json") == value


@pytest.mark.parametrize(
    ("text", "suffix", "said"),
    [
        (
            "a: 1\nb: [1, 2",
            ".yaml",
            "line 3, column 1: while parsing a flow sequence from line 2, did not find expected ',' or ']'",
        ),
        ("a: b: c", ".yaml", "line 1, column 5: mapping values are not allowed in this context"),
        ("\ta: 1", ".yaml", "line 1, column 1: while scanning for the next token"),
        ("a: 1\nb: x\x07", ".yaml", "line 2, column 5: the character U+0007 is not allowed here"),
        ('{"a":\n }', ".json", "line 2, column 2: Expecting value"),
        ('{"a": 1} x', ".json", "line 1, column 10: Extra data"),
        ("", ".json", "line 1, column 1: Expecting value"),
        ("a = " + "9" * 5000, ".toml", "a number has too many digits"),
        ("a = 1\nb = ]", ".toml", "Invalid value (at line 2, column 5)"),
        ("a = 1\na = 2", ".toml", "Cannot overwrite a value"),
        ("[" * 100_000, ".json", "the file is nested too deep"),
        ("a = " + "[" * 100_000, ".toml", "the file is nested too deep"),
        ("[" * 100_000, ".yaml", "line 1, column 101: is nested more than 100 deep"),
        ("x" * 1_000_001, ".yaml", "the file is larger than 1,000,000 bytes"),
        ("é" * 500_001, ".json", "the file is larger than 1,000,000 bytes"),
        ("a: 1", ".ini", 'a study is a .yaml, .toml or .json file, not ".ini".'),
        ("a: 1", ".jsn", 'a study is a .yaml, .toml or .json file, not ".jsn". Did you mean "json"?'),
    ],
)
def test_what_cannot_be_read_says_where(text, suffix, said):
    assert refusal(text, suffix).startswith(said)


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_byte_order_mark_is_no_part_of_it(suffix):
    assert load_document('\ufeff{"a": 1}', suffix) == {"a": 1}


def test_an_empty_file_is_no_study():
    with pytest.raises(InvalidStudy, match="must be an object"):
        parse_study(load_document("# nothing\n", ".yaml"))


def test_dates_of_toml_are_pointed_at():
    with pytest.raises(InvalidStudy) as caught:
        parse_study({**full(), "labels": load_document("day = 2026-11-23", ".toml")})
    assert [problem.pointer for problem in caught.value.errors] == ["/labels/day"]
